"""Signs where people write them: in front of a term, and not before the number inside it."""

from typing import Any

from discover.expr.expression import (
    CONSTANT,
    Expr,
    add,
    call,
    constant,
    divide,
    fold,
    multiply,
    negate,
    subtract,
    variable,
)
from discover.expr.operators import Operator
from discover_kernels import opcodes

Signed = tuple[Expr, bool]
"""An expression, and whether a minus belongs before it."""


def signs_in_front(expr: Expr) -> Expr:
    """Return an equal expression whose products and quotients hold no negative number.

    >>> from discover.expr import parse, text
    >>> text(signs_in_front(parse("exp(-520/T + -5*p) - (-2)*T", ["T", "p"])), ["T", "p"])
    'exp(-(520/T) - 5*p) + 2*T'
    """
    whole, minus = unsigned(expr)
    return negate(whole) if minus else whole


def unsigned(expr: Expr) -> Signed:
    """Return an expression without the minus that stands before all of it, and whether one did.

    >>> from discover.expr import parse
    >>> unsigned(parse("-2*x", ["x"])), unsigned(parse("2 - x", ["x"]))
    ((Expr(2*x0), True), (Expr(2 - x0), False))
    """

    def leaf(kind: int, value: Any) -> Signed:
        return (constant(abs(value)), value < 0.0) if kind == CONSTANT else (variable(value), False)

    def branch(row: Operator, argument: Any, children: tuple[Signed, ...]) -> Signed:
        if row.opcode in (opcodes.MUL, opcodes.DIV):
            (a, minus_a), (b, minus_b) = children
            return (multiply if row.opcode == opcodes.MUL else divide)(a, b), minus_a != minus_b
        if row.opcode == opcodes.NEG:
            return children[0][0], not children[0][1]
        if row.opcode in (opcodes.ADD, opcodes.SUB):
            first, (b, minus_b) = children
            return _summed(first, (b, minus_b != (row.opcode == opcodes.SUB))), False
        parts = [negate(part) if minus else part for part, minus in children]
        last = (argument,) if row.opcode == opcodes.D else row.arguments(argument)
        return call(row.name, *parts, *last), False

    return fold(expr, leaf, branch)


def _summed(first: Signed, second: Signed) -> Expr:
    (a, minus_a), (b, minus_b) = first, second
    if minus_a and not minus_b:
        return subtract(b, a)
    a = negate(a) if minus_a else a
    return subtract(a, b) if minus_b else add(a, b)
