"""A right-hand side taken apart: its additive terms, and which of them are linear with constant coefficients."""

from typing import Any

from discover.expr import VARIABLE, Expr, Operator, call, constant, derivative, fold, multiply, variable

Terms = list[tuple[float, Expr]]
Form = dict[tuple[int, tuple[int, ...]], float]
"""Coefficient of D(variable, multi-index), by variable and multi-index; zeros at the end left out."""

ONE = constant(1.0)


def additive(expr: Expr) -> Terms:
    """Return numbers and expressions whose products sum to `expr`.

    >>> from discover.expr import parse
    >>> additive(parse("2*x - (y + 3*x*y)*4", ["x", "y"]))
    [(2.0, Expr(x0)), (-4.0, Expr(x1)), (-12.0, Expr(x0*x1))]
    """
    return fold(expr, _leaf, _branch)[0]


def _leaf(kind: int, value: Any) -> tuple[Terms, Expr]:
    return ([(1.0, variable(value))], variable(value)) if kind == VARIABLE else ([(value, ONE)], constant(value))


def _branch(row: Operator, argument: Any, children: tuple[tuple[Terms, Expr], ...]) -> tuple[Terms, Expr]:
    whole = call(row.name, *(part for _, part in children), *row.arguments(argument))
    sums = [terms for terms, _ in children]
    numbers = [_number(terms) for terms in sums]
    match row.name:
        case "add":
            return sums[0] + sums[1], whole
        case "sub":
            return sums[0] + _scaled(sums[1], -1.0), whole
        case "neg":
            return _scaled(sums[0], -1.0), whole
        case "mul" if numbers[0] is not None:
            return _scaled(sums[1], numbers[0]), whole
        case "mul" if numbers[1] is not None:
            return _scaled(sums[0], numbers[1]), whole
        case "mul" if len(sums[0]) == len(sums[1]) == 1:  # numbers out of products: (2*x)*y
            (a, left), (b, right) = sums[0][0], sums[1][0]
            return [(a * b, multiply(left, right))], whole
        case "div" if numbers[1]:
            return _scaled(sums[0], 1.0 / numbers[1]), whole
        case "D":
            return [(number, derivative(term, argument)) for number, term in sums[0] if term != ONE], whole
    return [(1.0, whole)], whole


def _number(terms: Terms) -> float | None:
    """Return the value of a sum of numbers, None where it holds anything else."""
    return sum(number for number, _ in terms) if all(term == ONE for _, term in terms) else None


def _scaled(terms: Terms, factor: float) -> Terms:
    return [(factor * number, term) for number, term in terms]


def outermost(expr: Expr) -> tuple[tuple[int, ...], Expr]:
    """Return the multi-index of the derivatives that a term begins with, and what they differentiate.

    >>> from discover.expr import derivative, variable
    >>> outermost(derivative(derivative(variable(0) ** 2, (0, 1)), (0, 1)))
    ((0, 2), Expr(x0**2))
    """
    nested = fold(expr, _bare, _peeled)
    return nested[0], nested[1]


def _bare(kind: int, value: Any) -> tuple[tuple[int, ...], Expr]:
    return (), variable(value) if kind == VARIABLE else constant(value)


def _peeled(row: Operator, argument: Any, children: tuple[Any, ...]) -> tuple[tuple[int, ...], Expr]:
    if row.name == "D":
        orders, inner = children[0]
        return joined(orders, argument), inner
    parts = [derivative(inner, orders) for orders, inner in children]
    return (), call(row.name, *parts, *row.arguments(argument))


def joined(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sum of two multi-indices, zeros at the end left out.

    >>> joined((0, 1), (1, 0, 2))
    (1, 1, 2)
    """
    length = max(len(a), len(b))
    total = [sum(orders) for orders in zip(_padded(a, length), _padded(b, length), strict=True)]
    while total and total[-1] == 0:
        total.pop()
    return tuple(total)


def _padded(orders: tuple[int, ...], length: int) -> tuple[int, ...]:
    return orders + (0,) * (length - len(orders))


def linear_form(term: Expr, n_states: int) -> tuple[int, tuple[int, ...]] | None:
    """Return (state, multi-index) where a term of `additive` is a state or a derivative of one; else None.

    >>> from discover.expr import derivative, variable
    >>> linear_form(derivative(variable(0), (0, 2)), 1), linear_form(variable(0) ** 2, 1)
    ((0, (0, 2)), None)
    """
    orders, inner = outermost(term)
    is_state = inner.root == VARIABLE and inner.variables[0] < n_states
    return (inner.variables[0], orders) if is_state else None
