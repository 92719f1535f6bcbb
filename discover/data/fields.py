"""Fields over space as `load` lays them out, and how to take their arrays.

Variables have the dimensions ("trajectory",) "time" and one to three of space, whose names stand in `attrs["space"]` in
the order of the dimensions; all coordinates are float64 and increase. Missing values are NaN.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]
Recording = tuple[str, tuple[Array, ...], Array]
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


def grids(dataset: "xr.Dataset") -> list[Recording]:
    """Return (label, (time, x, …), values) of every recording, read into memory.

    Coordinates are (n_t,), (n_x,), …; values are (n_variables, n_t, n_x, …), states first, NaN where missing.
    Snapshots at the ends of a recording in which every state is missing are left off, so recordings on
    one grid may differ in length.

    >>> import discover
    >>> t, x = np.arange(6.0), np.arange(5.0)
    >>> [(label, (time, place), values)] = grids(discover.load({"t": t, "x": x, "u": np.sin(t[:, None] - x)}))
    >>> label, time.shape, place.shape, values.shape
    ('1', (6,), (5,), (1, 6, 5))
    """
    names = variable_names(dataset)
    coordinates = tuple(dataset[name].values.astype(np.float64) for name in ("time", *space_names(dataset)))
    if "trajectory" not in dataset.dims:
        return [("1", coordinates, _values(dataset, names))]
    n_states = sum(dataset[name].attrs.get("role") != "input" for name in names)
    found: list[Recording] = []
    for index, label in enumerate(dataset["trajectory"].values.astype(str)):
        values = _values(dataset.isel(trajectory=index), names)
        first, last = _extent(values[:n_states])
        found.append((str(label), (coordinates[0][first:last], *coordinates[1:]), values[:, first:last]))
    return found


def _values(dataset: "xr.Dataset", names: tuple[str, ...]) -> Array:
    values = np.empty((len(names), *dataset[names[0]].shape))
    for index, name in enumerate(names):
        values[index] = dataset[name].values
    return values


def _extent(states: Array) -> tuple[int, int]:
    """Return the first snapshot with a value and the one behind the last; states are (n_states, n_t, n_x, …)."""
    present = np.flatnonzero(~np.isnan(states).all(axis=(0, *range(2, states.ndim))))
    return int(present[0]), int(present[-1]) + 1
