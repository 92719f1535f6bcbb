"""Coverage: do 95 % intervals hold the truth in 95 % of the cases, after the terms were chosen from the same data?

And do the probabilities mean what they say: of the terms given 90 %, are nine of ten true?
"""

import re
from collections.abc import Iterable

from benchmarks.campaign import Campaign, Case
from benchmarks.experiments import Experiment
from benchmarks.metrics import brier, reliability, wilson
from benchmarks.plan import Plan, Record, Table
from benchmarks.recovery import key
from benchmarks.tabulate import answered, count, failures, percent
from benchmarks.trial import find

EXPERIMENTS = tuple(
    Experiment(name, "one trajectory of 1500", n_trajectories=1, n_samples=1500)
    for name in ("lorenz", "van der pol", "lotka-volterra")
)
NOISES = (0.001, 0.01, 0.05)
SEEDS, MANY_SEEDS = 12, 100
TOLD = re.compile(r"The equation of (.+) has probability ([0-9.]+);")
"""How the verdict words the probability of a structure."""

EDGES = (0.0, 0.5, 0.7, 0.9, 0.99, 1.0)


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return coverage by system and noise, the reliability of the probabilities, and that of the verdicts."""
    seeds = plan.seeds(MANY_SEEDS if plan.full else SEEDS)
    groups = {
        (experiment, noise): [Case(key(experiment, noise, seed), (experiment, noise, seed)) for seed in seeds]
        for experiment in EXPERIMENTS
        for noise in NOISES
    }
    groups = {group: [c for c in cases if plan.only in c.key] for group, cases in groups.items()}
    records = campaign.run("coverage", find, [case for cases in groups.values() for case in cases])
    done = answered(records.values())
    tables = (_coverage(groups, records), _reliability(done), _verdicts(done), failures(records))
    return tuple(table for table in tables if table.rows)


def intervals(records: Iterable[Record]) -> list[bool]:
    """Return for every reported coefficient whether its interval holds the truth, which is 0 for a false term."""
    return [term["low"] <= term["true"] <= term["high"] for record in records for term in record["terms"]]


def term_probabilities(records: Iterable[Record]) -> list[tuple[float, bool]]:
    """Return the inclusion probability of every reported term, and whether the term is true."""
    return [(term["inclusion"], term["true"] != 0.0) for record in records for term in record["terms"]]


def equation_probabilities(records: Iterable[Record]) -> list[tuple[float | None, bool]]:
    """Return what the verdict says of each equation's structure, and whether its terms are exact.

    The reasons tell a probability where it is below 0.95; None stands for the others.
    """
    found: list[tuple[float | None, bool]] = []
    for record in records:
        told = {m[1]: float(m[2]) for reason in record["reasons"] if (m := TOLD.match(reason))}
        wrong = {name.partition(":")[0] for name in (*record["missing"], *record["extra"])}
        targets = dict.fromkeys([*(term["target"] for term in record["terms"]), *sorted(wrong)])
        found += [(told.get(target), target not in wrong) for target in targets]
    return found


def _coverage(groups: dict[tuple[Experiment, float], list[Case]], records: dict[str, Record]) -> Table:
    rows = []
    for (experiment, noise), cases in groups.items():
        mine = [records.get(case.key) for case in cases]
        done = answered(mine)
        exact = intervals(record for record in done if record["exact"])
        everything = intervals(done)
        if mine:
            rows.append(
                (
                    experiment.key,
                    f"{100 * noise:g} %",
                    count(mine, lambda record: record["exact"]),
                    _share(exact),
                    percent(sum(everything), len(everything)),
                    count(mine, lambda record: record["estimator"] == "trajectories"),
                )
            )
    columns = ("system | sampling", "noise", "exact terms", "exact answers", "all answers", "from trajectories")
    note = (
        "Share of nominal 95 % intervals that hold the truth, with its own 95 % interval (which takes the terms of one "
        "answer as independent, so it is too narrow); in all answers a false term counts as a coefficient of 0."
    )
    return Table("Coverage of 95 % intervals after selection", columns, tuple(rows), note)


def _share(inside: list[bool]) -> str:
    low, high = wilson(sum(inside), len(inside))
    return f"{percent(sum(inside), len(inside))} [{100 * low:.0f}, {100 * high:.0f}]" if inside else "–"


def _reliability(done: list[Record]) -> Table:
    terms = [(p, happened) for p, happened in term_probabilities(done) if p == p]
    equations = equation_probabilities(done)
    told = [(p, happened) for p, happened in equations if p is not None]
    sure = [happened for p, happened in equations if p is None]
    rows = [*_bins("terms", terms), *_bins("equations", told)]
    if sure:
        rows.append(("equations", "0.95–1 (not told)", str(len(sure)), "–", f"{sum(sure) / len(sure):.3f}"))
    if terms:
        rows.append(("terms", "Brier score", str(len(terms)), "–", f"{brier(terms):.4f}"))
    note = "terms: inclusion probability; equations: probability of the structure, which the verdict tells below 0.95."
    columns = ("what", "stated between", "n", "mean stated", "share true")
    return Table("Do the probabilities mean what they say?", columns, tuple(rows), note)


def _bins(what: str, labelled: list[tuple[float, bool]]) -> list[tuple[str, ...]]:
    return [
        (what, f"{low:g}–{high:g}", str(n), f"{stated:.3f}", f"{happened:.3f}")
        for low, high, n, stated, happened in reliability(labelled, EDGES)
    ]


def _verdicts(done: list[Record]) -> Table:
    rows = []
    for word in ("law", "several", "none"):
        mine = [record for record in done if record["verdict"] == word]
        exact = sum(record["exact"] for record in mine)
        rows.append((word, f"{len(mine)}/{len(done)}", percent(exact, len(mine))))
    return Table(
        "Selective accuracy: how often a verdict comes with the exact terms", ("verdict", "given", "exact"), tuple(rows)
    )
