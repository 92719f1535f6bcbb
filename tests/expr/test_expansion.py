import numpy as np
import pytest

from discover.errors import ExpressionError
from discover.expr import evaluate, parse, variable
from discover.expr.expansion import expand, monomial_expr

NAMES = ("x", "y", "z")


def told(text):
    return {monomial_expr(key): value for key, value in expand(parse(text, NAMES)).items()}


@pytest.mark.parametrize(
    "text",
    [
        "(x + y)*(x - y)",
        "(x + 2*y - z)**3",
        "x/(1 + y)*(2 + z)",
        "sin(-x)*cos(-x)*3 - sin(x)",
        "exp(-(x + y))*(x - 1)",
        "(x - y)**2/x",
        "abs(-2*x*y)",
        "sqrt(x**2)*y",
        "-(-x)",
        "0*x + 0",
    ],
)
def test_the_sum_of_its_products_is_the_expression(text):
    expr = parse(text, NAMES)
    X = np.random.default_rng(0).uniform(0.5, 2.0, (3, 20))
    total = sum(value * evaluate(monomial_expr(key), X) for key, value in expand(expr).items())
    assert total + np.zeros(20) == pytest.approx(evaluate(expr, X) + np.zeros(20))


def test_what_cancels_is_gone():
    assert told("(x + y)**2 - x**2 - 2*x*y - y**2") == {}
    assert told("sin(-x) + sin(x)") == {}


def test_equal_products_stand_once():
    x, y = variable(0), variable(1)
    assert told("x*y + 2*y*x") == {x * y: 3.0}


def test_what_would_grow_without_end_is_refused():
    with pytest.raises(ExpressionError, match="multiplied out"):
        expand(parse("(x + y + z + 1)**40*(x + y + z + 2)**40", NAMES))
