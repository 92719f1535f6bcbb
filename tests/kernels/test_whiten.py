import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover_kernels.whiten import band_cholesky, band_covariance, band_solve, bandwidth, update_triangle
from tests.kernels.stencils import random_stencil
from tests.reference import band_of, from_band, row_covariance

SEEDS = st.integers(0, 10_000)


def covariance_of(stencil, fields, variance, n_bands):
    C = np.full((stencil.n_rows, n_bands), np.nan)
    orders = np.array(list(fields), dtype=np.int64)
    products = np.array([[np.sum(variance * fields[a] * fields[b], axis=0) for a in fields] for b in fields])
    band_covariance(stencil.start, stencil.shape, stencil.weights, orders, products, C)
    return C


def first_order(slopes, target):
    """Return the fields of x_target' = f with these slopes."""
    lhs = np.zeros_like(slopes)
    lhs[target] = 1.0
    return {0: -slopes, 1: lhs}


def strided(rng, n_samples=60, width=9, stride=2):
    """Return a stencil like that of the weak form: one shape, windows at even distances."""
    start = np.arange(0, n_samples - width, stride)
    one = random_stencil(rng, n_samples, width, len(start), 1)
    return type(one)(start, one.shape, one.weights, start + width / 2)


@given(st.integers(2, 40), st.integers(1, 25), SEEDS, st.data())
def test_the_bandwidth_is_how_far_rows_share_samples(n_samples, n_rows, seed, data):
    width = data.draw(st.integers(1, n_samples))
    start = np.sort(np.random.default_rng(seed).integers(0, n_samples - width + 1, n_rows))
    shares = start[:, None] < start[None, :] + width
    expected = max(k - j for k in range(n_rows) for j in range(k + 1) if shares[k, j])
    assert bandwidth(start, width) == expected


@given(st.integers(1, 3), st.integers(1, 20), st.one_of(st.none(), st.integers(1, 3)), SEEDS)
def test_the_band_is_that_of_the_dense_covariance(n_variables, n_rows, n_shapes, seed):
    rng = np.random.default_rng(seed)
    n_samples, width = 40, int(rng.integers(1, 12))
    stencil = random_stencil(rng, n_samples, width, n_rows, n_shapes, n_orders=3)
    orders = rng.permutation(3)[: rng.integers(1, 4)].tolist()
    fields = {order: rng.standard_normal((n_variables, n_samples)) for order in orders}
    variance = rng.uniform(0, 2, (n_variables, n_samples))
    dense = row_covariance(stencil, fields, variance)
    n_bands = bandwidth(stencil.start, width) + 1
    C = covariance_of(stencil, fields, variance, n_bands)
    assert np.allclose(C, band_of(dense, n_bands), rtol=1e-10, atol=1e-11)
    reach = np.abs(np.subtract.outer(np.arange(n_rows), np.arange(n_rows)))
    assert not dense[reach >= n_bands].any()


def test_the_covariance_is_what_noise_does_to_residuals():
    """Monte Carlo: residuals of x₀' = f(x) with linear f move with the noise exactly as the covariance says."""
    rng = np.random.default_rng(1)
    stencil, sigma = strided(rng), np.array([0.3, 2.0])
    slopes = np.array([[1.5], [-0.4]]) * np.ones((2, 60))
    C = from_band(covariance_of(stencil, first_order(slopes, 0), (sigma**2)[:, None] * np.ones((2, 60)), 5))
    dense = C + np.tril(C, -1).T
    noise = sigma[:, None, None] * rng.standard_normal((2, 4000, 60))
    windows = stencil.start[:, None] + np.arange(9)
    phi, dphi = stencil.weights[:, 0]
    moved = noise[0][:, windows] @ dphi - (noise[0] * 1.5 - noise[1] * 0.4)[:, windows] @ phi
    sampled = moved.T @ moved / 4000
    size = np.sqrt(np.outer(np.diag(dense), np.diag(dense)))
    assert np.abs(sampled - dense).max() < 0.1 * size.max()


@given(st.integers(1, 30), st.integers(1, 6), SEEDS)
def test_factor_and_solution_equal_the_dense_ones(n_rows, n_bands, seed):
    rng = np.random.default_rng(seed)
    L = from_band(rng.uniform(-1, 1, (n_rows, n_bands)))
    L[np.diag_indices(n_rows)] = rng.uniform(1.0, 2.0, n_rows)
    C = band_of(L @ L.T, n_bands)
    assert band_cholesky(C, 0.0) == 0
    assert np.allclose(from_band(C), L, rtol=1e-9, atol=1e-10)
    rows = rng.standard_normal((3, n_rows))
    expected = np.linalg.solve(L, rows.T).T
    band_solve(C, rows)
    assert np.allclose(rows, expected, rtol=1e-8, atol=1e-9 * np.abs(expected).max())


def test_whitened_rows_have_unit_covariance():
    rng = np.random.default_rng(2)
    stencil = strided(rng)
    slopes, variance = rng.standard_normal((2, 60)), np.ones((2, 60))
    dense = row_covariance(stencil, first_order(slopes, 0), variance)
    C = covariance_of(stencil, first_order(slopes, 0), variance, 5)
    band_cholesky(C, 0.0)
    half = np.linalg.cholesky(dense).T.copy()
    band_solve(C, half)
    assert np.allclose(half.T @ half, np.eye(len(dense)), atol=1e-8)


def test_jitter_is_added_to_the_diagonal():
    C = np.array([[4.0, 0.0], [2.0, 1.0]])
    band_cholesky(C, 0.5)
    assert np.allclose(from_band(C) @ from_band(C).T, [[5.5, 1.0], [1.0, 3.5]])


def test_a_singular_covariance_is_lifted_and_counted():
    singular, indefinite = np.ones((6, 6)), 2 * np.ones((6, 6)) - np.eye(6)
    for A, is_lifted in ((singular, False), (indefinite, True), (np.zeros((6, 6)), False)):
        C = band_of(A, 6)
        assert (band_cholesky(C, 1e-10) > 0) == is_lifted
        assert np.isfinite(C).all()
        assert np.all(C[:, 0] > 0.0)


@given(st.integers(1, 8), st.lists(st.integers(0, 20), min_size=1, max_size=4), SEEDS)
def test_the_triangle_reproduces_the_gram_however_the_rows_are_cut(q, sizes, seed):
    rng = np.random.default_rng(seed)
    parts = [rng.standard_normal((q, n)) for n in sizes]
    Z = np.concatenate(parts, axis=1)
    R = np.zeros((q, q))
    for part in parts:
        update_triangle(R, part.copy())
    assert np.allclose(R.T @ R, Z @ Z.T, rtol=1e-11, atol=1e-11)
    assert not np.tril(R, -1).any()


def test_it_does_not_square_the_condition_number():
    """Powers up to 12 have condition 1e9 here: their Gram has lost every digit, their R no more than it must."""
    t = np.linspace(0.0, 1.0, 300)
    Theta = t[None, :] ** np.arange(13)[:, None]
    truth = np.where(np.arange(13) % 3 == 0, 1.0, 0.0)
    Z = np.concatenate([Theta, (truth @ Theta)[None]])
    R = np.zeros((14, 14))
    for part in np.array_split(Z, 7, axis=1):
        update_triangle(R, np.ascontiguousarray(part))
    from_triangle = np.linalg.solve(R[:13, :13], R[:13, 13])
    condition = np.linalg.cond(Theta)
    assert condition > 1e8
    assert np.abs(from_triangle - truth).max() < 100 * np.finfo(float).eps * condition
    from_gram = np.linalg.lstsq(Theta @ Theta.T, Theta @ Z[13], rcond=None)[0]
    assert np.abs(from_gram - truth).max() > 1e3 * np.abs(from_triangle - truth).max()


@pytest.mark.parametrize("scale", [1e-140, 1e140])
def test_the_triangle_does_not_mind_the_scale(scale):
    Z = np.random.default_rng(0).standard_normal((3, 20))
    R = np.zeros((3, 3))
    update_triangle(R, Z * scale)
    assert np.allclose((R / scale).T @ (R / scale), Z @ Z.T, rtol=1e-12)


def test_small_rows_after_large_ones_keep_their_digits():
    """What they say lies off the diagonal; the reflection that cancels would lose a hundredth of it."""
    small = np.random.default_rng(3).standard_normal((4, 30))
    R = 1e8 * np.eye(4)
    update_triangle(R, small.copy())
    off = ~np.eye(4, dtype=bool)
    assert np.allclose((R.T @ R)[off], (small @ small.T)[off], rtol=1e-6, atol=1e-6)
