"""The bank of features: all small expressions over some columns, each value once."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr, call, variable
from discover.inference.forms import Form
from discover.symbolic.limits import Limits
from discover_kernels import enumeration, opcodes

Array = NDArray[np.float64]

LOAD = 2.2
"""Slots of the table of keys for each feature."""

ORDINARY = 13
"""Powers of two, up or down, within which a column is taken as it is: beyond, squares leave what a bank holds."""

LARGEST_POWER = 990.0
"""Powers of two that a double holds, with room for what its features hold."""

NEAR = 10
"""Powers of two by which columns that may be added differ at most: they share a scale."""


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
        scales: powers of two that the columns were multiplied by, shape (n_columns,).
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
    scales: Array
    _exprs: dict[int, tuple[Expr, float]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.values)

    def expr(self, i: int) -> Expr:
        """Return feature i as an expression over the data's variables, up to a factor where columns were scaled."""
        return self._spelled(i)[0]

    def factor(self, i: int) -> float:
        """Return what the expression of feature i has to be multiplied by to give its values."""
        return self._spelled(i)[1]

    def _spelled(self, i: int) -> tuple[Expr, float]:
        if i not in self._exprs:
            op = int(self.op[i])
            if op == enumeration.LEAF:
                self._exprs[i] = self.columns[self.left[i]], float(self.scales[self.left[i]])
            elif self.right[i] < 0:
                self._exprs[i] = _of_one(op, *self._spelled(int(self.left[i])))
            else:
                self._exprs[i] = _of_two(op, *self._spelled(int(self.left[i])), *self._spelled(int(self.right[i])))
        return self._exprs[i]


HOMOGENEOUS: dict[int, float] = {
    opcodes.SQUARE: 2.0,
    opcodes.CUBE: 3.0,
    opcodes.INV: -1.0,
    opcodes.ABS: 1.0,
    opcodes.SQRT: 0.5,
}


def _of_one(op: int, a: Expr, factor: float) -> tuple[Expr, float]:
    """Return a function of factor · a, and the factor before it; a factor that stays inside is a number there."""
    if op in HOMOGENEOUS:
        return SPELLED[op](a), _held(math.log2(factor) * HOMOGENEOUS[op])
    return SPELLED[op](_scaled(factor, a)), factor if math.isnan(factor) else 1.0


def _of_two(op: int, a: Expr, f: float, b: Expr, g: float) -> tuple[Expr, float]:
    if op in (opcodes.ADD, opcodes.SUB):
        ratio = _held(math.log2(g) - math.log2(f))
        return SPELLED[op](a, _scaled(ratio, b)), f if math.isfinite(ratio) else math.nan
    power_of = {opcodes.MUL: math.log2(f) + math.log2(g), opcodes.DIV: math.log2(f) - math.log2(g)}
    return SPELLED[op](a, b), _held(power_of.get(op, math.log2(g) - math.log2(f)))


def _scaled(factor: float, a: Expr) -> Expr:
    return a if factor == 1.0 or math.isnan(factor) else factor * a


def _held(power_of: float) -> float:
    """Return two to a power, NaN where that is out of range: the feature itself is, so it has no values either."""
    return 2.0**power_of if abs(power_of) < LARGEST_POWER else math.nan


def freed(form: Form) -> Form:
    """Return a form whose numbers far from 1, which scaled columns brought in, are free constants.

    >>> from discover.expr import parse
    >>> freed(Form(parse("a*exp(x*1e-20)", ["x", "a"]), 1, (3.0,)))
    Form(expr=Expr(x1*exp(x0*x2)), n_variables=1, start=(3.0, 1e-20))
    """
    tape, kept, start = [], [], list(form.start)
    numbers = iter(form.expr.constants)
    for opcode, argument in form.expr.tape:
        value = next(numbers) if opcode == opcodes.CONSTANT else 1.0
        if opcode == opcodes.CONSTANT and abs(math.log2(abs(value) or 1.0)) > ORDINARY:
            opcode, argument = opcodes.VARIABLE, form.n_variables + len(start)
            start.append(value)
        elif opcode == opcodes.CONSTANT:
            kept.append(value)
        tape.append((opcode, argument))
    return Form(Expr(tuple(tape), tuple(kept), form.expr.orders), form.n_variables, tuple(start))


def scales(X: Array) -> Array:
    """Return powers of two (n_columns,) that bring columns X (n_columns, n_rows) near 1 where they are far from it.

    >>> scales(np.array([[1e30, 3e30], [2e30, 4e31], [1.0, 2.0], [1e-9, 1e-9]])) * [2.0**102, 2.0**102, 1, 2.0**-30]
    array([1., 1., 1., 1.])
    """
    with np.errstate(divide="ignore"):
        sizes = np.log2(np.median(np.abs(X), axis=1))
    sizes = np.where(np.isfinite(sizes), sizes, 0.0)
    found, group = np.ones(len(X)), list[int]()
    order = np.argsort(sizes, kind="stable").tolist()
    for i, after in zip(order, [*order[1:], None], strict=True):
        group.append(i)
        if after is None or sizes[after] - sizes[i] > NEAR:
            if np.abs(sizes[group]).min() > ORDINARY:
                found[group] = 2.0 ** -round(float(sizes[group].mean()))
            group = []
    return found


def bank(
    columns: Sequence[Expr],
    X: Array,
    operators: Operators,
    most: int,
    deepest: int,
    dims: NDArray[np.int16] | None = None,
    seed: int = 0,
    scaled: bool = False,
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
        scaled: whether columns far from 1 are brought there; expressions are then features up to a factor.

    >>> from discover.expr import variable
    >>> X = np.random.default_rng(0).uniform(1.0, 2.0, (2, 20))
    >>> found = bank([variable(0), variable(1)], X, ARITHMETIC, 1000, 3)
    >>> [found.expr(i) for i in range(5)], found.complete
    ([Expr(x0), Expr(x1), Expr(x0**2), Expr(x1**2), Expr((x0**2)**2)], 3)
    """
    n_rows, scale = X.shape[1], scales(X) if scaled else np.ones(len(X))
    V, op = np.empty((most, n_rows)), np.full(most, enumeration.LEAF, np.int16)
    left, right = np.full(most, -1, np.int32), np.full(most, -1, np.int32)
    units = np.zeros((most, 0 if dims is None else dims.shape[1]), np.int16)
    n_slots = 1 << int(np.ceil(np.log2(most * LOAD)))
    keys, rows = np.zeros(n_slots, np.int64), np.zeros(n_slots, np.int32)
    projections = np.random.default_rng(seed).uniform(-1.0, 1.0, (2, n_rows))
    n = 0
    for i, x in enumerate(np.ascontiguousarray(X * scale[:, None])):
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
        scale,
    )
