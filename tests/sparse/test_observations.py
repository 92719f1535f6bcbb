"""The sparse engine on tables: a sum of a few library terms, told apart from longer ones by its description."""

import itertools

import numpy as np
import pytest

from discover.contract import Budget
from discover.data.observations import formulate_observations, observations
from discover.errors import SettingError
from discover.expr import Forced, Polynomial, Rational, Terms, parse, text
from discover.sparse import Sparse

RNG = np.random.default_rng(3)
A, B, C = RNG.uniform(-1.0, 3.0, (3, 250))
TRUE = {"1": 0.3, "a*b": 1.5, "c**2": -0.7}
Y = 0.3 + 1.5 * A * B - 0.7 * C**2


def problem_of(y, **columns):
    return formulate_observations(observations({"y": y, **(columns or {"a": A, "b": B, "c": C})}, "y"))


def found(candidate, problem):
    names = problem.names
    return {text(term, names): value for term, value in zip(candidate.terms, candidate.coefficients, strict=True)}


def test_the_true_terms_lead_and_nothing_explains_the_target_by_itself():
    problem = problem_of(Y + 0.05 * RNG.standard_normal(250))
    front = Sparse(library=Polynomial(3)).search(problem)
    best = front.of("y")[0]
    assert found(best, problem) == pytest.approx(TRUE, abs=0.02)
    assert front.n_library == 20
    assert all(0 not in term.variables for one in front.candidates for term in one.terms)


def test_without_noise_coefficients_are_exact():
    problem = problem_of(Y)
    best = Sparse(library=Polynomial(3)).search(problem).of("y")[0]
    assert found(best, problem) == pytest.approx(TRUE, abs=1e-12)


def test_the_best_of_a_size_is_the_best_of_all_subsets():
    problem = problem_of(np.sin(A) + B * C)
    library = Polynomial(2)
    front = Sparse(library=library, max_terms=3).search(problem)
    terms = [term for term in library.build(problem.names) if 0 not in term.variables]
    X = problem.blocks[0].X
    Theta = np.array([_column(term, X) for term in terms])
    for k in (1, 2, 3):
        least = min(_left(Theta[list(S)], problem.blocks[0].Y[0]) for S in itertools.combinations(range(len(terms)), k))
        mine = min(one.loss for one in front.of("y") if one.n_terms == k)
        assert mine == pytest.approx(least / 250, rel=1e-9)


def _column(term, X):
    from discover.expr import compile_program

    return compile_program([term], len(X)).evaluate(X)[0]


def _left(columns, y):
    coefficients = np.linalg.lstsq(columns.T, y, rcond=None)[0]
    return float(np.sum((y - coefficients @ columns) ** 2))


def test_noise_alone_gets_its_mean():
    problem = problem_of(2.0 + RNG.standard_normal(250))
    assert list(found(Sparse(library=Polynomial(2)).search(problem).of("y")[0], problem)) == ["1"]


def test_a_budget_that_ends_the_search_is_told():
    problem = problem_of(Y)
    front = Sparse(library=Polynomial(3)).search(problem, budget=Budget(max_evals=2))
    assert front.unfinished
    assert 1 <= len(front.candidates) <= 2


@pytest.mark.parametrize(
    ("library", "said"),
    [
        (Rational(Polynomial(1)), "leave Rational"),
        (Polynomial(1) + Forced("a**2"), "leave out forced terms"),
    ],
)
def test_what_it_cannot_do_is_said(library, said):
    with pytest.raises(SettingError, match=said):
        Sparse(library=library).search(problem_of(Y))


def test_terms_of_a_person_s_own():
    problem = problem_of(0.5 * np.exp(-A) + 0.01 * RNG.standard_normal(250))
    best = Sparse(library=Polynomial(1) + Terms("exp(-a)")).search(problem).of("y")[0]
    assert best.terms == (parse("exp(-a)", problem.names),)


def test_rows_count_by_their_weights():
    y = 2.0 * A + 0.01 * RNG.standard_normal(250)
    y[:50] = 9.0
    weights = np.where(np.arange(250) < 50, 1e-12, 1.0)
    problem = formulate_observations(observations({"y": y, "a": A, "b": B}, "y", weights=weights))
    best = Sparse(library=Polynomial(2)).search(problem).of("y")[0]
    assert found(best, problem) == pytest.approx({"a": 2.0}, abs=0.01)


def test_several_targets_are_searched_one_by_one():
    table = {"u": 3.0 * A, "v": B - C, "a": A, "b": B, "c": C}
    problem = formulate_observations(observations(table, ["u", "v"]))
    front = Sparse(library=Polynomial(2)).search(problem)
    assert found(front.of("u")[0], problem) == pytest.approx({"a": 3.0})
    assert found(front.of("v")[0], problem) == pytest.approx({"b": 1.0, "c": -1.0})
