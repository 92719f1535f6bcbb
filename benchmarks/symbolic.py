"""symbolic: how fast the kernels of the symbolic engine run on one core, in CPU seconds, and what one waits for.

Tapes in node · rows a second, constants fitted a second beside SciPy's least squares on the same forms, candidates
enumerated and pairs of features screened a second, and the first formula on a machine that has compiled nothing.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from benchmarks.campaign import Campaign
from benchmarks.plan import Plan, Record, Table
from benchmarks.tape import CASES, rate
from discover.expr import evaluate, parse, variable
from discover.inference.forms import Form, fitted
from discover.symbolic.features import ARITHMETIC, bank
from discover_kernels import enumeration

Array = np.ndarray

REPEATS = 5
N_ROWS, N_FORMS, N_ITERATIONS = 256, 500, 20
N_SCIPY = 20
"""Forms that SciPy fits; its rate is per form, as ours."""

CLOSE = 1e-9
"""Relative residual at which constants count as found."""

FORMS = {
    "10 nodes, 2 constants": ("a*x + exp(b*y)/z", {"a": 1.5, "b": -0.7}),
    "12 nodes, 2 constants inside": ("x/(a + y*z)*sin(b*x)", {"a": 0.8, "b": 1.2}),
}
NODES = ("arithmetic", "sin and exp, 4 of 12 nodes")

HELD = {
    "arithmetic": (2.0, 3.0),
    "sin and exp, 4 of 12 nodes": (0.8, 1.0),
    "10 nodes, 2 constants": (5e3, 2e4),
    "candidates enumerated": (1e6, 5e6),
    "pair views screened": (2.16e8, 3e8),
    "first formula, compiling": (30.0, 20.0),
    "first formula after import": (3.0, 2.0),
}
"""To be held, aimed at."""

WAITED = """
import time, numpy as np, discover
x = np.linspace(1.0, 2.0, 100)
columns = {"x": x, "z": x[::-1] ** 2, "y": 3.0 * x * x[::-1] ** 2 + 1e-3 * np.sin(50 * x)}
started = time.perf_counter()
discover.law(columns, "y", budget=30)
print(time.perf_counter() - started)
"""
"""What a first formula is: a table of two columns with noise, from call to verdict."""


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return the rates, and the seconds that a first formula takes."""
    wanted: dict[str, Callable[[], Record]] = {"tapes": tapes, "fits": fits, "enumeration": enumerated, "pairs": paired}
    rates = [row for name, measure in wanted.items() if plan.only in name for row in _rows(campaign, name, measure)]
    waits = campaign.here("waits", waited)["seconds"] if plan.only in "waits" else {}
    times = [(name, f"{value:.3g} s", *_held(name, " s")) for name, value in waits.items()]
    columns = ("what", "measured", "held", "aimed at")
    note = "Best of five on one core, CPU time; on a busy machine the caches are shared, so these are lower bounds."
    tables = (
        Table("Rates", columns, tuple(rates), note),
        Table("Waiting", columns, tuple(times), "Wall seconds of a process of its own."),
    )
    return tuple(table for table in tables if table.rows)


def _rows(campaign: Campaign, name: str, measure: Callable[[], Record]) -> list[tuple[str, ...]]:
    found = campaign.here(name, measure)
    return [(what, f"{value:.3g} {found['unit']}", *_held(what, "")) for what, value in found["rates"].items()]


def _held(what: str, unit: str) -> tuple[str, str]:
    held = HELD.get(what)
    return ("–", "–") if held is None else (f"{held[0]:.3g}{unit}", f"{held[1]:.3g}{unit}")


def tapes() -> Record:
    """Return billions of node · rows a second of compiled programs."""
    return {"unit": "G node·rows/s", "rates": {name: rate(CASES[name]) / 1e9 for name in NODES}}


def fits() -> Record:
    """Return forms whose constants are found in a second, by the batch and by SciPy, and how many were."""
    rates: dict[str, float] = {}
    for name, (spelled, true) in FORMS.items():
        form, X, y, starts = _problem(spelled, true)
        forms = [Form(form.expr, form.n_variables, start) for start in starts]
        fitted(forms[:2], X, y, np.ones(N_ROWS), N_ITERATIONS)
        spent = _least(lambda forms=forms, X=X, y=y: fitted(forms, X, y, np.ones(N_ROWS), N_ITERATIONS))
        again = fitted(forms, X, y, np.ones(N_ROWS), N_ITERATIONS)
        found = sum(sse < CLOSE**2 * float(y @ y) for _, sse in again)
        rates[name] = N_FORMS / spent
        rates[f"{name}: of these with the right constants"] = found / spent
        rates[f"{name}: SciPy"] = N_SCIPY / _least(lambda f=form, X=X, y=y, s=starts: _scipy(f, X, y, s), 2)
    return {"unit": "a second", "rates": rates}


def _problem(spelled: str, true: dict[str, float]) -> tuple[Form, Array, Array, list[tuple[float, ...]]]:
    """Return a form, values X (3, n_rows) and y (n_rows,), and starts within a factor of two of the truth."""
    names = ["x", "y", "z", *true]
    form = Form(parse(spelled, names), 3, tuple(true.values()))
    rng = np.random.default_rng(0)
    X = rng.uniform(1.0, 3.0, (3, N_ROWS))
    y = evaluate(form.law, X)
    starts = [tuple(value * 2.0 ** rng.uniform(-1.0, 1.0) for value in true.values()) for _ in range(N_FORMS)]
    return form, X, np.ascontiguousarray(y), starts


def _scipy(form: Form, X: Array, y: Array, starts: list[tuple[float, ...]]) -> None:
    from scipy.optimize import least_squares

    def rest(c: Array) -> Array:
        numbers = np.repeat(c[:, None], X.shape[1], axis=1)
        return evaluate(form.expr, np.concatenate([X, numbers])) - y

    for start in starts[:N_SCIPY]:
        least_squares(rest, start, method="lm")


def _least(function: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the least CPU seconds of a call."""
    spent = []
    for _ in range(repeats):
        started = time.process_time()
        function()
        spent.append(time.process_time() - started)
    return max(min(spent), 1e-9)


def enumerated() -> Record:
    """Return candidates looked at a second while a bank of 30 000 and one of 150 000 features is filled."""
    rng = np.random.default_rng(0)
    columns = [variable(k) for k in range(4)]
    rates = {}
    for label, most, n_rows in (("candidates enumerated", 30_000, 96), ("candidates, 150 000 features", 150_000, 96)):
        X = rng.uniform(1.0, 3.0, (4, n_rows))
        count = bank(columns, X, ARITHMETIC, most, 14).n_candidates
        rates[label] = count / _least(lambda X=X, most=most: bank(columns, X, ARITHMETIC, most, 14), 3)
    return {"unit": "a second", "rates": rates}


def paired() -> Record:
    """Return pairs of features times views of the target screened a second, Gram tiles included."""
    n, n_rows, n_views, n_tile = 8000, 96, 10, 512
    rng = np.random.default_rng(0)
    F = rng.standard_normal((n, n_rows)).astype(np.float32)
    F /= np.linalg.norm(F, axis=1, keepdims=True)
    T = rng.standard_normal((n_views, n_rows)).astype(np.float32)
    C = np.ascontiguousarray((T / np.linalg.norm(T, axis=1, keepdims=True)) @ F.T)
    penalty = np.ones(n, np.float32)
    score, partner = np.empty((n_views, n), np.float32), np.empty((n_views, n), np.int32)

    def screened() -> None:
        for row in range(0, n, n_tile):
            G = F[row : row + n_tile] @ F[: row + n_tile].T
            enumeration.best_partners(G, C, row, penalty, score, partner)

    screened()
    return {"unit": "a second", "rates": {"pair views screened": n * (n - 1) / 2 * n_views / _least(screened, 3)}}


def waited() -> Record:
    """Return wall seconds of the first formula, compiling and not, from call to verdict and with the import."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        cold = _formula(environment)
        warm = [_formula(environment) for _ in range(3)]
    seconds = {
        "first formula, compiling": cold[0],
        "first formula after import": median(one[0] for one in warm),
        "import and formula": median(one[1] for one in warm),
    }
    return {"seconds": seconds}


def _formula(environment: dict[str, str]) -> tuple[float, float]:
    """Return seconds of the law alone, and of the whole process."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", WAITED], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout), time.perf_counter() - started
