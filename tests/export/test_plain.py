"""Typed data come back from plain data, and every wrong kind is named with its path."""

import numpy as np
import pytest

from discover.equation import Evidence, Stretch, Term, Verdict
from discover.export import plain
from discover.export.notation import Words
from discover.export.tape import Damaged
from discover.expr import variable


def test_arrays_keep_their_shape_even_when_empty() -> None:
    stretch = Stretch("a", np.zeros(0), np.zeros((2, 0)), np.full((0, 3), np.nan))
    assert plain.decode(Stretch, plain.encode(stretch, Words(())), Words(()), "stretch") == stretch


def test_endless_numbers_travel_as_words() -> None:
    term = Term(variable(0), float("inf"), float("-inf"), float("nan"), -0.0)
    found = plain.encode(term, Words(["x"]))
    assert [found[name] for name in ("value", "std", "low")] == ["Infinity", "-Infinity", "NaN"]
    back = plain.decode(Term, found, Words(["x"]), "term")
    assert (back.value, back.std, str(back.low), str(back.high)) == (term.value, term.std, "nan", "-0.0")


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        (int, True, "f should be a whole number, not True"),
        (int, 1.5, "f should be a whole number"),
        (str, 3, "f should be text, not 3"),
        (bool, 1, "f should be true or false"),
        (float, "nan", "f should be a number, not 'nan'"),
        (float, False, "f should be a number"),
        (float, 10**400, "f is too large"),
        (tuple[str, ...], "abc", "f should be a list"),
        (tuple[str, ...], ["a", 3], r"f\[1\] should be text"),
        (tuple[str, str], ["a"], "f should have 2 entries, not 1"),
        (Verdict, [], "f should be an object"),
        (Verdict, {"word": "law"}, 'f lacks its field "reasons"'),
        (Verdict, {"word": "law", "reasons": [], "x": 1}, 'f has an unknown field "x"'),
        (Verdict, {"word": "maybe", "reasons": []}, "f.word should be one of law, several, none"),
        (Evidence, {**plain.encode(Evidence((), 0, 1.0, ()), Words(())), "segment": None}, "f.segment should be"),
    ],
)
def test_wrong_kinds_are_named(kind: object, value: object, sentence: str) -> None:
    with pytest.raises(Damaged, match=sentence):
        plain.decode(kind, value, Words(()), "f")


@pytest.mark.parametrize(
    "array", [[], {"shape": [2], "values": [1.0]}, {"shape": [-1, -1], "values": [1.0]}, {"values": []}]
)
def test_wrong_arrays_are_named(array: object) -> None:
    stretch = plain.encode(Stretch("a", np.zeros(1), np.zeros((1, 1)), np.zeros((1, 1))), Words(()))
    with pytest.raises(Damaged, match=r"f\.time"):
        plain.decode(Stretch, {**stretch, "time": array}, Words(()), "f")


def test_whole_numbers_are_numbers_too() -> None:
    assert isinstance(plain.decode(float, 3, Words(()), "f"), float)
    assert plain.decode(str | None, None, Words(()), "f") is None
