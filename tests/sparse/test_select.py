import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.data.stencils import Strong
from discover.expr import Polynomial, Terms
from discover.inference.candidates import Candidates
from discover.inference.chisquare import estimate, penalty
from discover.inference.rows import assemble
from discover.sparse import gram
from discover.sparse.select import neighbours, search_target, whitened_gram
from tests.problems import problem_of, true_rows
from tests.reference import residual_of


def never(n_fits):
    return False


@pytest.fixture(scope="module")
def oscillator():
    """Rows of a noisy van der Pol oscillator, its true supports, and the Gram of its library."""
    problem = problem_of("van der pol", noise=0.05, n_samples=600)
    rows, supports, _ = true_rows("van der pol", problem)
    return rows, supports, gram(problem, rows.terms).sum(axis=0)


def test_no_support_is_fitted_twice(oscillator):
    rows, _, _ = oscillator
    candidates = Candidates(rows, 0)
    candidates.add([(1,), (2,), (1,)], never)
    first = candidates.found[(1,)]
    candidates.add([(1,), (3,)], never)
    assert list(candidates.found) == [(1,), (2,), (3,)]
    assert candidates.found[(1,)] is first


def test_scores_are_chi_square_plus_penalty_on_the_scale_of_the_best(oscillator):
    rows, supports, _ = oscillator
    candidates = Candidates(rows, 1)
    candidates.add([(), (2,), (1, 2)], never)
    assert candidates.scale == min(one.chi2 / one.n_rows for one in candidates.found.values()) > 1.0
    scores = candidates.scores()
    for support, one in candidates.found.items():
        price = penalty(len(support), rows.n_rows, 10)
        assert scores[support] == pytest.approx(one.chi2 / candidates.scale + price)
    candidates.add([supports[1]], never)
    assert candidates.best() == supports[1]
    assert candidates.scale == max(1.0, candidates.found[supports[1]].chi2 / rows.n_rows)


def test_the_whitened_gram_is_that_of_generalised_least_squares(oscillator):
    rows, supports, _ = oscillator
    winner = estimate(rows, 1, supports[1])
    G = whitened_gram(rows, 1, winner)
    assert G.shape == (11, 11)
    assert np.allclose(G, G.T)
    assert residual_of(G, supports[1], 10) == pytest.approx(winner.chi2, rel=0.01)
    bread = np.linalg.inv(G[np.ix_(supports[1], supports[1])])
    assert np.allclose(bread, winner.covariance(), rtol=0.05, atol=1e-3 * np.abs(bread).max())


@given(st.integers(0, 1000), st.integers(0, 5))
def test_neighbours_are_every_drop_and_the_best_swaps_and_additions(seed, size):
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((9, 40))
    G = Z @ Z.T
    support = tuple(sorted(rng.choice(8, size, replace=False).tolist()))
    found = neighbours(G, support)
    outside = [j for j in range(8) if j not in support]

    def best_with(kept):
        return min(outside, key=lambda j: residual_of(G, [*kept, j], 8))

    for p in support:
        kept = tuple(q for q in support if q != p)
        assert kept in found
        assert tuple(sorted((*kept, best_with(kept)))) in found
    assert tuple(sorted((*support, best_with(support)))) in found
    assert support not in found
    for one in found:
        assert list(one) == sorted(set(one))
        assert len(set(one) ^ set(support)) <= 2


@pytest.mark.parametrize("system", ["lorenz", "van der pol", "rossler", "lotka-volterra"])
@pytest.mark.parametrize("noise", [0.01, 0.03])
def test_the_truth_is_chosen_by_its_own_chi_square(system, noise):
    problem = problem_of(system, noise=noise, n_samples=1500, seed=1)
    rows, supports, _ = true_rows(system, problem)
    G = gram(problem, rows.terms).sum(axis=0)
    for target, support in enumerate(supports):
        assert search_target(rows, G, target, 10, never).best() == support


def test_it_works_in_strong_form_too():
    problem = problem_of("lotka-volterra", noise=0.01, n_samples=1000, form=Strong())
    rows, supports, _ = true_rows("lotka-volterra", problem)
    G = gram(problem, rows.terms).sum(axis=0)
    assert [search_target(rows, G, target, 8, never).best() for target in (0, 1)] == supports


@pytest.mark.parametrize("max_terms", [1, 3])
def test_no_candidate_is_longer_than_asked(oscillator, max_terms):
    rows, _, G = oscillator
    found = search_target(rows, G, 1, max_terms, never).found
    assert () in found
    assert max(len(support) for support in found) <= max_terms


def test_an_interrupted_search_is_the_beginning_of_the_whole_one(oscillator):
    rows, _, G = oscillator
    whole = list(search_target(rows, G, 1, 8, never).found)
    for limit in (0, 1, 4, 9, 25, len(whole)):
        part = list(search_target(rows, G, 1, 8, lambda n_fits, limit=limit: n_fits >= limit).found)
        assert part == whole[: max(1, limit)]


def test_a_library_that_never_moves_is_left_alone():
    """A constant column of zeros and one without a value at some samples change nothing."""
    problem = problem_of("lotka-volterra", n_samples=400)
    plain = Polynomial(2).build(problem.names)
    odd = (*plain, *Terms("0*prey", "log(prey - 3)").build(problem.names))
    results = []
    for terms in (plain, odd):
        rows, G = assemble(problem, terms), gram(problem, terms).sum(axis=0)
        results.append(search_target(rows, G, 0, 5, never).best())
    assert results[0] == results[1]
