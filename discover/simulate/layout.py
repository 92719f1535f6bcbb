"""The shape in which trajectories travel: one as dimension "time", several as dimension "sample"."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from discover.simulate.field import VectorField

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


def _time_attrs(field: VectorField) -> dict[str, str]:
    attrs = {"long_name": field.time}
    return attrs if field.time_unit is None else {**attrs, "units": field.time_unit}


def _dataset(
    field: VectorField, dim: str, coords: dict[str, tuple], values: Array, source: str, notes: Sequence[str]
) -> "xr.Dataset":
    import xarray as xr

    variables = {}
    for index, name in enumerate(field.states + field.inputs):
        attrs = {"role": "state" if index < len(field.states) else "input"}
        unit = field.unit(index)
        variables[name] = (dim, values[index], attrs if unit is None else {**attrs, "units": unit})
    digest = hashlib.sha256(np.ascontiguousarray(coords["time"][1]).tobytes() + np.ascontiguousarray(values).tobytes())
    attrs = {"source": source, "fingerprint": f"sha256:{digest.hexdigest()}", "notes": list(notes)}
    return xr.Dataset(variables, coords=coords, attrs=attrs)
