"""Drift and diffusion selected in turns."""

from itertools import combinations

import numpy as np
import pytest

import discover
from discover.contract import Budget
from discover.expr import text
from discover.sparse import Sparse
from discover.sparse.diffusion import leaders, searched
from tests.noisy import path, stochastic_problem


def best(problem, library=None):
    """Return the texts of the leading candidate of every target."""
    front = Sparse(library=library).search(problem)
    return [{text(term, problem.names) for term in front.of(target)[0].terms} for target in front.targets]


def test_both_sides_of_a_double_well_with_noise_by_state():
    problem = stochastic_problem(path(squared=("0.2 + 0.2*x**2",)))
    assert best(problem) == [{"x", "x**3"}, {"1", "x**2"}]


def test_coarse_steps_bring_no_spurious_terms():
    assert best(stochastic_problem(path(dt=0.2, n=5000), 0.2)) == [{"x", "x**3"}, {"1"}]


def test_prices_that_grow_a_thousandfold():
    x = path(("0.3*x",), ("0.04*x**2",), 2500, 0.02, 1)
    assert x[0, -1] > 100 * x[0, 0]
    assert best(stochastic_problem(x, 0.02)) == [{"x"}, {"x**2"}]


def test_no_drift_where_there_is_none():
    assert best(stochastic_problem(path(("0",), ("1",), 4000, 0.05, 2))) == [set(), {"1"}]


def test_the_diffusion_may_have_a_library_of_its_own():
    form = discover.Stochastic(diffusion=discover.Polynomial(0))
    problem = stochastic_problem(path(squared=("0.2 + 0.2*x**2",)), form=form)
    front = Sparse().search(problem)
    assert {c.n_terms for c in front.of("g²(x)")} == {0, 1}


def test_a_square_that_is_negative_somewhere_is_refused_and_so_is_none():
    front = Sparse(library=discover.Polynomial(1)).search(stochastic_problem(path()))
    refused = {tuple(text(t, ("x",)) for t in c.terms): c.refusal for c in front.of("g²(x)") if c.refusal}
    assert "would be -" in refused[("x",)]
    assert "does not move by its drift alone" in refused[()]


def test_a_budget_ends_after_a_whole_turn():
    front = Sparse().search(stochastic_problem(path(n=500)), budget=Budget(max_evals=1))
    assert {c.target for c in front.candidates} == {"x", "g²(x)"}


def test_groups_and_forced_terms_are_refused_in_a_sentence():
    library = discover.Polynomial(2) + discover.Forced("x")
    with pytest.raises(discover.SettingError, match="single terms that may come and go"):
        Sparse(library=library).search(stochastic_problem(path(n=500)))


@pytest.fixture
def gram():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((7, 200))
    rows[-1] += 3 * rows[1] - 2 * rows[4]
    return rows @ rows.T


def test_every_subset_of_a_small_library_is_looked_at(gram):
    found = searched(gram, range(6), 200, 6).found
    assert len(found) == 2**6
    for support in combinations(range(6), 2):
        A, b = gram[np.ix_(support, support)], gram[list(support), -1]
        assert found[support] == pytest.approx(gram[-1, -1] - b @ np.linalg.solve(A, b))


def test_a_large_library_is_searched_around_its_best(gram):
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((21, 400))
    rows[-1] += rows[3] + rows[7] - rows[12]
    regression = searched(rows @ rows.T, range(20), 400, 6)
    scores = regression.scores()
    assert min(scores, key=lambda key: scores[key]) == (3, 7, 12)
    assert (3, 7, 12) in leaders(scores)
    assert len(regression.found) < 2000
