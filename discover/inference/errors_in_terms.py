"""Estimates over space without the bias that noise in the terms causes.

Noise in a term shrinks its coefficient, and mixes those of terms that are nearly the same: by a quarter for
Kuramoto-Sivashinsky at 100 % noise, by three quarters at 200 %. What the noise adds to the normal equations is known
from the covariance of the rows, N_pq = tr(C⁻¹ Cov(θ_p, θ_q)), and taken off (measured there: errors of 2 and 7 %
are left).

Source: Fuller (1987), Measurement Error Models, doi:10.1002/9780470316665, sections 2.2 and 2.5.
"""

from collections.abc import Sequence

import numpy as np

from discover.expr import Expr, variable
from discover.inference.field_covariance import Part, Slopes
from discover.inference.whitening import Dense
from discover.problem import Array, Grid

RELIABLE = 3.0
"""Standard errors by which what is left of every combination of terms exceeds what chance leaves of pure noise."""


def removable(G: Array, N: Array) -> float:
    """Return how many times N can be taken off G before that is no longer positive definite, at most once.

    >>> removable(np.diag([2.0, 1.0]), np.diag([1.0, 4.0]))
    0.25
    """
    return min(1.0, 1.0 / max(_largest(G, N), 1e-300))


def _largest(G: Array, N: Array) -> float:
    """Return the largest ratio of wᵀNw to wᵀGw."""
    norms = np.sqrt(np.maximum(np.diag(G), 1e-300))
    A, M = G / norms / norms[:, None], N / norms / norms[:, None]
    values, vectors = np.linalg.eigh(A)
    turned = vectors / np.sqrt(np.maximum(values, 1e-13))
    return float(np.linalg.eigvalsh(turned.T @ M @ turned)[-1])


def taken_off(G: Array, N: Array, n_rows: int) -> Array:
    """Return the part of N to be taken off the Gram G of [θ_S, y], both (k + 1, k + 1).

    It leaves G positive definite by Fuller's 1/n. Nothing is taken off where some combination of the terms is
    little but noise: with an enormous coefficient, and the noise that brings, it would explain any left-hand side.
    """
    k = len(G) - 1
    left = 1.0 - _largest(G[:k, :k], N[:k, :k])
    if left < RELIABLE * np.sqrt(2.0 / n_rows):
        return np.zeros_like(N)
    return max(removable(G, N) - 1.0 / n_rows, 0.0) * N


def symmetric_solve(A: Array, b: Array) -> Array:
    """Return the solution of A w = b for a symmetric A (n, n), scaled to unit diagonal first; b is (n,) or (n, m)."""
    norms = np.sqrt(np.maximum(np.diag(A), 1e-300))
    scaled = (b.T / norms).T
    return (np.linalg.lstsq(A / norms / norms[:, None], scaled, rcond=1e-13)[0].T / norms).T


def row_noise(slopes: Slopes, left: Part, terms: Sequence[Expr], whitening: Dense) -> Array:
    """Return the noise's part of the Gram of whitened [θ_S, y] on one recording, (k + 1, k + 1).

    Args:
        slopes: of the recording.
        left: what stands on the left.
        terms: of the support.
        whitening: of its rows.
    """
    members = [*(slopes.parts[term] for term in terms), (left,)]
    parts = list(dict.fromkeys(part for mine in members for part in mine))
    slopes.prepare([function for _, function in parts])
    row, column = slopes.place()
    twice = np.where(slopes.pairs[0].left > slopes.pairs[0].right, 2.0, 1.0)  # along time each pair stands once
    across = len(row) // len(twice)
    weight = at_queries(slopes.grid, whitening.inverse())[row, column] * np.repeat(twice, across)
    found = np.empty((len(parts), len(parts)))
    for i, p in enumerate(parts):
        found[i, i] = weight @ slopes.shared(p, p)
        for j in range(i):
            found[i, j] = found[j, i] = 0.5 * (weight @ slopes.shared(parts[j], p))
    owner = np.array([[float(mine.count(part)) for part in parts] for mine in members])
    return owner @ found @ owner.T


def left_part(variable_index: int, n_axes: int) -> Part:
    """Return what stands on the left of a law over space: u_t."""
    return (1, *(0,) * (n_axes - 1)), variable(variable_index)


def at_queries(grid: Grid, Q: Array) -> Array:
    """Return a matrix over rows as one over all query points, 0 where no row is."""
    if grid.kept is None:
        return Q
    whole = np.zeros((grid.n_queries, grid.n_queries))
    whole[np.ix_(grid.kept, grid.kept)] = Q
    return whole
