import numpy as np
import pytest

from discover.expr import Polynomial, Terms, text
from discover.inference.invariants import invariants

T = np.linspace(0.0, 10.0, 300)
NAMES = ["x", "y"]


def relations(X, noise=0.01, library=None, allowance=10.0, names=NAMES):
    """Return what is found, as {term: coefficient} each."""
    terms = (library or Polynomial(2)).build(names)
    found = invariants(terms, np.asarray(X), np.full(np.shape(X), noise), allowance)
    return [dict(zip([text(t, names) for t in one.terms], one.coefficients, strict=True)) for one in found]


def test_a_line_in_phase_space_is_found_once_and_not_its_multiples():
    x = np.exp(-0.3 * T)
    first, *others = relations([x, 0.2 + 0.5 * x])
    assert first == pytest.approx({"1": -0.2, "x": -0.5, "y": 1.0})
    assert all(len(other) > 3 for other in others)


def test_an_ellipse_off_the_middle():
    [found] = relations([1.0 + np.cos(T), 2.0 + 0.5 * np.sin(T)])
    assert found["x**2"] * 4.0 == pytest.approx(found["y**2"], rel=1e-6)
    assert set(found) == {"1", "x", "y", "x**2", "y**2"}


def test_a_variable_that_never_changes():
    found = relations([np.full(300, 0.7), np.sin(T)])
    assert set(found[0]) == {"1", "x"}
    assert found[0]["x"] / found[0]["1"] == pytest.approx(-1 / 0.7)


def test_nothing_where_the_states_fill_the_plane():
    assert relations([np.sin(T), np.sin(np.sqrt(2.0) * T)]) == []


@pytest.mark.parametrize(("drift", "n_found"), [(0.0, 1), (1e-4, 1), (0.03, 0)])
def test_a_surface_left_by_more_than_the_noise_shows_is_none(drift, n_found):
    """A radius that drifts by 3 standard errors of one sample is seen by 300 of them, one of 0.01 is not."""
    r = 1.0 + drift * T / T[-1]
    assert len(relations([r * np.cos(2 * T), r * np.sin(2 * T)])) == n_found


def test_identities_of_the_terms_are_no_relations_of_the_data():
    library = Terms("1", "sin(x)**2", "cos(x)**2", "y")
    assert relations([np.sin(T), np.cos(0.7 * T)], library=library) == []


def test_exact_variables_alone_make_no_relation():
    X = np.array([np.sin(T), np.ones(300)])
    noise = np.array([np.full(300, 0.01), np.zeros(300)])
    assert invariants(Polynomial(1).build(NAMES), X, noise, 10.0) == []
