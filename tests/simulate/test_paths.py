"""Paths of stochastic laws: seeded, right on average, and told where they end."""

import numpy as np
import pytest

import discover
from discover.expr import parse
from discover.simulate import VectorField, simulate
from tests.noisy import found_map, found_well


def law(drift="-x", squared="0.5 + 0*x"):
    return VectorField(("x",), (), (parse(drift, ["x"]),), kind="stochastic", squares=(parse(squared, ["x"]),))


def ends(run, n_paths):
    return run["x"].values.reshape(n_paths, -1)[:, -1]


def test_mean_and_variance_of_ornstein_and_uhlenbeck():
    n = 20_000
    last = ends(simulate(law(), [1.0], [0.0, 0.7], seed=2, n_paths=n), n)
    assert last.mean() == pytest.approx(np.exp(-0.7), abs=4 * last.std() / np.sqrt(n))
    assert last.var() == pytest.approx(0.25 * -np.expm1(-1.4), rel=0.04)


def test_geometric_brownian_motion_is_ito_and_not_stratonovich():
    n = 20_000
    last = ends(simulate(law("0.1*x", "0.16*x**2"), [1.0], [0.0, 1.0], seed=2, n_paths=n), n)
    assert last.mean() == pytest.approx(np.exp(0.1), abs=4 * last.std() / np.sqrt(n))
    assert np.log(last).mean() == pytest.approx(0.1 - 0.08, abs=4 * 0.4 / np.sqrt(n))


def test_the_seed_is_all_that_matters():
    t = np.linspace(0.0, 5.0, 51)
    one, same, other = (simulate(law(), [1.0], t, seed=seed)["x"].values for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    several = simulate(law(), [1.0], t, seed=1, n_paths=100)["x"].values.reshape(100, -1)
    np.testing.assert_array_equal(several[:3], simulate(law(), [1.0], t, seed=1, n_paths=3)["x"].values.reshape(3, -1))


def test_one_path_says_that_it_is_one_of_many():
    run = found_well().simulate([1.0], np.linspace(0.0, 1.0, 11))
    assert run.sizes == {"time": 11}
    assert run["x"].values[0] == 1.0
    assert "another seed gives another path" in run.attrs["notes"][0]
    ensemble = found_well().simulate({"x": 1.0}, np.linspace(0.0, 1.0, 11), n_paths=4, seed=3)
    assert ensemble.sizes == {"sample": 44}


def test_a_path_that_explodes_is_told():
    run = simulate(law("x**3", "1 + 0*x"), [3.0], [0.0, 0.5, 1.0, 2.0], n_paths=8)
    assert np.isnan(run["x"].values).any()
    assert "left the finite numbers" in run.attrs["notes"][0]


def test_what_cannot_be_is_told():
    with pytest.raises(discover.SettingError, match="n_paths must be 1 or more, got 0"):
        simulate(law(), [1.0], [0.0, 1.0], n_paths=0)
    with pytest.raises(discover.SettingError, match="no noise of its own"):
        found_map().simulate([0.3], [0, 1, 2], seed=1)
