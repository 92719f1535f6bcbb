"""What notebooks show is well-formed HTML with everything escaped."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from discover.discovery import Discovery
from discover.export.card import card, shown
from discover.export.specimen import family, specimen
from discover.front import Front
from tests.export.laws import HOSTILE, Pair, renamed

ALONE = {"br", "hr", "img", "meta", "link"}


class Balance(HTMLParser):
    """Fails on a tag that closes what is not open, or on a script."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script"
        if tag not in ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words(html: str) -> list[str]:
    """Return the text of a piece of HTML, once it is known to be well-formed."""
    parser = Balance()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser.words


def test_every_law_has_a_card(pair: Pair) -> None:
    words(card(*pair))


def test_so_have_its_equations_and_its_front(pair: Pair) -> None:
    found = Discovery(*pair)
    for equation in found.law.all_equations:
        assert equation._repr_html_() == shown(equation)
        words(shown(equation))
    for front in (found.front, replace(found.front, law=None)):
        words(shown(front))
    assert found.front.law == found.law


def test_an_equation_shows_what_its_coefficients_are_worth() -> None:
    told = words(shown(specimen()[0].equations[0]))
    assert "0.547 ± 0.063" in told
    assert "1/year" in told
    assert any("R² on held-out data" in word for word in told)
    assert words(shown(replace(specimen()[0].equations[0], terms=())))[-1] == "It has no term."


def test_a_front_has_the_names_of_its_law_and_marks_what_was_taken() -> None:
    found = Discovery(*specimen())
    told = words(shown(found.front))
    assert told.count("chosen") == 2
    assert "lynx" in told
    bare = words(shown(specimen()[1]))
    assert "chosen" not in bare
    assert "hare" in bare  # targets are called by their names all the same


def test_variables_that_nobody_named_are_counted() -> None:
    _, front = specimen()
    assert "x2" not in words(shown(front))
    only = Front(("hare",), tuple(one for one in front.candidates if one.target == "hare"), 6, 36, ("<told>",))
    told = words(shown(only))
    assert told.count("x") >= 1  # x2, set with its 2 below
    assert "<told>" in told


def test_cases_are_shown_as_one_form() -> None:
    assert not any("[run" in word for word in words(shown(Discovery(*family()).front)))


@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_text(name: str) -> None:
    law, front = renamed(specimen(), (name, "b"))
    for shape in (shown(law.equations[0]), shown(front), shown(Discovery(law, front).front)):
        words(shape)
        assert "<script" not in shape


def test_the_law_of_a_front_is_no_part_of_its_value_nor_of_a_file() -> None:
    from discover.export.lawfile import document

    law, front = specimen()
    found = Discovery(law, front)
    assert found.front == front
    assert hash(found.front) == hash(front)
    assert document(law, found.front) == document(law, front)
    assert "law=" not in repr(found.front)
