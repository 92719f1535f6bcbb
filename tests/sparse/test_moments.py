from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import discover.sparse.moments as moments
from discover.expr import Polynomial, Terms, compile_program
from discover.sparse import bagged, derivative_gram, folded_gram
from tests.sparse.test_gram import assert_close


def names(n):
    return [f"x{i}" for i in range(n)]


def data(n_variables, n_targets, n_samples, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-2, 2, (n_variables, n_samples)), rng.standard_normal((n_targets, n_samples))


def dense(terms, X, Y, n_folds):
    Z = np.vstack([compile_program(terms, len(X)).evaluate(X), Y])
    edges = np.linspace(0, X.shape[1], n_folds + 1).astype(int)
    return np.array([Z[:, a:b] @ Z[:, a:b].T for a, b in pairwise(edges)])


@settings(max_examples=25)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 3), st.integers(1, 4), st.integers(1, 1200))
def test_moments_are_the_gram(n_variables, degree, n_left_out, n_targets, n_samples):
    """However small the library; some of its terms are left out, and they come in another order."""
    every = Polynomial(degree).build(names(n_variables))
    order = np.random.default_rng(n_samples).permutation(len(every))[min(n_left_out, len(every) // 3) :]
    terms = tuple(every[p] for p in order)
    X, Y = data(n_variables, n_targets, n_samples)
    plan = moments._moments(terms * (1 + moments.WORTHWHILE // len(terms)), n_variables, n_targets)
    if plan is None:  # what was left out are the terms of the highest degree, or nothing has a degree
        return
    G = np.take(plan.sums(X, Y), plan.index)
    keep = [*range(len(terms)), *range(len(G) - n_targets, len(G))]
    assert_close(G[np.ix_(keep, keep)][None], dense(terms, X, Y, 1))
    assert np.array_equal(G, G.T)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_folds_are_contiguous_stretches_at_any_number_of_threads(n_jobs):
    terms = Polynomial(4).build(names(4))
    X, Y = data(4, 2, 5000)
    G = derivative_gram(X, Y, terms, 7, n_jobs)
    assert_close(G, dense(terms, X, Y, 7))
    assert np.array_equal(G, derivative_gram(X, Y, terms, 7, 1))


def test_large_libraries_of_monomials_keep_a_fraction_of_their_gram():
    terms = Polynomial(3).build(names(10))
    X, Y = data(10, 10, 600)
    one = folded_gram(X, Y, terms, 3)
    assert one.n_folds == 3
    assert one.values.shape[1] < 296**2 / 6
    assert_close(one.gram()[None], dense(terms, X, Y, 1))
    weights = np.array([2.0, 0.0, 1.0])
    assert_close(one.gram(weights)[None], np.tensordot(weights, dense(terms, X, Y, 3), axes=1)[None])


def test_other_libraries_keep_their_upper_triangle():
    terms = (Polynomial(3) + Terms("cos(x1)")).build(names(5))
    X, Y = data(5, 1, 500)
    one = folded_gram(X, Y, terms)
    q = len(terms) + 1
    assert one.values.shape == (1, q * (q + 1) // 2)
    assert_close(one.gram()[None], dense(terms, X, Y, 1))


def test_a_bag_is_the_same_from_either():
    terms = Polynomial(3).build(names(6))
    X, _ = data(6, 1, 3000)
    Y = np.stack([2 * X[0] - X[1] * X[2], X[3] ** 2])
    few = folded_gram(X, Y, terms, 10)
    whole = derivative_gram(X, Y, terms, 10)
    assert np.allclose(bagged(few, 2, 0.1, 12), bagged(whole, 2, 0.1, 12), rtol=1e-9, atol=1e-10)


def test_products_cover_all_variables_once():
    first, width = np.array([0, 1, 4, 10, 20]), np.array([20, 10, 4, 1])
    found = moments._grouped(first, width)
    assert found[0, 0] == 0
    assert found[-1, 1] == 20
    assert np.array_equal(found[1:, 0], found[:-1, 1])


def test_many_variables_are_told_apart():
    """Forty variables of degree two: powers of three would no longer be exact numbers."""
    terms = Polynomial(2).build(names(40))
    X, Y = data(40, 1, 900)
    assert_close(derivative_gram(X, Y, terms), dense(terms, X, Y, 1))
