"""The notebook card is well-formed HTML with everything escaped."""

from html.parser import HTMLParser

from discover.export.card import card
from tests.export.laws import Pair

ALONE = {"br", "hr", "img", "meta", "link"}


class Balance(HTMLParser):
    """Fails on a tag that closes what is not open, or on a script."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script"
        if tag not in ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_law_has_a_card(pair: Pair) -> None:
    parser = Balance()
    parser.feed(card(*pair))
    parser.close()
    assert parser.open == []
