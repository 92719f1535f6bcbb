"""pde: fields with known laws, at noise up to the size of the signal and beyond.

The fields come from `--data DIR` (pde/*.nc: the data of PDE-FIND and of WSINDy). The library is the one that
WSINDy's tables use, ∂ᵃ(uᵇ) with a, b ≤ 6 (43 terms), and for two fields polynomials to degree 3 with derivatives
to order 2 (28 terms on a line, 55 in a plane). The noise is sigma / RMS(clean) of each field; the error is
‖w - w*‖ / ‖w*‖; nothing is tuned. Published beside, with hyperparameters of its own: E-WSINDy (Fasel et al. 2022,
doi:10.1098/rspa.2021.0904, and its repository).
"""

import json
import time
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, count, failures, middle

TRUTH: dict[str, dict[str, dict[str, float]]] = {
    "wsindy_inviscid_burgers": {"u": {'D(u**2, "x", 1)': -0.5}},
    "wsindy_kdv": {"u": {'D(u**2, "x", 1)': -0.5, 'D(u, "x", 3)': -1.0}},
    "wsindy_ks": {"u": {'D(u**2, "x", 1)': -0.5, 'D(u, "x", 2)': -1.0, 'D(u, "x", 4)': -1.0}},
    "wsindy_nls": {
        "re": {'D(im, "x", 2)': 0.5, "re**2*im": 1.0, "im**3": 1.0},
        "im": {'D(re, "x", 2)': -0.5, "re**3": -1.0, "re*im**2": -1.0},
    },
    "reaction_diffusion_spiral": {
        "u": {
            **{"u": 1.0, "u**3": -1.0, "u*v**2": -1.0, "u**2*v": 1.0, "v**3": 1.0},
            **{'D(u, "x", 2)': 0.1, 'D(u, "y", 2)': 0.1},
        },
        "v": {
            **{"v": 1.0, "v**3": -1.0, "u**2*v": -1.0, "u*v**2": -1.0, "u**3": -1.0},
            **{'D(v, "x", 2)': 0.1, 'D(v, "y", 2)': 0.1},
        },
    },
    "pdefind_burgers": {"u": {'D(u**2, "x", 1)': -0.5, 'D(u, "x", 2)': 0.1}},
    "pdefind_kdv": {"u": {'D(u**2, "x", 1)': -3.0, 'D(u, "x", 3)': -1.0}},
    "pdefind_ks": {"u": {'D(u**2, "x", 1)': -0.5, 'D(u, "x", 2)': -1.0, 'D(u, "x", 4)': -1.0}},
}
"""The laws in conservation form; u·u_x is ½(u²)_x."""

NOISES = (0.0, 0.01, 0.1, 0.5, 1.0, 1.5, 2.0)
HARDER = {"reaction_diffusion_spiral": (0.01, 0.1, 0.2, 0.3), "wsindy_nls": (0.0, 0.01, 0.1, 0.2, 0.5, 1.0)}
"""Noise for fields whose laws get lost sooner."""

PUBLISHED = {
    "wsindy_inviscid_burgers": ("100 %", "2.5 %", "100 %", 3.35),
    "wsindy_kdv": ("100 %", "4.0 %", "100 %", 2.31),
    "wsindy_ks": ("100 %", "24.7 %", "99.5 %", 1.59),
    "wsindy_nls": ("50 %", "11.3 %", "100 %", 0.93),
    "reaction_diffusion_spiral": ("20 %", "7.1 %", "99.5 %", 0.32),
}
"""E-WSINDy: noise, error and success there, and the noise above which success falls below 0.90; 200 draws."""

SUCCESS = 0.9
FEWER_FIELDS, FEWER_NOISES = ("wsindy_inviscid_burgers", "wsindy_kdv", "wsindy_ks"), (0.01, 0.5, 1.0)


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return success and error of every field by noise, and what failed."""
    if plan.data is None:
        raise SystemExit("The suite pde needs --data DIR, the folder that holds pde/*.nc.")
    fields, noises = (tuple(TRUTH), NOISES) if plan.full else (FEWER_FIELDS, FEWER_NOISES)
    groups = {
        (name, noise): [
            Case(f"{name} | noise {noise:g} | seed {seed}", (str(plan.data), name, noise, seed))
            for seed in plan.seeds(20 if plan.full else 4)
        ]
        for name in fields
        for noise in (HARDER.get(name, noises) if plan.full else noises)
    }
    groups = {key: [case for case in cases if plan.only in case.key] for key, cases in groups.items()}
    # one draw of every cell before the next: a run that is cut short has a few of each
    in_turn = [case for draw in zip_longest(*groups.values()) for case in draw if case is not None]
    records = campaign.run("pde", solved, in_turn)
    rows = [_row(*key, [records.get(case.key) for case in cases]) for key, cases in groups.items() if cases]
    columns = ("field", "noise", "exact terms", "verdict law", "median error", "error, true terms", "median s")
    note = "Failures count as missed; the error is that of the chosen law, whatever its terms."
    whole = Table("Laws over space recovered", columns, tuple(rows), note)
    tables = (whole, _thresholds(groups, records), failures(records), _wrong(records))
    return tuple(table for table in tables if table.rows)


def solved(folder: str, name: str, noise: float, seed: int) -> Record:
    """Return how right the law of one noisy field is."""
    import xarray as xr

    from discover import dynamics
    from discover.expr import Derivatives, Polynomial, text

    path = Path(folder) / "pde" / f"{name}.nc"
    if not path.exists():
        raise FileNotFoundError(f"There is no {path}; --data names the folder that holds pde/.")
    truth = TRUTH[name]
    rng = np.random.default_rng([seed, 1])
    with xr.open_dataset(path) as stored:
        data = stored.load()
    for field in truth:
        clean = data[field].values
        sigma = noise * np.sqrt(np.mean(clean**2))
        data[field] = data[field] + sigma * rng.standard_normal(clean.shape)
    n_axes = data[next(iter(truth))].ndim - 1
    library = Derivatives(Polynomial(6), 6) if len(truth) == 1 else Derivatives(Polynomial(3), 2, n_axes)
    started = time.perf_counter()
    found = dynamics(data, library=library, seed=seed)
    seconds = round(time.perf_counter() - started, 2)
    coefficients = {
        (equation.target, text(term.expr, equation.names)): term.value
        for equation in found.law.equations
        for term in equation.terms
    }
    return {**graded(coefficients, truth), "verdict": found.verdict.word, "seconds": seconds}


def graded(found: dict[tuple[str, str], float], truth: dict[str, dict[str, float]]) -> Record:
    """Return whether the terms are exact, the relative error of all coefficients, and of the true terms alone.

    >>> graded({("u", "u"): 1.1, ("u", "1"): 0.2}, {"u": {"u": 1.0}})["exact"]
    False
    """
    right = {(target, term): value for target, side in truth.items() for term, value in side.items()}
    size = np.linalg.norm(list(right.values()))
    every = {key: found.get(key, 0.0) - right.get(key, 0.0) for key in {*found, *right}}
    return {
        "exact": set(found) == set(right),
        "error": float(np.linalg.norm(list(every.values())) / size),
        "true_error": float(np.linalg.norm([every[key] for key in right]) / size),
        "found": json.dumps({f"{target}: {term}": float(f"{value:.4g}") for (target, term), value in found.items()}),
    }


def _row(name: str, noise: float, mine: Sequence[Record | None]) -> tuple[str, ...]:
    return (
        name,
        f"{100 * noise:g} %",
        count(mine, lambda record: record["exact"]),
        count(mine, lambda record: record["verdict"] == "law"),
        middle(mine, "error"),
        middle(mine, "true_error"),
        middle(mine, "seconds"),
    )


def _thresholds(groups: dict[tuple[str, float], list[Case]], records: dict[str, Record]) -> Table:
    """Return up to which noise at least nine in ten draws were right, every lower level included."""
    rows = []
    for name in dict.fromkeys(name for name, _ in groups):
        holds = ""
        for noise, cases in sorted((noise, cases) for (field, noise), cases in groups.items() if field == name):
            done = answered([records.get(case.key) for case in cases])
            if not cases or not done or sum(record["exact"] for record in done) < SUCCESS * len(done):
                break
            holds = f"{100 * noise:g} %"
        level, error, success, ratio = PUBLISHED.get(name, ("–", "–", "–", float("nan")))
        rows.append((name, holds or "–", level, error, success, f"{100 * ratio:g} %" if ratio == ratio else "–"))
    columns = ("field", "held to noise", "E-WSINDy at", "its error", "its success", "its threshold")
    note = "Held to: the highest noise that was run with 90 % right there and below; E-WSINDy's figures are published."
    return Table("Noise at which success falls below 0.90", columns, tuple(rows), note)


def _wrong(records: dict[str, Record]) -> Table:
    rows = [
        (key, record["verdict"], record["found"][:160])
        for key, record in records.items()
        if record in answered([record]) and not record["exact"]
    ]
    return Table("Fields missed", ("case", "verdict", "found"), tuple(rows))
