"""Rational laws x' = p/q: enzymes, switches and predators, and the nine rational systems of ODEBench.

Textbook systems: additive Gaussian noise, σ over the root mean square of each clean state, from all starts together.
ODEBench (`--data`): 150 samples on [0, 10] from one start alone, multiplied by 1 + noise · N(0, 1), as its paper does;
the law is run from that start (reconstruction) and from the other one (generalisation).

A form is right where numerator and denominator, in lowest terms, have exactly the true monomials in every equation.
Both libraries are told by the number of states alone. SINDy-PI of pysindy (`--peers pysindy`, with CVXPY installed)
gets the same terms and data, smoothed derivatives, and the left-hand side and weight that predict best on the last
fifth of the samples.
"""

import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.odebench import DURATION, GOOD, N_SAMPLES, WORST, _systems
from benchmarks.plan import Plan, Record, Table
from benchmarks.sindypi import available, quotients
from benchmarks.tabulate import answered, count, middle, percent
from discover.expr import Polynomial, Rational, evaluate, parse, text

if TYPE_CHECKING:
    import sympy

NOISES, FEWER_NOISES = (0.0, 0.01, 0.05), (0.0, 0.01)
SEEDS, FEWER_SEEDS = 3, 1
BUDGET = "90s"
ODEBENCH = (14, 15, 18, 19, 20, 22, 42, 48, 53)
DEGREES = {1: (4, 2), 2: (3, 2), 3: (4, 2)}
"""Degrees of numerator and denominator by the number of states; of ODEBench they contain all but system 22."""

MOST_EVALUATIONS = 20_000
"""Of right-hand sides in one run: a law that needs more has met a pole, before which an integrator stands still."""

Monomials = frozenset[tuple[int, ...]]
Form = tuple[tuple[Monomials, Monomials], ...]
"""Monomials above and below, for every equation."""


@dataclass(frozen=True, slots=True)
class Textbook:
    """A system: equations by state, starts, how long it is watched and how often it is sampled."""

    name: str
    equations: tuple[str, ...]
    starts: tuple[tuple[float, ...], ...]
    duration: float
    n_samples: int = 400

    @property
    def states(self) -> tuple[str, ...]:
        return ("x", "y", "z")[: len(self.equations)]


TEXTBOOK = (
    Textbook("Michaelis-Menten, fed", ("0.6 - 1.5*x/(0.3 + x)",), ((2.0,), (0.05,)), 8.0),
    Textbook("Michaelis-Menten, decay", ("-1.5*x/(0.3 + x)",), ((2.0,), (0.7,)), 3.0),
    Textbook("Hill switch", ("1.2*x**2/(0.5 + x**2) - 0.4*x",), ((0.3,), (4.0,), (0.1,)), 10.0),
    Textbook("diffusion-limited growth, a/x", ("0.8/x",), ((0.5,), (1.5,)), 8.0),
    Textbook(
        "Holling II predator and prey",
        ("x*(1 - x/3) - 1.2*x*y/(1 + 0.6*x)", "-0.3*y + 0.6*x*y/(1 + 0.6*x)"),
        ((0.5, 0.5), (2.0, 1.0)),
        40.0,
        800,
    ),
    Textbook(
        "chlorine dioxide oscillator",
        ("8.9 - x - 4*x*y/(1 + x**2)", "1.4*x*(1 - y/(1 + x**2))"),
        ((0.2, 0.35), (3.0, 7.8)),
        20.0,
        800,
    ),
    Textbook(
        "enzyme with product inhibition",
        ("0.5 - x/(0.4 + x + 0.5*y)", "x/(0.4 + x + 0.5*y) - 0.5*y"),
        ((2.0, 0.1), (0.1, 2.0), (1.0, 0.2)),
        12.0,
    ),
    Textbook("Lotka and Volterra (no denominator)", ("x - 0.5*x*y", "-0.7*y + 0.3*x*y"), ((1.0, 0.5),), 30.0, 800),
)


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return how often the form is right, by system and noise, for both collections."""
    noises = NOISES if plan.full else FEWER_NOISES
    seeds = plan.seeds(SEEDS if plan.full else FEWER_SEEDS)
    who = ("discover", *(("SINDy-PI",) if "pysindy" in plan.peers and available() else ()))
    tables = [_textbook(plan, campaign, noises, seeds, who)]
    if plan.data is not None:
        tables.append(_odebench(plan, campaign, noises, who))
    return tuple(table for table in tables if table.rows)


def _textbook(
    plan: Plan, campaign: Campaign, noises: Sequence[float], seeds: Sequence[int], who: Sequence[str]
) -> Table:
    cases = {
        (name, number, noise, seed): Case(
            f"{name} | {one.name} | noise {noise:g} | seed {seed}", (name, number, noise, seed)
        )
        for name in who
        for number, one in enumerate(TEXTBOOK)
        for noise in noises
        for seed in seeds
    }
    cases = {key: case for key, case in cases.items() if plan.only in case.key}
    records = campaign.run("rational", textbook_case, list(cases.values()))
    rows = []
    for name in who:
        for number, one in enumerate(TEXTBOOK):
            for noise in noises:
                mine = [records.get(case.key) for key, case in cases.items() if key[:3] == (name, number, noise)]
                rows += [(name, one.name, f"{100 * noise:g} %", *_cells(mine, ("reconstruction",)))] if mine else []
    columns = ("who", "system", "noise", "right form", f"R² > {GOOD}", *VERDICTS, "median s")
    return Table("Rational laws, textbook systems", columns, tuple(rows), f"{len(seeds)} draws of noise a cell.")


def _odebench(plan: Plan, campaign: Campaign, noises: Sequence[float], who: Sequence[str]) -> Table:
    cases = {
        (name, number, noise, start): Case(
            f"{name} | ODEBench {number} | start {start + 1} | noise {noise:g}",
            (name, str(plan.data), number, noise, start, plan.seed),
        )
        for name in who
        for number in ODEBENCH
        for noise in noises
        for start in (0, 1)
    }
    cases = {key: case for key, case in cases.items() if plan.only in case.key}
    records = campaign.run("rational", odebench_case, list(cases.values()))
    rows = []
    for name in who:
        for number in (*ODEBENCH, None):
            for noise in noises:
                mine = [
                    records.get(case.key)
                    for key, case in cases.items()
                    if key[0] == name and key[2] == noise and number in (None, key[1])
                ]
                which = "all" if number is None else str(number)
                rows += [(name, which, f"{100 * noise:g} %", *_cells(mine, WHAT))] if mine else []
    columns = ("who", "system", "noise", "right form", *(f"{what} R² > {GOOD}" for what in WHAT), *VERDICTS, "median s")
    return Table("Rational laws, ODEBench", columns, tuple(rows), f"{N_SAMPLES} samples from one start; two starts.")


WHAT = ("reconstruction", "generalisation")
VERDICTS = ("law/several/none", "wrong laws")


def _cells(mine: Sequence[Record | None], what: Sequence[str]) -> tuple[str, ...]:
    done = answered(mine)
    words = [sum(record["verdict"] == word for record in done) for word in ("law", "several", "none")]
    return (
        percent(sum(record["exact"] for record in done), len(done)),
        *(percent(sum(record[part] > GOOD for record in done), sum(r is not None for r in mine)) for part in what),
        "/".join(map(str, words)) if any(words) else "-",
        count(mine, lambda record: record["verdict"] == "law" and not record["exact"]),
        middle(mine, "seconds"),
    )


def textbook_case(who: str, number: int, noise: float, seed: int) -> Record:
    """Return how right the law of one draw of a textbook system is."""
    one = TEXTBOOK[number]
    t = np.linspace(0.0, one.duration, one.n_samples)
    clean = [integrated(one.equations, one.states, start, t) for start in one.starts]
    level = noise * np.sqrt(np.mean(np.concatenate(clean, axis=1) ** 2, axis=1))[:, None]
    rng = np.random.default_rng([seed, zlib.crc32(one.name.encode())])
    measured = [X + level * rng.standard_normal(X.shape) for X in clean]
    found = solved(who, one.states, t, measured, seed)
    return graded(found, one.equations, one.states) | {
        "reconstruction": min(reproduced(found, X, start, t) for X, start in zip(clean, one.starts, strict=True))
    }


def odebench_case(who: str, folder: str, number: int, noise: float, start: int, seed: int) -> Record:
    """Return how right the law found from one start of an ODEBench system is."""
    system = _systems(folder)[number]
    states = tuple(f"x_{i}" for i in range(system["dim"]))
    equations, starts = tuple(system["equations_numeric"]), system["initial_values"]
    t = np.linspace(0.0, DURATION, N_SAMPLES)
    clean = [integrated(equations, states, one, t) for one in starts]
    rng = np.random.default_rng([seed, number, start])
    measured = clean[start] * (1.0 + noise * rng.standard_normal(clean[start].shape))
    found = solved(who, states, t, [measured], seed)
    runs = {what: reproduced(found, clean[k], starts[k], t) for what, k in zip(WHAT, (start, 1 - start), strict=True)}
    return graded(found, equations, states) | runs


def solved(who: str, states: tuple[str, ...], t: np.ndarray, measured: Sequence[np.ndarray], seed: int) -> Record:
    """Return what was found: right-hand sides as text, the verdict, and the seconds it took."""
    above, below = DEGREES[len(states)]
    started = time.perf_counter()
    if who == "SINDy-PI":
        sides = quotients(t, measured, states, Polynomial(above), Polynomial(below))
        return {"sides": sides, "verdict": "", "seconds": round(time.perf_counter() - started, 3)}
    from discover import dynamics

    data = {"t": np.tile(t, len(measured)), "run": np.repeat(np.arange(len(measured)), len(t)).astype(str)}
    data |= {name: np.concatenate([X[i] for X in measured]) for i, name in enumerate(states)}
    import pandas as pd

    import discover

    dataset = discover.load(pd.DataFrame(data), time="t", group="run")
    found = dynamics(
        dataset, library=Rational(Polynomial(above), Polynomial(below)), budget=BUDGET, seed=seed, n_jobs=1
    )
    sides = {name: text(equation.rhs, equation.names) for name, equation in found.equations.items()}
    return {
        "sides": sides,
        "verdict": found.verdict.word,
        "reasons": list(found.verdict.reasons),
        "seconds": round(time.perf_counter() - started, 3),
    }


def graded(found: Record, equations: Sequence[str], states: Sequence[str]) -> Record:
    """Return the record with whether its form is the true one."""
    truth = form(equations, states)
    return found | {"exact": form([found["sides"][name] for name in states], states) == truth}


def form(sides: Sequence[str], states: Sequence[str]) -> Form:
    """Return the monomials above and below of each right-hand side.

    Written numbers count as they stand: what was found is in lowest terms already, and what is true is reduced.

    >>> form(["0.6 - 1.5*x/(0.3 + x)"], ["x"]) == form(["(0.59 - 2.97*x)/(1 + 3.28*x)"], ["x"])
    True
    """
    import sympy

    gens = sympy.symbols(list(states))
    found = []
    for side in sides:
        above, below = sympy.fraction(sympy.together(sympy.sympify(side)))
        parts = (frozenset(_significant(sympy.Poly(sympy.expand(part), *gens))) for part in (above, below))
        found.append(tuple(parts))
    return tuple(found)


def _significant(poly: "sympy.Poly") -> list[tuple[int, ...]]:
    """Return the monomials whose coefficients are not what rounding leaves of a difference."""
    largest = max((abs(float(c)) for c in poly.coeffs()), default=0.0)
    return [powers for powers, c in poly.terms() if abs(float(c)) > 1e-12 * largest]


def integrated(equations: Sequence[str], states: Sequence[str], start: Sequence[float], t: np.ndarray) -> np.ndarray:
    """Return the trajectory of a system by SciPy, shape (n_states, n_samples); NaN where it cannot be run."""
    from scipy.integrate import solve_ivp

    sides = [parse(equation, states) for equation in equations]

    n_evaluations = 0

    def rates(_: float, x: np.ndarray) -> np.ndarray:
        nonlocal n_evaluations
        n_evaluations += 1
        if n_evaluations > MOST_EVALUATIONS:
            raise FloatingPointError("a pole or an explosion is in the way")
        return np.array([float(np.ravel(evaluate(side, x[:, None]))[0]) for side in sides])

    try:
        run = solve_ivp(rates, (t[0], t[-1]), np.array(start, float), "LSODA", t, rtol=1e-9, atol=1e-11)
    except (ValueError, FloatingPointError):
        return np.full((len(states), len(t)), np.nan)
    return run.y if run.success else np.full((len(states), len(t)), np.nan)


def reproduced(found: Mapping[str, Any], truth: np.ndarray, start: Sequence[float], t: np.ndarray) -> float:
    """Return R² of what was found, run from a start, beside the clean truth; WORST where it cannot be run."""
    names = tuple(found["sides"])
    simulated = integrated(list(found["sides"].values()), names, start, t)
    if simulated.shape != truth.shape:
        return WORST
    total = np.sum((truth - truth.mean(axis=1, keepdims=True)) ** 2)
    r2 = 1.0 - np.sum((truth - simulated) ** 2) / total
    return float(max(r2, WORST)) if np.isfinite(r2) else WORST
