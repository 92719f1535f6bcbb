"""The certificate against brute force, and what it may not say."""

import numpy as np
import pytest

from discover.symbolic.exhaustion import Exhausted, exhausted
from discover.symbolic.limits import Limits
from tests import reference
from tests.symbolic import brute_force

RNG = np.random.default_rng(6)
X = RNG.uniform(-1.0, 2.0, (2, 35))
LITTLE = 1e6
LIMITS = Limits(("+", "-", "*", "/"), ("sqrt", "exp", "sin"))


@pytest.mark.parametrize("weights", [np.ones(35), RNG.uniform(0.1, 2.0, 35)])
def test_the_least_error_of_every_size_is_that_of_brute_force(weights):
    """Sines of x + x, differences of equals and all: nothing that can be written is left out."""
    y = np.exp(X[0]) * np.sin(X[1] + X[1]) + 0.1 * RNG.standard_normal(35)
    found = exhausted(X, y, weights, (0, 1), LIMITS, LITTLE)
    expected = brute_force.least_errors(X, y, weights, ("sqrt", "exp", "sin"), most=5)
    np.testing.assert_allclose(found.least[:5], expected, rtol=1e-6)


def test_forms_have_the_errors_that_are_told():
    y = RNG.standard_normal(35)
    found = exhausted(X, y, np.ones(35), (0, 1), LIMITS, LITTLE)
    assert len(found.least) >= 5
    for left, form in zip(found.least[:5], found.forms, strict=False):
        f = reference.values(form.expr, np.vstack([X, np.zeros((1, 35)), np.ones((1, 35))]))
        A = np.array([np.ones(35), f]).T
        rest = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
        np.testing.assert_allclose(np.mean(rest**2), left, rtol=1e-6)


def test_only_columns_and_operators_that_may_be_used():
    y = X[1] ** 2
    assert min(exhausted(X, y, np.ones(35), (0,), LIMITS, LITTLE).least) > 1e-3
    found = exhausted(X, y, np.ones(35), (0, 1), Limits(("+",), ()), LITTLE)
    assert found.operators == ("+",)
    assert min(found.least) > 1e-3


def test_nothing_to_try_proves_nothing():
    assert exhausted(X, X[0], np.ones(35), (), LIMITS) is None
    assert exhausted(X, X[0], np.ones(35), (0,), Limits((), ())) is None


def test_the_statement_ends_where_something_fits_better():
    found = Exhausted(("+", "exp"), 40, (0.5, 0.2, 0.1, 0.01), ())
    assert found.proven(0.1) == 3
    assert found.proven(0.001) == 4
    assert "at most 3 nodes over +, exp" in found.note(0.1)
    assert found.note(0.6) is None
