"""A smooth surface through the data: which columns matter, how large the noise is, and which way y grows.

A Gaussian process with one length for each column, its hyperparameters those of highest evidence. Evidence
is also what a reduction is judged by: a problem told with fewer columns is as probable as before where the
reduction is true, and less so by many nats where it is not. Sixty rows are enough to see that.

Source: Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, sections 5.1 and 5.4.1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_ROWS = 160
N_STEPS = 80
START_NOISE = (1e-3, 0.1)
"""Variances of the noise, relative, from which the search for hyperparameters begins."""

LEAST_NOISE, LEAST_LENGTH, MOST_LENGTH = 1e-10, 0.2, 300.0
JITTER = 1e-10
LEAST_FREE = 0.1
"""Share of rows that a surface must not follow, so that what it leaves tells the noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A Gaussian process that was fitted.

    Attributes:
        evidence: log of the probability of the target, in nats.
        lengths: of the columns in standard deviations, shape (n_columns,): long ones do not matter.
        noise: standard deviation of the errors relative to that of the target, or of its logarithm.
        left: weighted mean squared error that it leaves, over as many rows as it does not bend to follow; where
            these are few, the one with which it tells each row from all others.
        values: smoothed target, shape (n_rows,).
        slopes: its derivative by each column, shape (n_columns, n_rows).
        scales: whether columns and target were seen as logarithms.
    """

    evidence: float
    lengths: Array
    noise: float
    left: float
    values: Array
    slopes: Array
    scales: tuple[bool, bool]


def sample_rows(n_rows: int, most: int = MOST_ROWS, seed: int = 0) -> NDArray[np.int64]:
    """Return at most so many rows, drawn from the seed, in order."""
    return np.sort(np.random.default_rng(seed).permutation(n_rows)[:most])


def surface(X: Array, z: Array, weights: Array, like: Surface | None = None) -> Surface:
    """Return the surface of z (n_rows,) over X (n_columns, n_rows), on plain or logarithmic scales.

    Args:
        X, z: the data, all of whose rows are used: some hundreds at most.
        weights: one over the variance of z's errors, up to a factor, shape (n_rows,).
        like: a surface whose scales and noise are taken over; None tries several.

    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(1.0, 2.0, (2, 80))
    >>> found = surface(X, np.sin(X[0]), np.ones(80))
    >>> bool(found.lengths[1] > 10 * found.lengths[0]), np.allclose(found.slopes[0], np.cos(X[0]), atol=0.02)
    (True, True)
    """
    signed, positive = (z > 0).all() or (z < 0).all(), (X.min(axis=1) > 0).any()
    tried = [(a, b) for a in (False, True) for b in (False, True) if (positive or not a) and (signed or not b)]
    scales = [like.scales] if like is not None and like.scales in tried else tried
    starts = START_NOISE if like is None else (max(like.noise**2, LEAST_NOISE),)
    return max((_fitted(X, z, weights, a, b, starts) for a, b in scales), key=lambda one: one.evidence)


def other_surface(X: Array, z: Array, weights: Array, like: Surface) -> Surface | None:
    """Return the surface of the same data on plain scales, on logarithmic ones where these were; None where it cannot.

    A zero that is only touched spoils the slopes of the logarithm, a wide range those of the target itself.
    """
    if like.scales == (False, False):
        signed = (z > 0).all() or (z < 0).all()
        return _fitted(X, z, weights, True, True, START_NOISE) if signed and (X.min(axis=1) > 0).any() else None
    return _fitted(X, z, weights, False, False, START_NOISE)


def _fitted(
    X: Array, z: Array, weights: Array, logarithmic: bool, of_logarithm: bool, starts: Sequence[float]
) -> Surface:
    from scipy.optimize import minimize

    U, scale = _standardised(X, logarithmic)
    t = np.log(np.abs(z)) if of_logarithm else z
    own, weights = weights, weights * z**2 if of_logarithm else weights
    mean, size = float(t.mean()), float(t.std()) or 1.0
    t = (t - mean) / size
    error = np.minimum(np.median(weights) / np.maximum(weights, 1e-300), 1e6)
    limits = [(math.log(LEAST_LENGTH), math.log(MOST_LENGTH))] * len(U)
    limits += [(math.log(0.05), math.log(1e4)), (math.log(LEAST_NOISE), math.log(4.0))]
    best, theta = math.inf, np.zeros(len(U) + 2)
    for noise in starts:
        start = np.full(len(U) + 2, math.log(2.0 * math.sqrt(len(U))))
        start[-2:] = math.log(4.0), math.log(noise)
        found = minimize(_misfit, start, (U, t, error), jac=True, bounds=limits, options={"maxiter": N_STEPS})
        if found.fun < best:
            best, theta = float(found.fun), found.x
    K, _ = _covariance(theta, U)
    noisy = np.exp(theta[-1]) * error + JITTER * math.exp(theta[-2])
    inverse = np.linalg.inv(K + np.diag(noisy))
    alpha, free = inverse @ t, float(noisy @ np.diag(inverse))
    unseen = alpha / np.diag(inverse)  # what each row is from the surface of all others
    inverse2 = np.exp(-2.0 * theta[: len(U)])
    slopes = np.array([inverse2[i] * (K @ (alpha * u) - u * (K @ alpha)) for i, u in enumerate(U)]) * scale * size
    smooth, others = mean + size * (K @ alpha), mean + size * (t - unseen)
    evidence = -best - len(z) * math.log(size)
    if of_logarithm:
        evidence -= float(np.log(np.abs(z)).sum())
        sign = math.copysign(1.0, float(z[0]))
        smooth, others = (sign * np.exp(np.minimum(one, 600.0)) for one in (smooth, others))
        slopes = slopes * smooth
    noise, left = math.exp(0.5 * theta[-1]), float(np.sum(own * (z - smooth) ** 2)) / max(free, 1.0)
    if free < LEAST_FREE * len(z):  # it follows nearly every row, and has nothing to tell the noise by
        left = max(left, float(np.mean(own * (z - others) ** 2)))
    return Surface(evidence, np.exp(theta[: len(U)]), noise, left, smooth, slopes, (logarithmic, of_logarithm))


def _standardised(X: Array, logarithmic: bool) -> tuple[Array, Array]:
    """Return columns of mean 0 and spread 1, positive ones as logarithms if so, and the derivative of each by X."""
    curved = (X.min(axis=1, keepdims=True) > 0) & logarithmic
    with np.errstate(all="ignore"):
        V = np.where(curved, np.log(np.where(curved, X, 1.0)), X)
        slope = np.where(curved, 1.0 / np.where(curved, X, 1.0), 1.0)
    spread = np.maximum(V.std(axis=1, keepdims=True), 1e-300)
    return (V - V.mean(axis=1, keepdims=True)) / spread, slope / spread


def _covariance(theta: Array, U: Array) -> tuple[Array, Array]:
    """Return the covariance of the surface (n_rows, n_rows), and the scaled columns."""
    V = U / np.exp(theta[: len(U)])[:, None]
    square = np.sum(V**2, axis=0)
    distance = np.maximum(square[:, None] + square - 2.0 * V.T @ V, 0.0)
    return math.exp(theta[-2]) * np.exp(-0.5 * distance), V


def _misfit(theta: Array, U: Array, t: Array, error: Array) -> tuple[float, Array]:
    """Return minus the log evidence and its gradient."""
    from scipy.linalg import get_lapack_funcs

    K, V = _covariance(theta, U)
    noise = math.exp(theta[-1])
    A = K + np.diag(noise * error + JITTER * math.exp(theta[-2]))
    potrf, potri = get_lapack_funcs(("potrf", "potri"), (A,))
    factor, failed = potrf(A, lower=True)
    if failed:
        return 1e10, np.zeros_like(theta)
    inverse = potri(factor, lower=True)[0]
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    alpha = inverse @ t
    value = 0.5 * float(t @ alpha) + float(np.log(np.diag(factor)).sum()) + 0.5 * len(t) * math.log(2 * math.pi)
    W = inverse - np.outer(alpha, alpha)
    M = W * K
    total = M.sum(axis=1)
    gradient = np.empty_like(theta)
    MV = V @ M
    gradient[: len(U)] = V**2 @ total - np.sum(MV * V, axis=1)
    trace = np.diag(W)
    gradient[-2] = 0.5 * (total.sum() + JITTER * math.exp(theta[-2]) * trace.sum())
    gradient[-1] = 0.5 * noise * float(trace @ error)
    return value, gradient
