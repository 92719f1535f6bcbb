"""Best subset: how often do swaps miss the optimum, how many sizes are proven, and what does the proof take?

The Grams of chaotic systems as in `dysts` (degree four: 35 terms of three variables, 70 of four), and of Lorenz's 1996
system with six variables (210 terms). Every size is searched up to ten terms, each with the same number of pairs.
"""

import time
from collections.abc import Sequence

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.dysts import _frame, _names, _systems, measurements, true_coefficients
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, failures

NOISES = (0.01, 0.1)
LONGEST = 10
PAIRS_A_SIZE = 20_000_000
DIFFERENT = 1e-6
"""Relative improvement of the residual that counts as a miss of the swaps."""

WIDE = "Lorenz-96"


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return what was proven and missed, by size of the library and by distance from the size of the truth."""
    names = [*_names(plan), WIDE]
    cases = [
        Case(f"subset | {name} | noise {noise:g}", (str(plan.data), name, noise, plan.seed))
        for noise in NOISES
        for name in names
    ]
    records = campaign.run("subset", searched, [case for case in cases if plan.only in case.key])
    lines = [line for record in answered(records.values()) for line in record["lines"]]
    tables = (_by(lines, "size"), _by(lines, "beyond"), failures(records))
    return tuple(table for table in tables if table.rows)


def searched(folder: str, name: str, noise: float, seed: int) -> Record:
    """Return for every equation and size whether it was proven, whether swaps missed it, and the seconds."""
    from discover import Polynomial, load
    from discover.data.formulate import formulate
    from discover.simulate import generate, lorenz96
    from discover.sparse import gram

    if name == WIDE:
        known = lorenz96(6)
        problem = formulate(generate(known, 2, 2000, noise, seed))
        terms = Polynomial(4).build(problem.names)
        n_true = np.count_nonzero(known.true_terms(terms), axis=0).tolist()
    else:
        system = _systems(folder)[name]
        X, t = measurements(system, noise, seed)
        problem = formulate(load(_frame(tuple(system["state"]), X, t), time="t", group="run"))
        terms = Polynomial(4).build(problem.names)
        n_true = [sum(target == one for one, _ in true_coefficients(system)) for target in problem.targets]
    G = gram(problem, terms).sum(axis=0)
    targets = range(2 if name == WIDE else len(problem.targets))
    return {"lines": [line for i in targets for line in _sizes(G, len(terms), i, n_true[i])]}


def _sizes(G: np.ndarray, n_terms: int, target: int, n_true: int) -> list[Record]:
    from discover.sparse.best_subset import certified_path

    swaps = certified_path(G, n_terms, target, LONGEST, max_pairs=0)
    found, before = [], 0.0
    for k in range(1, len(swaps) + 1):
        started = time.process_time()
        path = certified_path(G, n_terms, target, k, max_pairs=k * PAIRS_A_SIZE)
        seconds = time.process_time() - started
        (best,), (start,) = path[k - 1], swaps[k - 1]
        found.append(
            {
                "terms": n_terms,
                "size": k,
                "beyond": k - n_true,
                "proven": best.certified,
                "missed": best.residual < start.residual * (1.0 - DIFFERENT),
                "less": 1.0 - best.residual / start.residual,
                "seconds": max(seconds - before, 0.0),
            }
        )
        before = seconds
    return found


def _by(lines: Sequence[Record], what: str) -> Table:
    rows = []
    groups = sorted({(line["terms"], min(line[what], 3) if what == "beyond" else line[what]) for line in lines})
    for n_terms, at in groups:
        mine = [
            line
            for line in lines
            if line["terms"] == n_terms and (line[what] == at or (what == "beyond" and at == 3 and line[what] > 3))
        ]
        if what == "beyond" and at < 0:
            continue
        rows.append(
            (
                str(n_terms),
                f"{at}{' or more' if what == 'beyond' and at == 3 else ''}",
                f"{sum(line['proven'] for line in mine)}/{len(mine)}",
                f"{sum(line['missed'] for line in mine)}",
                f"{100 * max(line['less'] for line in mine):.2g} %",
                f"{np.mean([line['seconds'] for line in mine]):.3f}",
            )
        )
    title = {"size": "Best subsets by size", "beyond": "By how many terms more than the truth has"}[what]
    columns = ("library terms", what, "proven", "missed by swaps", "largest gain", "mean CPU s")
    return Table(
        title, columns, tuple(rows), "A miss is a smaller residual that forward, backward and swap steps did not find."
    )
