import math

import numpy as np
import pytest

from discover.expr import Polynomial, Terms
from discover.inference.candidates import Candidates
from discover.inference.chisquare import penalty
from discover.inference.quotients import LUCK, POLE, Proposal, Quotients, kept
from tests.rationals import enzyme, offered


@pytest.fixture
def found():
    return offered_to(enzyme(0.01))


def offered_to(data):
    of = offered(data, Polynomial(1), Polynomial(2))
    plain = Candidates(of.rows.only(range(2)), 0)
    plain.add([(), (0,), (0, 1)], lambda n: False)
    return Quotients(of, 0, plain)


def proposal(above, below, *start):
    return Proposal(above, below, np.array(start))


TRUE = proposal((0, 1), (2, 3), 1.0, 3.3)
POLED = proposal((0,), (3,), 1.0)
"""a/x, where x comes down to nothing for all the noise lets one see."""


def test_the_true_quotient_wins(found):
    found.add([TRUE, proposal((0, 1), (2, 4), 1.0, 0.1)], lambda n: False)
    assert found.ranked()[0] == TRUE.support
    assert found.n_fits == 5


def test_nothing_is_fitted_twice_or_after_the_end(found):
    asked = []
    found.add([TRUE, TRUE], lambda n: asked.append(n))
    assert asked == [3]
    found.add([proposal((0,), (2, 3), 1.0, 1.0)], lambda n: True)
    assert set(found.found) == {TRUE.support}


def test_a_constant_below_costs_nothing_and_a_reference_only_its_choice(found):
    n, P = found.of.rows.n_rows, 4
    assert found.price((0, 1, 2, 3)) == penalty(3, n, P)
    assert found.price((0, 1)) == penalty(2, n, P)
    assert found.price((0, 3)) == penalty(1, n, P, 2)


def test_to_explain_more_than_the_noise_leaves_is_no_merit(found):
    found.add([TRUE], lambda n: False)
    dof = found.of.rows.n_rows - 4
    error = found.of.rows.problem.noise_error
    assert found.least(TRUE.support) == pytest.approx(dof * (1 - LUCK * math.sqrt(2 / dof + 4 * error**2)))
    assert found.scores()[TRUE.support] >= found.least(TRUE.support) + found.price(TRUE.support)


def test_candidates_hold_both_sums(found):
    found.add([TRUE], lambda n: False)
    best = kept(found)[0]
    quotient = found.found[TRUE.support]
    assert best.terms == found.of.rows.terms[:2]
    assert best.denominator == found.of.rows.terms[2:4]
    assert best.coefficients == tuple(quotient.a)
    assert best.divisors == tuple(quotient.b)
    assert best.divisor_std[0] == 0.0
    assert best.loss == pytest.approx(quotient.chi2 / found.of.rows.n_rows)
    assert (best.n_terms, best.n_parameters, best.r2 > 0.99) == (3, 3, True)


def test_a_pole_is_refused_and_shown():
    found = offered_to(enzyme(0.05))
    found.add([TRUE, POLED], lambda n: False)
    refused = [candidate for candidate in kept(found) if candidate.refusal]
    assert [candidate.refusal for candidate in refused] == [POLE]
    assert refused[0].denominator == (found.of.rows.terms[3],)
    assert math.isinf(refused[0].score)


def test_alternatives_above_are_named():
    of = offered(enzyme(0.05), Terms("1", "x", "sin(x)"), Polynomial(1))
    plain = Candidates(of.rows.only(range(3)), 0)
    plain.add([()], lambda n: False)
    found = Quotients(of, 0, plain)
    found.add([proposal((0, 1), (3, 4), 1.0, 3.3), proposal((0, 2), (3, 4), 1.0, 3.3)], lambda n: False)
    scores = found.scores()
    close = abs(scores[(0, 1, 3, 4)] - scores[(0, 2, 3, 4)]) < 4.6
    both = {c.terms: c.alternatives for c in kept(found) if c.denominator}
    assert both[of.rows.terms[:2]] == ("", "sin(x)" if close else "")
