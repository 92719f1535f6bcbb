"""How noisy is a map's record? What neighbours in state space disagree about, not neighbours in time.

A chaotic map jumps from sample to sample, so differences in time see no noise. Instead each next value
is regressed on the present ones by the smoother that predicts best when a point is left out. With
slopes J of that regression, measurement noise e and noise w in the steps themselves, its residual is

    r[n] = e[n+1] - J[n] e[n] + w[n],

whose variance is R + J R Jᵀ + Q, and whose covariance with the residual before is -J[n] R: neighbours
in the sequence share the measurement error between them, and nothing of the process noise.

Source: Odelson, Rajamani, Rawlings (2006), doi:10.1016/j.automatica.2005.09.006, for the separation by
autocovariances; Stone (1974), doi:10.1111/j.2517-6161.1974.tb00994.x, for leaving one out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.problem import Array

HIGHEST_DEGREE = 8
MOST_ROWS = 4000
"""Rows that the regression is made on: beyond, the noise is known better than anything needs."""

PER_TERM = 4
"""Rows to a coefficient that a polynomial needs at least."""

NEIGHBOURS = (2, 4, 8, 16)
"""Neighbours to a coefficient of the local polynomial, the sizes that compete."""

CERTAIN = 3.0
"""Standard errors from which on a lag or an excess of variance is believed."""


@dataclass(frozen=True, slots=True, eq=False)
class StepNoise:
    """Noise of a sequence.

    Attributes:
        measurement: standard deviation on each variable, shape (n_variables,); 0 for inputs.
        process: standard deviation of what chance adds to each state in a step, shape (n_states,).
        error: relative standard error of `measurement`, or of `process` where that is all there is.
    """

    measurement: Array
    process: Array
    error: float


@dataclass(frozen=True, slots=True, eq=False)
class Smooth:
    """A regression of the next value on the present ones.

    Attributes:
        residual: shape (n_rows,); `leverage` of each row on its own fit, same shape.
        slopes: derivatives by every variable, shape (n_variables, n_rows).
    """

    residual: Array
    leverage: Array
    slopes: Array

    @property
    def left_out(self) -> float:
        """Mean squared error of each row as predicted by the others."""
        return float(np.mean((self.residual / np.maximum(1.0 - self.leverage, 1e-3)) ** 2))


def step_noise(pieces: Sequence[Array], n_states: int) -> StepNoise:
    """Return the noise of sequences, each (n_variables, n_samples), states first, without a gap.

    >>> x = np.empty(400)
    >>> x[0] = 0.3
    >>> for n in range(399):
    ...     x[n + 1] = 3.9 * x[n] * (1 - x[n])
    >>> noisy = x + 0.01 * np.random.default_rng(0).standard_normal(400)
    >>> bool(abs(step_noise([noisy[None]], 1).measurement[0] - 0.01) < 0.002)
    True
    """
    pieces = _few(pieces)
    X = np.concatenate([piece[:, :-1] for piece in pieces], axis=1)
    Y = np.concatenate([piece[:n_states, 1:] for piece in pieces], axis=1)
    follows = np.concatenate([np.arange(piece.shape[1] - 1) > 0 for piece in pieces])
    fits = [_smooth(X, y) for y in Y]
    r = np.array([fit.residual / np.sqrt(np.maximum(1.0 - fit.leverage, 1e-3)) for fit in fits])
    J = np.array([fit.slopes[:n_states] for fit in fits])
    R, Q, error = _separated(r, J, follows)
    measurement = np.zeros(len(X))
    measurement[:n_states] = np.sqrt(R)
    return StepNoise(measurement, np.sqrt(Q), error)


def _few(pieces: Sequence[Array]) -> list[Array]:
    """Return the first rows of every piece, in shares that come to about MOST_ROWS."""
    share = MOST_ROWS / max(sum(piece.shape[1] - 1 for piece in pieces), 1)
    if share >= 1.0:
        return list(pieces)
    return [piece[:, : max(3, int(share * piece.shape[1]))] for piece in pieces]


def _smooth(X: Array, y: Array) -> Smooth:
    """Return the regression of y (n_rows,) on X (n_variables, n_rows) that predicts left-out rows best."""
    centre, width = X.mean(axis=1, keepdims=True), X.std(axis=1, keepdims=True)
    moving = width[:, 0] > 0.0
    Z = (X[moving] - centre[moving]) / width[moving]
    found = _polynomials(Z, y) + [_local(Z, y, k) for k in NEIGHBOURS if moving.any()]
    best = min((fit for fit in found if fit is not None), key=lambda fit: fit.left_out)
    slopes = np.zeros_like(X)
    slopes[moving] = best.slopes / width[moving]
    return Smooth(best.residual, best.leverage, slopes)


def _polynomials(Z: Array, y: Array) -> list[Smooth | None]:
    """Return fits of every total degree that the rows can pay for."""
    from numpy.polynomial.legendre import legval

    reach = np.abs(Z).max(initial=1.0)
    found: list[Smooth | None] = []
    for degree in range(HIGHEST_DEGREE + 1):
        powers = _exponents(len(Z), degree)
        if len(powers) * PER_TERM > len(y) and degree > 0:
            break
        basis = np.array([legval(Z / reach, np.eye(degree + 1)[d]) for d in range(degree + 1)])
        slope = np.array([_legendre_slope(Z / reach, d) for d in range(degree + 1)]) / reach
        values = np.array([np.prod([basis[d, v] for v, d in enumerate(p)] or [np.ones(len(y))], axis=0) for p in powers])
        Q, R = np.linalg.qr(values.T)
        w = np.linalg.lstsq(R, Q.T @ y, rcond=1e-12)[0]
        slopes = np.array([w @ _along(basis, slope, powers, v, len(y)) for v in range(len(Z))]).reshape(len(Z), -1)
        found.append(Smooth(y - w @ values, np.sum(Q**2, axis=1), slopes))
    return found


def _exponents(n_variables: int, degree: int) -> list[tuple[int, ...]]:
    """Return the exponents of all monomials up to a total degree."""
    if n_variables == 0:
        return [()]
    return [(d, *rest) for d in range(degree + 1) for rest in _exponents(n_variables - 1, degree - d)]


def _legendre_slope(z: Array, degree: int) -> Array:
    from numpy.polynomial.legendre import legder, legval

    return legval(z, legder(np.eye(degree + 1)[degree])) if degree else np.zeros_like(z)


def _along(basis: Array, slope: Array, powers: list[tuple[int, ...]], variable: int, n: int) -> Array:
    """Return the derivatives of all products by one variable, shape (n_products, n_rows)."""
    return np.array(
        [
            np.prod([(slope if v == variable else basis)[d, v] for v, d in enumerate(p)] or [np.ones(n)], axis=0)
            for p in powers
        ]
    )


def _local(Z: Array, y: Array, per_term: int) -> Smooth | None:
    """Return quadratics through the nearest neighbours of every row, each itself included; None for too few rows."""
    from scipy.spatial import cKDTree

    d, n = Z.shape
    n_terms = 1 + d + d * (d + 1) // 2
    k = per_term * n_terms
    if n < 2 * k:
        return None
    _, index = cKDTree(Z.T).query(Z.T, k=k)
    offsets = Z.T[index] - Z.T[:, None]
    size = np.maximum(np.abs(offsets).max(axis=(1, 2), keepdims=True), 1e-300)
    u = offsets / size
    upper = np.triu_indices(d)
    A = np.concatenate([np.ones((n, k, 1)), u, u[:, :, upper[0]] * u[:, :, upper[1]]], axis=2)
    inverse = np.linalg.pinv(A, rcond=1e-10)
    own = np.argmax(index == np.arange(n)[:, None], axis=1)  # of equal points any may stand first
    fitted = np.einsum("nk,nk->n", inverse[:, 0], y[index])
    slopes = np.einsum("njk,nk->jn", inverse[:, 1 : d + 1], y[index]) / size[:, 0, 0]
    return Smooth(y - fitted, inverse[np.arange(n), 0, own], slopes)


def _separated(r: Array, J: Array, follows: Array) -> tuple[Array, Array, float]:
    """Return the variances of measurement and process noise, both (n_states,), and the former's relative error.

    Args:
        r: residuals, shape (n_states, n_rows).
        J: slopes, shape (n_states, n_states, n_rows).
        follows: whether the row before is that of the sample before, shape (n_rows,).
    """
    total = np.mean(r**2, axis=1)
    weights = np.mean(J**2, axis=2)
    lagged = -np.einsum("ijn,in,jn->jn", J[:, :, follows], r[:, follows], np.roll(r, 1, axis=1)[:, follows])
    power = np.sum(J[:, :, follows] ** 2, axis=0)
    n = max(int(follows.sum()), 2)
    scale = np.maximum(power.mean(axis=1), 1e-300)
    from_lags = lagged.mean(axis=1) / scale
    error = lagged.std(axis=1) / scale / np.sqrt(n)
    alone = np.linalg.lstsq(np.eye(len(r)) + weights, total, rcond=None)[0].clip(0.0)
    missing = alone - from_lags
    relative = float(np.max(np.std(r**2, axis=1) / np.sqrt(r.shape[1]) / np.maximum(total, 1e-300))) / 2.0
    if (missing <= CERTAIN * error).all():  # measurement noise explains all that is seen
        return alone, np.zeros(len(r)), min(1.0, relative)
    R = np.where(from_lags > CERTAIN * error, from_lags, 0.0)
    Q = (total - R - weights @ R).clip(0.0)
    return R, Q, min(1.0, relative)
