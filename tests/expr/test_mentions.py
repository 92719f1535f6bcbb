import pytest

from discover.errors import ExpressionError
from discover.expr import constant, mentions, parse, parse_calls


def test_names_and_calls_in_order():
    names, calls = mentions("b*f(`hare pelts`, x + 1) - sin(x) + f(x, b)")
    assert names == ("b", "hare pelts", "x")
    assert calls == {"f": (("`hare pelts`", "x + 1"), ("x", "b"))}


def test_calls_may_stand_inside_each_other():
    found = parse_calls("f(g(x))*f(y)", ["x", "y"], {"f": lambda u: 2 * u, "g": lambda u: u + 1})
    assert found == parse("(2*(x + 1))*(2*y)", ["x", "y"])


def test_names_like_the_stand_ins_are_no_trouble():
    assert parse_calls("call_0 + f(call_0)", ["call_0"], {"f": lambda u: u}) == parse("x + x", ["x"])


def test_what_is_no_expression_is_told():
    for text in ("a +", "f(x) if y else z", 3):
        with pytest.raises(ExpressionError):
            parse_calls(text, ["a"], {"f": lambda u: constant(1.0)})  # type: ignore[arg-type]
