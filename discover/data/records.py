"""Records of a table: where the header ends, comments behind cells, and lines that do not fit."""

import re
from collections import Counter
from collections.abc import Sequence

from discover.data.columns import counted
from discover.data.dialect import DELIMITERS, N_LOOKED_AT, Dialect, looks_like_value, split, split_header
from discover.data.lines import EXCEL_ERROR, Lines
from discover.errors import DataError

_TRAILING_COMMENT = re.compile(rf"(?:^|(?<=[\s,;|]))#(?!{EXCEL_ERROR})")


def usual_width(texts: Sequence[str], delimiter: str) -> int:
    """Return how many cells most of the first records have."""
    return Counter(len(split(text, delimiter)) for text in texts[:N_LOOKED_AT]).most_common(1)[0][0]


def header_names(texts: Sequence[str], delimiter: str) -> list[str]:
    """Return the names in the first record, without empty ones at its end and without a comment behind them."""
    names = _trimmed(split_header(texts[0], delimiter))
    sign = _TRAILING_COMMENT.search(texts[0])
    if sign is None or not texts[0][sign.end() :].strip() or len(texts) == 1:
        return names
    before = _trimmed(split_header(texts[0][: sign.start()], delimiter))
    return before if len(before) == usual_width(texts[1:], delimiter) else names


def without_comment(text: str, delimiter: str, n_names: int) -> str:
    """Cut a comment behind the last cell; a # inside a label stays, because a value must stand before a comment.

    >>> without_comment("0,1 # doubtful", ",", 2), without_comment("0,run #1", ",", 2)
    ('0,1', '0,run #1')
    """
    for sign in _TRAILING_COMMENT.finditer(text):
        before = _trimmed(split(text[: sign.start()], delimiter), n_names)
        if len(before) == n_names and looks_like_value(before[-1]):
            return text[: sign.start()].rstrip(" ")
    return text


def check_widths(source: str, lines: Lines, texts: Sequence[str], dialect: Dialect, names: Sequence[str]) -> int:
    """Return how many cells the widest record has; raises DataError for the first that does not fit the names.

    Args:
        source: the file, for messages.
        lines: the records, the header among them.
        texts: those below the header, without comments behind their cells.
        dialect: how cells are separated.
        names: of the columns.
    """
    delimiter, first = dialect.delimiter, len(lines.texts) - len(texts)
    misfits = [_misfits(split(text, delimiter), len(names)) for text in texts[:N_LOOKED_AT]]
    if first and 2 * sum(misfits) > len(misfits):
        raise DataError(f"{source}: {_wrong_header(lines, delimiter, names)}.")
    widest = len(names)
    for text, number in zip(texts, lines.numbers[first:], strict=True):
        width = _width(text, delimiter)
        if width != len(names) and _misfits(split(text, delimiter), len(names)):
            raise DataError(
                f"{source}, line {number}: {counted(width, 'cell')} in a table of {counted(len(names), 'column')}, "
                f"separated by {DELIMITERS.get(delimiter, 'nothing')}; complete the line, quote cells that hold a "
                "separator, or put # before it."
            )
        widest = max(widest, width)
    return widest


def _trimmed(cells: list[str], n_names: int = 0) -> list[str]:
    """Return cells without empty ones at the end, but not fewer than `n_names`."""
    while len(cells) > n_names and not cells[-1]:
        cells.pop()
    return cells


def _width(text: str, delimiter: str) -> int:
    return len(split(text, delimiter)) if '"' in text or delimiter in ("", " ") else text.count(delimiter) + 1


def _misfits(cells: list[str], n_names: int) -> bool:
    return len(_trimmed(cells, n_names)) != n_names


def _wrong_header(lines: Lines, delimiter: str, names: Sequence[str]) -> str:
    """Return what is wrong with a header that most records do not fit: it is no header, or it lacks a name."""
    usual = usual_width(lines.texts[1:], delimiter)
    for text, number in zip(lines.texts[1:N_LOOKED_AT], lines.numbers[1:N_LOOKED_AT], strict=False):
        cells = split_header(text, delimiter)
        if len(cells) == usual > 1 and not any(map(looks_like_value, cells)):
            above = "line 1 is" if number == 2 else f"the lines down to {number - 1} are"
            return (
                f"{above} not part of the table, which seems to begin in line {number}; put # before what is above it"
            )
    return (
        f"the header has {counted(len(names), 'name')} and the rows have {counted(usual, 'cell')}, separated by "
        f"{DELIMITERS.get(delimiter, 'nothing')}; give every column a name, or put # before what is above the table"
    )
