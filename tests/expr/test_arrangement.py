"""How a person would write it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.expr import arranged, compile_program, parse, text

NAMES = ["x", "y", "z", "a", "b"]


def is_free(index: int) -> bool:
    return index >= 3


@pytest.mark.parametrize(
    ("given_text", "written"),
    [
        ("y/(1 + a/x)", "x*y/(x + a)"),
        ("1/(a/(x*y) + 1/y)", "x*y/(a + x)"),
        ("1/(1/x + 1/y + 1/z)", "1/(1/x + 1/y + 1/z)"),
        ("1/sqrt(1 - x**2/y**2)", "1/sqrt(1 - x**2/y**2)"),
        ("exp(a - x)/y", "exp(a)*exp(-x)/y"),
        ("1/(exp(x - a) + 1)", "1/(exp(x - a) + 1)"),
        ("3*z/sqrt(exp(x))", "3*z*exp(-0.5*x)"),
        ("sqrt(x)/sqrt(z)", "sqrt(x/z)"),
        ("x**0.5*a/z**0.5", "a*sqrt(x/z)"),
        ("sqrt(x*y)*sqrt(z)", "sqrt(x*y*z)"),
        ("-x + a", "a - x"),
        ("sin(x*a)", "sin(a*x)"),
        ("a*(x*y)", "a*x*y"),
        ("a*(1 - exp(-x/b))", "a*(1 - exp(-x/b))"),
        ("x*1.3", "1.3*x"),
        ("(x - x)*y", "0"),
        ("x + (y - x)", "y"),
        ("2**x", "2**x"),
        ("y*exp(-a*log(x))", "y*x**-a"),
        ("exp(2*log(x) + y)", "x**2*exp(y)"),
        ('D(x*2, "x", 1)', 'D(2*x, "x", 1)'),
    ],
)
def test_textbooks_write(given_text, written):
    assert text(arranged(parse(given_text, NAMES), is_free), NAMES) == written


PARTS = st.recursive(
    st.sampled_from(["x", "y", "z", "a", "b", "2", "0.5", "-1.5"]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("+-*/"), inner, inner).map(lambda p: f"({p[1]} {p[0]} {p[2]})"),
        st.tuples(st.sampled_from(["exp", "sqrt", "sin", "log", "abs", "cbrt"]), inner).map(
            lambda p: f"{p[0]}({p[1]})"
        ),
        st.tuples(inner, st.sampled_from(["2", "3", "-1", "-2", "0.5", "1.7"])).map(lambda p: f"({p[0]})**({p[1]})"),
    ),
    max_leaves=8,
)


@settings(max_examples=200)
@given(PARTS)
def test_values_stay_and_a_second_pass_changes_nothing(written):
    expr = parse(written, NAMES)
    X = np.random.default_rng(5).uniform(0.5, 2.0, (5, 40))
    X[3:] = X[3:, :1]
    found = arranged(expr, is_free)
    with np.errstate(all="ignore"):
        before, after = (compile_program([one], 5).evaluate(X)[0] for one in (expr, found))
    known = np.isfinite(before) & (np.abs(before) < 1e12)
    np.testing.assert_allclose(
        after[known], before[known], rtol=1e-6, atol=1e-7 * np.max(np.abs(before[known]), initial=1.0)
    )
    assert arranged(found, is_free) == found
