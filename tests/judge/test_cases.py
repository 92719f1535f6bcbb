import numpy as np
import pytest

from discover.expr import constant
from discover.inference.intervals import wald
from discover.judge.cases import Estimates, together

BASE = constant(1.0)


def family(*members, equation=0):
    """Return a family as the judge keeps it."""
    return (equation, BASE, tuple(members))


def covariance(n, seed=0):
    """Return some covariance with correlations in it."""
    A = np.random.default_rng(seed).standard_normal((n, 3 * n))
    return A @ A.T / (3 * n)


def test_what_equality_costs_is_a_constrained_fit():
    rng = np.random.default_rng(1)
    C = covariance(5, 1)
    b = rng.standard_normal(5)
    shared = [family(0, 2), family(1, 3)]
    # Slow and obvious: the nearest point with b0 = b2 and b1 = b3, in units of the covariance.
    basis = np.zeros((5, 3))
    basis[[0, 2], 0] = basis[[1, 3], 1] = basis[4, 2] = 1.0
    L = np.linalg.inv(np.linalg.cholesky(C))
    p = np.linalg.lstsq(L @ basis, L @ b, rcond=None)[0]
    assert Estimates(b, C, np.inf).cost(shared) == pytest.approx(np.sum((L @ (b - basis @ p)) ** 2), rel=1e-9)
    assert Estimates(b, C, np.inf).cost([]) == 0.0


def test_differences_of_what_is_equal_are_chi_square():
    rng = np.random.default_rng(2)
    C = covariance(6, 2)
    draws = rng.multivariate_normal(np.full(6, 3.0), C, 2000)
    costs = [Estimates(b, C, np.inf).cost([family(0, 1, 2, 3)]) for b in draws]
    assert np.mean(costs) == pytest.approx(3.0, abs=0.15)
    assert np.var(costs) == pytest.approx(6.0, abs=1.0)


def test_equal_coefficients_are_shared_and_others_are_not():
    C = 0.01 * np.eye(9)
    b = np.array([1.0, 1.05, 0.98, 5.0, 6.0, 7.0, -2.0, -2.02, -1.9])
    whole = [family(0, 1, 2), family(3, 4, 5), family(6, 7, 8, equation=1)]
    assert together(Estimates(b, C, np.inf), whole, price=6.0) == [whole[0], whole[2]]
    assert together(Estimates(b, C, np.inf), whole, price=1e6) == whole
    assert together(Estimates(b, 1e-8 * C, np.inf), whole, price=6.0) == []


def test_a_coefficient_that_only_seems_to_differ_is_shared_once_its_companion_is():
    """Two strongly correlated coefficients: each alone looks open, together the data know."""
    rho = 0.999
    block = np.array([[1.0, rho], [rho, 1.0]])
    C = np.kron(np.eye(2), block)  # case a: (slope, offset), case b: (slope, offset)
    b = np.array([3.0, 0.0, 0.0, 0.0])
    slopes, offsets = family(0, 2), family(1, 3)
    alone = Estimates(b, C, np.inf).cost([slopes])
    both = Estimates(b, C, np.inf).cost([slopes, offsets])
    assert alone == pytest.approx(4.5)
    assert both > 100 * alone
    assert together(Estimates(b, C, np.inf), [slopes, offsets], price=6.0) == [offsets]


def test_wald_is_the_sum_of_squares_where_nothing_correlates():
    assert wald(np.array([1.0, 2.0]), np.eye(2)) == pytest.approx(5.0)
