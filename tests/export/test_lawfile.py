"""A law file gives back what was saved, and says in one sentence what is wrong with it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.discovery import load_law
from discover.equation import Equation, Evidence, Law, Stretch, Term, Verdict
from discover.errors import InputError
from discover.export.lawfile import VERSION, document, load, save
from discover.export.specimen import specimen
from discover.expr import parse, variable
from discover.front import Candidate, Front
from tests.export.laws import Pair, korteweg
from tests.noisy import found_well

NUMBER = st.floats()
TEXT = st.text(max_size=8) | st.just("\udc80.csv")
LAW, FRONT = specimen()


@st.composite
def laws(draw: st.DrawFn) -> Pair:
    """Draw a law over any names and numbers, NaN and infinities included."""
    names = tuple(draw(st.lists(TEXT, min_size=1, max_size=4, unique=True)))
    n_states = draw(st.integers(1, len(names)))
    exprs = [variable(0), variable(len(names) - 1) ** 2, parse("sin(x) + 0.1", ["x"]), parse("1", [])]
    term = st.builds(
        Term, st.sampled_from(exprs), NUMBER, NUMBER, NUMBER, NUMBER, st.none() | TEXT, NUMBER, NUMBER, NUMBER
    )
    equations = tuple(
        Equation(name, "t", names, tuple(draw(st.lists(term, max_size=3))), draw(NUMBER), draw(NUMBER), draw(NUMBER))
        for name in names[:n_states]
    )
    n = draw(st.integers(0, 3))
    values = st.lists(NUMBER, min_size=n, max_size=n).map(np.array)
    rows = [np.array([draw(values) for _ in range(k)], dtype=float).reshape(k, n) for k in (len(names), n_states)]
    stretch = Stretch(draw(TEXT), np.asarray(draw(values), dtype=float), *rows)
    law = replace(
        LAW,
        equations=equations,
        names=names,
        units=tuple(draw(st.none() | TEXT) for _ in names),
        verdict=Verdict(draw(st.sampled_from(["law", "several", "none"])), (draw(TEXT),)),
        evidence=Evidence((stretch,), n, draw(NUMBER), tuple(draw(NUMBER) for _ in names)),
        provenance=replace(LAW.provenance, notes=(draw(TEXT),), seed=draw(st.integers())),
    )
    candidate = Candidate(names[0], (exprs[0],), (draw(NUMBER),), (draw(NUMBER),), draw(NUMBER), 0.0, -0.0, refusal="x")
    return law, Front((names[0],), (candidate,), 3, 4, (draw(TEXT),), draw(st.booleans()))


@given(laws())
def test_random_laws_come_back(tmp_path_factory: pytest.TempPathFactory, pair: Pair) -> None:
    path = tmp_path_factory.mktemp("law") / "law.json"
    save(*pair, path)
    # Through repr, which tells -0.0 from 0.0 and takes one NaN for another.
    assert repr(document(*load(path))) == repr(document(*pair))


def test_every_kind_of_law_comes_back(tmp_path: Path, pair: Pair) -> None:
    save(*pair, tmp_path / "law.json")
    assert document(*load(tmp_path / "law.json")) == document(*pair)


def test_an_equal_object_comes_back(tmp_path: Path) -> None:
    save(LAW, FRONT, tmp_path / "law.json")
    assert load(tmp_path / "law.json") == (LAW, FRONT)


def test_the_file_is_strict_json_with_a_schema(tmp_path: Path, pair: Pair) -> None:
    save(*pair, tmp_path / "law.json")

    def refuse(word: str) -> None:
        raise AssertionError(word)

    found = json.loads((tmp_path / "law.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert (found["schema"], found["version"]) == ("discover-law", VERSION)


def edited(path: Path, *keys: object, value: object = None, drop: bool = False) -> None:
    """Write a sound law file with one field changed or dropped."""
    outside = document(LAW, FRONT)
    inside: object = outside
    for key in keys[:-1]:
        inside = inside[key]  # type: ignore[index]
    if drop:
        del inside[keys[-1]]  # type: ignore[attr-defined]
    else:
        inside[keys[-1]] = value  # type: ignore[index]
    path.write_text(json.dumps(outside), encoding="utf-8")


@pytest.mark.parametrize(
    ("keys", "value", "sentence"),
    [
        (("schema",), "other", 'its schema is "other"'),
        (
            ("version",),
            VERSION + 1,
            f"is of version {VERSION + 1}, and this installation reads up to {VERSION}; upgrade",
        ),
        (("version",), "1", "version should be a whole number"),
        (("law",), [], "damaged: law should be an object"),
        (("extra",), 1, 'unknown field "extra"'),
        (("law", "names"), ["hare"], "law.units has 2 entries for 1 names|law.equations"),
        (("law", "names"), ["hare", "hare"], "no variable|has a name twice|is damaged"),
        (("law", "units"), ["m"], "law.units has 1 entries for 2 names"),
        (("law", "equations", 0, "target"), "lynx", "law.names should begin with the targets"),
        (("law", "equations", 0, "names"), ["lynx", "hare"], r"law.equations\[0\].names should equal law.names"),
        (
            ("law", "equations", 0, "terms", 1, "value"),
            "big",
            r"law.equations\[0\].terms\[1\].value should be a number",
        ),
        (("law", "equations", 0, "terms", 0, "expr", "tape"), [["variable", 9]], r"terms\[0\].expr.tape\[0\]"),
        (("law", "verdict", "word"), "sure", "law.verdict.word should be one of law, several, none"),
        (
            ("law", "evidence", "stretches", 0, "measured"),
            {"shape": [1, 1], "values": [1]},
            r"measured should have the",
        ),
        (("law", "evidence", "stretches", 0, "simulated"), {"shape": [0], "values": []}, r"simulated should have the"),
        (("law", "evidence", "stretches", 0, "time"), {"shape": [], "values": [1]}, r"time should have one dimension"),
        (("front", "candidates", 0, "target"), "fox", 'target is "fox", which front.targets lacks'),
        (("front", "candidates", 0, "std"), [], "as many coefficients and std as terms"),
        (("front", "n_rows"), 3.5, "front.n_rows should be a whole number"),
    ],
)
def test_a_damaged_field_is_named(tmp_path: Path, keys: tuple, value: object, sentence: str) -> None:
    path = tmp_path / "law.json"
    edited(path, *keys, value=value)
    with pytest.raises(InputError, match=sentence) as error:
        load(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("keys", [("schema",), ("version",), ("law",), ("front",), ("law", "names"), ("law", "time")])
def test_a_missing_field_is_named(tmp_path: Path, keys: tuple) -> None:
    path = tmp_path / "law.json"
    edited(path, *keys, drop=True)
    with pytest.raises(InputError, match=keys[-1]):
        load(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is not JSON"),
        (b"{", "it is not JSON \\(line 1, column 2"),
        (b"\xff\xfe\x00", "it is not UTF-8 text"),
        (b"[1, 2]", 'no field "schema"'),
        (b"3", 'no field "schema"'),
        (b'{"schema": NaN}', 'NaN is not JSON; a law file writes "NaN" in quotes'),
        (b'{"schema": 1, "schema": 2}', 'the field "schema" stands twice'),
        (b"[" * 100_000, "cannot be read"),
        (b"1" * 5000, "cannot be read"),
    ],
)
def test_what_is_no_law_file_is_told_in_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "law.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence) as error:
        load(path)
    assert "\n" not in str(error.value)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        load(tmp_path / "none.json")
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path)


def test_a_version_of_the_future_is_told_before_its_unknown_fields(tmp_path: Path) -> None:
    path = tmp_path / "law.json"
    path.write_text('{"schema": "discover-law", "version": 999, "news": 1}', encoding="utf-8")
    with pytest.raises(InputError, match="version 999"):
        load(path)


def test_law_type_is_complete() -> None:
    assert isinstance(LAW, Law)
    assert set(document(LAW, FRONT)["law"]) == set(Law.__dataclass_fields__)


@pytest.mark.parametrize(
    ("keys", "value", "sentence"),
    [
        (("space_units",), ["m", "m"], "law.space_units has 2 entries for 1 axes"),
        (("equations", 0, "space"), [], r"law.equations\[0\].space should equal law.space"),
        (("equations", 0, "order"), 0, r"law.equations\[0\].order should be a whole number from 1"),
        (("equations", 0, "kind"), "flow", r"law.equations\[0\].kind should be one of derivative, map"),
        (("evidence", "fields", 0, "axes"), ["t"], r"law.evidence.fields\[0\] should have 2 axes and coordinates"),
        (("evidence", "fields", 0, "measured"), {"shape": [1], "values": [0]}, r"fields\[0\].measured should have the"),
    ],
)
def test_a_damaged_law_over_space_is_told(tmp_path: Path, keys: tuple, value: object, sentence: str) -> None:
    outside = document(*korteweg())
    inside = outside["law"]
    for key in keys[:-1]:
        inside = inside[key]
    inside[keys[-1]] = value
    path = tmp_path / "law.json"
    path.write_text(json.dumps(outside), encoding="utf-8")
    with pytest.raises(InputError, match=sentence):
        load(path)


def test_patches_are_equal_by_value() -> None:
    (one,), (other,) = korteweg()[0].evidence.fields, korteweg()[0].evidence.fields
    assert one == other
    assert one != replace(other, measured=other.measured + 1e-9)
    assert one != replace(other, trajectory="b")


def test_a_stochastic_law_is_kept_whole_and_checked(tmp_path: Path) -> None:
    well, path = found_well(), tmp_path / "law.json"
    well.save(path)
    assert load_law(path) == well
    save(replace(well.law, diffusion=()), well.front, path)
    with pytest.raises(InputError, match="one equation per state"):
        load(path)
