"""Conserved quantities as people read them."""

import numpy as np

from discover.inference.quantities import readable


def test_plain_fractions_are_taken_only_where_they_are_no_coincidence():
    sharp, _ = readable(np.array([1.0, 0.3334]), np.diag([0.0, 1e-8]))
    blunt, covariance = readable(np.array([1.0, 2.92]), np.diag([0.0, 0.06**2]))
    assert sorted(np.round(sharp, 12)) in ([round(1 / 3, 12), 1.0], [1.0, 3.0])
    assert 3.0 not in blunt
    assert covariance.max() > 0.0


def test_what_remains_is_adjusted_for_what_it_shares_with_a_fraction():
    covariance = np.zeros((3, 3))
    covariance[1:, 1:] = 1e-6 * np.array([[1.0, 0.99], [0.99, 1.0]])
    c, spread = readable(np.array([1.0, 1.001, 0.7181]), covariance)
    assert c[:2].tolist() == [1.0, 1.0]
    assert abs(c[2] - 0.71711) < 1e-5
    assert spread[2, 2] < 1e-7


def test_the_scale_is_that_of_most_fractions():
    c, _ = readable(np.array([0.7, 1.4, 1.0]), 1e-10 * np.eye(3))
    assert np.round(c, 6).tolist()[:2] == [1.0, 2.0]
