"""laws: physics formulas found from values alone, beside what is published for other engines.

The hundred laws of Udrescu and Tegmark (2020, doi:10.1126/sciadv.aay2631) come from `--data DIR`
(feynman_equations.csv), 1000 rows each, drawn anew from the seed in the ranges of the table; noise is gamma times
the root mean square of y. A law counts as exact where its own constants, fitted again to clean data, leave less than
1e-6 of the root mean square on fresh points: the form is right whatever the noise did to the numbers.
"""

import csv
import json
import math
import time
from pathlib import Path

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import count, failures, middle
from discover.expr import Expr, constant, evaluate, parse, substitute, text, variable
from discover.inference.forms import Form, fitted, values
from discover.symbolic.search import search

FILE = "feynman_equations.csv"
NOISES = (0.0, 0.01, 0.1)
N_ROWS, N_FRESH = 1000, 2000
LIMIT = {"fast": 10.0, "full": 60.0}
"""Seconds for each law; the search ends at the next step after them."""

FAST_EVERY = 5
"""The fast tier takes every fifth law, which with two noise levels makes the forty of its promise."""

EXACT = 1e-6
PUBLISHED = (
    "Published, other protocol (116 or 120 laws, ten trials, up to hours each), share solved at noise 0 · 0.01 · 0.1: "
    "AI Feynman 56 · 13 · 1 %, DSR 20 · 19 · 17 %, Operon 17 · 2 · 0 %."
)

Array = np.ndarray


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return the share of laws whose form was found by noise, the times, and every law that was missed."""
    if plan.data is None:
        raise SystemExit(f"The suite laws needs --data DIR, the folder that holds {FILE}.")
    names = sorted(_laws(str(plan.data)))
    names = names if plan.full else names[::FAST_EVERY]
    noises, limit = NOISES if plan.full else NOISES[:2], LIMIT[plan.tier]
    cases = {
        noise: [
            case
            for case in (
                Case(f"{name} | noise {noise:g}", (str(plan.data), name, noise, limit, plan.seed)) for name in names
            )
            if plan.only in case.key
        ]
        for noise in noises
    }
    records = campaign.run("laws", solved, [case for some in cases.values() for case in some])
    rows = []
    for noise, some in cases.items():
        mine = [records.get(case.key) for case in some]
        within = [count(mine, lambda record, s=s: record["exact"] and record["seconds"] <= s) for s in (1, 10)]
        exact, front = count(mine, lambda record: record["exact"]), count(mine, lambda record: record["on_front"])
        rows.append((f"{100 * noise:g} %", exact, front, *within, middle(mine, "seconds")))
    columns = ("noise", "chosen form exact", "exact on the front", "within 1 s", "within 10 s", "median s")
    missed = [
        (key, record["chosen"][:100], f"{record['mse']:.2g}", "yes" if record["on_front"] else "")
        for key, record in records.items()
        if "error_text" not in record and not record["exact"]
    ]
    tables = (
        Table("Laws found", columns, tuple(rows), f"{limit:g} s a law at most. {PUBLISHED}"),
        Table("Missed", ("case", "chosen instead", "relative error squared", "on the front"), tuple(missed)),
        failures(records),
    )
    return tuple(table for table in tables if table.rows)


def _laws(folder: str) -> dict[str, Record]:
    path = Path(folder) / FILE
    if not path.exists():
        raise SystemExit(f"There is no {path}; --data names the folder that holds {FILE}.")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["set"] == "feynman"]
    return {row["id"]: {**row, "variables": json.loads(row["variables"])} for row in rows}


def expression(law: Record) -> Expr:
    """Return the law over its variables, in the order of the table.

    >>> law = {"formula": "2*pi*ln(b)", "variables": [{"name": "b"}]}
    >>> text(expression(law), ["b"])
    '2*3.141592653589793*log(b)'
    """
    names = [entry["name"] for entry in law["variables"]]
    spelled = law["formula"].replace("arcsin", "asin").replace("arccos", "acos").replace("ln(", "log(")
    expr = parse(spelled, [*names, "pi"])
    return substitute(expr, [*(variable(i) for i in range(len(names))), constant(math.pi)])


def draw(law: Record, n_rows: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return X (n_variables, n_rows) drawn evenly from the ranges of the table, and y (n_rows,)."""
    X = np.array([rng.uniform(entry["low"], entry["high"], n_rows) for entry in law["variables"]])
    return X, np.broadcast_to(np.asarray(evaluate(expression(law), X), dtype=float), n_rows).copy()


def solved(folder: str, name: str, noise: float, limit: float, seed: int) -> Record:
    """Return what was found for one law."""
    law = _laws(folder)[name]
    rng = np.random.default_rng([seed, sum(map(ord, name))])
    X, y = draw(law, N_ROWS, rng)
    y = y + noise * np.sqrt(np.mean(y**2)) * rng.standard_normal(N_ROWS)
    started = time.perf_counter()
    archive = search(X, y, spent=lambda: time.perf_counter() - started > limit, seed=seed)
    seconds = time.perf_counter() - started
    best = archive.best
    assert best is not None
    exact = is_form_of(best.form, law, rng)
    return {
        "exact": exact,
        "on_front": exact or any(is_form_of(entry.form, law, rng) for entry in archive.front()),
        "seconds": round(seconds, 3),
        "mse": best.mse,
        "chosen": text(best.form.law, [entry["name"] for entry in law["variables"]]),
        "stage": best.stage,
        "n_fits": archive.n_fits,
    }


def is_form_of(form: Form, law: Record, rng: np.random.Generator) -> bool:
    """Return whether a form, its free constants fitted to clean data, is the law on fresh points."""
    X, y = draw(law, N_ROWS, rng)
    (again, _), *_ = fitted([form], X, y, np.ones(N_ROWS), 100)
    X, y = draw(law, N_FRESH, rng)
    rest = values(again, X) - y
    return bool(np.isfinite(rest).all() and np.sqrt(np.mean(rest**2)) < EXACT * np.sqrt(np.mean(y**2)))
