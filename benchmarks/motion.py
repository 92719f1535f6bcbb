"""Laws of second order from positions alone: terms, coefficients, and whether intervals hold the truth.

Additive Gaussian noise, σ over the root mean square of each clean position; velocities are never measured. A third of
the systems hold velocities in products, which are no derivatives of anything, and one is driven by the time itself.
"""

import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, count, failures, middle, percent

NOISES = (0.01, 0.05)
SEEDS, MANY_SEEDS = 3, 50
VERDICTS = ("law", "several", "none")


@dataclass(frozen=True, slots=True)
class Mover:
    """x″ of each state as text, by term; where it starts (positions, velocities), and how it is sampled.

    Attributes:
        name: what it is called.
        law: for each state its terms and coefficients.
        start: positions, then velocities.
        step, n_samples: of the sampling.
        degree: of the polynomials on offer, with their derivatives by time.
        terms: what else is on offer.
    """

    name: str
    law: dict[str, dict[str, float]]
    start: tuple[float, ...]
    step: float
    n_samples: int
    degree: int = 3
    terms: tuple[str, ...] = field(default=())


MOVERS = (
    Mover("pendulum", {"x": {"sin(x)": -4.0, "D(x, t, 1)": -0.3}}, (2.5, 0.0), 0.05, 800, terms=("sin(x)", "cos(x)")),
    Mover("van der pol", {"x": {"x": -1.0, "D(x, t, 1)": 1.5, "D(x**3, t, 1)": -0.5}}, (0.5, 0.0), 0.05, 800),
    Mover(
        "forced duffing",
        {"x": {"x": 1.0, "x**3": -1.0, "D(x, t, 1)": -0.2, "cos(1.2*t)": 0.3}},
        (0.5, 0.0),
        0.06,
        1000,
        terms=("cos(1.2*t)", "sin(1.2*t)"),
    ),
    Mover(
        "coupled springs",
        {"x": {"x": -2.0, "y": 1.0, "D(x, t, 1)": -0.1}, "y": {"x": 1.0, "y": -2.0, "D(y, t, 1)": -0.05}},
        (1.0, 0.0, 0.0, 0.5),
        0.05,
        800,
    ),
    Mover(
        "henon-heiles",
        {"x": {"x": -1.0, "x*y": -2.0}, "y": {"y": -1.0, "x**2": -1.0, "y**2": 1.0}},
        (0.3, 0.1, 0.0, 0.35),
        0.08,
        1000,
    ),
    Mover(
        "quadratic drag",
        {"x": {"x": -2.0, "D(x, t, 1)*abs(D(x, t, 1))": -0.3}},
        (2.0, 0.0),
        0.06,
        600,
        terms=("D(x, t, 1)*abs(D(x, t, 1))", "D(x, t, 1)**2"),
    ),
    Mover(
        "magnetic field",
        {"x": {"x": -1.0, "D(y, t, 1)": 0.7}, "y": {"y": -1.5, "D(x, t, 1)": -0.7}},
        (1.0, 0.5, 0.0, 0.0),
        0.06,
        800,
        degree=2,
    ),
    Mover(
        "geodesics of a cone",
        {"x": {"x*D(y, t, 1)**2": 0.25}, "y": {"D(x, t, 1)*D(y, t, 1)/x": -2.0}},
        (1.0, 0.0, -0.4, 0.9),
        0.02,
        400,
        degree=1,
        terms=("x*D(y, t, 1)**2", "x*D(x, t, 1)**2", "D(x, t, 1)*D(y, t, 1)/x", "D(x, t, 1)*D(y, t, 1)"),
    ),
)


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return for every system and noise how often the terms are exact and the intervals hold the truth."""
    seeds = plan.seeds(MANY_SEEDS if plan.full else SEEDS)
    cases = {
        (number, noise, seed): Case(f"{one.name} | noise {noise:g} | seed {seed}", (number, noise, seed))
        for number, one in enumerate(MOVERS)
        for noise in NOISES
        for seed in seeds
    }
    cases = {key: case for key, case in cases.items() if plan.only in case.key}
    records = campaign.run("motion", motion_case, list(cases.values()))
    rows = []
    for number, one in enumerate(MOVERS):
        for noise in NOISES:
            mine = [records.get(case.key) for key, case in cases.items() if key[:2] == (number, noise)]
            if mine:
                rows.append((one.name, f"{100 * noise:g} %", *_cells(mine)))
    everything = [records.get(case.key) for case in cases.values()]
    if rows:
        rows.append(("all", "", *_cells(everything)))
    columns = ("system", "noise", "exact terms", *VERDICTS, "wrong laws", "coverage", "median error", "median s")
    note = (
        "coverage: share of nominal 95 % intervals of exact answers that hold the truth; median error: of those "
        "coefficients, relative; wrong laws: answers called a law without the exact terms."
    )
    tables = (Table("Laws of second order from positions alone", columns, tuple(rows), note), failures(records))
    return tuple(table for table in tables if table.rows)


def _cells(mine: list[Record | None]) -> tuple[str, ...]:
    done = answered(mine)
    exact = [record for record in done if record["exact"]]
    inside = [held for record in exact for held in record["inside"]]
    wrong = sum(record["verdict"] == "law" and not record["exact"] for record in done)
    return (
        count(mine, lambda record: record["exact"]),
        *(str(sum(record["verdict"] == word for record in done)) for word in VERDICTS),
        str(wrong),
        percent(sum(inside), len(inside)),
        middle(exact, "error"),
        middle(mine, "seconds"),
    )


def motion_case(number: int, noise: float, seed: int) -> Record:
    """Search one recording, and compare with the truth."""
    import discover
    from discover.expr import parse, simplify

    one = MOVERS[number]
    names = (*one.law, "t")
    library = discover.TimeDerivatives(discover.Polynomial(one.degree), tuple(one.law))
    offered = library + discover.Terms(*one.terms) if one.terms else library
    data = recorded(one, noise, seed)
    started = time.perf_counter()
    found = discover.dynamics(data, library=offered, order=2, seed=seed)
    seconds = time.perf_counter() - started
    exact, inside, errors = True, [], []
    for target, terms in one.law.items():
        truth = {simplify(parse(term, names, ("t",))): value for term, value in terms.items()}
        mine = {simplify(term.expr): term for term in found.equations[target].terms}
        exact = exact and mine.keys() == truth.keys()
        for expr in mine.keys() & truth.keys():
            term = mine[expr]
            inside.append(bool(term.low <= truth[expr] <= term.high))
            errors.append(abs(term.value - truth[expr]) / abs(truth[expr]))
    return {
        "exact": exact,
        "inside": inside,
        "error": float(np.median(errors)) if errors else float("nan"),
        "verdict": found.verdict.word,
        "seconds": seconds,
    }


def recorded(one: Mover, noise: float, seed: int) -> dict[str, np.ndarray]:
    """Return time and positions, measured with noise."""
    from discover.expr import parse
    from discover.simulate import VectorField, simulate

    names = (*one.law, "t")
    sides = (" + ".join(f"{value!r}*({term})" for term, value in terms.items()) for terms in one.law.values())
    field_of = VectorField(
        tuple(one.law),
        ("t",),
        tuple(parse(side, names, ("t",)) for side in sides),
        time="t",
        orders=(2,) * len(one.law),
    )
    t = one.step * np.arange(one.n_samples)
    run = simulate(field_of, one.start, t)
    rng = np.random.default_rng([seed, len(one.name), one.n_samples])
    table = {"t": t}
    for name in one.law:
        x = run[name].values
        table[name] = x + noise * np.sqrt(np.mean(x**2)) * rng.standard_normal(len(t))
    return table
