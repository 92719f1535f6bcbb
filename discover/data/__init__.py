"""The door in: files -> xarray.Dataset -> Problem.

`load` reads tables (`tables.py`), NetCDF (`netcdf.py`), Parquet (`parquet.py`), Zarr (`zarr.py`), NPZ (`npz.py`),
MATLAB (`matlab.py`) and HDF5 (`hdf5.py`), takes DataFrames, Datasets and dicts of arrays as they are, and hands all of
them through one set of checks (`checks.py`). What extends over space travels as `Gridded` (`gridded.py`; `matching.py`
from arrays, `pivot.py` from tables), gets its axes (`axes.py`) and is laid out and checked (`field_assembly.py`,
`snapshots.py`) as `fields.py` says, where formulations take its arrays. `example` loads the measured tables that ship.

To add a loader: a module with a function `read_<format>(path, named) -> Table | Gridded` (`columns.py` and `gridded.py`
say what they hold), and its extension in `READERS` of `reading.py`. It parses and decides nothing: roles, units, dates
and checks come after it; what the caller named only tells it what need not be read and may be anything. For named
arrays `arrays.py` does that. `binary.py` tells damage and missing packages in one way. Nothing is ever unpickled.
To add an example: a CSV in `examples/` with its citation in `#` lines and units in its header.
"""

from discover.data.reading import load
from discover.data.shipped import example, example_names

__all__ = ["example", "example_names", "load"]
