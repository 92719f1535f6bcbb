"""How a table is spelt: what separates its cells, whether it has a header, and whether its decimals are commas."""

import csv
import re
from collections import Counter
from dataclasses import dataclass

from discover.data.cells import DECIMAL_COMMA, ISO_DATE, MISSING, NUMBER

DELIMITERS = {"\t": "tabs", ";": "semicolons", "|": "vertical bars", ",": "commas", " ": "blanks"}
"""In the order of trust: a tab is hardly ever part of a cell, a blank often is. " " is any run of white space."""

N_LOOKED_AT = 200
"""Records that decide; a table that changes its spelling further down is found ragged."""

_BLANK_CELL = re.compile(r'"((?:[^"]|"")*)"|(\S+)')
_BLANK_HEADER = re.compile(r'(?:"[^"]*"|[^\s"\[(]+)(?:\s*(?:\[[^\]]*\]|\([^)]*\)))?|\[[^\]]*\]')


@dataclass(frozen=True, slots=True)
class Dialect:
    """What separates cells ("" where there is one column), and whether the first record names the columns."""

    delimiter: str
    header: bool


def find_dialect(texts: list[str]) -> Dialect:
    """Return the spelling that makes most sense of the first records.

    >>> find_dialect(["t;x", "0,5;1", "1,0;2"])
    Dialect(delimiter=';', header=True)
    >>> find_dialect(["0.0 1.0", "0.1 0.9"])
    Dialect(delimiter=' ', header=False)
    """
    sample = texts[:N_LOOKED_AT]
    scores = {delimiter: _score(sample, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    delimiter = best if scores[best] > 0 else ""
    return Dialect(delimiter, _has_header([split(text, delimiter) for text in sample[:2]]))


def split(text: str, delimiter: str) -> list[str]:
    """Return the cells of one record, stripped and without their quotation marks."""
    if delimiter == " ":
        return [(quoted.replace('""', '"') or plain).strip() for quoted, plain in _BLANK_CELL.findall(text)]
    if '"' in text:
        record = next(csv.reader([text], delimiter=delimiter or "\0", skipinitialspace=True))
        return [cell.strip() for cell in record]
    return [cell.strip() for cell in text.split(delimiter)] if delimiter else [text.strip()]


def split_header(text: str, delimiter: str) -> list[str]:
    """Return the cells of a header; between blanks, a unit in brackets stays with its name."""
    cells = _BLANK_HEADER.findall(text) if delimiter == " " else split(text, delimiter)
    return [" ".join(cell.replace('"', " ").split()) for cell in cells]


def looks_like_value(cell: str) -> bool:
    """Return whether a cell is a number, a date or missing, so that it is no name."""
    patterns = (NUMBER, DECIMAL_COMMA, ISO_DATE)
    return cell.lower() in MISSING or any(pattern.fullmatch(cell) for pattern in patterns)


def _score(sample: list[str], delimiter: str) -> float:
    """Return the share of records that agree on their number of cells, times how readable these are."""
    records = [split(text, delimiter) for text in sample]
    body = [cell for record in records[1:] for cell in record]
    if len(sample) > 1 or delimiter == " ":
        records[0] = split_header(sample[0], delimiter)
    width, n_agreeing = Counter(map(len, records)).most_common(1)[0]
    if width < 2:
        return 0.0
    readable = sum(map(looks_like_value, body)) / len(body) if body else 1.0
    return n_agreeing / len(records) * (0.2 + readable)


def _has_header(records: list[list[str]]) -> bool:
    """Return whether the first record is text where the second is not, or text throughout."""
    first = [looks_like_value(cell) for cell in records[0]]
    if not any(value for value, cell in zip(first, records[0], strict=True) if cell):
        return True
    if len(records) == 1:
        return False
    second = [looks_like_value(cell) for cell in records[1]]
    return any(below and not above for above, below in zip(first, second, strict=False))
