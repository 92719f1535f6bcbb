"""dysts: chaotic systems with known polynomial laws, the suite of Kaptanoglu et al. (2023), arXiv:2302.10787.

Five trajectories of 1000 samples on the attractor, 100 samples a period, polynomials up to degree four. The
systems come from `--data DIR` (dysts70_systems.json: name, state, dim, period, initial_conditions, coefficients).
The error is ‖Ξ - Ξ*‖ / ‖Ξ*‖ in the spectral norm; the noise is sigma / RMS(clean) of each state. Nothing is tuned.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.metrics import spectral_error
from benchmarks.peers import PYSINDY, fit
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, count, middle
from benchmarks.trial import score
from discover.expr import parse, text

if TYPE_CHECKING:
    import pandas as pd

FILE = "dysts70_systems.json"
NOISES = (0.01, 0.05, 0.1, 0.001, 0.0, 0.2)
"""In the order they are run: what was measured most elsewhere comes first."""

FEWER_NOISES = (0.01, 0.1)
EVERY, FEW = 3, 6
"""Every third system was looked at while the recipe was built; the fast tier takes every sixth."""

N_TRAJECTORIES, N_SAMPLES, SAMPLES_A_PERIOD, DEGREE = 5, 1000, 100, 4
SETTLING, WAITING = 6, 30
"""Periods until the attractor is reached, and until which starts are drawn on it."""

BUDGET = "180s"

COLUMNS = (
    "method",
    "noise",
    "error < 1 %",
    "error < 10 %",
    "exact terms",
    "median error",
    "law/several/none",
    "wrong laws",
    "median s",
)

PUBLISHED = (
    (
        "STLSQ weak, published",
        ("0", "0.1", "1"),
        ("93 %", "84 %", "61 %"),
        ("96 %", "96 %", "77 %"),
        "2.1e-5 1.8e-4 4.0e-3",
    ),
    (
        "MIOSR strong, published",
        ("0", "0.1", "1"),
        ("51 %", "40 %", "29 %"),
        ("87 %", "84 %", "81 %"),
        "9.7e-3 1.3e-2 1.6e-2",
    ),
    (
        "STLSQ strong, published",
        ("0", "0.1", "1"),
        ("40 %", "31 %", "14 %"),
        ("89 %", "67 %", "43 %"),
        "1.6e-2 3.8e-2 0.13",
    ),
)
"""Method, noise in per cent, error < 1 %, error < 10 %, median error: arXiv:2302.10787, whose hyperparameters were
chosen on clean test trajectories, from 300 settings and bags of ten models."""


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return the shares of systems recovered by noise, the same of peers, and every failure."""
    names, noises = _names(plan), NOISES if plan.full else FEWER_NOISES
    everything: dict[str, Record] = {}
    rows: list[tuple[str, ...]] = []
    for method in ("ours", *(PYSINDY if "pysindy" in plan.peers else ())):
        cases = {
            (noise, name): Case(key(method, name, noise), (str(plan.data), name, noise, plan.seed, method))
            for noise in noises
            for name in names
            if plan.only in key(method, name, noise)
        }
        records = campaign.run(f"dysts, {method}", solved, list(cases.values()))
        everything |= records
        rows += _rows(method, noises, cases, records, sorted(_systems(str(plan.data)))[::EVERY])
    note = (
        f"{len(names)} systems, one draw of noise each; failures count as missed. Every {EVERY}rd system in "
        "alphabetic order was looked at while the recipe was built; `unseen` leaves those out."
    )
    ours = {name: record for name, record in everything.items() if "| ours |" in name}
    tables = (Table("Chaotic systems recovered", COLUMNS, (*rows, *_published(noises)), note), _failures(ours))
    return tuple(table for table in tables if rows and table.rows)


def key(method: str, name: str, noise: float) -> str:
    """Return the key of a case."""
    return f"dysts | {method} | {name} | noise {noise:g}"


def _rows(
    method: str,
    noises: Sequence[float],
    cases: dict[tuple[float, str], Case],
    records: dict[str, Record],
    seen: Sequence[str],
) -> list[tuple[str, ...]]:
    """Return a row for every noise, and of ours one of the systems that nobody looked at."""
    rows = []
    for noise in sorted(noises):
        mine = {name: records.get(case.key) for (level, name), case in cases.items() if level == noise}
        unseen = [record for name, record in mine.items() if name not in seen]
        if mine:
            rows.append(_row(method, noise, list(mine.values())))
        if method == "ours" and unseen and len(unseen) < len(mine):
            rows.append(_row("ours, unseen", noise, unseen))
    return rows


def _published(noises: Sequence[float]) -> list[tuple[str, ...]]:
    told = {f"{100 * noise:g}" for noise in noises}
    return [
        (method, f"{noise} %", below_1, below_10, "–", error, "–", "–", "–")
        for method, levels, ones, tens, errors in PUBLISHED
        for noise, below_1, below_10, error in zip(levels, ones, tens, errors.split(), strict=True)
        if noise in told
    ]


def _names(plan: Plan) -> list[str]:
    if plan.data is None:
        raise SystemExit(f"The suite ode needs --data DIR, the folder that holds {FILE}.")
    names = sorted(_systems(str(plan.data)))
    return names if plan.full else names[::FEW]


def _systems(folder: str) -> dict[str, Record]:
    path = Path(folder) / FILE
    if not path.exists():
        raise SystemExit(f"There is no {path}; --data names the folder that holds {FILE}.")
    stored = json.loads(path.read_text(encoding="utf-8"))
    systems = stored["systems"] if isinstance(stored, dict) else stored
    return {system["name"]: system for system in systems}


def solved(folder: str, name: str, noise: float, seed: int, method: str) -> Record:
    """Return how right one method is on one system."""
    system = _systems(folder)[name]
    states = tuple(system["state"])
    truth = true_coefficients(system)
    X, t = measurements(system, noise, seed)
    started = time.perf_counter()
    if method == "ours":
        found, remarks = _ours(states, X, t, seed)
    else:
        weak = method == PYSINDY[1]
        parts = [x.T for x in X]
        found = fit(parts, [x[:, :0] for x in parts], t, states, len(states), weak=weak, seed=seed, degree=DEGREE)
        remarks = {"verdict": "–"}
    seconds = round(time.perf_counter() - started, 3)
    graded = score(found, truth)
    return {**graded, "largest": graded["error"], "error": spectral_error(found, truth), "seconds": seconds, **remarks}


def _ours(
    states: tuple[str, ...], X: np.ndarray, t: np.ndarray, seed: int
) -> tuple[dict[tuple[str, str], float], Record]:
    from discover import Polynomial, dynamics, load

    data = load(_frame(states, X, t), time="t", group="run")
    found = dynamics(data, library=Polynomial(DEGREE), seed=seed, budget=BUDGET, n_jobs=1)
    coefficients = {
        (equation.target, text(term.expr, equation.names)): term.value
        for equation in found.law.equations
        for term in equation.terms
    }
    return coefficients, {"verdict": found.verdict.word, "estimator": found.law.estimator}


def _frame(states: tuple[str, ...], X: np.ndarray, t: np.ndarray) -> "pd.DataFrame":
    import pandas as pd

    columns = {"run": np.repeat(np.arange(len(X)), len(t)).astype(str), "t": np.tile(t, len(X))}
    return pd.DataFrame({**columns, **{name: X[:, i].ravel() for i, name in enumerate(states)}})


def true_coefficients(system: Record) -> dict[tuple[str, str], float]:
    """Return the coefficients by target and term, with the terms written our way.

    >>> true_coefficients({"state": ["x"], "coefficients": [{"1": 2.0, "x**2": -1.0}]})
    {('x', '1'): 2.0, ('x', 'x**2'): -1.0}
    """
    names = system["state"]
    return {
        (target, text(parse(term, names), names)): float(value)
        for target, side in zip(names, system["coefficients"], strict=True)
        for term, value in side.items()
    }


def measurements(system: Record, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return noisy trajectories (n_trajectories, n_states, n_samples) on the attractor, and their times."""
    dt = system["period"] / SAMPLES_A_PERIOD
    t = dt * np.arange(N_SAMPLES)
    rng = np.random.default_rng([seed, 0])
    start = np.ravel(np.array(system["initial_conditions"], dtype=float))
    wait = _flow(system, start, dt * np.arange(WAITING * SAMPLES_A_PERIOD + 1))[:, SETTLING * SAMPLES_A_PERIOD :]
    found: list[np.ndarray] = []
    for at in rng.permutation(wait.shape[1]):
        try:
            X = _flow(system, wait[:, at], t)
        except RuntimeError:  # a start from which the system escapes
            continue
        if np.abs(X).max() < 10 * np.abs(wait).max() + 1e-9:
            found.append(X)
        if len(found) == N_TRAJECTORIES:
            break
    else:
        raise RuntimeError(f"{system['name']}: only {len(found)} starts of {wait.shape[1]} stay on the attractor")
    clean = np.stack(found)
    sigma = noise * np.sqrt(np.mean(clean**2, axis=(0, 2)))
    return clean + sigma[:, None] * rng.standard_normal(clean.shape), t


def _flow(system: Record, start: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the states (n_states, len(t)) from `start`, by SciPy: not by the integrator that is being tested."""
    from scipy.integrate import solve_ivp

    names = system["state"]
    coefficients = true_coefficients(system)
    terms = sorted({term for _, term in coefficients})
    Xi = np.array([[coefficients.get((target, term), 0.0) for term in terms] for target in names])
    powers = np.array([_powers(parse(term, names), len(names)) for term in terms])
    solution = solve_ivp(
        lambda _, x: Xi @ np.prod(x**powers, axis=1), (t[0], t[-1]), start, "DOP853", t, rtol=1e-11, atol=1e-11
    )
    if not solution.success:
        raise RuntimeError(f"{system['name']}: {solution.message}")
    return solution.y


def _powers(term: object, n: int) -> list[int]:
    """Return the exponents of a monomial, by its values at powers of two."""
    from discover.expr import evaluate

    grid = np.ones((n, n)) + np.eye(n)
    values = np.broadcast_to(evaluate(term, grid), n)  # type: ignore[arg-type]
    return np.round(np.log2(values)).astype(int).tolist()


def _row(method: str, noise: float, mine: Sequence[Record | None]) -> tuple[str, ...]:
    done = answered(mine)
    words = [sum(record["verdict"] == word for record in done) for word in ("law", "several", "none")]
    return (
        method,
        f"{100 * noise:g} %",
        count(mine, lambda record: record["error"] < 0.01),
        count(mine, lambda record: record["error"] < 0.1),
        count(mine, lambda record: record["exact"]),
        middle(mine, "error"),
        "/".join(map(str, words)) if method.startswith("ours") else "–",
        count(mine, lambda record: record["verdict"] == "law" and not record["exact"]),
        middle(mine, "seconds"),
    )


def _failures(records: dict[str, Record]) -> Table:
    rows = []
    for name, record in records.items():
        if "error_text" in record:
            rows.append((name, "–", "–", record["error_text"][:200]))
        elif not record["exact"] or record["error"] >= 0.1:
            wrong = [f"lacks {term}" for term in record["missing"]] + [f"has {term}" for term in record["extra"]]
            rows.append((name, record["verdict"], f"{record['error']:.2g}", "; ".join(wrong[:6]) or "coefficients"))
    return Table("Systems missed", ("case", "verdict", "error", "wrong"), tuple(rows))
