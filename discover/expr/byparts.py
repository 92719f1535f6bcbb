"""Integration by parts as algebra: a term of a law over space with every derivative in front.

A term such as x·D(k(x)·D(u², "x")) is integrated against a test function φ. Moving all derivatives onto φ
needs the term as a sum of D^a(f), in which f holds no derivative of anything measured:

    g·D(f) = D(g·f) - D(g)·f,    by axis and order (Leibniz), where g is known: coordinates, inputs without noise,
    uⁿ·D(uᵐ) = m/(n+m) D(uⁿ⁺ᵐ),  a product that is a derivative after all.

Any other product of derivatives, u·u_xx or u_x², has no such form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import comb, prod
from typing import Any

from discover.errors import ExpressionError
from discover.expr.differentiation import differentiate
from discover.expr.expression import (
    CONSTANT,
    VARIABLE,
    Expr,
    add,
    call,
    constant,
    derivative,
    divide,
    fold,
    multiply,
    power,
    substitute,
    variable,
)
from discover.expr.operators import Operator
from discover.expr.simplification import simplify
from discover_kernels import opcodes

Orders = tuple[int, ...]
Parts = tuple[tuple[Orders, Expr], ...]
"""(a, f) for every D^a(f) of a sum."""

ZERO, ONE = constant(0.0), constant(1.0)


@dataclass(frozen=True, slots=True)
class Leaves:
    """What the variables of a term stand for.

    Attributes:
        n_axes: time and the space axes, which orders count along.
        coordinates: variable -> axis, for those that are coordinates.
        known: variables that are measured without noise worth mentioning, so that they may be differentiated.
    """

    n_axes: int
    coordinates: Mapping[int, int] = field(default_factory=dict)
    known: frozenset[int] = frozenset()

    def is_known(self, expr: Expr) -> bool:
        """Return whether an expression holds nothing but numbers, coordinates and known fields."""
        return all(index in self.coordinates or index in self.known for index in expr.variables)


def by_parts(term: Expr, leaves: Leaves) -> Parts:
    """Return the D^a(f) whose sum a term is; D in an f stands before known variables only.

    Raises:
        ExpressionError: where a product of derivatives cannot be written so.

    >>> x, u = variable(1), variable(0)
    >>> by_parts(x * derivative(u, (0, 2)), Leaves(2, {1: 1}))
    (((0, 2), Expr(x0*x1)), ((0, 1), Expr(-2*x0)))
    >>> by_parts(u * derivative(u, (0, 1)), Leaves(2))
    (((0, 1), Expr(0.5*x0**2)),)
    """
    nothing = (0,) * leaves.n_axes

    def leaf(kind: int, value: Any) -> tuple[Expr, Parts]:
        whole = variable(value) if kind == VARIABLE else constant(value)
        return whole, ((nothing, whole),)

    def branch(row: Operator, argument: Any, children: tuple[tuple[Expr, Parts], ...]) -> tuple[Expr, Parts]:
        whole = call(row.name, *(child for child, _ in children), *row.arguments(argument))
        if row.name == "D" and leaves.is_known(whole) and not leaves.coordinates.keys() & set(whole.variables):
            return whole, ((nothing, whole),)
        if row.name == "D":
            shift = (*argument, *(0,) * (leaves.n_axes - len(argument)))
            return whole, tuple((_sum(orders, shift), f) for orders, f in children[0][1])
        if all(len(parts) == 1 and not any(parts[0][0]) for _, parts in children):
            return whole, ((nothing, whole),)
        moved = _moved(row, children, leaves)
        if moved is None:
            raise ExpressionError(
                f"{whole} is not a sum of derivatives of functions, so the weak form cannot take it; fit it in "
                "strong form, with form=Strong()."
            )
        return whole, moved

    return _collected(fold(term, leaf, branch)[1])


def _moved(row: Operator, children: tuple[tuple[Expr, Parts], ...], leaves: Leaves) -> Parts | None:
    """Return the parts of a sum or a product of which some child holds derivatives; None for anything else."""
    (left, mine), (right, others) = children[0], children[-1]
    match row.name:
        case "neg":
            return _scaled(mine, -1.0)
        case "add":
            return mine + others
        case "sub":
            return mine + _scaled(others, -1.0)
        case "div" if leaves.is_known(right) and len(others) == 1:
            return _leibniz(divide(ONE, right), mine, leaves)
        case "mul":
            if leaves.is_known(left):
                return _leibniz(left, others, leaves)
            if leaves.is_known(right):
                return _leibniz(right, mine, leaves)
            return _one_derivative(mine, others) or _one_derivative(others, mine)
    return None


def _leibniz(g: Expr, parts: Parts, leaves: Leaves) -> Parts:
    """Return g·Σ D^a(f) as Σ ± C(a, b) D^(a - b)(D^b(g)·f)."""
    found = []
    for orders, f in parts:
        for taken in product(*(range(order + 1) for order in orders)):
            slope = g
            for axis, count in enumerate(taken):
                for _ in range(count):
                    slope = along(slope, axis, leaves)
            if slope != ZERO:
                sign = (-1.0) ** sum(taken) * prod(comb(a, b) for a, b in zip(orders, taken, strict=True))
                left = tuple(a - b for a, b in zip(orders, taken, strict=True))
                found.append((left, multiply(multiply(constant(sign), slope), f)))
    return tuple(found)


def along(g: Expr, axis: int, leaves: Leaves) -> Expr:
    """Return the derivative of a known function along an axis, by the chain rule; that of an input c is D(c).

    >>> along(variable(0) ** 2 * variable(1), 1, Leaves(2, {0: 1}, frozenset([1])))
    Expr(2*x0*x1 + x0**2*D(x1, "x", 1))
    """
    count = max(g.variables, default=-1) + 1
    (plain,), fields = lifted([g], count)
    step = tuple(int(k == axis) for k in range(leaves.n_axes))
    back = [variable(index) for index in range(count)] + [derivative(variable(v), orders) for v, orders in fields]
    total = ZERO
    for index in plain.variables:
        if index in leaves.coordinates:
            inner = ONE if leaves.coordinates[index] == axis else ZERO
        else:
            base, orders = (index, ()) if index < count else fields[index - count]
            inner = derivative(variable(base), _sum(orders, step))
        slope = substitute(differentiate(plain, index), back)
        if inner != ZERO and slope != ZERO:
            total = add(total, multiply(slope, inner))
    return simplify(total)


def lifted(exprs: Sequence[Expr], n_variables: int) -> tuple[list[Expr], list[tuple[int, Orders]]]:
    """Return expressions in which each D of a variable is a variable of its own, counted from n_variables on.

    The second list says which variable and which orders each of them stands for.

    Raises:
        ExpressionError: for a D of anything else.

    >>> lifted([variable(0) * derivative(variable(0), (0, 1))], 1)
    ([Expr(x0*x1)], [(0, (0, 1))])
    """
    fields: dict[tuple[int, Orders], int] = {}

    def leaf(kind: int, value: Any) -> Expr:
        return variable(value) if kind == VARIABLE else constant(value)

    def branch(row: Operator, argument: Any, children: tuple[Expr, ...]) -> Expr:
        if row.name != "D":
            return call(row.name, *children, *row.arguments(argument))
        if children[0].root != VARIABLE or children[0].variables[0] >= n_variables:
            raise ExpressionError(f"D({children[0]}) is no derivative of a variable.")
        key = (children[0].variables[0], tuple(argument))
        return variable(n_variables + fields.setdefault(key, len(fields)))

    return [fold(expr, leaf, branch) for expr in exprs], list(fields)


def _one_derivative(functions: Parts, derivatives: Parts) -> Parts | None:
    """Return c·uⁿ·D(uᵐ) as a derivative of uⁿ⁺ᵐ, None where the two are anything else."""
    if len(functions) != 1 or len(derivatives) != 1 or any(functions[0][0]) or sum(derivatives[0][0]) != 1:
        return None
    left, right = _monomial(functions[0][1]), _monomial(derivatives[0][1])
    if left is None or right is None or left[1] != right[1] or left[2] + right[2] == 0:
        return None
    number = left[0] * right[0] * right[2] / (left[2] + right[2])
    inner = power(variable(left[1]), left[2] + right[2])
    return ((derivatives[0][0], multiply(constant(number), inner)),)


def _monomial(f: Expr) -> tuple[float, int, int] | None:
    """Return (c, u, n) for c·uⁿ with n from 1 on, None for anything else."""
    plain, number = simplify(f), 1.0
    if len(plain.tape) > 1 and plain.tape[-1][0] == opcodes.MUL and plain.tape[0][0] == CONSTANT:
        number, plain = next(iter(plain.constants)), Expr(plain.tape[1:-1], plain.constants[1:], plain.orders)
    tape = list(plain.tape)
    if len(tape) > 2 or tape[0][0] != VARIABLE:
        return None
    opcode, argument = tape[-1]
    exponent = {VARIABLE: 1, opcodes.SQUARE: 2, opcodes.CUBE: 3, opcodes.IPOW: argument}.get(opcode, 0)
    return (number, tape[0][1], exponent) if exponent > 0 else None


def _collected(parts: Parts) -> Parts:
    """Return one part for each multi-index, in order of appearance."""
    found: dict[Orders, Expr] = {}
    for orders, f in parts:
        found[orders] = add(found[orders], f) if orders in found else f
    if len(parts) == 1:
        return parts
    plain = ((orders, simplify(f)) for orders, f in found.items())
    return tuple((orders, f) for orders, f in plain if f != ZERO)


def _scaled(parts: Parts, number: float) -> Parts:
    return tuple((orders, multiply(constant(number), f)) for orders, f in parts)


def _sum(a: Orders, b: Orders) -> Orders:
    length = max(len(a), len(b))
    return tuple(x + y for x, y in zip(_padded(a, length), _padded(b, length), strict=True))


def _padded(orders: Orders, length: int) -> Orders:
    return (*orders, *(0,) * (length - len(orders)))
