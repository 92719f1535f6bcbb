import numpy as np
import pytest

from discover.expr import evaluate, parse, text
from discover.inference.forms import Form, fitted, tapes, values

NAMES = ["x", "y", "a", "b"]


def test_a_law_has_its_constants_as_numbers():
    form = Form(parse("a*x + b*y", NAMES), 2, (2.0, 0.5))
    assert text(form.law, NAMES) == "2*x + 0.5*y"


def test_values_are_those_of_the_law():
    X = np.random.default_rng(0).uniform(1.0, 2.0, (2, 50))
    form = Form(parse("a*sin(b*x) + 3*y**1.5", NAMES), 2, (2.0, 0.5))
    np.testing.assert_allclose(values(form, X), evaluate(form.law, X), rtol=1e-13)


def test_free_constants_come_before_those_of_the_form():
    batch = tapes([Form(parse("a*x + 3", NAMES), 2, (7.0,)), Form(parse("x + 0.5", NAMES), 2)])
    assert batch.c.tolist() == [7.0, 3.0, 0.5]
    assert batch.first_c.tolist() == [0, 2, 3]


def test_fitting_nothing_gives_nothing():
    assert fitted([], np.ones((1, 5)), np.ones(5), np.ones(5)) == []


def test_a_fit_does_not_depend_on_its_company():
    X = np.random.default_rng(0).uniform(1.0, 2.0, (2, 50))
    y, weights = np.exp(-X[0]), np.ones(50)
    forms = [Form(parse("a*exp(b*x)", NAMES), 2, (1.0, start)) for start in (-0.5, 0.5)]
    assert [fitted([form], X, y, weights)[0] for form in forms] == fitted(forms, X, y, weights)
    assert fitted(forms, X, y, weights)[0][0].start == pytest.approx((1.0, -1.0))
