"""Expressions as text that `parse` reads back to the very same expression."""

import keyword
import math
import unicodedata
from collections.abc import Sequence
from typing import Any

from discover.errors import ExpressionError
from discover.expr.expression import VARIABLE, Expr, fold
from discover.expr.operators import ATOM, UNARY, Operator

AXES = ("t", "x", "y", "z")
"""Names of the axes that D differentiates along, unless told otherwise."""

Piece = tuple[str, int]
"""Text, and how tightly it binds."""


def number_text(value: float) -> str:
    """Return the shortest text that reads back to the same number.

    >>> number_text(2.0), number_text(0.1), number_text(-0.0), number_text(1e300)
    ('2', '0.1', '-0.0', '1e+300')
    """
    if value == 0.0 and math.copysign(1.0, value) < 0.0:
        return "-0.0"
    return str(int(value)) if value == round(value) and abs(value) < 1e15 else repr(value)


def name_text(name: str) -> str:
    """Return a name as it is written in an expression: in backticks where Python would not take it.

    >>> name_text("x"), name_text("hare pelts")
    ('x', '`hare pelts`')
    """
    plain = name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name
    return name if plain else "`" + name.replace("`", "``") + "`"


def text(expr: Expr, names: Sequence[str] | None = None, axes: Sequence[str] = AXES) -> str:
    """Return the expression as text, with as few brackets as its grammar allows.

    Args:
        expr: what to print.
        names: of the variables, by index; x0, x1, … where None.
        axes: names of the axes that D differentiates along.

    Raises:
        ExpressionError: where a variable or an axis has no name.

    >>> from discover.expr import variable
    >>> text((variable(0) + 1) * variable(1) ** 2, ["a", "hare pelts"])
    '(a + 1)*`hare pelts`**2'
    """

    def leaf(kind: int, value: Any) -> Piece:
        if kind == VARIABLE:
            return (f"x{value}" if names is None else name_text(_named(names, value, "Variable"))), ATOM
        return number_text(value), ATOM if math.copysign(1.0, value) > 0 else UNARY

    def branch(row: Operator, argument: Any, children: tuple[Piece, ...]) -> Piece:
        inner = [
            piece if binds >= slot else f"({piece})" for (piece, binds), slot in zip(children, row.slots, strict=True)
        ]
        extra = _orders(argument, axes) if isinstance(argument, tuple) else argument
        return row.layout.format(*inner, n=extra), row.precedence

    return fold(expr, leaf, branch)[0]


def _named(names: Sequence[str], index: int, what: str) -> str:
    if index >= len(names):
        raise ExpressionError(f"{what} number {index} has no name among the {len(names)} given.")
    return names[index]


def _orders(multi_index: tuple[int, ...], axes: Sequence[str]) -> str:
    used = [(_named(axes, axis, "Axis"), order) for axis, order in enumerate(multi_index) if order]
    return ", ".join(f"{_quoted(axis)}, {order}" for axis, order in used)


def _quoted(axis: str) -> str:
    return '"' + axis.replace("\\", "\\\\").replace('"', '\\"') + '"'
