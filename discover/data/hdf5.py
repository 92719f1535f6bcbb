"""HDF5: data sets in a group that are columns, or one data set with named fields, as PyTables and pandas write it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from discover.data.arrays import Member, from_members, members_of
from discover.data.binary import N_SEARCHED, is_hdf5, other_kind, start_of, told_if_damaged
from discover.data.columns import Table
from discover.data.gridded import Gridded
from discover.data.roles import NOTHING, Named
from discover.errors import DataError

if TYPE_CHECKING:
    import h5py

AS_PANDAS = 'write it with to_parquet, or with to_hdf(…, format="table", data_columns=True)'


def read_hdf5(path: Path, named: Named = NOTHING) -> Table | Gridded:
    """Return the data sets of the only group with any, or the fields of the only data set that has fields.

    Units are read from attributes called units. Raises DataError where the file is damaged, holds NetCDF or several
    tables, or where a data set that is needed cannot be a column.

    Args:
        path: the file.
        named: what the caller gave a role.
    """
    import h5py

    if not is_hdf5(start_of(path, N_SEARCHED)):
        raise other_kind(path, "HDF5")
    with told_if_damaged(path, "HDF5"), h5py.File(path, "r") as file:
        if "_NCProperties" in file.attrs:
            raise DataError(f"{path.name} is NetCDF; give it the extension .nc.")
        arrays = _group(file, path.name)
        return from_members(_members(arrays), path.name, named, _units(arrays))


def _group(file: "h5py.File", source: str) -> dict[str, "h5py.Dataset"]:
    """Return the data sets of the only group that has some with more than one value."""
    import h5py

    groups: dict[str, dict[str, h5py.Dataset]] = {}

    def visit(name: str, item: Any) -> None:
        group, _, leaf = name.rpartition("/")
        # PyTables keeps the indices of a table in groups that begin with _i_.
        if isinstance(item, h5py.Dataset) and not any(part.startswith("_i_") for part in group.split("/")):
            groups.setdefault(group, {})[leaf] = item

    file.visititems(visit)
    tables = {group: arrays for group, arrays in groups.items() if any((a.size or 0) > 1 for a in arrays.values())}
    if len(tables) != 1:
        names = ", ".join(f"/{group}" for group in sorted(tables))
        what = f"data sets in several groups ({names})" if tables else "no data set with more than one value"
        raise DataError(f"{source} holds {what}; keep the columns of one table in one group of a file.")
    (arrays,) = tables.values()
    fields = {name for array in arrays.values() for name in array.dtype.names or ()}
    if "block0_values" in arrays or "values_block_0" in fields:
        raise DataError(f"{source} was written by pandas in a form that only pandas reads; {AS_PANDAS}.")
    return arrays


def _members(arrays: Mapping[str, "h5py.Dataset"]) -> dict[str, Member]:
    members = members_of(arrays, _fault)
    tables = [array for array in arrays.values() if "index_kind" in array.attrs]
    return _as_pandas(members, tables[0]) if tables else members


def _as_pandas(members: dict[str, Member], table: "h5py.Dataset") -> dict[str, Member]:
    """Return the fields of a pandas table with dates as dates, and without an index that only counts the rows."""
    kinds = {name: _text(table.attrs.get(f"{name}_dtype", table.attrs.get(f"{name}_kind", ""))) for name in members}
    found = {name: _dated(member, kinds[name]) for name, member in members.items()}
    if kinds.get("index") == "integer" and np.array_equal(table["index"], np.arange(len(table))):
        del found["index"]
    return found


def _dated(member: Member, kind: str) -> Member:
    """Return the member with its whole numbers as the dates or durations that pandas says they are."""
    if not kind.startswith(("datetime64", "timedelta64")):
        return member
    unit = kind if "[" in kind else f"{kind}[ns]"
    return Member(member.shape, lambda: member.read().view(unit), member.fault)


def _fault(dtype: np.dtype[Any]) -> str:
    import h5py

    if dtype.kind == "O" and h5py.check_string_dtype(dtype) is None:
        return "holds references or lists; give one number a row"
    return "holds raw bytes; save numbers or text" if dtype.kind == "V" else ""


def _units(arrays: Mapping[str, "h5py.Dataset"]) -> dict[str, str]:
    return {name: _text(array.attrs["units"]) for name, array in arrays.items() if "units" in array.attrs}


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
