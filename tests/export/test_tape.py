"""An expression comes back from its plain form, and nothing else does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.export.notation import Words
from discover.export.tape import Damaged, decode, encode
from discover.expr import OPERATORS, Expr, call, constant, derivative, parse, variable

NAMES = ("x", "hare pelts", "`")
WORDS = Words(NAMES)


def leaves() -> st.SearchStrategy[Expr]:
    numbers = st.floats(allow_nan=False, allow_infinity=False).map(constant)
    return st.integers(0, 2).map(variable) | numbers


def grown(children: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    rows = [row for row in OPERATORS if not row.has_argument]
    called = st.sampled_from(rows).flatmap(
        lambda row: st.tuples(*[children] * row.arity).map(lambda operands: call(row.name, *operands))
    )
    powers = st.tuples(children, st.integers(-9, 9)).map(lambda pair: call("ipow", *pair))
    slopes = st.tuples(children, st.lists(st.integers(0, 3), min_size=1, max_size=3)).map(
        lambda pair: derivative(*pair)
    )
    return called | powers | slopes


EXPRS = st.recursive(leaves(), grown, max_leaves=12)


@given(EXPRS)
def test_round_trip_through_json(expr: Expr) -> None:
    found = decode(json.loads(json.dumps(encode(expr, WORDS), allow_nan=False)), WORDS, "term")
    assert found == expr
    assert [value.hex() for value in found.constants] == [value.hex() for value in expr.constants]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ({"tape": [["variable", 0], ["sin"], ["add"]]}, "too few operands"),
        ({"tape": [["variable", 0], ["variable", 1]]}, "leaves 2 values"),
        ({"tape": [["variable", 7]]}, "tape\\[0\\] is no node of an expression over 3 variables"),
        ({"tape": [["variable", True]]}, "is no node"),
        ({"tape": [["variable", -1]]}, "is no node"),
        ({"tape": [["constant", "NaN"]]}, "is no node"),
        ({"tape": [["variable", 0], ["ipow", 10**9]]}, "is no node"),
        ({"tape": [["variable", 0], ["D", []]]}, "is no node"),
        ({"tape": [["variable", 0], ["D", [-1]]]}, "is no node"),
        ({"tape": [["variable", 0], ["sine"]]}, 'unknown operator "sine"\\. Did you mean "sin"'),
        ({"tape": []}, "1 to 20000 nodes"),
        ({"tape": "x"}, "1 to 20000 nodes"),
        ({"tape": [["variable", 0]]}, 'text says "sin\\(x\\)" but the tape says "x"'),
        ({"text": "sin(y)"}, 'no variable "y"'),
        ({"text": 3}, 'object with "text" and "tape"'),
        ({"more": 3}, 'object with "text" and "tape"'),
    ],
)
def test_damage_is_named(damage: dict, sentence: str) -> None:
    good = encode(parse("sin(x)", NAMES), WORDS)
    with pytest.raises(Damaged, match=sentence) as error:
        decode({**good, **damage}, WORDS, "law.term")
    assert str(error.value).startswith("law.term")


def test_text_may_be_spelled_otherwise() -> None:
    plain = encode(parse("2*x + 1", NAMES), WORDS)
    assert decode({**plain, "text": "2.0 * x+1"}, WORDS, "term") == parse("2*x + 1", NAMES)
