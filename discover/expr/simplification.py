"""Canonical form (work in progress)."""

from discover.expr.expression import Expr


def simplify(expr: Expr) -> Expr:
    """Return the expression in canonical form."""
    return expr
