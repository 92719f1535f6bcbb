"""A long table, one row for each point of a grid -> Gridded."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.data.cells import numbers
from discover.data.columns import Table
from discover.data.gridded import Gridded
from discover.data.roles import Named, assign
from discover.data.times import shown, time_values
from discover.errors import DataError

Array = NDArray[np.float64]
Axis = tuple[Array, NDArray[np.int64]]
"""The points of an axis, increasing, shape (n_points,), and which of them each row is at, shape (n_rows,)."""

FILLED = 0.25
"""Share of a grid's points that rows must fill; scattered points fill one over the number of times, a fifth at most."""

OWN = 2 / 3
"""Share of the places, and of the times between its first and its last, that each recording must have."""


def pivoted(table: Table, named: Named) -> Gridded:
    """Return the columns of a table over the grid that its columns of time and space span.

    Args:
        table: rows in any order; points of the grid without a row become NaN.
        named: what the caller gave a role.

    Raises:
        DataError: where two rows are the same point, a place is missing, or the rows form no grid.
        SettingError: where one column is given two roles.
    """
    import xarray as xr

    roles, labels, names, notes = assign(table, **named)
    times, time_unit, more = time_values(table, roles.time)
    axes = {roles.time: _axis(times)} | {name: _axis(_places(table, name)) for name in roles.space}
    coordinates: dict[str, Any] = {name: (name, points) for name, (points, _) in axes.items()}
    if roles.group is not None:
        coordinates[roles.group] = (roles.group, np.array(names))
        axes = {roles.group: (np.arange(len(names), dtype=np.float64), labels)} | axes
        _refuse_other_grids(table, axes, names)
    where = _where(table, axes)
    shape = tuple(len(points) for points, _ in axes.values())
    variables = {name: (tuple(axes), _spread(table, name, where, shape)) for name in (*roles.states, *roles.inputs)}
    dataset = xr.Dataset(variables, coordinates)
    for name, unit in (dict(table.units) | {roles.time: time_unit}).items():
        if name in dataset.variables and unit is not None:
            dataset[name].attrs["units"] = unit
    empty = math.prod(shape) - table.n_rows
    told = [f"{empty} of {math.prod(shape)} points of the grid have no row and are missing."] if empty else []
    content = Gridded(table.source, dataset, roles.time, roles.group, roles.space, roles.inputs, table.notes)
    return content.noting([*notes, *more, *told])


def _places(table: Table, name: str) -> Array:
    """Return the places of the rows along one axis of space, shape (n_rows,); raises DataError for a missing one."""
    values = numbers(table, name)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        what = "missing" if np.isnan(values[bad[0]]) else "infinite"
        raise DataError(
            f'{table.source}, {table.place(bad[0])}: the coordinate "{name}" is {what}; complete it or delete the row.'
        )
    return values


def _axis(values: Array) -> Axis:
    """Return the different values and which of them each row has; those that rounding makes different are one.

    >>> _axis(np.array([0.3, 0.1 + 0.2, 1.0]))
    (array([0.3, 1. ]), array([0, 0, 1]))
    """
    points, codes = np.unique(values, return_inverse=True)
    apart = np.diff(points) > 8 * np.spacing(np.abs(points).max())
    numbered = np.concatenate([[0], np.cumsum(apart)])
    return points[np.concatenate([[True], apart])], numbered[codes.ravel()]


def _spread(table: Table, name: str, where: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return a column as an array of this shape, NaN where no row is."""
    cells = table.columns[name]
    values = cells if cells.dtype.kind == "c" else numbers(table, name)
    full = np.full(math.prod(shape), np.nan, dtype=values.dtype)
    full[where] = values
    return full.reshape(shape)


# --- refusals ---------------------------------------------------------------------------------------------------------


def _where(table: Table, axes: dict[str, Axis]) -> NDArray[np.int64]:
    """Return the point of each row in the flattened grid; raises DataError where they form none, or two are one."""
    shape = tuple(len(points) for points, _ in axes.values())
    if table.n_rows < FILLED * math.prod(shape):
        counts = ", ".join(f"{name} {len(points)}" for name, (points, _) in axes.items())
        raise DataError(
            f"{table.source}: its {table.n_rows} rows form no grid: they are at scattered points (different values: "
            f"{counts}), and a grid would have {math.prod(shape)} points; interpolate them onto a grid of fixed places."
        )
    where = np.ravel_multi_index([codes for _, codes in axes.values()], shape)
    order = np.argsort(where, kind="stable")
    again = np.flatnonzero(np.diff(where[order]) == 0)
    if len(again):
        first, second = sorted(int(order[again[0] + ahead]) for ahead in (0, 1))
        point = ", ".join(f"{name} = {shown(table.columns[name][second])}" for name in axes)
        raise DataError(
            f"{table.source}, {table.place(second)}: the point {point} stands there again, as in {table.place(first)}; "
            "keep one row for each point, name all coordinates with space=, and tell recordings apart with group=."
        )
    return where


def _refuse_other_grids(table: Table, axes: dict[str, Axis], names: Sequence[str]) -> None:
    """Raise DataError for a recording beside or between the points of the others, as with another step."""
    (_, labels), time, *space = axes.values()
    for axis, (points, codes) in zip(list(axes)[1:], (time, *space), strict=True):
        for index, name in enumerate(names):
            own = np.unique(codes[labels == index])
            theirs = own[-1] - own[0] + 1 if codes is time[1] else len(points)
            if len(own) < OWN * theirs:
                raise DataError(
                    f'{table.source}: the recording "{name}" is not on the grid of the others along "{axis}"; load '
                    "recordings on different grids one by one."
                )
