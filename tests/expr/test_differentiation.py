import numpy as np
import pytest
from hypothesis import given

from discover.errors import ExpressionError
from discover.expr import derivative, differentiate, evaluate, parse, simplify, text, variable
from tests.expr.strategies import expressions, samples
from tests.reference import rounding_error

NAMES = ["x", "y"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("y", "0"),
        ("3", "0"),
        ("x", "1"),
        ("3*x*y", "3*y"),
        ("x**2*y", "2*x*y"),
        ("x**7", "7*x**6"),
        ("1/x", "-1/x**2"),
        ("y/x", "-y/x**2"),
        ("x**0.5", "0.5/sqrt(x)"),
        ("x**y", "y*x**(y - 1)"),
        ("sin(2*x)", "2*cos(2*x)"),
        ("exp(-x*y)", "-y*exp(-x*y)"),
        ("log(x**2)", "2/x"),
        ("abs(x)", "x/abs(x)"),
        ("tanh(y)", "0"),
        ('x*D(y, "x", 1)', 'D(y, "x", 1)'),
    ],
)
def test_known_derivatives(written, expected):
    found = differentiate(parse(written, NAMES), 0)
    assert simplify(found) == found == simplify(parse(expected, NAMES)), text(found, NAMES)


def test_a_variable_inside_a_derivative_has_no_partial_derivative():
    with pytest.raises(ExpressionError, match="differentiates itself"):
        differentiate(derivative(variable(0) ** 2, (1,)), 0)


@given(expressions(max_leaves=6), samples(0.1, 2.0))
def test_it_is_the_slope(expr, X):
    """Compare with central differences of four widths, of which one must come near."""
    slope = differentiate(expr, 0)
    found, error = evaluate(slope, X), rounding_error(slope, X)
    nearest = np.full(X.shape[1], np.inf)
    for step in (1e-2, 1e-3, 1e-4, 1e-5):
        up, down = X.copy(), X.copy()
        up[0] += step
        down[0] -= step
        with np.errstate(invalid="ignore"):
            rise = (evaluate(expr, up) - evaluate(expr, down)) / (2 * step)
            nearest = np.fmin(nearest, np.abs(rise - found) / (1e-5 + np.abs(found)))
        noise = (rounding_error(expr, up) + rounding_error(expr, down)) / step
        error = error + np.where(noise < 1e-6 * (1e-5 + np.abs(found)), 0.0, np.nan)
    sure = np.isfinite(error) & np.isfinite(nearest) & (np.abs(found) < 1e3)
    assert np.all(nearest[sure] < 1e-2)
