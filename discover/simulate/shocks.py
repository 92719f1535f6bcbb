"""Laws whose waves steepen into shocks: how fast they travel, and the viscosity that keeps shocks in one piece.

Where nothing in a law smooths its fields, central differences ring behind a shock and drown the rest. The
solution that is meant is the limit of vanishing viscosity; so a little is added where the field is jagged, in
the manner of Jameson, Schmidt & Turkel (1981, doi:10.2514/6.1981-1259): second differences at shocks, as strong
as in a first-order upwind scheme, and weak fourth differences elsewhere, which smooth fields hardly feel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.expr import (
    SYMBOLS,
    VARIABLE,
    Expr,
    Operator,
    add,
    call,
    constant,
    differentiate,
    fold,
    simplify,
    variable,
)
from discover.simulate.differences import Edge
from discover.simulate.field import ZERO, VectorField
from discover.simulate.grid import Grid
from discover.simulate.gridprogram import Derive, GridProgram, grid_program
from discover.simulate.sums import additive, linear_form

Array = NDArray[np.float64]

BACKGROUND = 1 / 32
"""Strength of the fourth differences, as a share of the wave speed."""

FLOOR = 0.05
"""Share of a field's range below which its bends are no shock."""


def steepens(field: VectorField) -> bool:
    """Return whether waves of a law over space can break: it takes slopes of its states, no higher derivative.

    >>> from discover.expr import parse
    >>> def law(text: str) -> VectorField:
    ...     return VectorField(("u",), (), (parse(text, ["u"]),), space=("x",))
    >>> [steepens(law(text)) for text in ('u*D(u, "x", 1)', 'D(u, "x", 1)', 'u*D(u, "x", 1) + D(u, "x", 2)')]
    [True, False, False]
    """
    n_states = len(field.states)
    if max((_highest(expr) for expr in field.expressions), default=0) != 1:
        return False
    terms = [term for expr in field.expressions for _, term in additive(expr)]
    return any(term.orders and linear_form(term, n_states) is None for term in terms)


def _highest(expr: Expr) -> int:
    """Return the highest order of derivative that anything in an expression is taken to."""
    return fold(
        expr,
        lambda _kind, _value: 0,
        lambda row, argument, children: max(children) + (sum(argument) if row.name == "D" else 0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Viscosity:
    """What keeps the shocks of a law in one piece.

    Attributes:
        grid, edges: where it lives.
        speeds: for each axis the derivatives of all right-hand sides by the slopes of all states, row by row.
        n_states: states of the law.
    """

    grid: Grid
    edges: tuple[Edge, ...]
    speeds: tuple[GridProgram, ...]
    n_states: int

    def rates(self, fields: Sequence[Array], derive: Derive) -> Array:
        """Return what it adds to the rates of change, shape (n_states, n_x, …); `fields` are states, then inputs."""
        states, total = np.stack(fields[: self.n_states]), np.zeros((self.n_states, *self.grid.shape))
        for axis, program in enumerate(self.speeds):
            found = [np.broadcast_to(values, self.grid.shape) for values in program.evaluate(fields, derive)]
            total += self._along(axis, states, _fastest(np.stack(found)))
        return total

    def _along(self, axis: int, states: Array, speed: Array) -> Array:
        u, a = np.moveaxis(states, axis + 1, -1), np.moveaxis(speed, axis, -1)
        u, a = _beyond(u, 2, self.edges[axis]), _beyond(a, 1, self.edges[axis])
        steps = np.diff(u)  # of u at j - 2 … j + 3; between j and j + 1 in the middle
        bend = np.abs(np.diff(steps))
        jagged = bend / (np.abs(steps[..., 1:]) + np.abs(steps[..., :-1]) + FLOOR * np.ptp(u) + 1e-300)
        jagged = jagged.max(axis=0)
        share = 0.5 * np.maximum(jagged[..., 1:], jagged[..., :-1])
        wave = np.maximum(a[..., 1:], a[..., :-1])
        flux = wave * (share * steps[..., 1:-1] - np.maximum(BACKGROUND - share, 0.0) * np.diff(steps, 2))
        widths = np.gradient(self.grid.coordinates[axis])
        return np.moveaxis(np.diff(flux) / widths, -1, axis + 1)


def _beyond(values: Array, n: int, edge: Edge) -> Array:
    """Return values with n more on either end of their last dimension: what lies beyond the edge."""
    size = values.shape[-1]
    places = np.arange(-n, size + n)
    if edge == "periodic":
        return values[..., places % size]
    if edge == "open":
        return values[..., np.clip(places, 0, size - 1)]
    places = np.abs(places)
    return values[..., np.where(places < size, places, 2 * (size - 1) - places)]


def viscosity(field: VectorField, grid: Grid, edges: Sequence[Edge]) -> Viscosity:
    """Return the viscosity of a law that `steepens`."""
    n_variables = len(field.names)
    speeds = tuple(
        grid_program(
            [by_slope(expr, state, axis) for expr in field.expressions for state in range(len(field.states))],
            n_variables,
        )
        for axis in range(len(grid.names))
    )
    return Viscosity(grid, tuple(edges), speeds, len(field.states))


def by_slope(expr: Expr, state: int, axis: int) -> Expr:
    """Return the derivative of a right-hand side by the slope of a state along an axis of space.

    The slope of a function counts by the chain rule: D(f(u)) = f′(u) D(u). No D may stand inside another.

    >>> from discover.expr import derivative
    >>> u = variable(0)
    >>> by_slope(-1.0 * derivative(u**2 / 2, (0, 1)) - u * derivative(u, (0, 1)), 0, 0)
    Expr(-2*x0)
    """
    orders = (0,) * (axis + 1) + (1,)

    def leaf(kind: int, value: Any) -> tuple[Expr, Expr]:
        return (variable(value) if kind == VARIABLE else constant(value)), ZERO

    def branch(row: Operator, argument: Any, children: tuple[tuple[Expr, Expr], ...]) -> tuple[Expr, Expr]:
        parts, extra = [part for part, _ in children], row.arguments(argument)
        whole = call(row.name, *parts, *extra)
        if row.name == "D":
            return whole, differentiate(parts[0], state) if argument == orders else ZERO
        found = [(at, change) for at, (_, change) in enumerate(children) if change != ZERO]
        if not found:
            return whole, ZERO
        partials = row.derivative(SYMBOLS, *parts, *extra)
        return whole, reduce(add, (partials[at] * change for at, change in found))

    return simplify(fold(expr, leaf, branch)[1])


def _fastest(entries: Array) -> Array:
    """Return the largest eigenvalue's size of the matrices with these entries, shape (n², …) to (…)."""
    n = round(len(entries) ** 0.5)
    if n == 1:
        return np.abs(entries[0])
    matrices = np.moveaxis(entries, 0, -1).reshape(*entries.shape[1:], n, n)
    return np.abs(np.linalg.eigvals(np.where(np.isfinite(matrices), matrices, 0.0))).max(axis=-1)
