"""CSV and its kin: any delimiter, decimal commas, comments, one header or none."""

import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from discover.data.cells import DECIMAL_COMMA, text_cells
from discover.data.columns import Cells, Table
from discover.data.dialect import DELIMITERS, Dialect, find_dialect, looks_like_value, split, split_header
from discover.data.lines import Lines, read_lines
from discover.data.records import check_widths, header_names, usual_width, without_comment
from discover.errors import DataError

_SEPARATOR = "\x1f"
"""ASCII's own unit separator, which `lines.py` keeps out of cells."""

_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def read_table(path: Path) -> Table:
    """Return the columns of a CSV or TSV file; raises DataError naming the line that is not part of a table."""
    lines = read_lines(path)
    dialect = find_dialect(lines.texts)
    names, notes = _names(lines, dialect)
    texts = lines.texts[1:] if dialect.header else lines.texts
    if not texts:
        raise DataError(f"{path.name} has a header ({', '.join(names)}) but no rows below it; add the measurements.")
    texts = [without_comment(text, dialect.delimiter, len(names)) if "#" in text else text for text in texts]
    numbers = np.array(lines.numbers[len(lines.texts) - len(texts) :], dtype=np.int64)
    width = check_widths(path.name, lines, texts, dialect, names)
    columns = _columns(texts, dialect.delimiter, width)
    if comma := _comma(columns, dialect.delimiter):
        _refuse_points(path, texts, numbers, dialect.delimiter, comma)
        columns = [_with_points(cells) for cells in columns]
        notes.append(f'Decimal commas were found: "{comma}" was read as {comma.replace(",", ".")}.')
    if dialect.delimiter not in ("", ","):
        notes.append(f"The cells are separated by {DELIMITERS[dialect.delimiter]}.")
    kept, more = _named(path, names, columns)
    return Table(path.name, kept, rows=numbers, notes=(*lines.notes, *notes, *more))


# --- names ------------------------------------------------------------------------------------------------------------


def _names(lines: Lines, dialect: Dialect) -> tuple[list[str], list[str]]:
    """Return the names of the columns ("" where one has none) and notes on where they come from."""
    if dialect.header:
        return header_names(lines.texts, dialect.delimiter), []
    width = usual_width(lines.texts, dialect.delimiter)
    comment = lines.above[-1] if lines.above else ""
    for delimiter in (dialect.delimiter, " "):
        names = split_header(comment, delimiter)
        if len(names) == width and not any(map(looks_like_value, names)):
            return names, [f'The names of the columns were read from the comment "{comment}".']
    names = [f"x{index}" for index in range(width)]
    return names, [f"The file has no header, so its columns are called {', '.join(names[:3])}{'…' * (width > 3)}."]


def _named(path: Path, names: Sequence[str], columns: list[Cells]) -> tuple[dict[str, Cells], list[str]]:
    """Return name -> cells, without an unnamed column that counts the rows or is empty."""
    repeated = [name for name, count in Counter(names).items() if name and count > 1]
    if repeated:
        places = ", ".join(str(index + 1) for index, name in enumerate(names) if name == repeated[0])
        raise DataError(f'{path.name}: columns {places} are all called "{repeated[0]}"; give each its own name.')
    kept: dict[str, Cells] = {}
    notes: list[str] = []
    for index, (name, cells) in enumerate(zip(names, columns, strict=False)):
        if name and not name.startswith("Unnamed: "):
            kept[name] = cells
        elif index == 0 and _counts_rows(cells):
            notes.append("The first column has no name and only counts the rows, so it was left out.")
        elif not all(cell is None or cell != cell for cell in cells):
            raise DataError(f"{path.name}: column {index + 1} has no name; give it one in the header, or delete it.")
    return kept, notes


def _counts_rows(cells: Cells) -> bool:
    return cells.dtype.kind in "if" and any(np.array_equal(cells, np.arange(len(cells)) + start) for start in (0, 1))


# --- cells ------------------------------------------------------------------------------------------------------------


def _columns(texts: list[str], delimiter: str, width: int) -> list[Cells]:
    import csv

    import pandas as pd

    exact: dict[str, Any] = {"float_precision": "round_trip"} if _before(pd.__version__, (3, 1)) else {}
    if delimiter == " " or any('"' in text for text in texts):
        # Split here, so that pandas cannot see other cells in stray quotation marks and odd white space.
        texts, delimiter = [_SEPARATOR.join(split(text, delimiter)) for text in texts], _SEPARATOR
    frame = pd.read_csv(
        io.StringIO("\n".join(texts)),
        header=None,
        names=list(range(width)),
        index_col=False,
        sep=delimiter or _SEPARATOR,
        skipinitialspace=True,
        quoting=csv.QUOTE_NONE,
        skip_blank_lines=False,
        low_memory=False,
        **exact,
    )
    return [_cells(frame[index]) for index in range(width)]


def _before(version: str, other: tuple[int, int]) -> bool:
    """Return whether pandas still needs to be told to read floats exactly."""
    major, minor = version.split(".")[:2]
    return (int(major), int(minor)) < other


def _cells(series: Any) -> Cells:
    return series.to_numpy() if series.dtype.kind in "biuf" else text_cells(series.to_numpy(dtype=object))


# --- decimal commas ---------------------------------------------------------------------------------------------------


def _comma(columns: list[Cells], delimiter: str) -> str:
    """Return the first number with a decimal comma, "" where there is none or where 1,234 may mean 1234.

    Semicolons are what people with decimal commas put between cells, so there 1,234 is trusted to be 1.234.
    """
    texts = [cells for cells in columns if cells.dtype == object]
    found = [cell for cells in texts for cell in cells if cell and DECIMAL_COMMA.fullmatch(cell)]
    certain = delimiter == ";" or any(not _GROUPED.fullmatch(cell) for cell in found)
    return found[0] if found and certain else ""


def _refuse_points(path: Path, texts: list[str], numbers: Any, delimiter: str, comma: str) -> None:
    for text, number in zip(texts, numbers, strict=True):
        point = next((cell for cell in split(text, delimiter) if _POINT.fullmatch(cell)), None) if "." in text else None
        if point:
            raise DataError(
                f'{path.name}, line {number}: "{point}" has a decimal point and "{comma}" elsewhere a decimal comma; '
                "write all numbers one way, without thousands separators."
            )


def _with_points(cells: Cells) -> Cells:
    if cells.dtype != object:
        return cells
    found = np.empty(len(cells), dtype=object)
    found[:] = [cell.replace(",", ".") if cell and DECIMAL_COMMA.fullmatch(cell) else cell for cell in cells]
    return found
