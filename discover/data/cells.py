"""Cells of a column -> float64, or one sentence about the first cell that is not a number."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.data.columns import Cells, Table, is_text
from discover.errors import DataError

Array = NDArray[np.float64]

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?|[+-]?inf(?:inity)?|nan", re.IGNORECASE)
ISO_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\d{1,2}:\d{2}.*)?")
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
MISSING = frozenset({"", "-", "--", "?", "."}) | frozenset(
    {"na", "nan", "n/a", "null", "none", "nil", "missing", "<na>", "#n/a", "-nan", "nan(ind)", "-nan(ind)"}
    | {"#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!"}
)
"""Lower case. What spreadsheets and people write where there is no value."""

_THOUSANDS = re.compile(
    r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?|[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?"
)
_COMPLEX = re.compile(r"\(?[+-]?[\d.]+(?:[eE][+-]?\d+)?\s*[+-]\s*[\d.]+(?:[eE][+-]?\d+)?\s*[ij*]+\)?|[+-]?[\d.]+[ij]")
_OTHER_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?:[T ].*)?")
_CLOCK = re.compile(r"\d{1,3}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[aApP][mM])?")
_WITH_UNIT = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*[^\W\d]\S*|[+-]?[\d.]+\s*[%°].*")


def numbers(table: Table, name: str) -> Array:
    """Return one column as numbers, shape (n_rows,), NaN where missing; raises DataError naming the first bad cell."""
    cells = table.columns[name]
    kind = cells.dtype.kind
    if kind == "c":
        raise DataError(
            f'{table.source}: column "{name}" holds complex numbers; '
            "give their real and imaginary parts as two columns, or leave it out with columns=."
        )
    if kind in "Mm":
        raise DataError(
            f'{table.source}: column "{name}" holds dates, which only the time may; '
            f'pass time="{name}", or leave it out with columns=.'
        )
    if is_text(cells):
        return _parsed(table, name)
    return cells.astype(np.float64)


def truth_notes(table: Table, names: Iterable[str]) -> list[str]:
    """Return a note for each column of truth values."""
    truths = [name for name in names if table.columns[name].dtype.kind == "b"]
    return [f'True and False in "{name}" were read as 1 and 0.' for name in truths]


def number_or_none(text: str) -> float | None:
    """Return the number that a cell's text means (Fortran's 1D+03 and a typographic minus too), or None.

    >>> number_or_none("1.5e3"), number_or_none("1D+03"), number_or_none("1,5")
    (1500.0, 1000.0, None)
    """
    plain = text.strip().replace("−", "-")
    if NUMBER.fullmatch(plain):
        return float(plain if "n" in plain.lower() else plain.lower().replace("d", "e"))
    return None


def text_cells(cells: Iterable[Any]) -> Cells:
    """Return text stripped, and None for whatever stands for a missing value, shape (n_rows,).

    >>> text_cells([" 1.5 ", "n/a", float("nan")]).tolist()
    ['1.5', None, None]
    """
    plain = [None if _is_missing(cell) else str(cell).strip() for cell in cells]
    found = np.empty(len(plain), dtype=object)
    found[:] = [None if cell is None or cell.lower() in MISSING else cell for cell in plain]
    return found


def has_numbers(cells: Cells) -> bool:
    """Return whether a column of text holds any number at all."""
    return any(cell is not None and number_or_none(cell) is not None for cell in cells)


def _is_missing(cell: Any) -> bool:
    """Return whether a Python object stands for no value: None, NaN, pandas' NA and NaT (whose truth is undefined)."""
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or (isinstance(cell, float) and cell != cell)


def _parsed(table: Table, name: str) -> Array:
    cells = table.columns[name]
    values = np.full(len(cells), np.nan)
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        value = number_or_none(cell)
        if value is None:
            raise DataError(_complaint(table, name, index))
        values[index] = value
    return values


def _complaint(table: Table, name: str, index: int) -> str:
    cell = str(table.columns[name][index])
    shown = cell if len(cell) <= 40 else f"{cell[:40]}…"
    where = f'{table.source}, {table.place(index)}: column "{name}" holds "{shown}"'
    if _is_row_of_units(table, index):
        return f'{where}: put units into the header in square brackets, as in "{name} [{shown}]", and delete this line.'
    if DECIMAL_COMMA.fullmatch(cell) and _THOUSANDS.fullmatch(cell):
        return (
            f"{where}, which may mean {cell.replace(',', '')} or {cell.replace(',', '.')}; write the one that is meant."
        )
    if _THOUSANDS.fullmatch(cell):
        return f"{where}, a number with thousands separators; write {_without_separators(cell)}."
    if DECIMAL_COMMA.fullmatch(cell):
        return f"{where}, a decimal comma among decimal points; write {cell.replace(',', '.')}."
    if _COMPLEX.fullmatch(cell):
        return f"{where}, a complex number; give its real and imaginary parts as two columns."
    if ISO_DATE.fullmatch(cell):
        return f'{where}, a date, which only the time may; pass time="{name}", or leave the column out with columns=.'
    if _OTHER_DATE.fullmatch(cell):
        return f"{where}, a date that can be read in two ways; write dates as 2020-12-31."
    if _CLOCK.fullmatch(cell):
        return f"{where}, a time of day; write seconds, or the date too (2020-12-31T12:00:00)."
    if _WITH_UNIT.fullmatch(cell) and (has_numbers(table.columns[name]) or not cell.isalnum()):
        return f"{where}, a number with its unit; put the unit into the header in square brackets and keep the number."
    if not has_numbers(table.columns[name]):
        return f'{where}, text; if it names trajectories pass group="{name}", or leave it out with columns=.'
    return f"{where}, which is not a number; correct it, leave the cell empty, or leave the column out with columns=."


def _is_row_of_units(table: Table, index: int) -> bool:
    """Return whether the first row is text in every column whose later rows are numbers."""
    if index != 0 or table.n_rows < 2:
        return False
    return all(is_text(cells) and _misfit(cells[0]) for cells in table.columns.values()) and any(
        cells[1] is not None and not _misfit(cells[1]) for cells in table.columns.values()
    )


def _misfit(cell: str | None) -> bool:
    return cell is not None and number_or_none(cell) is None


def _without_separators(cell: str) -> str:
    if re.fullmatch(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?", cell):
        return cell.replace(".", "").replace(",", ".")
    if re.search(r"[ '’]", cell):
        return re.sub(r"[ '’]", "", cell).replace(",", ".")
    return cell.replace(",", "")
