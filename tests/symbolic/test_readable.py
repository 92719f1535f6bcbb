"""A form as textbooks write it."""

import numpy as np
import pytest

from discover.expr import parse, text
from discover.inference.forms import Form, values
from discover.symbolic.readable import one_signed, readable

NAMES = ["x", "y", "a", "b", "c"]
X = np.random.default_rng(3).uniform(0.5, 2.0, (2, 60))


@pytest.mark.parametrize(
    ("form", "start", "written", "n_free"),
    [
        ("exp(a - x)/y", (0.3,), "a*exp(-x)/y", 1),
        ("y/(1 + a/x)", (2.2,), "x*y/(x + a)", 1),
        ("1/(a/(x*y) + 1/y)", (2.2,), "x*y/(a + x)", 1),
        ("2*(a*x)", (1.5,), "a*x", 1),
        ("a*(b*x)", (1.5, 2.0), "a*x", 1),
        ("a + b*exp(c - x)", (1.0, 2.0, 0.5), "b + a*exp(-x)", 2),
        ("sqrt(a*x)/y", (2.0,), "a*sqrt(x)/y", 1),
        ("sqrt(x)*sqrt(y)", (), "sqrt(x*y)", 0),
    ],
)
def test_constants_that_belong_together_become_one(form, start, written, n_free):
    given = Form(parse(form, NAMES), 2, start)
    found = readable(given, X)
    np.testing.assert_allclose(values(found, X), values(given, X), rtol=1e-12)
    assert (text(found.expr, NAMES), found.n_free) == (written, n_free)


def test_a_constant_in_two_places_stays_one():
    given = Form(parse("a*x + exp(a - y)", NAMES), 2, (0.7,))
    assert readable(given, X) == given


def test_a_negative_constant_does_not_leave_a_root():
    given = Form(parse("sqrt(a*x)", NAMES), 2, (-2.0,))
    assert readable(given, -X) == given


def test_what_overflows_stays():
    given = Form(parse("exp(a - x)", NAMES), 2, (800.0,))
    assert readable(given, 790.0 + X) == given


def test_absolute_values_stay_where_signs_change():
    form = Form(parse("c*abs(x - 1)", ["x", "c"]), 1, (2.0,))
    assert one_signed(form, np.array([[0.5, 1.5]])) == form
    above = one_signed(form, np.array([[1.5, 2.5]]))
    assert above.expr == parse("c*(x - 1)", ["x", "c"])
