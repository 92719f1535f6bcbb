"""A pandas.DataFrame or a dict of arrays -> Table."""

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from discover.data.cells import text_cells
from discover.data.columns import Cells, Table
from discover.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def from_dict(arrays: Mapping[Any, Any]) -> Table:
    """Return the columns of a dict of one-dimensional arrays of one length."""
    columns = {str(name): cells_of(values, str(name), "dict of arrays") for name, values in arrays.items()}
    _refuse_unequal(columns)
    return Table(source="dict of arrays", columns=columns)


def from_frame(frame: "pd.DataFrame", source: str = "DataFrame") -> Table:
    """Return the columns of a DataFrame; an index that holds times or has a name becomes a column."""
    import pandas as pd

    if isinstance(frame.columns, pd.MultiIndex):
        raise DataError(f"{source}: its columns have {frame.columns.nlevels} levels; give each column one name.")
    plain, time = _with_index(frame, source)
    repeated = [str(name) for name in plain.columns[plain.columns.duplicated()]]
    if repeated:
        raise DataError(f'{source}: two columns are called "{repeated[0]}"; give each its own name.')
    columns = {str(name): cells_of(plain[name], str(name), source) for name in plain.columns}
    return Table(source=source, columns=columns, time=time)


def _with_index(frame: "pd.DataFrame", source: str) -> tuple["pd.DataFrame", str | None]:
    """Return the frame with its index as columns where it says anything, and the name of an index of dates."""
    import pandas as pd

    index = frame.index
    dated = isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex | pd.PeriodIndex)
    if not dated and all(name is None for name in index.names) and not isinstance(index, pd.MultiIndex):
        counts = pd.api.types.is_integer_dtype(index.dtype) or index.dtype == object or index.dtype == "str"
        if counts:
            return frame, None
    if isinstance(index, pd.PeriodIndex):
        frame = frame.set_axis(index.to_timestamp())
    named = frame.rename_axis(index=[name or "time" if dated else name for name in index.names])
    clash = [str(name) for name in named.index.names if name in frame.columns]
    if clash:
        raise DataError(f'{source}: its index and a column are both called "{clash[0]}"; rename one.')
    if all(name is None for name in named.index.names):
        named = named.rename_axis(index="index")
    return named.reset_index(), str(named.index.names[0]) if dated else None


def cells_of(values: Any, name: str, source: str) -> Cells:
    """Return array-like values as the cells of a column; raises DataError where they are not one row of them."""
    import pandas as pd

    if np.ma.isMaskedArray(values):
        values = np.ma.filled(values.astype(np.float64), np.nan)
    series = values if isinstance(values, pd.Series) else None
    if series is not None and isinstance(series.dtype, pd.DatetimeTZDtype):
        return series.dt.tz_convert(None).to_numpy()
    try:
        array = np.asarray(_plain(series) if series is not None else values)
    except ValueError:
        raise DataError(f'{source}: "{name}" holds sequences of different lengths; give one number a row.') from None
    if array.ndim != 1:
        shape = "a single value" if array.ndim == 0 else f"an array of shape {array.shape}"
        raise DataError(f'{source}: "{name}" is {shape}; give one-dimensional arrays, one value a row.')
    if array.dtype.kind in "biufcMm":
        return array
    return _objects(array, name, source)


def _plain(series: "pd.Series") -> Any:
    """Return the values of a Series, NaN where a nullable dtype has none."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(series.dtype) and not isinstance(series.dtype, np.dtype):
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    return series.to_numpy()


def _objects(array: Cells, name: str, source: str) -> Cells:
    """Return Python objects as dates, numbers or text."""
    import pandas as pd

    if array.dtype.kind == "S" or any(isinstance(value, bytes) for value in array.tolist()):
        return _objects(_decoded(array), name, source)
    present = [value for value in array.tolist() if not _is_none(value)]
    if present and all(isinstance(value, datetime.date | pd.Timestamp) for value in present):
        return pd.to_datetime(pd.Series(array), utc=True).dt.tz_localize(None).to_numpy()
    if present and type(present[0]).__module__.startswith("cftime"):
        raise DataError(
            f'{source}: "{name}" has dates of a {getattr(present[0], "calendar", "")} calendar, which are not read; '
            "convert them to numbers, such as days since the first."
        )
    if any(isinstance(value, complex) for value in present):
        return array.astype(np.complex128)
    if all(isinstance(value, int | float | np.number) for value in present):
        return np.array([np.nan if _is_none(value) else float(value) for value in array.tolist()])
    if any(isinstance(value, Sequence | Mapping | np.ndarray) and not isinstance(value, str) for value in present):
        raise DataError(f'{source}: "{name}" holds sequences; give one number a row.')
    return text_cells(array.tolist())


def _decoded(array: Cells) -> Cells:
    """Return text that is bytes, as HDF5 keeps it, as text; shape (n_rows,)."""
    found = np.empty(len(array), dtype=object)
    found[:] = [cell.decode(errors="replace") if isinstance(cell, bytes) else cell for cell in array.tolist()]
    return found


def _is_none(value: Any) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def _refuse_unequal(columns: Mapping[str, Cells]) -> None:
    lengths = {name: len(cells) for name, cells in columns.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f'"{name}" {length}' for name, length in lengths.items())
        raise DataError(
            f"dict of arrays: there are columns of different lengths ({listed}); give every column one length."
        )
