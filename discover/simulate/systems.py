"""Known systems, for tests and for teaching.

To add a system, write one `System` below and name it in `SYSTEMS`; the contract test runs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.errors import SettingError, did_you_mean
from discover.expr import Expr, constant, evaluate, parse, substitute, variable
from discover.simulate.field import VectorField

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class System:
    """A law that is known: what is simulated, and what should be found again.

    Attributes:
        name: what it is called in `SYSTEMS`.
        states: names of the states.
        equations: text of each state's time derivative, in states, inputs and parameters.
        x0: a usual initial state.
        dt: a usual sampling interval, 50 to 100 samples a period.
        parameters: name and value of each parameter.
        inputs: names of what drives it from outside.
        input_period: typical period of the inputs.
        spread: how far other initial states may lie from x0, per state; zero where they may not.
        burn_in: time to wait before the first sample, until the attractor is reached.
        source: where the equations and numbers come from.
    """

    name: str
    states: tuple[str, ...]
    equations: tuple[str, ...]
    x0: tuple[float, ...]
    dt: float
    source: str
    spread: tuple[float, ...]
    parameters: tuple[tuple[str, float], ...] = ()
    inputs: tuple[str, ...] = ()
    input_period: float = 1.0
    burn_in: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """Every variable of the equations: states first, then inputs."""
        return self.states + self.inputs

    def expressions(self) -> tuple[Expr, ...]:
        """Return the right-hand sides over `names`, the parameters' numbers put in, one per state.

        >>> SYSTEMS["lotka-volterra"].expressions()[0]
        Expr(1*x0 - 0.5*x0*x1)
        """
        names = [*self.names, *(name for name, _ in self.parameters)]
        leaves = [variable(i) for i in range(len(self.names))] + [constant(value) for _, value in self.parameters]
        return tuple(substitute(parse(text, names), leaves) for text in self.equations)

    def field(self) -> VectorField:
        """Return the right-hand sides as `simulate` takes them."""
        return VectorField(self.states, self.inputs, self.expressions())

    def true_terms(self, library: Sequence[Expr]) -> Array:
        """Return the true coefficients Xi, shape (n_terms, n_states), of a library over `names`.

        Raises SettingError where the library cannot express the law.

        >>> from discover.expr import variable
        >>> oscillator = SYSTEMS["harmonic oscillator"]
        >>> oscillator.true_terms([variable(0), variable(1)])
        array([[ 0., -1.],
               [ 1.,  0.]])
        """
        rng = np.random.default_rng(0)
        X = rng.uniform(-1.0, 1.0, (len(self.names), 8 * len(library) + 32))
        Theta = np.column_stack([evaluate(term, X) * np.ones(X.shape[1]) for term in library])
        X_dot = np.column_stack([evaluate(rhs, X) * np.ones(X.shape[1]) for rhs in self.expressions()])
        scale = np.sqrt(np.mean(Theta**2, axis=0))
        scaled, *_ = np.linalg.lstsq(Theta / scale, X_dot, rcond=None)
        largest = np.abs(X_dot).max(axis=0)
        for state, error in zip(self.states, np.abs(Theta / scale @ scaled - X_dot).max(axis=0) / largest, strict=True):
            if not error < 1e-8:
                raise SettingError(
                    f'the library of {len(library)} terms cannot express {state}′ of "{self.name}": '
                    f"it misses by {error:.0e} of its size; add the missing terms."
                )
        Xi = np.where(np.abs(scaled) < 1e-9 * largest, 0.0, scaled) / scale[:, None]
        return np.array([float(f"{value:.10g}") for value in Xi.ravel()]).reshape(Xi.shape)


LORENZ = System(
    name="lorenz",
    states=("x", "y", "z"),
    equations=("sigma*(y - x)", "x*(rho - z) - y", "x*y - beta*z"),
    parameters=(("sigma", 10.0), ("rho", 28.0), ("beta", 8 / 3)),
    x0=(-8.0, 7.0, 27.0),
    spread=(8.0, 8.0, 8.0),
    dt=0.01,
    burn_in=2.0,
    source="E. N. Lorenz, J. Atmos. Sci. 20 (1963) 130, doi:10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2",
)

ROSSLER = System(
    name="rossler",
    states=("x", "y", "z"),
    equations=("-y - z", "x + a*y", "b + z*(x - c)"),
    parameters=(("a", 0.2), ("b", 0.2), ("c", 5.7)),
    x0=(-5.0, -3.0, 0.05),
    spread=(2.0, 2.0, 0.04),
    dt=0.06,
    burn_in=20.0,
    source="O. E. Rössler, Phys. Lett. A 57 (1976) 397, doi:10.1016/0375-9601(76)90101-8",
)

VAN_DER_POL = System(
    name="van der pol",
    states=("x", "y"),
    equations=("y", "mu*(1 - x**2)*y - x"),
    parameters=(("mu", 2.0),),
    x0=(2.0, 0.0),
    spread=(1.5, 2.0),
    dt=0.05,
    source="B. van der Pol, Phil. Mag. 2 (1926) 978, doi:10.1080/14786442608564127",
)

LOTKA_VOLTERRA = System(
    name="lotka-volterra",
    states=("prey", "predator"),
    equations=("a*prey - b*prey*predator", "d*prey*predator - c*predator"),
    parameters=(("a", 1.0), ("b", 0.5), ("c", 0.8), ("d", 0.3)),
    x0=(4.0, 1.5),
    spread=(2.0, 1.0),
    dt=0.1,
    source="V. Volterra, Nature 118 (1926) 558, doi:10.1038/118558a0",
)

PENDULUM = System(
    name="pendulum",
    states=("theta", "omega"),
    equations=("omega", "-g_over_l*sin(theta) - c*omega"),
    parameters=(("g_over_l", 9.81), ("c", 0.1)),
    x0=(2.0, 0.0),
    spread=(0.5, 1.0),
    dt=0.02,
    source="C. Huygens, Horologium Oscillatorium (1673); damped",
)

FORCED_OSCILLATOR = System(
    name="forced oscillator",
    states=("x", "v"),
    equations=("v", "-k*x - c*v + b*u"),
    parameters=(("k", 4.0), ("c", 0.3), ("b", 1.5)),
    inputs=("u",),
    input_period=3.0,
    x0=(1.0, 0.0),
    spread=(1.0, 1.0),
    dt=0.04,
    source="Lord Rayleigh, The Theory of Sound I (1877), §46",
)

HOPF = System(
    name="hopf",
    states=("x", "y"),
    equations=("mu*x - omega*y - a*x*(x**2 + y**2)", "omega*x + mu*y - a*y*(x**2 + y**2)"),
    parameters=(("mu", 0.3), ("omega", 1.0), ("a", 1.0)),
    x0=(1.5, 0.0),
    spread=(0.8, 0.8),
    dt=0.08,
    source="E. Hopf, Ber. Math.-Phys. Kl. Sächs. Akad. Wiss. Leipzig 94 (1942) 1; normal form",
)

HARMONIC_OSCILLATOR = System(
    name="harmonic oscillator",
    states=("x", "v"),
    equations=("v", "-k*x"),
    parameters=(("k", 1.0),),
    x0=(1.0, 0.0),
    spread=(1.0, 1.0),
    dt=0.1,
    source="R. Hooke, De Potentia Restitutiva (1678)",
)

FITZHUGH_NAGUMO = System(
    name="fitzhugh-nagumo",
    states=("v", "w"),
    equations=("v - v**3/3 - w + current", "epsilon*(v + a - b*w)"),
    parameters=(("current", 0.5), ("epsilon", 0.08), ("a", 0.7), ("b", 0.8)),
    x0=(-1.0, 1.0),
    spread=(1.0, 0.8),
    dt=0.4,
    source="R. FitzHugh, Biophys. J. 1 (1961) 445, doi:10.1016/S0006-3495(61)86902-6",
)

LOGISTIC = System(
    name="logistic growth",
    states=("n",),
    equations=("r*n*(1 - n/k)",),
    parameters=(("r", 1.0), ("k", 10.0)),
    x0=(0.2,),
    spread=(0.15,),
    dt=0.1,
    source="P.-F. Verhulst, Corresp. math. phys. 10 (1838) 113",
)


def lorenz96(n: int = 10, forcing: float = 8.0) -> System:
    """Return Lorenz's 1996 model of weather on a circle of latitude, with n ≥ 4 states.

    >>> lorenz96(5).equations[0]
    '(x1 - x3)*x4 - x0 + forcing'
    """
    if n < 4:
        raise SettingError(f"lorenz96 needs at least 4 states, not {n}: each is coupled to three others.")
    return System(
        name=f"lorenz96({n})",
        states=tuple(f"x{i}" for i in range(n)),
        equations=tuple(f"(x{(i + 1) % n} - x{(i - 2) % n})*x{(i - 1) % n} - x{i} + forcing" for i in range(n)),
        parameters=(("forcing", forcing),),
        x0=tuple(forcing + (0.5 if i == 0 else 0.0) for i in range(n)),
        spread=(1.0,) * n,
        dt=0.01,
        burn_in=8.0,
        source="E. N. Lorenz, Proc. ECMWF Seminar on Predictability 1 (1996) 1",
    )


SYSTEMS: dict[str, System] = {
    system.name: system
    for system in (
        LORENZ,
        ROSSLER,
        VAN_DER_POL,
        LOTKA_VOLTERRA,
        PENDULUM,
        FORCED_OSCILLATOR,
        HOPF,
        HARMONIC_OSCILLATOR,
        FITZHUGH_NAGUMO,
        LOGISTIC,
    )
}


def known_system(name: str) -> System:
    """Return the known system of that name; raises SettingError with the nearest name where there is none.

    >>> known_system("lorenz").states
    ('x', 'y', 'z')
    """
    if name not in SYSTEMS:
        raise SettingError(f'no known system is called "{name}".{did_you_mean(name, SYSTEMS)}')
    return SYSTEMS[name]
