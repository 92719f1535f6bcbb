"""What is said of a finished search, and what becomes of it when its files cannot be written."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from discover.cli.answer import answer, check_folders, deliver, document
from discover.discovery import Discovery
from discover.equation import Verdict
from discover.errors import InputError, SettingError
from discover.export.specimen import specimen


@pytest.fixture
def found() -> Discovery:
    return Discovery(*specimen())


def test_exit_codes_follow_the_verdict_and_an_interrupt(found: Discovery) -> None:
    def code(word, interrupted: bool = False) -> int:
        law = replace(found.law, verdict=Verdict(word, ("because",)))
        front = replace(found.front, interrupted=interrupted)
        return deliver(Discovery(law, front), report=None, save=None, as_json=False)

    assert [code("law"), code("several"), code("none")] == [0, 0, 3]
    assert [code("law", True), code("none", True)] == [130, 130]


def test_every_coefficient_has_its_interval_on_a_line(found: Discovery) -> None:
    lines = answer(found).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("coefficient of"))
    terms = [(equation.target, term) for equation in found.law.equations for term in equation.terms]
    for line, (target, term) in zip(lines[start + 1 :], terms, strict=False):
        assert line.startswith(f"{target}': ")
        assert f"{term.low:.4g} to {term.high:.4g}" in line


def test_a_law_without_terms_is_told_without_intervals(found: Discovery) -> None:
    still = tuple(replace(equation, terms=()) for equation in found.law.equations)
    assert "95 % interval" not in answer(Discovery(replace(found.law, equations=still), found.front))


def test_unknown_numbers_are_null(found: Discovery) -> None:
    (first, *others) = found.law.equations
    unknown = replace(first.terms[0], std=math.nan, low=-math.inf, high=math.inf)
    equations = (replace(first, terms=(unknown, *first.terms[1:]), held_out_r2=math.nan), *others)
    told = document(Discovery(replace(found.law, equations=equations), found.front), {})
    text = json.dumps(told, allow_nan=False)
    term = json.loads(text)["equations"][0]["terms"][0]
    assert (term["std"], term["low"], term["high"]) == (None, None, None)
    assert told["equations"][0]["held_out_r2"] is None


@pytest.mark.parametrize("as_json", [False, True])
def test_a_file_that_fails_does_not_lose_the_answer(found: Discovery, tmp_path: Path, capsys, as_json: bool) -> None:
    law = tmp_path / "law.json"
    with pytest.raises(InputError):
        deliver(found, report=tmp_path, save=law, as_json=as_json)
    told = capsys.readouterr().out
    assert law.exists()
    assert str(law) in told
    assert "hare" in told


def test_folders_are_checked_before_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check_folders(None, Path("law.json"), tmp_path / "report.html")
    with pytest.raises(SettingError, match="no folder"):
        check_folders(tmp_path / "nowhere" / "law.json")
