"""The bank of features: all small expressions over some columns, each value once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr, call, variable
from discover.symbolic.limits import Limits
from discover_kernels import enumeration, opcodes

Array = NDArray[np.float64]

LOAD = 2.2
"""Slots of the table of keys for each feature."""


class Operators(NamedTuple):
    """What a bank is made with: opcodes of `discover_kernels.enumeration`."""

    name: str
    unary: tuple[int, ...]
    binary: tuple[int, ...] = (opcodes.ADD, opcodes.SUB, opcodes.MUL, opcodes.DIV, enumeration.REVERSED_DIV)


ARITHMETIC = Operators("arithmetic", (opcodes.SQUARE,))
ALGEBRAIC = Operators("algebraic", (opcodes.SQUARE, opcodes.SQRT, enumeration.ONE_MINUS, enumeration.ONE_PLUS))
TRIGONOMETRIC = Operators("trigonometric", (opcodes.SQUARE, opcodes.SIN, opcodes.COS))
WAVES = Operators(
    "waves", (opcodes.SQUARE, opcodes.SIN, opcodes.COS, enumeration.ONE_MINUS, enumeration.ONE_PLUS, opcodes.SQRT)
)
ROOTS_AND_WAVES = Operators("roots and waves", (opcodes.SQUARE, opcodes.SQRT, opcodes.SIN, opcodes.COS))
EXPONENTIAL = Operators(
    "exponential",
    (
        opcodes.SQUARE,
        opcodes.SQRT,
        opcodes.EXP,
        opcodes.LOG,
        enumeration.ONE_PLUS,
        enumeration.ONE_MINUS,
        opcodes.TANH,
    ),
)
ALL = Operators("all", (*EXPONENTIAL.unary, opcodes.SIN, opcodes.COS))


def inverting(operators: Operators) -> Operators:
    """Return the operators with 1/x among them: which way up a ratio was written must not matter.

    >>> opcodes.INV in inverting(ARITHMETIC).unary
    True
    """
    return operators._replace(unary=(*operators.unary, opcodes.INV))


def within(limits: Limits, sets: Sequence[Operators]) -> list[Operators]:
    """Return what limits leave of sets of operators, each that comes out alike once.

    >>> [one.name for one in within(Limits(("+", "*"), ("exp",)), (ARITHMETIC, TRIGONOMETRIC, EXPONENTIAL))]
    ['arithmetic', 'exponential']
    """
    found: dict[tuple[tuple[int, ...], tuple[int, ...]], Operators] = {}
    for one in sets:
        unary = tuple(o for o in one.unary if limits.may(lambda a, o=o: SPELLED[o](a)))
        binary = tuple(o for o in one.binary if limits.allows(SPELLED[o](variable(0), variable(1)), 2))
        found.setdefault((unary, binary), Operators(one.name, unary, binary))
    return list(found.values())


SPELLED: dict[int, Callable[..., Expr]] = {
    opcodes.SQUARE: lambda a: a**2,
    opcodes.CUBE: lambda a: a**3,
    opcodes.INV: lambda a: 1 / a,
    opcodes.ABS: lambda a: call("abs", a),
    opcodes.SQRT: lambda a: call("sqrt", a),
    opcodes.EXP: lambda a: call("exp", a),
    opcodes.LOG: lambda a: call("log", a),
    opcodes.SIN: lambda a: call("sin", a),
    opcodes.COS: lambda a: call("cos", a),
    opcodes.TANH: lambda a: call("tanh", a),
    enumeration.ONE_MINUS: lambda a: 1 - a,
    enumeration.ONE_PLUS: lambda a: 1 + a,
    opcodes.ADD: lambda a, b: a + b,
    opcodes.SUB: lambda a, b: a - b,
    opcodes.MUL: lambda a, b: a * b,
    opcodes.DIV: lambda a, b: a / b,
    enumeration.REVERSED_DIV: lambda a, b: b / a,
}


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Features with their values on the screening rows.

    Attributes:
        columns: the expressions of the leaves.
        values: shape (n_features, n_rows).
        op, left, right: how each was made.
        complexity: shape (n_features,).
        complete: every expression up to this complexity is here, or is a multiple of one that is.
        n_candidates: how many were looked at.
        projections: of the keys, shape (2, n_rows).
    """

    columns: tuple[Expr, ...]
    values: Array
    op: NDArray[np.int16]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    complexity: NDArray[np.int16]
    complete: int
    n_candidates: int
    projections: Array
    _exprs: dict[int, Expr] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.values)

    def expr(self, i: int) -> Expr:
        """Return feature i as an expression over the data's variables."""
        if i not in self._exprs:
            if self.op[i] == enumeration.LEAF:
                self._exprs[i] = self.columns[self.left[i]]
            elif self.right[i] < 0:
                self._exprs[i] = SPELLED[int(self.op[i])](self.expr(int(self.left[i])))
            else:
                a, b = self.expr(int(self.left[i])), self.expr(int(self.right[i]))
                self._exprs[i] = SPELLED[int(self.op[i])](a, b)
        return self._exprs[i]


def bank(
    columns: Sequence[Expr],
    X: Array,
    operators: Operators,
    most: int,
    deepest: int,
    dims: NDArray[np.int16] | None = None,
    seed: int = 0,
) -> Bank:
    """Return all expressions over some columns up to a complexity, or as many of the simplest as fit.

    Args:
        columns: the leaves, as expressions over the data's variables.
        X: their values on the screening rows, shape (n_columns, n_rows).
        operators: what joins them.
        most: how many features are kept.
        deepest: highest complexity.
        dims: dimensions of the leaves in twelfths of base units, shape (n_columns, n_units); None where unknown.
        seed: of the keys' projections.

    >>> from discover.expr import variable
    >>> X = np.random.default_rng(0).uniform(1.0, 2.0, (2, 20))
    >>> found = bank([variable(0), variable(1)], X, ARITHMETIC, 1000, 3)
    >>> [found.expr(i) for i in range(5)], found.complete
    ([Expr(x0), Expr(x1), Expr(x0**2), Expr(x1**2), Expr((x0**2)**2)], 3)
    """
    n_rows = X.shape[1]
    V, op = np.empty((most, n_rows)), np.full(most, enumeration.LEAF, np.int16)
    left, right = np.full(most, -1, np.int32), np.full(most, -1, np.int32)
    units = np.zeros((most, 0 if dims is None else dims.shape[1]), np.int16)
    n_slots = 1 << int(np.ceil(np.log2(most * LOAD)))
    keys, rows = np.zeros(n_slots, np.int64), np.zeros(n_slots, np.int32)
    projections = np.random.default_rng(seed).uniform(-1.0, 1.0, (2, n_rows))
    n = 0
    for i, x in enumerate(np.ascontiguousarray(X)):
        h = enumeration.key(x, n_rows, projections[0], projections[1])
        if h != 0 and enumeration.put(keys, rows, n_slots - 1, h, n):
            V[n], left[n] = x, i
            if dims is not None:
                units[n] = dims[i]
            n += 1
    level, counts = np.zeros(deepest + 2, np.int64), np.zeros(1, np.int64)
    level[2] = n
    unary, binary = np.array(operators.unary, np.int64), np.array(operators.binary, np.int64)
    n, complete = enumeration.enumerate_features(
        V, op, left, right, units, level, n, keys, rows, unary, binary, projections[0], projections[1], counts
    )
    edges = level[2 : complete + 2]
    complexity = 1 + np.searchsorted(edges, np.arange(n), side="right")
    return Bank(
        tuple(columns),
        V[:n],
        op[:n],
        left[:n],
        right[:n],
        complexity.astype(np.int16),
        complete,
        int(counts[0]),
        projections,
    )
