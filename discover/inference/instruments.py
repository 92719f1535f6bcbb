"""Drift under measurement noise: earlier samples as instruments.

A measured increment holds the error of the sample that it starts from, and so do the terms at that
sample: least squares takes the one for the other, and finds a drift that pulls back towards where the
record is dense, of size σ²/h times the slope of ln p. The sample before carries another error. Where its
terms stand in for those of the present one, the errors no longer meet,

    Σ θ(x[k-1]) (Δx[k]/h - c·θ(x[k])) = 0,

and what noise adds to the mean of a bent term, ½ σ² θ″, is taken off.

Source: Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, chapter 5, for instruments;
Newey and West (1987), doi:10.2307/1913610, for errors of residuals that share a sample.
"""

from dataclasses import dataclass

import numpy as np

from discover.inference.diffusion import walk
from discover.inference.moments import Calculus, Diffusion, values
from discover.problem import Array, Problem

CERTAIN, NOTABLE = 3.0, 0.01
"""Standard errors, and correlation of neighbouring residuals, from which on measurement noise is believed in."""


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What neighbouring residuals share, shapes (n_states,).

    Attributes:
        variance: minus their mean product, which is the variance of the measurement noise; `error` its own.
        power: mean square of the residuals.
    """

    variance: Array
    error: Array
    power: Array

    @property
    def noise(self) -> Array:
        """Standard deviation of the measurement, 0 where none is certain."""
        certain = (self.variance > CERTAIN * self.error) & (self.variance > NOTABLE * self.power)
        return np.where(certain, np.sqrt(np.maximum(self.variance, 0.0)), 0.0)


def shared_noise(problem: Problem, library: Calculus, model: Diffusion, noise: Array) -> Shared:
    """Return what neighbouring residuals share of measurement noise.

    An increment ends where the next begins: an error there enters both, with opposite signs.
    `noise` is what the weights of the residuals already hold.
    """
    d = problem.n_states
    shared, squares, power, n = np.zeros(d), np.zeros(d), np.zeros(d), 0
    for part in walk(problem, library, model, noise):
        r = part.residual * np.sqrt(part.h)
        pairs = np.flatnonzero(part.follows[1:]) + 1
        product = r[:, pairs] * r[:, pairs - 1]
        shared += product.sum(axis=1)
        squares += np.sum(product**2, axis=1)
        power += np.sum(r[:, pairs] ** 2, axis=1)
        n += len(pairs)
    return Shared(-shared / max(n, 1), np.sqrt(squares) / max(n, 1), power / max(n, 1))


def instrumented(
    problem: Problem, library: Calculus, model: Diffusion, noise: Array, i: int, support: tuple[int, ...]
) -> tuple[Array, Array]:
    """Return the coefficients of state i's drift on a support, and their covariance, free of the noise's pull.

    Args:
        problem, library: the data and the compiled terms.
        model: the coefficients about which the steps are taken.
        noise: standard deviation of the measurement, shape (n_states,).
        i: which state.
        support: the terms in its drift.
    """
    k = len(support)
    A, b, index = np.zeros((k, k)), np.zeros(k), list(support)
    parts = []
    for part in walk(problem, library, model, noise):
        after = np.flatnonzero(part.follows[1:]) + 1
        scale = part.h[after] / part.variance[i, after]
        instruments = values(library, part.X[:, after - 1]).theta[index]
        bend = values(library, part.X[:, after]).bend[index]
        lift = sum(0.5 * noise[j] ** 2 * bend[:, q] for q, (j, other) in enumerate(library.pairs) if j == other)
        theta = part.expected.drift[i][index][:, after]
        y = part.rate[i, after] - part.expected.mean[i, after] + model.drift[i, index] @ theta
        A += (instruments * scale) @ (theta - lift).T
        b += (instruments * scale) @ y
        parts.append((instruments * scale, theta - lift, y))
    inverse = np.linalg.pinv(A, rcond=1e-12)
    value, meat = inverse @ b, np.zeros((k, k))
    for instruments, theta, y in parts:
        scores = instruments * (y - value @ theta)
        shared = scores[:, 1:] @ scores[:, :-1].T
        meat += scores @ scores.T + 0.5 * (shared + shared.T)  # half of it keeps variances positive
    covariance = inverse @ meat @ inverse.T
    return value, covariance
