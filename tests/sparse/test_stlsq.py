import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.expr import Polynomial, compile_program
from discover.simulate import SYSTEMS, clean_trajectories
from discover.sparse import bagged, derivative_gram, stlsq
from tests.reference import stlsq_solution

TERMS = Polynomial(3).build(["x", "y", "z"])
XI = SYSTEMS["lorenz"].true_terms(TERMS)


@pytest.fixture(scope="module")
def grams():
    """Lorenz with its exact derivatives and a little noise on them, in 20 folds."""
    X = clean_trajectories(SYSTEMS["lorenz"], 1, 2000)[0][0]
    X_dot = compile_program(SYSTEMS["lorenz"].expressions(), 3).evaluate(X)
    X_dot += 0.1 * np.random.default_rng(0).standard_normal(X_dot.shape)
    return derivative_gram(X, X_dot, TERMS, n_folds=20)


def test_lorenz_is_found_over_a_range_of_thresholds(grams):
    Xi = stlsq(grams.sum(axis=0), 3, [0.1, 0.3, 0.5, 0.9])
    assert Xi.shape == (4, 3, 20)
    for found in Xi:
        assert np.array_equal(found != 0.0, XI.T != 0.0)
        assert np.allclose(found, XI.T, rtol=0.01)


@given(st.lists(st.floats(0.01, 30.0), min_size=1, max_size=5), st.sampled_from([0.0, 0.05, 5.0]))
def test_each_threshold_gets_its_own_row_in_the_order_given(grams, thresholds, alpha):
    G = grams.sum(axis=0)
    Xi = stlsq(G, 3, thresholds, alpha)
    ordered = stlsq(G, 3, sorted(thresholds), alpha)
    for h, threshold in enumerate(thresholds):
        assert np.array_equal(Xi[h], ordered[sorted(thresholds).index(threshold)])


def test_one_threshold_is_the_plain_algorithm(grams):
    G = grams.sum(axis=0)
    for threshold in (0.05, 0.5, 2.0):
        found = stlsq(G, 3, [threshold])[0]
        for target in range(3):
            expected = stlsq_solution(G, 20, 20 + target, threshold, 0.05)
            assert np.allclose(found[target], expected, rtol=1e-6, atol=1e-9)


def test_survivors_satisfy_the_normal_equations(grams):
    G = grams.sum(axis=0)
    for target, w in enumerate(stlsq(G, 3, [0.5])[0]):
        S = np.flatnonzero(w)
        gradient = G[np.ix_(S, S)] @ w[S] - G[S, 20 + target]
        assert np.all(np.abs(gradient) <= 1e-9 * np.abs(G[S, 20 + target]).max())


def test_a_library_with_a_copy_in_it_still_gives_numbers(grams):
    """The ridge shares the coefficient between the copies; without one nothing can be told."""
    keep = [*range(20), 2, *range(20, 23)]
    G = np.ascontiguousarray(grams.sum(axis=0)[np.ix_(keep, keep)])
    found = stlsq(G, 3, [0.1])[0]
    assert np.isfinite(found).all()
    residual = G[21, 21] - 2 * found[0] @ G[:21, 21] + found[0] @ G[:21, :21] @ found[0]
    assert residual < 1e-3 * G[21, 21]


def test_a_bag_is_stlsq_on_resampled_folds(grams):
    models = bagged(grams, 3, 0.3, n_models=30, seed=4)
    assert models.shape == (30, 3, 20)
    counts = np.random.default_rng(4).multinomial(20, np.full(20, 1 / 20), 30)
    for weights, model in zip(counts[:5], models[:5], strict=True):
        expected = stlsq(np.tensordot(weights.astype(float), grams, axes=1), 3, [0.3])[0]
        assert np.array_equal(model != 0, expected != 0)
        assert np.allclose(model, expected, rtol=1e-7)


def test_inclusion_is_certain_for_true_terms_and_the_scatter_is_that_of_the_noise(grams):
    models = bagged(grams, 3, 0.3, n_models=60, seed=1)
    assert np.array_equal((models != 0.0).mean(axis=0), (XI.T != 0.0).astype(float))
    true = XI.T != 0.0
    assert np.all(np.abs(models.mean(axis=0) - XI.T)[true] < 5 * models.std(axis=0)[true] + 1e-9)


def test_the_seed_is_all_that_a_bag_depends_on(grams):
    first, again, other = (bagged(grams, 3, 0.3, n_models=8, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
