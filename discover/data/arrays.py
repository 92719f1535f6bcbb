"""Named arrays of a file -> Table: which of them are columns, and one sentence about the first that cannot be one."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from discover.data.columns import Table
from discover.data.frames import cells_of
from discover.data.headers import stem
from discover.errors import DataError

Shape = tuple[int, ...]
Fault = Callable[[np.dtype[Any]], str]


@dataclass(frozen=True, slots=True)
class Member:
    """An array of a file, not read yet: its shape, how to read it, and what keeps it from being a column."""

    shape: Shape
    read: Callable[[], Any]
    fault: str = ""


def is_column(shape: Shape) -> bool:
    """Return whether an array of this shape is one value a row, upright or lying.

    >>> is_column((100,)), is_column((100, 1)), is_column((1, 100)), is_column((100, 3))
    (True, True, True, False)
    """
    return sum(length > 1 for length in shape) <= 1


def members_of(arrays: Mapping[str, Any], fault: Fault) -> dict[str, Member]:
    """Return what can be read from arrays of NumPy, h5py or Zarr; the fields of a table alone in its file are columns.

    Args:
        arrays: name -> something with a shape, a dtype and slices.
        fault: what is wrong with a dtype, "" for nothing.
    """
    long = [name for name, array in arrays.items() if math.prod(array.shape or (0,)) > 1]
    if len(long) == 1 and arrays[long[0]].dtype.names:
        return _fields(arrays[long[0]], fault)
    return {name: _member(array, fault) for name, array in arrays.items()}


def _fields(table: Any, fault: Fault) -> dict[str, Member]:
    dtypes = {name: table.dtype.fields[name][0] for name in table.dtype.names}
    return {
        name: Member((*table.shape, *dtype.shape), lambda name=name: table[name], _nested(dtype) or fault(dtype.base))
        for name, dtype in dtypes.items()
    }


def _nested(dtype: np.dtype[Any]) -> str:
    return "holds records of its own; give each of their fields a column" if dtype.base.names else ""


def _member(array: Any, fault: Fault) -> Member:
    names = array.dtype.names
    wrong = f"is a table of its own ({', '.join(names)}) beside other arrays; keep it in a file alone" if names else ""
    return Member(array.shape or (), lambda: array[...], wrong or fault(array.dtype))


def from_members(
    members: Mapping[str, Member], source: str, asked: Collection[str] | None = None, units: Mapping[str, str] = {}
) -> Table:
    """Return the columns among the arrays of a file.

    Args:
        members: name -> array.
        source: the file, for messages.
        asked: the names that are needed, with or without a unit in brackets; None for all. Where it is given, others
            are left out without complaint, unless they have the same length: one of them may be the time.
        units: name -> text of its unit, where the file says so.

    Raises:
        DataError: where a needed array has several values a row, is nested, or is longer than the others.
    """
    lengths, notes = _lengths(members, source, asked)
    columns = {name: cells_of(np.ravel(members[name].read()), name, source) for name in lengths}
    return Table(source, columns, {name: unit for name, unit in units.items() if name in columns}, notes=tuple(notes))


def _lengths(
    members: Mapping[str, Member], source: str, asked: Collection[str] | None
) -> tuple[dict[str, int], list[str]]:
    """Return name -> length of the arrays that are columns, and notes on those that say nothing."""
    lengths: dict[str, int] = {}
    notes: list[str] = []
    for name, member in members.items():
        wrong = member.fault or _shape_fault(member.shape)
        if wrong and is_needed(name, asked):
            raise DataError(f'{source}: "{name}" {wrong}, or leave it out with columns=.')
        size = math.prod(member.shape)
        if not wrong and size <= 1:
            notes.append(f'"{name}" is {"a single value" if size else "empty"} and was left out.')
        elif not wrong:
            lengths[name] = size
    if not lengths:
        held = ", ".join(members) or "no arrays at all"
        raise DataError(f"{source} has no array with one value a row (it holds {held}); at least five are needed.")
    return _of_one_length(lengths, source, asked), notes


def _shape_fault(shape: Shape) -> str:
    if is_column(shape):
        return ""
    return f"has the shape {shape}, and a column has one value a row; give its columns names of their own"


def is_needed(name: str, asked: Collection[str] | None) -> bool:
    """Return whether a column, which may be asked for without the unit in its name, is one of those needed.

    >>> is_needed("x [m]", {"x"}), is_needed("x [m]", {"y"}), is_needed("x", None)
    (True, False, True)
    """
    return asked is None or name in asked or stem(name) in asked


def _of_one_length(lengths: dict[str, int], source: str, asked: Collection[str] | None) -> dict[str, int]:
    needed = {name: length for name, length in lengths.items() if is_needed(name, asked)} or lengths
    if len(set(needed.values())) > 1:
        told = ", ".join(f'"{name}" {length}' for name, length in needed.items())
        raise DataError(
            f"{source}: its arrays have different lengths ({told}); give all of them one length, or choose those "
            "of one length with columns=."
        )
    (length,) = set(needed.values())
    return {name: other for name, other in lengths.items() if other == length}
