"""Does a residual still hold structure? Three tests on what it may depend on, each for what the others are blind to.

An F test on polynomials sees smooth trends, but with few rows for many columns it sinks to straight lines; a kernel
that compares neighbours in all columns at once keeps its power there (Bierens 1982, doi:10.1016/0304-4076(82)90105-1);
steps from row to row along one column at a time (von Neumann 1941, doi:10.1214/aoms/1177731677) see waves.
"""

import math
from itertools import combinations_with_replacement
from math import comb

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

from discover.problem import Array

WHITE = 2.5
"""Standard deviations of the F statistic below which a residual shows no structure."""

LEAST_ROWS, PER_COLUMN = 60, 10
"""Rows, and rows for each column, below which the tests say nothing: 72 rows of nine columns let a wrong law pass."""

DEGREE, PER_FEATURE = 4, 5
"""Degree of the polynomials, and rows that each of their features needs."""

NEIGHBOURS = 0.25
"""Width of the kernel: this share of the median squared distance of two rows."""

KERNEL_ROWS = 600
"""Most rows that are compared with each other."""

KERNEL_TAIL, STEPS_TAIL = 1.4, 1.2
"""By what these tests are divided: under noise alone they then pass WHITE no oftener than in one of a hundred."""


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
    """Return how many standard deviations the worst of the tests on a residual is off.

    Args:
        residual: of equal variance, shape (n_rows,).
        X: what it may depend on, shape (n_variables, n_rows).

    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-1.0, 1.0, (2, 300))
    >>> noise = rng.standard_normal(300)
    >>> structure_left(noise, X) < WHITE < structure_left(noise + X[0] * X[1] * 3, X)
    True
    >>> WHITE < structure_left(noise + 2.0 * np.sin(60.0 * X[0]), X)
    True
    """
    n = len(residual)
    if n < max(LEAST_ROWS, PER_COLUMN * len(X)) or not np.isfinite(residual).all():
        return math.inf
    ranks = X.argsort(axis=1).argsort(axis=1) / n
    worst = 0.0
    for Z in (X, ranks):
        F = polynomial_features(Z, DEGREE, n // PER_FEATURE)
        Q, _ = np.linalg.qr(F.T)
        inside, total, p = float(np.sum((residual @ Q) ** 2)), float(residual @ residual), len(F)
        ratio = (inside / p) / max((total - inside) / (n - p), 1e-300)
        worst = max(worst, (ratio - 1.0) / math.sqrt(2.0 / p + 2.0 / (n - p)))
    return max(worst, _neighbours(residual, ranks) / KERNEL_TAIL, _steps(residual, X) / STEPS_TAIL)


def _neighbours(residual: Array, ranks: Array) -> float:
    """Return how far, in standard deviations, residuals of rows with like ranks (n_columns, n_rows) are alike."""
    rows = np.linspace(0, len(residual) - 1, min(len(residual), KERNEL_ROWS)).astype(int)
    r, U = residual[rows] - residual[rows].mean(), ranks[:, rows]
    U = (U - U.mean(axis=1, keepdims=True)) / np.maximum(U.std(axis=1, keepdims=True), 1e-12)
    square = np.sum(U**2, axis=0)
    distance = np.maximum(square[:, None] + square - 2.0 * (U.T @ U), 0.0)
    K = np.exp(-distance / max(NEIGHBOURS * float(np.median(distance)), 1e-12))
    K -= K.mean(axis=0) + K.mean(axis=1)[:, None] - K.mean()
    np.fill_diagonal(K, 0.0)
    size = float(r @ r) / len(r) * math.sqrt(2.0 * float(np.sum(K**2)))
    return float(r @ K @ r) / size if size > 0 else 0.0


def _steps(residual: Array, X: Array) -> float:
    """Return how far residuals sorted by a column step less than noise would, the number of columns paid for."""
    n, r = len(residual), residual - residual.mean()
    whole = float(r @ r)
    if whole <= 0:
        return 0.0
    steps = min(float(np.sum(np.diff(r[np.argsort(x, kind="stable")]) ** 2)) for x in X)
    z = (1.0 - 0.5 * steps / whole) * math.sqrt(n)
    return float(-ndtri_exp(min(math.log(len(X)) + float(log_ndtr(-z)), -1e-9)))
