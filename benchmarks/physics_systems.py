"""The systems of `physics`: what is measured of them, what is required, and what is false of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray

G = 1.985e-29
"""The constant of gravity in AU³/(kg yr²)."""

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
        draw: makes the data, (noise, seed), where they are not those of a `System`.
        inputs: names of what has no equation.
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
    draw: Callable[[float, int], Any] | None = None
    inputs: tuple[str, ...] = ()

    def data(self, noise: float, seed: int):
        """Return trajectories, or a field, with noise σ = noise · RMS of each clean state."""
        from discover.simulate import generate
        from discover.simulate.systems import System

        if self.draw is not None:
            return self.draw(noise, seed)
        system = System(self.name, self.states, self.equations, self.x0, self.dt, "see this file", self.spread)
        return generate(system, noise=noise, seed=seed, n_samples=self.n_samples, n_trajectories=self.n_trajectories)

    def library(self):
        """Return the terms on offer; of a field its powers with their derivatives."""
        from discover import Polynomial, Terms

        if self.is_field:
            from discover.expr import Derivatives

            return Derivatives(Polynomial(self.degree), 3)
        return Polynomial(self.degree) + Terms(*self.terms) if self.terms else Polynomial(self.degree)

    @property
    def is_field(self) -> bool:
        """Whether it is a law over x."""
        return any('"x"' in text for text in self.equations)

    @property
    def truth(self) -> dict[str, dict]:
        """The true coefficient of every term, by state."""
        from discover.expr import parse
        from discover.expr.expansion import expand, monomial_expr

        names = (*self.states, *self.inputs)
        every = {}
        for name, text in zip(self.states, self.equations, strict=True):
            terms = expand(parse(text, names, ("t", "x") if self.is_field else ())).items()
            every[name] = {monomial_expr(key): value for key, value in terms}
        return every


COLUMNS = ("x [au]", "y [au]", "u [au/yr]", "v [au/yr]")


def orbits(noise: float, seed: int) -> Any:
    """Return two orbits about stars of other masses (kg), lengths in AU and times in years."""
    import pandas as pd
    from scipy.integrate import solve_ivp

    import discover

    rng = np.random.default_rng([seed, 11])
    t, tables = np.arange(120) * 0.02, []
    for run, mass in enumerate(rng.uniform(1.0e30, 4.0e30, 2)):
        pull, r = G * mass, rng.uniform(0.8, 1.2)
        start = [r, 0.0, 0.0, np.sqrt(pull / r) * rng.uniform(0.8, 1.1)]
        path = solve_ivp(lambda _, s, k=pull: _falling(s, k), (0.0, t[-1]), start, t_eval=t, rtol=1e-10, atol=1e-12)
        tables.append(
            pd.DataFrame({"run": run, "t [yr]": t, **dict(zip(COLUMNS, path.y, strict=True)), "M [kg]": mass})
        )
    table = pd.concat(tables, ignore_index=True)
    for name in COLUMNS:
        table[name] += noise * np.sqrt(np.mean(table[name] ** 2)) * rng.standard_normal(len(table))
    return discover.load(table, time="t", group="run", inputs=["M"])


def _falling(state: Array, pull: float) -> Array:
    x, y, u, v = state
    cube = (x * x + y * y) ** 1.5
    return np.array([u, v, -pull * x / cube, -pull * y / cube])


def solitons(noise: float, seed: int) -> Any:
    """Return a movie of two waves that pass through each other: the exact solution of u_t = -6 u u_x - u_xxx."""
    import discover

    rng = np.random.default_rng([seed, 12])
    t, x = np.linspace(0.0, 5.0, 160), np.linspace(-12.0, 14.0, 260)
    low, tall = rng.uniform(0.8, 1.1), rng.uniform(1.4, 1.7)
    T, X = t[:, None], x[None, :]
    a, b = np.exp(low * X - low**3 * T), np.exp(tall * (X + rng.uniform(5.0, 7.0)) - tall**3 * T)
    both = ((low - tall) / (low + tall)) ** 2 * a * b
    F = 1.0 + a + b + both
    slope = (low * a + tall * b + (low + tall) * both) / F
    u = 2.0 * ((low**2 * a + tall**2 * b + (low + tall) ** 2 * both) / F - slope**2)
    u += noise * np.sqrt(np.mean(u**2)) * rng.standard_normal(u.shape)
    return discover.load({"t": t, "x": x, "u": u}, space="x")


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
    Subject(
        "kepler, masses and units, angular momentum",
        ("x", "y", "u", "v"),
        ("u", "v", f"-{G:.6g}*M*x/(x**2 + y**2)**1.5", f"-{G:.6g}*M*y/(x**2 + y**2)**1.5"),
        (),
        (),
        0.02,
        120,
        2,
        1,
        ("d(x)/dt == u", "d(y)/dt == v", "conserve: x*v - y*u"),
        ("d(x)/dt == u", "d(y)/dt == v", "forbidden: M*x/(x**2 + y**2)**1.5 in d(u)/dt"),
        tuple(f"{by}{at}/(x**2 + y**2){power}" for by in ("", "M*") for at in "xy" for power in ("", "**1.5")),
        orbits,
        ("M",),
    ),
    Subject(
        "korteweg-de vries, its total",
        ("u",),
        ('-3*D(u**2, "x", 1) - D(u, "x", 3)',),
        (),
        (),
        0.03,
        160,
        1,
        3,
        ("conserve: u",),
        ('forbidden: D(u, "x", 3)',),
        draw=solitons,
    ),
)
