import _thread
import time
from dataclasses import replace

import numpy as np
import pytest

from discover.contract import Budget
from discover.data.stencils import Weak
from discover.errors import ExpressionError, SettingError
from discover.expr import Polynomial, Terms, text
from discover.inference.offer import affordable_library
from discover.sparse import Sparse
from discover.sparse.engine import MAX_TERMS
from tests.problems import problem_of, true_rows


@pytest.fixture(scope="module")
def lorenz():
    return problem_of("lorenz", noise=0.02, n_samples=1000)


@pytest.fixture(scope="module")
def front(lorenz):
    return Sparse().search(lorenz)


def named(candidate, problem):
    return {text(term, problem.names) for term in candidate.terms}


def test_the_true_terms_lead_for_every_target(lorenz, front):
    expected = [{"x", "y"}, {"x", "y", "x*z"}, {"z", "x*y"}]
    assert front.targets == lorenz.targets
    for target, terms in zip(front.targets, expected, strict=True):
        assert named(front.of(target)[0], lorenz) == terms


def test_a_front_is_ranked_and_says_what_was_searched(lorenz, front):
    assert front.n_library == 20
    assert front.n_rows == lorenz.n_rows
    assert any("20 library terms" in note for note in front.notes)
    assert not front.interrupted
    for target in front.targets:
        scores = [candidate.score for candidate in front.of(target)]
        assert scores == sorted(scores)
        assert () in [candidate.terms for candidate in front.of(target)]
        assert len({candidate.terms for candidate in front.of(target)}) == len(scores)


def test_candidates_carry_what_they_were_fitted_to(lorenz, front):
    rows, supports, Xi = true_rows("lorenz", lorenz)
    for target, support, w in zip(range(3), supports, Xi, strict=True):
        best = front.of(front.targets[target])[0]
        assert best.coefficients == pytest.approx(w, rel=0.1)
        assert len(best.std) == len(best.coefficients) == best.n_terms == len(support)
        theta, y = rows.theta[0][list(support)], rows.blocks[0].Y[target]
        residual = y - np.array(best.coefficients) @ theta
        assert best.r2 == pytest.approx(1 - residual @ residual / (y @ y))
        assert 0.7 < best.loss < 1.4
        assert len(best.alternatives) == best.n_terms


def test_the_best_few_of_each_size_are_kept_and_all_near_the_best(front):
    for target in front.targets:
        kept = front.of(target)
        best = kept[0].score
        for n_terms in {candidate.n_terms for candidate in kept}:
            mine = [candidate for candidate in kept if candidate.n_terms == n_terms]
            assert all(candidate.score - best < 2 * np.log(100) for candidate in mine[2:])


def test_threads_change_nothing(lorenz, front):
    assert Sparse(n_jobs=1).search(lorenz) == Sparse(n_jobs=2).search(lorenz) == front


@pytest.mark.parametrize("max_evals", [1, 3, 20, 60])
def test_a_budget_of_evaluations_gives_the_same_front_at_any_number_of_threads(lorenz, max_evals):
    one = Sparse(n_jobs=1).search(lorenz, budget=Budget(max_evals=max_evals))
    two = Sparse(n_jobs=2).search(lorenz, budget=Budget(max_evals=max_evals))
    assert one == two
    assert all(one.of(target) for target in one.targets)
    assert len(one.candidates) <= max(3, max_evals)
    assert any("budget ended the search" in note for note in one.notes)


def test_more_budget_never_makes_the_chi_square_worse(lorenz):
    best = []
    for max_evals in (3, 9, 30, 90, 300):
        found = Sparse().search(lorenz, budget=Budget(max_evals=max_evals))
        best.append([min(c.loss for c in found.of(target)) for target in found.targets])
    assert np.all(np.diff(best, axis=0) <= 1e-12)


def test_a_budget_of_no_time_at_all_returns_what_costs_nothing(lorenz):
    found = Sparse().search(lorenz, budget=Budget(seconds=1e-9))
    assert [candidate.terms for candidate in found.candidates] == [(), (), ()]


class Interrupting(Budget):
    """A budget that presses Ctrl-C when it is asked for the tenth time."""

    asked = 0

    def spent(self, n_evals: int = 0) -> bool:
        type(self).asked += 1
        if type(self).asked == 10:
            _thread.interrupt_main()
            time.sleep(0.3)  # the main thread waits for a result; let it hear of this
        return False


def test_an_interrupt_returns_the_best_so_far(lorenz):
    found = Sparse(n_jobs=1).search(lorenz, budget=Interrupting())
    assert found.interrupted
    assert all(found.of(target) for target in found.targets)
    assert len(found.candidates) < len(Sparse().search(lorenz).candidates)


def test_progress_is_told_in_order(lorenz):
    told = []
    Sparse(library=Polynomial(1)).search(lorenz, observe=lambda step, share: told.append((step, share)))
    assert told[0] == ("library", 0.0)
    assert [share for step, share in told if step == "candidates"] == pytest.approx([1 / 3, 2 / 3, 1.0])


def test_the_seed_draws_the_rows():
    problem = problem_of("van der pol", n_samples=6000, form=Weak(half_width=10))
    few = Sparse(max_rows=1200)
    first, again, other = (few.search(problem, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.n_rows <= 1200 < problem.n_rows
    assert first.candidates != other.candidates
    assert [named(first.of(t)[0], problem) for t in first.targets] == [{"y"}, {"x", "y", "x**2*y"}]


def test_terms_that_the_data_cannot_tell_apart_are_named(lorenz):
    """Here x and 2·x, which only differ by a number."""
    found = Sparse(library=Polynomial(1) + Terms("2*x")).search(lorenz)
    best = found.of("x")[0]
    position = [text(term, lorenz.names) for term in best.terms]
    (at,) = [i for i, name in enumerate(position) if name in ("x", "2*x")]
    assert best.alternatives[at] in ("x", "2*x")
    assert best.alternatives[at] != position[at]


def test_the_library_is_built_on_the_variables(lorenz):
    assert Sparse(library=Terms("sin(x)", "y*z")).terms(lorenz) == Terms("sin(x)", "y*z").build(["x", "y", "z"])
    assert Sparse().terms(lorenz) == Polynomial(3).build(["x", "y", "z"])
    with pytest.raises(ExpressionError, match="w"):
        Sparse(library=Terms("sin(w)")).search(lorenz)


@pytest.mark.parametrize(("n_samples", "degree"), [(300, 3), (50, 2), (20, 1)])
def test_short_data_get_a_library_that_they_can_tell_apart(n_samples, degree):
    problem = problem_of("lorenz", n_samples=n_samples, form=Weak(half_width=3))
    assert affordable_library(problem) == Polynomial(degree)


def test_no_more_terms_than_a_third_of_the_rows():
    problem = problem_of("lotka-volterra", n_samples=30, form=Weak(half_width=3))
    found = Sparse(library=Polynomial(3)).search(problem)
    assert max(candidate.n_terms for candidate in found.candidates) <= min(MAX_TERMS, problem.n_rows // 3)


def test_it_says_when_there_are_no_rows(lorenz):
    assert Sparse().supports(lorenz) is None
    assert "single row" in str(Sparse().supports(replace(lorenz, blocks=())))


@pytest.mark.parametrize("setting", ["max_terms", "max_rows", "n_jobs"])
@pytest.mark.parametrize("value", [0, -1])
def test_settings_out_of_range_are_refused(setting, value):
    with pytest.raises(SettingError, match=rf"{setting} must be 1 or more, got {value}"):
        Sparse(**{setting: value})


def test_equations_longer_than_importance_can_take_are_refused() -> None:
    with pytest.raises(SettingError, match="16 or less, got 17"):
        Sparse(max_terms=17)
