import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover_kernels.subset import FLOOR, FULL_LIMIT, subset_path, sweep
from tests.reference import best_subset, residual_of

SEEDS = st.integers(0, 10_000)
N_PASSES = 4


def augmented_gram(rng, n_terms, n_true, noise=0.3, correlation=0.7):
    """Return the Gram of unit-norm columns, correlated through one common factor, and a sparse target."""
    n_rows = 5 * n_terms
    Theta = rng.standard_normal((n_terms, n_rows)) + correlation * rng.standard_normal(n_rows)
    y = rng.standard_normal(n_true) @ Theta[:n_true] + noise * rng.standard_normal(n_rows)
    Z = np.concatenate([Theta, y[None]])
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    return Z @ Z.T


@given(st.integers(1, 8), SEEDS)
def test_sweeping_solves_the_regression(n_terms, seed):
    rng = np.random.default_rng(seed)
    G = augmented_gram(rng, n_terms, 1)
    S = np.flatnonzero(rng.random(n_terms) < 0.6)
    A = G.copy()
    for k in rng.permutation(S):
        sweep(A, k)
    assert np.isclose(A[-1, -1], residual_of(G, S, n_terms), rtol=1e-9, atol=1e-12)
    if len(S):
        w = np.linalg.solve(G[np.ix_(S, S)], G[S, n_terms])
        assert np.allclose(A[S, n_terms], w, rtol=1e-7, atol=1e-9)
        assert np.allclose(-A[np.ix_(S, S)], np.linalg.inv(G[np.ix_(S, S)]), rtol=1e-6, atol=1e-8)


@given(st.integers(2, 8), SEEDS)
def test_sweeping_out_undoes_sweeping_in_up_to_the_sign_of_the_column(n_terms, seed):
    rng = np.random.default_rng(seed)
    G = augmented_gram(rng, n_terms, 1)
    A, k = G.copy(), int(rng.integers(n_terms))
    sweep(A, k)
    sweep(A, k)
    assert np.allclose(np.abs(A), np.abs(G), atol=1e-10)


@given(st.integers(2, 10), st.integers(1, 4), SEEDS)
def test_no_single_swap_improves_on_any_size(n_terms, n_true, seed):
    rng = np.random.default_rng(seed)
    G = augmented_gram(rng, n_terms, min(n_true, n_terms))
    residuals, supports = subset_path(G, n_terms, N_PASSES)
    assert residuals[0] == G[-1, -1]
    assert not supports[0].any()
    for k in range(1, n_terms + 1):
        inside = np.flatnonzero(supports[k])
        assert len(inside) == k
        mine = residual_of(G, inside, n_terms)
        assert np.isclose(residuals[k], mine, rtol=1e-7, atol=1e-13)
        for i in inside:
            for j in np.flatnonzero(~supports[k]):
                swapped = [*(p for p in inside if p != i), j]
                assert residual_of(G, swapped, n_terms) >= mine * (1 - 1e-7) - 1e-13


@pytest.mark.parametrize("seed", range(12))
def test_on_small_libraries_it_is_the_best_of_all_subsets(seed):
    """A heuristic, and yet it finds the optimum of each size of these (correlations up to about 0.9)."""
    rng = np.random.default_rng(seed)
    n_terms = int(rng.integers(3, 11))
    G = augmented_gram(rng, n_terms, int(rng.integers(1, 4)), correlation=[0.0, 1.0, 3.0][seed % 3])
    residuals, supports = subset_path(G, n_terms, N_PASSES)
    for k in range(1, n_terms + 1):
        least, _ = best_subset(G, k)
        assert residuals[k] == pytest.approx(least, rel=1e-7, abs=1e-13), (k, np.flatnonzero(supports[k]))


def test_residuals_never_rise_with_size():
    for seed in range(20):
        G = augmented_gram(np.random.default_rng(seed), 15, 4)
        residuals, _ = subset_path(G, 15, N_PASSES)
        assert np.all(np.diff(residuals) <= 1e-12)


@pytest.mark.parametrize("n_terms", [30, FULL_LIMIT + 10])
def test_an_exact_law_is_found_among_many_terms(n_terms):
    rng = np.random.default_rng(n_terms)
    Theta = rng.standard_normal((n_terms, 400))
    y = np.array([2.0, -1.0, 0.5]) @ Theta[[3, 11, 20]]
    Z = np.concatenate([Theta, y[None]])
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    residuals, supports = subset_path(Z @ Z.T, 5, N_PASSES)
    assert np.flatnonzero(supports[3]).tolist() == [3, 11, 20]
    assert residuals[3] < 1e-12
    assert residuals[2] > 1e-3


def test_the_pair_that_only_works_together_is_found():
    """Neither column explains anything alone, so a purely forward search takes the decoy first."""
    rng = np.random.default_rng(0)
    y, u = np.linalg.qr(rng.standard_normal((50, 2)))[0].T
    decoy = 0.5 * y + rng.standard_normal(50) * 0.1
    Z = np.array([u, y + 30 * u, decoy, rng.standard_normal(50), y])
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    residuals, supports = subset_path(Z @ Z.T, 2, N_PASSES)
    assert np.flatnonzero(supports[1]).tolist() == [2]
    assert np.flatnonzero(supports[2]).tolist() == [0, 1]
    assert residuals[2] < 1e-9


def test_copies_of_a_column_do_not_enter_together():
    rng = np.random.default_rng(2)
    Theta = rng.standard_normal((4, 40))
    y = Theta[0] + 0.5 * Theta[1] + 0.1 * rng.standard_normal(40)
    Z = np.concatenate([Theta, Theta[:2], y[None]])
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    G = Z @ Z.T
    residuals, supports = subset_path(G, 6, N_PASSES)
    chosen = np.flatnonzero(supports[2])
    assert sorted(p % 4 for p in chosen) == [0, 1]
    for k in range(1, 5):
        assert residuals[k] == pytest.approx(best_subset(G, k)[0], rel=1e-6, abs=1e-12)
        assert np.linalg.matrix_rank(Z[np.flatnonzero(supports[k])]) == k


def test_empty_and_impossible_columns_never_enter():
    """A column of zeros and one that is no number stay outside; what is left is solved as if they were not there."""
    rng = np.random.default_rng(3)
    G = augmented_gram(rng, 5, 2)
    clean, _ = subset_path(G, 3, N_PASSES)
    for bad in (0.0, np.nan):
        wide = np.full((7, 7), bad)
        keep = np.array([0, 1, 3, 4, 5, 6])
        wide[np.ix_(keep, keep)] = G
        residuals, supports = subset_path(wide, 3, N_PASSES)
        assert not supports[:, 2].any()
        assert np.allclose(residuals, clean, rtol=1e-9)


def test_a_target_that_is_zero_needs_no_terms():
    G = np.eye(4)
    G[3, 3] = 0.0
    residuals, _ = subset_path(G, 2, N_PASSES)
    assert residuals[0] == 0.0
    assert np.all((residuals[1:] == np.inf) | (residuals[1:] <= FLOOR))


def wide_gram(rng, n_more=FULL_LIMIT):
    """Return a Gram too wide to start from the full model: columns in overlapping groups, a target of six of them."""
    n_terms = n_more + 5
    factors = rng.standard_normal((12, 80))
    Theta = rng.standard_normal((n_terms, 12)) @ factors + 0.5 * rng.standard_normal((n_terms, 80))
    y = rng.uniform(-1, 1, 6) @ Theta[:6] + 0.5 * rng.standard_normal(80)
    Z = np.concatenate([Theta, y[None]])
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    return Z @ Z.T


@pytest.mark.parametrize("seed", range(4))
def test_in_wide_libraries_too_no_single_swap_nor_exit_improves(seed):
    G = wide_gram(np.random.default_rng(seed))
    P = len(G) - 1
    residuals, supports = subset_path(G, 8, 20)
    for k in range(1, 9):
        inside = np.flatnonzero(supports[k]).tolist()
        for i in inside:
            kept = [p for p in inside if p != i]
            if k > 1:
                assert residual_of(G, kept, P) >= residuals[k - 1] * (1 - 1e-7)
            swaps = [residual_of(G, [*kept, j], P) for j in range(P) if j not in inside]
            assert min(swaps) >= residuals[k] * (1 - 1e-7)


def test_a_pair_behind_a_decoy_is_found_in_a_wide_library_by_a_swap():
    """The decoy comes first and u second, because it mends the decoy; then the decoy has to go."""
    rng = np.random.default_rng(0)
    y, u, v = np.linalg.qr(rng.standard_normal((60, 3)))[0].T
    Z = np.vstack([u, y + 30 * u, y + 0.3 * u + 0.3 * v, rng.standard_normal((FULL_LIMIT, 60)), y])
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    residuals, supports = subset_path(Z @ Z.T, 2, N_PASSES)
    assert np.flatnonzero(supports[1]).tolist() == [2]
    assert np.flatnonzero(supports[2]).tolist() == [0, 1]
    assert residuals[2] < 1e-9
