import numpy as np
import pytest

from discover.data.timescale import NARROWEST, WIDEST, half_width
from tests.problems import jittered, waves


def width_of(*stretches, noise=0.0, scale=1.0):
    n_variables = len(stretches[0][1])
    return half_width(stretches, np.full(n_variables, noise), np.full(n_variables, scale))


@pytest.mark.parametrize("seed", range(5))
def test_twice_as_many_samples_make_it_twice_as_wide(seed):
    coarse = width_of((np.arange(1000.0), waves(np.arange(1000.0), 2, 20.0, seed)))
    fine = width_of((np.arange(2000.0), waves(np.arange(2000.0), 2, 40.0, seed)))
    assert fine / coarse == pytest.approx(2.0, rel=0.3)


def test_it_is_about_half_a_period():
    time = np.arange(1500.0)
    for period in (20.0, 40.0, 80.0):
        width = width_of((time, np.sin(2 * np.pi * time / period)[None]))
        assert 0.3 * period < width < 0.7 * period


@pytest.mark.parametrize("sigma", [0.01, 0.1])
def test_noise_hardly_moves_it(sigma):
    time, clean = np.arange(1500.0), waves(np.arange(1500.0), 3, 40.0)
    noisy = clean + sigma * np.random.default_rng(0).standard_normal(clean.shape)
    assert width_of((time, noisy), noise=sigma) == pytest.approx(width_of((time, clean)), rel=0.35)


def test_a_variable_that_is_all_noise_has_no_say():
    time, clean = np.arange(1500.0), waves(np.arange(1500.0), 1, 60.0)
    hiss = np.random.default_rng(0).standard_normal((2, 1500))
    both = half_width([(time, np.concatenate([clean, hiss]))], np.array([0.0, 1.0, 1.0]), np.ones(3))
    assert both == width_of((time, clean))


def test_uneven_samples_give_about_the_same():
    time = jittered(1000)
    values = np.sin(2 * np.pi * np.array([time / 40, time / 55]))
    even = np.sin(2 * np.pi * np.array([np.arange(1000) / 40, np.arange(1000) / 55]))
    assert width_of((time, values)) == pytest.approx(width_of((np.arange(1000.0), even)), abs=2)


def test_it_stays_between_its_limits():
    fast = np.arange(500.0)
    assert width_of((fast, np.sin(2 * np.pi * fast / 3.3)[None])) in (NARROWEST, NARROWEST + 1)
    slow = np.arange(20_000.0)
    assert width_of((slow, np.sin(2 * np.pi * slow / 5000)[None])) == WIDEST


@pytest.mark.parametrize("n_samples", [8, 12, 21, 60])
def test_short_data_keep_room_for_three_windows(n_samples):
    time = np.arange(float(n_samples))
    width = width_of((time, np.sin(time / 20)[None]))
    assert NARROWEST <= width <= max(NARROWEST, n_samples // 6)


def test_short_stretches_beside_a_long_one_change_nothing():
    long = (np.arange(1000.0), waves(np.arange(1000.0), 1, 40.0))
    assert width_of(long, (np.arange(9.0), np.random.default_rng(0).standard_normal((1, 9)))) == width_of(long)
