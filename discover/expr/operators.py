"""The operator table: one row answers every question that is ever asked about an operator.

A row's functions are written against a *namespace* of elementary functions, so that one spelling
means NumPy (`numpy`), SymPy (`sympy`) and expressions (`discover.expr.SYMBOLS`) alike.

To add an operator: give it a number in `discover_kernels/opcodes.py`, a row here, and its branch in
`discover_kernels/tape.py`. `tests/expr/test_operators.py` stays red until all three are there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from discover_kernels import opcodes

from discover.expr import dimensions, intervals

SUM, PRODUCT, UNARY, POWER, ATOM = 1, 2, 3, 4, 5
"""How tightly a spelling binds, loosest first; a child that binds less than its slot asks is put in brackets."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One row of the table.

    Attributes:
        opcode: its number in a tape.
        name: what `call` and the parser know it by.
        arity: number of children.
        layout: how it prints, `{0}`, `{1}` for the children and `{n}` for the argument.
        precedence: how tightly the whole binds.
        slots: how tightly each child must bind to go without brackets.
        meaning: (namespace, *children[, argument]) -> value.
        unit: dimension of the result; see `dimensions`.
        interval: (*bounds of the children[, argument]) -> bounds of the result; see `intervals`.
        derivative: (namespace, *children[, argument]) -> one partial derivative for each child.
        complexity: what one use of it costs; a leaf costs 1.
        has_argument: whether a node carries an argument (an exponent, a multi-index) beside its children.
        is_pointwise: whether its value at a sample depends on that sample alone.
    """

    opcode: int
    name: str
    arity: int
    layout: str
    precedence: int
    slots: tuple[int, ...]
    meaning: Callable[..., Any]
    unit: dimensions.UnitRule
    interval: intervals.IntervalRule
    derivative: Callable[..., tuple[Any, ...]]
    complexity: int
    has_argument: bool = False
    is_pointwise: bool = True

    def arguments(self, argument: Any) -> tuple[Any, ...]:
        """Return what follows the children in a call of `meaning`, `interval` or `derivative`."""
        return (argument,) if self.has_argument else ()


def _function(
    opcode: int,
    name: str,
    interval: intervals.IntervalRule,
    derivative: Callable[[Any, Any], Any],
    complexity: int,
    unit: dimensions.UnitRule = dimensions.pure,
    meaning: Callable[[Any, Any], Any] | None = None,
) -> Operator:
    """Return the row of a function of one operand that prints as a call."""
    by_name = meaning or (lambda m, x: getattr(m, name)(x))
    partial = lambda m, x: (derivative(m, x),)  # noqa: E731
    return Operator(opcode, name, 1, name + "({0})", ATOM, (SUM,), by_name, unit, interval, partial, complexity)


def _nested(m: Any, x: Any, order: Any) -> tuple[Any, ...]:
    raise NotImplementedError("a derivative D(…) has no partial derivative by a value")


def _spell(opcode: int, name: str, layout: str, precedence: int, slots: tuple[int, ...]) -> tuple[Any, ...]:
    return opcode, name, len(slots), layout, precedence, slots


_HALF, _THIRD = Fraction(1, 2), Fraction(1, 3)
_BINARY = [
    Operator(
        *_spell(opcodes.ADD, "add", "{0} + {1}", SUM, (SUM, PRODUCT)),
        lambda m, a, b: a + b, dimensions.agree, intervals.add, lambda m, a, b: (1.0, 1.0), 1,
    ),
    Operator(
        *_spell(opcodes.SUB, "sub", "{0} - {1}", SUM, (SUM, PRODUCT)),
        lambda m, a, b: a - b, dimensions.agree, intervals.subtract, lambda m, a, b: (1.0, -1.0), 1,
    ),
    Operator(
        *_spell(opcodes.MUL, "mul", "{0}*{1}", PRODUCT, (PRODUCT, UNARY)),
        lambda m, a, b: a * b, dimensions.product, intervals.multiply, lambda m, a, b: (b, a), 1,
    ),
    Operator(
        *_spell(opcodes.DIV, "div", "{0}/{1}", PRODUCT, (PRODUCT, UNARY)),
        lambda m, a, b: a / b, dimensions.quotient, intervals.divide, lambda m, a, b: (1 / b, -a / b**2), 1,
    ),
    Operator(
        *_spell(opcodes.POW, "pow", "{0}**{1}", POWER, (ATOM, UNARY)),
        lambda m, a, b: a**b, dimensions.real_power, intervals.real_power,
        lambda m, a, b: (b * a ** (b - 1), a**b * m.log(a)), 3,
    ),
]  # fmt: skip
_UNARY = [
    Operator(
        *_spell(opcodes.NEG, "neg", "-{0}", UNARY, (UNARY,)),
        lambda m, x: -x, dimensions.same, intervals.negate, lambda m, x: (-1.0,), 1,
    ),
    Operator(
        *_spell(opcodes.INV, "inv", "1/{0}", PRODUCT, (UNARY,)),
        lambda m, x: 1 / x, dimensions.raised(-1), intervals.invert, lambda m, x: (-1 / x**2,), 2,
    ),
    Operator(
        *_spell(opcodes.SQUARE, "square", "{0}**2", POWER, (ATOM,)),
        lambda m, x: x**2, dimensions.raised(2), intervals.fixed_power(2), lambda m, x: (2 * x,), 2,
    ),
    Operator(
        *_spell(opcodes.CUBE, "cube", "{0}**3", POWER, (ATOM,)),
        lambda m, x: x**3, dimensions.raised(3), intervals.fixed_power(3), lambda m, x: (3 * x**2,), 3,
    ),
    Operator(
        *_spell(opcodes.IPOW, "ipow", "{0}**{n}", POWER, (ATOM,)),
        lambda m, x, n: x**n, dimensions.integer_power, intervals.integer_power,
        lambda m, x, n: (n * x ** (n - 1),), 3, has_argument=True,
    ),
    Operator(
        *_spell(opcodes.D, "D", "D({0}, {n})", ATOM, (SUM,)),
        lambda m, x, order: m.D(x, order), dimensions.differentiated, intervals.anything,
        _nested, 2, has_argument=True, is_pointwise=False,
    ),
]  # fmt: skip
_FUNCTIONS = [
    _function(
        opcodes.ABS, "abs", intervals.absolute, lambda m, x: x / abs(x), 2, dimensions.same, lambda m, x: abs(x)
    ),
    _function(
        opcodes.SQRT, "sqrt", intervals.monotone(np.sqrt, 0.0), lambda m, x: 1 / (2 * m.sqrt(x)), 2,
        dimensions.raised(_HALF),
    ),
    # The real cube root: SymPy's own is complex for negative numbers.
    _function(
        opcodes.CBRT, "cbrt", intervals.monotone(np.cbrt), lambda m, x: 1 / (3 * m.cbrt(x) ** 2), 2,
        dimensions.raised(_THIRD),
        lambda m, x: m.sign(x) * m.cbrt(abs(x)),
    ),
    _function(opcodes.EXP, "exp", intervals.monotone(np.exp), lambda m, x: m.exp(x), 3),
    _function(opcodes.LOG, "log", intervals.monotone(np.log, 0.0), lambda m, x: 1 / x, 3),
    _function(opcodes.SIN, "sin", intervals.sine, lambda m, x: m.cos(x), 3),
    _function(opcodes.COS, "cos", intervals.cosine, lambda m, x: -m.sin(x), 3),
    _function(opcodes.TAN, "tan", intervals.tangent, lambda m, x: 1 / m.cos(x) ** 2, 4),
    _function(
        opcodes.ASIN, "asin", intervals.monotone(np.arcsin, -1.0, 1.0), lambda m, x: 1 / m.sqrt(1 - x**2), 4
    ),
    _function(
        opcodes.ACOS, "acos", intervals.monotone(np.arccos, -1.0, 1.0), lambda m, x: -1 / m.sqrt(1 - x**2), 4
    ),
    _function(opcodes.ATAN, "atan", intervals.monotone(np.arctan), lambda m, x: 1 / (1 + x**2), 4),
    _function(opcodes.SINH, "sinh", intervals.monotone(np.sinh), lambda m, x: m.cosh(x), 4),
    _function(opcodes.COSH, "cosh", intervals.hyperbolic_cosine, lambda m, x: m.sinh(x), 4),
    _function(opcodes.TANH, "tanh", intervals.monotone(np.tanh), lambda m, x: 1 - m.tanh(x) ** 2, 3),
]  # fmt: skip

OPERATORS: tuple[Operator, ...] = tuple(sorted([*_BINARY, *_UNARY, *_FUNCTIONS], key=lambda row: row.opcode))
BY_OPCODE: dict[int, Operator] = {row.opcode: row for row in OPERATORS}
BY_NAME: dict[str, Operator] = {row.name: row for row in OPERATORS}
