import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.data.smooth import is_uniform, local_derivatives, local_filters, smoothed
from tests.problems import jittered, waves
from tests.reference import stencil_matrix


@pytest.mark.parametrize("times", [np.linspace(0, 1, 50), np.arange(7) * 0.1 + 1e6, np.array([3.0, 5.0])])
def test_rounding_is_not_unevenness(times):
    assert is_uniform(times)


@pytest.mark.parametrize("times", [np.geomspace(1, 2, 50), np.array([0.0, 1.0, 2.0, 3.001]), jittered(20)])
def test_other_steps_are(times):
    assert not is_uniform(times)


@given(st.booleans(), st.integers(2, 40), st.integers(1, 8), st.integers(1, 5), st.integers(0, 100))
def test_filters_are_exact_for_polynomials_of_their_degree(even, n, half_width, degree, seed):
    time = np.arange(float(n)) * 0.3 - 2.0 if even else jittered(n, seed, step=0.3)
    start, shape, (value, slope) = local_filters(time, half_width, degree)
    width = value.shape[1]
    degree = min(degree, width - 1)
    x = np.polynomial.Polynomial(np.random.default_rng(seed).standard_normal(degree + 1), domain=time[[0, -1]])
    smooth = stencil_matrix(start, shape, value, n) @ x(time)
    rate = stencil_matrix(start, shape, slope, n) @ x(time)
    size, size_of_rate = np.abs(x(time)).max(), np.abs(x.deriv()(time)).max() + np.abs(x(time)).max()
    assert np.abs(smooth - x(time)).max() <= 1e-8 * size
    assert np.abs(rate - x.deriv()(time)).max() <= 1e-6 * size_of_rate


def test_even_samples_share_their_weights_and_uneven_ones_do_not():
    start, shape, (value, _) = local_filters(np.arange(50.0), 4, 3)
    assert value.shape == (9, 9)
    assert np.all(shape[4:-4] == 4)
    assert start[0] == start[4] == 0
    assert start[-1] == 41
    assert local_filters(jittered(50), 4, 3)[2].shape == (2, 50, 9)


def test_windows_wider_than_the_data_take_all_of_it():
    start, _, (value, _) = local_filters(np.arange(5.0), 10, 9)
    assert start.tolist() == [0] * 5
    assert value.shape == (5, 5)
    assert np.allclose(value, np.eye(5), atol=1e-9)


@pytest.mark.parametrize("time", [np.arange(2000.0), jittered(2000)])
def test_smoothing_takes_noise_away_and_leaves_the_signal(time):
    clean = waves(time, 2)
    noise = 0.1 * np.random.default_rng(0).standard_normal(clean.shape)
    left = smoothed(time, clean + noise, 10) - clean
    assert left.std() == pytest.approx(0.041, rel=0.08)  # 41 % is what 21 samples and degree 4 leave
    assert np.abs(smoothed(time, clean, 5) - clean).max() < 0.01


@pytest.mark.parametrize("time", [0.2 * np.arange(60.0), jittered(60, step=0.2)])
def test_derivatives_are_those_of_the_polynomial(time):
    x = np.polynomial.Polynomial([1.0, -2.0, 0.5, 0.3, -0.1], domain=time[[0, -1]])
    found = local_derivatives(time, x(time)[None], 4, 4, 3)
    assert found.shape == (4, 1, 60)
    for order, values in enumerate(found):
        expected = x.deriv(order)(time) if order else x(time)
        assert np.allclose(values[0], expected, atol=1e-8 * 10.0**order)


def test_a_derivative_beyond_the_degree_is_zero():
    assert not local_derivatives(np.arange(20.0), np.arange(20.0)[None] ** 3, 3, 2, 3)[3].any()
