import numpy as np
import pytest

from discover.errors import ExpressionError
from discover.expr import TimePart, call, derivative, evaluate, has_derivative, parse, time_parts, to_jets, variable

X, Y = variable(0), variable(1)
D = derivative
T, TT = (1,), (2,)


def test_terms_without_derivatives_are_themselves():
    for term in (X, X * Y, call("sin", X)):
        assert not has_derivative(term)
        assert time_parts(term, 2) == (TimePart(0, term),)


@pytest.mark.parametrize(
    ("term", "order"),
    [(D(X, T), 1), (D(X * Y**2, TT), 2), (D(D(call("sin", X), T), T), 2)],
)
def test_derivatives_in_front_stay_there(term, order):
    (part,) = time_parts(term, 2)
    assert (part.order, part.depth) == (order, 0)
    assert not has_derivative(part.function)


def test_products_that_are_derivatives_after_all_are_moved():
    (part,) = time_parts(X**2 * D(X, T), 2)
    assert (part.order, part.depth) == (1, 0)
    assert evaluate(part.function, np.array([[3.0], [0.0]])) == pytest.approx(9.0)


def test_the_product_rule_takes_the_time_out_of_the_way():
    """cos(t) x' = D(cos(t) x) + sin(t) x."""
    parts = time_parts(call("cos", Y) * D(X, T), 2, clock=1)
    assert [(part.order, part.depth) for part in parts] == [(1, 0), (0, 0)]
    at = np.array([[2.0], [0.4]])
    assert evaluate(parts[0].function, at) == pytest.approx(2 * np.cos(0.4))
    assert evaluate(parts[1].function, at) == pytest.approx(2 * np.sin(0.4))


@pytest.mark.parametrize(
    ("term", "depth", "expected"),
    [
        (Y * D(X, T), 1, lambda x, y, dx, dy, ddx, ddy: y * dx),
        (D(X, T) ** 2, 1, lambda x, y, dx, dy, ddx, ddy: dx**2),
        (call("sin", D(X * Y, T)), 1, lambda x, y, dx, dy, ddx, ddy: np.sin(dx * y + x * dy)),
        (X * D(X, TT), 2, lambda x, y, dx, dy, ddx, ddy: x * ddx),
        (D(X, TT) * D(Y, T), 2, lambda x, y, dx, dy, ddx, ddy: ddx * dy),
        (D(X**2, TT) * Y, 2, lambda x, y, dx, dy, ddx, ddy: 2 * (dx**2 + x * ddx) * y),
    ],
)
def test_other_products_are_functions_of_the_jets(term, depth, expected):
    (part,) = time_parts(term, 2)
    assert (part.order, part.depth) == (0, depth)
    at = np.array([0.3, -1.2, 0.7, 1.9, -0.4, 0.8])
    assert evaluate(part.function, at[: 2 * (depth + 1), None]) == pytest.approx(expected(*at))


def test_a_derivative_in_front_of_a_product_stays_in_front():
    (part,) = time_parts(D(Y * D(X, T), T), 2)
    assert (part.order, part.depth, part.function) == (1, 1, to_jets(Y * D(X, T), 2))


def test_jets_may_be_more_than_the_parser_names():
    assert to_jets(parse("x*D(x, t, 1)", ["x", "y"], ["t"]), 2) == parse("x*z", ["x", "y", "z"])


def test_derivatives_by_space_are_none_of_trajectories():
    with pytest.raises(ExpressionError, match="derivative by space"):
        time_parts(D(X, (0, 1)), 1)
