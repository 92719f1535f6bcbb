import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.sparse import gram
from discover.sparse.best_subset import Subset, certified_path, told
from discover.sparse.paths import normalised, subset_path
from tests.problems import problem_of, true_rows
from tests.reference import best_subset, residual_of
from tests.sparse.test_paths import random_gram


@given(st.integers(0, 500), st.integers(0, 1))
def test_certified_sizes_are_those_of_brute_force(seed, target):
    G = random_gram(seed)
    A, _ = normalised(G, 7, target)
    path = certified_path(G, 7, target, 7)
    assert [len(best.support) for (best,) in path] == [1, 2, 3, 4, 5, 6, 7]
    for (best,) in path:
        assert best.certified
        assert best.gap == 0.0
        least, _ = best_subset(A, len(best.support))
        assert residual_of(A, best.support, 7) == pytest.approx(least, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("max_pairs", [0, 1, 10_000, 3_000_000])
def test_it_is_never_worse_than_the_heuristic_however_little_is_looked_at(max_pairs):
    rng = np.random.default_rng(2)
    Theta = rng.standard_normal((45, 12)) @ rng.standard_normal((12, 200)) + 0.3 * rng.standard_normal((45, 200))
    Z = np.vstack([Theta, rng.standard_normal(6) @ Theta[:6] + 2.0 * rng.standard_normal(200)])
    G = Z @ Z.T
    A, _ = normalised(G, 45, 0)
    for (mine,), theirs in zip(certified_path(G, 45, 0, 8, max_pairs), subset_path(G, 45, 0, 8), strict=True):
        assert residual_of(A, mine.support, 45) <= residual_of(A, theirs, 45) * (1 + 1e-6)
        assert mine.bound <= mine.residual
        assert mine.certified or mine.gap > 0


def test_more_work_certifies_more_sizes():
    G = random_gram(1, n_terms=25, n_targets=1, n_rows=80)
    certified = [sum(best.certified for (best,) in certified_path(G, 25, 0, 12, m)) for m in (1, 10_000, 10_000_000)]
    assert certified == sorted(certified)
    assert certified[0] < certified[-1]


def test_the_best_few_of_a_size_come_in_order():
    for best in certified_path(random_gram(4), 7, 0, 7, n_best=3):
        assert [one.residual for one in best] == sorted(one.residual for one in best)
        assert len({one.support for one in best}) == len(best) == min(3, len(best))
        assert all(one.certified for one in best)


@pytest.mark.parametrize("system", ["lorenz", "rossler", "van der pol"])
def test_the_true_support_is_the_proven_best_of_its_size(system):
    problem = problem_of(system, noise=0.01, n_samples=1000)
    rows, supports, _ = true_rows(system, problem)
    G = gram(problem, rows.terms).sum(axis=0)
    for target, support in enumerate(supports):
        (best,) = certified_path(G, len(rows.terms), target, 6)[len(support) - 1]
        assert best.support == support
        assert best.certified


def test_very_wide_libraries_get_supports_and_no_proof():
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((302, 400))
    Z[301] += 3 * Z[7] + 2 * Z[300]
    path = certified_path(Z @ Z.T, 301, 0, 3)
    assert path[1][0].support == (7, 300)
    assert not any(best.certified for (best,) in path)


def test_what_is_no_gram_is_not_proven_either():
    G = np.eye(6)
    G[0, 1] = G[1, 0] = 1.4
    G[:5, 5] = G[5, :5] = 0.3
    assert not any(best.certified for (best,) in certified_path(G, 5, 0, 3))


def test_words():
    proven = [Subset((1,), 0.4, 0.4, 1), Subset((1, 2), 0.2, 0.2, 3)]
    assert told(proven) == "up to 2 terms"
    assert (
        told([*proven, Subset((1, 2, 3), 0.1, 0.099, 50)]) == "up to 2 terms (with 3 some other might leave 1 % less)"
    )
