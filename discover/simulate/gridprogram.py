"""Expressions with derivatives, evaluated on whole grids: every shared part once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.expr import VARIABLE, Expr, Operator, fold

Array = NDArray[np.float64]
Derive = Callable[[int, Array, tuple[int, ...]], Array]
"""(number of the part, its values, multi-index) -> its derivative."""

_CONSTANT, _VARIABLE = "constant", "variable"


@dataclass(frozen=True, slots=True, eq=False)
class GridProgram:
    """The parts that some expressions are computed from, operands before what uses them.

    Attributes:
        parts: ("variable", index), ("constant", number) or (operator, argument, numbers of the operands).
        roots: number of the part that is each expression's value.
    """

    parts: tuple[tuple[Any, ...], ...]
    roots: tuple[int, ...]

    def evaluate(self, fields: Sequence[Array], derive: Derive) -> list[Any]:
        """Return the value of every expression: an array like the fields, or a number where it is constant.

        Args:
            fields: values of each variable, all of one shape.
            derive: how a part is differentiated; a part's number is that of its variable for variables.

        >>> from discover.expr import derivative, variable
        >>> program = grid_program([derivative(variable(0), (0, 1)) * 2.0], 1)
        >>> program.evaluate([np.array([1.0, 4.0, 9.0])], lambda part, values, orders: np.gradient(values))
        [array([ 6.,  8., 10.])]
        """
        values: list[Any] = []
        for kind, argument, *rest in self.parts:
            if kind == _VARIABLE:
                values.append(fields[argument])
            elif kind == _CONSTANT:
                values.append(argument)
            else:
                operands = [values[at] for at in rest[0]]
                values.append(_applied(kind, argument, operands, rest[0], derive))
        return [values[root] for root in self.roots]


def _applied(row: Operator, argument: Any, operands: list[Any], numbers: tuple[int, ...], derive: Derive) -> Any:
    if row.name != "D":
        return row.meaning(np, *operands, *row.arguments(argument))
    return derive(numbers[0], operands[0], argument) if np.ndim(operands[0]) else 0.0


def grid_program(exprs: Sequence[Expr], n_variables: int) -> GridProgram:
    """Return the program of some expressions over `n_variables` variables, which are its first parts."""
    parts: list[tuple[Any, ...]] = [(_VARIABLE, index) for index in range(n_variables)]
    numbers: dict[tuple[Any, ...], int] = {part: number for number, part in enumerate(parts)}

    def intern(key: tuple[Any, ...], part: tuple[Any, ...]) -> int:
        if key not in numbers:
            numbers[key] = len(parts)
            parts.append(part)
        return numbers[key]

    def leaf(kind: int, value: Any) -> int:
        name = _VARIABLE if kind == VARIABLE else _CONSTANT
        # A literal 0.0 and -0.0 are one dictionary key but two numbers.
        return (
            intern((name, repr(value)), (name, np.float64(value)))
            if name == _CONSTANT
            else intern((name, value), (name, value))
        )

    def branch(row: Operator, argument: Any, children: tuple[int, ...]) -> int:
        return intern((row.name, argument, children), (row, argument, children))

    return GridProgram(roots=tuple(fold(expr, leaf, branch) for expr in exprs), parts=tuple(parts))
