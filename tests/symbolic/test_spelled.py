import pytest

from discover.errors import SettingError
from discover.expr import parse
from discover.symbolic.given import Given
from discover.symbolic.spelled import spelled

NAMES = ["k", "T", "x y"]


def read(text, given=()):
    return spelled(text, "form", NAMES, 1, given)


def test_names_that_are_no_columns_are_constants():
    found = read("a*exp(-b/T) + a*`x y`")
    assert found.constants == ("a", "b")
    assert found.expr == parse("a*exp(-b/T) + a*`x y`", [*NAMES, "a", "b"])
    assert found.form.start == (1.0, 1.0)


def test_an_unknown_function_is_a_hole():
    found = read("k = a*f(T/`x y`)**2 + f(T/`x y`)")
    assert found.hole is not None
    assert found.hole.arguments == (parse("T/`x y`", NAMES),)
    assert found.expr.variables == (3, 4)


def test_ones_own_operator_may_stand_in_it():
    found = read("a*twice(T)", [Given.of("twice", "2*x")])
    assert found.hole is None
    assert found.expr == parse("a*(2*T)", [*NAMES, "a"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must be text"),
        (3, "must be text"),
        ("a*", "cannot be read"),
        ("T = a*k", "explains T, and the target is k"),
        ("a*k", "holds the target k"),
        ("a*exp(-b/t)", "Did you mean T"),
        ("f(T) + g(T)", "unknown functions f, g; one at a time"),
        ("f()", "an unknown function of nothing"),
        ("f(T) - f(`x y`)", "of different arguments"),
        ("f(a*T)", "is one of columns"),
        ("f(2)", "is one of columns"),
        ("exp(T, T)", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told(text, words):
    with pytest.raises(SettingError, match=words):
        read(text)
