"""Expr, the one language, with its constructors and its one traversal.

An expression is a postfix tape: children before their operator, so that every question about it is
one forward loop with a stack. The constructors normalise *spelling* only (x**2 is a square, 1/x an
inverse, minus a literal a negative constant), so that one text has one tape and back; what is equal
by algebra is `simplify`'s business.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar

from discover.errors import ExpressionError, did_you_mean
from discover.expr.operators import BY_NAME, BY_OPCODE, Operator
from discover_kernels import opcodes

T = TypeVar("T")
Node = tuple[int, int]

VARIABLE, CONSTANT = opcodes.VARIABLE, opcodes.CONSTANT
MAX_POWER = 64
"""Whole exponents up to this size are integer powers; beyond it they are real powers."""


@dataclass(frozen=True, slots=True, repr=False)
class Expr:
    """A mathematical expression as a postfix tape.

    Attributes:
        tape: (opcode, argument) of every node, children first; the argument is the index of a variable,
            the exponent of an integer power, and 0 elsewhere.
        constants: the number of each CONSTANT leaf, in order of appearance.
        orders: the multi-index of each D, in order of appearance: its order along every axis.

    >>> x, y = variable(0), variable(1)
    >>> 2 * x * y - x**2
    Expr(2*x0*x1 - x0**2)
    """

    tape: tuple[Node, ...]
    constants: tuple[float, ...] = ()
    orders: tuple[tuple[int, ...], ...] = ()

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.tape)

    @property
    def complexity(self) -> int:
        """Sum of the table's costs, a leaf costing 1."""
        return sum(BY_OPCODE[opcode].complexity if opcode in BY_OPCODE else 1 for opcode, _ in self.tape)

    @property
    def variables(self) -> tuple[int, ...]:
        """Indices of the variables that occur, sorted."""
        return tuple(sorted({argument for opcode, argument in self.tape if opcode == VARIABLE}))

    @property
    def root(self) -> int:
        """Opcode of the outermost node."""
        return self.tape[-1][0]

    @property
    def value(self) -> float | None:
        """The number, where the whole expression is one constant leaf; else None."""
        return self.constants[0] if self.root == CONSTANT else None

    def __repr__(self) -> str:
        from discover.expr.printing import text

        return f"Expr({text(self)})"

    def __add__(self, other: "Expr | float") -> "Expr":
        return add(self, other)

    def __radd__(self, other: float) -> "Expr":
        return add(other, self)

    def __sub__(self, other: "Expr | float") -> "Expr":
        return subtract(self, other)

    def __rsub__(self, other: float) -> "Expr":
        return subtract(other, self)

    def __mul__(self, other: "Expr | float") -> "Expr":
        return multiply(self, other)

    def __rmul__(self, other: float) -> "Expr":
        return multiply(other, self)

    def __truediv__(self, other: "Expr | float") -> "Expr":
        return divide(self, other)

    def __rtruediv__(self, other: float) -> "Expr":
        return divide(other, self)

    def __pow__(self, other: "Expr | float") -> "Expr":
        return power(self, other)

    def __rpow__(self, other: float) -> "Expr":
        return power(other, self)

    def __neg__(self) -> "Expr":
        return negate(self)

    def __abs__(self) -> "Expr":
        return call("abs", self)


def fold(expr: Expr, leaf: Callable[[int, Any], T], branch: Callable[[Operator, Any, tuple[T, ...]], T]) -> T:
    """Reduce an expression from its leaves to its root: the one traversal.

    Args:
        expr: what to reduce.
        leaf: (VARIABLE, index) or (CONSTANT, number) -> value.
        branch: (row of the table, argument, values of the children) -> value; the argument is the exponent
            of an integer power, the multi-index of a D, and None elsewhere.

    Raises:
        ExpressionError: where the tape is no expression.

    >>> fold(variable(0) + 1, lambda kind, value: 1, lambda row, argument, children: 1 + sum(children))
    3
    """
    constants, orders = iter(expr.constants), iter(expr.orders)
    stack: list[T] = []
    for opcode, argument in expr.tape:
        if opcode == VARIABLE:
            stack.append(leaf(VARIABLE, argument))
        elif opcode == CONSTANT:
            stack.append(leaf(CONSTANT, _next(constants, "constant")))
        else:
            row = BY_OPCODE.get(opcode)
            if row is None:
                raise ExpressionError(f"The tape has the opcode {opcode}, which is not in the table.")
            if len(stack) < row.arity:
                raise ExpressionError(f'The tape has too few operands for "{row.name}".')
            children = tuple(stack[-row.arity :])
            del stack[-row.arity :]
            extra = _next(orders, "multi-index") if opcode == opcodes.D else argument if row.has_argument else None
            stack.append(branch(row, extra, children))
    if len(stack) != 1:
        raise ExpressionError(f"The tape leaves {len(stack)} values behind, and an expression is one.")
    return stack[0]


def _next(numbers: Iterator[T], what: str) -> T:
    for number in numbers:
        return number
    raise ExpressionError(f"The tape needs another {what} than it has.")


def variable(index: int) -> Expr:
    """Return the leaf for variable number `index`.

    Raises:
        ExpressionError: for a negative index.

    >>> variable(3)
    Expr(x3)
    """
    if index < 0:
        raise ExpressionError(f"A variable's index counts from 0, got {index}.")
    return Expr(((VARIABLE, int(index)),))


def constant(value: float) -> Expr:
    """Return the leaf for a number.

    Raises:
        ExpressionError: where the number is infinite or NaN.

    >>> constant(-0.5)
    Expr(-0.5)
    """
    number = float(value)
    if not math.isfinite(number):
        raise ExpressionError(f"A constant must be a finite number, got {number!r}.")
    return Expr(((CONSTANT, 0),), (number,))


def _expr(value: Expr | float) -> Expr:
    return value if isinstance(value, Expr) else constant(value)


def _node(opcode: int, children: Sequence[Expr], argument: int = 0) -> Expr:
    """Put an operator over its children as it stands."""
    return Expr(
        (*(node for child in children for node in child.tape), (opcode, argument)),
        tuple(number for child in children for number in child.constants),
        tuple(order for child in children for order in child.orders),
    )


def add(a: Expr | float, b: Expr | float) -> Expr:
    """Return a + b."""
    return _node(opcodes.ADD, (_expr(a), _expr(b)))


def subtract(a: Expr | float, b: Expr | float) -> Expr:
    """Return a - b."""
    return _node(opcodes.SUB, (_expr(a), _expr(b)))


def multiply(a: Expr | float, b: Expr | float) -> Expr:
    """Return a · b."""
    return _node(opcodes.MUL, (_expr(a), _expr(b)))


def divide(a: Expr | float, b: Expr | float) -> Expr:
    """Return a / b, an inverse where a is the literal 1."""
    a, b = _expr(a), _expr(b)
    return _node(opcodes.INV, (b,)) if a.value == 1.0 else _node(opcodes.DIV, (a, b))


def negate(a: Expr | float) -> Expr:
    """Return -a, a negative constant where a is a literal."""
    a = _expr(a)
    return _node(opcodes.NEG, (a,)) if a.value is None else constant(-a.value)


def power(a: Expr | float, b: Expr | float) -> Expr:
    """Return a**b: square, cube, inverse or integer power where b is such a literal.

    >>> [power(variable(0), n) for n in (2, -1, 5, 0.5)]
    [Expr(x0**2), Expr(1/x0), Expr(x0**5), Expr(x0**0.5)]
    """
    a, b = _expr(a), _expr(b)
    exponent = b.value
    if exponent is None or exponent != round(exponent) or abs(exponent) > MAX_POWER:
        return _node(opcodes.POW, (a, b))
    short = {2: opcodes.SQUARE, 3: opcodes.CUBE, -1: opcodes.INV}.get(int(exponent))
    return _node(opcodes.IPOW, (a,), int(exponent)) if short is None else _node(short, (a,))


def derivative(expr: Expr | float, multi_index: Sequence[int]) -> Expr:
    """Return D(expr): differentiated multi_index[k] times along axis k of the data; no node for order 0.

    Raises:
        ExpressionError: for a negative order.

    >>> derivative(variable(0), (0, 2))
    Expr(D(x0, "x", 2))
    """
    orders = [int(order) for order in multi_index]
    if any(order < 0 for order in orders):
        raise ExpressionError(f"The orders of a derivative count from 0, got {tuple(orders)}.")
    while orders and orders[-1] == 0:
        orders.pop()
    node = _expr(expr)
    if not orders:
        return node
    outer = _node(opcodes.D, (node,))
    return Expr(outer.tape, outer.constants, (*outer.orders, tuple(orders)))


_SPELLED: dict[str, Callable[..., Expr]] = {
    "div": divide,
    "neg": negate,
    "pow": power,
    "ipow": power,
    "square": lambda a: power(a, 2),
    "cube": lambda a: power(a, 3),
    "D": derivative,
}


def call(name: str, *args: Any) -> Expr:
    """Return the operator of that name over its operands (and its argument, where it has one).

    Raises:
        ExpressionError: for a name that is not in the table, or a wrong number of operands.

    >>> call("sin", 2 * variable(0))
    Expr(sin(2*x0))
    """
    row = BY_NAME.get(name)
    if row is None:
        raise ExpressionError(f'There is no operator "{name}".{did_you_mean(name, BY_NAME)}')
    expected = row.arity + row.has_argument
    if len(args) != expected:
        raise ExpressionError(f'"{name}" takes {expected} operand{"s" * (expected > 1)}, got {len(args)}.')
    spelled = _SPELLED.get(name)
    return spelled(*args) if spelled else _node(row.opcode, [_expr(arg) for arg in args])


SYMBOLS = SimpleNamespace(**{row.name: partial(call, row.name) for row in BY_OPCODE.values()})
"""The namespace in which the table's functions build expressions."""


def substitute(expr: Expr, replacements: Sequence[Expr]) -> Expr:
    """Return the expression with variable i replaced by replacements[i].

    Raises:
        ExpressionError: where a variable has no replacement.

    >>> substitute(variable(0) ** 2, [variable(1) + 1])
    Expr((x1 + 1)**2)
    """
    if expr.variables and expr.variables[-1] >= len(replacements):
        raise ExpressionError(f"Variable x{expr.variables[-1]} has none among {len(replacements)} replacements.")
    return fold(
        expr,
        lambda kind, value: replacements[value] if kind == VARIABLE else constant(value),
        lambda row, argument, children: call(row.name, *children, *row.arguments(argument)),
    )
