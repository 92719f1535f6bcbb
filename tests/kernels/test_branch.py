import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover_kernels.branch import CLOSE_ENOUGH, best_subsets, full_model
from discover_kernels.subset import subset_path
from tests.kernels.test_subset import augmented_gram
from tests.reference import best_subset, residual_of

RIDGE = 1e-12
SEEDS = st.integers(0, 10_000)


def searched(G, k, n_best=1, max_nodes=10**6, ridge=RIDGE, values=None, supports=None):
    """Return nodes, bound, values and supports (as tuples) of one size."""
    P = len(G) - 1
    S, V, b, w, free = np.zeros((P, P)), np.zeros((P, P)), np.zeros(P), np.zeros(P), np.zeros(P, np.int64)
    n, leaves = full_model(G, ridge, S, V, b, w, free)
    values = np.full(n_best, np.inf) if values is None else values
    supports = np.zeros((n_best, P), np.bool_) if supports is None else supports
    nodes, bound = best_subsets(G[-1, -1], n, leaves, S, V, b, w, free, k, values, supports, max_nodes)
    return nodes, bound, values, [tuple(np.flatnonzero(line).tolist()) for line in supports]


@given(st.integers(2, 9), st.sampled_from([0.0, 1.0, 5.0]), SEEDS)
def test_every_size_is_that_of_brute_force(n_terms, correlation, seed):
    G = augmented_gram(np.random.default_rng(seed), n_terms, min(3, n_terms), correlation=correlation)
    for k in range(1, n_terms + 1):
        _, bound, values, supports = searched(G, k)
        least, _ = best_subset(G, k)
        assert values[0] == pytest.approx(least, rel=1e-5, abs=1e-11)
        assert residual_of(G, supports[0], n_terms) == pytest.approx(least, rel=1e-5, abs=1e-11)
        assert bound >= values[0] * (1 - 2 * CLOSE_ENOUGH)


@given(st.integers(4, 8), st.integers(1, 4), SEEDS)
def test_the_best_few_are_the_best_few(n_terms, k, seed):
    G = augmented_gram(np.random.default_rng(seed), n_terms, 2)
    _, _, values, supports = searched(G, k, n_best=5)
    every = sorted(residual_of(G, s, n_terms) for s in itertools.combinations(range(n_terms), k))[:5]
    found = values[np.isfinite(values)]
    assert found == pytest.approx(every, rel=1e-5, abs=1e-11)
    known = [support for support, value in zip(supports, values, strict=True) if np.isfinite(value)]
    assert len(set(known)) == len(known)


@given(SEEDS)
def test_a_ridge_is_part_of_what_is_minimised(seed):
    G = augmented_gram(np.random.default_rng(seed), 7, 3)
    _, _, values, supports = searched(G, 3, ridge=0.1)

    def penalised(support):
        S = list(support)
        return G[-1, -1] - G[S, -1] @ np.linalg.solve(G[np.ix_(S, S)] + 0.1 * np.eye(3), G[S, -1])

    best = min(itertools.combinations(range(7), 3), key=penalised)
    assert supports[0] == best
    assert values[0] == pytest.approx(penalised(best), rel=1e-9)


@pytest.mark.parametrize("n_terms", [30, 60])
def test_it_is_never_worse_than_swaps_and_a_start_saves_work(n_terms):
    rng = np.random.default_rng(n_terms)
    G = augmented_gram(rng, n_terms, 4, correlation=2.0)
    residuals, known = subset_path(G, 6, 4)
    for k in range(1, 7):
        cold, _, values, _ = searched(G, k, max_nodes=3000)
        warm, _, better, _ = searched(
            G, k, max_nodes=3000, values=residuals[k : k + 1] * (1 + 1e-9), supports=known[k : k + 1].copy()
        )
        assert warm <= cold
        assert better[0] <= residuals[k] * (1 + 1e-8)
        assert better[0] <= values[0] * (1 + 1e-8)


def test_the_true_size_of_a_clear_law_is_proven_at_the_root():
    """No term can be left out, whatever the others do."""
    G = augmented_gram(np.random.default_rng(1), 40, 4, noise=0.05)
    nodes, bound, values, supports = searched(G, 4)
    assert supports[0] == (0, 1, 2, 3)
    assert nodes <= 4
    assert bound >= values[0] * (1 - 2 * CLOSE_ENOUGH)


def test_where_nodes_run_out_the_bound_still_holds():
    G = augmented_gram(np.random.default_rng(3), 14, 5, noise=3.0, correlation=0.0)
    least, _ = best_subset(G, 6)
    gaps = []
    for max_nodes in (1, 5, 50, 10_000):
        nodes, bound, values, _ = searched(G, 6, max_nodes=max_nodes)
        assert nodes <= max_nodes
        assert bound <= least * (1 + 1e-6) <= values[0] * (1 + 2e-6)
        gaps.append(values[0] - bound)
    assert gaps[-1] <= 1e-5
    assert np.all(np.diff(gaps) <= 1e-12)


def test_the_answer_does_not_depend_on_the_units_of_the_columns_beyond_their_norms():
    G = augmented_gram(np.random.default_rng(5), 12, 3)
    order = np.random.default_rng(6).permutation(12)
    shuffled = G[np.ix_([*order, 12], [*order, 12])]
    _, _, one, support = searched(G, 4)
    _, _, two, again = searched(shuffled, 4)
    assert one[0] == pytest.approx(two[0], rel=1e-9)
    assert support[0] == tuple(sorted(int(order[p]) for p in again[0]))


def test_columns_that_are_empty_or_no_numbers_stay_outside():
    G = augmented_gram(np.random.default_rng(7), 6, 2)
    wide = np.full((8, 8), np.nan)
    keep = [0, 1, 3, 4, 5, 6, 7]
    wide[np.ix_(keep, keep)] = G
    _, _, values, supports = searched(wide, 3)
    _, _, expected, _ = searched(G, 3)
    assert 2 not in supports[0]
    assert values[0] == pytest.approx(expected[0], rel=1e-12)


def test_a_matrix_that_is_no_gram_is_said_to_have_no_bound():
    G = np.eye(5)
    G[0, 1] = G[1, 0] = 1.5
    P = 4
    S, V, b, w, free = np.zeros((P, P)), np.zeros((P, P)), np.zeros(P), np.zeros(P), np.zeros(P, np.int64)
    n, leaves = full_model(G, RIDGE, S, V, b, w, free)
    assert n == 4
    assert leaves == -np.inf
