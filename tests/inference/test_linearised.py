"""The Gram of the trajectories: a quadratic form whose minimum is the fit itself, and which names what is missing."""

import numpy as np
import pytest

from discover.expr import Polynomial, variable
from discover.inference.linearised import trajectory_gram
from discover.inference.trajectories import Measured, refine
from discover.simulate import clean_trajectories, known_system

LIBRARY = Polynomial(2).build(["x", "y", "z"])


def lorenz(noise: float, seed: int = 0) -> tuple[list[Measured], np.ndarray]:
    """Return two noisy stretches and the noise on each state."""
    system = known_system("lorenz")
    X, _ = clean_trajectories(system, 2, 400, seed)
    sigma = noise * np.sqrt(np.mean(X**2, axis=(0, 2)))
    noisy = X + sigma[:, None] * np.random.default_rng([seed, 1]).standard_normal(X.shape)
    time = system.dt * np.arange(400)
    return [Measured(time, x, np.empty((0, 400))) for x in noisy], sigma


def fitted(keep: list[list[int]], stretches: list[Measured], sigma: np.ndarray):
    """Return a law of these terms fitted to stretches, and its sides with the rest of the library at 0."""
    fit = refine([[(0.1, LIBRARY[p]) for p in mine] for mine in keep], stretches, sigma, first_length=8, max_length=16)
    values = iter(fit.coefficients.tolist())
    sides = [
        [*((next(values), LIBRARY[p]) for p in mine), *((0.0, term) for p, term in enumerate(LIBRARY) if p not in mine)]
        for mine in keep
    ]
    return fit, sides


TRUE = [[1, 2], [1, 2, 6], [3, 5]]
"""Numbers in LIBRARY of the terms of the Lorenz system: x, y; x, y, x*z; z, x*y."""


def test_the_fit_is_the_minimum_of_the_form() -> None:
    stretches, sigma = lorenz(0.01)
    fit, sides = fitted(TRUE, stretches, sigma)
    gram = trajectory_gram(sides, stretches, sigma, fit)
    assert gram is not None
    chosen = np.flatnonzero(np.concatenate([np.arange(len(LIBRARY)) < len(mine) for mine in TRUE]))
    S, b, c = gram.matrix[np.ix_(chosen, chosen)], gram.matrix[chosen, -1], gram.matrix[-1, -1]
    w = np.linalg.solve(S, b)
    np.testing.assert_allclose(w, fit.coefficients, atol=0.1 * fit.std.max())
    np.testing.assert_allclose(np.linalg.inv(S), fit.covariance, rtol=1e-6)
    assert c - b @ w == pytest.approx(fit.chi2 * fit.dof, rel=1e-3)


def test_a_missing_term_stands_out() -> None:
    stretches, sigma = lorenz(0.05)
    without = [[1, 2], [1, 6], [3, 5]]  # y' lacks its damping
    fit, sides = fitted(without, stretches, sigma)
    gram = trajectory_gram(sides, stretches, sigma, fit)
    assert gram is not None
    own = np.flatnonzero(np.concatenate([np.arange(len(LIBRARY)) < len(mine) for mine in without]))
    rest = np.setdiff1d(np.arange(len(gram.equation)), own)
    solved = np.linalg.solve(gram.matrix[np.ix_(own, own)], gram.matrix[np.ix_(own, [*rest, -1])])
    left = gram.matrix[np.ix_(rest, [*rest, -1])] - gram.matrix[np.ix_(rest, own)] @ solved
    gains = left[:, -1] ** 2 / np.diag(left)
    best = rest[np.argmax(gains)]
    equation, term = gram.equation[best], gram.term[best]
    assert (equation, sides[equation][term][1]) == (1, variable(1))


def test_where_nothing_was_followed_there_is_none() -> None:
    stretches, sigma = lorenz(0.01)
    fit = refine([[(50.0, LIBRARY[4])], [], []], stretches, sigma, first_length=8)
    assert not fit.accepted
    assert trajectory_gram([[(50.0, LIBRARY[4])], [], []], stretches, sigma, fit) is None
