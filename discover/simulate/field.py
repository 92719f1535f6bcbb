"""The right-hand sides of a law, and the way of an ordinary differential equation onto the kernels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator

from discover.equation import Kind, Law
from discover.errors import SettingError
from discover.expr import Expr, compile_program, constant, differentiate
from discover_kernels.integrate import Flow

Array = NDArray[np.float64]

ZERO = constant(0.0)
JUMP = 0.05  # share of an input's range by which a spline may overshoot the two samples that it lies between


@dataclass(frozen=True, slots=True)
class VectorField:
    """The right-hand sides of dx/dt = f(x, u), or of its kin: x″ = f, u_t = f(u, u_x, …), x[n+1] = f.

    Attributes:
        states, inputs: names of x and of u.
        expressions: one right-hand side per state; their variables count states first, then inputs, and
            their D goes along time, then `space`.
        units: unit of every state, then of every input, None where unknown.
        time, time_unit: name and unit of the independent variable.
        space, space_units: names and units of the space coordinates; empty where there are none.
        orders: how often each left side is differentiated by time, 1 or 2; empty for once each.
        kind: "derivative", "map" where the left side is the next value, or "stochastic" for dx = f dt + g dW.
        squares: of a stochastic law g² of every state.

    >>> from discover.expr import parse
    >>> VectorField(("x",), (), (parse("-2*x", ["x"]),)).states
    ('x',)
    """

    states: tuple[str, ...]
    inputs: tuple[str, ...]
    expressions: tuple[Expr, ...]
    units: tuple[str | None, ...] = ()
    time: str = "time"
    time_unit: str | None = None
    space: tuple[str, ...] = ()
    space_units: tuple[str | None, ...] = ()
    orders: tuple[int, ...] = ()
    kind: Kind = "derivative"
    squares: tuple[Expr, ...] = ()

    def __post_init__(self) -> None:
        if not self.states or len(self.expressions) != len(self.states):
            raise SettingError(
                f"A vector field needs one expression per state, got {len(self.expressions)} for {len(self.states)}."
            )
        for state, expr in zip(self.states, self.expressions, strict=True):
            if expr.variables and expr.variables[-1] >= len(self.states) + len(self.inputs):
                raise SettingError(
                    f"{state}′ uses variable {expr.variables[-1]}, but there are only "
                    f"{len(self.states)} states and {len(self.inputs)} inputs."
                )
        if self.orders and (len(self.orders) != len(self.states) or not set(self.orders) <= {1, 2}):
            raise SettingError(
                f"A law can be run forward where each left side is differentiated once or twice, not {self.orders}."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Every variable, states first, then inputs."""
        return self.states + self.inputs

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the axes that D goes along: time, then space."""
        return (self.time, *self.space)

    @property
    def is_second_order(self) -> bool:
        """Whether any left side is a second derivative."""
        return 2 in self.orders

    def unit(self, index: int) -> str | None:
        """Return the unit of a variable, states first, then inputs."""
        return self.units[index] if self.units else None


def vector_field(law: Law) -> VectorField:
    """Return the right-hand sides of a law, its fitted numbers in them.

    Raises SettingError where its equations are of different kinds, or of an order above 2.
    """
    kinds = {equation.kind for equation in law.equations}
    if len(kinds) > 1:
        raise SettingError("A law of maps and of derivatives together cannot be run forward; take one kind.")
    orders = tuple(equation.order for equation in law.equations)
    return VectorField(
        states=law.states,
        inputs=law.inputs,
        expressions=tuple(equation.rhs for equation in law.equations),
        units=law.units,
        time=law.time,
        time_unit=law.time_unit,
        space=law.space,
        space_units=law.space_units,
        orders=() if set(orders) <= {1} else orders,
        kind=law.kind,
        squares=tuple(equation.rhs for equation in law.diffusion),
    )


def compile_flow(rates: Sequence[Expr], n_inputs: int, n_parameters: int = 0, *, sensitive: bool = True) -> Flow:
    """Compile right-hand sides, and their derivatives by states and parameters if `sensitive`, into one tape.

    The variables of `rates` count states first, then inputs, then parameters. Derivatives that are zero
    everywhere are left out.

    >>> from discover.expr import parse
    >>> flow = compile_flow([parse("v", ["x", "v", "k"]), parse("-k*x", ["x", "v", "k"])], 0, 1)
    >>> flow.jacobian[:, :2].tolist(), flow.influence[:, :2].tolist()
    ([[0, 1], [1, 0]], [[1, 0]])
    """
    n_states = len(rates)
    first_parameter = n_states + n_inputs
    jacobian, influence = [], []
    if sensitive:
        jacobian = [(i, j, d) for i, rate in enumerate(rates) for j, d in _slopes(rate, 0, n_states)]
        influence = [(i, k, d) for i, rate in enumerate(rates) for k, d in _slopes(rate, first_parameter, n_parameters)]
    derivatives = [d for _, _, d in jacobian + influence]
    program = compile_program([*rates, *derivatives], first_parameter + n_parameters)
    rows = np.asarray(program.roots, dtype=np.int64)
    places = np.array([(i, j) for i, j, _ in jacobian + influence], dtype=np.int64).reshape(-1, 2)
    entries = np.column_stack([places, rows[n_states:]])
    return Flow(
        code=np.ascontiguousarray(program.code, dtype=np.int32),
        constants=np.ascontiguousarray(program.constants, dtype=np.float64),
        n_rows=int(program.n_rows),
        rates=rows[:n_states].copy(),
        jacobian=entries[: len(jacobian)].copy(),
        influence=entries[len(jacobian) :].copy(),
    )


def _slopes(rate: Expr, first: int, n: int) -> list[tuple[int, Expr]]:
    """Return (k, derivative by variable first + k) where that is not identically zero."""
    occurring = [index - first for index in rate.variables if first <= index < first + n]
    slopes = [(k, differentiate(rate, first + k)) for k in occurring]
    return [(k, slope) for k, slope in slopes if slope != ZERO]


def input_slopes(time: Array, inputs: Array) -> Array:
    """Return time derivatives at the samples, shape of `inputs` (n_inputs, n_samples), for cubic interpolation.

    Those of the cubic spline, which is most accurate where an input is smooth; where it jumps a spline
    rings, and the slopes are those of the monotone cubic (Fritsch & Carlson 1980, doi:10.1137/0717021).

    >>> input_slopes(np.arange(4.0), np.array([[0.0, 0.0, 3.0, 3.0]]))  # a jump
    array([[0., 0., 0., 0.]])
    """
    slopes = np.zeros_like(inputs)
    if len(time) == 2:
        return slopes + np.diff(inputs, axis=1) / np.diff(time)
    if len(time) == 1:
        return slopes
    middles = (time[1:] + time[:-1]) / 2
    for row, values in enumerate(inputs):
        spline = CubicSpline(time, values)
        low, high = np.minimum(values[1:], values[:-1]), np.maximum(values[1:], values[:-1])
        overshoot = np.maximum(spline(middles) - high, low - spline(middles))
        rings = overshoot.max() > JUMP * np.ptp(values)
        slopes[row] = (PchipInterpolator(time, values) if rings else spline)(time, 1)
    return slopes
