"""Constants inside terms on rows: values, errors, and starts from which no fit is finite."""

import numpy as np
import pytest

from discover.expr import parse
from discover.inference.nested import fit_nested, nested_candidate
from discover.inference.tameness import is_tame
from tests.symbolic.test_dynamics import PROBLEM, decaying


def test_a_frequency_is_fitted_with_its_coefficient():
    fit = fit_nested(PROBLEM, 0, [parse("sin(0.8*x)", ["x"])], [(0,)])
    assert fit is not None
    std = np.sqrt(np.diag(fit.estimate.covariance()))
    assert (np.abs(fit.parameters - [-1.0, 1.0]) < 4 * std).all()
    assert 0.4 < fit.chi2 / fit.estimate.n_rows < 2.0
    assert text_of(fit.terms[0]) == fit.p[0]


def text_of(term):
    (value,) = term.constants
    return value


def test_without_constants_it_is_the_linear_fit():
    fit = fit_nested(PROBLEM, 0, [parse("sin(x)", ["x"])], [()])
    assert fit is not None
    assert fit.a == pytest.approx([-1.0], abs=0.02)
    assert len(fit.p) == 0


def test_a_term_without_a_value_on_the_data_is_no_candidate():
    assert fit_nested(PROBLEM, 0, [parse("log(x - 1.5)", ["x"])], [(0,)]) is None


def test_the_intervals_of_inner_constants_hold():
    held = 0
    for seed in range(20):
        problem = noisy(seed)
        fit = fit_nested(problem, 0, [parse("sin(0.9*x)", ["x"])], [(0,)])
        assert fit is not None
        held += abs(fit.p[0] - 1.0) < 1.96 * np.sqrt(fit.estimate.covariance()[1, 1])
    assert held >= 16


def noisy(seed):
    from discover.data import load
    from discover.data.formulate import formulate

    t = np.linspace(0.0, 6.0, 240)
    x = 2.0 * np.arctan(np.tan(1.25) * np.exp(-t)) + 0.005 * np.random.default_rng(seed).standard_normal(len(t))
    return formulate(load({"t": t, "x": x}), None, 1, lambda step, share: None, None)


def test_terms_near_a_pole_are_not_tame():
    problem = decaying(noise=0.01)
    tame = [is_tame(parse(term, ["x"]), problem) for term in ("sin(x)", "x**2", "1/(x - 2.51)", "log(x)/x")]
    assert tame == [True, True, False, False]


def test_a_candidate_holds_its_numbers():
    from discover.front import Candidate

    like = Candidate("x", (parse("sin(0.8*x)", ["x"]),), (1.0,), (1.0,), 1.0, 0.0, 1.0, inner=((0,),))
    fit = fit_nested(PROBLEM, 0, like.terms, like.places)
    assert fit is not None
    one = nested_candidate(fit, like, 0, 1.0, 7.0)
    assert one.constants == tuple(fit.p)
    assert one.n_parameters == 2
    assert one.score == pytest.approx(fit.chi2 + 7.0)
    assert one.parts == like.parts
