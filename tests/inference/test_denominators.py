import numpy as np
import pytest

import discover
from discover.data.formulate import formulate
from discover.errors import SettingError, UnitError
from discover.expr import Forced, PerEquation, Polynomial, Rational, Terms, text
from discover.inference.denominators import check_above, terms_below
from discover.inference.offer import offer
from discover.simulate import SYSTEMS, generate


@pytest.fixture(scope="module")
def problem():
    return formulate(generate(SYSTEMS["lotka-volterra"], n_samples=200, noise=0.01, seed=1))


def test_each_target_has_its_terms_below(problem):
    library = PerEquation({"prey": Rational(Polynomial(1), Terms("predator"))}, default=Polynomial(1))
    x, y = terms_below(library, problem)
    assert [text(term, problem.names) for term in x] == ["1", "predator"]
    assert y == ()


def test_terms_without_a_value_on_the_data_are_left_out(problem):
    (below, _) = terms_below(Rational(Polynomial(1), Terms("prey", "log(prey - 100)")), problem)
    assert [text(term, problem.names) for term in below] == ["1", "prey"]


def test_a_term_below_that_breaks_its_units_is_an_error():
    t = np.linspace(0, 5, 60)
    data = discover.load({"t": t, "h": np.exp(-t), "w": np.exp(t)}, time="t", units={"t": "s", "h": "m", "w": "s"})
    with pytest.raises(UnitError, match="breaks the units"):
        terms_below(Rational(Polynomial(1), Terms("h + w")), formulate(data))


def test_what_denominators_are_not_known_for_is_said(problem):
    with pytest.raises(SettingError, match="no forced terms"):
        check_above(offer(Rational(Polynomial(1) + Forced("prey"), Polynomial(1)), problem), problem)
    twice = formulate(generate(SYSTEMS["pendulum"], n_samples=200, noise=0.0, seed=1)[["theta"]], order=2)
    with pytest.raises(SettingError, match="first derivatives"):
        terms_below(Rational(), twice)


def test_fields_over_space_take_no_denominator():
    t, x = np.linspace(0, 1, 40), np.linspace(0, 1, 30)
    u = np.sin(x)[None, :] * np.exp(-t)[:, None]
    data = discover.load({"t": t, "x": x, "u": u}, time="t", space="x")
    with pytest.raises(SettingError, match="trajectories"):
        terms_below(Rational(), formulate(data))
