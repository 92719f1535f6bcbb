"""Integration by parts as algebra: what the D^a(f) sum to is the term that they came from."""

from typing import Any

import pytest
import sympy

from discover.errors import ExpressionError
from discover.expr import VARIABLE, Expr, Operator, derivative, fold, parse, variable
from discover.expr.byparts import Leaves, along, by_parts, lifted

NAMES, AXES = ["u", "v", "x", "c"], ("t", "x")
LEAVES = Leaves(2, {2: 1}, frozenset([3]))


def as_sympy(expr: Expr) -> sympy.Expr:
    """Return an expression with u, v and c as functions of t and x, folded."""
    t, x = sympy.symbols("t x")
    leaves = [sympy.Function(name)(t, x) if name != "x" else x for name in NAMES]

    def leaf(kind: int, value: Any) -> sympy.Expr:
        return leaves[value] if kind == VARIABLE else sympy.nsimplify(value)

    def branch(row: Operator, argument: Any, children: tuple[Any, ...]) -> sympy.Expr:
        if row.name != "D":
            return row.meaning(sympy, *children, *row.arguments(argument))
        found = children[0]
        for axis, order in zip((t, x), argument, strict=False):
            found = sympy.diff(found, axis, order) if order else found
        return found

    return fold(expr, leaf, branch)


@pytest.mark.parametrize(
    "text",
    [
        "x*D(u, x, 2)",
        "D(x*D(u**2, x, 1), x, 1)",
        "c*D(u*v, x, 1)",
        "sin(x)*c*D(u, x, 2)",
        "D(u, x, 2)/x",
        "u*D(u, x, 1)",
        "u**2*D(u**3, x, 1)",
        "3*D(u, t, 1) - x**2*D(v, x, 3) + u",
        "-D(u, x, 1, t, 1)*x",
    ],
)
def test_the_parts_sum_to_the_term(text: str) -> None:
    term = parse(text, NAMES, AXES)
    parts = by_parts(term, LEAVES)
    total = sum((as_sympy(derivative(f, orders)) for orders, f in parts), sympy.S.Zero)
    assert sympy.simplify(sympy.expand(total.doit() - as_sympy(term).doit())) == 0
    for _, f in parts:
        _, fields = lifted([f], len(NAMES))
        assert {v for v, _ in fields} <= {3}  # D in an f stands before the known input only


@pytest.mark.parametrize("text", ["u*D(u, x, 2)", "D(u, x, 1)**2", "v*D(u, x, 1)", "sin(D(u, x, 1))", "u/D(u, x, 1)"])
def test_other_products_have_no_such_form(text: str) -> None:
    with pytest.raises(ExpressionError, match="weak form cannot take it; fit it in strong form"):
        by_parts(parse(text, NAMES, AXES), LEAVES)


def test_an_input_with_noise_is_not_differentiated() -> None:
    with pytest.raises(ExpressionError, match="weak form"):
        by_parts(parse("c*D(u, x, 1)", NAMES, AXES), Leaves(2, {2: 1}))


def test_the_chain_rule_counts_every_way_in_which_a_known_function_varies() -> None:
    slope = along(parse("x*c**2", NAMES, AXES), 1, LEAVES)
    expected = parse('2*x*c*D(c, "x", 1) + c**2', NAMES, AXES)
    assert sympy.simplify(as_sympy(slope) - as_sympy(expected)) == 0


def test_only_derivatives_of_variables_are_lifted() -> None:
    with pytest.raises(ExpressionError, match="no derivative of a variable"):
        lifted([parse("D(u**2, x, 1)", NAMES, AXES)], len(NAMES))
    assert lifted([variable(0)], 4) == ([variable(0)], [])
