import pytest

from discover.errors import DiscoverError, SettingError
from discover.expr import (
    Derivatives,
    Exponential,
    Forced,
    Fourier,
    Functions,
    PerEquation,
    Polynomial,
    Power,
    Rational,
    Terms,
    Trigonometric,
    Varying,
    read_library,
)

NAMES = ["x", "y", "hare pelts"]

LIBRARIES = [
    Polynomial(2, include_bias=False, interaction_only=True),
    Polynomial(2) + Terms("sin(x)", "x*`hare pelts`") + Fourier(2, of="x", period=3.5),
    (Polynomial(1) + Terms("x**5")) * (Trigonometric() + Exponential(rates=(-1.0, 2.0))),
    Polynomial(3) - (Terms("x*y") + Terms("x")),
    Polynomial(3) - Terms("x*y") - Terms("x"),
    Polynomial(1) + Forced("x*y") + Power((0.5, -2.0), of="x") + Functions("tanh", of=["x", "y"]),
    PerEquation({"x": Polynomial(2), "hare pelts": Terms("x")}, default=Polynomial(1)),
    Varying(Polynomial(1), "y", basis=Polynomial(2)),
    Rational(Polynomial(1), Polynomial(2)),
    Derivatives(Polynomial(2), order=2),
]


@pytest.mark.parametrize("library", LIBRARIES, ids=repr)
def test_what_a_library_prints_as_is_read_back_to_it(library):
    again = read_library(repr(library))
    assert repr(again) == repr(library)
    assert again.build(NAMES) == library.build(NAMES)


@pytest.mark.parametrize(
    ("text", "library"),
    [
        ("poly", Polynomial()),
        ("poly(2) + fourier(2, of=x, period=24)", Polynomial(2) + Fourier(2, of="x", period=24.0)),
        ("poly(1)*trig(of=['x', \"hare pelts\"])", Polynomial(1) * Trigonometric(of=["x", "hare pelts"])),
        ("exponential(x, rates=[-1])", Exponential("x", rates=(-1.0,))),
        ("functions(tanh, sqrt, of=y)", Functions("tanh", "sqrt", of="y")),
        ("varying(poly(1), y, basis=poly(2))", Varying(Polynomial(1), "y", Polynomial(2))),
        ("per_equation({x: poly(2)}, default=terms('y'))", PerEquation({"x": Polynomial(2)}, default=Terms("y"))),
    ],
)
def test_short_names_are_for_people(text, library):
    assert read_library(text).build(NAMES) == library.build(NAMES)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("poli(2)", 'no library "poli". Did you mean "poly"'),
        ("poly(2, bias=True)", 'no option "bias"'),
        ("fourier(2, off=x)", 'no option "off". Did you mean "of"'),
        ("poly(", "was never closed"),
        ("poly(2) + 3", '"3" is no library'),
        ("poly(2) / poly(1)", '"poly\\(2\\) / poly\\(1\\)" is no library'),
        ("poly(2, 3, 4, 5)", "too many positional arguments"),
        ("fourier()(2)", "is no library"),
        ("__import__('os').system('true')", "is no library"),
        ("poly.__class__", "is no library"),
        ("poly(degree=-1)", "whole number from 0 to 20, got -1"),
        ("poly(2, degree=2)", "multiple values"),
        ("varying(poly(1))", "missing a required argument"),
        ("poly(*x)", "cannot|is no library"),
        ("poly(**x)", "names an option twice, or none"),
        ("+".join(["poly"] * 100), "nested 60 deep"),
        ("poly" * 3000, "10000 characters"),
        ("", "is no library"),
    ],
)
def test_bad_text_is_told_in_a_sentence(text, complaint):
    with pytest.raises(SettingError, match=complaint) as told:
        read_library(text)
    assert isinstance(told.value, DiscoverError)
