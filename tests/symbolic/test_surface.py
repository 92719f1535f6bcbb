import numpy as np
import pytest

from discover.symbolic.surface import _misfit, other_surface, sample_rows, surface


def test_the_gradient_of_the_evidence_is_its_slope():
    rng = np.random.default_rng(0)
    U, error = rng.standard_normal((3, 40)), rng.uniform(0.5, 2.0, 40)
    t, theta = np.sin(U[0]) + U[1], np.array([0.3, 0.1, 0.5, 0.2, -3.0])
    steps = 1e-5 * np.eye(5)
    slope = [(_misfit(theta + h, U, t, error)[0] - _misfit(theta - h, U, t, error)[0]) / 2e-5 for h in steps]
    np.testing.assert_allclose(_misfit(theta, U, t, error)[1], slope, rtol=1e-5, atol=1e-6)


def test_slopes_of_a_product_of_powers():
    X = np.random.default_rng(0).uniform(1.0, 4.0, (2, 80))
    found = surface(X, X[0] ** 2 / X[1], np.ones(80))
    assert found.scales == (True, True)
    np.testing.assert_allclose(found.slopes[0], 2 * X[0] / X[1], rtol=1e-2)


@pytest.mark.parametrize("noise", [0.05, 0.3])
def test_what_is_left_is_the_variance_of_the_noise(noise):
    rng = np.random.default_rng(0)
    X = rng.uniform(1.0, 4.0, (2, 160))
    found = surface(X, np.sin(X[0]) * X[1] + noise * rng.standard_normal(160), np.ones(160))
    assert found.left == pytest.approx(noise**2, rel=0.35)


def test_the_other_scale_of_a_target_that_changes_sign_does_not_exist():
    X = np.random.default_rng(0).uniform(-1.0, 1.0, (1, 60))
    z = np.sin(3 * X[0])
    assert other_surface(X, z, np.ones(60), surface(X, z, np.ones(60))) is None


def test_rows_are_drawn_from_the_seed():
    assert sample_rows(10, 20).tolist() == list(range(10))
    np.testing.assert_array_equal(sample_rows(1000, seed=3), sample_rows(1000, seed=3))
