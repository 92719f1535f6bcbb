"""Suggested symmetries: which of a system's own are suggested, and how often one is that it does not have.

Additive Gaussian noise, σ over the root mean square of each clean state. Starts are drawn with the noise.
"""

import time
from dataclasses import dataclass

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, failures, middle

NOISES = (0.01, 0.05, 0.10)
SEEDS, MANY_SEEDS = 4, 20


@dataclass(frozen=True, slots=True)
class Subject:
    """A system, and the symmetries that it has.

    Attributes:
        has: words of which any one, in the words of the grammar, says a symmetry; groups have several spellings.
        low, high: box of the starts.
    """

    name: str
    states: tuple[str, ...]
    equations: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n: int
    dt: float
    runs: int
    has: tuple[tuple[str, ...], ...] = ()
    also: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


HEILES_FLIP = ("symmetric: (x, p) -> (-x, -p)",)
HEILES_TURN = (
    "symmetric: (x, y, p, q) -> (-x/2 - sqrt(3)/2*y, sqrt(3)/2*x - y/2, -p/2 - sqrt(3)/2*q, sqrt(3)/2*p - q/2)",
)
HEILES_BACK = ("reversible: (p, q) -> (-p, -q)", "reversible: (x, q) -> (-x, -q)")
XV = "symmetric: (x, v) -> (-x, -v)"

SUBJECTS = (
    Subject("Lorenz", ("x", "y", "z"), ("10*(y-x)", "x*(28-z)-y", "x*y-8/3*z"), (-10, -10, 20), (10, 10, 30), 1000,
            0.01, 2, (("symmetric: (x, y) -> (-x, -y)",),)),
    Subject("Duffing", ("x", "v"), ("v", "x-x**3-0.1*v"), (-1.5, -1.5), (1.5, 1.5), 250, 0.06, 4, ((XV,),)),
    Subject("pendulum", ("x", "v"), ("v", "-sin(x)"), (-2.5, -0.5), (2.5, 0.5), 250, 0.06, 4,
            ((XV,), ("reversible: x -> -x", "reversible: v -> -v")), (), ("sin(x)",)),
    Subject("Van der Pol", ("x", "v"), ("v", "1.5*(1-x**2)*v-x"), (-2, -2), (2, 2), 250, 0.06, 4, ((XV,),)),
    Subject("Thomas", ("x", "y", "z"), ("sin(y)-0.2*x", "sin(z)-0.2*y", "sin(x)-0.2*z"), (-2, -2, -2), (2, 2, 2), 800,
            0.1, 3, (("symmetric: (x, y, z) -> (y, z, x)",),), ("symmetric: (x, y, z) -> (-x, -y, -z)",),
            ("sin(x)", "sin(y)", "sin(z)")),
    Subject("Hénon-Heiles", ("x", "y", "p", "q"), ("p", "q", "-x-2*x*y", "-y-x**2+y**2"), (-0.3,) * 4, (0.3,) * 4, 500,
            0.1, 4, (HEILES_FLIP, HEILES_TURN, HEILES_BACK)),
    Subject("two coupled springs", ("a", "b", "v", "w"), ("v", "w", "-a-0.5*(a-b)-0.3*a**3", "-b-0.5*(b-a)-0.3*b**3"),
            (-1.5,) * 4, (1.5,) * 4, 250, 0.08, 4,
            (("reversible: (a, b) -> (-a, -b)", "reversible: (v, w) -> (-v, -w)"),
            ("symmetric: (a, b, v, w) -> (b, a, w, v)",)), ("symmetric: (a, b, v, w) -> (-a, -b, -v, -w)",)),
    Subject("Lotka-Volterra", ("x", "y"), ("x-0.5*x*y", "-0.8*y+0.3*x*y"), (1, 1), (4, 3), 250, 0.06, 3),
    Subject("Rössler", ("x", "y", "z"), ("-y-z", "x+0.2*y", "0.2+z*(x-5.7)"), (-5, -5, 0), (5, 5, 0.1), 1000, 0.06, 2),
    Subject("rivals", ("x", "y"), ("x-0.5*x**2-0.3*x*y", "0.8*y-0.4*x*y-0.6*y**2"), (0.2, 0.2), (2.5, 2.5), 150, 0.06,
            5),
    Subject("FitzHugh-Nagumo", ("v", "w"), ("v-v**3/3-w+0.5", "0.08*(v+0.7-0.8*w)"), (-1.5, -1), (1.5, 1.5), 300, 0.3,
            4),
    Subject("Brusselator", ("x", "y"), ("1+x**2*y-4*x", "3*x-x**2*y"), (0.5, 0.5), (3, 4), 300, 0.04, 4),
    Subject("tilted Duffing", ("x", "v"), ("v", "0.15+x-x**3-0.1*v"), (-1.5, -1.5), (1.5, 1.5), 250, 0.06, 4),
    Subject("Duffing in one well", ("x", "v"), ("v", "x-x**3-0.1*v"), (0.7, -0.1), (1.3, 0.1), 250, 0.06, 4),
)  # fmt: skip


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return for every system and noise which symmetries were suggested."""
    seeds = plan.seeds(MANY_SEEDS if plan.full else SEEDS)
    cases = {
        (number, noise, seed): Case(f"{one.name} | noise {noise:g} | seed {seed}", (number, noise, seed))
        for number, one in enumerate(SUBJECTS)
        for noise in NOISES
        for seed in seeds
    }
    cases = {key: case for key, case in cases.items() if plan.only in case.key}
    records = campaign.run("symmetries", symmetry_case, list(cases.values()))
    rows = []
    for number, one in enumerate(SUBJECTS):
        for noise in NOISES:
            mine = answered([records.get(case.key) for key, case in cases.items() if key[:2] == (number, noise)])
            if mine:
                found, n = sum(record["found"] for record in mine), len(one.has) * len(mine)
                cells = (f"{found} of {n}" if n else "none to find", str(sum(record["false"] for record in mine)))
                untold, seconds = sum(record["untold"] for record in mine), middle(mine, "seconds")
                rows.append((one.name, f"{100 * noise:g} %", *cells, str(untold), seconds))
    columns = ("system", "noise", "found", "false", "not told", "median s")
    note = (
        "found: its own symmetries that are suggested; false: suggestions that it does not have; not told: said to be "
    )
    note += "by the law alone; s: seconds of processor time of the whole run."
    tables = (Table("Suggested symmetries", columns, tuple(rows), note), failures(records))
    return tuple(table for table in tables if table.rows)


def measured(one: Subject, noise: float, seed: int) -> dict[str, np.ndarray]:
    """Return noisy trajectories of a system."""
    import discover
    from discover.simulate import VectorField, simulate

    rng, t = np.random.default_rng([seed, round(1000 * noise)]), one.dt * np.arange(one.n)
    law = VectorField(one.states, (), tuple(discover.parse(text, one.states) for text in one.equations))
    runs = [simulate(law, rng.uniform(one.low, one.high), t) for _ in range(one.runs)]
    table = {"run": np.repeat(np.arange(one.runs), one.n), "t": np.tile(t, one.runs)}
    for name in one.states:
        clean = np.concatenate([run[name].values for run in runs])
        table[name] = clean + noise * np.sqrt(np.mean(clean**2)) * rng.standard_normal(len(clean))
    return table


def symmetry_case(number: int, noise: float, seed: int) -> Record:
    """Return what one data set suggests."""
    import discover

    one = SUBJECTS[number]
    library = discover.Polynomial(3 if len(one.states) < 4 else 2)
    library = discover.Polynomial(3) if one.name == "two coupled springs" else library
    library = discover.Polynomial(2) + discover.Terms(*one.terms) if one.terms else library
    data = discover.load(measured(one, noise, seed), time="t", group="run")
    started = time.process_time()
    found = discover.dynamics(data, library=library, seed=seed, n_jobs=1)
    spent = time.process_time() - started
    told = [s.text for s in found.law.suggestions if s.told]
    known = {text for words in one.has for text in words} | set(one.also)
    return {
        "found": sum(any(text in told for text in words) for words in one.has),
        "false": sum(text not in known for text in told),
        "untold": sum(not s.told for s in found.law.suggestions),
        "told": told,
        "word": found.verdict.word,
        "seconds": spent,
    }
