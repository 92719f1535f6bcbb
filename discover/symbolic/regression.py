"""Small weighted least squares: which few of some columns?"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NEGLIGIBLE = 1e-7
"""Share of a column's part in the fit below which it is rounding where the fit is exact."""

EXACT = 1e-8
"""Residual relative to the target below which a fit counts as exact."""


def lengths(A: Array) -> Array:
    """Return the lengths of the lines of A (n_lines, n_columns), 1 for those of zeros; squares may be out of range.

    >>> lengths(np.array([[3e200, 4e200], [0.0, 0.0]]))
    array([5.e+200, 1.e+000])
    """
    top = np.abs(A).max(axis=1, initial=0.0)
    top[top == 0.0] = 1.0
    norms = np.linalg.norm(A / top[:, None], axis=1)
    norms[norms == 0.0] = 1.0
    return norms * top


def solve(F: Array, t: Array, weights: Array) -> tuple[Array, float]:
    """Return coefficients (n_columns,) of t on F (n_columns, n_rows), and the weighted residual norm, relative."""
    root = np.sqrt(weights)
    A, b = F * root, t * root
    norms = lengths(A)
    coefficients = np.linalg.lstsq((A / norms[:, None]).T, b, rcond=1e-13)[0]
    rest = float(np.linalg.norm(b - coefficients @ (A / norms[:, None])))
    return coefficients / norms, rest / max(float(np.linalg.norm(b)), 1e-300)


def sparse(F: Array, t: Array, weights: Array, most: int) -> list[int]:
    """Return the indices of the columns that matter: all of weight where the fit is exact, else the best by BIC.

    Args:
        F: shape (n_columns, n_rows).
        t, weights: shapes (n_rows,).
        most: longest model considered where the fit is not exact.
    """
    root = np.sqrt(weights)
    A, b = F * root, t * root
    norms = lengths(A)
    A = A / norms[:, None]
    if len(A) < len(t):
        coefficients = np.linalg.lstsq(A.T, b, rcond=1e-13)[0]
        if np.linalg.norm(b - coefficients @ A) < EXACT * np.linalg.norm(b):
            return np.flatnonzero(np.abs(coefficients) > NEGLIGIBLE * np.linalg.norm(b)).tolist()
    return _pursuit(A, b, most)


def _pursuit(A: Array, b: Array, most: int) -> list[int]:
    """Return the columns of orthogonal matching pursuit with the smallest BIC."""
    n = len(b)
    chosen: list[int] = []
    best, best_score, rest = [], math.inf, b
    for _ in range(min(most, len(A), n // 3)):
        gains = np.abs(A @ rest)
        gains[chosen] = -1.0
        chosen.append(int(np.argmax(gains)))
        coefficients = np.linalg.lstsq(A[chosen].T, b, rcond=1e-13)[0]
        rest = b - coefficients @ A[chosen]
        score = n * math.log(max(float(rest @ rest), 1e-300)) + (math.log(n) + 4.0) * len(chosen)
        if score < best_score:
            best, best_score = list(chosen), score
    return sorted(best)
