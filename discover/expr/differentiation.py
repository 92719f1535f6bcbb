"""Partial derivatives by the table's derivative rules."""

from typing import Any

from discover.errors import ExpressionError
from discover.expr.expression import SYMBOLS, VARIABLE, Expr, call, constant, fold, variable
from discover.expr.operators import Operator
from discover.expr.simplification import simplify

ZERO, ONE = constant(0.0), constant(1.0)


def differentiate(expr: Expr, index: int) -> Expr:
    """Return the partial derivative by variable `index`, simplified.

    Raises:
        ExpressionError: where the variable stands inside a D.

    >>> differentiate(variable(0) * variable(1) ** 2, 1)
    Expr(2*x0*x1)
    """

    def leaf(kind: int, value: Any) -> tuple[Expr, Expr]:
        if kind == VARIABLE:
            return variable(value), ONE if value == index else ZERO
        return constant(value), ZERO

    def branch(row: Operator, argument: Any, children: tuple[tuple[Expr, Expr], ...]) -> tuple[Expr, Expr]:
        parts = [part for part, _ in children]
        extra = row.arguments(argument)
        whole = call(row.name, *parts, *extra)
        slopes = [slope for _, slope in children]
        if all(slope == ZERO for slope in slopes):
            return whole, ZERO
        if not row.is_pointwise:
            raise ExpressionError(f"{whole!r} has no partial derivative by x{index}, which it differentiates itself.")
        return whole, _chain(row.derivative(SYMBOLS, *parts, *extra), slopes)

    return simplify(fold(expr, leaf, branch)[1])


def _chain(partials: tuple[Any, ...], slopes: list[Expr]) -> Expr:
    """Return Σ partial · slope over the children that depend on the variable."""
    total: Expr | None = None
    for partial, slope in zip(partials, slopes, strict=True):
        if slope != ZERO:
            term = partial * slope
            total = term if total is None else total + term
    return ZERO if total is None else total
