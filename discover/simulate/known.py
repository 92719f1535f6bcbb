"""Known fields that drive a law: given at the times of the simulation, needed at any time between."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.errors import SettingError, did_you_mean
from discover.simulate.field import VectorField
from discover.simulate.grid import Grid

Array = NDArray[np.float64]
Known = Callable[[float], list[Array]]
"""Time -> the value of every input on the grid."""


def known_fields(field: VectorField, inputs: Mapping[str, ArrayLike] | None, t: Array, grid: Grid) -> tuple[Array, ...]:
    """Return each input over time and space as a broadcast view, shape (n_samples, n_x, …).

    An input that bears the name of an axis and is not given is that axis's own coordinate.

    Raises:
        SettingError: for an input that is missing, unknown, not finite or of another shape.
    """
    given = {**_coordinates(field, t, grid), **(inputs or {})}
    for name in inputs or {}:
        if name not in field.inputs:
            raise SettingError(f'The law has no input "{name}".{did_you_mean(name, field.inputs)}')
    shape = (len(t), *grid.shape)
    found = []
    for name in field.inputs:
        if name not in given:
            raise SettingError(f'The law is driven by "{name}"; give its values over time and space in `inputs`.')
        values = np.asarray(given[name], dtype=np.float64)
        try:
            found.append(np.broadcast_to(values, shape))
        except ValueError:
            raise SettingError(
                f'The input "{name}" must have the shape {shape} (time, then space) or broadcast to it, '
                f"got {values.shape}."
            ) from None
        if not np.isfinite(values).all():
            raise SettingError(f'The input "{name}" has values that are not finite; fill them in first.')
    return tuple(found)


def _coordinates(field: VectorField, t: Array, grid: Grid) -> dict[str, Array]:
    """Return the coordinates as fields, under the names of the axes."""
    axes = dict(zip(grid.names, np.meshgrid(*grid.coordinates, indexing="ij", sparse=True), strict=True))
    time = t.reshape((len(t),) + (1,) * len(grid.shape))
    return {name: values for name, values in {**axes, field.time: time}.items() if name in field.inputs}


def filled(values: Array, t: Array) -> Array:
    """Return values (n_samples, …) with gaps (NaN) bridged by straight lines in time; what was never known stays NaN.

    >>> filled(np.array([1.0, np.nan, 3.0, np.nan]), np.arange(4.0)).tolist()
    [1.0, 2.0, 3.0, 3.0]
    """
    known = np.isfinite(values)
    if known.all():
        return values
    series, found = values.reshape(len(t), -1).copy(), known.reshape(len(t), -1)
    for column, here in zip(series.T, found.T, strict=True):
        if here.any() and not here.all():
            column[~here] = np.interp(t[~here], t[here], column[here])
    return series.reshape(values.shape)


def between(t: Array, series: Sequence[Array]) -> Known:
    """Return values (n_samples, …) between their times, by cubics through the four samples around.

    Views that repeat one sample, as those of `known_fields` may be, are not interpolated.

    >>> t = np.array([0.0, 1.0, 2.0, 4.0, 5.0])
    >>> [round(float(values), 9) for values in between(t, [t**3])(3.0)]
    [27.0]
    """

    is_still = [values.strides[0] == 0 for values in series]
    if all(is_still):
        return lambda _time: [values[0] for values in series]

    def at(time: float) -> list[Array]:
        first = int(np.clip(np.searchsorted(t, time) - 2, 0, max(len(t) - 4, 0)))
        nodes = t[first : first + 4]
        scales = _lagrange(nodes, time)
        return [
            values[0] if still else np.tensordot(scales, values[first : first + 4], axes=1)
            for values, still in zip(series, is_still, strict=True)
        ]

    return at


def _lagrange(nodes: Array, at: float) -> Array:
    """Return the weight of each node's value in the polynomial through all of them."""
    gaps = nodes[:, None] - nodes
    np.fill_diagonal(gaps, 1.0)
    offsets = np.broadcast_to(at - nodes, gaps.shape).copy()
    np.fill_diagonal(offsets, 1.0)
    return np.prod(offsets / gaps, axis=1)
