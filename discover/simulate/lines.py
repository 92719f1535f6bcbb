"""Laws over space between edges: the method of lines, with finite differences and an implicit solver."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.integrate import BDF, DOP853

from discover.errors import SettingError
from discover.expr import VARIABLE, Expr, Operator, fold
from discover.simulate.differences import Edge, grid_matrix, half_width
from discover.simulate.field import VectorField
from discover.simulate.grid import Grid
from discover.simulate.gridprogram import GridProgram, grid_program
from discover.simulate.known import Known, between
from discover.simulate.shocks import Viscosity, steepens, viscosity
from discover.simulate.solver import Method, solve

Array = NDArray[np.float64]
Orders = tuple[int, ...]

LARGEST_IMPLICIT = 60_000
"""Unknowns up to which an implicit solver is tried: it factorises a sparse matrix of that size."""

REACH = 4.0
"""Step of the explicit solver times the fastest rate of change that it stays stable with, about."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The rates of change of a law's values at the points of a grid.

    Attributes:
        grid: any rectilinear grid.
        n_states: states of the law.
        matrices: sparse matrix of every derivative that the law takes, by multi-index in space.
        program: the right-hand sides.
        known: the inputs at any time.
        held: states' values that are imposed at any time, shapes of the grid; none for free edges.
        is_held: where, shape (n_states, *grid.shape).
        viscosity: what keeps shocks in one piece, None for laws without any.
    """

    grid: Grid
    n_states: int
    matrices: dict[Orders, sparse.csr_array]
    program: GridProgram
    known: Known
    held: Known
    is_held: NDArray[np.bool_]
    viscosity: Viscosity | None

    def rates(self, t: float, free: Array) -> Array:
        """Return the rates of change of the values that are not held, flattened."""
        shape = self.grid.shape
        states = np.empty((self.n_states, *shape))
        states[~self.is_held] = free
        for state, values in zip(states, self.held(t), strict=False):
            state[self.is_held[0]] = values[self.is_held[0]]

        def derive(_part: int, values: Array, orders: Orders) -> Array:
            return (self.matrices[orders[1:]] @ values.ravel()).reshape(shape)

        rates, fields = np.empty_like(states), [*states, *self.known(t)]
        for rate, values in zip(rates, self.program.evaluate(fields, derive), strict=True):
            rate[...] = values
        if self.viscosity is not None:
            rates += self.viscosity.rates(fields, derive)
        return rates[~self.is_held]


def lines(
    field: VectorField,
    grid: Grid,
    edges: Sequence[Edge],
    t: Array,
    inputs: Sequence[Array],
    measured: Sequence[Array] = (),
) -> Lines:
    """Return a first-order law over space as equations for its values at the points of a grid.

    Args:
        field: the law.
        grid, edges: where it lives, and what lies beyond each axis.
        t: times of the inputs and of the measured values.
        inputs: values over time and space of each input.
        measured: values over time and space of the states that are imposed along "open" edges.

    Raises:
        SettingError: where they have gaps there, or the grid has too few points for a derivative.
    """
    wanted = {orders[1:] for expr in field.expressions for orders in expr.orders}
    is_held = np.zeros((len(field.states), *grid.shape), dtype=np.bool_)
    is_held[: len(measured)] = margin = _margin(grid, edges, wanted)
    if not all(np.isfinite(values[:, margin]).all() for values in measured):
        raise SettingError("The measured fields have gaps along their edges, which are imposed; fill them in first.")
    return Lines(
        grid=grid,
        n_states=len(field.states),
        matrices={orders: grid_matrix(grid, orders, edges) for orders in sorted(wanted)},
        program=grid_program(field.expressions, len(field.states) + len(field.inputs)),
        known=between(t, inputs),
        held=between(t, measured),
        is_held=is_held,
        viscosity=viscosity(field, grid, edges) if steepens(field) else None,
    )


def _margin(grid: Grid, edges: Sequence[Edge], wanted: set[Orders]) -> NDArray[np.bool_]:
    """Return the points beside open edges, so many deep that no central difference inside reaches beyond them."""
    margin = np.zeros(grid.shape, dtype=np.bool_)
    for axis, edge in enumerate(edges):
        highest = max((orders[axis] for orders in wanted if len(orders) > axis), default=0)
        if edge == "open" and highest:
            depth = half_width(highest)
            along = np.moveaxis(margin, axis, 0)
            along[:depth] = along[-depth:] = True
    return margin


def sparsity(field: VectorField, system: Lines) -> sparse.csr_array:
    """Return which value's rate depends on which value, over the free values only."""
    n = system.grid.n_points
    shape_of = {orders: abs(matrix).astype(bool) for orders, matrix in system.matrices.items()}
    blocks = [[_influence(expr, state, n, shape_of) for state in range(system.n_states)] for expr in field.expressions]
    free = np.flatnonzero(~system.is_held.ravel())
    whole = sparse.csr_array(sparse.block_array(blocks, format="csr"))
    return sparse.csr_array(whole[free][:, free].astype(np.int8))


def _influence(expr: Expr, state: int, n: int, shape_of: dict[Orders, Any]) -> sparse.csr_array:
    """Return the pattern in which an expression's values depend on those of one state."""
    nothing, itself = sparse.csr_array((n, n), dtype=bool), sparse.eye_array(n, dtype=bool, format="csr")

    def leaf(kind: int, value: Any) -> Any:
        return itself if kind == VARIABLE and value == state else nothing

    def branch(row: Operator, argument: Any, children: tuple[Any, ...]) -> Any:
        if row.name == "D":
            return shape_of[argument[1:]] @ children[0]
        total = children[0]
        for child in children[1:]:
            total = total + child
        return total

    return sparse.csr_array(fold(expr, leaf, branch))


def integrate_lines(
    field: VectorField, system: Lines, start: Array, t: Array, rtol: float, max_steps: int
) -> tuple[Array, str | None]:
    """Return the fields at the times t, shape (n_states, n_samples, n_x, …), and why they end early, or None.

    Where an explicit solver would need more steps than there is reason for, because the law is stiff, an
    implicit one takes over. `start` has shape (n_states, n_x, …).
    """
    free = start[~system.is_held]
    found, why = solve(system.rates, free, t, rtol, max_steps, _methods(field, system, free, t, max_steps))
    fields = np.full((system.n_states, len(t), *system.grid.shape), np.nan)
    for k, time in enumerate(t):
        if np.isfinite(found[:, k]).all():
            states = fields[:, k]
            states[~system.is_held] = found[:, k]
            for state, values in zip(states, system.held(float(time)), strict=False):
                state[system.is_held[0]] = values[system.is_held[0]]
    return fields, why


def _methods(field: VectorField, system: Lines, free: Array, t: Array, max_steps: int) -> list[Method]:
    explicit = min(2000 + 10 * len(t), max_steps)
    if free.size > LARGEST_IMPLICIT or system.viscosity is not None:  # waves are not stiff
        return [Method(DOP853, max_steps)]
    implicit = Method(partial(BDF, jac_sparsity=sparsity(field, system)), max_steps)
    n_needed = _fastest(system, float(t[0]), free) * float(t[-1] - t[0]) / REACH
    return [implicit] if n_needed > explicit else [Method(DOP853, explicit), implicit]


def _fastest(system: Lines, t: float, free: Array, n_turns: int = 12) -> float:
    """Return about the fastest rate of change near the start: a few turns of the power method."""
    rng = np.random.default_rng(0)
    size = 1e-6 * (1.0 + np.abs(free).max(initial=0.0))
    with np.errstate(all="ignore"):
        rate, direction, fastest = system.rates(t, free), rng.standard_normal(free.size), 0.0
        for _ in range(n_turns):
            direction *= size / np.abs(direction).max()
            change = system.rates(t, free + direction) - rate
            fastest = float(np.abs(change).max() / size)
            if not np.isfinite(fastest) or fastest == 0.0:
                return 0.0
            direction = change
    return fastest
