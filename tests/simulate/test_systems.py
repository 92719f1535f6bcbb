"""The known systems: they run, and what they say of themselves is true."""

import numpy as np
import pytest

from discover.errors import SettingError
from discover.expr import Polynomial, evaluate, parse
from discover.simulate import SYSTEMS, clean_trajectories, known_system, lorenz96

ALL = [*SYSTEMS.values(), lorenz96(6)]


def library_of(system):
    extra = [parse("sin(theta)", system.names)] if system.name == "pendulum" else []
    return [*Polynomial(3 if len(system.names) < 5 else 2).build(system.names), *extra]


@pytest.mark.parametrize("system", ALL, ids=lambda system: system.name)
def test_a_system_stays_finite_and_moves(system):
    X, U = clean_trajectories(system, 3, 200, seed=1)
    assert X.shape == (3, len(system.states), 200)
    assert U.shape == (3, len(system.inputs), 200)
    assert np.isfinite(X).all()
    assert (X.std(axis=(0, 2)) > 0).all()


@pytest.mark.parametrize("system", ALL, ids=lambda system: system.name)
def test_the_true_terms_are_the_law(system):
    library = library_of(system)
    Xi = system.true_terms(library)
    X = np.random.default_rng(3).uniform(-2, 2, (len(system.names), 50))
    Theta = np.array([evaluate(term, X) for term in library])
    expected = np.array([evaluate(rhs, X) for rhs in system.expressions()])
    np.testing.assert_allclose(Xi.T @ Theta, expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("system", ALL, ids=lambda system: system.name)
def test_a_system_is_sampled_often_enough(system):
    """From one sample to the next no state moves by more than a third of its range."""
    X, _ = clean_trajectories(system, 2, 400)
    moved = np.abs(np.diff(X, axis=2)).max(axis=(0, 2)) / np.ptp(X, axis=(0, 2))
    assert moved.max() < 1 / 3


def test_the_true_terms_are_few():
    Xi = known_system("lorenz").true_terms(Polynomial(3).build(["x", "y", "z"]))
    assert np.count_nonzero(Xi) == 7
    assert sorted(Xi[Xi != 0].round(6).tolist()) == [-10.0, -2.666667, -1.0, -1.0, 1.0, 10.0, 28.0]


def test_a_library_that_cannot_express_the_law_is_refused():
    with pytest.raises(SettingError, match="cannot express y′"):
        known_system("lorenz").true_terms(Polynomial(1).build(["x", "y", "z"]))


def test_an_unknown_system_is_answered_with_the_nearest():
    with pytest.raises(SettingError, match='Did you mean "lorenz"'):
        known_system("lorentz")


def test_lorenz96_needs_four_states():
    with pytest.raises(SettingError, match="at least 4 states, not 3"):
        lorenz96(3)
