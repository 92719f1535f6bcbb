"""Conserved quantities: are those of known systems found, and is none claimed where nothing is conserved?

Every draw has parameters and starts of its own. A case is exact where as many quantities are found as there are, made
of no other terms than the true ones, and every true one is a function of those found: its gradient lies in their span
to 2 % at states of the data (5 % at 5 % of noise). Noise is additive and white, σ over the root mean square of each
clean state.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import count, failures, middle
from discover.expr import Expr, compile_program, differentiate, parse, text

NOISES = (0.001, 0.01, 0.05)
SEEDS, MORE_SEEDS = 4, 20
Array = np.ndarray
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Drawn:
    """One draw: the law, where trajectories start, and what they conserve as lists of (coefficient, term)."""

    states: tuple[str, ...]
    equations: tuple[str, ...]
    starts: Array
    dt: float
    n_samples: int
    truth: tuple[tuple[tuple[float, str], ...], ...] = ()
    terms: tuple[str, ...] = ()


def pendulum(rng: Rng, damping: float = 0.0) -> Drawn:
    """Return swings of different width, of a pendulum whose frequency is drawn."""
    g = rng.uniform(4.0, 12.0)
    starts = np.column_stack([rng.uniform(0.8, 2.6, 4), rng.uniform(-1.0, 1.0, 4)])
    truth = (((1.0, "omega**2"), (-2.0 * g, "cos(theta)")),)
    law = ("omega", f"-{g}*sin(theta) - {damping}*omega")
    return Drawn(("theta", "omega"), law, starts, 0.06 / np.sqrt(g), 300, () if damping else truth)


def chain(rng: Rng, n: int) -> Drawn:
    """Return n equal masses between walls, joined by linear springs: every mode has an energy of its own."""
    k, c = rng.uniform(0.5, 1.5), rng.uniform(0.3, 1.0)
    K = np.diag([k + 2 * c] * n) - c * (np.eye(n, k=1) + np.eye(n, k=-1))
    x, p = [f"x{i + 1}" for i in range(n)], [f"p{i + 1}" for i in range(n)]
    rates = [" + ".join(f"({-K[i, j]})*{x[j]}" for j in range(n) if K[i, j]) for i in range(n)]
    modes = np.linalg.eigh(K)
    truth = tuple(
        tuple(
            (float(m[i] * m[j] * size * (1 if i == j else 2)), f"{v[i]}*{v[j]}" if i != j else f"{v[i]}**2")
            for v, size in ((p, 1.0), (x, w2))
            for i in range(n)
            for j in range(i, n)
            if abs(m[i] * m[j]) > 1e-12
        )
        for w2, m in zip(modes[0], modes[1].T, strict=True)
    )
    return Drawn((*x, *p), (*p, *rates), rng.normal(0.0, 0.7, (5, 2 * n)), 0.12, 300, truth)


def henon_heiles(rng: Rng) -> Drawn:
    """Return orbits at energies of about 0.03 to 0.12."""
    starts = rng.uniform(-0.3, 0.3, (4, 4)) * np.array([[1.0], [1.2], [0.8], [1.1]])
    truth = ((1.0, "x**2"), (1.0, "y**2"), (1.0, "p**2"), (1.0, "q**2"), (2.0, "x**2*y"), (-2 / 3, "y**3"))
    return Drawn(("x", "y", "p", "q"), ("p", "q", "-x - 2*x*y", "-y - x**2 + y**2"), starts, 0.1, 500, (truth,))


def lotka_volterra(rng: Rng) -> Drawn:
    """Return cycles of different size."""
    a, b, c, d = rng.uniform([0.7, 0.3, 0.5, 0.2], [1.3, 0.7, 1.1, 0.5])
    starts = np.column_stack([rng.uniform(0.8, 2.2, 4) * c / d, rng.uniform(0.7, 1.8, 4) * a / b])
    truth = ((d, "x"), (-c, "log(x)"), (b, "y"), (-a, "log(y)"))
    return Drawn(("x", "y"), (f"{a}*x - {b}*x*y", f"{d}*x*y - {c}*y"), starts, 0.1, 300, (truth,))


def epidemic(rng: Rng) -> Drawn:
    """Return outbreaks that leave part of the people untouched: the sum, and S + I - γ/β log S."""
    beta, gamma = rng.uniform(0.5, 0.8), rng.uniform(0.25, 0.4)
    starts = np.column_stack([rng.uniform(0.8, 1.2, 4), rng.uniform(0.05, 0.2, 4), rng.uniform(0.0, 0.4, 4)])
    truth = (((1.0, "S"), (1.0, "I"), (1.0, "R")), ((1.0, "S"), (1.0, "I"), (-gamma / beta, "log(S)")))
    law = (f"-{beta}*S*I", f"{beta}*S*I - {gamma}*I", f"{gamma}*I")
    return Drawn(("S", "I", "R"), law, starts, 0.25, 150, truth)


def kepler(rng: Rng) -> Drawn:
    """Return orbits of eccentricity up to about 0.5: energy and angular momentum; 1/r has to be offered."""
    r, angle = rng.uniform(0.8, 1.3, 4), rng.uniform(0.0, 2 * np.pi, 4)
    speed = rng.uniform(0.8, 1.2, 4) / np.sqrt(r) * rng.choice([-1.0, 1.0], 4)
    starts = np.column_stack([r * np.cos(angle), r * np.sin(angle), -speed * np.sin(angle), speed * np.cos(angle)])
    inverse = "1/sqrt(x**2 + y**2)"
    truth = (((1.0, "u**2"), (1.0, "v**2"), (-2.0, inverse)), ((1.0, "x*v"), (-1.0, "y*u")))
    law = ("u", "v", "-x/(x**2 + y**2)**1.5", "-y/(x**2 + y**2)**1.5")
    return Drawn(("x", "y", "u", "v"), law, starts, 0.05, 400, truth, (inverse,))


def rigid_body(rng: Rng) -> Drawn:
    """Return a free body that turns: energy and the square of the angular momentum."""
    i1, i2, i3 = np.sort(rng.uniform(1.0, 3.0, 3)) + np.array([0.0, 0.4, 0.8])
    law = (f"{(i2 - i3) / i1}*b*c", f"{(i3 - i1) / i2}*a*c", f"{(i1 - i2) / i3}*a*b")
    squares = ("a**2", "b**2", "c**2")
    truth = tuple(tuple(zip(size, squares, strict=True)) for size in ((i1, i2, i3), (i1**2, i2**2, i3**2)))
    return Drawn(("a", "b", "c"), law, rng.normal(0.0, 1.0, (4, 3)), 0.15, 300, truth)


def lorenz(rng: Rng) -> Drawn:
    """Return chaos on the attractor."""
    rho = rng.uniform(26.0, 35.0)
    starts = rng.uniform([-8.0, -8.0, 20.0], [8.0, 8.0, 30.0], (3, 3))
    return Drawn(("x", "y", "z"), ("10*(y - x)", f"x*({rho} - z) - y", f"x*y - {8 / 3}*z"), starts, 0.01, 1000)


def rossler(rng: Rng) -> Drawn:
    """Return chaos on the attractor."""
    c = rng.uniform(4.5, 6.5)
    starts = np.column_stack([rng.uniform(-5.0, 5.0, 3), rng.uniform(-5.0, 5.0, 3), rng.uniform(0.02, 0.06, 3)])
    return Drawn(("x", "y", "z"), ("-y - z", "x + 0.2*y", f"0.2 + z*(x - {c})"), starts, 0.06, 1000)


def van_der_pol(rng: Rng) -> Drawn:
    """Return the way to a limit cycle, and the cycle."""
    mu = rng.uniform(0.5, 2.5)
    return Drawn(("x", "y"), ("y", f"{mu}*(1 - x**2)*y - x"), rng.uniform(-2.0, 2.0, (3, 2)), 0.05, 400)


def driven(rng: Rng) -> Drawn:
    """Return Duffing's oscillator, driven and damped, whose phase is not measured."""
    starts = np.column_stack([rng.uniform(-1.0, 1.0, (3, 2)), np.zeros(3)])
    law = ("v", f"x - x**3 - 0.25*v + {rng.uniform(0.3, 0.45)}*cos(s)", "1")
    return Drawn(("x", "v", "s"), law, starts, 0.05, 800)


def walk(rng: Rng) -> Drawn:
    """Return no law at all: sums of independent steps."""
    return Drawn(("x", "y", "z"), (), rng.normal(0.0, 1.0, (4, 3)), 0.1, 400)


DRAWS: dict[str, Callable[[Rng], Drawn]] = {
    "pendulum": pendulum,
    "chain of 2 masses": lambda rng: chain(rng, 2),
    "chain of 3 masses": lambda rng: chain(rng, 3),
    "henon-heiles": henon_heiles,
    "lotka-volterra": lotka_volterra,
    "epidemic": epidemic,
    "kepler": kepler,
    "rigid body": rigid_body,
    "none: lorenz": lorenz,
    "none: rossler": rossler,
    "none: pendulum damped by 0.05": lambda rng: pendulum(rng, 0.05),
    "none: pendulum damped by 0.3": lambda rng: pendulum(rng, 0.3),
    "none: van der pol": van_der_pol,
    "none: driven duffing": driven,
    "none: random walk": walk,
}


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return how often each system's quantities are found, and what is claimed where nothing is conserved."""
    seeds = plan.seeds(MORE_SEEDS if plan.full else SEEDS)
    cases = [
        Case(f"{name} | noise {noise:g} | seed {seed}", (name, noise, seed))
        for name in DRAWS
        for noise in NOISES
        for seed in seeds
    ]
    cases = [case for case in cases if plan.only in case.key]
    records = campaign.run("conserved", searched, cases)
    rows = []
    for name in DRAWS:
        for noise in NOISES:
            mine = [records.get(case.key) for case in cases if case.arguments[:2] == (name, noise)]
            if mine:
                words = [count(mine, lambda one, word=word: one["verdict"] == word) for word in ("law", "several")]
                exact = count(mine, lambda one: one["exact"])
                rows.append((name, f"{noise:g}", exact, *words, middle(mine, "seconds")))
    columns = ("system", "noise", "exact", '"law"', '"several"', "median s")
    note = "Where nothing is conserved, exact means that nothing was claimed."
    return (Table("Conserved quantities", columns, tuple(rows), note), failures(records))


def searched(name: str, noise: float, seed: int) -> Record:
    """Draw one system, look for what it conserves, and return whether that is right."""
    import discover

    drawn = DRAWS[name](np.random.default_rng([seed, list(DRAWS).index(name)]))
    clean = _trajectories(drawn, seed)
    rng = np.random.default_rng([seed, 99, NOISES.index(noise)])
    sigma = noise * np.sqrt(np.mean(np.concatenate(clean, axis=1) ** 2, axis=1, keepdims=True))
    t = drawn.dt * np.arange(drawn.n_samples)
    runs = [
        discover.load(
            {"t": t, **dict(zip(drawn.states, X + sigma * rng.standard_normal(X.shape), strict=True))}, time="t"
        )
        for X in clean
    ]
    started = time.process_time()
    found = discover.conserved(runs, terms=drawn.terms)
    return {
        "verdict": found.verdict.word,
        "exact": is_exact(drawn, [one.expr for one in found.quantities], found, clean, 0.05 if noise > 0.02 else 0.02),
        "found": found.require,
        "seconds": round(time.process_time() - started, 3),
    }


def is_exact(drawn: Drawn, found: list[Expr], answer: object, clean: list[Array], within: float) -> bool:
    """Return whether as many quantities were found as there are, of true terms only, that give every true one."""
    if len(found) != len(drawn.truth):
        return False
    names = drawn.states
    offered = {text(parse(term, names), names) for one in drawn.truth for _, term in one}
    used = {text(term.expr, names) for one in answer.quantities for term in one.equation.terms}  # pyright: ignore[reportAttributeAccessIssue]
    if not used <= offered:
        return False
    truth = [parse(" + ".join(f"({value})*{term}" for value, term in one), names) for one in drawn.truth]
    X = np.concatenate(clean, axis=1)[:, ::7]
    scale = X.std(axis=1)
    mine, its = (np.array([_gradient(one, X) * scale[:, None] for one in some]) for some in (found, truth))
    return not truth or _outside(its, mine) < within


def _outside(its: Array, mine: Array) -> float:
    """Return what share of gradients (n, n_states, n_samples) lies outside the span of others, at worst."""
    q = np.linalg.qr(np.moveaxis(mine, (0, 1, 2), (2, 1, 0)))[0]
    worst = 0.0
    for one in its:
        g = one.T
        left = g - np.einsum("nvk,nk->nv", q, np.einsum("nvk,nv->nk", q, g))
        worst = max(worst, float(np.sqrt(np.sum(left**2) / np.sum(g**2))))
    return worst


def _gradient(one: Expr, X: Array) -> Array:
    return compile_program([differentiate(one, v) for v in range(len(X))], len(X)).evaluate(np.ascontiguousarray(X))


def _trajectories(drawn: Drawn, seed: int) -> list[Array]:
    """Return the clean states of every start, each (n_states, n_samples)."""
    from discover.simulate import VectorField, simulate

    if not drawn.equations:
        steps = np.random.default_rng([seed, 5]).standard_normal((len(drawn.starts), 3, drawn.n_samples))
        return list(np.cumsum(steps, axis=2))
    field = VectorField(drawn.states, (), tuple(parse(side, drawn.states) for side in drawn.equations))
    t = drawn.dt * np.arange(drawn.n_samples)
    runs = [simulate(field, start, t) for start in drawn.starts]
    return [np.array([run[name].values for name in drawn.states]) for run in runs]
