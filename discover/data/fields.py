"""Fields over space as `load` lays them out, and how to take their arrays.

Variables have the dimensions ("trajectory",) "time" and one to three of space, whose names stand in `attrs["space"]` in
the order of the dimensions; all coordinates are float64 and increase. Missing values are NaN.
"""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from discover.data.stored import Observe, Samples, Stored, nobody
from discover.data.tiles import tiles

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]
Recording = tuple[str, tuple[Array, ...], Samples]
"""Label, coordinates (time (n_t,), x (n_x,), …), values (n_variables, n_t, n_x, …)."""


def is_field(dataset: "xr.Dataset") -> bool:
    """Return whether a Dataset that `load` returned extends over space.

    >>> import discover
    >>> t, x = np.arange(6.0), np.arange(5.0)
    >>> is_field(discover.load({"t": t, "x": x, "u": np.sin(t[:, None] - x)}))
    True
    >>> is_field(discover.example("pelts"))
    False
    """
    return bool(space_names(dataset))


def space_names(dataset: "xr.Dataset") -> tuple[str, ...]:
    """Return the names of the space coordinates in the order of the dimensions, () for trajectories."""
    space = dataset.attrs.get("space", ())  # NetCDF gives a list of one name back as text
    names = [space] if isinstance(space, str) else list(space)
    return tuple(str(name) for name in names if name in dataset.dims)


def variable_names(dataset: "xr.Dataset") -> tuple[str, ...]:
    """Return the names of the variables, states first, then inputs: the order of the values of `grids`."""
    inputs = [name for name in dataset.data_vars if dataset[name].attrs.get("role") == "input"]
    states = [name for name in dataset.data_vars if name not in inputs]
    return tuple(map(str, (*states, *inputs)))


def grids(dataset: "xr.Dataset", observe: Observe = nobody) -> list[Recording]:
    """Return (label, (time, x, …), values) of every recording.

    Coordinates are (n_t,), (n_x,), …; values are (n_variables, n_t, n_x, …), states first, NaN where missing: an
    array, or of a field larger than memory what reads slices of time from the file.
    Snapshots at the ends of a recording in which every state is missing are left off, so recordings on
    one grid may differ in length. `observe` is told how much of a large one has been read.

    >>> import discover
    >>> t, x = np.arange(6.0), np.arange(5.0)
    >>> [(label, (time, place), values)] = grids(discover.load({"t": t, "x": x, "u": np.sin(t[:, None] - x)}))
    >>> label, time.shape, place.shape, values.shape
    ('1', (6,), (5,), (1, 6, 5))
    """
    names = variable_names(dataset)
    coordinates = tuple(dataset[name].values.astype(np.float64) for name in ("time", *space_names(dataset)))
    if "trajectory" not in dataset.dims:
        return [("1", coordinates, _values(dataset, names, observe))]
    n_states = sum(dataset[name].attrs.get("role") != "input" for name in names)
    found: list[Recording] = []
    for index, label in enumerate(dataset["trajectory"].values.astype(str)):
        values = _values(dataset.isel(trajectory=index), names, observe)
        first, last = _extent(values, n_states)
        found.append((str(label), (coordinates[0][first:last], *coordinates[1:]), _between(values, first, last)))
    return found


def _values(dataset: "xr.Dataset", names: tuple[str, ...], observe: Observe) -> Array | Stored:
    from discover.data.lazy import fits

    shape = dataset[names[0]].shape
    if not fits(8 * len(names) * math.prod(shape)):
        return Stored([dataset[name] for name in names], 0, shape[0], observe)
    values = np.empty((len(names), *shape))
    for index, name in enumerate(names):
        values[index] = dataset[name].values
    return values


def _between(values: Array | Stored, first: int, last: int) -> Array | Stored:
    return values[:, first:last] if isinstance(values, np.ndarray) else replace(values, first=first, last=last)


def _extent(values: Samples, n_states: int) -> tuple[int, int]:
    """Return the first snapshot with a value of a state and the one behind the last."""
    present = [
        tile.start + np.flatnonzero(~np.isnan(tile.values[:n_states]).all(axis=(0, *range(2, len(values.shape)))))
        for tile in tiles(values)
    ]
    found = np.concatenate(present)
    return int(found[0]), int(found[-1]) + 1
