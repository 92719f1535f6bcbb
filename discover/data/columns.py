"""Table: columns as they were read, before anything is decided about them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.errors import DataError, did_you_mean

Cells = NDArray[Any]
"""Shape (n_rows,): numbers, truth values, datetime64, timedelta64, or text (dtype object, None where missing)."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of one length, and how to name a place in them.

    Attributes:
        source: file name or description, which every message starts with.
        columns: name (a header as written, until `headers.py` has split it) -> cells, in the source's order.
        units: name -> text of its unit, where the source says so.
        headers: name -> header as written, where it differs.
        rows: line of each row in its file, shape (n_rows,); empty where there is none.
        time, group, inputs: roles that the source itself settles, None and () where it does not; `case` is the
            column that tells cases apart, beyond the trajectories.
        notes: what the reader should be told about the reading.
    """

    source: str
    columns: Mapping[str, Cells]
    units: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    time: str | None = None
    group: str | None = None
    inputs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    case: str | None = None

    @property
    def n_rows(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def place(self, index: int | np.integer[Any]) -> str:
        """Return what to call the row with this index: "line 17", or "row 16 (counted from 0)" outside of files."""
        return f"line {self.rows[index]}" if len(self.rows) else f"row {index} (counted from 0)"

    def find(self, name: str, option: str) -> str:
        """Return the column that `name` means; raises DataError where there is none, naming the option it came from."""
        if name in self.columns:
            return name
        for column, header in self.headers.items():
            if header == name:
                return column
        raise DataError(f'{self.source} has no column "{name}" for {option}.{did_you_mean(name, self.columns)}')

    def noting(self, notes: Iterable[str]) -> "Table":
        """Return the table with these notes added, none of them twice."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))


def is_text(cells: Cells) -> bool:
    """Return whether a column holds text (dates written as text too)."""
    return cells.dtype == object


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 row" or "2 rows"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def is_date(cells: Cells) -> bool:
    """Return whether a column holds dates or durations that need no parsing."""
    return cells.dtype.kind in "Mm"
