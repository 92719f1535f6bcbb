"""Finish: constants that are not needed go, and those that look like a number become it."""

import math
from collections.abc import Iterator

from discover.errors import ExpressionError
from discover.expr import Expr, constant, simplify, substitute, variable
from discover.inference.description import NAMED
from discover.inference.forms import Form
from discover.symbolic.archive import Archive

ROUNDS = 6
PRUNED = 3
"""How many of the best entries are pruned."""

NEAR = 0.2
"""Relative distance up to which a round number is tried in a constant's place."""

VERY_NEAR = 2e-4
"""The same for numbers with π, e or a root: 2.51 is near √2π too, and such a number has no interval."""

DENOMINATORS = (1, 2, 3, 4)


def pruned(archive: Archive) -> None:
    """Add what the best entries become when constants are dropped or rounded while the description gets shorter."""
    for entry in sorted(archive.entries.values(), key=lambda one: one.length)[:PRUNED]:
        best = entry
        for _ in range(ROUNDS):
            found = archive.add(list(_simpler(best.form)))
            shorter = min(found, key=lambda one: one.length, default=best)
            if not shorter.length < best.length:
                break
            best = shorter


def _simpler(form: Form) -> Iterator[Form]:
    """Yield the form with one constant fewer: each replaced by 0, 1, -1 or a round number nearby."""
    for k, value in enumerate(form.start):
        for number in dict.fromkeys((0.0, 1.0, -1.0, *_round(value))):
            expr = _fixed(form, k, number)
            if expr is not None:
                yield Form(expr, form.n_variables, (*form.start[:k], *form.start[k + 1 :]))


def _round(value: float) -> list[float]:
    found = [round(value * q) / q for q in DENOMINATORS]
    nearest = min(NAMED, key=lambda number: abs(number - abs(value)))
    named = [math.copysign(nearest, value)] if abs(nearest - abs(value)) < VERY_NEAR * nearest else []
    return named + [
        number for number in found if number and abs(number - value) < NEAR * abs(value) and abs(number) <= 12
    ]


def _fixed(form: Form, k: int, number: float) -> Expr | None:
    """Return the expression with free constant k replaced by a number and the later ones moved down."""
    n = form.n_variables
    parts = [variable(v) for v in range(n)]
    parts += [variable(n + i - (i > k)) if i != k else constant(number) for i in range(form.n_free)]
    try:
        expr = simplify(substitute(form.expr, parts))
    except (ExpressionError, ZeroDivisionError, OverflowError):
        return None
    left = {v - n for v in expr.variables if v >= n}
    return expr if left == set(range(form.n_free - 1)) else None
