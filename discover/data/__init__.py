"""The door in: files -> xarray.Dataset -> Problem.

`load` reads tables (`tables.py`) and NetCDF (`netcdf.py`), takes DataFrames, Datasets and dicts of arrays as they are,
and hands all of them through one set of checks (`checks.py`). `example` loads the measured tables that ship.

To add a loader: a module with a function `read_<format>(path) -> Table` (`columns.py` says what a Table holds), and its
extension in `READERS` of `reading.py`. It parses and decides nothing: roles, units, dates and checks come after it.
To add an example: a CSV in `examples/` with its citation in `#` lines and units in its header.
"""

from discover.data.reading import load
from discover.data.shipped import example, example_names

__all__ = ["example", "example_names", "load"]
