"""Parts of expressions are cut and put back without a change."""

import pytest
from hypothesis import given

from discover.expr import constant, parse, variable
from discover.expr.parts import cut, operands, put, spans
from tests.expr.strategies import expressions


@given(expressions())
def test_a_part_put_back_changes_nothing(expr):
    for span in spans(expr):
        assert put(expr, span, cut(expr, span)) == expr


@given(expressions())
def test_the_last_part_is_the_whole(expr):
    *_, last = spans(expr)
    assert last == (0, len(expr.tape))
    assert put(expr, last, variable(0)) == variable(0)


def test_constants_follow_their_part():
    expr = parse("2.5*x + 3.5*exp(4.5*y)", ["x", "y"])
    inner = next(span for span in spans(expr) if cut(expr, span).constants == (4.5,) and span[1] - span[0] == 3)
    assert put(expr, inner, constant(7.5)).constants == (2.5, 3.5, 7.5)


@pytest.mark.parametrize("text", ["x*y - x/(1 + y)", "exp(x)**2 / (x + 2)", "x + y"])
def test_operands_are_those_of_the_root(text):
    expr = parse(text, ["x", "y"])
    left, right = operands(expr)
    assert (*left.tape, *right.tape, expr.tape[-1]) == expr.tape
    assert (*left.constants, *right.constants) == expr.constants
