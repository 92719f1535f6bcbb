"""Does a residual still hold structure? An F test on polynomials of what it may depend on."""

import math
from itertools import combinations_with_replacement
from math import comb

import numpy as np

from discover.problem import Array

WHITE = 2.5
"""Standard deviations of the F statistic below which a residual shows no structure."""

LEAST_ROWS = 60
"""Rows below which the test says nothing."""

DEGREE, PER_FEATURE = 4, 5
"""Degree of the polynomials, and rows that each of their features needs."""


def polynomial_features(Z: Array, degree: int, most: int) -> Array:
    """Return monomials of standardised columns Z (n_columns, n_rows), of a lower degree where they are too many."""
    n_columns, n_rows = Z.shape
    spread = Z.std(axis=1, keepdims=True)
    spread[spread == 0.0] = 1.0
    U = (Z - Z.mean(axis=1, keepdims=True)) / spread / 1.5
    while comb(n_columns + degree, degree) > most and degree > 1:
        degree -= 1
    rows = [np.ones(n_rows)]
    for d in range(1, degree + 1):
        rows += [np.prod(U[list(c)], axis=0) for c in combinations_with_replacement(range(n_columns), d)]
    return np.array(rows)


def structure_left(residual: Array, X: Array) -> float:
    """Return how many standard deviations a residual's F statistic on polynomials of X, and of its ranks, is off.

    Args:
        residual: of equal variance, shape (n_rows,).
        X: what it may depend on, shape (n_variables, n_rows).

    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-1.0, 1.0, (2, 300))
    >>> noise = rng.standard_normal(300)
    >>> structure_left(noise, X) < WHITE < structure_left(noise + X[0] * X[1] * 3, X)
    True
    """
    n = len(residual)
    if n < LEAST_ROWS or not np.isfinite(residual).all():
        return math.inf
    ranks = X.argsort(axis=1).argsort(axis=1) / n
    worst = 0.0
    for Z in (X, ranks):
        F = polynomial_features(Z, DEGREE, n // PER_FEATURE)
        Q, _ = np.linalg.qr(F.T)
        inside, total, p = float(np.sum((residual @ Q) ** 2)), float(residual @ residual), len(F)
        ratio = (inside / p) / max((total - inside) / (n - p), 1e-300)
        worst = max(worst, (ratio - 1.0) / math.sqrt(2.0 / p + 2.0 / (n - p)))
    return worst
