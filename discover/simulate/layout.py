"""The shape in which results travel: a trajectory along "time", several along "sample", a field over time and space."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from discover.simulate.field import VectorField
from discover.simulate.grid import Grid

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


def one_trajectory(
    field: VectorField, time: Array, states: Array, inputs: Array, source: str, notes: Sequence[str] = ()
) -> "xr.Dataset":
    """Return a Dataset with dimension "time".

    `time` has shape (n_samples,), `states` (n_states, n_samples), `inputs` (n_inputs, n_samples).
    """
    return _dataset(
        field, "time", {"time": ("time", time, _time_attrs(field))}, np.vstack([states, inputs]), source, notes
    )


def several_trajectories(
    field: VectorField,
    labels: Sequence[str],
    times: Sequence[Array],
    states: Sequence[Array],
    inputs: Sequence[Array],
    source: str,
    notes: Sequence[str] = (),
) -> "xr.Dataset":
    """Return a Dataset with dimension "sample" and coordinates "trajectory" (text) and "time".

    Each trajectory has a label, times (n_samples,), states (n_states, n_samples) and inputs (n_inputs, n_samples).
    """
    owners = np.repeat(np.asarray(labels, dtype=str), [len(time) for time in times])
    coords = {
        "trajectory": ("sample", owners, {}),
        "time": ("sample", np.concatenate(list(times)), _time_attrs(field)),
    }
    values = np.concatenate([np.vstack([x, u]) for x, u in zip(states, inputs, strict=True)], axis=1)
    return _dataset(field, "sample", coords, values, source, notes)


def one_movie(
    field: VectorField, grid: Grid, time: Array, values: Sequence[Array], source: str, notes: Sequence[str] = ()
) -> "xr.Dataset":
    """Return a Dataset with dimensions "time" and the names of the space coordinates, in that order.

    `values` has every state, then every input, each of shape (n_samples, n_x, …).
    """
    coords: dict[str, tuple] = {"time": ("time", time, _time_attrs(field))}
    units = field.space_units or (None,) * len(grid.names)
    for name, along, unit in zip(grid.names, grid.coordinates, units, strict=True):
        coords[name] = (name, along, {} if unit is None else {"units": unit})
    found = _dataset(field, ("time", *grid.names), coords, np.stack(values), source, notes)
    return found.assign_attrs(space=list(grid.names))


def _time_attrs(field: VectorField) -> dict[str, str]:
    attrs = {"long_name": field.time}
    return attrs if field.time_unit is None else {**attrs, "units": field.time_unit}


def _dataset(
    field: VectorField,
    dims: str | tuple[str, ...],
    coords: dict[str, tuple],
    values: Array,
    source: str,
    notes: Sequence[str],
) -> "xr.Dataset":
    import xarray as xr

    variables = {}
    for index, name in enumerate(field.states + field.inputs):
        if name in coords:  # an input that is one of the axes
            continue
        attrs = {"role": "state" if index < len(field.states) else "input"}
        unit = field.unit(index)
        variables[name] = (dims, values[index], attrs if unit is None else {**attrs, "units": unit})
    digest = hashlib.sha256(np.ascontiguousarray(coords["time"][1]).tobytes() + np.ascontiguousarray(values).tobytes())
    attrs = {"source": source, "fingerprint": f"sha256:{digest.hexdigest()}", "notes": list(notes)}
    return xr.Dataset(variables, coords=coords, attrs=attrs)
