"""Named arrays of a file -> Table, or fields where they have more axes: which are needed, and which cannot be used."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from discover.data.columns import Table
from discover.data.frames import cells_of
from discover.data.gridded import Gridded
from discover.data.headers import stem
from discover.data.matching import from_arrays
from discover.data.roles import NOTHING, Named
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
    members: Mapping[str, Member], source: str, named: Named = NOTHING, units: Mapping[str, str] | None = None
) -> Table | Gridded:
    """Return the columns among the arrays of a file, or its fields where one that is needed has several axes.

    Where the states were chosen, arrays that nobody named are left out without complaint if they cannot be used.

    Args:
        members: name -> array.
        source: the file, for messages.
        named: what the caller gave a role; names with or without their units in brackets.
        units: name -> text of its unit, where the file says so.

    Raises:
        DataError: where a needed array is nested or longer than the others, or has axes that nothing explains.
    """
    asked = asked_for(named)
    usable: dict[str, Member] = {}
    for name, member in members.items():
        if member.fault and is_needed(name, asked):
            raise DataError(f'{source}: "{name}" {member.fault}, or leave it out with columns=.')
        if not member.fault and (is_column(member.shape) or is_needed(name, asked)):
            usable[name] = member
    if all(is_column(member.shape) for member in usable.values()):
        return _columns(usable, source, asked, units or {})
    fields = from_arrays(
        {name: member.read() for name, member in usable.items() if math.prod(member.shape)}, source, named
    )
    for name, unit in (units or {}).items():
        if name in fields.dataset.variables:
            fields.dataset[name].attrs["units"] = unit
    return fields


def _columns(
    members: Mapping[str, Member], source: str, asked: Collection[str] | None, units: Mapping[str, str]
) -> Table:
    sizes = {name: math.prod(member.shape) for name, member in members.items()}
    left_out = {name: "empty" if not size else "a single value" for name, size in sizes.items() if size <= 1}
    lengths = {name: size for name, size in sizes.items() if size > 1}
    if not lengths:
        held = ", ".join(members) or "no arrays at all"
        raise DataError(f"{source} has no array with one value a row (it holds {held}); at least five are needed.")
    names = _of_one_length(lengths, source, asked)
    columns = {name: cells_of(np.ravel(members[name].read()), name, source) for name in names}
    return Table(
        source=source,
        columns=columns,
        units={name: unit for name, unit in units.items() if name in columns},
        notes=tuple(f'"{name}" is {what} and was left out.' for name, what in left_out.items()),
    )


def asked_for(named: Named) -> Collection[str] | None:
    """Return the names that the caller needs; None, which is all, unless the states were chosen."""
    if named["columns"] is None:
        return None
    one = {name for name in (named["time"], named["group"]) if name is not None}
    return one | {*named["space"], *named["inputs"], *named["columns"]}


def is_needed(name: str, asked: Collection[str] | None) -> bool:
    """Return whether a column, which may be asked for without the unit in its name, is one of those needed.

    >>> is_needed("x [m]", {"x"}), is_needed("x [m]", {"y"}), is_needed("x", None)
    (True, False, True)
    """
    return asked is None or name in asked or stem(name) in asked


def _of_one_length(lengths: Mapping[str, int], source: str, asked: Collection[str] | None) -> list[str]:
    """Return the names of the arrays that are as long as those needed; raises DataError where these differ."""
    needed = {name: length for name, length in lengths.items() if is_needed(name, asked)} or lengths
    if len(set(needed.values())) > 1:
        told = ", ".join(f'"{name}" {length}' for name, length in needed.items())
        raise DataError(
            f"{source}: its arrays have different lengths ({told}); give all of them one length, or choose those "
            "of one length with columns=."
        )
    (length,) = set(needed.values())
    return [name for name, other in lengths.items() if other == length]
