"""Table and roles -> the xarray.Dataset that everyone relies on, and its fingerprint."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from discover.data.cells import numbers, truth_notes
from discover.data.checks import check_size, check_values
from discover.data.columns import Table
from discover.data.roles import Roles
from discover.data.times import Labels, check_order, time_values
from discover.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


def assemble(table: Table, roles: Roles, labels: Labels, names: tuple[str, ...]) -> "xr.Dataset":
    """Return the checked Dataset: dimension time for one trajectory, sample for several.

    Args:
        table: the columns.
        roles: which of them is what.
        labels: trajectory of each row, shape (n_rows,).
        names: label of each trajectory, () where there is one.

    Raises:
        DataError: where a column or the times cannot be used; it names column, row and remedy.
        UnitError: where dates are asked for in a unit that is not one of time.
    """
    import xarray as xr

    check_size(table)
    _refuse_reserved(table, roles)
    values = {name: numbers(table, name) for name in (*roles.states, *roles.inputs)}
    time, time_unit, notes = time_values(table, roles.time)
    check_order(table, roles.time, time, labels, roles.group)
    notes += [*truth_notes(table, values), *check_values(table, values, roles)]
    order = np.argsort(labels, kind="stable")
    time, values = time[order], {name: column[order] for name, column in values.items()}
    dim = "time" if roles.group is None else "sample"
    coordinates: dict[str, Any] = {"time": (dim, time, _attributes(roles.time, time_unit))}
    trajectories = np.array(names, dtype=str)[labels[order]] if names else np.zeros(len(time), dtype="<U1")
    if roles.group is not None:
        coordinates["trajectory"] = (dim, trajectories, {"long_name": roles.group})
    variables = {name: (dim, column, _described(table, roles, name)) for name, column in values.items()}
    attributes = {
        "source": table.source,
        "fingerprint": fingerprint(values, time, trajectories),
        "notes": list(table.noting(notes).notes),
    }
    return xr.Dataset(variables, coordinates, attributes)


def _refuse_reserved(table: Table, roles: Roles) -> None:
    for name in (*roles.states, *roles.inputs):
        if name in ("time", "sample", "trajectory"):
            raise DataError(
                f'{table.source}: no state or input can be called "{name}", because the Dataset has a coordinate of '
                f'that name; rename the column, pass time="{name}" if it is the time, or leave it out with columns=.'
            )


def fingerprint(values: Mapping[str, Array], time: Array, trajectories: NDArray[np.str_]) -> str:
    """Return "sha256:…" over names, values, times and trajectories, whatever file or spelling they came from.

    >>> one = np.array([0.0, 1.0])
    >>> fingerprint({"x": one}, one, np.array(["", ""])) == fingerprint({"x": -one}, one, np.array(["", ""]))
    False
    """
    digest = hashlib.sha256()
    for name, column in (("", time), *sorted(values.items())):
        # -0.0 + 0.0 is 0.0, and one NaN stands for all of them; little-endian on every machine.
        plain = np.where(np.isnan(column), np.nan, column + 0.0).astype("<f8")
        for part in (name.encode(), str(len(plain)).encode(), plain.tobytes()):
            digest.update(len(part).to_bytes(8, "little") + part)
    digest.update("\0".join(trajectories.tolist()).encode())
    return f"sha256:{digest.hexdigest()}"


def _attributes(name: str, unit: str | None) -> dict[str, str]:
    return {"long_name": name} | ({"units": unit} if unit is not None else {})


def _described(table: Table, roles: Roles, name: str) -> dict[str, str]:
    units = {"units": table.units[name]} if name in table.units else {}
    return units | {"role": "state" if name in roles.states else "input"}
