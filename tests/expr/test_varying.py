import pytest

from discover.errors import SettingError
from discover.expr import Forced, Polynomial, Scope, Terms, Varying, parse

NAMES = ("x", "rho", "y")


def test_every_term_comes_with_the_whole_basis():
    groups = [entry.terms for entry in Varying(Terms("x*y"), "rho", Polynomial(2)).entries(Scope(NAMES))]
    assert groups == [tuple(parse(text, NAMES) for text in ("x*y", "x*rho*y", "x*rho**2*y"))]


def test_the_terms_do_not_speak_of_the_parameter_themselves():
    assert len(Varying(Polynomial(1), "rho").build(NAMES)) == 6  # (1, x, y) times (1, rho)


def test_several_parameters_and_coordinates():
    library = Varying(Terms("u"), ["a", "x"], Polynomial(1))
    terms = library.over(["u", "a"], ["t", "x"], ["x"])
    assert terms == tuple(parse(text, ["u", "a", "x"]) for text in ("u", "u*a", "u*x"))


def test_what_must_be_in_must_be_in_with_its_whole_basis():
    (entry,) = Varying(Forced("x"), "rho").entries(Scope(NAMES))
    assert entry.forced
    assert len(entry.terms) == 2


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Varying(Polynomial(1), "rhoo").build(NAMES), 'no variable "rhoo". Did you mean "rho"'),
        (lambda: Varying(Polynomial(1), ()), "names recorded parameters"),
        (lambda: Varying("x", "rho"), r"Varying\(of=…\) must be a library"),
        (lambda: Varying(Polynomial(1), "rho", basis=3), r"Varying\(basis=…\) must be a library"),
    ],
)
def test_bad_input_is_told_in_a_sentence(make, complaint):
    with pytest.raises(SettingError, match=complaint):
        make()
