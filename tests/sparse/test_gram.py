import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.data.stencils import Strong, Weak
from discover.expr import Polynomial, Terms, compile_program
from discover.inference.rows import library_rows
from discover.sparse import derivative_gram, gram
from discover.sparse.gram import TILE
from tests.problems import problem_of
from tests.reference import values


def assert_close(found, expected):
    size = np.sqrt(np.diag(np.sum(expected, axis=0)))
    assert np.all(np.abs(found - expected) <= 1e-12 * size * size[:, None])


@pytest.mark.parametrize("form", [Weak(), Strong(half_width=4)])
def test_each_fold_has_the_gram_of_its_rows(form):
    problem = problem_of("lotka-volterra", n_trajectories=2, n_samples=300, form=form)
    terms = Polynomial(3).build(problem.names)
    G = gram(problem, terms)
    program = compile_program(terms, 2)
    Z = np.hstack([np.vstack([library_rows(program, b, problem.formulation), b.Y]) for b in problem])
    fold = np.concatenate([block.fold for block in problem])
    assert G.shape == (problem.n_folds, 12, 12)
    assert_close(G, np.array([Z[:, fold == f] @ Z[:, fold == f].T for f in range(problem.n_folds)]))
    assert np.array_equal(G, G.transpose(0, 2, 1))


def test_more_rows_than_a_tile_change_nothing():
    problem = problem_of("van der pol", n_samples=10_000, form=Weak(half_width=4))
    assert problem.n_rows > 2 * TILE
    terms = Polynomial(2).build(problem.names)
    (block,) = problem.blocks
    Z = np.vstack([library_rows(compile_program(terms, 2), block, "weak"), block.Y])
    assert_close(gram(problem, terms).sum(axis=0, keepdims=True), (Z @ Z.T)[None])


@given(st.integers(1, 700), st.integers(1, 6), st.integers(0, 100))
def test_given_derivatives_are_the_targets(n_samples, n_folds, seed):
    rng = np.random.default_rng(seed)
    X, X_dot = rng.uniform(-2, 2, (2, n_samples)), rng.standard_normal((3, n_samples))
    terms = (Polynomial(2) + Terms("cos(y)")).build(["x", "y"])
    G = derivative_gram(X, X_dot, terms, n_folds)
    Z = np.vstack([[values(term, X) for term in terms], X_dot])
    edges = np.linspace(0, n_samples, n_folds + 1).astype(int)
    expected = [Z[:, a:b] @ Z[:, a:b].T for a, b in pairwise(edges)]
    assert G.shape == (n_folds, 10, 10)
    assert_close(G, np.array(expected))


def test_one_term_and_one_target_are_enough():
    X = np.array([[1.0, 2.0]])
    assert derivative_gram(X, 3 * X, Terms("x").build(["x"])).tolist() == [[[5.0, 15.0], [15.0, 45.0]]]


def test_the_gram_of_many_trajectories_has_the_same_bits_at_any_number_of_threads():
    problem = problem_of("lotka-volterra", n_trajectories=12, n_samples=120)
    terms = Polynomial(2).build(problem.names)
    alone = gram(problem, terms, n_jobs=1)
    assert all(np.array_equal(alone, gram(problem, terms, n_jobs)) for n_jobs in (2, 5, None))


def test_trajectories_are_summed_in_groups_that_hold_them_all(monkeypatch):
    monkeypatch.setattr(sys.modules["discover.sparse.gram"], "TOGETHER", 70)
    problem = problem_of("lotka-volterra", n_trajectories=7, n_samples=120)
    terms = Polynomial(1).build(problem.names)
    program = compile_program(terms, 2)
    Z = np.hstack([np.vstack([library_rows(program, b, problem.formulation), b.Y]) for b in problem])
    assert_close(gram(problem, terms).sum(axis=0, keepdims=True), (Z @ Z.T)[None])
