from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.errors import UnitError
from discover.expr import DIMENSIONLESS, Dimension
from discover.expr.dimensions import agree, pure, real_power

POWERS = st.fractions(-3, 3, max_denominator=6)
DIMENSIONS = st.dictionaries(st.sampled_from(["m", "s", "kg", "hare pelts"]), POWERS).map(Dimension.of)
m, s = Dimension.of({"m": 1}), Dimension.of({"s": 1})


@given(DIMENSIONS, DIMENSIONS, POWERS)
def test_dimensions_are_a_group_with_rational_powers(a, b, power):
    assert a * b == b * a
    assert a / b * b == a
    assert (a / a).is_dimensionless
    assert (a * b) ** power == a**power * b**power
    assert hash(a * b) == hash(b * a)


def test_zero_exponents_are_dropped():
    assert Dimension.of({"m": 0, "s": Fraction(0)}) == DIMENSIONLESS == Dimension()


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        (DIMENSIONLESS, "1"),
        (m / s**2, "m s-2"),
        (Dimension.of({"K": -1, "kg": 1, "m": 2}), "kg m2 K-1"),
        (m ** Fraction(1, 2), "m^(1/2)"),
        (s ** Fraction(-3, 2), "s^(-3/2)"),
    ],
)
def test_they_print_in_cf_spelling(dimension, expected):
    assert str(dimension) == expected


def test_a_rule_names_both_units():
    with pytest.raises(UnitError, match=r"\[m\] and \[s\]"):
        agree((m, s), None)
    with pytest.raises(UnitError, match=r"unit \[m\] and must have \[1\]"):
        pure((m,), None)


def test_a_real_power_wants_a_pure_exponent_and_a_rational_one_under_a_unit():
    assert real_power((m**2, DIMENSIONLESS), 0.5) == m
    assert real_power((m**3, None), 1 / 3) == m
    assert real_power((DIMENSIONLESS, None), None) == DIMENSIONLESS
    for dimensions, exponent, message in [
        ((m, s), None, "exponent has the unit"),
        ((m, None), None, "exponent that varies"),
        ((m, None), 2**0.5, "irrational exponent"),
    ]:
        with pytest.raises(UnitError, match=message):
            real_power(dimensions, exponent)
