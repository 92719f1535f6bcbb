import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.data.noise import ORDER, difference_stencils, error_model, noise_level, roughness
from tests.problems import jittered, waves


def noisy(n_samples, sigma, seed, n_variables=1, time=None, period=40.0):
    """Return one stretch: smooth waves and white noise of standard deviation sigma."""
    time = np.arange(float(n_samples)) if time is None else time
    noise = sigma * np.random.default_rng(seed).standard_normal((n_variables, n_samples))
    return time, waves(time, n_variables, period, seed) + noise


@given(st.integers(1, 8), st.integers(0, 1000))
def test_differences_annihilate_polynomials_and_have_unit_norm(order, seed):
    time = jittered(order + 6, seed)
    windows = np.lib.stride_tricks.sliding_window_view(time, order + 1)
    weights = difference_stencils(windows)
    assert weights.shape == (6, order + 1)
    assert np.allclose(np.linalg.norm(weights, axis=1), 1.0)
    centred = windows - windows.mean(axis=1, keepdims=True)
    for degree in range(order):
        values = (centred / order) ** degree
        assert np.abs((weights * values).sum(axis=1)).max() < 1e-9
    assert np.abs((weights * centred**order).sum(axis=1)).min() > 0


def test_on_even_samples_they_are_the_binomial_numbers():
    weights = difference_stencils(np.arange(3.0)[:, None] + np.arange(5.0))
    expected = np.array([1, -4, 6, -4, 1]) / np.sqrt(70)
    assert np.allclose(weights, expected * np.sign(weights[0, 0]))


@pytest.mark.parametrize("sigma", [1e-4, 0.01, 0.3])
@pytest.mark.parametrize("even", [True, False])
def test_the_level_is_right_within_a_few_percent(sigma, even):
    time = None if even else jittered(3000, 3)
    level, error = noise_level([noisy(3000, sigma, seed=3, n_variables=3, time=time)])
    assert level == pytest.approx(sigma, rel=0.06)
    assert 0.0 < error < 0.03


def test_its_own_error_bar_is_right():
    """The scatter of the estimate over 300 draws is what it says, within a fifth or so."""
    found = [noise_level([noisy(250, 0.2, seed)]) for seed in range(300)]
    ratio = np.array([level[0] / 0.2 for level, _ in found])
    error = np.mean([error for _, error in found])
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.02)
    assert 0.8 < np.std(ratio) / error < 1.25


def test_bursts_of_the_signal_are_left_out():
    time, X = noisy(3000, 0.05, seed=1)
    quiet = noise_level([(time, X)])[0][0]
    for place in range(100, 3000, 150):
        X[0, place : place + 3] += [2.0, 5.0, 2.0]
    assert noise_level([(time, X)])[0][0] == pytest.approx(quiet, rel=0.12)


@given(st.floats(1e-6, 1e6), st.floats(-1e3, 1e3), st.integers(0, 100))
def test_the_level_scales_with_the_data_and_ignores_polynomials(scale, slope, seed):
    time, X = noisy(200, 0.1, seed)
    level = noise_level([(time, X)])[0]
    tilted = X + slope * (time / 100 - 1.0) ** 3
    assert noise_level([(time, scale * tilted)])[0] == pytest.approx(scale * level, rel=1e-6)
    assert noise_level([(7.0 * time - 30.0, X)])[0] == pytest.approx(level, rel=1e-6)


def test_stretches_count_together_and_short_ones_not_at_all():
    time, X = noisy(600, 0.1, seed=5)
    whole, error = noise_level([(time, X)])
    cut = [(time[a : a + 100], X[:, a : a + 100]) for a in range(0, 600, 100)]
    parts, error_of_parts = noise_level([*cut, (time[:ORDER], 1e6 * X[:, :ORDER])])
    assert parts == pytest.approx(whole, rel=0.1)
    assert error_of_parts == pytest.approx(error, rel=0.1)


def test_too_few_samples_give_no_level_and_say_so():
    level, error = noise_level([noisy(ORDER, 0.1, 0, n_variables=2)])
    assert level.tolist() == [0.0, 0.0]
    assert error == 1.0


def test_large_data_are_thinned():
    level, error = noise_level([noisy(90_000, 0.1, seed=2)])
    assert level == pytest.approx(0.1, rel=0.03)
    assert error < 0.02


def test_noise_as_a_share_of_the_value():
    rng = np.random.default_rng(0)
    time = np.arange(2000.0)
    clean = np.exp(1.5 * waves(time, 2, period=80.0))
    level, _ = noise_level([(time, clean * np.exp(0.03 * rng.standard_normal(clean.shape)))], relative=True)
    assert level == pytest.approx(0.03, rel=0.06)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("n_samples", [40, 400])
def test_additive_and_relative_noise_are_told_apart(seed, n_samples):
    rng = np.random.default_rng([seed, n_samples])
    time = np.arange(float(n_samples))
    clean = np.exp(1.5 * waves(time, 2, period=25.0, seed=seed))
    draw = rng.standard_normal(clean.shape)
    assert error_model([(time, clean * np.exp(0.1 * draw))]) == "relative"
    additive = clean + 0.02 * clean.max() * draw
    if (additive > 0).all():
        assert error_model([(time, additive)]) == "additive"
    assert error_model([(time, 10.0 + waves(time, 2) + 0.1 * draw)]) == "additive"


def test_values_that_are_not_positive_have_additive_noise():
    time, X = noisy(100, 0.1, 0)
    assert error_model([(time, X)]) == "additive"
    assert error_model([(time, np.abs(X) + 1.0), (time[:20], X[:, :20] * 0.0)]) == "additive"


def test_samples_too_few_to_tell_are_taken_as_additive():
    time = np.arange(4.0)
    assert error_model([(time, 1.0 + time[None])]) == "additive"


def test_differences_that_vanish_are_taken_as_additive():
    time = np.arange(1.0, 30.0)
    assert error_model([(time, np.array([time, 2.0 + np.sin(time)]))]) == "additive"


def test_roughness_is_one_for_white_noise_and_more_where_the_sampling_is_coarse():
    fine = roughness([noisy(4000, 0.1, seed=0, n_variables=2, period=40.0)])
    assert fine == pytest.approx(1.0, abs=0.1)
    coarse = roughness([noisy(4000, 1e-3, seed=0, n_variables=2, period=5.0)])
    assert np.all(coarse > 1.3)


def test_roughness_sees_that_noise_is_not_white():
    time, X = noisy(4000, 1.0, seed=0)
    smeared = np.apply_along_axis(np.convolve, 1, X, np.array([1, 4, 6, 4, 1]) / 16, "same")
    assert roughness([(time, smeared)]) > 1.3


def test_roughness_of_too_few_samples_is_no_cause_for_alarm():
    assert roughness([noisy(ORDER, 0.1, 0, n_variables=2)]).tolist() == [1.0, 1.0]
