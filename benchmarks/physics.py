"""Laws with and without what is known of them: recovery, coefficients, and whether a false requirement is noticed.

Every system is asked for three times from the same data: without a requirement, with a true one, and with a false one.
Additive Gaussian noise, σ over the root mean square of each clean state.
"""

import time

import numpy as np

from benchmarks import physics_units
from benchmarks.campaign import Campaign, Case
from benchmarks.physics_systems import SUBJECTS
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, count, failures, middle

NOISES = (0.01, 0.05, 0.10)
SEEDS, MANY_SEEDS = 4, 20
ASKED = ("nothing", "true", "false")


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return for every system and noise how often the terms are exact, with and without what is required."""
    seeds = plan.seeds(MANY_SEEDS if plan.full else SEEDS)
    cases = {
        (number, noise, asked, seed): Case(
            f"{one.name} | noise {noise:g} | {asked} | seed {seed}", (number, noise, asked, seed)
        )
        for number, one in enumerate(SUBJECTS)
        for noise in NOISES
        for asked in ASKED
        for seed in seeds
    }
    cases = {key: case for key, case in cases.items() if plan.only in case.key}
    records = campaign.run("physics", physics_case, list(cases.values()))
    rows, lost = [], 0
    for number, one in enumerate(SUBJECTS):
        for noise in NOISES:
            mine = {
                asked: [records.get(case.key) for key, case in cases.items() if key[:3] == (number, noise, asked)]
                for asked in ASKED
            }
            if any(mine.values()):
                rows.append((one.name, f"{100 * noise:g} %", *_cells(mine)))
                pairs = zip(mine["nothing"], mine["true"], strict=False)
                lost += sum(bool(a.get("exact") and not b.get("exact", True)) for a, b in pairs if a and b)
    columns = ("system", "noise", "without", "with", "error without", "error with", "true, blamed", "false, noticed")
    columns += ("off by at most", "median s")
    note = (
        "without, with: answers with the exact terms; error: median over exact answers of the largest relative error "
        "of a coefficient; blamed, noticed: requirements said to contradict the data; off: largest violation of the "
        f"true requirement's equalities, relative. Exact without and not with it: {lost}."
    )
    units, told = physics_units.run(plan, campaign)
    tables = (Table("What is known, required", columns, tuple(rows), note), units, failures(records | told))
    return tuple(table for table in tables if table.rows)


def _cells(mine: dict[str, list[Record | None]]) -> tuple[str, ...]:
    exact = {asked: [one for one in answered(records) if one["exact"]] for asked, records in mine.items()}
    off = [record["off"] for record in answered(mine["true"])]
    return (
        count(mine["nothing"], lambda record: record["exact"]),
        count(mine["true"], lambda record: record["exact"]),
        middle(exact["nothing"], "error"),
        middle(exact["true"], "error"),
        count(mine["true"], lambda record: record["contradicted"]),
        count(mine["false"], lambda record: record["contradicted"]),
        f"{max(off):.0e}" if off else "",
        middle(mine["true"], "seconds"),
    )


def physics_case(number: int, noise: float, asked: str, seed: int) -> Record:
    """Ask for the laws of one draw of one system, and compare them with the truth."""
    import discover
    from discover.expr import simplify

    one = SUBJECTS[number]
    data, library = one.data(noise, seed), one.library()
    require = {"nothing": (), "true": one.true, "false": one.false}[asked]
    started = time.perf_counter()
    found = discover.dynamics(data, library=library, require=require, seed=seed, n_jobs=1)
    truth = {name: {simplify(term): value for term, value in mine.items()} for name, mine in one.truth.items()}
    told = {
        target: {simplify(term.expr): term.value for term in equation.terms}
        for target, equation in found.equations.items()
    }
    exact = all(set(told[name]) == set(truth[name]) for name in one.states)
    errors = (
        [abs(told[name][term] / value - 1.0) for name in one.states for term, value in truth[name].items()]
        if exact
        else []
    )
    return {
        "exact": exact,
        "error": max(errors) if errors else float("nan"),
        "verdict": found.verdict.word,
        "contradicted": any(demand.contradicted for demand in found.law.requirements),
        "off": _violation(found, require) if require else 0.0,
        "seconds": time.perf_counter() - started,
    }


def _violation(found, require: tuple[str, ...]) -> float:
    """Return by how much the law's own coefficients miss the equalities that were required, relative to their size."""
    from discover.physics import Subject, statements

    subject = Subject(found.law.names, found.law.states, found.law.time, space=found.law.space)
    libraries = tuple(tuple(term.expr for term in equation.terms) for equation in found.law.equations)
    values = np.array([term.value for equation in found.law.equations for term in equation.terms])
    worst = 0.0
    for constraint in statements(list(require), subject):
        rows = constraint.rows(libraries)
        if rows is not None:
            equal = rows.lower == rows.upper
            off = np.abs(rows.A[equal] @ values - rows.lower[equal])
            size = np.abs(rows.A[equal]) @ np.abs(values) + np.abs(rows.lower[equal])
            worst = max(worst, float(np.max(off / np.where(size > 0.0, size, 1.0), initial=0.0)))
    return worst
