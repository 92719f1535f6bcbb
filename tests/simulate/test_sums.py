"""A right-hand side taken apart is still the same right-hand side."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.expr import constant, derivative, evaluate, fold, parse, variable
from discover.simulate.sums import ONE, additive, joined, linear_form, outermost

NAMES = ["x", "y", "z"]


@pytest.mark.parametrize(
    "text",
    ["x", "3", "2*x - (y + 3*x*y)*4", "-(x - y)/2", "x*(2*y)*3", "1/x + x/(y + 3)", "sin(2*x) - 4*(x + 1)", "x*0 + y"],
)
def test_the_parts_sum_to_the_whole(text: str) -> None:
    expr, X = parse(text, NAMES), np.random.default_rng(0).uniform(1, 2, (3, 5))
    total = sum(number * evaluate(term, X) for number, term in additive(expr))
    np.testing.assert_allclose(total, evaluate(expr, X), rtol=1e-14)
    assert all(term.root != constant(1).root or term == ONE for _, term in additive(expr))


def test_numbers_come_out_of_products_and_derivatives() -> None:
    x = variable(0)
    assert additive((2 * x) * (3 * x)) == [(6.0, x * x)]
    assert additive(derivative(2 * x - x**2 + 5, (0, 1))) == [
        (2.0, derivative(x, (0, 1))),
        (-1.0, derivative(x**2, (0, 1))),
    ]
    assert additive(x / 4 + 1) == [(0.25, x), (1.0, ONE)]


def test_division_by_nothing_is_left_to_the_numbers() -> None:
    assert len(additive(parse("x/(1 - 1)", NAMES))) == 1


def test_outermost_derivatives_are_joined_and_inner_ones_stay() -> None:
    u = variable(0)
    nested = derivative(u * derivative(derivative(u, (0, 1)), (0, 0, 1)), (0, 2))
    orders, inner = outermost(nested)
    assert orders == (0, 2)
    assert inner == u * derivative(u, (0, 1, 1))


def test_linear_terms_are_states_and_their_derivatives_alone() -> None:
    u, w = variable(0), variable(1)
    assert linear_form(derivative(u, (0, 3)), 1) == (0, (0, 3))
    assert linear_form(w, 1) is None  # an input, whose values change
    assert linear_form(u * derivative(u, (0, 1)), 2) is None
    assert linear_form(ONE, 1) is None


@given(st.lists(st.integers(0, 4), max_size=4), st.lists(st.integers(0, 4), max_size=4))
def test_joined_orders_add_up(a: list[int], b: list[int]) -> None:
    total = joined(tuple(a), tuple(b))
    assert sum(total) == sum(a) + sum(b)
    assert total == joined(tuple(b), tuple(a))
    assert not total or total[-1] != 0


def test_the_parts_hold_no_sum() -> None:
    for _, term in additive(parse("2*(x + y - z)/3 - (x - 1)*2", NAMES)):
        names = fold(term, lambda kind, value: set(), lambda row, argument, children: {row.name}.union(*children))
        assert not {"add", "sub", "neg"} & names
