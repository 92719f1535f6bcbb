"""load: whatever holds measurements -> the checked xarray.Dataset. Read top to bottom, it is the way of the data."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover.data.assembly import assemble
from discover.data.columns import Table
from discover.data.headers import split_headers
from discover.data.roles import Names, assign, listed, refuse_no_numbers
from discover.errors import DataError, SettingError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

INSTEAD = {
    ".xlsx": "save the sheet as CSV",
    ".xls": "save the sheet as CSV",
    ".ods": "save the sheet as CSV",
    ".gz": "unpack it",
    ".zip": "unpack it",
    ".mat": "read it with scipy.io.loadmat and pass a dict of arrays",
    ".npz": "read it with numpy.load and pass a dict of arrays",
    ".npy": "read it with numpy.load and pass a dict of arrays",
    ".parquet": "read it with pandas and pass the DataFrame",
    ".h5": "read it with h5py and pass a dict of arrays",
    ".hdf5": "read it with h5py and pass a dict of arrays",
    ".json": "read it with pandas and pass the DataFrame",
}
"""Extension that people try -> how the data get in all the same."""


def load(
    source: "str | Path | pd.DataFrame | xr.Dataset | Mapping[str, Any]",
    *,
    time: str | None = None,
    group: str | None = None,
    inputs: Names = (),
    columns: Names | None = None,
    units: Mapping[str, str] | None = None,
) -> "xr.Dataset":
    """Return measurements as an xarray.Dataset, checked, with units, roles and a fingerprint.

    One trajectory lies along the dimension `time`; several lie one after the other along `sample`, with the
    coordinates `trajectory` and `time`. Missing values stay NaN. What was done to the data stands in `attrs["notes"]`.

    Args:
        source: path of a CSV, TSV or NetCDF file, or a DataFrame, a Dataset, a dict of one-dimensional arrays; what
            `load` returned comes back unchanged.
        time: the column that is the time, found by its name or because it increases if not given.
        group: the column that tells trajectories apart.
        inputs: columns that drive the system and get no equation.
        columns: the columns that are states, by default all others.
        units: column -> unit, where the headers do not say it; for dates, the unit they are to be measured in.

    Raises:
        DataError: for a file, a column or a row that cannot be used; it names the place and the remedy.
        UnitError: for a unit that is not known.
        SettingError: for options that contradict each other.

    >>> data = load({"t": [0, 1, 2, 3, 4], "x [m]": [0.0, 0.1, 0.3, 0.4, 0.6]})
    >>> data["x"].units, data["x"].role, data.sizes["time"], data.notes
    ('m', 'state', 5, ['The column "t" was taken as the time, because of its name.'])
    """
    _check_options(time, group)
    named = {"time": time, "group": group, "inputs": listed(inputs, "inputs="), "columns": columns}
    if columns is not None:
        named["columns"] = listed(columns, "columns=")
    table = split_headers(_read(source, **named), units)
    if not table.columns or not table.n_rows:
        raise DataError(f"{table.source} holds no rows of data; at least five are needed.")
    refuse_no_numbers(table)
    roles, labels, names, notes = assign(table, time, group, named["inputs"], named["columns"])
    return assemble(table.noting(notes), roles, labels, names)


def _check_options(time: str | None, group: str | None) -> None:
    for option, value in (("time=", time), ("group=", group)):
        if value is not None and not isinstance(value, str):
            raise SettingError(f"{option} must be the name of a column, not {value!r}.")


def _read(source: Any, **named: Any) -> Table:
    """Return the columns of whatever was handed in; `named` are the columns that the caller gave a role."""
    if isinstance(source, str | os.PathLike):
        path = _checked(Path(source).expanduser())
        return READERS[path.suffix.lower()](path, named)
    import pandas as pd
    import xarray as xr

    from discover.data.frames import from_dict, from_frame
    from discover.data.labelled import from_dataset

    if isinstance(source, xr.Dataset):
        return from_dataset(source, "Dataset", **named)
    if isinstance(source, pd.DataFrame):
        return from_frame(source)
    if isinstance(source, Mapping):
        return from_dict(source)
    raise SettingError(
        f"load takes a path, a DataFrame, an xarray.Dataset or a dict of arrays, not {type(source).__name__}; "
        'name the columns of an array, as in {"t": t, "x": X[:, 0]}.'
    )


# --- files ------------------------------------------------------------------------------------------------------------


def _from_text(path: Path, named: Mapping[str, Any]) -> Table:
    from discover.data.tables import read_table

    return read_table(path)


def _from_netcdf(path: Path, named: Mapping[str, Any]) -> Table:
    from discover.data.labelled import from_dataset
    from discover.data.netcdf import read_netcdf

    dataset, notes = read_netcdf(path)
    return from_dataset(dataset, path.name, **named).noting(notes)


READERS = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".dat", ".tab"), _from_text),
    **dict.fromkeys((".nc", ".nc4", ".netcdf", ".cdf"), _from_netcdf),
}
"""Extension -> function of the path and of the columns with a role, which returns a Table."""


def _checked(path: Path) -> Path:
    """Return the path of a file that can be read; raises DataError for a missing file, a folder, another kind."""
    if path.is_dir():
        raise DataError(f"{path} is a folder; name a file in it{_readable_files(path)}.")
    if not path.exists():
        if not path.parent.is_dir():
            raise DataError(f"there is no file {path}, nor a folder {path.parent}; check the path.")
        near = did_you_mean(path.name, [other.name for other in path.parent.iterdir() if other.is_file()])
        hint = near if near.startswith(" Did") else ""
        raise DataError(f"there is no file {path.name} in {path.parent.resolve()}; check the name.{hint}")
    suffix = path.suffix.lower()
    if suffix not in READERS:
        what = f'files ending in "{suffix}"' if suffix else "files without an extension"
        remedy = INSTEAD.get(suffix, f"if it is a table or NetCDF, rename it ({', '.join(READERS)})")
        raise DataError(f"{path.name}: {what} are not read; {remedy}.")
    return path


def _readable_files(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in READERS)
    return f", such as {names[0]}" if names else ""
