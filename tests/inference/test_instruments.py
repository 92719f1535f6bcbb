"""Measurement noise under a diffusion: seen in what neighbouring residuals share, and taken off."""

import numpy as np
import pytest

from tests.inference.test_increments import fitted, ornstein


@pytest.fixture(scope="module")
def blurred():
    x = ornstein(20_000, 0.05, 1)
    return x + 0.1 * np.random.default_rng(2).standard_normal(len(x))


def test_noise_is_seen_and_neither_drift_nor_diffusion_is_biased_by_it(blurred):
    fit = fitted(blurred, 0.05)
    assert fit.residuals.noise[0] == pytest.approx(0.1, rel=0.1)
    for found, true in ((fit.drift[0], -1.0), (fit.squared[0], 0.5)):
        assert abs(found.value[0] - true) < 3.0 * np.sqrt(found.covariance[0, 0])
        assert np.sqrt(found.covariance[0, 0]) < 0.25 * abs(true)


def test_what_it_would_cost_to_look_away(blurred):
    blind = fitted(blurred, 0.05, np.zeros(1))
    assert blind.squared[0].value[0] > 0.8
    assert blind.drift[0].value[0] < -1.5


def test_a_clean_path_has_none():
    assert fitted(ornstein(20_000, 0.05, 1), 0.05).residuals.noise[0] == 0.0
