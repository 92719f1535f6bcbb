import copy
import pickle

import pytest
from hypothesis import given

from discover.errors import ExpressionError
from discover.expr import CONSTANT, VARIABLE, Expr, call, constant, derivative, fold, power, substitute, variable
from tests.expr.strategies import expressions

x, y = variable(0), variable(1)


def test_spelling_is_normalised():
    assert x**2 == call("square", x)
    assert x**3 == call("cube", x)
    assert x**-1 == 1 / x == call("inv", x)
    assert power(x, 5).tape[-1][1] == 5
    assert x**0.5 == call("pow", x, 0.5)
    assert x**100 == call("pow", x, 100.0)  # beyond MAX_POWER
    assert -constant(2.0) == constant(-2.0)
    assert derivative(x, (0, 0)) == x
    assert derivative(x, (1, 0)) == derivative(x, (1,))


def test_constructors_do_no_algebra():
    assert (x - x).size == 3
    assert (1 * x).size == 3


def test_operators_take_numbers_on_either_side():
    assert (2 + x, 2 - x, 2 * x, 2 / x, 2**x) == (
        constant(2) + x,
        constant(2) - x,
        constant(2) * x,
        constant(2) / x,
        constant(2) ** x,
    )
    assert abs(x) == call("abs", x)


def test_an_expression_can_be_a_key_and_be_copied():
    expr = x * y + 2
    assert {expr: 1}[variable(0) * variable(1) + 2] == 1
    assert pickle.loads(pickle.dumps(expr)) == copy.deepcopy(expr) == expr


def test_size_complexity_and_variables():
    expr = call("sin", y * y)
    assert (expr.size, expr.complexity, expr.variables) == (4, 6, (1,))
    assert (constant(2).value, x.value) == (2.0, None)


@given(expressions(with_derivatives=True))
def test_fold_rebuilds_what_it_reads(expr):
    rebuilt = fold(
        expr,
        lambda kind, value: variable(value) if kind == VARIABLE else constant(value),
        lambda row, argument, children: call(row.name, *children, *row.arguments(argument)),
    )
    assert rebuilt == expr


@given(expressions())
def test_substituting_the_variables_by_themselves_changes_nothing(expr):
    assert substitute(expr, [variable(0), variable(1), variable(2)]) == expr


def test_substitute_replaces_every_variable():
    assert substitute(x * y + x, [y, constant(2)]) == y * 2 + y
    with pytest.raises(ExpressionError, match="x1 has none among 1"):
        substitute(y, [x])


@pytest.mark.parametrize(
    ("tape", "constants", "message"),
    [
        (((2, 0),), (), "too few operands"),
        (((VARIABLE, 0), (VARIABLE, 1)), (), "leaves 2 values"),
        ((), (), "leaves 0 values"),
        (((99, 0),), (), "opcode 99"),
        (((CONSTANT, 0),), (), "another constant"),
        (((VARIABLE, 0), (26, 0)), (), "another multi-index"),
    ],
)
def test_a_tape_that_is_no_expression_is_refused(tape, constants, message):
    with pytest.raises(ExpressionError, match=message):
        fold(Expr(tape, constants), lambda kind, value: 0, lambda row, argument, children: 0)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_constant_is_finite(number):
    with pytest.raises(ExpressionError, match="finite"):
        constant(number)


def test_wrong_calls_say_what_to_change():
    with pytest.raises(ExpressionError, match='Did you mean "sin"'):
        call("sinn", x)
    with pytest.raises(ExpressionError, match="takes 2 operands, got 1"):
        call("add", x)
    with pytest.raises(ExpressionError, match="counts from 0"):
        variable(-1)
    with pytest.raises(ExpressionError, match="count from 0"):
        derivative(x, (-1,))
