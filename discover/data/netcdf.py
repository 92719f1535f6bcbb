"""NetCDF -> xarray.Dataset, in memory and closed: version 4 through h5netcdf, version 3 through SciPy."""

from pathlib import Path
from typing import TYPE_CHECKING

from discover.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

ENGINES = {b"\x89HDF": "h5netcdf", b"CDF": "scipy"}
"""How a file begins -> who reads it."""


def read_netcdf(path: Path) -> "xr.Dataset":
    """Return the Dataset of a NetCDF file, read completely; raises DataError where it is damaged or none."""
    import xarray as xr

    engine = _engine(path)
    try:
        # "days" on a number is a unit, not a request for timedelta64.
        with xr.open_dataset(path, engine=engine, decode_timedelta=False) as dataset:
            return dataset.load()
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, IndexError, AttributeError, EOFError) as error:
        reason = str(error).strip().splitlines()
        raise DataError(
            f"{path.name} is damaged or cut short and cannot be read as NetCDF "
            f"({reason[0][:120] if reason else type(error).__name__}); copy or export it again."
        ) from None


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
