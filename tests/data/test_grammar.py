"""The grammar of unit text: what it reads, and what it refuses with a reason."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.data.grammar import LONGEST, powers, split_number
from discover.errors import UnitError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m", {"m": 1}),
        ("m s-1", {"m": 1, "s": -1}),
        ("m/s^2", {"m": 1, "s": -2}),
        ("m s**-2", {"m": 1, "s": -2}),
        ("kg·m²/s²", {"kg": 1, "m": 2, "s": -2}),
        ("W m⁻² K⁻¹", {"W": 1, "m": -2, "K": -1}),
        ("kg*m/s/s", {"kg": 1, "m": 1, "s": -2}),
        ("kg.m.s-2", {"kg": 1, "m": 1, "s": -2}),
        ("J/(kg K)", {"J": 1, "kg": -1, "K": -1}),
        ("1/(year cell)", {"year": -1, "cell": -1}),
        ("(m/s)^2", {"m": 2, "s": -2}),
        ("V/Hz^(1/2)", {"V": 1, "Hz": Fraction(-1, 2)}),
        ("m^0.5", {"m": Fraction(1, 2)}),
        ("m m-1", {}),
        ("cmH2O", {"cmH2O": 1}),
        ("sec.", {"sec": 1}),
        ("thousand pelts", {"thousand_pelts": 1}),
        ("thousands of pelts", {"thousands_pelts": 1}),
        ("thousand_pelts", {"thousand_pelts": 1}),
        ("million cells per mL", {"million_cells": 1, "mL": -1}),
        ("1000 pelts", {"1000_pelts": 1}),
        ("10^3 cells", {"1000_cells": 1}),
        ("thousand pelts^2", {"1000": 1, "pelts": 2}),
        ("(thousand pelts)^2", {"thousand_pelts": 2}),
        ("10 thousand pelts", {"10": 1, "thousand_pelts": 1}),
        ("thousands", {"thousands_count": 1}),
        ("1/thousands", {"thousands_count": -1}),
        ("1e-15", {"1e-15": 1}),
        ("1 m", {"m": 1}),
        ("1", {}),
        ("-", {}),
        ("dimensionless", {}),
    ],
)
def test_powers(text: str, expected: dict[str, Fraction]) -> None:
    assert powers(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "missing at its end"),
        ("m/", "missing at its end"),
        ("/s", '"/" is out of place'),
        ("m^", '"^" is out of place'),
        ("m s -1", '"-" is out of place'),
        ("V/√Hz", '"√" is out of place'),
        ("(m", "is not closed"),
        ("m)", "closes nothing"),
        ("J/kg K", "reads in two ways"),
        ("m^99", "no exponent is larger"),
        ("m^(1/0)", "out of place"),
        ("m" * (LONGEST + 1), "at most 200 are read"),
        ("(" * 150 + "m", "is not closed"),
    ],
)
def test_what_is_no_product_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(UnitError, match="unknown unit") as error:
        powers(text)
    assert why in str(error.value)


@given(st.text(alphabet="ms12-/*^(). _°µ²eE%", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = powers(text)
    except UnitError:
        return
    assert all(found.values())


def test_split_number() -> None:
    assert split_number("million_cells") == (1e6, "cells")
    assert split_number("2.5_m") == (2.5, "m")
    assert split_number("degree_Celsius") == (1.0, "degree_Celsius")
