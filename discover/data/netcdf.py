"""NetCDF -> xarray.Dataset, in memory and closed unless large: version 4 through h5netcdf, version 3 through SciPy."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from discover.data.binary import DAMAGE, other_kind, start_of, told_if_damaged

if TYPE_CHECKING:
    import xarray as xr

ENGINES = {b"\x89HDF": "h5netcdf", b"CDF": "scipy"}
"""How a file begins -> who reads it."""


def read_netcdf(path: Path) -> tuple["xr.Dataset", list[str]]:
    """Return the Dataset of a NetCDF file, read completely unless it is large, and notes on its times.

    Times in a calendar without dates (360 days, no leap years) or in months stay numbers. Raises DataError where the
    file is damaged, or is no NetCDF.
    """
    engine = _engine(path)
    with told_if_damaged(path, "NetCDF"):
        return with_times(lambda decode_times: _read(path, engine, decode_times))


def with_times(read: "Callable[[bool], xr.Dataset]") -> tuple["xr.Dataset", list[str]]:
    """Return what `read` (given whether to decode times) returns, and notes on times that stay numbers."""
    with contextlib.suppress(*DAMAGE):
        dataset = read(True)
        if not any(map(_is_cftime, dataset.variables.values())):
            return dataset, []
    return _with_plain_times(read(False))


def _read(path: Path, engine: str, decode_times: bool) -> "xr.Dataset":
    import xarray as xr

    from discover.data.lazy import IN_MEMORY, read_if_small

    # SciPy leaves a damaged file open, and its memory mapped; bytes need no closing.
    source = io.BytesIO(path.read_bytes()) if engine == "scipy" and path.stat().st_size <= IN_MEMORY else path
    # "days" on a number is a unit, not a request for timedelta64.
    return read_if_small(xr.open_dataset(source, engine=engine, decode_times=decode_times, decode_timedelta=False))


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


def _engine(path: Path) -> str:
    start = start_of(path)
    for magic, engine in ENGINES.items():
        if start.startswith(magic):
            return engine
    raise other_kind(path, "NetCDF")
