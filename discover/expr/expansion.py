"""An expression multiplied out: the sum of products of atoms that it is, so that identities become equations.

`simplify` keeps products of sums as they are; here they are distributed. An atom is what algebra does not look
into: a variable, a function of something, or a sum that is divided by.
"""

from itertools import product
from typing import Any

from discover.errors import ExpressionError
from discover.expr.expression import CONSTANT, Expr, call, constant, fold, multiply, power, variable
from discover.expr.operators import Operator
from discover.expr.simplification import simplify
from discover_kernels import opcodes

Monomial = tuple[tuple[Expr, float], ...]
"""Atoms and their exponents, sorted; () is the constant 1."""

Polynomial = dict[Monomial, float]

MAX_PRODUCTS = 20_000
"""Terms that a product may have before it is refused."""

NEGLIGIBLE = 1e-12
"""Share of the largest summand below which what is left of a sum is rounding."""


def expand(expr: Expr) -> Polynomial:
    """Return the coefficient of every product of atoms that an expression is the sum of.

    Raises:
        ExpressionError: where there are too many.

    >>> x, y = variable(0), variable(1)
    >>> [(monomial_expr(m), c) for m, c in expand((x + y) * (x - y)).items()]
    [(Expr(x0**2), 1.0), (Expr(x1**2), -1.0)]
    """
    return fold(expr, _leaf, _branch)


def monomial_expr(monomial: Monomial) -> Expr:
    """Return a product of atoms as an expression in canonical form."""
    total = constant(1.0)
    for atom, exponent in monomial:
        total = multiply(total, power(atom, exponent))
    return simplify(total)


def combine(a: Polynomial, b: Polynomial, factor: float = 1.0) -> Polynomial:
    """Return a + factor · b."""
    total = dict(a)
    for monomial, value in b.items():
        before, more = total.get(monomial, 0.0), factor * value
        total[monomial] = before + more
        if abs(total[monomial]) <= NEGLIGIBLE * max(abs(before), abs(more)):
            del total[monomial]
    return total


def times(a: Polynomial, b: Polynomial) -> Polynomial:
    """Return a · b, distributed.

    Raises:
        ExpressionError: where it has too many terms.
    """
    if len(a) * len(b) > MAX_PRODUCTS:
        raise ExpressionError(f"A product would have over {MAX_PRODUCTS} terms when multiplied out.")
    total: Polynomial = {}
    for (left, p), (right, q) in product(a.items(), b.items()):
        total = combine(total, {_merged(left, right): p * q})
    return total


def _leaf(kind: int, value: Any) -> Polynomial:
    if kind == CONSTANT:
        return {(): float(value)} if value else {}
    return {((variable(value), 1.0),): 1.0}


def _branch(row: Operator, argument: Any, children: tuple[Polynomial, ...]) -> Polynomial:
    first, last = children[0], children[-1]
    match row.opcode:
        case opcodes.ADD:
            return combine(first, last)
        case opcodes.SUB:
            return combine(first, last, -1.0)
        case opcodes.NEG:
            return combine({}, first, -1.0)
        case opcodes.MUL:
            return times(first, last)
        case opcodes.DIV:
            return times(first, _raised(last, -1))
    exponent = {opcodes.SQUARE: 2, opcodes.CUBE: 3, opcodes.INV: -1, opcodes.IPOW: argument}.get(row.opcode)
    if exponent is not None:
        return _raised(first, int(exponent))
    whole = simplify(call(row.name, *(_spelled(child) for child in children), *row.arguments(argument)))
    if whole.root == row.opcode:
        return {((whole, 1.0),): 1.0}
    return expand(whole)  # a number or a sign was pulled out of it, or it is another function by now


def _raised(base: Polynomial, exponent: int) -> Polynomial:
    if exponent < 0:
        if len(base) == 1:
            ((monomial, value),) = base.items()
            return {tuple((atom, n * exponent) for atom, n in monomial): value**exponent}
        return {((simplify(_spelled(base)), float(exponent)),): 1.0}
    total: Polynomial = {(): 1.0}
    for _ in range(exponent):
        total = times(total, base)
    return total


def _merged(a: Monomial, b: Monomial) -> Monomial:
    exponents = dict(a)
    for atom, n in b:
        exponents[atom] = exponents.get(atom, 0.0) + n
    left = ((atom, n) for atom, n in exponents.items() if n)
    return tuple(sorted(left, key=lambda pair: (pair[0].size, pair[0].tape, pair[0].constants, pair[0].orders)))


def _spelled(a: Polynomial) -> Expr:
    total: Expr | None = None
    for monomial, value in a.items():
        term = multiply(constant(value), monomial_expr(monomial))
        total = term if total is None else total + term
    return constant(0.0) if total is None else simplify(total)
