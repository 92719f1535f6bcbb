import numpy as np
import pytest

from discover.expr import variable
from discover.inference.forms import fitted
from discover.symbolic.limits import limits
from discover.symbolic.logarithmic import logarithmic
from discover.symbolic.node import root

RNG = np.random.default_rng(5)
NU, T = np.exp(RNG.uniform(np.log(1e10), np.log(1e16), 120)), RNG.uniform(150.0, 4000.0, 120)
U = 4.8e-11 * NU / T


def least(X, z, **asked):
    node = root(X, z, np.ones(len(z)), range(len(X)), **asked)
    forms = [form for some in logarithmic(node, np.random.default_rng(0)) for form in some]
    found = fitted(forms, X, z, np.ones(len(z)), 40)
    return min(found, key=lambda pair: pair[1], default=(None, np.inf))


def test_a_logarithm_is_found_where_the_function_itself_would_overflow():
    assert U.max() > 800.0
    z = -114.75 + 3.0 * np.log(NU) - np.where(U > 30, U, np.log(np.expm1(np.minimum(U, 30.0))))
    form, left = least(np.array([NU, T]), z)
    assert form is not None
    assert left < 1e-12 * len(z)
    assert 4.8e-11 in [pytest.approx(value, rel=1e-6) for value in form.start]


@pytest.mark.parametrize(
    "law",
    [
        lambda x, t: 2.0 - 1.2 * np.log(x) - 0.3 * x,
        lambda x, t: 1.0 + 0.5 * np.log(t) - 900.0 / t,
        lambda x, t: 3.0 - np.log(1.0 + 0.7 * x) + np.log(t),
        lambda x, t: 1.0 - np.log(1.0 + np.exp(-0.8 * x)),
    ],
)
def test_sums_of_logarithms_are_found(law):
    x, t = RNG.uniform(0.5, 9.0, 100), RNG.uniform(250.0, 400.0, 100)
    z = law(x, t)
    assert least(np.array([x, t]), z)[1] < 1e-12 * float(z @ z)


def test_columns_of_both_signs_and_forbidden_logarithms_leave_nothing_to_try():
    x = np.linspace(-1.0, 1.0, 50)[None]
    assert least(x, x[0] ** 2) == (None, np.inf)
    no_log = limits(("+", "*", "/"), ("exp",), {}, 60, None, {}, {})
    assert least(np.abs(x) + 1.0, x[0] ** 2, limits=no_log) == (None, np.inf)


def test_forms_hold_the_columns_of_the_data():
    node = root(np.array([NU, T]), np.log(NU), np.ones(120), (0, 1))
    forms = [form for some in logarithmic(node, np.random.default_rng(0)) for form in some]
    assert forms
    assert all({variable(0), variable(1)} >= {variable(v) for v in form.expr.variables if v < 2} for form in forms)
