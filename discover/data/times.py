"""The time of every row: which column it is, dates as numbers, and whether it increases."""

import re
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from discover.data.cells import ISO_DATE, number_or_none, numbers
from discover.data.columns import Cells, Table, is_date, is_text
from discover.data.units import dimension, scale
from discover.errors import DataError, UnitError
from discover.expr import Dimension

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
"""Number of the trajectory of each row, shape (n_rows,)."""

_NAMES = (
    "time t date datetime timestamp times dates year years day days hour hours minute minutes second seconds sec "
    "elapsed month months week weeks zeit temps tiempo tempo"
)
NAMES = tuple(_NAMES.split())
"""Lower case, most trusted first."""

FIRST_WORDS = frozenset({"time", "date", "datetime", "timestamp", "elapsed"})
"""`time_s` and `Date (UTC)` are times; `t_room` is not."""


def guess(table: Table, taken: Collection[str], labels: Labels) -> tuple[str, str]:
    """Return the column that is the time, and a note that says why; raises DataError where none can be.

    Args:
        table: the columns.
        taken: columns that the caller gave another role.
        labels: trajectory of each row, shape (n_rows,).
    """
    free = [name for name in table.columns if name not in taken]
    named = sorted((name for name in free if rank(name) is not None), key=lambda name: rank(name) or 0)
    if named:
        return named[0], f'The column "{named[0]}" was taken as the time, because of its name.'
    dated = [name for name in free if holds_dates(table.columns[name])]
    if dated:
        return dated[0], f'The column "{dated[0]}" was taken as the time, because it holds dates.'
    for name in free:
        values = _plain_numbers(table.columns[name])
        if values is not None and increases(values, labels):
            return name, f'The column "{name}" was taken as the time, the first that always increases.'
    raise DataError(
        f"{table.source}: no column is called time and none increases from row to row; name the time with time= "
        f"(columns: {', '.join(table.columns)})."
    )


def rank(name: str) -> int | None:
    """Return how far down the list of names for the time this one stands, None where it is none of them."""
    lower = name.lower()
    if lower in NAMES:
        return NAMES.index(lower)
    first = re.split(r"[\s_\-./(]+", lower)[0]
    return len(NAMES) if first in FIRST_WORDS else None


def holds_dates(cells: Cells) -> bool:
    """Return whether cells are dates, durations, or text of ISO dates."""
    if is_text(cells):
        present = [cell for cell in cells[:20] if cell is not None]
        return bool(present) and all(ISO_DATE.fullmatch(cell) for cell in present)
    return is_date(cells)


def _plain_numbers(cells: Cells) -> Array | None:
    """Return the numbers of a column, None where it has others than finite ones."""
    if is_text(cells):
        values = [number_or_none(cell) if cell is not None else None for cell in cells]
        if any(value is None for value in values):
            return None
        cells = np.array(values, dtype=np.float64)
    if cells.dtype.kind not in "iuf" or not np.isfinite(cells).all():
        return None
    return cells.astype(np.float64)


def increases(values: Array, labels: Labels) -> bool:
    """Return whether values increase strictly from row to row of each trajectory, shapes (n_rows,)."""
    order = np.argsort(labels, kind="stable")
    steps, same = np.diff(values[order]), np.diff(labels[order]) == 0
    return bool(np.all(steps[same] > 0))


# --- values -----------------------------------------------------------------------------------------------------------


def time_values(table: Table, name: str) -> tuple[Array, str | None, list[str]]:
    """Return the times as numbers, shape (n_rows,), their unit (None: unknown), and notes.

    Dates become the time since the earliest one, in seconds or the unit asked for. Raises DataError where a time is
    missing, infinite or unreadable, UnitError where dates are asked for in a unit that is not one of time.
    """
    cells = table.columns[name]
    unit = table.units.get(name)
    if holds_dates(cells):
        return _since_first(table, name, unit or "s")
    values = numbers(table, name)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        what = "missing" if np.isnan(values[bad[0]]) else "infinite"
        raise DataError(
            f'{table.source}, {table.place(bad[0])}: the time "{name}" is {what}; complete it or delete the row.'
        )
    return values, unit, []


def _since_first(table: Table, name: str, unit: str) -> tuple[Array, str, list[str]]:
    if dimension(unit) != Dimension.of({"s": 1}):
        raise UnitError(
            f'{table.source}: the dates in "{name}" cannot be measured in "{unit}"; ask for a unit of time, as in '
            f'units={{"{name}": "days"}}.'
        )
    cells = table.columns[name]
    dates = _parsed_dates(table, name) if is_text(cells) else cells
    missing = np.flatnonzero(np.isnat(dates))
    if len(missing):
        raise DataError(
            f'{table.source}, {table.place(missing[0])}: the time "{name}" is missing; complete it or delete the row.'
        )
    if dates.dtype.kind == "m":
        values = dates / np.timedelta64(1, "s") / scale(unit)
        return values, unit, [f'The durations in "{name}" were converted to {unit}.']
    first = dates.min()
    values = (dates - first) / np.timedelta64(1, "s") / scale(unit)
    return values, unit, [f'The dates in "{name}" were converted to {unit} since {_date_text(first)}.']


def _date_text(date: np.datetime64) -> str:
    text = np.datetime_as_string(date, unit="auto")
    return f"{text}-01-01" if len(text) == 4 else str(text)


def _parsed_dates(table: Table, name: str) -> Cells:
    import pandas as pd

    cells = table.columns[name]
    plain = pd.Series([None if cell is None else cell.replace("/", "-") for cell in cells], dtype=object)
    dates = pd.to_datetime(plain, format="ISO8601", utc=True, errors="coerce").dt.tz_localize(None).to_numpy()
    for index in np.flatnonzero(np.isnat(dates)):
        if cells[index] is not None:
            raise DataError(
                f'{table.source}, {table.place(index)}: "{cells[index]}" in "{name}" is not a date; '
                "write dates as 2020-12-31 or 2020-12-31T23:59:59."
            )
    return dates


# --- order ------------------------------------------------------------------------------------------------------------


def check_order(table: Table, name: str, values: Array, labels: Labels, group: str | None) -> None:
    """Raise DataError naming the first row whose time does not lie behind the row before it in its trajectory.

    Args:
        table: the columns, for messages.
        name: the column that is the time.
        values: the times, shape (n_rows,).
        labels: trajectory of each row, shape (n_rows,).
        group: the column that tells trajectories apart, None where there is one.
    """
    order = np.argsort(labels, kind="stable")
    wrong = np.flatnonzero((np.diff(values[order]) <= 0) & (np.diff(labels[order]) == 0))
    if not len(wrong):
        return
    before, after = (int(order[wrong[0] + ahead]) for ahead in (0, 1))
    texts = [shown(table.columns[name][index]) for index in (before, after)]
    if values[before] == values[after]:
        fault = f'the time "{name}" is {texts[1]} again, as in {table.place(before)}'
    else:
        fault = f'the time "{name}" goes back from {texts[0]} to {texts[1]}'
    raise DataError(f"{table.source}, {table.place(after)}: {fault}; {_remedy(table, name, values, group)}.")


def shown(cell: object) -> str:
    """Return a cell as text, without digits that are rounding.

    >>> shown(0.1 + 0.2), shown("2020-01-01")
    ('0.3', '2020-01-01')
    """
    return f"{cell:.12g}" if isinstance(cell, float | np.floating) else str(cell)


def _remedy(table: Table, name: str, values: Array, group: str | None) -> str:
    if group is not None:
        return f'sort the rows of each "{group}" by time, and keep one row for each time'
    for other, cells in table.columns.items():
        if other != name and increases(values, labels := _coded(cells)) and 2 * (labels.max() + 1) <= len(labels):
            place = f', and if it is a field over space, name its coordinates, as in space="{other}"'
            return f'if the file holds several trajectories, tell them apart with group="{other}"' + (
                "" if is_text(cells) else place
            )
    return (
        "sort the rows by time and keep one for each time, or name the column that tells trajectories apart with group="
    )


def _coded(cells: Cells) -> Labels:
    """Return a number for each different cell, shape (n_rows,)."""
    texts: Sequence[str] = [str(cell) for cell in cells]
    codes: dict[str, int] = {}
    return np.array([codes.setdefault(text, len(codes)) for text in texts], dtype=np.int64)
