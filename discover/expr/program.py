"""Programs: many expressions compiled together into instructions for the tape kernel.

Equal parts are computed once. Products and whole powers are pooled as monomials over whatever their
factors are, and each monomial is one multiplication of two smaller ones, so that a polynomial library
costs one multiplication a term. Rows of the buffer are used again after their last reader, except
those that hold an expression's value.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.errors import ExpressionError
from discover.expr.expression import VARIABLE, Expr, fold
from discover.expr.operators import Operator
from discover_kernels import opcodes

Monomial = tuple[tuple[int, int], ...]
"""(number of a value, exponent of at least 1) of every factor, sorted."""


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Instructions for `discover_kernels.tape`, as plain arrays.

    The buffer's first `n_variables` rows take a block of the variables, the next ones the constants,
    the rest are scratch and results.

    Attributes:
        code: rows (opcode, out row, a row, b row or integer argument), int32, shape (n_instructions, 4).
        constants: data, not code: the same instructions run with other numbers; shape (n_constants,).
        n_variables: rows that the variables take.
        n_rows: rows of the buffer.
        roots: the row of each expression's value, still there at the end; int32, shape (n_exprs,).
    """

    code: NDArray[np.int32]
    constants: NDArray[np.float64]
    n_variables: int
    n_rows: int
    roots: NDArray[np.int32]

    @property
    def n_exprs(self) -> int:
        return len(self.roots)

    def evaluate(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the value of every expression at every sample, shape (n_exprs, n_samples).

        Args:
            X: variables, shape (n_variables, n_samples).

        Raises:
            ExpressionError: where X has another shape.
        """
        from discover_kernels import tape

        samples = np.asarray(X, dtype=np.float64)
        if samples.ndim != 2 or len(samples) != self.n_variables:
            raise ExpressionError(f"X must have the shape ({self.n_variables}, n_samples), got {samples.shape}.")
        out = np.empty((self.n_exprs, samples.shape[1]))
        samples = np.ascontiguousarray(samples)
        tape.evaluate(self.code, self.constants, self.n_variables, self.n_rows, self.roots, samples, out)
        return out

    def with_constants(self, constants: Sequence[float]) -> "Program":
        """Return the same instructions with other numbers.

        Raises:
            ExpressionError: where their count differs.
        """
        numbers = np.array(constants, dtype=np.float64)
        if numbers.shape != self.constants.shape:
            raise ExpressionError(f"The program has {len(self.constants)} constants, got {numbers.size}.")
        return replace(self, constants=numbers)


def compile_program(exprs: Sequence[Expr], n_variables: int, merge_constants: bool = True) -> Program:
    """Compile expressions into one program.

    Args:
        exprs: without D, which needs neighbouring samples.
        n_variables: rows of the X that it will be evaluated on.
        merge_constants: whether equal numbers share a row, and so what is computed from them; where
            False, every CONSTANT leaf has its own, in order of appearance.

    Raises:
        ExpressionError: where a variable is beyond `n_variables`, or an expression holds a D.

    >>> from discover.expr import variable
    >>> program = compile_program([variable(0) ** 2, variable(0) ** 2 * variable(1)], n_variables=2)
    >>> len(program.code), program.evaluate([[3.0], [5.0]]).tolist()
    (2, [[9.0], [45.0]])
    """
    values = _Values(n_variables, merge_constants)
    roots = [values.number(expr) for expr in exprs]
    values.split_monomials()
    return _allocate(values, roots)


class _Values:
    """The values that the expressions need, each once, by number: (opcode, operands) or a monomial."""

    def __init__(self, n_variables: int, merge_constants: bool) -> None:
        self.n_variables, self.merge_constants = n_variables, merge_constants
        self.constants: list[float] = []
        self.keys: list[tuple[Any, ...]] = [(opcodes.VARIABLE, index) for index in range(n_variables)]
        self.numbers: dict[tuple[Any, ...], int] = {key: index for index, key in enumerate(self.keys)}

    def intern(self, key: tuple[Any, ...]) -> int:
        """Return the number of the value with this key, a new one where it is new."""
        found = self.numbers.setdefault(key, len(self.keys))
        if found == len(self.keys):
            self.keys.append(key)
        return found

    def number(self, expr: Expr) -> int:
        """Return the number of an expression's value."""
        if expr.variables and expr.variables[-1] >= self.n_variables:
            raise ExpressionError(f"{expr!r} uses x{expr.variables[-1]}, and there are {self.n_variables} variables.")
        return self.of_monomial(fold(expr, self.leaf, self.branch))

    def leaf(self, kind: int, value: Any) -> Monomial:
        if kind == VARIABLE:
            return ((value, 1),)
        key = (opcodes.CONSTANT, repr(value) if self.merge_constants else len(self.constants))
        if key not in self.numbers:
            self.constants.append(value)
        return ((self.intern(key), 1),)

    def branch(self, row: Operator, argument: Any, children: tuple[Monomial, ...]) -> Monomial:
        """Return the monomial of a node: its factors pooled, or one new value."""
        if not row.is_pointwise:
            raise ExpressionError(f'"{row.name}" has no value at a single sample and cannot be compiled.')
        exponent = {opcodes.SQUARE: 2, opcodes.CUBE: 3, opcodes.IPOW: argument}.get(row.opcode)
        if row.opcode == opcodes.MUL:
            return _pooled(children)
        if exponent is not None and exponent > 0:
            return _pooled(children * exponent)
        if exponent is not None and exponent < 0:
            base = self.of_monomial(_pooled(children * -exponent))
            return ((self.intern((opcodes.INV, base)), 1),)
        operands = tuple(self.of_monomial(child) for child in children)
        if row.opcode == opcodes.ADD:
            operands = tuple(sorted(operands))
        return ((self.intern((row.opcode, *operands, *row.arguments(argument))), 1),)

    def of_monomial(self, monomial: Monomial) -> int:
        """Return the number of a monomial's value: its only factor, or a product."""
        if len(monomial) == 1 and monomial[0][1] == 1:
            return monomial[0][0]
        return self.intern((opcodes.MUL, monomial))

    def split_monomials(self) -> None:
        """Make every monomial one multiplication of two values, smaller ones first."""
        wanted = [number for number, key in enumerate(self.keys) if key[0] == opcodes.MUL]
        for number in sorted(wanted, key=lambda number: _degree(self.keys[number][1])):
            self.split(number)

    def split(self, number: int) -> None:
        left, right = self.halves(self.keys[number][1])
        operands = []
        for monomial in (left, right):
            is_new = len(self.keys)
            operand = self.of_monomial(monomial)
            if operand == is_new:
                self.split(operand)
            operands.append(operand)
        self.keys[number] = (opcodes.MUL, *operands)

    def halves(self, monomial: Monomial) -> tuple[Monomial, Monomial]:
        """Return two monomials whose product this is: known ones where one multiplication can do."""
        for factor, _ in reversed(monomial):
            rest = _without(monomial, ((factor, 1),))
            if self.is_known(rest):
                return rest, ((factor, 1),)
        half = tuple((factor, exponent // 2) for factor, exponent in monomial if exponent > 1)
        if half and (self.is_known(half) or all(exponent > 1 for _, exponent in monomial) or len(monomial) == 1):
            return half, _without(monomial, half)
        return _without(monomial, monomial[-1:]), monomial[-1:]

    def is_known(self, monomial: Monomial) -> bool:
        return monomial == ((monomial[0][0], 1),) or (opcodes.MUL, monomial) in self.numbers


def _pooled(monomials: Sequence[Monomial]) -> Monomial:
    total: Counter[int] = Counter()
    for monomial in monomials:
        total.update(dict(monomial))
    return tuple(sorted(total.items()))


def _without(monomial: Monomial, part: Monomial) -> Monomial:
    taken = dict(part)
    left = ((factor, exponent - taken.get(factor, 0)) for factor, exponent in monomial)
    return tuple((factor, exponent) for factor, exponent in left if exponent)


def _degree(monomial: Monomial) -> int:
    return sum(exponent for _, exponent in monomial)


def _allocate(values: _Values, roots: list[int]) -> Program:
    """Order the values that the roots need and give each a row, the rows of dead values first."""
    order, kept = _order(values.keys, roots), set(roots)
    n_fixed = values.n_variables + len(values.constants)
    last_reader = {operand: step for step, number in enumerate(order) for operand in _operands(values.keys[number])}
    rows = _fixed_rows(values)
    free: list[int] = []
    n_rows = n_fixed
    code = []
    for step, number in enumerate(order):
        if free:
            rows[number] = free.pop()
        else:
            rows[number], n_rows = n_rows, n_rows + 1
        key = values.keys[number]
        operands = _operands(key)
        slots = [rows[operand] for operand in operands] + [int(extra) for extra in key[1 + len(operands) :]]
        code.append((key[0], rows[number], slots[0], slots[1] if len(slots) > 1 else 0))
        # Freed only now: a row that is read and written at once would keep the loop from being vectorised.
        free += [
            rows[operand]
            for operand in dict.fromkeys(operands)
            if last_reader[operand] == step and rows[operand] >= n_fixed and operand not in kept
        ]
    return Program(
        code=np.array(code, dtype=np.int32).reshape(-1, 4),
        constants=np.array(values.constants, dtype=np.float64),
        n_variables=values.n_variables,
        n_rows=n_rows,
        roots=np.array([rows[root] for root in roots], dtype=np.int32),
    )


def _fixed_rows(values: _Values) -> dict[int, int]:
    """Return the rows of the variables and of the constants."""
    constants = [number for number, key in enumerate(values.keys) if key[0] == opcodes.CONSTANT]
    rows = {index: index for index in range(values.n_variables)}
    return rows | {number: values.n_variables + k for k, number in enumerate(constants)}


def _operands(key: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the numbers of the values that a value is computed from."""
    if key[0] in (opcodes.VARIABLE, opcodes.CONSTANT):
        return ()
    return key[1:2] if key[0] == opcodes.IPOW else key[1:]


def _order(keys: list[tuple[Any, ...]], roots: list[int]) -> list[int]:
    """Return the computed values that the roots need, operands before what uses them."""
    done: set[int] = set()
    order: list[int] = []
    for root in roots:
        pending = [(root, False)]
        while pending:
            number, is_ready = pending.pop()
            if is_ready:
                if number not in done:
                    done.add(number)
                    order.append(number)
                continue
            operands = _operands(keys[number])
            if number not in done and operands:
                pending.append((number, True))
                pending.extend((operand, False) for operand in reversed(operands))
    return order
