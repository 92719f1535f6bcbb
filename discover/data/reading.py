"""load: whatever holds measurements -> the checked xarray.Dataset. Read top to bottom, it is the way of the data."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from discover.data.assembly import assemble
from discover.data.casework import labelled_by_case, without_cases
from discover.data.columns import Table
from discover.data.headers import split_headers
from discover.data.roles import NOTHING, Named, Names, assign, listed, refuse_no_numbers
from discover.data.several import Recordings, joined
from discover.errors import DataError, SettingError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from discover.data.gridded import Gridded

INSTEAD = {
    ".xlsx": "save the sheet as CSV",
    ".xls": "save the sheet as CSV",
    ".ods": "save the sheet as CSV",
    ".gz": "unpack it",
    ".zip": "unpack it",
    ".npy": 'an array has no names of columns, so name them with numpy.savez("d.npz", t=X[:, 0], x=X[:, 1])',
    ".json": "read it with pandas and pass the DataFrame",
    ".feather": "read it with pandas and pass the DataFrame",
    ".pkl": "unpickling may run code, so save it as Parquet or CSV",
    ".pickle": "unpickling may run code, so save it as Parquet or CSV",
}
"""Extension that people try -> how the data get in all the same."""


@overload
def load(
    source: "str | Path | pd.DataFrame | xr.Dataset | Mapping[str, Any]",
    *,
    time: str | None = None,
    space: Names | None = None,
    group: str | None = None,
    by: str | None = None,
    inputs: Names = (),
    columns: Names | None = None,
    units: Mapping[str, str] | None = None,
) -> "xr.Dataset":
    """Return one source as a Dataset."""
    ...


@overload
def load(
    source: "Recordings | Sequence[Any]",
    *,
    time: str | None = None,
    space: Names | None = None,
    group: str | None = None,
    by: str | None = None,
    inputs: Names = (),
    columns: Names | None = None,
    units: Mapping[str, str] | None = None,
) -> "xr.Dataset | Recordings":
    """Return several sources as one Dataset of trajectories, or as fields side by side."""
    ...


def load(
    source: Any,
    *,
    time: str | None = None,
    space: Names | None = None,
    group: str | None = None,
    by: str | None = None,
    inputs: Names = (),
    columns: Names | None = None,
    units: Mapping[str, str] | None = None,
) -> "xr.Dataset | Recordings":
    """Return measurements as an xarray.Dataset, checked, with units, roles and a fingerprint.

    One trajectory lies along the dimension `time`; several lie one after the other along `sample`, with the
    coordinates `trajectory` and `time`. A field over space has the dimensions `time` and one to three of space, whose
    names stand in `attrs["space"]`; several recordings on one grid have `trajectory` in front. A list of sources
    becomes one Dataset with a trajectory from each, or `Recordings` of fields that each keep their own grid. Missing
    values stay NaN. What was done to the data stands in `attrs["notes"]`.

    Args:
        source: path of a CSV, TSV, NetCDF, Parquet, Zarr, NPZ, MATLAB or HDF5 file, or a DataFrame, a Dataset, a dict
            of arrays, or a list of these; what `load` returned comes back unchanged.
        time: the column that is the time, found by its name or because it increases if not given.
        space: one to three coordinates of space. A table then has one row for each point of a grid. If not given,
            the dimensions of a Dataset or of arrays beside time and group are taken where they can be nothing else.
        group: the column that tells trajectories apart.
        by: the column that tells cases apart, which may hold several trajectories or part one into regimes; the
            trajectories themselves where no group is given. See `discover.dynamics(by=…)`.
        inputs: columns that drive the system and get no equation.
        columns: the columns that are states, by default all others.
        units: column -> unit, where the headers do not say it; for dates, the unit they are to be measured in.

    Raises:
        DataError: for a file, a column or a row that cannot be used; it names the place and the remedy.
        UnitError: for a unit that is not known.
        SettingError: for options that contradict each other.
        UnavailableError: for a Parquet or Zarr file where the package that reads it is not installed.

    >>> data = load({"t": [0, 1, 2, 3, 4], "x [m]": [0.0, 0.1, 0.3, 0.4, 0.6]})
    >>> data["x"].units, data["x"].role, data.sizes["time"], data.notes
    ('m', 'state', 5, ['The column "t" was taken as the time, because of its name.'])
    """
    if isinstance(source, Recordings):
        return source
    if isinstance(source, list | tuple):
        options: dict[str, Any] = {"time": time, "space": space, "group": group, "by": by, "inputs": inputs}
        return joined(source, lambda one: load(one, columns=columns, units=units, **options))
    _check_options(time, group, by)
    named: dict[str, Any] = {"time": time, "group": group, "inputs": listed(inputs, "inputs=")}
    named["space"] = () if space is None else listed(space, "space=")
    named["columns"] = None if columns is None else listed(columns, "columns=")
    content = read(source, named)
    if not isinstance(content, Table):
        from discover.data.field_assembly import assemble_field

        named["group"] = by if group is None and content.group is None else group
        return assemble_field(content, named, units)
    table = split_headers(content, units)
    if not table.columns or not table.n_rows:
        raise DataError(f"{table.source} holds no rows of data; at least five are needed.")
    refuse_no_numbers(table)
    if named["space"]:
        from discover.data.field_assembly import assemble_field
        from discover.data.pivot import pivoted

        return assemble_field(pivoted(table, named), NOTHING)
    table, group, cases = without_cases(table, group, by)
    roles, labels, names, notes = assign(table, time, group, named["inputs"], named["columns"])
    return labelled_by_case(assemble(table.noting(notes), roles, labels, names), cases)


def _check_options(time: str | None, group: str | None, by: str | None) -> None:
    for option, value in (("time=", time), ("group=", group), ("by=", by)):
        if value is not None and not isinstance(value, str):
            raise SettingError(f"{option} must be the name of a column, not {value!r}.")


def read(source: Any, named: Named) -> "Table | Gridded":
    """Return the columns of whatever was handed in, or its variables over a grid."""
    if isinstance(source, str | os.PathLike):
        path = _checked(Path(source).expanduser())
        return READERS[path.suffix.lower()](path, named)
    import pandas as pd
    import xarray as xr

    from discover.data.frames import from_dict, from_frame
    from discover.data.gridded import from_dataset
    from discover.data.matching import from_arrays, has_axes

    if isinstance(source, xr.DataArray):
        notes = [] if source.name is not None else ['The DataArray has no name and is called "u".']
        named_array = source.to_dataset(name="u" if source.name is None else str(source.name))
        return from_dataset(named_array, "DataArray", named).noting(notes)
    if isinstance(source, xr.Dataset):
        return from_dataset(source, "Dataset", named)
    if isinstance(source, pd.DataFrame):
        return from_frame(source)
    if isinstance(source, Mapping):
        return from_arrays(source, "dict of arrays", named) if has_axes(source) else from_dict(source)
    raise SettingError(
        f"load takes a path, a DataFrame, an xarray.Dataset or a dict of arrays, not {type(source).__name__}; "
        'name the columns of an array, as in {"t": t, "x": X[:, 0]}.'
    )


# --- files ------------------------------------------------------------------------------------------------------------


def _from_text(path: Path, named: Named) -> Table:
    from discover.data.tables import read_table

    return read_table(path)


def _from_netcdf(path: Path, named: Named) -> "Table | Gridded":
    from discover.data.gridded import from_dataset
    from discover.data.netcdf import read_netcdf

    dataset, notes = read_netcdf(path)
    return from_dataset(dataset, path.name, named).noting(notes)


def _from_parquet(path: Path, named: Named) -> Table:
    from discover.data.parquet import read_parquet

    return read_parquet(path, named)


def _from_zarr(path: Path, named: Named) -> "Table | Gridded":
    import xarray as xr

    from discover.data.gridded import from_dataset
    from discover.data.zarr import read_zarr

    found, notes = read_zarr(path, named)
    return (from_dataset(found, path.name, named) if isinstance(found, xr.Dataset) else found).noting(notes)


def _from_npz(path: Path, named: Named) -> "Table | Gridded":
    from discover.data.npz import read_npz

    return read_npz(path, named)


def _from_matlab(path: Path, named: Named) -> "Table | Gridded":
    from discover.data.matlab import read_matlab

    return read_matlab(path, named)


def _from_hdf5(path: Path, named: Named) -> "Table | Gridded":
    from discover.data.hdf5 import read_hdf5

    return read_hdf5(path, named)


Reader = Callable[[Path, Named], "Table | Gridded"]

READERS: Mapping[str, Reader] = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".dat", ".tab"), _from_text),
    **dict.fromkeys((".nc", ".nc4", ".netcdf", ".cdf"), _from_netcdf),
    **dict.fromkeys((".parquet", ".pq"), _from_parquet),
    ".zarr": _from_zarr,
    ".npz": _from_npz,
    ".mat": _from_matlab,
    **dict.fromkeys((".h5", ".hdf5", ".hdf", ".he5"), _from_hdf5),
}
"""Extension -> function of the path and of the columns with a role, which returns a Table or a Gridded."""

FOLDERS = frozenset({".zarr"})
"""Extensions of those that are folders."""


def _is_data(path: Path) -> bool:
    return path.suffix.lower() in READERS and path.is_dir() == (path.suffix.lower() in FOLDERS)


def _checked(path: Path) -> Path:
    """Return the path of a file that can be read; raises DataError for a missing file, a folder, another kind."""
    if path.is_dir() and path.suffix.lower() not in FOLDERS:
        raise DataError(f"{path} is a folder; name a file in it{_readable_files(path)}.")
    if not path.exists():
        if not path.parent.is_dir():
            raise DataError(f"there is no file {path}, nor a folder {path.parent}; check the path.")
        others = [other.name for other in path.parent.iterdir() if other.is_file() or _is_data(other)]
        near = did_you_mean(path.name, others)
        hint = near if near.startswith(" Did") else ""
        raise DataError(f"there is no file {path.name} in {path.parent.resolve()}; check the name.{hint}")
    suffix = path.suffix.lower()
    if suffix not in READERS:
        what = f'files ending in "{suffix}"' if suffix else "files without an extension"
        remedy = INSTEAD.get(suffix, f"if it is one of these, rename it ({', '.join(READERS)})")
        raise DataError(f"{path.name}: {what} are not read; {remedy}.")
    return path


def _readable_files(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir() if _is_data(path))
    return f", such as {names[0]}" if names else ""
