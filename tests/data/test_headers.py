"""Headers: square brackets are units, round ones where they parse, and names stay apart."""

import numpy as np
import pytest

from discover.data.columns import Table
from discover.data.headers import split_headers
from discover.errors import DataError, SettingError, UnitError


def table(*headers: str, units: dict[str, str] | None = None) -> Table:
    return Table("d.csv", {header: np.arange(3.0) for header in headers}, units=units or {})


@pytest.mark.parametrize(
    ("header", "name", "unit"),
    [
        ("T [K]", "T", "K"),
        ("T[K]", "T", "K"),
        ("hare [thousand pelts]", "hare", "thousand pelts"),
        ("c [J/(kg K)]", "c", "J/(kg K)"),
        ("v (m/s)", "v", "m/s"),
        ("c (J/(kg K))", "c", "J/(kg K)"),
        ("t (s)", "t", "s"),
        ("x (-)", "x", "-"),
        ("x [1]", "x", "1"),
        ("x []", "x", None),
        ("I [a.u.]", "I", None),
        ("v (raw)", "v (raw)", None),
        ("x (a)", "x (a)", None),
        ("trial (1)", "trial (1)", None),
        ("f(x)", "f(x)", None),
        ("x", "x", None),
    ],
)
def test_name_and_unit(header: str, name: str, unit: str | None) -> None:
    found = split_headers(table(header))
    assert list(found.columns) == [name]
    assert found.units.get(name) == unit


def test_round_brackets_that_tell_columns_apart_stay() -> None:
    assert list(split_headers(table("x (m)", "x (s)")).columns) == ["x (m)", "x (s)"]


def test_what_was_read_from_round_brackets_is_said() -> None:
    assert split_headers(table("v (m/s)")).notes == ('The unit of "v" was read from round brackets: m/s.',)


def test_coulombs_of_temperature_are_pointed_out() -> None:
    assert "write degC" in split_headers(table("T [C]")).notes[0]
    assert split_headers(table("Q [C]")).notes == ()


def test_an_unknown_square_bracket_is_an_error_that_units_overrides() -> None:
    with pytest.raises(UnitError, match=r'd\.csv, column "x \[furlongz\]": unknown unit "furlongz".*"furlong"\?'):
        split_headers(table("x [furlongz]"))
    for spelling in ("x", "x [furlongz]"):
        assert split_headers(table("x [furlongz]"), {spelling: "m"}).units == {"x": "m"}


def test_an_unknown_unit_in_an_attribute_is_noted() -> None:
    found = split_headers(table("x", units={"x": "quux"}))
    assert found.units == {}
    assert found.notes == ('The unit "quux" of "x" is not known and constrains nothing.',)


def test_an_empty_unit_makes_it_unknown() -> None:
    assert split_headers(table("x [m]"), {"x": ""}).units == {}


@pytest.mark.parametrize(
    ("units", "kind", "sentence"),
    [
        ({"y": "m"}, DataError, 'd.csv has no column "y" for units=. Known: x.'),
        ({"x": "furlongz"}, UnitError, 'unknown unit "furlongz"'),
        ({"x": 3}, SettingError, 'units= must give text for "x", not 3'),
        ("m", SettingError, 'units= must be a dict such as {"T": "K"}'),
    ],
)
def test_bad_units_option(units: object, kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind) as error:
        split_headers(table("x"), units)  # type: ignore[arg-type]
    assert sentence in str(error.value)


def test_names_that_are_the_same_without_units_are_refused() -> None:
    with pytest.raises(DataError, match=r'"x \[m\]", "x \[s\]" are all called "x" without their units'):
        split_headers(table("x [m]", "x [s]"))
