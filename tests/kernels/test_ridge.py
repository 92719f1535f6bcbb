import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover_kernels.ridge import cholesky, cholesky_solve, ridge, stlsq_path
from tests.reference import ridge_solution, stlsq_solution

SEEDS = st.integers(0, 10_000)


def random_gram(rng, n_terms, n_targets, n_rows=60):
    """Return the Gram of random columns and of targets that are sparse in them, plus a little noise."""
    Theta = rng.standard_normal((n_terms, n_rows)) * rng.uniform(0.3, 3.0, (n_terms, 1))
    Xi = rng.uniform(0.5, 3.0, (n_targets, n_terms)) * rng.choice([-1, 0, 0, 1], (n_targets, n_terms))
    Y = Xi @ Theta + 0.01 * rng.standard_normal((n_targets, n_rows))
    Z = np.concatenate([Theta, Y])
    return Z @ Z.T


@given(st.integers(1, 12), SEEDS)
def test_the_factor_is_that_of_the_leading_block(n, seed):
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((n, n + 3))
    A = B @ B.T + np.eye(n)
    work = np.full((n + 2, n + 2), np.nan)
    work[:n, :n] = np.tril(A)
    assert cholesky(work, n)
    L = np.tril(work[:n, :n])
    assert np.allclose(L @ L.T, A, rtol=1e-12, atol=1e-12 * np.abs(A).max())
    b = rng.standard_normal(n)
    x = b.copy()
    cholesky_solve(work, n, x)
    assert np.allclose(A @ x, b, atol=1e-9)


@pytest.mark.parametrize(
    "A", [np.zeros((2, 2)), np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([[1.0, 0.0], [np.nan, 1.0]])]
)
def test_a_matrix_that_is_not_positive_definite_is_refused(A):
    assert not cholesky(A.copy(), 2)


@given(st.integers(1, 10), st.sampled_from([0.0, 1e-3, 0.05, 10.0]), SEEDS)
def test_ridge_solves_the_normal_equations_over_the_active_set(n_terms, alpha, seed):
    rng = np.random.default_rng(seed)
    G = random_gram(rng, n_terms, 2)
    active = rng.random(n_terms) < 0.6
    w, work = np.full(n_terms, np.nan), np.full((n_terms, n_terms), np.nan)
    assert ridge(G, n_terms + 1, active, alpha, work, w)
    S = np.flatnonzero(active)
    assert np.all(w[~active] == 0.0)
    gradient = G[np.ix_(S, S)] @ w[S] + alpha * w[S] - G[S, n_terms + 1]
    assert np.all(np.abs(gradient) <= 1e-10 * np.abs(G).max())
    assert np.allclose(w, ridge_solution(G, n_terms + 1, active, alpha), rtol=1e-8, atol=1e-10)


def test_ridge_says_when_the_system_is_singular():
    G = np.ones((3, 3))
    w, work = np.full(2, np.nan), np.empty((2, 2))
    assert not ridge(G, 2, np.ones(2, bool), 0.0, work, w)
    assert np.all(w == 0.0)


@given(st.integers(2, 9), st.integers(1, 3), st.sampled_from([0.0, 0.05, 1.0]), SEEDS)
def test_each_threshold_is_solved_as_its_twin_does_on_what_the_last_one_left(n_terms, n_targets, alpha, seed):
    rng = np.random.default_rng(seed)
    G = random_gram(rng, n_terms, n_targets)
    thresholds = np.array([0.05, 0.2, 0.7, 2.0])
    out = np.full((4, n_targets, n_terms), np.nan)
    stlsq_path(G, n_targets, thresholds, alpha, 50, out)
    for i in range(n_targets):
        active = np.ones(n_terms, bool)
        for h, threshold in enumerate(thresholds):
            expected = stlsq_solution(G, n_terms, n_terms + i, threshold, alpha, active)
            assert np.allclose(out[h, i], expected, rtol=1e-7, atol=1e-9)
            active &= expected != 0.0


@given(st.integers(2, 9), SEEDS)
def test_an_stlsq_solution_is_a_fixed_point(n_terms, seed):
    """The survivors of the ridge all lie above the threshold, and satisfy the normal equations without it."""
    G = random_gram(np.random.default_rng(seed), n_terms, 1)
    out = np.empty((1, 1, n_terms))
    stlsq_path(G, 1, np.array([0.4]), 0.05, 50, out)
    S = np.flatnonzero(out[0, 0])
    kept = ridge_solution(G, n_terms, out[0, 0] != 0.0, 0.05)
    assert np.all(np.abs(kept[S]) >= 0.4)
    assert np.all(np.abs(G[np.ix_(S, S)] @ out[0, 0, S] - G[S, n_terms]) <= 1e-9 * np.abs(G).max())


def test_a_threshold_above_everything_leaves_nothing():
    G = random_gram(np.random.default_rng(0), 5, 2)
    out = np.full((1, 2, 5), np.nan)
    stlsq_path(G, 2, np.array([1e6]), 0.05, 20, out)
    assert not out.any()


def test_no_rounds_are_ordinary_least_squares():
    G = random_gram(np.random.default_rng(1), 5, 1)
    out = np.empty((1, 1, 5))
    stlsq_path(G, 1, np.array([1.0]), 0.05, 0, out)
    assert np.allclose(out[0, 0], np.linalg.solve(G[:5, :5], G[:5, 5]), rtol=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 0.05])
def test_copies_of_a_column_share_their_coefficient(alpha):
    G = random_gram(np.random.default_rng(1), 5, 2)
    wide = np.ascontiguousarray(G[np.ix_([0, 1, 2, 3, 4, 2, 5, 6], [0, 1, 2, 3, 4, 2, 5, 6])])
    alone, shared = np.empty((1, 2, 5)), np.empty((1, 2, 6))
    stlsq_path(G, 2, np.array([0.01]), alpha, 20, alone)
    stlsq_path(wide, 2, np.array([0.01]), alpha, 20, shared)
    assert np.allclose(shared[..., 2], shared[..., 5], atol=1e-4)
    shared[..., 2] += shared[..., 5]
    assert np.allclose(shared[..., :5], alone, atol=1e-2)


def test_a_gram_that_is_no_number_has_no_solution():
    G = random_gram(np.random.default_rng(1), 4, 1)
    G[2] = G[:, 2] = np.nan
    out = np.full((1, 1, 4), 7.0)
    stlsq_path(G, 1, np.array([0.1]), 0.05, 20, out)
    assert not out.any()
