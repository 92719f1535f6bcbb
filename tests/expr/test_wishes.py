import pytest

from discover.errors import SettingError
from discover.expr import Entry, Forced, PerEquation, Polynomial, Scope, Terms, Varying, check_targets, parse

SCOPE = Scope(("x", "y"))


def of(text):
    return parse(text, SCOPE.names)


def test_terms_can_be_left_out_by_meaning():
    library = Polynomial(2) - Terms("y*x", "1")
    assert of("x*y") not in library.build(SCOPE.names)
    assert len(library.build(SCOPE.names)) == 4


def test_what_was_never_on_offer_cannot_be_left_out():
    with pytest.raises(SettingError, match='"exp\\(x\\)" cannot be left out, because the library does not hold it'):
        (Polynomial(1) - Terms("exp(x)")).build(SCOPE.names)
    with pytest.raises(SettingError, match="Every term of the library is left out"):
        (Polynomial(1) - Polynomial(1)).build(SCOPE.names)


def test_forced_terms_stand_alone_and_say_so():
    free, must = (Polynomial(1) + Forced("x*y")).entries(SCOPE)[-2:]
    assert free == Entry((of("y"),))
    assert must == Entry((of("x*y"),), forced=True, given=True)
    with pytest.raises(SettingError, match="Forced takes texts"):
        Forced()


def test_each_equation_has_its_library_and_the_others_the_default():
    library = PerEquation({"x": Terms("y")}, default=Polynomial(1)) + Terms("x**5")
    at = {target: library.entries(Scope(("x", "y"), target=target)) for target in "xy"}
    assert [len(entries) for entries in at.values()] == [2, 4]
    assert len(library.build(["x", "y"])) == 4  # 1, x, y and x**5, each once


@pytest.mark.parametrize("library", [PerEquation({"z": Terms("x")}), Polynomial(1) + PerEquation({"z": Terms("x")})])
def test_a_library_for_what_has_no_equation_is_refused(library):
    with pytest.raises(SettingError, match='PerEquation names "z", which has no equation'):
        check_targets(library, ["x", "y"])


def test_bad_libraries_an_equation_are_refused():
    with pytest.raises(SettingError, match="takes a library a state"):
        PerEquation({})
    with pytest.raises(SettingError, match="must be a library such as Polynomial"):
        PerEquation({"x": "y"})  # pyright: ignore[reportArgumentType]


def test_a_product_keeps_together_what_was_together():
    library = Terms("x", "y") * Varying(Terms("1"), "rho")
    scope = Scope(("x", "y", "rho"))
    assert [len(entry.terms) for entry in library.entries(scope)] == [2, 2]
