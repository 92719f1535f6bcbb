"""Whether an expression obeys its units, and which it has."""

from collections.abc import Sequence
from typing import Any

from discover.errors import ExpressionError, UnitError
from discover.expr.dimensions import DIMENSIONLESS, Dimension, MaybeDimension
from discover.expr.expression import VARIABLE, Expr, call, constant, fold, variable
from discover.expr.operators import Operator
from discover.expr.printing import text
from discover_kernels import opcodes


def dimension_of(
    expr: Expr,
    dimensions: Sequence[Dimension | None],
    names: Sequence[str] | None = None,
    axes: Sequence[Dimension | None] = (),
    dimensionless_constants_only: bool = False,
) -> Dimension | None:
    """Return the dimension of an expression, None where it is unknown.

    An unknown dimension constrains nothing. A constant takes whatever unit makes its term fit, so a
    product with one is unknown until a sum settles it.

    Args:
        expr: what to check.
        dimensions: of the variables, None where unknown, shape (n_variables,).
        names: of the variables, for the message.
        axes: dimensions of the axes that D differentiates along.
        dimensionless_constants_only: whether constants are plain numbers.

    Raises:
        UnitError: where a part breaks the units; it names the part and both units.
        ExpressionError: where a variable has no entry in `dimensions`.

    >>> m, s = Dimension.of({"m": 1}), Dimension.of({"s": 1})
    >>> str(dimension_of(variable(0) / variable(1) ** 2, [m, s]))
    'm s-2'
    >>> dimension_of(variable(0) + variable(1), [m, s], ["height", "time"])
    Traceback (most recent call last):
    discover.errors.UnitError: "height + time" breaks the units: its sides have different units, [m] and [s].
    """
    if expr.variables and expr.variables[-1] >= len(dimensions):
        raise ExpressionError(f"x{expr.variables[-1]} has no entry among {len(dimensions)} dimensions.")
    number = DIMENSIONLESS if dimensionless_constants_only else None

    def leaf(kind: int, value: Any) -> tuple[MaybeDimension, Expr]:
        return (dimensions[value], variable(value)) if kind == VARIABLE else (number, constant(value))

    def branch(row: Operator, argument: Any, children: tuple[Any, ...]) -> tuple[MaybeDimension, Expr]:
        parts = [part for _, part in children]
        whole = call(row.name, *parts, *row.arguments(argument))
        if row.opcode == opcodes.POW:
            argument = parts[1].value
        elif row.opcode == opcodes.D:
            argument = _along(argument, axes)
        try:
            return row.unit(tuple(dimension for dimension, _ in children), argument), whole
        except UnitError as error:
            raise UnitError(f'"{text(whole, names)}" breaks the units: {error}.') from None

    return fold(expr, leaf, branch)[0]


def _along(multi_index: tuple[int, ...], axes: Sequence[Dimension | None]) -> MaybeDimension:
    """Return the dimension of the product of the axes that a D goes along."""
    total: MaybeDimension = DIMENSIONLESS
    for axis, order in enumerate(multi_index):
        if order:
            dimension = axes[axis] if axis < len(axes) else None
            total = None if total is None or dimension is None else total * dimension**order
    return total
