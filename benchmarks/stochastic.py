"""Maps and stochastic equations: are the right terms found, do intervals hold the truth, what do coarse steps cost?

Records are simulated anew for every seed. Noise on maps is sigma / RMS(clean) of each variable. Stochastic
paths are run in steps ten times shorter than they are sampled at.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import discover
from benchmarks.campaign import Campaign, Case
from benchmarks.coverage import EDGES
from benchmarks.metrics import reliability, wilson
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, count, failures, middle, percent
from discover.expr import Library, parse, text
from discover.simulate import VectorField, simulate

Array = np.ndarray
SEEDS, MANY_SEEDS = 8, 60
NOISES = (0.0, 0.01, 0.05)
FINE = 10
"""Steps of the simulation to one sampling interval, besides those that it takes by itself."""


@dataclass(frozen=True, slots=True)
class Known:
    """A map or a stochastic equation that is known.

    Attributes:
        name: what it is called.
        truth: for each left side its terms and their coefficients; of a stochastic equation drift, then g².
        x0: initial state, drawn within a tenth of it.
        n: samples; `n_paths` how many records of that length.
        dt: sampling interval, 1 for maps.
        process: standard deviation of the noise in the steps of a map.
        library: terms on offer, the usual ones where None.
        is_driven: whether an input of random signs acts.
    """

    name: str
    truth: tuple[dict[str, float], ...]
    x0: tuple[float, ...]
    n: int
    dt: float = 1.0
    n_paths: int = 1
    process: float = 0.0
    library: Library | None = None
    is_driven: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple("xyz"[: len(self.x0)]) + (("u",) if self.is_driven else ())

    def side(self, at: int):
        """Return one side of the truth as an expression."""
        written = " + ".join(f"({value!r})*({term})" for term, value in self.truth[at].items())
        return parse(written or f"0*{self.names[0]}", self.names)


MAPS = (
    Known("logistic", ({"x": 3.9, "x**2": -3.9},), (0.3,), 300),
    Known("logistic, period 4", ({"x": 3.5, "x**2": -3.5},), (0.3,), 300),
    Known("logistic, process noise", ({"x": 3.5, "x**2": -3.5},), (0.3,), 300, process=0.01),
    Known("hénon", ({"1": 1.0, "x**2": -1.4, "y": 1.0}, {"x": 0.3}), (0.1, 0.1), 300),
    Known(
        "ricker",
        ({"x*exp(-x)": 14.9},),
        (0.5,),
        300,
        library=discover.Polynomial(2) + discover.Terms("x*exp(-x)"),
    ),
    Known(
        "predator-prey",
        ({"x": 3.4, "x**2": -3.4, "x*y": -2.5}, {"y": 0.2, "x*y": 2.6}),
        (0.4, 0.3),
        300,
        library=discover.Polynomial(2),
    ),
    Known(
        "driven, second order",
        ({"x": 1.5, "y": -0.7, "u": 0.5}, {"x": 1.0}),
        (0.5, 0.5),
        300,
        library=discover.Polynomial(2),
        is_driven=True,
    ),
)

WELL = {"x": 1.0, "x**3": -1.0}
SDES = (
    Known("Ornstein-Uhlenbeck", ({"x": -1.0}, {"1": 0.5}), (0.7,), 4000, 0.05),
    Known("Ornstein-Uhlenbeck, 40 paths", ({"x": -1.0}, {"1": 0.5}), (0.7,), 101, 0.05, n_paths=40),
    Known("double well", (WELL, {"1": 0.25}), (1.0,), 10_000, 0.05),
    Known("double well, steps of 0.2", (WELL, {"1": 0.25}), (1.0,), 5000, 0.2),
    Known("double well, noise by state", (WELL, {"1": 0.2, "x**2": 0.2}), (1.0,), 10_000, 0.05),
    Known("geometric Brownian motion", ({"x": 0.3}, {"x**2": 0.04}), (1.0,), 2500, 0.02),
    Known(
        "noisy van der Pol",
        ({"y": 1.0}, {"x": -1.0, "y": 1.0, "x**2*y": -1.0}, {"1": 0.04}, {"1": 0.25}),
        (1.0, 0.5),
        10_000,
        0.02,
    ),
    Known("Brownian motion", ({}, {"1": 1.0}), (0.1,), 4000, 0.05),
)


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return what was found of maps and of stochastic equations, how intervals cover, and what steps cost."""
    seeds = plan.seeds(MANY_SEEDS if plan.full else SEEDS)
    groups = {
        (known.name, noise): [Case(f"{known.name} | {noise:g} | {seed}", (known, noise, seed)) for seed in seeds]
        for known in (*MAPS, *SDES)
        for noise in (NOISES if known.dt == 1.0 and not known.process else (0.0,))
    }
    groups = {group: [case for case in cases if plan.only in case.key] for group, cases in groups.items()}
    records = campaign.run("stochastic", find, [case for cases in groups.values() for case in cases])
    is_map = {known.name for known in MAPS}
    some = {group: [records.get(case.key) for case in cases] for group, cases in groups.items() if cases}
    tables = (
        _table("Maps, 300 samples", {g: r for g, r in some.items() if g[0] in is_map}),
        _table("Stochastic equations", {g: r for g, r in some.items() if g[0] not in is_map}),
        _probabilities(answered(records.values())),
        steps(seeds[: len(seeds) if plan.full else 4]) if not plan.only else Table("", (), ()),
        failures(records),
    )
    return tuple(table for table in tables if table.rows)


def record_of(known: Known, noise: float, seed: int) -> dict[str, Array]:
    """Return one measured record as columns, with the number of each path where there are several."""
    rng = np.random.default_rng([seed, 71])
    d = len(known.x0)
    if known.dt == 1.0:
        X = _iterated(known, rng)
        columns = {"t": np.arange(known.n), **dict(zip(known.names, X, strict=True))}
        for name in known.names[:d]:
            sigma = noise * np.sqrt(np.mean(columns[name] ** 2))
            columns[name] = columns[name] + sigma * rng.standard_normal(known.n)
        return columns
    sides = [known.side(at) for at in range(2 * d)]
    field = VectorField(known.names, (), tuple(sides[:d]), kind="stochastic", squares=tuple(sides[d:]))
    t = np.arange((known.n - 1) * FINE + 1) * (known.dt / FINE)
    x0 = np.array(known.x0) * rng.uniform(0.9, 1.1, d)
    paths = simulate(field, x0, t, seed=seed, n_paths=known.n_paths)
    found = {name: paths[name].values.reshape(known.n_paths, -1)[:, ::FINE].ravel() for name in known.names}
    columns = {"t": np.tile(t[::FINE], known.n_paths), **found}
    return columns | ({"path": np.repeat(np.arange(known.n_paths), known.n)} if known.n_paths > 1 else {})


def _iterated(known: Known, rng: np.random.Generator, waiting: int = 50) -> Array:
    """Return the values of a map after a transient, and its input, shape (n_variables, n)."""
    from discover.expr import compile_program

    d = len(known.x0)
    program = compile_program([known.side(at) for at in range(d)], len(known.names))
    u = rng.choice([-1.0, 1.0], (len(known.names) - d, known.n + waiting))
    X = np.empty((d, known.n + waiting))
    X[:, 0] = np.array(known.x0) * rng.uniform(0.9, 1.1, d)
    for k in range(known.n + waiting - 1):
        after = program.evaluate(np.concatenate([X[:, k], u[:, k]])[:, None])[:, 0]
        X[:, k + 1] = after + known.process * rng.standard_normal(d)
    return np.concatenate([X, u])[:, waiting:]


def find(known: Known, noise: float, seed: int) -> Record:
    """Find a known law in a fresh record, and return what was found beside the truth."""
    columns = record_of(known, noise, seed)
    options = {"inputs": ["u"]} if known.is_driven else {"group": "path"} if known.n_paths > 1 else {}
    data = discover.load(columns, time="t", **options)
    form = discover.Map() if known.dt == 1.0 else discover.Stochastic()
    started = time.perf_counter()
    found = discover.dynamics(data, form=form, library=known.library, seed=seed, n_jobs=1)
    seconds = time.perf_counter() - started
    terms, exact = [], []
    for equation, truth in zip(found.law.all_equations, known.truth, strict=True):
        mine = {text(term.expr, equation.names): term for term in equation.terms}
        true = {text(parse(name, known.names), known.names): value for name, value in truth.items()}
        exact.append(set(mine) == set(true))
        terms += [
            {"low": term.low, "high": term.high, "true": true.get(name, 0.0), "inclusion": term.inclusion}
            for name, term in mine.items()
        ]
    d = len(known.x0)
    return {
        "exact": all(exact),
        "exact_first": all(exact[:d]),
        "terms": terms,
        "verdict": found.verdict.word,
        "estimator": found.law.estimator,
        "seconds": round(seconds, 3),
    }


def _table(title: str, groups: dict[tuple[str, float], list[Record | None]]) -> Table:
    rows = []
    for (name, noise), records in groups.items():
        done = answered(records)
        inside = [t["low"] <= t["true"] <= t["high"] for r in done if r["exact"] for t in r["terms"]]
        low, high = wilson(sum(inside), len(inside))
        words = "/".join(str(sum(r["verdict"] == word for r in done)) for word in ("law", "several", "none"))
        false = sum(r["verdict"] == "law" and not r["exact"] for r in done)
        rows.append(
            (
                name,
                f"{100 * noise:g} %",
                count(records, lambda r: r["exact_first"]),
                count(records, lambda r: r["exact"]),
                words,
                str(false),
                f"{percent(sum(inside), len(inside))} [{100 * low:.0f}, {100 * high:.0f}]" if inside else "–",
                middle(records, "seconds"),
            )
        )
    columns = ("system", "noise", "f exact", "all exact", "law/several/none", "wrong law", "95 % intervals", "median s")
    note = "f: the map, or the drift; all: with the diffusion. Intervals: share that holds the truth, of exact answers."
    return Table(title, columns, tuple(rows), note)


def _probabilities(done: list[Record]) -> Table:
    labelled = [(t["inclusion"], t["true"] != 0.0) for r in done for t in r["terms"] if t["inclusion"] is not None]
    rows = [
        (f"{low:g}-{high:g}", str(n), f"{mean:.3f}", f"{share:.3f}")
        for low, high, n, mean, share in reliability(labelled, EDGES)
    ]
    columns = ("stated between", "terms", "mean stated", "share true")
    return Table("Do the probabilities of terms mean what they say?", columns, tuple(rows))


STEPS = (0.02, 0.05, 0.1, 0.2, 0.4)


def steps(seeds: Sequence[int], lengths: Sequence[float] = STEPS, duration: float = 1000.0) -> Table:
    """Return by how much coarse sampling biases a double well's coefficients, by Euler's rule and by ours."""
    from discover.data.formulate import formulate
    from discover.inference.increments import fit_increments

    names = ("x", "x**3", "1")
    rows = []
    for dt in lengths:
        known = Known("double well", (WELL, {"1": 0.25}), (1.0,), int(duration / dt), dt)
        euler, ours = [], []
        for seed in seeds:
            columns = record_of(known, 0.0, seed)
            problem = formulate(discover.load(columns, time="t"), discover.Stochastic())
            fit = fit_increments(
                problem,
                [([parse(n, ["x"]) for n in names[:2]], (1.0, -1.0))],
                [([parse("1", ["x"])], (0.25,))],
                np.zeros(1),
            )
            ours.append([*fit.drift[0].value, *fit.squared[0].value])
            x, change = columns["x"][:-1], np.diff(columns["x"])
            theta = np.array([x, x**3])
            c = np.linalg.lstsq(theta.T, change / dt, rcond=None)[0]
            euler.append([*c, np.mean((change - dt * c @ theta) ** 2) / dt])
        rows.append((f"{dt:g}", *_shown(euler), *_shown(ours)))
    columns = ("step", *(f"Euler: {n}" for n in ("x", "x³", "g²")), *(f"ours: {n}" for n in ("x", "x³", "g²")))
    note = f"Mean over {len(seeds)} records of duration {duration:g} ± its standard error; the truth is 1, -1 and 0.25."
    return Table("What coarse steps cost: a double well with its true terms", columns, tuple(rows), note)


def _shown(values: list[list[float]]) -> list[str]:
    found = np.array(values)
    errors = found.std(axis=0, ddof=1) / np.sqrt(len(found)) if len(found) > 1 else np.full(found.shape[1], np.nan)
    return [f"{mean:.3f} ± {error:.3f}" for mean, error in zip(found.mean(axis=0), errors, strict=True)]
