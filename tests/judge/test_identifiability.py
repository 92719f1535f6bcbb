import numpy as np
import pytest

import discover
from discover import Polynomial

T = np.linspace(0.0, 10.0, 150)


def circle(noise=0.0, starts=((0.4, -0.03),), seed=0):
    """Return x' = y, y' = -2.1 x from these starts, as tables."""
    rng, w = np.random.default_rng(seed), np.sqrt(2.1)
    tables = []
    for x0, y0 in starts:
        X = np.array([x0 * np.cos(w * T) + y0 / w * np.sin(w * T), y0 * np.cos(w * T) - x0 * w * np.sin(w * T)])
        X += noise * np.sqrt((X**2).mean(axis=1, keepdims=True)) * rng.standard_normal(X.shape)
        tables.append({"t": T, "x": X[0], "y": X[1]})
    return tables


def told(found):
    return [reason for reason in found.verdict.reasons if "they cannot tell" in reason]


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_one_closed_orbit_does_not_tell_which_function_of_its_radius_turns_it(noise):
    found = discover.dynamics(circle(noise)[0], library=Polynomial(3), n_jobs=1)
    assert found.verdict.word == "several"
    [reason] = told(found)
    assert "x**2 + " in reason
    assert "stays at" in reason
    assert "x**2*y" in reason
    assert "another value would tell" in reason


def test_two_orbits_do():
    found = discover.dynamics(circle(0.01, [(0.4, 0.0), (0.1, 0.1)]), library=Polynomial(3), n_jobs=1)
    assert not told(found)
    assert found.verdict.word == "law"


def test_nor_does_it_matter_where_the_library_has_nothing_to_swap():
    found = discover.dynamics(circle()[0], library=Polynomial(1), n_jobs=1)
    assert not told(found)
    assert found.verdict.word == "law"


def test_a_sum_that_is_conserved_is_named():
    """Two substances that turn into each other: whatever is lost here arrives there."""
    x = 0.3 + 0.6 * np.exp(-0.8 * T)
    found = discover.dynamics({"t": T, "x": x, "y": 1.0 - x}, library=Polynomial(2), n_jobs=1)
    assert found.verdict.word == "several"
    assert any("x + y stays at 1" in reason for reason in told(found))


def test_a_short_smooth_curve_settles_few_of_many_coefficients():
    """A decay from one start, offered six powers: what is left of the library is told, and how the law stands on it."""
    x = np.exp(-0.2 * T) + 0.5 + 0.001 * np.random.default_rng(0).standard_normal(len(T))
    found = discover.dynamics({"t": T, "x": x}, library=Polynomial(6), n_jobs=1)
    [reason] = [reason for reason in found.verdict.reasons if "settle only" in reason]
    assert "Of the 7 coefficients on offer for x" in reason
