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
from numpy.typing import NDArray

from discover.problem import Array

HIGHEST_DEGREE = 8
MOST_ROWS = 4000
"""Rows that the regression is made on: beyond, the noise is known better than anything needs."""

PER_TERM = 4
"""Rows to a coefficient that a polynomial needs at least."""

NEIGHBOURS = (2, 4, 8, 16)
"""Neighbours to a coefficient of the local polynomial, the sizes that compete."""

TOLERANCE = 1.5
"""How much more than the best regression and its share of the noise a plain one may leave."""

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
    polynomials, every = zip(*(_smooths(X, y) for y in Y), strict=True)
    best = [min(fits, key=lambda fit: fit.left_out) for fits in every]
    plain = (without_process(fits, best, follows) for fits in zip(*polynomials, strict=False))
    R, Q, error = next((found for found in plain if found is not None), None) or _separated(_moments(best, follows))
    measurement = np.zeros(len(X))
    measurement[:n_states] = np.sqrt(R)
    return StepNoise(measurement, np.sqrt(Q), error)


def _few(pieces: Sequence[Array]) -> list[Array]:
    """Return the first rows of every piece, in shares that come to about MOST_ROWS."""
    share = MOST_ROWS / max(sum(piece.shape[1] - 1 for piece in pieces), 1)
    if share >= 1.0:
        return list(pieces)
    return [piece[:, : max(3, int(share * piece.shape[1]))] for piece in pieces]


def _smooths(X: Array, y: Array) -> tuple[list[Smooth], list[Smooth]]:
    """Return regressions of y (n_rows,) on X (n_variables, n_rows): polynomials by degree, and local ones with them."""
    centre, width = X.mean(axis=1, keepdims=True), X.std(axis=1, keepdims=True)
    moving = width[:, 0] > 0.0
    Z = (X[moving] - centre[moving]) / width[moving]

    def back(fit: Smooth) -> Smooth:
        slopes = np.zeros_like(X)
        slopes[moving] = fit.slopes / width[moving]
        return Smooth(fit.residual, fit.leverage, slopes)

    polynomials = [back(fit) for fit in _polynomials(Z, y)]
    local = [_local(Z, y, k) for k in NEIGHBOURS if moving.any()]
    return polynomials, [*polynomials, *(back(fit) for fit in local if fit is not None)]


def _polynomials(Z: Array, y: Array) -> list[Smooth]:
    """Return fits of every total degree that the rows can pay for."""
    from numpy.polynomial.legendre import legval

    reach = np.abs(Z).max(initial=1.0)
    found: list[Smooth] = []
    for degree in range(HIGHEST_DEGREE + 1):
        powers = _exponents(len(Z), degree)
        if len(powers) * PER_TERM > len(y) and degree > 0:
            break
        basis = np.array([legval(Z / reach, np.eye(degree + 1)[d]) for d in range(degree + 1)])
        slope = np.array([_legendre_slope(Z / reach, d) for d in range(degree + 1)]) / reach
        values = np.array(
            [np.prod([basis[d, v] for v, d in enumerate(p)] or [np.ones(len(y))], axis=0) for p in powers]
        )
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
    from scipy.spatial import KDTree

    d, n = Z.shape
    n_terms = 1 + d + d * (d + 1) // 2
    k = per_term * n_terms
    if n < 2 * k:
        return None
    _, index = KDTree(Z.T).query(Z.T, k=k)
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


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What the residuals of a regression say of the noise, shapes (n_states,).

    Attributes:
        total: their variance; `weights` (n_states, n_states) how much of each state's R it holds.
        alone: R if measurement noise were all there is.
        from_lags: R by what neighbouring residuals share, `error` its standard error.
        relative: relative standard error of the noise level.
    """

    total: Array
    weights: Array
    alone: Array
    from_lags: Array
    error: Array
    relative: float


def _moments(fits: Sequence[Smooth], follows: NDArray[np.bool_]) -> Moments:
    """Return the moments of one regression a state; `follows` (n_rows,) as in `step_noise`."""
    d = len(fits)
    r = np.array([fit.residual / np.sqrt(np.maximum(1.0 - fit.leverage, 1e-3)) for fit in fits])
    J = np.array([fit.slopes[:d] for fit in fits])
    total, weights = np.mean(r**2, axis=1), np.mean(J**2, axis=2)
    after = np.flatnonzero(follows)
    lagged = -np.einsum("ijn,in,jn->jn", J[:, :, after], r[:, after], r[:, after - 1])
    scale = np.maximum(np.sum(J[:, :, after] ** 2, axis=0).mean(axis=1), 1e-300)
    relative = float(np.max(np.std(r**2, axis=1) / np.sqrt(r.shape[1]) / np.maximum(total, 1e-300))) / 2.0
    return Moments(
        total=total,
        weights=weights,
        alone=np.linalg.lstsq(np.eye(d) + weights, total, rcond=None)[0].clip(0.0),
        from_lags=lagged.mean(axis=1) / scale,
        error=lagged.std(axis=1) / scale / np.sqrt(max(len(after), 2)),
        relative=min(1.0, relative),
    )


def without_process(
    fits: Sequence[Smooth], best: Sequence[Smooth], follows: NDArray[np.bool_]
) -> tuple[Array, Array, float] | None:
    """Return the noise where measurement alone explains what a plain regression leaves, else None.

    The regression that predicts best is not f but the mean of the next value given a noisy present one: on
    a periodic orbit it is flat, and leaves less than f does. So the simplest one that agrees with itself is
    preferred: as much noise in the variance as in what neighbours share, and not much more than noise on top
    of the best.
    """
    found = _moments(fits, follows)
    least = np.array([fit.left_out for fit in best])
    affordable = found.total <= TOLERANCE * least * (1.0 + found.weights.sum(axis=1))
    agreed = np.abs(found.alone - found.from_lags) <= CERTAIN * found.error
    if not (affordable & agreed).all():
        return None
    return found.alone, np.zeros(len(fits)), found.relative


def _separated(found: Moments) -> tuple[Array, Array, float]:
    """Return the variances of measurement and process noise, both (n_states,), and the level's relative error."""
    nothing = np.zeros(len(found.total))
    if (found.alone - found.from_lags <= CERTAIN * found.error).all():
        return found.alone, nothing, found.relative
    R = np.where(found.from_lags > CERTAIN * found.error, found.from_lags, 0.0)
    return R, (found.total - R - found.weights @ R).clip(0.0), found.relative
