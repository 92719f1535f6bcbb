"""The noise of a map by its own library, where neighbours in state space disagree by more."""

import numpy as np

import discover
from discover.data.formulate import formulate
from discover.expr import parse
from discover.inference.steps import calibrated
from tests.noisy import map_data


def ricker(n=120, growth=18.0, noise=0.07):
    x = np.empty(n)
    x[0] = 0.5
    for k in range(n - 1):
        x[k + 1] = growth * x[k] * np.exp(-x[k])
    return x + noise * np.random.default_rng(4).standard_normal(n)


def calibrated_with(*texts):
    problem = formulate(map_data(ricker()), discover.Map())
    return problem, calibrated(problem, [parse(text, ["x"]) for text in texts])


def test_a_library_that_holds_the_law_knows_the_noise_better_than_neighbours_do():
    before, after = calibrated_with("1", "x", "x*exp(-x)")
    assert before.noise[0] > 0.14
    assert 0.05 < after.noise[0] < 0.1
    assert not after.is_random
    assert any("The library leaves less" in note for note in after.notes)


def test_a_library_that_lacks_the_law_changes_nothing():
    before, after = calibrated_with("1", "x", "x**2")
    assert after is before


def test_a_library_too_large_for_the_record_changes_nothing():
    before, after = calibrated_with(*(f"x**{k}" for k in range(1, 20)), *(f"exp(-x)*x**{k}" for k in range(1, 14)))
    assert after is before
