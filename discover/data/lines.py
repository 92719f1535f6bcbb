"""Bytes of a text file -> the lines that hold the table, each with its number, and the comments between them."""

import re
from dataclasses import dataclass
from pathlib import Path

from discover.errors import DataError

EXCEL_ERROR = r"DIV/0!|VALUE!|REF!|NUM!|NAME\?|NULL!|N/A"
_COMMENT = re.compile(rf"\s*#(?!{EXCEL_ERROR})")
_ONLY_DELIMITERS = re.compile(r"[\s,;|]*")

LONGEST_CELL = 20
"""Lines. A quotation mark that is open for longer was never closed."""

NOT_TEXT = {
    b"PK\x03\x04": "a workbook or an archive; save it as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as CSV",
    b"\x89HDF": "NetCDF or HDF5; name it .nc",
    b"CDF": "NetCDF; name it .nc",
    b"\x1f\x8b": "compressed; unpack it",
    b"%PDF": "a PDF; save its table as CSV",
    b"<!DOCTYPE": "a web page; download the table itself",
    b"<html": "a web page; download the table itself",
}
"""How a file that is no table begins -> what it is, and what to do."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a table.

    Attributes:
        texts: each record on one line, without comment lines and empty lines.
        numbers: of each record in the file, counted from 1.
        above: the comments before the first record, without their signs.
        notes: how the file was decoded.
    """

    texts: list[str]
    numbers: list[int]
    above: tuple[str, ...]
    notes: tuple[str, ...]


def read_lines(path: Path) -> Lines:
    """Return the records of a text file; raises DataError where it is not text, or empty."""
    text, notes = _decoded(path, _bytes(path))
    texts: list[str] = []
    numbers: list[int] = []
    above: list[str] = []
    physical = text.replace("\x1f", " ").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    joined = _joined(path, physical) if '"' in text else enumerate(physical, start=1)
    for number, line in joined:
        if _COMMENT.match(line):
            if not texts:
                above.append(line.strip().lstrip("#").strip())
        elif not _ONLY_DELIMITERS.fullmatch(line):
            texts.append(line)
            numbers.append(number)
    if not texts:
        what = "holds only comments" if above else "is empty"
        raise DataError(f"{path.name} {what}; it needs a header and at least five rows of numbers.")
    return Lines(texts, numbers, tuple(above), notes)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}; check its permissions.") from None


def _decoded(path: Path, raw: bytes) -> tuple[str, tuple[str, ...]]:
    for start, what in NOT_TEXT.items():
        if raw[: len(start)].upper() == start.upper():
            raise DataError(f"{path.name} is not a table of text but {what}.")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-16"), ("The file was read as UTF-16.",)
        except UnicodeDecodeError:
            raise DataError(f"{path.name} begins as UTF-16 and is not; save it again as UTF-8.") from None
    if b"\0" in raw:
        number = raw[: raw.index(b"\0")].count(b"\n") + 1
        raise DataError(
            f"{path.name}, line {number}: a NUL byte, so it is not text or is damaged; save it as UTF-8 text."
        )
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return raw.decode("latin-1"), ("The file is not UTF-8 and was read as Latin-1.",)


def _joined(path: Path, physical: list[str]) -> list[tuple[int, str]]:
    """Join the lines of a quoted cell that runs over several; each record keeps the number of its first line."""
    records: list[tuple[int, str]] = []
    open_since = 0
    for number, line in enumerate(physical, start=1):
        comment = not open_since and _COMMENT.match(line)
        if open_since:
            records[-1] = (open_since, f"{records[-1][1]} {line}")
        else:
            records.append((number, line))
        if line.count('"') % 2 and not comment:
            open_since = 0 if open_since else number
        if open_since and number - open_since > LONGEST_CELL:
            break
    if open_since:
        raise DataError(
            f"{path.name}, line {open_since}: a quotation mark is opened and never closed; close or remove it."
        )
    return records
