"""Which of the named arrays of a file are columns: shapes, lengths, and what was asked for."""

from typing import Any

import numpy as np
import pytest

from discover.data.arrays import Member, asked_for, from_members, is_needed, members_of
from discover.data.columns import Table
from discover.data.roles import NOTHING
from discover.errors import DataError

T = np.arange(6.0)


def member(values: Any, fault: str = "") -> Member:
    return Member(np.shape(values), lambda: values, fault)


def unreadable() -> Any:
    raise AssertionError("this array is not needed")


def read(members: dict[str, Member], **named: Any) -> Table:
    found = from_members(members, "d.x", {**NOTHING, **named})
    assert isinstance(found, Table)
    return found


def test_only_what_is_needed_is_read() -> None:
    members = {
        "t": member(T),
        "x [m]": member(T[:, None]),
        "field": Member((6, 1000, 1000), unreadable),
        "longer": Member((7,), unreadable),
        "object": Member((), unreadable, "is an object"),
        "g": Member((1, 1), unreadable),
    }
    table = read(members, columns=("x",))
    assert {name: cells.shape for name, cells in table.columns.items()} == {"t": (6,), "x [m]": (6,)}
    assert table.notes == ('"g" is a single value and was left out.',)


def test_the_columns_asked_for_decide_the_length() -> None:
    members = {"t": member(T), "a": member(T[:3]), "b": member(T[:3])}
    assert list(read(members, columns=("a",)).columns) == ["a", "b"]
    assert list(read(members, columns=("t",)).columns) == ["t"]
    with pytest.raises(DataError, match=r'd\.x: its arrays have different lengths \("t" 6, "a" 3\); give all'):
        read(members, columns=("a",), time="t")


def test_names_that_are_not_there_are_left_to_the_roles() -> None:
    assert list(read({"t": member(T), "x": member(T)}, columns=("y",)).columns) == ["t", "x"]


def test_units_of_what_is_left_out_are_left_out() -> None:
    table = from_members({"t": member(T), "g": member(9.81)}, "d.x", units={"t": "s", "g": "m s-2"})
    assert isinstance(table, Table)
    assert table.units == {"t": "s"}


@pytest.mark.parametrize("named", [{}, {"columns": ("b",)}, {"columns": ("x",), "inputs": ("b",)}])
def test_faults_of_what_is_needed_are_told(named: dict) -> None:
    members = {"x": member(T), "b": member(T, "is a bird; let it fly")}
    with pytest.raises(DataError, match=r'^d\.x: "b" is a bird; let it fly, or leave it out with columns=\.$'):
        read(members, **named)


def test_what_is_asked_for() -> None:
    assert asked_for({**NOTHING, "time": "t", "inputs": ("u",)}) is None
    named = {**NOTHING, "time": "t", "inputs": ("u",), "space": ("s",), "columns": ("x",)}
    assert asked_for(named) == {"t", "u", "s", "x"}
    assert is_needed("u [V]", asked_for(named))
    assert not is_needed("v", asked_for(named))


def test_records_alone_in_a_file_are_columns() -> None:
    records = np.zeros(6, dtype=[("t", "f8"), ("v", "f4", (3,)), ("inner", [("a", "f8")])])
    members = members_of({"table": records, "version": np.array(3)}, lambda dtype: dtype.kind)
    assert {name: (one.shape, one.fault) for name, one in members.items()} == {
        "t": ((6,), "f"),
        "v": ((6, 3), "f"),
        "inner": ((6,), "holds records of its own; give each of their fields a column"),
    }
    beside = members_of({"table": records, "t": T}, lambda dtype: "")
    assert beside["table"].fault.startswith("is a table of its own (t, v, inner) beside other arrays;")
    assert beside["t"].read().tolist() == T.tolist()
