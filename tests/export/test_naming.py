"""Any name becomes an identifier, and no two the same one."""

import keyword

from hypothesis import given
from hypothesis import strategies as st

from discover.export.naming import identifiers, lettering

RESERVED = {*keyword.kwlist, "t", "state"}


@given(st.lists(st.text(max_size=12), max_size=8))
def test_identifiers_are_ascii_distinct_and_free(names: list[str]) -> None:
    found = identifiers(names, RESERVED)
    assert len(found) == len(set(found)) == len(names)
    assert all(name.isascii() and name.isidentifier() and name[0].isalpha() for name in found)
    assert not set(found) & RESERVED


def test_plain_names_stay_as_they_are() -> None:
    assert identifiers(["hare", "x_1", "omega"], RESERVED) == ("hare", "x_1", "omega")


def test_greek_letters_are_spelled() -> None:
    assert identifiers(["θ", "Ω2", "β_x"], ()) == ("theta", "Omega2", "beta_x")


def test_a_number_appended_meets_no_other_name() -> None:
    assert identifiers(["a", "a ", "a_2", "a!"], ()) == ("a", "a_2", "a_2_2", "a_3")


def test_only_letters_have_subscripts() -> None:
    assert lettering("x_dot").below == "dot"
    assert lettering("omega_max").below == "max"
    assert lettering("hare_pelts").below == ""
    assert lettering("x_1_2").below == ""
