import pytest

from discover.expr import exponents, parse, without_common_factor

NAMES = ["x", "y"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", {}),
        ("x", {0: 1}),
        ("x*y**3*x", {0: 2, 1: 3}),
        ("x**5", {0: 5}),
        ("2*x", None),
        ("1/x", None),
        ("x+y", None),
    ],
)
def test_exponents_of_what_is_a_monomial(text, expected):
    assert exponents(parse(text, NAMES)) == expected


def test_only_what_all_share_is_divided_out():
    terms = [parse(text, NAMES) for text in ("x**2*y", "x*y", "x**3")]
    assert without_common_factor(terms) == tuple(parse(text, NAMES) for text in ("x*y", "y", "x**2"))


@pytest.mark.parametrize("texts", [("x", "1"), ("x", "sin(x)*x"), ()])
def test_terms_without_a_common_monomial_stay_as_they_are(texts):
    terms = tuple(parse(text, NAMES) for text in texts)
    assert without_common_factor(terms) == terms
