"""NetCDF -> xarray.Dataset, in memory and closed: version 4 through h5netcdf, version 3 through SciPy."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from discover.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

ENGINES = {b"\x89HDF": "h5netcdf", b"CDF": "scipy"}
"""How a file begins -> who reads it."""

DAMAGE = (OSError, ValueError, RuntimeError, KeyError, TypeError, IndexError, AttributeError, EOFError, ImportError)
"""What the readers raise on damaged files, which they do not check for."""


def read_netcdf(path: Path) -> tuple["xr.Dataset", list[str]]:
    """Return the Dataset of a NetCDF file, read completely, and notes on its times.

    Times in a calendar without dates (360 days, no leap years) or in months stay numbers. Raises DataError where the
    file is damaged, or is no NetCDF.
    """
    engine = _engine(path)
    with contextlib.suppress(*DAMAGE):
        dataset = _read(path, engine, decode_times=True)
        if not any(map(_is_cftime, dataset.variables.values())):
            return dataset, []
    try:
        return _with_plain_times(_read(path, engine, decode_times=False))
    except DAMAGE as error:
        raise DataError(_damaged(path, error)) from None


def _read(path: Path, engine: str, decode_times: bool) -> "xr.Dataset":
    import xarray as xr

    # "days" on a number is a unit, not a request for timedelta64.
    with xr.open_dataset(path, engine=engine, decode_times=decode_times, decode_timedelta=False) as dataset:
        return dataset.load()


def _is_cftime(variable: "xr.Variable") -> bool:
    """Return whether a variable was decoded by cftime, which need not be installed, to dates of another calendar."""
    return variable.dtype == object and variable.size > 0 and type(variable.values.flat[0]).__module__[:6] == "cftime"


def _with_plain_times(dataset: "xr.Dataset") -> tuple["xr.Dataset", list[str]]:
    """Return the Dataset with "days since …" as plain days, and a note for each variable that had it."""
    notes: list[str] = []
    for name, variable in dataset.variables.items():
        unit, since, first = str(variable.attrs.get("units", "")).partition(" since ")
        if since:
            calendar = variable.attrs.get("calendar", "standard")
            dataset[name].attrs["units"] = unit
            notes.append(f'"{name}" stays in {unit} since {first} ({calendar} calendar), which are no dates.')
    return dataset, notes


def _damaged(path: Path, error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    reason = lines[0][:120] if lines else type(error).__name__
    return f"{path.name} is damaged or cut short and cannot be read as NetCDF ({reason}); copy or export it again."


def _engine(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}; check its permissions.") from None
    if not start:
        raise DataError(f"{path.name} is empty; export it again.")
    for magic, engine in ENGINES.items():
        if start.startswith(magic):
            return engine
    raise DataError(f"{path.name} is not NetCDF whatever its name says; if it is a table of text, name it .csv.")
