from dataclasses import replace

import pytest

from discover.expr import Polynomial, parse
from discover.inference.chisquare import penalty
from discover.inference.families import base_of, families, price
from discover.inference.offer import case_terms
from tests.problems import problem_of


@pytest.fixture(scope="module")
def problem():
    plain = problem_of("lotka-volterra", n_samples=120)
    return replace(plain, names=(*plain.names, "[run = a]", "[run = b]"), cases=("a", "b"), by="run")


def test_terms_of_different_cases_are_one_family(problem):
    base = Polynomial(2).build(problem.measured)
    terms = [term for one in base for term in case_terms(one, problem)]
    found = families(problem, terms)
    assert [base_of(one, len(problem.measured)) for one in base] == list(found)
    assert list(found.values()) == [(2 * k, 2 * k + 1) for k in range(len(base))]


def test_without_cases_every_term_is_its_own_family(problem):
    plain = replace(problem, names=problem.measured, cases=(), by="")
    terms = Polynomial(1).build(plain.names)
    assert families(plain, terms) == {term: (k,) for k, term in enumerate(terms)}
    assert price(plain, terms, 100, 6) == penalty(3, 100, 6)


def test_a_choice_is_paid_once_for_all_cases(problem):
    terms = case_terms(parse("1", problem.names), problem)
    assert price(problem, terms, 100, 6) == penalty(2, 100, 6, n_chosen=1)
    assert penalty(2, 100, 6, n_chosen=1) < penalty(2, 100, 6)
