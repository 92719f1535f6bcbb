"""Thirty of Feynman's laws from tables, with the units of their columns told and without."""

from dataclasses import replace

from benchmarks import formulas
from benchmarks.campaign import Campaign, Case
from benchmarks.laws import Cell, solved
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import count, middle

NOISES = (0.0, 0.01, 0.1)
SECONDS = 10.0
N_LAWS, EVERY = 30, 3


def run(plan: Plan, campaign: Campaign) -> tuple[Table, dict[str, Record]]:
    """Return how often the law is found with units and without, and the records; nothing without `--data`."""
    chosen: dict[tuple[float, bool], list[Case]] = {}
    laws = formulas.feynman(plan.data)[::EVERY][:N_LAWS] if plan.data else []
    for noise in NOISES:
        for units in (False, True):
            cell = Cell("physics", noise, units, SECONDS, "symbolic")
            asked = replace(cell, part="feynman")  # where its formulas are read
            made = [(cell.case(law, plan).key, law.name) for law in laws]
            cases = [Case(key, (asked, name, str(plan.data), plan.seed, plan.clock)) for key, name in made]
            chosen[noise, units] = [case for case in cases if plan.only in case.key]
    records = campaign.run("physics, units", solved, [case for cases in chosen.values() for case in cases])
    rows = []
    for noise in NOISES:
        without, told = ([records.get(case.key) for case in chosen[noise, units]] for units in (False, True))
        if without or told:
            pairs = [(a, b) for a, b in zip(without, told, strict=False) if a and b]
            lost = sum(bool(a.get("exact") and not b.get("exact", True)) for a, b in pairs)
            rows.append((f"{100 * noise:g} %", *_half(without), *_half(told), str(lost)))
    columns = (
        "noise",
        "exact without",
        "wrong law",
        "median CPU s",
        "exact with",
        "wrong law ",
        "median CPU s ",
        "lost",
    )
    note = (
        "Thirty laws, every third of the hundred; noise on y over its root mean square; 10 s each; exact: the chosen "
        "formula, as `laws` scores it. Lost: exact without units and not with them."
    )
    return Table("Feynman's laws, units", columns, tuple(rows), note), records


def _half(records: list[Record | None]) -> tuple[str, str, str]:
    return (
        count(records, lambda record: record["exact"]),
        count(records, lambda record: record["verdict"] == "law" and not record["exact"]),
        middle(records, "cpu"),
    )
