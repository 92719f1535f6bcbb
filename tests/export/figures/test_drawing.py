"""Drawings are inline SVG that any name can stand in, whatever matplotlib is set to."""

from xml.dom import minidom

import matplotlib as mpl
import pytest

from discover.export.figures.drawing import INK, Picture, canvas, draw, label, log_y, plain, style

AWKWARD = ['<b>&"', "$x$", "$", "\\alpha", "line\nbreak", "\x00\x1b", "\udc80", "日本", "🦊", "a" * 200]


def drawn(title: str, identity: str = "one") -> Picture:
    with style():
        figure = canvas(2.0)
        axes = figure.subplots()
        axes.plot([1.0, 2.0], [1.0, 1e6], color=INK)
        log_y(axes, [1.0, 1e6])
        axes.set_title(plain(title))
        return draw(figure, identity, "A caption.")


@pytest.mark.parametrize("title", AWKWARD)
def test_any_name_stands_in_a_drawing(title: str) -> None:
    document = minidom.parseString(drawn(title).svg.encode("utf-8"))
    texts = [
        "".join(node.nodeValue or "" for node in text.childNodes) for text in document.getElementsByTagName("text")
    ]
    assert plain(title) in texts


def test_ids_of_two_drawings_never_meet() -> None:
    def ids(identity: str) -> set[str]:
        elements = minidom.parseString(drawn("a", identity).svg).getElementsByTagName("*")
        return {element.getAttribute("id") for element in elements if element.hasAttribute("id")}

    assert ids("one")
    assert not ids("one") & ids("two")


def test_colours_are_handed_to_the_page() -> None:
    svg = drawn("a").svg
    assert f"var(--ink, {INK})" in svg
    assert svg.count(INK) == svg.count(f"var(--ink, {INK})")


def test_the_readers_settings_change_nothing_and_are_left_alone() -> None:
    before = drawn("a")
    with mpl.rc_context({"font.size": 30.0, "lines.linewidth": 9.0, "axes.grid": False, "svg.fonttype": "path"}):
        assert drawn("a") == before
        assert mpl.rcParams["font.size"] == 30.0


def test_powers_are_written_without_mathtext() -> None:
    svg = drawn("a").svg
    assert "10⁶" in svg
    assert "mathdefault" not in svg


def test_labels() -> None:
    assert label("t", "s", between="\n") == "t\n(s)"
    assert len(plain("a" * 100, 18)) <= 18
    assert plain(" a\tb ") == "a b"
