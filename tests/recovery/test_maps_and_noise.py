"""A known map and a known stochastic equation come back at 1 % of measurement noise and from a plain record."""

import numpy as np
import pytest

import discover
from discover.expr import text
from tests.noisy import logistic, map_data, measured, path, path_data


def terms_of(found):
    return [{text(t.expr, e.names): t for t in e.terms} for e in found.law.all_equations]


def henon(n=300):
    x = np.empty((2, n))
    x[:, 0] = 0.1
    for k in range(n - 1):
        x[:, k + 1] = 1 - 1.4 * x[0, k] ** 2 + x[1, k], 0.3 * x[0, k]
    return x


def test_the_map_of_henon_at_one_per_cent():
    found = discover.dynamics(map_data(measured(henon(), 0.01, seed=5)), form=discover.Map())
    first, second = terms_of(found)
    assert (set(first), set(second)) == ({"1", "x**2", "y"}, {"x"})
    for term, true in ((first["1"], 1.0), (first["x**2"], -1.4), (first["y"], 1.0), (second["x"], 0.3)):
        assert term.value == pytest.approx(true, rel=0.01)
    assert found.verdict.word in ("law", "several")
    assert found.law.estimator == "trajectories"


def test_the_map_of_verhulst_where_chance_acts_in_every_step():
    found = discover.dynamics(map_data(logistic(300, 3.5, process=0.01, seed=5)), form=discover.Map())
    (terms,) = terms_of(found)
    assert set(terms) == {"x", "x**2"}
    assert all(term.low < true < term.high for term, true in zip(terms.values(), (3.5, -3.5), strict=True))
    assert found.law.estimator == "single steps"
    assert found.verdict.word == "law"


def test_a_map_covers_at_one_per_cent():
    inside = n = 0
    for seed in range(15):
        found = discover.dynamics(map_data(measured(logistic(200), 0.01, seed)), form=discover.Map())
        (terms,) = terms_of(found)
        if set(terms) == {"x", "x**2"}:
            inside += sum(t.low < v < t.high for t, v in ((terms["x"], 3.9), (terms["x**2"], -3.9)))
            n += 2
    assert n >= 26
    assert inside >= 0.84 * n


def test_a_double_well_whose_noise_grows_with_the_distance():
    x = path(squared=("0.2 + 0.2*x**2",), n=12_000)
    found = discover.dynamics(path_data(measured(x, 0.01)), form=discover.Stochastic())
    drift, squared = terms_of(found)
    assert (set(drift), set(squared)) == ({"x", "x**3"}, {"1", "x**2"})
    assert drift["x"].low < 1.0 < drift["x"].high
    assert drift["x**3"].low < -1.0 < drift["x**3"].high
    assert squared["x**2"].value == pytest.approx(0.2, rel=0.25)


def test_shuffled_values_are_no_map():
    x = np.random.default_rng(3).permutation(logistic(300))
    found = discover.dynamics(map_data(x), form=discover.Map())
    assert found.verdict.word == "none"
