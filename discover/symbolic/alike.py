"""Which candidates are one law? Those that agree beyond the data too, whatever they are written like."""

from dataclasses import dataclass, field

import numpy as np

from discover.expr import compile_program
from discover.front import Candidate
from discover.problem import Array, Problem

WIDER = 1.5
"""How far beyond the data right-hand sides are compared."""

NEAR = 0.01
"""Difference relative to their size up to which they are one law."""

N_POINTS = 400


@dataclass(slots=True, eq=False)
class Alike:
    """The right-hand sides so far, by their values around the data.

    Attributes:
        problem: the data.
        values: of each right-hand side that was asked about and was new, (n_points,).
    """

    problem: Problem
    values: list[Array] = field(default_factory=list)
    _points: Array | None = None

    def known(self, candidate: Candidate) -> bool:
        """Return whether an earlier candidate says the same, and remember this one where none does."""
        plain = all(not term.orders for term in candidate.terms)
        if not candidate.terms or not plain:
            return False
        mine = self._of(candidate)
        if any(_agree(mine, known) for known in self.values):
            return True
        self.values.append(mine)
        return False

    def _of(self, candidate: Candidate) -> Array:
        if self._points is None:
            self._points = _widened(self.problem)
        with np.errstate(all="ignore"):
            terms = compile_program(candidate.terms, self.problem.n_variables).evaluate(self._points)
            return np.array(candidate.coefficients) @ terms


def _widened(problem: Problem) -> Array:
    """Return samples moved away from their middle, those of positive variables by ratios, (n_variables, n_points)."""
    X = np.concatenate([block.X_smooth for block in problem], axis=1)
    X = X[:, np.linspace(0, X.shape[1] - 1, min(N_POINTS, X.shape[1])).astype(int)]
    positive = X.min(axis=1, keepdims=True) > 0
    scaled = np.where(positive, np.log(np.where(positive, X, 1.0)), X)
    middle = (scaled.max(axis=1, keepdims=True) + scaled.min(axis=1, keepdims=True)) / 2
    moved = middle + WIDER * (scaled - middle)
    return np.ascontiguousarray(np.where(positive, np.exp(np.where(positive, moved, 0.0)), moved))


def _agree(a: Array, b: Array) -> bool:
    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() < 0.5 * len(a):
        return False
    size = float(np.sqrt(np.mean(b[both] ** 2)))
    return bool(np.sqrt(np.mean((a[both] - b[both]) ** 2)) <= NEAR * size)
