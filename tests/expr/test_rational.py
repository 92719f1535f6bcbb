import pytest

from discover.errors import SettingError
from discover.expr import Forced, PerEquation, Polynomial, Rational, Scope, Terms, denominators, text

SCOPE = Scope(("x", "y"), target="x")


def below(library, scope=SCOPE):
    return [text(term, scope.names) for term in denominators(library, scope)]


def test_a_rational_library_is_that_of_its_numerator():
    assert Rational(Polynomial(1), Polynomial(2)).build(["x", "y"]) == Polynomial(1).build(["x", "y"])


def test_the_constant_is_always_on_offer_below_and_comes_first():
    assert below(Rational(Polynomial(1), Terms("y", "x*y"))) == ["1", "y", "x*y"]


def test_a_plain_library_divides_by_nothing():
    assert below(Polynomial(3) + Terms("sin(x)")) == []
    assert below(None) == []


def test_sums_offer_the_terms_of_both_above_and_below():
    library = Terms("sin(x)") + Rational(Polynomial(1), Terms("x")) + Rational(Terms("y"), Terms("y"))
    assert [text(term, ["x", "y"]) for term in library.build(["x", "y"])] == ["sin(x)", "1", "x", "y"]
    assert below(library) == ["1", "x", "y"]


def test_terms_can_be_left_out_below_but_for_the_constant():
    assert below(Rational(Polynomial(1), Polynomial(1)) - Terms("1", "y")) == ["1", "x"]


def test_each_equation_may_have_its_own_denominator():
    library = PerEquation({"x": Rational(Polynomial(1), Terms("x"))}, default=Polynomial(2))
    assert below(library) == ["1", "x"]
    assert below(library, Scope(("x", "y"), target="y")) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rational(numerator=3),
        lambda: Rational(denominator="x"),
        lambda: Rational(Rational(), Polynomial(1)),
        lambda: Rational(Polynomial(1), Rational() + Terms("x")),
    ],
)
def test_what_is_no_plain_library_is_refused(make):
    with pytest.raises(SettingError, match=r"library|plain"):
        make()


def test_products_and_derivatives_below_are_refused_in_a_sentence():
    with pytest.raises(SettingError, match="multiply its parts"):
        denominators(Rational() * Polynomial(1), SCOPE)
    with pytest.raises(SettingError, match="derivative"):
        denominators(Rational(Polynomial(1), Terms('D(x, "t", 1)')), SCOPE)


def test_forced_terms_stay_forced_above():
    entries = Rational(Polynomial(1) + Forced("x*y"), Polynomial(1)).entries(SCOPE)
    assert [entry.forced for entry in entries] == [False, False, False, True]
