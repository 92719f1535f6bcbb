"""Generated measurements: the noise is what it says, and the seed decides all."""

import numpy as np
import pytest

from discover.errors import SettingError
from discover.simulate import clean_trajectories, generate, known_system

FORCED = known_system("forced oscillator")


def test_the_noise_is_the_level_times_the_root_mean_square():
    clean = generate(FORCED, n_trajectories=2, n_samples=2000, seed=3)
    noisy = generate(FORCED, n_trajectories=2, n_samples=2000, noise=0.05, seed=3)
    for name in FORCED.states:
        level = np.std(noisy[name] - clean[name]) / np.sqrt(np.mean(clean[name] ** 2))
        assert level == pytest.approx(0.05, rel=0.05)
    assert (noisy["u"] == clean["u"]).all()


def test_a_seed_gives_the_same_numbers_and_another_seed_others():
    one, same, other = (generate(FORCED, noise=0.1, n_samples=50, seed=seed) for seed in (1, 1, 2))
    assert one.identical(same)
    assert not np.array_equal(one["x"], other["x"])
    assert one.attrs["fingerprint"] == same.attrs["fingerprint"] != other.attrs["fingerprint"]


def test_one_trajectory_has_a_time_dimension_and_several_a_sample_dimension():
    assert generate(FORCED, 1, 20)["x"].dims == ("time",)
    several = generate(FORCED, 3, 20)
    assert several["x"].dims == ("sample",)
    assert several["trajectory"].values[::20].tolist() == ["0", "1", "2"]
    assert [several[name].attrs["role"] for name in ("x", "v", "u")] == ["state", "state", "input"]


def test_the_input_between_the_samples_is_the_one_that_is_sampled():
    """On a grid twice as fine, every other sample is the same."""
    X, U = clean_trajectories(FORCED, 1, 101, seed=5)
    from dataclasses import replace

    X_fine, U_fine = clean_trajectories(replace(FORCED, dt=FORCED.dt / 2), 1, 201, seed=5)
    np.testing.assert_allclose(U_fine[:, :, ::2], U, atol=1e-12)
    np.testing.assert_allclose(X_fine[:, :, ::2], X, atol=1e-6)


@pytest.mark.parametrize("wrong", [{"n_trajectories": 0}, {"n_samples": 1}, {"noise": -0.1}, {"noise": float("nan")}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(SettingError, match="n_trajectories >= 1, n_samples >= 2 and noise >= 0"):
        generate(FORCED, **wrong)
