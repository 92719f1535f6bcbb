"""Drift and diffusion by generalised least squares: every step counts by how much chance moves it.

With mean m and variance V of a step at the present coefficients (`discover.inference.moments`), the
increments are regressed on the drift's terms with weight h/V, and their squared residuals on the
terms of g² with weight 1/(2 V²), which is what normal increments deserve. Repeated, that is Fisher's
scoring of the normal quasi-likelihood. All that selection needs are two Gram matrices a state, summed over
every step of the record: the drift is known by the record's length, not by how finely it was sampled.

Source: Boninsegna, Nüske and Clementi (2018), doi:10.1063/1.5018409, for sparse regression of drift and
diffusion; Kessler (1997), doi:10.1111/1467-9469.00059, for the quasi-likelihood of discrete steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from discover.inference.moments import Calculus, Diffusion, Step, step
from discover.problem import Array, Block, Index, Problem

TILE = 4096
"""Steps a tile: what is in memory at once."""

LEAST_VARIANCE, NEARBY = 1e-3, 25
"""Smallest variance of a step, relative to the mean of the squared increments of so many steps on either side.

It keeps a g² that vanishes somewhere from giving the steps there all the weight; what grows a million times
along a path, as a price does, is left alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Some steps of a path beside what a model expects of them.

    Attributes:
        X: where they begin, shape (n_variables, n).
        h: their lengths, shape (n,).
        rate: measured increments over h, shape (n_states, n).
        expected: of the model.
        variance: of the increments over h with the measurement's share, never zero, shape (n_states, n).
        fold: of each step, shape (n,).
        follows: whether a step begins where the one before it ends, shape (n,).
    """

    X: Array
    h: Array
    rate: Array
    expected: Step
    variance: Array
    fold: Index
    follows: NDArray[np.bool_]

    @property
    def residual(self) -> Array:
        """Increments less their expectation, over the root of h, shape (n_states, n); variance is theirs."""
        return (self.rate - self.expected.mean) * np.sqrt(self.h)


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Weighted Gram matrices of the library and each left-hand side, shape (n_states, n_terms + 1, n_terms + 1).

    Attributes:
        drift: of the increments.
        squared: of the squared residuals.
        n_steps: how many steps were summed.
    """

    drift: Array
    squared: Array
    n_steps: int


def walk(problem: Problem, library: Calculus, model: Diffusion, noise: Array) -> Iterator[Steps]:
    """Yield all steps of a problem in tiles; `noise` (n_states,) is the standard deviation of the measurement."""
    least = 1e-15 * typical_variance(problem)[:, None]
    for block in problem:
        floor = np.maximum(LEAST_VARIANCE * _nearby(block), least)
        for first in range(0, block.n_rows, TILE):
            yield _steps(block, first, min(first + TILE, block.n_rows), library, model, noise, floor)


def typical_variance(problem: Problem) -> Array:
    """Return the mean squared increment over its step, shape (n_states,)."""
    total = sum(np.sum(block.Y**2 * np.diff(block.time), axis=1) for block in problem)
    return np.maximum(total / problem.n_rows, 1e-300)


def _nearby(block: Block) -> Array:
    """Return the mean of the squared increments around each step, over their lengths, shape (n_states, n_rows)."""
    n = block.n_rows
    total = np.cumsum(np.pad(block.Y**2 * np.diff(block.time), [(0, 0), (1, 0)]), axis=1)
    first, last = np.maximum(np.arange(n) - NEARBY, 0), np.minimum(np.arange(n) + NEARBY + 1, n)
    return (total[:, last] - total[:, first]) / (last - first)


def _steps(
    block: Block, first: int, last: int, library: Calculus, model: Diffusion, noise: Array, floor: Array
) -> Steps:
    X, h = np.ascontiguousarray(block.X[:, first:last]), np.diff(block.time[first : last + 1])
    expected = step(library, model, X, h)
    variance = np.maximum(expected.variance, floor[:, first:last]) + 2.0 * noise[:, None] ** 2 / h
    follows = np.arange(first, last) > 0
    return Steps(X, h, block.Y[:, first:last], expected, variance, block.fold[first:last], follows)


def drift_rows(part: Steps, model: Diffusion, i: int) -> tuple[Array, Array]:
    """Return whitened rows [θ; y] (n_terms + 1, n) of state i's drift, and the residual at the model (n,).

    The regression is linear about the model's coefficients.
    """
    theta = part.expected.drift[i]
    scale = np.sqrt(part.h / part.variance[i])
    residual = (part.rate[i] - part.expected.mean[i]) * scale
    rows = np.concatenate([theta * scale, (residual + model.drift[i] @ (theta * scale))[None]])
    return rows, residual


def squared_rows(part: Steps, noise: Array, i: int) -> Array:
    """Return whitened rows [ψ; s] (n_terms + 1, n) of state i's g²."""
    scale = 1.0 / (np.sqrt(2.0) * part.variance[i])
    known = part.expected.others[i] + 2.0 * noise[i] ** 2 / part.h
    return np.concatenate([part.expected.squared[i], (part.residual[i] ** 2 - known)[None]]) * scale


def sums(problem: Problem, library: Calculus, model: Diffusion, noise: Array) -> Sums:
    """Return the Gram matrices of all steps under the weights of a model."""
    d, q = library.n_states, library.n_terms + 1
    total = Sums(np.zeros((d, q, q)), np.zeros((d, q, q)), problem.n_rows)
    for part in walk(problem, library, model, noise):
        for i in range(d):
            rows, _ = drift_rows(part, model, i)
            total.drift[i] += rows @ rows.T
            rows = squared_rows(part, noise, i)
            total.squared[i] += rows @ rows.T
    return total


def borrowed(problem: Problem, library: Calculus, model: Diffusion, noise: Array) -> Array:
    """Return the share of each state's squared residuals that the noise of other states explains, (n_states,).

    A position whose velocity is kicked moves at random too, by a third of the kick times the step squared.
    """
    others, total = np.zeros(library.n_states), np.zeros(library.n_states)
    for part in walk(problem, library, model, noise):
        others += part.expected.others.sum(axis=1)
        total += np.sum(part.residual**2, axis=1)
    return others / np.maximum(total, 1e-300)


def pilot(problem: Problem, library: Calculus, constant: int | None) -> Diffusion:
    """Return the model to begin with: no drift, and a constant diffusion where the library has a constant.

    `constant` is the number of that term; without one every term of g² begins at zero and weights are even.
    """
    shape = (library.n_states, library.n_terms)
    squared = np.zeros(shape)
    if constant is not None:
        squared[:, constant] = typical_variance(problem)
    return Diffusion(np.zeros(shape), squared)


def with_row(model: Diffusion, i: int, *, drift: Array | None = None, squared: Array | None = None) -> Diffusion:
    """Return the model with other coefficients (n_terms,) for state i."""
    found = Diffusion(model.drift.copy(), model.squared.copy())
    if drift is not None:
        found.drift[i] = drift
    if squared is not None:
        found.squared[i] = squared
    return replace(found)
