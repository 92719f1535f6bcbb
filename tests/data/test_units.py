"""Units: their dimensions and sizes, the text of composed units, and names nobody knows."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.data.units import compose, dimension, scale, symbols
from discover.errors import UnitError
from discover.expr import Dimension

ATOMS = [
    "m",
    "kg",
    "ms",
    "year",
    "degC",
    "rad",
    "mol",
    "thousand pelts",
    "cells",
    "thousands",
    "km",
    "1000 people",
    "%",
]
EXPONENTS = st.sampled_from([Fraction(-2), Fraction(-1), Fraction(-1, 2), Fraction(1, 2), Fraction(1), Fraction(3)])
PRODUCTS = st.lists(st.tuples(st.sampled_from(ATOMS), EXPONENTS), max_size=4)


def written(product: list[tuple[str, Fraction]]) -> str:
    return " ".join(f"({atom})^({exponent})" for atom, exponent in product) or "1"


@given(PRODUCTS, PRODUCTS)
def test_the_dimension_of_a_product_is_the_product_of_dimensions(
    left: list[tuple[str, Fraction]], right: list[tuple[str, Fraction]]
) -> None:
    both = f"({written(left)})*({written(right)})"
    assert dimension(both) == dimension(written(left)) * dimension(written(right))
    assert symbols(both) == symbols(written(left)) * symbols(written(right))
    assert math.isclose(scale(both), scale(written(left)) * scale(written(right)), rel_tol=1e-12)


@given(PRODUCTS)
def test_a_quotient_undoes_a_product(product: list[tuple[str, Fraction]]) -> None:
    text = written(product)
    assert dimension(f"({text})/({text})") == Dimension()
    assert math.isclose(scale(f"1/({text})") * scale(text), 1.0, rel_tol=1e-12)


@given(PRODUCTS)
def test_composed_text_is_read_back(product: list[tuple[str, Fraction]]) -> None:
    exponents = symbols(written(product))
    text = compose(exponents)
    assert symbols(text) == exponents
    assert dimension(text) == dimension(written(product))
    assert math.isclose(scale(text), scale(written(product)), rel_tol=1e-12)


@pytest.mark.parametrize(
    ("text", "bases", "factor"),
    [
        ("m s-1", {"m": 1, "s": -1}, 1.0),
        ("km/h", {"m": 1, "s": -1}, 1 / 3.6),
        ("µm", {"m": 1}, 1e-6),
        ("μm", {"m": 1}, 1e-6),
        ("N", {"kg": 1, "m": 1, "s": -2}, 1.0),
        ("degC", {"K": 1}, 1.0),
        ("°C", {"K": 1}, 1.0),
        ("Celsius", {"K": 1}, 1.0),
        ("degF", {"K": 1}, 5 / 9),
        ("rad", {}, 1.0),
        ("deg", {}, math.pi / 180),
        ("°", {}, math.pi / 180),
        ("%", {}, 0.01),
        ("1", {}, 1.0),
        ("G", {"kg": 1, "A": -1, "s": -2}, 1e-4),
        ("year", {"s": 1}, 365.25 * 86400),
        ("bpm", {"beat": 1, "s": -1}, 1 / 60),
        ("pelts", {"pelt": 1}, 1.0),
        ("thousand pelts", {"pelt": 1}, 1000.0),
        ("thousands", {"count": 1}, 1000.0),
        ("million cells/mL", {"cell": 1, "m": -3}, 1e12),
        ("people", {"person": 1}, 1.0),
        ("mag", {"mag": 1}, 1.0),
        ("px", {"pixel": 1}, 1.0),
        ("pixel", {"pixel": 1}, 1.0),
        ("pH", {"pH": 1}, 1.0),
        ("1e-15", {}, 1e-15),
    ],
)
def test_dimension_and_scale(text: str, bases: dict[str, int], factor: float) -> None:
    assert dimension(text) == Dimension.of(bases)
    assert math.isclose(scale(text), factor, rel_tol=1e-12)


def test_what_is_counted_is_a_base_of_its_own() -> None:
    assert dimension("pelts") != dimension("cells")
    assert not dimension("thousands").is_dimensionless


def test_coefficients_get_readable_units() -> None:
    target, time = symbols("thousand pelts"), symbols("year")
    assert compose(target / time / target) == "1/year"
    assert compose(target / time / (target * target)) == "1/(thousand_pelts year)"
    assert compose(symbols("m") / symbols("s") ** 2) == "m/s^2"
    assert compose(symbols("m") ** Fraction(1, 2)) == "m^(1/2)"
    assert compose(Dimension()) == "1"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("furlongz", 'unknown unit "furlongz"; write it in SI names'),
        ("m/furlongz", 'unknown unit "furlongz" in "m/furlongz"'),
        ("furlongz", 'Did you mean "furlong"?'),
        ("peltz", 'Did you mean "pelt'),
        ("0", "0 alone is no unit"),
        ("7", "7 alone is no unit"),
        ("AU", "write au for the astronomical unit or 1 for absorbance"),
    ],
)
def test_an_unknown_unit_is_named_with_its_remedy(text: str, sentence: str) -> None:
    for function in (dimension, symbols, scale):
        with pytest.raises(UnitError) as error:
            function(text)
        assert sentence in str(error.value)
