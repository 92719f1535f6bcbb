import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover_kernels.groups import FULL_LIMIT, group_gain, group_path
from discover_kernels.subset import subset_path, sweep
from tests.reference import best_groups, residual_of
from tests.reference import group_gain as slow_gain

SEEDS = st.integers(0, 10_000)
N_PASSES = 4


def grouped_gram(rng, n_groups, n_true, widest=3, noise=0.3, correlation=0.7):
    """Return a Gram of unit-norm columns in groups, its edges, and the groups; the first groups make the target."""
    widths = rng.integers(1, widest + 1, n_groups)
    edges = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    n_terms = int(edges[-1])
    n_rows = 6 * n_terms + 5
    Theta = rng.standard_normal((n_terms, n_rows)) + correlation * rng.standard_normal(n_rows)
    mine = slice(0, int(edges[n_true]))
    y = rng.uniform(0.5, 2.0, edges[n_true]) @ Theta[mine] + noise * rng.standard_normal(n_rows)
    Z = np.concatenate([Theta, y[None]])
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    return Z @ Z.T, edges, [tuple(range(edges[g], edges[g + 1])) for g in range(n_groups)]


@given(st.integers(2, 6), SEEDS)
def test_the_gain_of_a_group_is_what_two_regressions_say(n_groups, seed):
    rng = np.random.default_rng(seed)
    G, edges, groups = grouped_gram(rng, n_groups, 1)
    inside = [g for g in range(n_groups - 1) if rng.random() < 0.5]
    A = G.copy()
    for c in (c for g in inside for c in groups[g]):
        sweep(A, c)
    work = np.empty((4, 4))
    gain = group_gain(A, edges[n_groups - 1], edges[n_groups], work)
    assert gain == pytest.approx(slow_gain(G, groups, inside, n_groups - 1), rel=1e-8, abs=1e-12)


def test_columns_that_say_nothing_new_add_nothing():
    rng = np.random.default_rng(0)
    G, _, _ = grouped_gram(rng, 3, 2, widest=1)
    twice = np.array([0, 1, 1, 2, 3])
    G2 = G[np.ix_(twice, twice)]  # the second column twice, in one group
    work = np.empty((3, 3))
    assert group_gain(G2, 1, 3, work) == pytest.approx(group_gain(G, 1, 2, work), rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_on_small_libraries_it_is_the_best_of_all_choices(seed):
    rng = np.random.default_rng(seed)
    n_groups = int(rng.integers(3, 7))
    G, edges, groups = grouped_gram(rng, n_groups, 2, correlation=[0.0, 1.0, 3.0][seed % 3])
    residuals, chosen = group_path(G, edges, n_groups, N_PASSES)
    assert residuals[0] == G[-1, -1]
    for k in range(1, n_groups + 1):
        assert chosen[k].sum() == k
        mine = residual_of(G, [c for g in np.flatnonzero(chosen[k]) for c in groups[g]], len(G) - 1)
        assert residuals[k] == pytest.approx(mine, rel=1e-7, abs=1e-13)
        assert residuals[k] == pytest.approx(best_groups(G, groups, k), rel=1e-7, abs=1e-13)


@given(st.integers(2, 10), SEEDS)
def test_groups_of_one_are_plain_best_subset(n_terms, seed):
    rng = np.random.default_rng(seed)
    G, edges, _ = grouped_gram(rng, n_terms, min(2, n_terms), widest=1)
    mine, _ = group_path(G, edges, n_terms, N_PASSES)
    plain, _ = subset_path(G, n_terms, N_PASSES)
    # Either may be stopped by a swap that the other is not offered; the sizes that matter agree.
    assert mine[1] == pytest.approx(plain[1], rel=1e-9, abs=1e-13)
    assert mine[-1] == pytest.approx(plain[-1], rel=1e-7, abs=1e-12)


def test_a_library_too_large_to_begin_full_is_searched_forward():
    rng = np.random.default_rng(1)
    G, edges, _ = grouped_gram(rng, FULL_LIMIT // 2 + 5, 2, widest=3, noise=0.05)
    assert edges[-1] > FULL_LIMIT
    residuals, chosen = group_path(G, edges, 4, N_PASSES)
    assert set(np.flatnonzero(chosen[2])) == {0, 1}
    assert (np.diff(residuals) <= 1e-12).all()


def test_what_cannot_be_reached_has_an_infinite_residual():
    G = np.ones((4, 4))
    residuals, chosen = group_path(G, np.array([0, 1, 2, 3]), 3, N_PASSES)
    assert np.isfinite(residuals[1])
    assert np.isinf(residuals[2:]).all()
    assert not chosen[2:].any()
