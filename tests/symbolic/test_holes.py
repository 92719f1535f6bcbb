import numpy as np
import pytest

from discover.expr import parse
from discover.inference.criteria import Squares
from discover.inference.forms import Form
from discover.symbolic.holes import Filled, pilot, solved
from discover.symbolic.spelled import spelled

RNG = np.random.default_rng(0)
T = np.sort(RNG.uniform(0.5, 3.0, 120))
DATA = np.array([np.zeros(120), T])
FORM = spelled("a*exp(-f(T))", "form", ["y", "T"], 1)
ONES = np.ones(120)


def test_what_is_in_the_hole_is_solved_for_row_by_row():
    truth = np.sqrt(T) + 0.3
    f, weights = solved(FORM, (2.0,), DATA, 2.0 * np.exp(-truth), ONES, np.ones(120))
    assert f == pytest.approx(truth)
    assert weights / weights.max() == pytest.approx(np.exp(-2 * truth) / np.exp(-2 * truth).max(), rel=1e-6)


def test_a_row_without_a_solution_stays_finite():
    y = 2.0 * np.exp(-T)
    y[3] = -1.0
    f, weights = solved(FORM, (2.0,), DATA, y, ONES, T)
    assert np.isfinite(f).all()
    assert weights[3] < 1e-3 * np.median(weights)


def test_a_polynomial_stands_in_at_first():
    line = spelled("a*sin(b*T) + f(T)", "form", ["y", "T"], 1)
    y = 3.0 * np.sin(5.0 * T) + 0.5 * T**2
    constants, near = pilot(line, DATA, y, ONES, Squares(DATA, y, ONES), 0)
    assert np.abs(constants) == pytest.approx([3.0, 5.0], rel=1e-3)
    assert near == pytest.approx(0.5 * T**2, abs=0.05)


def test_a_proposal_is_fitted_with_the_form_around_it():
    y = 2.0 * np.exp(-0.7 * T)
    filled = Filled(FORM, Squares(DATA, y, ONES), (1.0,))
    ((form, left),) = filled.fit([Form(parse("c*u", ["u", "c"]), 1, (1.0,))], 50)
    assert form.start == pytest.approx((0.7,))
    assert left < 1e-20
    assert filled.known[form.expr] == pytest.approx((2.0,))
    assert filled.whole(form) == Form(
        parse("a*exp(-(c*T))", ["y", "T", "a", "c"]), 2, (*filled.known[form.expr], *form.start)
    )
    assert np.abs(filled.residual(form)).max() < 1e-9
