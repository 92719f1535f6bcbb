"""Run a law over space forward: what lies beyond its edges, which method, and the movie that comes of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.errors import SettingError, did_you_mean
from discover.expr import Expr
from discover.simulate.differences import Edge, grid_matrix
from discover.simulate.field import VectorField
from discover.simulate.grid import Grid, grid_of, looks_periodic
from discover.simulate.gridprogram import grid_program
from discover.simulate.known import known_fields
from discover.simulate.layout import one_movie
from discover.simulate.lines import integrate_lines, lines
from discover.simulate.reduction import first_order
from discover.simulate.shocks import steepens
from discover.simulate.spectral import modes_of, spectral
from discover.simulate.stepping import march

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

MOST_STEPS, LEAST_STEPS, LARGE = 20_000, 500, 16_384
"""Steps of a run on a small grid and on the largest, and the points from which on steps become fewer."""

Boundary = Literal["periodic", "measured", "zero-gradient"]

_EDGES: dict[Boundary, Edge] = {"periodic": "periodic", "measured": "open", "zero-gradient": "mirror"}


def simulate_movie(
    field: VectorField,
    x0: ArrayLike,
    t: Array,
    inputs: Mapping[str, ArrayLike] | None,
    space: Sequence[ArrayLike] | None,
    boundary: Boundary | Sequence[Boundary] | None,
    measured: Mapping[str, ArrayLike] | None,
    rtol: float,
    max_steps: int | None,
) -> "xr.Dataset":
    """Run a law over space forward; `discover.simulate.simulate` says what each argument is.

    Periodic along every axis: Fourier modes, the linear part exact. Else, and where waves may break: finite
    differences of fourth order, and an implicit solver where the law is stiff.
    """
    grid, law = grid_of(field.space, space), first_order(field)
    max_steps = max_steps or max(LEAST_STEPS, min(MOST_STEPS, MOST_STEPS * LARGE // grid.n_points))
    driven = known_fields(law.field, inputs, t, grid)
    start = _start(field, len(law.second), x0, grid)
    movie = _measured(field, measured, (len(t), *grid.shape))
    sides, notes = _sides(start[: len(field.states)], grid, boundary, movie is not None)
    if law.second:
        drift = _on_grid(law.shifts, [*start, *(values[0] for values in driven)], grid, sides)
        start[len(field.states) :] -= drift
    if set(sides) == {"periodic"} and not steepens(law.field):
        fields, why = march(spectral(law.field, grid, t, driven), start, t, rtol, max_steps)
    else:
        edges: list[Edge] = [_EDGES[side] for side in sides]
        system = lines(law.field, grid, edges, t, driven, movie if movie and "measured" in sides else ())
        fields, why = integrate_lines(law.field, system, start, t, rtol, max_steps)
    if why:
        notes.append(f"The simulation {why}.")
    return one_movie(field, grid, t, [*fields[: len(field.states)], *driven], "simulation", notes)


def _start(field: VectorField, n_second: int, x0: ArrayLike, grid: Grid) -> Array:
    """Return states and velocities at the start, shape (n_states + n_second, n_x, …); at rest where not given."""
    values, n_states = np.asarray(x0, dtype=np.float64), len(field.states)
    if values.shape == grid.shape and n_states == 1:
        values = values[None]
    whole = (n_states + n_second, *grid.shape)
    if values.shape not in ((n_states, *grid.shape), whole) or not np.isfinite(values).all():
        velocities = f", or {whole} with the velocities of {n_second} of them" if n_second else ""
        raise SettingError(
            f"x0 must hold finite values of {', '.join(field.states)} over {', '.join(grid.names)}, with the shape "
            f"{(n_states, *grid.shape)}{velocities}; got {values.shape}."
        )
    start = np.zeros(whole)
    start[: len(values)] = values
    return start


def _measured(
    field: VectorField, measured: Mapping[str, ArrayLike] | None, shape: tuple[int, ...]
) -> list[Array] | None:
    if measured is None:
        return None
    found = []
    for name in field.states:
        if name not in measured:
            raise SettingError(f'`measured` lacks the field "{name}".{did_you_mean(name, measured)}')
        values = np.asarray(measured[name], dtype=np.float64)
        if values.shape != shape:
            raise SettingError(f'The measured field "{name}" must have the shape {shape}, got {values.shape}.')
        found.append(values)
    return found


def _sides(
    states: Array, grid: Grid, boundary: Boundary | Sequence[Boundary] | None, is_measured: bool
) -> tuple[tuple[Boundary, ...], list[str]]:
    """Return what lies beyond each axis, and what is to be said where that was found out."""
    n_axes = len(grid.names)
    if boundary is not None:
        sides = (boundary,) * n_axes if isinstance(boundary, str) else tuple(boundary)
        _check_sides(sides, grid, is_measured)
        return sides, []
    found: list[Boundary] = []
    for axis in range(n_axes):
        is_periodic = grid.is_even(axis) and all(looks_periodic(state, axis) for state in states)
        found.append("periodic" if is_periodic else "measured" if is_measured else "zero-gradient")
    said = ", ".join(f"{name} {side}" for name, side in zip(grid.names, found, strict=True))
    return tuple(found), [f"The edges were taken for what the initial state looks like: {said}."]


def _check_sides(sides: Sequence[str], grid: Grid, is_measured: bool) -> None:
    known = get_args(Boundary)
    if len(sides) != len(grid.names):
        raise SettingError(f"boundary needs one word for each of {', '.join(grid.names)}, got {len(sides)}.")
    for axis, side in enumerate(sides):
        if side not in known:
            raise SettingError(f'There is no boundary "{side}".{did_you_mean(str(side), known)}')
        if side == "periodic" and not grid.is_even(axis):
            raise SettingError(f"A periodic axis must be evenly spaced, and {grid.names[axis]} is not.")
        if side == "measured" and not is_measured:
            raise SettingError('boundary="measured" needs the measured fields in `measured`.')


def _on_grid(exprs: Sequence[Expr], fields: Sequence[Array], grid: Grid, sides: Sequence[Boundary]) -> Array:
    """Return the values of expressions over a grid, shape (n_exprs, n_x, …), as the simulation takes derivatives."""
    from scipy import fft

    edges: list[Edge] = [_EDGES[side] for side in sides]
    is_spectral = set(sides) == {"periodic"}

    def derive(_part: int, values: Array, orders: tuple[int, ...]) -> Array:
        if is_spectral:
            modes = np.asarray(fft.rfftn(values)) * modes_of(grid).factor(orders[1:])
            return np.asarray(fft.irfftn(modes, s=grid.shape))
        return (grid_matrix(grid, orders[1:], edges) @ values.ravel()).reshape(grid.shape)

    found = grid_program(exprs, len(fields)).evaluate(fields, derive)
    return np.stack([np.broadcast_to(values, grid.shape) for values in found])
