"""Finish: constants that are not needed go, and those that look like a number become it.

A number is a claim, and its evidence is the constant's own error bar: the number must lie within it, and the bar
must be short beside the distance to the next number that would have been taken as readily.
"""

import math
from collections.abc import Iterator

import numpy as np

from discover.errors import ExpressionError
from discover.expr import Expr, constant, simplify, substitute, variable
from discover.inference.description import EASY, NAMED
from discover.inference.forms import Form
from discover.symbolic.archive import Archive

ROUNDS = 6
PRUNED = 3
"""How many of the best entries are pruned."""

NEAR = 0.2
"""Relative distance up to which a round number is tried in a constant's place."""

VERY_NEAR = 2e-4
"""The same for numbers with π, e or a root: 2.51 is near √2π too, and such a number has no interval."""

WITHIN = 1.5
"""Standard errors of the constant within which the number lies."""

ROUNDING = 1e-6
"""Relative distance that is none: a constant of clean data has an error bar of rounding."""

SURE = 0.05
"""Standard error, in distances between numbers of its kind, up to which a constant tells one number from the next."""

DENOMINATORS = (1, 2, 3, 4)
APART = 1 / 6
"""Distance between neighbouring fractions of these denominators, on average."""


def pruned(archive: Archive) -> None:
    """Add what the best entries become when constants are dropped or rounded while the description gets shorter."""
    for entry in sorted(archive.entries.values(), key=lambda one: one.length)[:PRUNED]:
        best = entry
        for _ in range(ROUNDS):
            with np.errstate(all="ignore"):  # the best so far may be wild
                errors = archive.fits.std(best.form).tolist()
            found = archive.add(list(_simpler(best.form, errors)))
            shorter = min(found, key=lambda one: one.length, default=best)
            if not shorter.length < best.length:
                break
            best = shorter


def _simpler(form: Form, errors: list[float]) -> Iterator[Form]:
    """Yield the form with one constant fewer: each replaced by 0, or by a round number that its error bar holds."""
    for k, (value, error) in enumerate(zip(form.start, errors, strict=True)):
        rounds = [number for number in (1.0, -1.0, *_round(value)) if _told(number, value, error)]
        for number in dict.fromkeys((0.0, *rounds)):
            expr = _fixed(form, k, number)
            if expr is not None:
                yield Form(expr, form.n_variables, (*form.start[:k], *form.start[k + 1 :]))


def _told(number: float, value: float, error: float) -> bool:
    """Return whether a constant and its standard error speak for a number.

    >>> _told(2.0, 2.01, 0.02), _told(8.0, 8.003, 0.15), _told(6.25, 6.26, 0.02), _told(3.0, 3.1, 0.02)
    (True, False, False, False)
    """
    if np.isnan(error):  # constants that trade places: what is not settled may as well be plain
        return True
    apart = abs(number) if abs(number) in EASY else 1.0 if number == round(number) else APART
    # Numbers with π or a root have their own rule, VERY_NEAR.
    sure = abs(number) in NAMED or error <= SURE * apart
    return sure and abs(number - value) <= max(WITHIN * error, ROUNDING * abs(value))


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
