import numpy as np
import pytest

from discover.data.formulate import formulate
from discover.expr import constant, parse
from discover.front import Candidate, Front
from discover.inference.quotients import POLE
from discover.judge.quotients import (
    from_rows,
    held_out,
    included,
    per_reference,
    reference_term,
    refit_quotient,
    rows_at,
    shorter,
    worth_below,
)
from tests.rationals import enzyme

NAMES = ["x", "y"]
ONE, X = constant(1.0), parse("x", NAMES)
TRUE = (0.6, -3.0, 1.0 / 0.3)


def quotient(above=("1", "x"), below=("1", "x"), a=(0.6, -3.0), b=(1.0, 3.0)):
    return Candidate(
        target="x",
        terms=tuple(parse(text, NAMES) for text in above),
        coefficients=a,
        std=(0.1,) * len(a),
        loss=1.0,
        score=10.0,
        r2=0.9,
        alternatives=("",) * len(a),
        denominator=tuple(parse(text, NAMES) for text in below),
        divisors=b,
        divisor_std=(0.0, *(0.2,) * (len(b) - 1)),
    )


@pytest.fixture(scope="module")
def problem():
    return formulate(enzyme(0.01))


@pytest.fixture(scope="module")
def front():
    return Front(("x",), (quotient(),), 6, 40)


def test_a_refitted_quotient_stands_on_the_footing_of_the_others(problem, front):
    again = refit_quotient(problem, front, 0, quotient())
    assert (*again.coefficients, *again.divisors[1:]) == pytest.approx(TRUE, rel=0.1)
    assert again.loss == pytest.approx(1.0, abs=0.6)
    assert again.r2 > 0.99
    assert again.refusal is None


def test_a_pole_in_every_fit_is_refused(front):
    noisy = formulate(enzyme(0.05))
    refused = refit_quotient(noisy, front, 0, quotient(("1",), ("x",), (1.0,), (1.0,)))
    assert (refused.refusal, refused.score) == (POLE, float("inf"))


def test_errors_without_trajectories_come_from_folds(problem):
    rows, value, covariance, dof = from_rows(problem, 0, quotient(), 0)
    assert rows is not None
    assert value == pytest.approx(TRUE, rel=0.1)
    std = np.sqrt(np.diag(covariance))
    assert (np.abs(value - TRUE) < 4.0 * std).all()
    assert 1 <= dof < 40


def test_rows_of_a_denominator_with_a_pole_are_none(problem):
    assert rows_at(problem, quotient(), np.array([0.6, -3.0, -1.0]), 0) is None
    theta = rows_at(problem, quotient(), np.array(TRUE), 0).theta
    assert [len(part) for part in theta] == [3, 3]


def test_held_out_stretches_are_foretold_by_the_quotient(problem):
    assert held_out(problem, 0, quotient(), np.array(TRUE), 0) > 0.9


def test_what_is_lost_without_a_term_below(problem):
    (lost,) = worth_below(problem, 0, quotient(), 0.999, 0)
    assert 0.0 < lost < 1.0


@pytest.mark.parametrize(
    ("gone", "above", "below", "values"),
    [
        ([0], ("1",), ("x", "1"), None),  # x/(1 + 3 x), of which nothing is shared
        ([2], ("1", "x"), (), None),  # only the constant is left below
        ([1], ("1",), ("1", "x"), (0.6, 1.0, 3.0)),
    ],
)
def test_terms_go_one_by_one(gone, above, below, values):
    less = shorter(quotient(), gone)
    if gone == [0]:
        assert (less.terms, less.denominator) == ((X,), (ONE, X))
        return
    assert less.terms == tuple(parse(text, NAMES) for text in above)
    assert less.denominator == tuple(parse(text, NAMES) for text in below)
    if values:
        assert (*less.coefficients, *less.divisors) == values


def test_a_shared_factor_is_divided_out_and_the_constant_becomes_the_reference():
    less = shorter(quotient(("1", "x"), ("x", "x**2"), (0.6, -3.0), (1.0, 4.0)), [0])
    assert (less.terms, less.denominator) == ((ONE,), (ONE, X))
    assert (*less.coefficients, *less.divisors) == (-3.0, 1.0, 4.0)
    less = shorter(quotient(("x", "x**2"), ("x**2", "x"), (0.6, -3.0), (1.0, 4.0)), [])
    assert (less.terms, less.denominator) == ((ONE, X), (ONE, X))
    assert (*less.coefficients, *less.divisors) == (0.15, -0.75, 1.0, 0.25)


def test_small_things():
    assert reference_term(X).is_reference
    assert per_reference(X, ONE) == X
    assert per_reference(parse("x*y", NAMES), X) == parse("y", NAMES)
    assert included((X,), {quotient(): 0.75, quotient(below=("1",), b=(1.0,)): 0.25}) == [0.75]
