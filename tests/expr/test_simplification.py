import numpy as np
import pytest
from hypothesis import given

from discover.expr import constant, evaluate, parse, simplify, text
from tests.expr.strategies import NUMBERS, expressions, samples
from tests.reference import rounding_error

NAMES = ["x", "y", "z"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("y*x", "x*y"),
        ("y + x", "x + y"),
        ("x*y*2 + y*x", "3*x*y"),
        ("x - x", "0"),
        ("x/x", "1"),
        ("0*sin(x)", "0"),
        ("x + 0", "x"),
        ("x*1", "x"),
        ("x**1", "x"),
        ("x**0", "1"),
        ("1/(1/x)", "x"),
        ("-(-x)", "x"),
        ("x*x*x", "x**3"),
        ("x**2/x**3", "1/x"),
        ("x**-2", "1/x**2"),
        ("sqrt(x)*sqrt(x)", "x"),
        ("sqrt(x**2)", "abs(x)"),
        ("abs(x)**2", "x**2"),
        ("abs(-2*x*y)", "2*abs(x)*abs(y)"),
        ("abs(exp(x))", "exp(x)"),
        ("(x*y)**2", "x**2*y**2"),
        ("(x + y)*(y + x)", "(x + y)**2"),
        ("2*(x + y)*0.5", "x + y"),
        ("(2*x + 2*y)*x", "2*x*(x + y)"),
        ("(x - y)**2 - (y - x)**2", "0"),
        ("x - (y - z)", "x - y + z"),
        ("exp(log(x))", "x"),
        ("log(exp(x))", "x"),
        ("tan(atan(x))", "x"),
        ("sin(-x)", "-sin(x)"),
        ("cos(y - x)", "cos(x - y)"),
        ("cbrt(-x)", "-cbrt(x)"),
        ("2*3 + 4", "10"),
        ("sqrt(4)", "2"),
        ("1/0", "1/0"),
        ("log(0)", "log(0)"),
        ("sqrt(-1)", "sqrt(-1)"),
        ("0/y", "0"),
        ("3 - x", "3 - x"),
        ("-1*x", "-x"),
        ("x/2", "0.5*x"),
        ("1**x", "1"),
        ("x**y*x**y", "(x**y)**2"),
        ('D(D(x, "x", 1), "x", 1)', 'D(x, "x", 2)'),
        ('D(2*x + 3*y, "x", 1)', '2*D(x, "x", 1) + 3*D(y, "x", 1)'),
        ('D(3, "x", 1)', "0"),
        ("(x**6e307)**3", "(x**6e+307)**3"),
        ("-(x + 5e-324)", "-5e-324 - x"),
        ("(x + 0.3)/(2*x)", "0.5*(0.3 + x)/x"),
        ("3*(x + 2*y)", "3*x + 6*y"),
        ("x - 2*(x - y)", "-x + 2*y"),
        ("1e-200*1e-200*x", "x*(1e-200*1e-200)"),
    ],
)
def test_canonical_forms(written, expected):
    assert text(simplify(parse(written, NAMES)), NAMES) == expected


@given(expressions(with_derivatives=True))
def test_simplifying_twice_changes_nothing_more(expr):
    once = simplify(expr)
    assert simplify(once) == once


@given(expressions(NUMBERS))
def test_it_is_idempotent_for_any_numbers(expr):
    once = simplify(expr)
    assert simplify(once) == once


@given(expressions(), samples())
def test_the_value_stays(expr, X):
    simple = simplify(expr)
    error = rounding_error(expr, X) + rounding_error(simple, X)
    found, expected = evaluate(simple, X), evaluate(expr, X)
    sure = np.isfinite(error)
    assert np.all(np.abs(found[sure] - expected[sure]) <= 10 * error[sure])


@given(expressions(), samples())
def test_a_finite_value_stays_finite(expr, X):
    sure = np.isfinite(rounding_error(expr, X)) & np.isfinite(evaluate(expr, X))
    assert np.all(np.isfinite(evaluate(simplify(expr), X))[sure])


@given(expressions(NUMBERS))
def test_it_never_makes_a_constant_that_is_not_finite(expr):
    assert np.all(np.isfinite(simplify(expr).constants))


@given(expressions(), expressions())
def test_sums_and_products_commute(a, b):
    assert simplify(a + b) == simplify(b + a)
    assert simplify(a * b) == simplify(b * a)


def test_constants_alone_fold_to_one():
    assert simplify(parse("2*sin(1)**2 + 2*cos(1)**2", [])).value == pytest.approx(2.0)
    assert simplify(constant(-0.0)) == constant(0.0)
