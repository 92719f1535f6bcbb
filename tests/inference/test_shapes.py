"""A part of a formula is told apart into a product of powers and a function of one."""

import numpy as np
import pytest

from discover.expr import compile_program, constant, parse, variable
from discover.inference.shapes import ONE_SIDED_EXPR, TWO_SIDED_EXPR, factorings, renumbered, with_constants

NAMES = ["x", "y", "z", "a", "b"]
X = np.random.default_rng(1).uniform(1.0, 1.6, (3, 80))


def _found(text: str, start: tuple[float, ...] = ()) -> list[tuple[str, str]]:
    return [(str(M), str(w)) for M, w in factorings(parse(text, NAMES[: 3 + len(start)]), start, X)]


def _pair(M: str, w: str) -> tuple[str, str]:
    return str(parse(M, NAMES)), str(parse(w, NAMES))


@pytest.mark.parametrize(
    ("text", "start", "spellings"),
    [
        ("x*sqrt(y**2 - 0.25*z**2)", (), ("y/z", "z/y")),
        ("x/(exp(a*y/z) - 1)", (0.7,), ("y/z", "z/y")),
        ("a*x**2*y/(y + b*x)", (2.0, 0.3), ("x/y", "y/x")),
        ("1/(1 + a*x*y)", (0.4,), ("x*y", "1/(x*y)")),
    ],
)
def test_a_function_of_a_product_is_seen_in_any_spelling(text, start, spellings):
    part = parse(text, NAMES[: 3 + len(start)])
    M, w = factorings(part, start, X)[0]
    assert str(w) in {_pair("1", spelling)[1] for spelling in spellings}
    value, before, inside = compile_program([part, M, w], 3 + len(start)).evaluate(with_constants(start, X))
    order = np.argsort(inside)
    smooth = np.polynomial.Chebyshev.fit(inside[order], (value / before)[order], 12)
    assert smooth(inside) == pytest.approx(value / before, rel=1e-5)


def test_a_product_of_powers_is_its_own_argument():
    assert _found("3*x*y**2") == [_pair("1", "x*y**2")]


@pytest.mark.parametrize("text", ["x + y + z", "x*y + y*z + x*z", "exp(x*y) + z"])
def test_a_function_of_two_products_is_not(text):
    assert _found(text) == []


def test_what_stands_inside_a_function_is_an_argument_too():
    assert _pair("1", "x + y") in _found("sin(a*(x + y))", (0.3,))


def test_too_few_rows_say_nothing():
    assert factorings(parse("exp(x*y) + 1", NAMES[:3]), (), X[:, :5]) == []


def test_shapes_of_one_side_are_even_or_odd():
    t = np.linspace(0.1, 0.9, 7)
    for shape in ONE_SIDED_EXPR:
        forward, backward = (_value(shape, side * t) for side in (1.0, -1.0))
        assert np.allclose(np.abs(forward), np.abs(backward))
    for shape in TWO_SIDED_EXPR:
        assert not np.allclose(np.abs(_value(shape, 0.5 * t)), np.abs(_value(shape, -0.5 * t)))


def _value(shape, t):
    return compile_program([shape], 1).evaluate(t[None])[0]


def test_free_constants_are_numbered_anew():
    form = renumbered(variable(0) * variable(4) + constant(0.0) * variable(3), 2, {3: 1.5, 4: 2.5})
    assert form.expr == variable(0) * variable(2)
    assert form.start == (2.5,)
