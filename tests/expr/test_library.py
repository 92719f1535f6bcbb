from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.errors import ExpressionError, SettingError
from discover.expr import Polynomial, Terms, default_library, simplify, text

NAMES = ["x", "y", "z"]


def texts(library, names=NAMES):
    return [text(term, names) for term in library.build(names)]


@given(st.integers(0, 5), st.integers(1, 5))
def test_a_polynomial_has_every_monomial_once(degree, n_variables):
    terms = Polynomial(degree).build([f"x{index}" for index in range(n_variables)])
    assert len(set(terms)) == len(terms) == comb(n_variables + degree, degree)
    assert all(simplify(term) == term for term in terms)


def test_the_order_is_by_degree_then_by_variable():
    assert texts(Polynomial(2)) == ["1", "x", "y", "z", "x**2", "x*y", "x*z", "y**2", "y*z", "z**2"]
    assert texts(Polynomial(2, include_bias=False, interaction_only=True)) == ["x", "y", "z", "x*y", "x*z", "y*z"]


def test_sums_keep_the_first_of_equal_terms():
    assert texts(Polynomial(1) + Terms("sin(x)", "y*1", "sin(x)")) == ["1", "x", "y", "z", "sin(x)"]


def test_products_multiply_every_pair_once():
    expected = ["sin(x)", "x*sin(x)", "y*sin(x)", "z*sin(x)"]
    assert texts(Polynomial(1) * Terms("sin(x)")) == expected
    assert sorted(texts(Polynomial(1) * Polynomial(1))) == sorted(texts(Polynomial(2)))
    assert len(texts(Polynomial(1) * Polynomial(1) * Terms("sin(x)", "cos(x)"))) == 20


def test_terms_know_names_with_spaces():
    assert texts(Terms("`hare pelts`**2"), ["hare pelts"]) == ["`hare pelts`**2"]


def test_libraries_are_values():
    assert Polynomial(2) + Terms("x") == Polynomial(2) + Terms("x")
    assert hash(Polynomial(2) * Terms("x")) == hash(Polynomial(2) * Terms("x"))


@pytest.mark.parametrize(("n_states", "degree"), [(1, 3), (4, 3), (5, 2), (20, 2)])
def test_the_default_shrinks_for_many_states(n_states, degree):
    assert default_library(n_states) == Polynomial(degree=degree)


@pytest.mark.parametrize("degree", [-1, 2.5, "3", True, 21, None])
def test_a_degree_is_a_small_whole_number(degree):
    with pytest.raises(SettingError, match="degree must be a whole number from 0 to 20"):
        Polynomial(degree=degree)


def test_other_bad_settings():
    with pytest.raises(SettingError, match="has no terms"):
        Polynomial(degree=0, include_bias=False)
    with pytest.raises(SettingError, match="lower degree"):
        Polynomial(degree=20).build([f"x{index}" for index in range(20)])
    with pytest.raises(SettingError, match="Terms takes texts"):
        Terms()
    with pytest.raises(SettingError, match="Terms takes texts"):
        Terms("x", 3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ExpressionError, match='Did you mean "theta"'):
        Terms("sin(thta)").build(["theta"])
