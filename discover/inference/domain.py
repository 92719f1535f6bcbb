"""Which terms have a finite value everywhere on the data, and why the others have not."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from discover.expr import VARIABLE, Expr, call, constant, evaluate, fold, text, variable
from discover.expr.operators import Operator
from discover.problem import Array, Problem

SAFE = {"add", "sub", "mul", "neg", "square", "cube", "abs", "sin", "cos", "atan", "tanh", "cbrt"}
"""Operators with a value wherever their operands have one, but for overflow."""

SNAPSHOTS = 16
"""Snapshots of a field larger than memory that are looked at together."""

LARGE = 1e9
"""Spread of a variable from which on even products are looked at for overflow."""


def undefined(terms: Iterable[Expr], problem: Problem) -> dict[Expr, str]:
    """Return the terms that are not finite on some sample, measured or smoothed, and the reason in words.

    A derivative is finite where what it differentiates is.
    """
    small = bool(np.max(problem.scale, initial=0.0) < LARGE)
    found = {}
    for term in terms:
        if small and _is_safe(term):
            continue
        reason = next((why for part in _pointwise(term) if (why := _reason(part, problem)) is not None), None)
        if reason is not None:
            found[term] = reason
    return found


def _is_safe(term: Expr) -> bool:
    """Return whether a term is made of operators that are finite wherever their operands are."""

    def branch(row: Operator, argument: Any, children: tuple[bool, ...]) -> bool:
        fine = row.name in SAFE or not row.is_pointwise or (row.name == "ipow" and argument >= 0)
        return fine and all(children)

    return fold(term, lambda kind, value: True, branch)


def _rebuilt(term: Expr, visit: Callable[[Operator, Expr, tuple[Expr, ...]], Expr]) -> Expr:
    """Return a term with each of its parts, innermost first, replaced by what `visit` makes of it."""

    def leaf(kind: int, value: Any) -> Expr:
        return variable(value) if kind == VARIABLE else constant(value)

    def branch(row: Operator, argument: Any, children: tuple[Expr, ...]) -> Expr:
        return visit(row, call(row.name, *children, *row.arguments(argument)), children)

    return fold(term, leaf, branch)


def _pointwise(term: Expr) -> list[Expr]:
    """Return what must be finite at single samples: what is differentiated, and the rest around it."""
    parts: list[Expr] = []

    def visit(row: Operator, whole: Expr, children: tuple[Expr, ...]) -> Expr:
        if row.is_pointwise:
            return whole
        parts.append(children[0])
        return constant(1.0)

    rest = _rebuilt(term, visit)
    return [*parts, rest]


def _reason(term: Expr, problem: Problem) -> str | None:
    """Return what happens at the first sample where a term is not finite, None where there is none."""
    for block in problem:
        for flat in (*_pieces(block.X), *_pieces(block.X_smooth)):
            if term.variables and term.variables[-1] >= len(flat):  # a coordinate, which is finite
                return None
            bad = np.flatnonzero(~np.isfinite(evaluate(term, flat)))
            if len(bad):
                return _at(term, flat[:, bad[0]], problem.names)
    return None


def _pieces(X: Array) -> Iterator[Array]:
    """Yield samples as (n_variables, n_samples): all at once, or a few snapshots of what lies in a file."""
    if isinstance(X, np.ndarray):
        yield X.reshape(len(X), -1)
        return
    for first in range(0, X.shape[1], SNAPSHOTS):
        yield np.asarray(X[:, first : first + SNAPSHOTS]).reshape(X.shape[0], -1)


def _at(term: Expr, x: Array, names: tuple[str, ...]) -> str:
    """Return the innermost part of a term that is not finite at one sample x (n_variables,), in words."""
    reasons: list[str] = []

    def visit(row: Operator, whole: Expr, children: tuple[Expr, ...]) -> Expr:
        if not reasons and not np.isfinite(evaluate(whole, x[:, None])[0]):
            where = ", ".join(f"{names[v]} = {x[v]:.4g}" for v in whole.variables)
            reasons.append(f"{text(whole, names)} has no finite value at {where}")
        return whole

    _rebuilt(term, visit)
    return reasons[0]
