import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.judge.importance import MAX_EXACT, explained, held_out_r2, shapley
from tests.reference import r_squared, shapley_values


def random_rows(seed, k, n=80, noise=0.5):
    """Return k correlated columns and a target that is a sum of them, shape (k + 1, n)."""
    rng = np.random.default_rng(seed)
    Theta = rng.standard_normal((k, n)) + rng.uniform(-1, 1) * rng.standard_normal(n)
    y = rng.uniform(-2, 2, k) @ Theta + noise * rng.standard_normal(n)
    return np.vstack([Theta, y])


def gram_of(Z):
    return Z @ Z.T


@given(st.integers(0, 1000), st.integers(1, 6))
def test_r2_of_every_subset(seed, k):
    G = gram_of(random_rows(seed, k))
    values = explained(G)
    for s in range(1 << k):
        assert values[s] == pytest.approx(r_squared(G, [i for i in range(k) if s >> i & 1]), abs=1e-8)


@given(st.integers(0, 1000), st.integers(1, 5))
def test_shares_are_the_average_over_all_orders(seed, k):
    G = gram_of(random_rows(seed, k))
    share, drop = shapley(G)
    assert share == pytest.approx(shapley_values(G), abs=1e-8)
    everything = list(range(k))
    for i in everything:
        without = [j for j in everything if j != i]
        assert drop[i] == pytest.approx(r_squared(G, everything) - r_squared(G, without), abs=1e-8)


@given(st.integers(0, 1000), st.integers(0, 9))
def test_shares_sum_to_r2(seed, k):
    G = gram_of(random_rows(seed, k))
    assert shapley(G)[0].sum() == pytest.approx(r_squared(G, range(k)), abs=1e-8)


@given(st.integers(0, 1000), st.integers(2, 6), st.randoms())
def test_shares_follow_their_terms_and_ignore_units(seed, k, random):
    Z = random_rows(seed, k)
    order = list(range(k))
    random.shuffle(order)
    scale = np.exp(np.random.default_rng(seed).uniform(-9, 9, k + 1))
    share, drop = shapley(gram_of(Z))
    moved_share, moved_drop = shapley(gram_of((Z * scale[:, None])[[*order, k]]))
    assert moved_share == pytest.approx(share[order], abs=1e-8)
    assert moved_drop == pytest.approx(drop[order], abs=1e-8)


def test_equal_terms_get_equal_shares_and_a_dummy_none():
    rng = np.random.default_rng(0)
    a, b = np.linalg.qr(rng.standard_normal((50, 3)))[0].T[:2]
    share, drop = shapley(gram_of(np.vstack([a, a, b, 2 * a])))
    assert share == pytest.approx([0.5, 0.5, 0.0], abs=1e-6)
    assert drop == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)


def test_terms_without_any_value_have_no_share():
    Z = random_rows(1, 3)
    Z[1] = 0.0
    share, _ = shapley(gram_of(Z))
    assert share[1] == pytest.approx(0.0, abs=1e-12)
    assert not shapley(np.zeros((3, 3)))[0].any()


def test_too_many_terms_are_refused_rather_than_waited_for():
    with pytest.raises(ValueError, match=f"{MAX_EXACT + 1} terms are more than {MAX_EXACT}"):
        shapley(np.eye(MAX_EXACT + 2))


def fold_triangles(Z, n_folds):
    """Return for each fold a square matrix R with RᵀR = Z Zᵀ."""
    n = len(Z)
    return np.array(
        [np.vstack([np.linalg.qr(part.T)[1], np.zeros((n, n))])[:n] for part in np.array_split(Z, n_folds, axis=1)]
    )


@pytest.mark.parametrize(("n_folds", "n_groups"), [(20, 5), (7, 5), (3, 5), (20, 20)])
def test_held_out_r2_is_that_of_explicit_refits(n_folds, n_groups):
    Z = random_rows(3, 4, n=200, noise=2.0)
    parts = np.array_split(Z, n_folds, axis=1)
    group = np.arange(n_folds) * min(n_groups, n_folds) // n_folds
    residual = 0.0
    for g in np.unique(group):
        train = np.hstack([part for part, mine in zip(parts, group, strict=True) if mine != g])
        test = np.hstack([part for part, mine in zip(parts, group, strict=True) if mine == g])
        w = np.linalg.lstsq(train[:4].T, train[4], rcond=None)[0]
        residual += np.sum((test[4] - w @ test[:4]) ** 2)
    expected = 1 - residual / np.sum(Z[4] ** 2)
    assert held_out_r2(fold_triangles(Z, n_folds), n_groups) == pytest.approx(expected, abs=1e-9)


def test_held_out_r2_is_lower_than_that_of_the_fit_and_sees_overfitting():
    Z = random_rows(4, 3, n=200)
    noise = np.random.default_rng(0).standard_normal((40, 200))
    padded = np.vstack([Z[:3], noise, Z[3:]])
    honest, greedy = held_out_r2(fold_triangles(Z, 20)), held_out_r2(fold_triangles(padded, 20))
    assert honest < r_squared(gram_of(Z), range(3))
    assert r_squared(gram_of(padded), range(43)) > r_squared(gram_of(Z), range(3))
    assert greedy < honest - 0.02


def test_held_out_r2_survives_a_large_offset():
    """1 and x hardly differ where x is a small change of a large number: a Gram would have lost it."""
    rng = np.random.default_rng(0)
    x = np.cumsum(rng.standard_normal(300)) / 10
    y = x - x.mean() + 0.1 * rng.standard_normal(300)
    expected = held_out_r2(fold_triangles(np.vstack([np.ones(300), x, y]), 10))
    shifted = np.vstack([np.ones(300), 1e7 + x, y])
    assert expected > 0.9
    assert held_out_r2(fold_triangles(shifted, 10)) == pytest.approx(expected, abs=1e-6)


def test_edges_of_held_out_r2():
    assert held_out_r2(fold_triangles(random_rows(0, 2), 1)) == pytest.approx(0.0, abs=1e-9)
    assert held_out_r2(np.zeros((5, 3, 3))) == 0.0
    y = np.random.default_rng(0).standard_normal((1, 50))
    assert held_out_r2(fold_triangles(y, 10)) == pytest.approx(0.0, abs=1e-12)
