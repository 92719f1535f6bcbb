import numpy as np
import pytest

from discover.data.formulate import formulate
from discover.expr import Polynomial, Rational, text
from discover.front import Front
from discover.judge.quotient_proposals import quotient_proposals
from discover.judge.quotients import refit_quotient
from discover.judge.systems import follow
from discover.sparse import Sparse
from tests.judge.test_quotients import quotient
from tests.rationals import enzyme

ABOVE, BELOW = Polynomial(2).build(["x"]), Polynomial(2).build(["x"])


@pytest.fixture(scope="module")
def problem():
    return formulate(enzyme(0.02))


@pytest.fixture(scope="module")
def front():
    return Front(("x",), (quotient(),), 5, 40, offers=(ABOVE,), below=(BELOW,))


def followed(problem, front, *parts):
    candidate = refit_quotient(problem, front, 0, quotient(*parts))
    trial = follow(problem, (candidate,), lambda: False)
    assert trial.followed is not None
    return trial


def told(proposal):
    return {text(t, ["x"]) for t in proposal.terms}, {text(t, ["x"]) for t in proposal.denominator}


def test_a_term_too_many_is_seen_through(problem, front):
    trial = followed(problem, front, ("1", "x", "x**2"), ("1", "x"), (0.6, -3.0, 0.1), (1.0, 3.3))
    best = quotient_proposals(problem, front, trial)[0]
    assert told(best) == ({"1", "x"}, {"1", "x"})
    assert best.promised > 0.0
    assert best.coefficients == pytest.approx((0.6, -3.0, 1.0 / 0.3), rel=0.2)


def test_a_wrong_term_below_is_exchanged(problem, front):
    trial = followed(problem, front, ("1", "x", "x**2"), ("1", "x**2"), (0.6, -2.0, -1.0), (1.0, 3.0))
    assert ({"1", "x"}, {"1", "x"}) in [told(one) for one in quotient_proposals(problem, front, trial)]


def test_the_right_law_is_left_alone(problem, front):
    trial = followed(problem, front)
    assert all(one.promised < 2.2 for one in quotient_proposals(problem, front, trial))


def test_what_does_not_follow_proposes_nothing(problem, front):
    trial = follow(problem, (quotient(("1",), ("1", "x"), (0.0,), (1.0, 0.0)),), lambda: False)
    assert trial.followed is None
    assert quotient_proposals(problem, front, trial) == []


def test_the_engine_tells_what_is_on_offer(problem):
    found = Sparse(Rational(Polynomial(2), Polynomial(2))).search(problem)
    assert [len(found.offers[0]), len(found.below[0])] == [3, 3]
    assert np.isfinite(found.of("x")[0].score)
