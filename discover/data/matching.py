"""A dict of arrays, some with several axes -> Gridded: lengths tell which axis goes along which coordinate."""

from collections.abc import Collection, Mapping
from itertools import permutations
from typing import Any

import numpy as np

from discover.data.frames import cells_of
from discover.data.gridded import Gridded
from discover.data.headers import stem
from discover.data.roles import Named
from discover.data.times import rank
from discover.errors import DataError

Dims = tuple[str, ...]


def has_axes(arrays: Mapping[Any, Any]) -> bool:
    """Return whether any of the arrays goes along more than one axis, or says along which.

    >>> has_axes({"t": [0, 1], "u": [[1, 2], [3, 4]]}), has_axes({"t": [0, 1], "u": [[1], [2]]})
    (True, False)
    """
    return any(_says_dims(values) or _n_axes(values) > 1 for values in arrays.values())


def _says_dims(values: Any) -> bool:
    """Return whether this is (names of dimensions, array)."""
    if not isinstance(values, tuple) or len(values) != 2 or isinstance(values[1], str):
        return False
    dims = values[0]
    return isinstance(dims, str) or (isinstance(dims, tuple | list) and all(isinstance(dim, str) for dim in dims))


def _n_axes(values: Any) -> int:
    try:
        return sum(length > 1 for length in np.shape(values))
    except ValueError:  # sequences of different lengths, which are told where columns are made
        return 1


def from_arrays(arrays: Mapping[Any, Any], source: str, named: Named) -> Gridded:
    """Return arrays as variables over the coordinates that are among them.

    Args:
        arrays: name -> one-dimensional coordinates, and arrays with an axis for each, in any order; or the names of
            the dimensions and the array, as in ``{"u": (("t", "x"), u)}``.
        source: what to call them.
        named: what the caller gave a role.

    Raises:
        DataError: where an axis of an array has the length of no coordinate, or of several.
    """
    import xarray as xr

    said = {str(name): _said(str(name), values, source) for name, values in arrays.items() if _says_dims(values)}
    plain = {
        str(name): _squeezed(str(name), values, source) for name, values in arrays.items() if not _says_dims(values)
    }
    single = [name for name, values in plain.items() if values.ndim == 0]
    no_axes = [*named["inputs"], *(named["columns"] or ())]
    lines = {n: cells_of(v, n, source) for n, v in plain.items() if v.ndim == 1}
    axes = {name: cells for name, cells in lines.items() if not _is_among(name, no_axes)}
    if named["time"] and named["space"]:
        asked = [named["time"], *named["space"], *([named["group"]] if named["group"] else [])]
        axes = {name: cells for name, cells in axes.items() if _is_among(name, asked)}
    lengths = {name: len(cells) for name, cells in axes.items()}
    found = {name: (_dims(name, v.shape, lengths, source), v) for name, v in plain.items() if v.ndim > 1} | said
    used = {dim for dims, _ in found.values() for dim in dims}
    lengths = {name: length for name, length in lengths.items() if name in used}
    found |= {n: (_dims(n, v.shape, lengths, source), v) for n, v in lines.items() if _is_among(n, no_axes)}
    notes = [f'"{name}" is a single value and was left out.' for name in single]
    notes += [f'"{n}" is no coordinate of a field and was left out.' for n in lines if n not in used and n not in found]
    coordinates = {name: (name, cells) for name, cells in axes.items() if name in used}
    _refuse_unequal(found, coordinates, source)
    return Gridded(source, xr.Dataset(found, coordinates)).noting(notes)


def _refuse_unequal(found: Mapping[str, tuple[Dims, Any]], coordinates: Mapping[str, Any], source: str) -> None:
    """Raise DataError where a dimension that was named has two lengths."""
    lengths: dict[str, tuple[int, str]] = {name: (len(cells), name) for name, (_, cells) in coordinates.items()}
    for name, (dims, values) in found.items():
        for dim, length in zip(dims, values.shape, strict=True):
            other, first = lengths.setdefault(dim, (length, name))
            if length != other:
                raise DataError(
                    f'{source}: the dimension "{dim}" has {other} points in "{first}" and {length} in "{name}"; give '
                    "all of them one length."
                )


def _squeezed(name: str, values: Any, source: str) -> Any:
    """Return an array without axes of length one, which .mat files have many of; a single value has no axis."""
    array = _array(name, values, source)
    return array if array.ndim < 2 else array.squeeze()


def _array(name: str, values: Any, source: str) -> Any:
    """Return an array, NaN where values are masked; raises DataError for sequences of different lengths."""
    if np.ma.isMaskedArray(values):
        return np.ma.filled(values.astype(np.float64), np.nan)
    try:
        return np.asarray(values)
    except ValueError:
        raise DataError(f'{source}: "{name}" holds sequences of different lengths; give arrays.') from None


def _said(name: str, values: tuple[Any, Any], source: str) -> tuple[Dims, Any]:
    dims = (values[0],) if isinstance(values[0], str) else tuple(values[0])
    array = _array(name, values[1], source)
    if len(dims) != array.ndim or len(set(dims)) < len(dims):
        raise DataError(
            f'{source}: "{name}" has the shape {array.shape} and the dimensions {dims}; name a different one for each '
            "axis."
        )
    return dims, array


def _is_among(name: str, given: Collection[str]) -> bool:
    return name in given or stem(name) in given


def _dims(name: str, shape: tuple[int, ...], lengths: Mapping[str, int], source: str) -> Dims:
    """Return which axis goes along which coordinate; raises DataError where lengths do not tell."""
    ways = _ways(shape, lengths)
    if len(ways) > 1 and len(shape) > 1:
        ways = [dims for dims in ways if any(rank(stem(dim)) is not None for dim in dims)] or ways
    if len(ways) == 1:
        return ways[0]
    known = ", ".join(f"{other} {length}" for other, length in lengths.items()) or "none"
    if not ways:
        raise DataError(
            f'{source}: "{name}" is an array of shape {shape}, and its axes do not have the lengths of coordinates '
            f"({known}); give a one-dimensional array for each axis, or columns with one value a row."
        )
    either = " or ".join(f"({', '.join(dims)})" for dims in ways[:2])
    quoted = ", ".join(f'"{dim}"' for dim in ways[0])
    named = quoted if len(shape) == 1 else f"({quoted})"
    raise DataError(
        f'{source}: the axes of "{name}", shape {shape}, may be {either}, because coordinates have equal lengths '
        f'({known}); say which it is, as in "{name}": ({named}, array).'
    )


def _ways(shape: tuple[int, ...], lengths: Mapping[str, int]) -> list[Dims]:
    """Return all ways to give each axis a coordinate of its length.

    >>> _ways((3, 2), {"t": 3, "x": 2, "y": 2})
    [('t', 'x'), ('t', 'y')]
    """
    fitting = [name for name, length in lengths.items() if length in shape]
    return [
        dims
        for dims in permutations(fitting, len(shape))
        if all(lengths[dim] == length for dim, length in zip(dims, shape, strict=True))
    ]
