"""For every constraint a law that obeys it, one that does not, and the requirement in words."""

from dataclasses import dataclass
from functools import cache

from discover.data.formulate import formulate
from discover.simulate import generate
from discover.simulate.systems import System


@dataclass(frozen=True)
class Example:
    """A requirement, and a law that keeps it.

    Attributes:
        text: the requirement.
        equations: rates of x, y and z that obey it.
        broken: rates that do not; empty where the requirement is no matter of right-hand sides.
        states: names of the states.
    """

    text: str
    equations: tuple[str, ...] = ("10*(y - x)", "x*(28 - z) - y", "x*y - 2.6666666667*z")
    broken: tuple[str, ...] = ()
    states: tuple[str, ...] = ("x", "y", "z")


TURNING = ("y*z", "-2*x*z", "x*y")
"""Euler's equations of a turning body: they keep x² + y² + z² and volume."""

OSCILLATOR = ("y", "-x", "-0.5*z")
EATING = ("x - 0.5*x*y", "0.3*x*y - 0.8*y", "0.2*y - 0.1*z")

EXAMPLES = {
    "balance": Example("dx/dt + dy/dt == 0", ("y - x", "x - y", "-z"), ("y - x", "x - 2*y", "-z")),
    "known rate": Example("dx/dt == 10*y - 10*x", broken=("9*y - 10*x", "-y", "-z")),
    "coefficient": Example("x'[y] == 10"),
    "sign": Example("y'[x] > 0"),
    "bounds of a coefficient": Example("-3 <= z'[z] <= -2"),
    "tie": Example("x'[x] == -x'[y]"),
    "prior": Example("x'[y] = 10 ± 0.1"),
    "form": Example("dx/dt = s*y - s*x"),
    "open form": Example("dz/dt = x*y + ..."),
    "positive": Example("positive: x, y, z", EATING, ("x - y", "-0.8*y", "-z")),
    "conserve": Example("conserve: x**2 + y**2 + z**2", TURNING, ("y*z", "-x*z", "x*y")),
    "divergence-free": Example("divergence-free", TURNING, ("x", "y", "z")),
    "energy-preserving": Example("energy-preserving: x, y, z", ("y*z - x", "-2*x*z", "x*y - z")),
    "hamiltonian": Example("hamiltonian: (x, y)", ("y", "-x - 0.2*x**2"), (), ("x", "y")),
    "gradient": Example("gradient", ("-x + y", "x - y", "-z"), ()),
    "symmetric": Example("symmetric: (x, y) -> (-x, -y)", broken=("10*(y - x)", "x*(28 - z) - y", "x - z")),
    "even": Example("even: z", ("y - x*z**2", "-y", "x - z**2"), ("z", "-y", "-z")),
    "odd": Example("odd: x, y, z", OSCILLATOR, ("y", "-x", "x**2 - z")),
    "reversible": Example("reversible: (x, y, z) -> (x, -y, z)", ("y", "-x", "x*y"), ("y", "-x", "-z")),
    "translation": Example("translation: x, y", ("y - x", "x - y", "-z"), OSCILLATOR),
    "rotation": Example("rotation: (x, y)", ("y - x", "-x - y", "-z"), ("y", "-2*x", "-z")),
    "scaling": Example("scaling: x = 1, y = 1, z = 1", OSCILLATOR, ("y", "-x", "x*y - z")),
    "galilean": Example("galilean: (x, y)", ("y", "-z", "-0.5*z"), ("2*y", "-z", "-z")),
    "mass-action": Example("mass-action", EATING, ("-y", "-x", "-z")),
    "forced": Example("forced: x*y in dz/dt"),
    "forbidden": Example("forbidden: x**2, y**2"),
    "together": Example("together: x, y in dx/dt", broken=("-x", "x*(28 - z) - y", "x*y - z")),
    "inseparable": Example("inseparable: x, y in dz/dt", broken=("y", "x - y", "x - z")),
    "finite": Example("finite", broken=("10*(y - x)", "x", "1/(x - x)")),
    "bounds": Example("-2000 <= dx/dt <= 2000", broken=("10*(y - x) + 9999", "-y", "-z")),
    "increasing": Example("increasing: dx/dt in y", broken=("-y", "-y", "-z")),
    "decreasing": Example("decreasing: dx/dt in x", broken=("x", "-y", "-z")),
    "convex": Example("convex: dz/dt in x", ("10*(y - x)", "x*(28 - z) - y", "0.1*x**2 - z"), ("y", "x", "-x**2")),
    "concave": Example("concave: dz/dt in x", broken=("y", "x", "x**2")),
    "bounded": Example("bounded", broken=("x", "y", "z")),
}


@cache
def problem_of(states: tuple[str, ...], equations: tuple[str, ...], n_samples: int = 300):
    """Return two trajectories of a law with 1 % of noise."""
    n = len(states)
    system = System("example", states, equations, (0.5, 0.8, 0.6)[:n], 0.03, "made up", (0.2, 0.2, 0.2)[:n])
    return formulate(generate(system, noise=0.01, seed=0, n_samples=n_samples, n_trajectories=2))
