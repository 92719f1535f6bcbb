"""Which error model made the data: the likelihood tells, and its level is found along the way."""

import numpy as np
import pytest

from discover.errors import DataError
from discover.expr import variable
from discover.inference.error_model import compare_errors, with_coefficients
from discover.inference.trajectories import Measured
from discover.simulate import clean_trajectories, known_system

x, y = variable(0), variable(1)
SIDES = [[(1.0, x), (-0.5, x * y)], [(-0.8, y), (0.3, x * y)]]


def measure(errors, level, seed):
    (X,), _ = clean_trajectories(known_system("lotka-volterra"), 1, 200, seed)
    scatter = np.random.default_rng([seed, 7]).standard_normal(X.shape)
    noisy = X * np.exp(level * scatter) if errors == "relative" else np.maximum(X + level * scatter, 0.01)
    return [Measured(0.1 * np.arange(200), noisy, np.empty((0, 200)))]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("errors", "level"), [("additive", 0.1), ("relative", 0.15)])
def test_the_model_that_made_the_data_is_found(errors, level, seed):
    found = compare_errors(SIDES, measure(errors, level, seed), [0.3, 0.3], first_length=25)
    assert found.best == errors
    assert abs(found.difference) > 2
    np.testing.assert_allclose(getattr(found, errors).noise, level, rtol=0.15)


@pytest.mark.parametrize("guess", [0.001, 100.0])
def test_the_level_is_found_from_any_guess(guess):
    found = compare_errors(SIDES, measure("relative", 0.1, 2), [guess, guess], first_length=25)
    np.testing.assert_allclose(found.relative.noise, 0.1, rtol=0.15)
    assert found.relative.refinement.chi2 == pytest.approx(1.0, abs=0.1)


def test_both_are_compared_over_segments_of_the_same_length():
    found = compare_errors(SIDES, measure("relative", 0.3, 3), [0.3, 0.3], first_length=25)
    assert found.additive.refinement.length == found.relative.refinement.length > 0


def test_a_law_that_neither_follows_is_no_reason_to_choose():
    blowing_up = [[(50.0, x**3)], [(50.0, y**3)]]
    found = compare_errors(blowing_up, measure("relative", 0.1, 0), [0.1, 0.1], first_length=25)
    assert found.difference == 0.0
    assert found.relative.log_likelihood == found.additive.log_likelihood == -np.inf


def test_values_that_are_not_positive_have_no_relative_errors():
    stretch = Measured(np.arange(10.0), np.linspace(-1.0, 1.0, 10)[None, :], np.empty((0, 10)))
    with pytest.raises(DataError, match="not positive"):
        compare_errors([[(1.0, x)]], [stretch], [0.1], first_length=5)


def test_coefficients_go_back_to_their_places():
    assert with_coefficients(SIDES, np.arange(4.0)) == [[(0.0, x), (1.0, x * y)], [(2.0, y), (3.0, x * y)]]
