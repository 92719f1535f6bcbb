"""The noise of maps, which jump: its level, and whether it sits in the measurement or in the steps."""

import numpy as np
import pytest

from discover.data.recurrence import step_noise
from tests.noisy import logistic, measured


def henon(n=400):
    x = np.empty((2, n))
    x[:, 0] = 0.1
    for k in range(n - 1):
        x[:, k + 1] = 1 - 1.4 * x[0, k] ** 2 + x[1, k], 0.3 * x[0, k]
    return x


@pytest.mark.parametrize(("r", "level"), [(3.9, 0.002), (3.9, 0.01), (3.9, 0.05), (3.5, 0.002), (3.5, 0.01)])
def test_measurement_noise_on_chaos_and_on_a_periodic_orbit(r, level):
    clean = logistic(500, r)
    sigma = level * np.sqrt(np.mean(clean**2))
    found = step_noise([measured(clean, level)[None]], 1)
    assert found.measurement[0] == pytest.approx(sigma, rel=0.2)
    assert found.process[0] == 0.0


def test_every_state_has_its_own_level():
    clean = henon()
    sigma = np.array([[0.01], [0.002]])
    noisy = clean + sigma * np.random.default_rng(0).standard_normal(clean.shape)
    found = step_noise([noisy[:, :200], noisy[:, 200:]], 2)
    np.testing.assert_allclose(found.measurement, sigma[:, 0], rtol=0.35)


def test_noise_in_the_steps_is_told_from_noise_of_the_measurement():
    found = step_noise([logistic(500, 3.5, process=0.01)[None]], 1)
    assert found.process[0] == pytest.approx(0.01, rel=0.2)
    assert found.measurement[0] == 0.0


def test_clean_values_have_none():
    found = step_noise([logistic()[None]], 1)
    assert max(found.measurement[0], found.process[0]) < 1e-12


def test_an_input_is_exact_and_a_short_sequence_is_no_error():
    rng = np.random.default_rng(1)
    found = step_noise([np.stack([rng.standard_normal(12), np.ones(12)])], 1)
    assert found.measurement[1] == 0.0
    assert np.isfinite(found.measurement).all()
