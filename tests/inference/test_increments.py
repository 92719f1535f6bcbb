"""The last fit of drift and diffusion: unbiased at coarse steps, intervals that cover, residuals that tell."""

import numpy as np
import pytest

from discover.expr import parse
from discover.inference.increments import fit_increments
from tests.noisy import path, stochastic_problem

X, ONE = parse("x", ["x"]), parse("1", ["x"])


def ornstein(n, dt, seed, theta=1.0, squared=0.5):
    """Return exact samples of dx = -theta x dt + √squared dW, shape (n,)."""
    a = np.exp(-theta * dt)
    kicks = np.sqrt(squared / (2 * theta) * (1 - a * a)) * np.random.default_rng(seed).standard_normal(n)
    x = np.zeros(n)
    for k in range(n - 1):
        x[k + 1] = a * x[k] + kicks[k]
    return x


def fitted(x, dt, noise=None):
    return fit_increments(stochastic_problem(x, dt), [([X], (-1.0,))], [([ONE], (0.5,))], noise)


def test_coarse_steps_do_not_bias_and_intervals_cover():
    inside = 0
    for seed in range(20):
        fit = fitted(ornstein(3000, 0.3, seed), 0.3, np.zeros(1))
        for found, true in ((fit.drift[0], -1.0), (fit.squared[0], 0.5)):
            inside += abs(found.value[0] - true) < 1.96 * np.sqrt(found.covariance[0, 0])
    assert inside >= 34  # of 40; fewer than one in a thousand would be at 95 %


def test_residuals_of_the_truth_are_white_and_normal():
    found = fitted(ornstein(4000, 0.1, 3), 0.1).residuals
    assert abs(found.lag[0]) < 0.06
    assert found.noise[0] == 0.0
    assert found.inside[0] == pytest.approx(0.95, abs=0.015)
    assert abs(found.kurtosis[0]) < 0.4
    assert found.share[0] < 0.2


def test_independent_noises_are_seen_to_be_so():
    x = path(("-x", "-y + 0*x"), ("0.5", "0.3"), 3000, 0.05, 2, (0.5, 0.5))
    terms = [parse(name, ["x", "y"]) for name in ("x", "y", "1")]
    fit = fit_increments(
        stochastic_problem(x),
        [([terms[0]], (-1.0,)), ([terms[1]], (-1.0,))],
        [([terms[2]], (0.5,)), ([terms[2]], (0.3,))],
    )
    assert abs(fit.residuals.cross[0, 1]) < 0.08
    np.testing.assert_allclose([fit.squared[0].value[0], fit.squared[1].value[0]], [0.5, 0.3], rtol=0.12)
