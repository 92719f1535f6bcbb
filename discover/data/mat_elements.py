"""The elements of a MATLAB file of version 5 to 7, looked through before SciPy reads it, which crashes on damaged ones.

One wrong byte in a type or a flag sends SciPy's compiled reader out of its tables and ends the process (1.17: 2 % of
all single wrong bytes in a small file). Compressed elements have a checksum and need no look.

Source: MAT-File Format, The MathWorks, chapter 1, "Level 5 MAT-File Format".
"""

import math
import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HEADER = 128
INT8, INT32, UINT32, MATRIX, COMPRESSED, UTF8 = 1, 5, 6, 14, 15, 16
NUMBERS = frozenset({1, 2, 3, 4, 5, 6, 7, 9, 12, 13})
TEXT = frozenset({UTF8, 17, 18})
"""Types of elements."""

CELL, NUMERIC, COMPLEX = 1, range(6, 16), 0x0800
"""Classes of a variable (double, single and the integers are numeric), and a flag."""

Content = bytes | mmap.mmap


class Element(NamedTuple):
    """Type of an element, and where its data begin and end."""

    kind: int
    start: int
    end: int


def check_elements(path: Path) -> None:
    """Raise ValueError where the elements of a file of version 5 to 7 do not fit into each other."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        order = {b"IM": "<", b"MI": ">"}.get(content[HEADER - 2 : HEADER])
        if order is None:
            raise ValueError("its header is not whole")
        for element in _elements(content, order, HEADER, len(content)):
            if element.kind == MATRIX:
                _check_matrix(content, order, element)


def _elements(content: Content, order: str, start: int, end: int) -> Iterator[Element]:
    """Yield the elements between two places; a tag is 8 bytes, or 4 with up to 4 bytes of data behind it."""
    while start < end:
        if end - start < 8:
            raise ValueError(f"an element is cut short at byte {start}")
        kind, size = struct.unpack_from(f"{order}II", content, start)
        short = kind >> 16
        first, after = (start + 4, start + 8) if short else (start + 8, start + 8 + size)
        if short:
            kind, size = kind & 0xFFFF, short
        if kind not in NUMBERS | TEXT | {MATRIX, COMPRESSED} or first + size > end or (short and size > 4):
            raise ValueError(f"an element at byte {start} is not what it says")
        yield Element(kind, first, first + size)
        start = after if kind == COMPRESSED else after + -after % 8


def _check_matrix(content: Content, order: str, matrix: Element) -> None:
    parts = list(_elements(content, order, matrix.start, matrix.end))
    if not parts:
        return  # an empty cell
    fault = ValueError(f"a variable at byte {matrix.start} is not whole")
    kinds = [part.kind for part in parts]
    if kinds[0] != UINT32 or parts[0].end - parts[0].start != 8:
        raise fault
    (flags,) = struct.unpack_from(f"{order}I", content, parts[0].start)
    of_class = flags & 0xFF
    if of_class == CELL or of_class in NUMERIC:
        if len(kinds) < 3 or kinds[1] not in (INT32, UINT32) or kinds[2] not in (INT8, UTF8):
            raise fault
        n_data = math.prod(_dims(content, order, parts[1])) if of_class == CELL else 1 + bool(flags & COMPLEX)
        if len(kinds) != 3 + n_data or not set(kinds[3:]) <= ({MATRIX} if of_class == CELL else NUMBERS):
            raise fault
    for part in parts:
        if part.kind == MATRIX:
            _check_matrix(content, order, part)


def _dims(content: Content, order: str, element: Element) -> tuple[int, ...]:
    return struct.unpack_from(f"{order}{(element.end - element.start) // 4}i", content, element.start)
