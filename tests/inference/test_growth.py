"""Which lengths are tried, and which chi-square is let through."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from discover.inference.growth import CHI2_LIMIT, gate, segment_lengths


@given(st.integers(3, 100), st.integers(3, 5000))
def test_lengths_double_up_to_the_limit(first, limit):
    lengths = segment_lengths(first, limit)
    assert lengths[0] == min(first, limit)
    assert all(b == 2 * a for a, b in pairwise(lengths[:-1]))
    assert lengths[-1] <= limit < 2 * lengths[-1]
    assert limit < 1.25 * lengths[-1]


def test_chi_square_of_the_truth_passes_nearly_always():
    rng = np.random.default_rng(0)
    for dof in (10, 100, 10_000):
        chi2 = rng.chisquare(dof, 20_000) / dof
        assert np.mean(chi2 > gate(dof, 0.0, None)) < 0.006


@given(st.integers(10, 10**6), st.floats(0, 1), st.floats(1e-9, 1.1))
def test_the_gate_opens_with_ignorance_and_closes_with_a_better_past(dof, noise_error, previous):
    assert gate(dof, noise_error, None) >= gate(dof, 0.0, None) >= CHI2_LIMIT
    assert gate(dof, noise_error, previous) <= gate(dof, noise_error, None)
    assert gate(dof, noise_error, previous) > previous or previous >= gate(dof, noise_error, None)
