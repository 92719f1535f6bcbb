"""The last fit of drift and diffusion on their chosen terms, its errors, and what its residuals say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from discover.expr import Expr
from discover.inference.diffusion import Steps, drift_rows, squared_rows, sums, walk, with_row
from discover.inference.instruments import instrumented, shared_noise
from discover.inference.moments import Calculus, Diffusion, calculus
from discover.problem import Array, Problem
from discover_kernels.whiten import update_triangle

MOST_ROUNDS = 20
NOISE_ROUNDS = 4
SETTLED = 0.01
"""Standard errors by which coefficients may still move when the fit ends."""

Support = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """The coefficients of one equation.

    Attributes:
        value: shape (n_terms,); `covariance` theirs by the sandwich over steps.
        bread: inverse of the Gram matrix.
        triangles: R of the whitened terms and left-hand side, a fold each, shape (n_folds, n_terms + 1, n_terms + 1).
    """

    value: Array
    covariance: Array
    bread: Array
    triangles: Array


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """What the increments do that drift and diffusion do not say.

    Attributes:
        lag: correlation of each residual with the next, shape (n_states,); `n_pairs` how many pairs there were.
        noise: standard deviation of the measurement noise that was taken off, shape (n_states,).
        inside: share of the increments within their 95 % interval, shape (n_states,).
        kurtosis: excess kurtosis of the residuals, shape (n_states,).
        cross: correlations between the residuals of the states, shape (n_states, n_states).
        share: share of the increments' sum of squares that the drift explains, shape (n_states,).
    """

    lag: Array
    n_pairs: int
    noise: Array
    inside: Array
    kurtosis: Array
    cross: Array
    share: Array


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Drift and diffusion of every state on chosen terms, and their residuals."""

    drift: tuple[Estimated, ...]
    squared: tuple[Estimated, ...]
    residuals: Residuals


def fit_increments(
    problem: Problem,
    drift: Sequence[tuple[Sequence[Expr], Sequence[float]]],
    squared: Sequence[tuple[Sequence[Expr], Sequence[float]]],
    noise: Array | None = None,
) -> Fit:
    """Fit the coefficients of chosen terms to all increments.

    Args:
        problem: of the stochastic formulation.
        drift, squared: terms and coefficients to begin with, of every state's drift and g².
        noise: standard deviation of the measurement, shape (n_states,); None estimates it.
    """
    terms = tuple(dict.fromkeys(term for each in (*drift, *squared) for term in each[0]))
    library = calculus(terms, problem.n_states, problem.n_variables)
    place = {term: p for p, term in enumerate(terms)}
    model = Diffusion(*(np.zeros((problem.n_states, len(terms))) for _ in range(2)))
    for coefficients, sides in ((model.drift, drift), (model.squared, squared)):
        for row, (own, numbers) in zip(coefficients, sides, strict=True):
            row[[place[term] for term in own]] = numbers
    supports = [tuple(place[term] for term in own) for own, _ in (*drift, *squared)]
    level, told = (np.zeros(problem.n_states), True) if noise is None else (noise, False)
    model = _settled(problem, library, model, level, supports)
    for _ in range(NOISE_ROUNDS if told else 0):
        level = shared_noise(problem, library, model, level).noise
        if not level.any():
            break
        model = _settled(problem, library, model, level, supports)
    return _measured(problem, library, model, level, supports)


def _settled(problem: Problem, library: Calculus, model: Diffusion, noise: Array, supports: list[Support]) -> Diffusion:
    """Repeat the two regressions until they stay."""
    d = problem.n_states
    for _ in range(MOST_ROUNDS):
        total, moved = sums(problem, library, model, noise), 0.0
        for i in range(d):
            if noise[i] > 0.0 and supports[i]:
                row, shift = _instrumented(problem, library, model, noise, i, supports[i])
            else:
                row, shift = _solved(total.drift[i], supports[i], model.drift[i])
            square, shift2 = _solved(total.squared[i], supports[d + i], model.squared[i])
            model, moved = with_row(model, i, drift=row, squared=square), max(moved, shift, shift2)
        if moved < SETTLED:
            break
    return model


def _instrumented(
    problem: Problem, library: Calculus, model: Diffusion, noise: Array, i: int, support: Support
) -> tuple[Array, float]:
    row, index = np.zeros(library.n_terms), list(support)
    row[index], covariance = instrumented(problem, library, model, noise, i, support)
    return row, float(np.max(np.abs(row - model.drift[i])[index] / np.sqrt(np.diag(covariance))))


def _solved(G: Array, support: Support, before: Array) -> tuple[Array, float]:
    """Return the coefficients of a support in the whole library, and by how many standard errors they moved."""
    row, index = np.zeros(len(before)), list(support)
    if index:
        inverse = _inverse(G[np.ix_(index, index)])
        row[index] = inverse @ G[index, -1]
    else:
        return row, 0.0
    return row, float(np.max(np.abs(row - before)[index] / np.sqrt(np.maximum(np.diag(inverse), 1e-300))))


def _inverse(G: Array) -> Array:
    norms = np.sqrt(np.maximum(np.diag(G), 1e-300))
    return np.linalg.pinv(G / norms / norms[:, None], rcond=1e-12, hermitian=True) / norms / norms[:, None]


def _measured(problem: Problem, library: Calculus, model: Diffusion, noise: Array, supports: list[Support]) -> Fit:
    d, n_folds = problem.n_states, problem.n_folds
    R = [np.zeros((n_folds, len(s) + 1, len(s) + 1)) for s in supports]
    meat = [np.zeros((len(s), len(s))) for s in supports]
    pull = [np.zeros(len(s)) for s in supports]  # what a change of the measurement's variance does to each sum
    residual, variance, follows, drifted = [], [], [], np.zeros((2, d))
    for part in walk(problem, library, model, noise):
        residual.append(part.residual)
        variance.append(part.variance)
        follows.append(part.follows)
        drifted += [np.sum(part.residual**2, axis=1), np.sum(part.rate**2 * part.h, axis=1)]
        for e, support in enumerate(supports):
            rows, coefficients = _rows_of(part, model, noise, e, d)
            own = np.ascontiguousarray(rows[[*support, len(rows) - 1]])
            scores = own[:-1] * (own[-1] - coefficients[list(support)] @ own[:-1])
            meat[e] += scores @ scores.T
            pull[e] += own[:-1] @ (np.sqrt(2.0) / (part.h * part.variance[e - d])) if e >= d else 0.0
            for fold in np.unique(part.fold):
                update_triangle(R[e][fold], np.ascontiguousarray(own[:, part.fold == fold]))
    found = [_estimated(R[e], meat[e], _row_of(model, e, d)[list(s)], problem.n_rows) for e, s in enumerate(supports)]
    for i in np.flatnonzero(noise > 0.0):
        if supports[i]:
            covariance = instrumented(problem, library, model, noise, int(i), supports[i])[1]
            found[i] = replace(found[i], covariance=covariance)
        error = shared_noise(problem, library, model, noise).error[i]
        shift = found[d + i].bread @ pull[d + i] * error
        found[d + i] = replace(found[d + i], covariance=found[d + i].covariance + np.outer(shift, shift))
    r, V, after = np.concatenate(residual, axis=1), np.concatenate(variance, axis=1), np.concatenate(follows)
    residuals = _residuals(problem, r, V, after, 1.0 - drifted[0] / drifted[1])
    return Fit(tuple(found[:d]), tuple(found[d:]), replace(residuals, noise=noise))


def _rows_of(part: Steps, model: Diffusion, noise: Array, e: int, d: int) -> tuple[Array, Array]:
    rows = drift_rows(part, model, e)[0] if e < d else squared_rows(part, noise, e - d)
    return rows, _row_of(model, e, d)


def _row_of(model: Diffusion, e: int, d: int) -> Array:
    return model.drift[e] if e < d else model.squared[e - d]


def _estimated(R: Array, meat: Array, value: Array, n: int) -> Estimated:
    triangles = R[R.any(axis=(1, 2))]
    G = np.einsum("fij,fik->jk", triangles, triangles)
    bread = _inverse(G[:-1, :-1])
    return Estimated(value, bread @ meat @ bread * (n / max(n - len(value), 1)), bread, triangles)


def _residuals(problem: Problem, r: Array, V: Array, follows: Array, share: Array) -> Residuals:
    z = r / np.sqrt(V)
    pairs = np.flatnonzero(follows)
    size = np.mean(z**2, axis=1)
    lag = np.mean(z[:, pairs] * z[:, pairs - 1], axis=1) / size
    scaled = z / np.sqrt(size)[:, None]
    return Residuals(
        lag=lag,
        n_pairs=len(pairs),
        noise=np.zeros(problem.n_states),
        inside=np.mean(np.abs(z) < 1.959964, axis=1),
        kurtosis=np.mean(scaled**4, axis=1) - 3.0,
        cross=np.atleast_2d(scaled @ scaled.T / r.shape[1]),
        share=share,
    )
