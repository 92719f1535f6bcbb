"""Rounded numbers stay true to the value, and show as many digits as the error allows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.export.rounding import fixed, number, power_text, rounded

FINITE = st.floats(-1e300, 1e300)  # beyond that a number rounded up can be infinite


@pytest.mark.parametrize(
    ("value", "error", "digits", "exponent"),
    [
        (0.54712, 0.0631, ("0.547", "0.063"), 0),
        (0.0996, 0.0996, ("0.10", "0.10"), 0),
        (12345.0, 1234.0, ("12300", "1200"), 0),
        (1e7, 1e5, ("1.000", "0.010"), 7),
        (0.0003, 5.0, ("0.0", "5.0"), 0),
        (0.0, 0.1, ("0.00", "0.10"), 0),
        (1.5, math.nan, ("1.5", None), 0),
        (1.5, 0.0, ("1.5", None), 0),
        (1.5, math.inf, ("1.5", None), 0),
        (math.inf, 1.0, ("∞", None), 0),
        (math.nan, 1.0, ("nan", None), 0),
    ],
)
def test_digits(value: float, error: float, digits: tuple[str, str | None], exponent: int) -> None:
    found = rounded(value, error)
    assert (found.value, found.error, found.exponent) == (*digits, exponent)


def test_a_minute_error_has_a_power_of_its_own() -> None:
    found = rounded(10.000000012, 1e-9)
    assert (found.value, found.error, found.error_exponent) == ("10.00000", "1.0", -9)


@given(FINITE, st.floats(0.0, 1e300, exclude_min=True))
def test_the_rounded_value_is_within_the_error(value: float, error: float) -> None:
    found = rounded(value, error)
    sign = -1 if found.negative else 1
    shown = sign * float(f"{found.value}e{found.exponent}")
    assert abs(shown - value) <= 0.1 * error + 1e-6 * abs(value)


@given(FINITE)
def test_a_number_keeps_four_digits(value: float) -> None:
    text = number(value).replace("−", "-")
    mantissa, _, power = text.partition("×10")
    exponent = int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)
    assert float(f"{mantissa}e{exponent}") == pytest.approx(value, rel=6e-4)


def test_unknown_and_endless_numbers_have_signs_of_their_own() -> None:
    assert [number(value) for value in (math.nan, math.inf, -math.inf, 0.0)] == ["–", "∞", "−∞", "0"]
    assert [fixed(value) for value in (math.nan, math.inf, 0.98765)] == ["–", "∞", "0.988"]
    assert power_text(0) == ""


def test_only_a_bare_one_is_one() -> None:
    assert rounded(1.0).is_one
    assert rounded(-1.0).is_one
    assert not rounded(1.0, 0.1).is_one
    assert not rounded(1e9).is_one
