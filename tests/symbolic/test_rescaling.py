import numpy as np
import pytest

from discover.expr import parse
from discover.inference.forms import Form
from discover.symbolic.rescaling import accidental, surcharge

RNG = np.random.default_rng(2)
FAR = np.exp(RNG.uniform(np.log(1e5), np.log(1e9), (2, 80)))
NAMES = ["x", "y", "a", "b", "c"]


def form(text):
    n_free = sum(f" {name}" in f" {text}".replace("(", " ").replace("*", " ") for name in "abc")
    return Form(parse(text, NAMES), 2, (1.5, 0.5, 0.25)[:n_free])


@pytest.mark.parametrize("text", ["a*x*y", "x*y", "x*y/(x + y)", "a + b*log(x)", "a*x + b*y", "sqrt(x*y)", "x/(x + a)"])
def test_laws_that_hold_in_any_unit_pay_nothing(text):
    assert surcharge(form(text), FAR) == 0.0


@pytest.mark.parametrize("text", ["a*(1 + log(x))", "a*x/(1 + x)", "a*log(1 + sqrt(x))", "a*log(x)"])
def test_forms_that_hold_in_one_unit_pay_for_it(text):
    assert accidental(form(text), FAR) == [0]
    assert surcharge(form(text), FAR) > 0.0


def test_columns_that_may_be_pure_numbers_are_left_alone():
    near = RNG.uniform(1.0, 5.0, (2, 80))
    assert surcharge(form("a*x/(1 + x)"), near) == 0.0
    assert surcharge(form("a*x/(1 + x)"), FAR - FAR.mean(axis=1, keepdims=True)) >= 0.0
