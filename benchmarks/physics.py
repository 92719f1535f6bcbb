"""Laws with and without what is known of them: recovery, coefficients, and whether a false requirement is noticed.

Every system is asked for three times from the same data: without a requirement, with a true one, and with a false one.
Additive Gaussian noise, σ over the root mean square of each clean state.
"""

import time
from dataclasses import dataclass

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, count, failures, middle

NOISES = (0.01, 0.05, 0.10)
SEEDS, MANY_SEEDS = 4, 20
ASKED = ("nothing", "true", "false")

SUM = "d(S)/dt + d(I)/dt + d(R)/dt == 0"
ENERGY = "conserve: p**2/2 + q**2/2 + x**2/2 + y**2/2 + x**2*y - y**3/3"
WRONG_ENERGY = "conserve: p**2/2 + q**2/2 + x**2/2 + y**2/2 + x**2*y - y**3"


@dataclass(frozen=True, slots=True)
class Subject:
    """A system whose physics is known.

    Attributes:
        name: what it is called.
        states, equations: names, and text of each rate.
        x0, spread: where trajectories start, and how far these starts lie apart.
        dt, n_samples, n_trajectories: of the sampling.
        degree: of the polynomials on offer; `terms` what else is.
        true, false: requirements that hold, and that do not.
    """

    name: str
    states: tuple[str, ...]
    equations: tuple[str, ...]
    x0: tuple[float, ...]
    spread: tuple[float, ...]
    dt: float
    n_samples: int
    n_trajectories: int
    degree: int
    true: tuple[str, ...]
    false: tuple[str, ...]
    terms: tuple[str, ...] = ()


SUBJECTS = (
    Subject(
        "henon-heiles, its energy",
        ("x", "y", "p", "q"),
        ("p", "q", "-x - 2*x*y", "-y - x**2 + y**2"),
        (0.3, 0.1, 0.1, 0.3),
        (0.1, 0.1, 0.1, 0.1),
        0.1,
        500,
        2,
        2,
        (ENERGY,),
        (WRONG_ENERGY,),
    ),
    Subject(
        "lorenz, its symmetry",
        ("x", "y", "z"),
        ("10*y - 10*x", "28*x - x*z - y", "x*y - 2.6666666666666665*z"),
        (-8.0, 7.0, 27.0),
        (4.0, 4.0, 4.0),
        0.01,
        1000,
        1,
        3,
        ("symmetric: (x, y) -> (-x, -y)",),
        ("symmetric: (x, z) -> (-x, -z)",),
    ),
    Subject(
        "epidemic, its sum",
        ("S", "I", "R"),
        ("-0.4*S*I", "0.4*S*I - 0.12*I", "0.12*I"),
        (1.5, 0.2, 0.2),
        (0.4, 0.15, 0.2),
        0.5,
        120,
        4,
        2,
        (SUM,),
        ("d(S)/dt + d(I)/dt == 0",),
    ),
    Subject(
        "lotka-volterra, positive",
        ("prey", "predator"),
        ("1.0*prey - 0.5*prey*predator", "-0.8*predator + 0.3*prey*predator"),
        (3.0, 2.0),
        (1.5, 1.0),
        0.1,
        150,
        3,
        3,
        ("positive: prey, predator",),
        ("d(predator)/dt[predator] >= 0",),
    ),
    Subject(
        "pendulum, gravity known",
        ("theta", "omega"),
        ("omega", "-9.81*sin(theta) - 0.3*omega"),
        (2.0, 0.0),
        (0.4, 0.5),
        0.03,
        500,
        1,
        3,
        ("d(theta)/dt == omega", "d(omega)/dt == -g*sin(theta) + ...", "g = 9.81 ± 0.02"),
        ("d(theta)/dt == omega", "d(omega)/dt == -g*sin(theta) + ...", "g = 10.4 ± 0.02"),
        ("sin(theta)", "cos(theta)"),
    ),
)


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
                lost += sum(bool(a and b and a["exact"] and not b["exact"]) for a, b in pairs if a and b)
    columns = ("system", "noise", "without", "with", "error without", "error with", "true, blamed", "false, noticed")
    columns += ("off by at most", "median s")
    note = (
        "without, with: answers with the exact terms; error: median over exact answers of the largest relative error "
        "of a coefficient; blamed, noticed: requirements said to contradict the data; off: largest violation of the "
        f"true requirement's equalities, relative. Exact without and not with it: {lost}."
    )
    tables = (Table("What is known, required", columns, tuple(rows), note), failures(records))
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
    from discover.simulate import generate
    from discover.simulate.systems import System

    one = SUBJECTS[number]
    system = System(one.name, one.states, one.equations, one.x0, one.dt, "see benchmarks/physics.py", one.spread)
    data = generate(system, noise=noise, seed=seed, n_samples=one.n_samples, n_trajectories=one.n_trajectories)
    library = discover.Polynomial(one.degree)
    if one.terms:
        library = library + discover.Terms(*one.terms)
    require = {"nothing": (), "true": one.true, "false": one.false}[asked]
    started = time.perf_counter()
    found = discover.dynamics(data, library=library, require=require, seed=seed, n_jobs=1)
    truth = _truth(one)
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


def _truth(one: Subject) -> dict:
    """Return the true coefficient of every term of every equation."""
    from discover.expr import parse
    from discover.expr.expansion import expand, monomial_expr

    every = {}
    for name, text in zip(one.states, one.equations, strict=True):
        every[name] = {monomial_expr(key): value for key, value in expand(parse(text, one.states)).items()}
    return every


def _violation(found, require: tuple[str, ...]) -> float:
    """Return by how much the law's own coefficients miss the equalities that were required, relative to their size."""
    from discover.physics import Subject, statements

    subject = Subject(found.law.names, found.law.states, found.law.time)
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
