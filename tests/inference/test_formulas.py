import numpy as np
import pytest

from discover.expr import parse
from discover.front import Candidate
from discover.inference.forms import Form, values
from discover.inference.formulas import fit_formula, form_of

NAMES = ["y", "x", "a", "b"]


def test_a_candidate_and_its_form_have_the_same_values():
    terms = (parse("exp(-0.5*x)", NAMES), parse("3*x**2", NAMES), parse("sin(2*x + 0.1)", NAMES))
    candidate = Candidate(
        "y", terms, (2.0, 1.0, -1.0), (float("nan"), 0.0, float("nan")), 1, 0, 1, inner=((0,), (), (0, 1))
    )
    form = form_of(candidate, 2)
    assert form.start == (2.0, -1.0, -0.5, 2.0, 0.1)
    X = np.random.default_rng(0).uniform(1.0, 2.0, (2, 30))
    expected = 2.0 * np.exp(-0.5 * X[1]) + 3 * X[1] ** 2 - np.sin(2 * X[1] + 0.1)
    np.testing.assert_allclose(values(form, X), expected, rtol=1e-13)


def test_intervals_cover():
    """Of 300 draws of noise, 95 % intervals hold each constant in 91 to 99 %."""
    rng = np.random.default_rng(3)
    X = rng.uniform(0.5, 4.0, (2, 40))
    truth = np.array([2.0, -0.7])
    form = Form(parse("a*exp(b*x)", NAMES), 2, (1.5, -0.5))
    clean, held = truth[0] * np.exp(truth[1] * X[1]), np.zeros(2)
    for _ in range(300):
        fit = fit_formula(form, X, clean + 0.05 * rng.standard_normal(40))
        held += np.abs(np.array(fit.form.start) - truth) < 2.02 * fit.std
    assert ((held > 0.91 * 300) & (held < 0.99 * 300)).all(), held / 300


def test_constants_that_trade_places_have_no_error():
    form = Form(parse("a*b*x", NAMES), 2, (1.0, 1.0))
    X = np.random.default_rng(0).uniform(1.0, 2.0, (2, 30))
    assert np.isnan(fit_formula(form, X, 3 * X[1]).std).all()


def test_a_form_without_constants_is_left_as_it_is():
    X = np.random.default_rng(0).uniform(1.0, 2.0, (2, 30))
    fit = fit_formula(Form(parse("x**2", NAMES), 2), X, X[1] ** 2 + 0.1)
    assert fit.dof == 30
    assert fit.noise == pytest.approx(0.1)
