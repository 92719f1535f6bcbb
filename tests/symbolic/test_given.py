import numpy as np
import pytest

from discover.expr import parse
from discover.symbolic.given import Given, uses

SIGMOID, HILL = Given.of("sigmoid", "1/(1 + exp(-x))"), Given.of("hill", "u**2/(1 + u**2)")


def test_an_operator_is_its_body():
    assert SIGMOID.over(parse("2*x", ["x"])) == parse("1/(1 + exp(-(2*x)))", ["x"])
    assert SIGMOID.values(np.array([0.0, np.inf])).tolist()[0] == 0.5


@pytest.mark.parametrize(
    ("text", "n"),
    [("1/(1 + exp(-x))", 1), ("3/(exp(-x*y) + 1) + x", 1), ("x*y", 0), ("exp(-x)", 0), ("x**2/(1 + x**2)", 1)],
)
def test_uses_are_found_by_value(text, n):
    assert len(uses(parse(text, ["x", "y"]), [SIGMOID, HILL])) >= n
    assert bool(uses(parse(text, ["x", "y"]), [SIGMOID, HILL])) == bool(n)


def test_which_operator_it_is():
    found = uses(parse("x**2/(1 + x**2)", ["x"]), [SIGMOID, HILL])
    assert {which for which, _ in found.values()} == {1}
