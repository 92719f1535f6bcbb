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

from discover.expr import dimensions, intervals
from discover.expr.intervals import monotone
from discover_kernels import opcodes

SUM, PRODUCT, UNARY, POWER, ATOM = 1, 2, 3, 4, 5
"""How tightly a spelling binds, loosest first; a child that binds less than its slot asks is put in brackets."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One row of the table.

    Attributes:
        opcode: its number in a tape.
        name: what `call` and the parser know it by.
        layout: how it prints, `{0}`, `{1}` for the children and `{n}` for the argument.
        precedence: how tightly the whole binds.
        slots: how tightly each child must bind to go without brackets.
        complexity: what one use of it costs; a leaf costs 1.
        meaning: (namespace, *children[, argument]) -> value.
        unit: dimension of the result; see `dimensions`.
        interval: (*bounds of the children[, argument]) -> bounds of the result; see `intervals`.
        derivative: (namespace, *children[, argument]) -> one partial derivative for each child.
        parity: 1 for f(-x) = f(x), -1 for f(-x) = -f(x), 0 for neither.
        undoes: name of the function g for which f(g(x)) = x wherever g(x) exists.
        has_argument: whether a node carries an argument (an exponent, a multi-index) beside its children.
        is_pointwise: whether its value at a sample depends on that sample alone.
    """

    opcode: int
    name: str
    layout: str
    precedence: int
    slots: tuple[int, ...]
    complexity: int
    meaning: Callable[..., Any]
    unit: dimensions.UnitRule
    interval: intervals.IntervalRule
    derivative: Callable[..., tuple[Any, ...]]
    parity: int = 0
    undoes: str | None = None
    has_argument: bool = False
    is_pointwise: bool = True

    @property
    def arity(self) -> int:
        """Number of children."""
        return len(self.slots)

    def arguments(self, argument: Any) -> tuple[Any, ...]:
        """Return what follows the children in a call of `meaning`, `interval` or `derivative`."""
        return (argument,) if self.has_argument else ()


def _function(
    opcode: int,
    name: str,
    complexity: int,
    interval: intervals.IntervalRule,
    slope: Callable[[Any, Any], Any],
    parity: int = 0,
    undoes: str | None = None,
    unit: dimensions.UnitRule = dimensions.pure,
    meaning: Callable[[Any, Any], Any] | None = None,
) -> Operator:
    """Return the row of a function of one operand that prints as a call and means its namesake."""
    return Operator(
        opcode,
        name,
        name + "({0})",
        ATOM,
        (SUM,),
        complexity,
        meaning or (lambda m, x: getattr(m, name)(x)),
        unit,
        interval,
        lambda m, x: (slope(m, x),),
        parity,
        undoes,
    )


def _no_slope(m: Any, x: Any, order: Any) -> tuple[Any, ...]:
    raise NotImplementedError("a derivative D(…) has no partial derivative by a value")


ROOT, CUBE_ROOT = dimensions.raised(Fraction(1, 2)), dimensions.raised(Fraction(1, 3))

# fmt: off
ARITHMETIC = (
    Operator(opcodes.ADD, "add", "{0} + {1}", SUM, (SUM, PRODUCT), 1,
             lambda m, a, b: a + b, dimensions.agree, intervals.add, lambda m, a, b: (1.0, 1.0)),
    Operator(opcodes.SUB, "sub", "{0} - {1}", SUM, (SUM, PRODUCT), 1,
             lambda m, a, b: a - b, dimensions.agree, intervals.subtract, lambda m, a, b: (1.0, -1.0)),
    Operator(opcodes.MUL, "mul", "{0}*{1}", PRODUCT, (PRODUCT, UNARY), 1,
             lambda m, a, b: a * b, dimensions.product, intervals.multiply, lambda m, a, b: (b, a)),
    Operator(opcodes.DIV, "div", "{0}/{1}", PRODUCT, (PRODUCT, UNARY), 1,
             lambda m, a, b: a / b, dimensions.quotient, intervals.divide, lambda m, a, b: (1 / b, -a / b**2)),
    Operator(opcodes.NEG, "neg", "-{0}", UNARY, (UNARY,), 1,
             lambda m, x: -x, dimensions.same, intervals.negate, lambda m, x: (-1.0,)),
    Operator(opcodes.INV, "inv", "1/{0}", PRODUCT, (UNARY,), 2,
             lambda m, x: 1 / x, dimensions.raised(-1), intervals.invert, lambda m, x: (-1 / x**2,)),
    Operator(opcodes.SQUARE, "square", "{0}**2", POWER, (ATOM,), 2,
             lambda m, x: x**2, dimensions.raised(2), intervals.fixed_power(2), lambda m, x: (2 * x,)),
    Operator(opcodes.CUBE, "cube", "{0}**3", POWER, (ATOM,), 3,
             lambda m, x: x**3, dimensions.raised(3), intervals.fixed_power(3), lambda m, x: (3 * x**2,)),
    Operator(opcodes.IPOW, "ipow", "{0}**{n}", POWER, (ATOM,), 3,
             lambda m, x, n: x**n, dimensions.integer_power, intervals.integer_power,
             lambda m, x, n: (n * x ** (n - 1),), has_argument=True),
    Operator(opcodes.POW, "pow", "{0}**{1}", POWER, (ATOM, UNARY), 3,
             lambda m, a, b: a**b, dimensions.real_power, intervals.real_power,
             lambda m, a, b: (b * a ** (b - 1), a**b * m.log(a))),
    Operator(opcodes.D, "D", "D({0}, {n})", ATOM, (SUM,), 2,
             lambda m, x, order: m.D(x, order), dimensions.differentiated, intervals.anything, _no_slope,
             has_argument=True, is_pointwise=False),
)
FUNCTIONS = (
    _function(opcodes.SQRT, "sqrt", 2, monotone(np.sqrt, 0.0), lambda m, x: 1 / (2 * m.sqrt(x)), unit=ROOT),
    # The real cube root: SymPy's own is complex for negative numbers.
    _function(opcodes.CBRT, "cbrt", 2, monotone(np.cbrt), lambda m, x: 1 / (3 * m.cbrt(x) ** 2), -1, unit=CUBE_ROOT,
              meaning=lambda m, x: m.sign(x) * m.cbrt(abs(x))),
    _function(opcodes.ABS, "abs", 2, intervals.absolute, lambda m, x: x / abs(x), 1, unit=dimensions.same,
              meaning=lambda m, x: abs(x)),
    _function(opcodes.EXP, "exp", 3, monotone(np.exp), lambda m, x: m.exp(x), undoes="log"),
    _function(opcodes.LOG, "log", 3, monotone(np.log, 0.0), lambda m, x: 1 / x, undoes="exp"),
    _function(opcodes.SIN, "sin", 3, intervals.sine, lambda m, x: m.cos(x), -1, undoes="asin"),
    _function(opcodes.COS, "cos", 3, intervals.cosine, lambda m, x: -m.sin(x), 1, undoes="acos"),
    _function(opcodes.TAN, "tan", 4, intervals.tangent, lambda m, x: 1 / m.cos(x) ** 2, -1, undoes="atan"),
    _function(opcodes.ASIN, "asin", 4, monotone(np.arcsin, -1.0, 1.0), lambda m, x: 1 / m.sqrt(1 - x**2), -1),
    _function(opcodes.ACOS, "acos", 4, monotone(np.arccos, -1.0, 1.0), lambda m, x: -1 / m.sqrt(1 - x**2)),
    _function(opcodes.ATAN, "atan", 4, monotone(np.arctan), lambda m, x: 1 / (1 + x**2), -1),
    _function(opcodes.SINH, "sinh", 4, monotone(np.sinh), lambda m, x: m.cosh(x), -1),
    _function(opcodes.COSH, "cosh", 4, intervals.hyperbolic_cosine, lambda m, x: m.sinh(x), 1),
    _function(opcodes.TANH, "tanh", 3, monotone(np.tanh), lambda m, x: 1 - m.tanh(x) ** 2, -1),
)
# fmt: on

OPERATORS: tuple[Operator, ...] = tuple(sorted(ARITHMETIC + FUNCTIONS, key=lambda row: row.opcode))
BY_OPCODE: dict[int, Operator] = {row.opcode: row for row in OPERATORS}
BY_NAME: dict[str, Operator] = {row.name: row for row in OPERATORS}
