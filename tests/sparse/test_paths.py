from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.expr import Polynomial
from discover.sparse import gram
from discover.sparse.paths import normalised, subset_path, threshold_path
from discover.sparse.proposals import THRESHOLDS
from tests.problems import problem_of, true_rows
from tests.reference import best_subset, residual_of


def random_gram(seed, n_terms=7, n_targets=2, n_rows=60):
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n_terms + n_targets, n_rows)) * np.exp(rng.uniform(-8, 8, (n_terms + n_targets, 1)))
    Z[n_terms:] += rng.choice([0.0, 2.0], (n_targets, n_terms)) @ Z[:n_terms]
    return Z @ Z.T


@given(st.integers(0, 500), st.integers(0, 1))
def test_normalising_gives_a_unit_diagonal_and_is_undone_exactly(seed, target):
    G = random_gram(seed)
    A, norms = normalised(G, 7, target)
    index = [*range(7), 7 + target]
    assert np.allclose(np.diag(A), 1.0)
    assert np.allclose(A * norms * norms[:, None], G[np.ix_(index, index)], rtol=1e-12)


def test_a_column_of_zeros_stays_zero():
    G = random_gram(1)
    G[3] = G[:, 3] = 0.0
    A, norms = normalised(G, 7, 0)
    assert norms[3] == 1.0
    assert not A[3].any()
    assert all(3 not in support for support in subset_path(G, 7, 0, 7))
    assert all(3 not in support for support in threshold_path(G, 7, 0, THRESHOLDS))


@given(st.integers(0, 500), st.integers(1, 9))
def test_the_path_has_one_support_of_each_size(seed, max_terms):
    path = subset_path(random_gram(seed), 7, 1, max_terms)
    assert [len(support) for support in path] == list(range(1, min(max_terms, 7) + 1))
    assert all(list(support) == sorted(set(support)) for support in path)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_best_of_all_subsets_of_small_libraries(seed):
    G = random_gram(seed)
    A, _ = normalised(G, 7, 0)
    for support in subset_path(G, 7, 0, 7):
        least, _ = best_subset(A, len(support))
        assert residual_of(A, support, 7) == pytest.approx(least, rel=1e-6, abs=1e-12)


@given(st.integers(0, 500), st.lists(st.integers(-30, 30), min_size=9, max_size=9))
def test_units_do_not_matter(seed, exponents):
    """Powers of two are exact, so that the paths are the same and not only alike."""
    G = random_gram(seed)
    scale = 2.0 ** np.array(exponents)
    scaled = G * scale * scale[:, None]
    assert subset_path(G, 7, 1, 7) == subset_path(scaled, 7, 1, 7)
    assert threshold_path(G, 7, 1, THRESHOLDS) == threshold_path(scaled, 7, 1, THRESHOLDS)


@given(st.integers(0, 500))
def test_thresholds_only_ever_take_terms_away(seed):
    path = threshold_path(random_gram(seed), 7, 0, THRESHOLDS)
    assert len(set(path)) == len(path)
    assert all(set(after) < set(before) for before, after in pairwise(path))


def test_a_threshold_above_everything_leaves_no_support():
    assert threshold_path(random_gram(0), 7, 0, np.array([1e9])) == []


@pytest.mark.parametrize("system", ["lorenz", "rossler", "van der pol", "lotka-volterra"])
def test_the_true_support_lies_on_the_path(system):
    problem = problem_of(system, noise=0.01, n_samples=1000)
    rows, supports, _ = true_rows(system, problem)
    G = gram(problem, rows.terms).sum(axis=0)
    for target, support in enumerate(supports):
        assert support in subset_path(G, len(rows.terms), target, 8)
    assert rows.terms == Polynomial(3).build(problem.names)
