"""ODEBench: 63 textbook systems from a single trajectory of 150 samples each, the suite of ODEFormer, arXiv:2310.05573.

From each of two starts, 150 samples on [0, 10] are integrated anew from the equations (some trajectories that ship
with the suite are off) and multiplied by 1 + noise · N(0, 1), as the paper does. The law found is run from the same
start (reconstruction) and from the other one (generalisation) beside the clean truth; R² is over all states together.

The library depends on the family that the suite gives a system, and on nothing else: what `dynamics` takes by default
for polynomial systems, `transcendental` for those with functions, `Rational()` for those with quotients.
"""

import json
import time
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, count, middle, percent
from benchmarks.trial import score
from discover.expr import (
    Expr,
    Library,
    Polynomial,
    Rational,
    Terms,
    compile_program,
    default_library,
    evaluate,
    parse,
    text,
)

if TYPE_CHECKING:
    from discover.discovery import Discovery

FILE = "odebench.json"
NOISES, FEWER_NOISES = (0.01, 0.0, 0.05), (0.01,)
EVERY = 3
"""The fast tier takes every third system."""

N_SAMPLES, DURATION = 150, 10.0
GOOD = 0.9
"""R² from which on a trajectory counts as reproduced."""

FAMILIES = ("polynomial", "rational", "transcendental")
UNIDENTIFIABLE = {24: (0, 1), 30: (0, 1), 52: (0, 1), 63: (0, 1)}
"""Systems, and the starts from which the default library cannot be told apart even without noise."""

QUOTIENTS: dict[int, tuple[tuple[str, str], ...]] = {
    18: (("x_0 x_0**2 x_0**3", "1 x_0"),),
    19: (("x_0 x_0**2 x_0**3", "1 x_0"),),
    20: (("1 x_0 x_0**2 x_0**3", "1 x_0**2"),),
    42: (("1 x_0 x_0**2 x_0**3 x_0*x_1", "1 x_0**2"), ("x_0 x_0**3 x_0*x_1", "1 x_0**2")),
    48: (("1 x_0 x_0**2 x_0**3 x_0*x_1", "1 x_0**2"), ("1 x_0**2 x_0*x_1", "1 x_0**2")),
}
"""Terms above and below of the rational systems that `Rational()` contains; the others are of a higher degree."""

PUBLISHED = "ODEFormer, published, all systems: reconstruction 66.4 %, generalisation 32.8 % (noise 0, as listed)."
WORST = -10.0
BUDGET = "60s"


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return form, reconstruction and generalisation by family and noise, the unidentifiable, and wrong laws."""
    noises = NOISES if plan.full else FEWER_NOISES
    systems = _systems(str(plan.data))
    numbers = sorted(systems) if plan.full else sorted(systems)[::EVERY]
    cases = {
        (number, noise, start): Case(
            f"odebench | {number} | start {start + 1} | noise {noise:g}",
            (str(plan.data), number, noise, start, plan.seed),
        )
        for noise in noises
        for number in numbers
        for start in (0, 1)
    }
    cases = {key: case for key, case in cases.items() if plan.only in case.key}
    records = campaign.run("odebench", solved, list(cases.values()))
    rows = []
    for noise in sorted(noises):
        for name in (*FAMILIES, "all"):
            mine = [
                records.get(case.key)
                for (number, level, start), case in cases.items()
                if level == noise and name in ("all", family(systems[number])) and identifiable(number, start)
            ]
            rows += [_row(name, noise, mine)] if mine else []
    columns = ("family", "noise", "right form", *(f"{what} R² > {GOOD}" for what in WHAT), *VERDICTS, "median s")
    note = (
        f"One trajectory of {N_SAMPLES} samples a case; {len(numbers)} systems, the unidentifiable left out. "
        f"right form: of those that the library contains. {PUBLISHED}"
    )
    doubtful = [
        (number, noise, records.get(case.key))
        for (number, noise, start), case in cases.items()
        if not identifiable(number, start)
    ]
    tables = (
        Table("ODEBench", columns, tuple(rows), note),
        _unidentifiable(doubtful),
        _wrong({case.key: records[case.key] for case in cases.values() if case.key in records}),
    )
    return tuple(table for table in tables if table.rows)


WHAT = ("reconstruction", "generalisation")
VERDICTS = ("law/several/none", "wrong laws")


def family(system: Record) -> str:
    """Return which of FAMILIES a system belongs to.

    >>> family({"kind": "transcendental or non-integer power"})
    'transcendental'
    """
    return system["kind"].split()[0]


def identifiable(number: int, start: int) -> bool:
    """Return whether a trajectory from that start (0 or 1) tells the library's terms apart."""
    return start not in UNIDENTIFIABLE.get(number, ())


@cache
def _systems(folder: str) -> dict[int, Record]:
    path = Path(folder) / FILE
    if not path.exists():
        raise SystemExit(f"There is no {path}; --data names the folder that holds {FILE}.")
    return {system["id"]: system for system in json.loads(path.read_text(encoding="utf-8"))["systems"]}


def solved(folder: str, number: int, noise: float, start: int, seed: int) -> Record:
    """Return how right the law found from one trajectory of one system is."""
    from discover import dynamics

    system = _systems(folder)[number]
    names = variables(system)
    clean, t = trajectory(system, start)
    X = clean * (1.0 + noise * np.random.default_rng([seed, number, start]).standard_normal(clean.shape))
    library = library_for(family(system), names, X)
    started = time.perf_counter()
    found = dynamics({"t": t, **dict(zip(names, X, strict=True))}, library=library, seed=seed, budget=BUDGET, n_jobs=1)
    seconds = round(time.perf_counter() - started, 3)
    return {
        "verdict": found.verdict.word,
        "reasons": list(found.verdict.reasons),
        "seconds": seconds,
        "reconstruction": reproduced(found, system, start),
        "generalisation": reproduced(found, system, 1 - start),
        **graded(found, system, library or default_library(len(names))),
    }


def variables(system: Record) -> tuple[str, ...]:
    """Return the names of a system's states."""
    return tuple(f"x_{i}" for i in range(system["dim"]))


def right_hand_sides(system: Record) -> list[Expr]:
    """Return the true right-hand sides.

    >>> right_hand_sides({"dim": 1, "equations_numeric": ["cot(x_0) + Abs(x_0)"]})
    [Expr(1/tan(x0) + abs(x0))]
    """
    known = [side.replace("cot(", "1.0/tan(").replace("Abs(", "abs(") for side in system["equations_numeric"]]
    return [parse(side, variables(system)) for side in known]


def trajectory(system: Record, start: int) -> tuple[np.ndarray, np.ndarray]:
    """Return clean states (n_states, n_samples) and times, by SciPy: not by the integrator that is being tested."""
    from scipy.integrate import solve_ivp

    program = compile_program(right_hand_sides(system), system["dim"])
    t = np.linspace(0.0, DURATION, N_SAMPLES)
    solution = solve_ivp(
        lambda _, x: program.evaluate(x[:, None])[:, 0],
        (0.0, DURATION),
        np.array(system["initial_values"][start], dtype=float),
        "LSODA",
        t,
        rtol=1e-10,
        atol=1e-12,
    )
    if not solution.success:
        raise RuntimeError(f"{system['name']}: {solution.message}")
    return solution.y, t


def library_for(name: str, names: Sequence[str], X: np.ndarray) -> Library | None:
    """Return what a system of that family is searched in; X are its measured states (n_states, n_samples)."""
    if name == "transcendental":
        return transcendental(names, X)
    return Rational() if name == "rational" else None


def transcendental(names: Sequence[str], X: np.ndarray) -> Library:
    """Return polynomials, the circular functions with products, decay, drag, and growth after Gompertz.

    Terms are sin and cos of every state, their products two at a time and with a state; exp(-x), x|x|, and x log x
    where the states measured, (n_states, n_samples), are positive. What the suite holds beyond that is not in it:
    powers that are no whole numbers, sigmoids, cot.
    """
    circular = [f"{f}({x})" for x in names for f in ("sin", "cos")]
    pairs = [f"{a}*{b}" for i, a in enumerate(circular) for b in circular[i + 1 :]]
    squares = [f"sin({x})**2" for x in names]
    mixed = [f"{x}*{f}" for x in names for f in circular]
    decay = [f"exp(-{x})" for x in names]
    drag = [f"{x}*abs({x})" for x, values in zip(names, X, strict=True) if values.min() < 0.0 < values.max()]
    growth = [f"{x}*log({x})" for x, values in zip(names, X, strict=True) if values.min() > 0.0]
    return Polynomial(2) + Terms(*circular, *pairs, *squares, *mixed, *decay, *drag, *growth)


def true_coefficients(system: Record, library: Library) -> dict[tuple[str, str], float] | None:
    """Return the true law in the library's terms by (target, term), or None where it does not contain it.

    Both are evaluated at random points of a box, so that no algebra is needed: a law of the library leaves
    no residual there.
    """
    names = variables(system)
    terms = library.build(names)
    rng = np.random.default_rng(zlib.crc32(system["name"].encode()))
    points = rng.uniform(0.05, 9.0, (len(names), 40 * len(terms)))
    Theta = np.array([np.broadcast_to(evaluate(term, points), points.shape[1]) for term in terms])
    found = {}
    for target, side in zip(names, right_hand_sides(system), strict=True):
        y = np.broadcast_to(evaluate(side, points), points.shape[1])
        w = np.linalg.lstsq(Theta.T, y, rcond=1e-14)[0]
        if not np.abs(Theta.T @ w - y).max() < 1e-8 * np.abs(y).max():  # nor where the law is not defined
            return None
        size = np.abs(w) * np.abs(Theta).max(axis=1)
        found |= {(target, text(terms[p], names)): float(w[p]) for p in np.flatnonzero(size > 1e-6 * size.max())}
    return found


def reproduced(found: "Discovery", system: Record, start: int) -> float:
    """Return R² of the law, run from a start, beside the clean truth; WORST where it leaves the finite numbers."""
    truth, t = trajectory(system, start)
    names = variables(system)
    simulated = found.simulate(np.array(system["initial_values"][start], dtype=float), t)
    residual = truth - np.array([simulated[name].values for name in names])
    total = np.sum((truth - truth.mean(axis=1, keepdims=True)) ** 2)
    r2 = 1.0 - np.sum(residual**2) / total
    return float(max(r2, WORST)) if np.isfinite(r2) else WORST


def graded(found: "Discovery", system: Record, library: Library) -> Record:
    """Return whether the terms are the true ones; `contained` says whether the library could give them."""
    if family(system) == "rational":
        return graded_quotient(found, system)
    truth = true_coefficients(system, library)
    coefficients: dict[tuple[str, str], Any] = {
        (equation.target, text(term.expr, equation.names)): term.value
        for equation in found.law.equations
        for term in equation.terms
    }
    told = [f"{target}: {term}" for target, term in coefficients]
    if truth is None:
        return {"contained": False, "exact": False, "missing": [], "extra": told}
    return {"contained": True, **score(coefficients, truth)}


def graded_quotient(found: "Discovery", system: Record) -> Record:
    """Return whether every equation has the true terms above and below its stroke."""
    truth = QUOTIENTS.get(system["id"])
    parts = [(equation.terms, equation.denominator) for equation in found.law.equations]
    told = [tuple({text(term.expr, variables(system)) for term in part} for part in both) for both in parts]
    lines = [f"{' + '.join(sorted(above))} over {' + '.join(sorted(below)) or '1'}" for above, below in told]
    wanted = [tuple(set(terms.split()) for terms in both) for both in truth or ()]
    exact = truth is not None and told == wanted
    return {"contained": truth is not None, "exact": exact, "missing": [], "extra": [] if exact else lines}


def wrong_law(record: Record) -> bool:
    """Return whether an answer is called a law and is not the true one."""
    return record["verdict"] == "law" and not record["exact"]


def _row(name: str, noise: float, mine: Sequence[Record | None]) -> tuple[str, ...]:
    done = answered(mine)
    contained = [record for record in done if record["contained"]]
    words = [sum(record["verdict"] == word for record in done) for word in ("law", "several", "none")]
    return (
        name,
        f"{100 * noise:g} %",
        percent(sum(record["exact"] for record in contained), len(contained)),
        *(percent(sum(record[what] > GOOD for record in done), sum(r is not None for r in mine)) for what in WHAT),
        "/".join(map(str, words)),
        count(mine, wrong_law),
        middle(mine, "seconds"),
    )


def _unidentifiable(doubtful: Sequence[tuple[int, float, Record | None]]) -> Table:
    """Return what was said of trajectories that cannot tell the terms apart."""
    rows = []
    for number in UNIDENTIFIABLE:
        mine = [record for own, _, record in doubtful if own == number]
        if mine:
            words = (count(mine, lambda r, w=word: r["verdict"] == w) for word in ORDER)
            rows.append((str(number), *words, count(mine, says_so), count(mine, lambda r: r["exact"])))
    note = (
        'A law would be luck at best; "several" is the right answer. says so: a reason of the verdict names what the '
        "data cannot tell apart, or how few combinations of coefficients they settle."
    )
    columns = ("system", *ORDER, "says so", "right form")
    return Table("ODEBench: starts from which the law cannot be identified", columns, tuple(rows), note)


def says_so(record: Record) -> bool:
    """Return whether the reasons of a verdict say that the data cannot tell terms apart.

    >>> says_so({"reasons": ["On these data x + y stays at 1, so they cannot tell x from 1 - y."]})
    True
    """
    return any(phrase in reason for reason in record["reasons"] for phrase in ("cannot tell", "settle only"))


ORDER = ("law", "several", "none")


def _wrong(records: dict[str, Record]) -> Table:
    rows = []
    for key, record in records.items():
        if "error_text" in record:
            rows.append((key, "failed", record["error_text"][:200]))
        elif wrong_law(record):
            wrong = [f"lacks {term}" for term in record["missing"]] + [f"has {term}" for term in record["extra"]]
            rows.append(
                (key, f"R² {record['reconstruction']:.3g}/{record['generalisation']:.3g}", "; ".join(wrong[:8]))
            )
    return Table("ODEBench: laws that are wrong, and failures", ("case", "how", "what"), tuple(rows))
