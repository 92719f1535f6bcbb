"""The report is one well-formed file that asks for nothing, hides nothing and runs nothing."""

import functools
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from discover.errors import InputError
from discover.export.report import page, report
from discover.export.specimen import specimen
from tests.export.laws import LAWS, korteweg, spirals

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
VOID = {"meta", "link", "br"}
FETCHING = {"src", "srcset", "action", "formaction", "data", "poster", "background"}


class Reader(HTMLParser):
    """Reads a page: its tags in balance, its ids, its addresses, and the text that people see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.handle_attributes(attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handle_attributes(attrs)

    def handle_attributes(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            assert not name.startswith("on"), name
            if name == "id":
                self.ids.append(value or "")
            if name in FETCHING or name.endswith("href"):
                self.addresses.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += data


@functools.cache
def written(name: str) -> str:
    """Return the page of one of the laws, made once."""
    return page(*LAWS[name]())


@pytest.mark.parametrize("name", LAWS)
def test_every_law_makes_a_sound_page(name: str) -> None:
    text = written(name)
    reader = Reader(text)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert not {"script", "iframe", "object", "img", "form"} & set(reader.tags)
    inside = {address[1:] for address in reader.addresses if address.startswith("#")}
    assert inside <= set(reader.ids)
    outside = {address for address in reader.addresses if not address.startswith(("#", "data:image/png;base64,"))}
    assert outside == {"data:,"}
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(reader.ids)
    assert "@import" not in text
    assert "url(http" not in text


def test_the_same_law_makes_the_same_page() -> None:
    assert page(*specimen()) == written("specimen")


def test_it_says_everything() -> None:
    law, _ = specimen()
    text = " ".join(Reader(written("specimen")).text.split())
    for piece in (
        "Verdict: law",
        law.verdict.reasons[0],
        "0.547",
        "0.547 ± 0.063",
        "1/(thousand_pelts year)",
        "hare (thousand pelts)",
        "hare would fall below zero",
        "lynx**2",
        law.provenance.command,
        law.provenance.fingerprint,
        "numpy 2.4.0",
        "Polynomial(degree=2)",
        law.provenance.notes[0],
        "score behind best",
    ):
        assert piece in text, piece


def test_figures_carry_their_words() -> None:
    text = written("specimen")
    assert len(re.findall(r'role="img"', text)) == len(re.findall(r"<figcaption>", text)) == 5
    assert len(re.findall(r'aria-label="[^"]{40,}"', text)) >= 5


def test_the_verdict_is_told_in_words_and_signs() -> None:
    for name, heading in (("specimen", "✓ Verdict: law"), ("hostile", "≈ Verdict: several")):
        assert heading in Reader(written(name)).text
    assert "✕ Verdict: none" in Reader(written("nothing_found")).text


def test_names_are_shown_as_they_are_and_never_run() -> None:
    reader = Reader(written("hostile"))
    assert '<script>alert("1")</script>' in reader.text
    assert "price & $x_1$ $y" in reader.text


def test_what_is_missing_is_said() -> None:
    assert "There is no simulation to show" in written("nothing_found")
    assert "The search was interrupted" in written("nothing_found")
    assert "This law carries no data" in written("without_data")
    law, front = specimen()
    bare = replace(law, equations=tuple(replace(equation, terms=()) for equation in law.equations))
    assert "No equation has a term" in page(bare, front)


def test_one_state_has_no_phase_portrait() -> None:
    assert "Phase portrait" not in written("one_state")
    assert "3 of 45 pairs of states are shown" in written("ten_states")


def test_a_field_is_shown_as_a_movie_and_without_a_portrait() -> None:
    text = page(*korteweg())
    words = " ".join(Reader(text).text.split())
    assert "measured − simulated" in words
    assert "Profiles of u along x at 4 moments" in words
    assert "against t [s], x [m]" in words
    assert "Phase portrait" not in words
    assert text.count("data:image/png;base64,") >= 3
    assert len(text) < 600_000


def test_a_field_over_a_plane_is_shown_in_key_frames() -> None:
    words = " ".join(Reader(page(*spirals())).text.split())
    assert "at key moments" in words
    assert "Grey is what was not measured" in words
    assert 'One of 2 recordings: <script>alert("1")</script>.' in words
    assert "Profiles of" not in words


def test_it_is_written_to_a_file(tmp_path: Path) -> None:
    report(*specimen(), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(InputError, match="does not exist"):
        report(*specimen(), tmp_path / "no" / "report.html")


def console(address: str, folder: Path) -> list[str]:
    """Open a page in a fresh headless Chromium and return what its console says."""
    assert CHROMIUM is not None
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", f"--user-data-dir={folder / 'profile'}"]
    flags += ["--enable-logging=stderr", "--v=0", "--virtual-time-budget=5000", "--dump-dom", address]
    done = subprocess.run([CHROMIUM, *flags], capture_output=True, text=True, timeout=120, check=True)
    assert "<body" in done.stdout
    return [line for line in done.stderr.splitlines() if ":CONSOLE:" in line]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_no_page_says_anything_to_the_console(tmp_path: Path) -> None:
    frames = ""
    for name in LAWS:
        (tmp_path / f"{name}.html").write_text(written(name), encoding="utf-8")
        frames += f'<iframe src="{name}.html"></iframe>'
    (tmp_path / "all.html").write_text(f"<!DOCTYPE html><title>all</title><body>{frames}", encoding="utf-8")
    assert console((tmp_path / "all.html").as_uri(), tmp_path) == []


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_console_would_be_heard(tmp_path: Path) -> None:
    text = written("one_state").replace("<main>", "<main><script>unknown()</script>")
    (tmp_path / "bad.html").write_text(text, encoding="utf-8")
    (tmp_path / "all.html").write_text('<!DOCTYPE html><body><iframe src="bad.html"></iframe>', encoding="utf-8")
    heard = console((tmp_path / "all.html").as_uri(), tmp_path)
    assert any("Content Security Policy" in line for line in heard)
