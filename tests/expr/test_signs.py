"""Signs in front change no value, and leave no negative number inside a product."""

import numpy as np
import pytest

from discover.expr import evaluate, parse, signs_in_front, text

NAMES = ["x", "y"]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("exp(-520/x + (-5.5)/y**0.25)", "exp(-(520/x) - 5.5/y**0.25)"),
        ("x + -2*y", "x - 2*y"),
        ("x - (-2)*y", "x + 2*y"),
        ("(-2*x)*(-3*y)", "2*x*(3*y)"),
        ("-2*x + y", "y - 2*x"),
        ("x**(-2)", "x**-2"),
        ("sin(-3*x)**2", "sin(-(3*x))**2"),
    ],
)
def test_signs_are_written_once(given, written):
    expr = parse(given, NAMES)
    assert text(signs_in_front(expr), NAMES) == written
    X = np.random.default_rng(0).uniform(0.5, 2.0, (2, 20))
    np.testing.assert_allclose(evaluate(signs_in_front(expr), X), evaluate(expr, X), rtol=1e-14)


def test_a_derivative_keeps_its_orders():
    expr = parse('-2*D(-3*x, "x", 2)', NAMES)
    assert "D(" in text(signs_in_front(expr), NAMES)
    assert signs_in_front(signs_in_front(expr)) == signs_in_front(expr)
