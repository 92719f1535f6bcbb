from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.errors import SettingError
from discover.sparse.constrained import Equalities, regressions
from discover.sparse.stepwise import backward, forward, stepwise
from tests.reference import residual_of
from tests.sparse.test_constrained import gram_of, random_equalities, rows

SEEDS = st.integers(0, 300)


def residual(G, Xi, target, n_terms):
    return (
        G[n_terms + target, n_terms + target] - 2 * Xi @ G[:n_terms, n_terms + target] + Xi @ G[:n_terms, :n_terms] @ Xi
    )


@given(SEEDS)
def test_forward_adds_the_term_that_helps_most(seed):
    Theta, Y = rows(seed, n_targets=1)
    G = gram_of(Theta, Y)
    (one,) = regressions(G, 1)
    path = list(forward(one, 5))
    assert [len(support) for support in path] == [0, 1, 2, 3, 4, 5]
    for before, after in pairwise(path):
        best = min(residual_of(G, [*before, j], 5) for j in range(5) if j not in before)
        assert residual_of(G, after, 5) == pytest.approx(best, rel=1e-7)


@given(SEEDS)
def test_backward_drops_the_term_that_hurts_least(seed):
    Theta, Y = rows(seed, n_targets=1)
    G = gram_of(Theta, Y)
    (one,) = regressions(G, 1)
    path = list(backward(one))
    assert [len(support) for support in path] == [5, 4, 3, 2, 1, 0]
    for before, after in pairwise(path):
        best = min(residual_of(G, [p for p in before if p != j], 5) for j in before)
        assert residual_of(G, after, 5) == pytest.approx(best, rel=1e-7)


@pytest.mark.parametrize("direction", ["forward", "backward"])
@settings(max_examples=20)
@given(seed=SEEDS)
def test_every_size_is_a_least_squares_fit(direction, seed):
    Theta, Y = rows(seed)
    G = gram_of(Theta, Y)
    found = stepwise(G, 3, 4, direction)
    assert found.shape == (4, 3, 5)
    for k, Xi in enumerate(found, start=1):
        for target, w in enumerate(Xi):
            S = np.flatnonzero(w)
            assert len(S) == k
            left = residual_of(G, S, 5 + target) if target == 0 else residual(G, w, target, 5)
            assert residual(G, w, target, 5) == pytest.approx(left, rel=1e-6)


@pytest.mark.parametrize("direction", ["forward", "backward"])
@settings(max_examples=20)
@given(seed=SEEDS)
def test_equalities_hold_at_every_size(direction, seed):
    G, equalities = gram_of(*rows(seed)), random_equalities(seed)
    for Xi in stepwise(G, 3, 6, direction, equalities):
        assert np.abs(np.einsum("rip,ip->r", equalities.A, Xi) - equalities.b).max() < 1e-9


def test_terms_that_must_cancel_enter_together():
    """Either alone would be held at zero, and so help nothing."""
    rng = np.random.default_rng(0)
    Theta = rng.standard_normal((200, 4))
    Y = np.stack([3.0 * Theta[:, 1], -3.0 * Theta[:, 2]], axis=1) + 0.1 * rng.standard_normal((200, 2))
    A = np.zeros((1, 2, 4))
    A[0, 0, 1] = A[0, 1, 2] = 1.0
    Xi = stepwise(gram_of(Theta, Y), 2, 2, "forward", Equalities(A, np.zeros(1)))[1]
    assert np.argwhere(Xi).tolist() == [[0, 1], [1, 2]]
    assert Xi[0, 1] == pytest.approx(-Xi[1, 2], rel=1e-12)
    assert Xi[0, 1] == pytest.approx(3.0, abs=0.05)


def test_another_direction_is_refused():
    with pytest.raises(SettingError, match='direction must be "forward" or "backward", got \'up\''):
        stepwise(np.eye(3), 1, 1, "up")
