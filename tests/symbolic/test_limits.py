import pytest

from discover.errors import SettingError
from discover.expr import parse
from discover.inference.description import n_tokens
from discover.symbolic import Symbolic
from discover.symbolic.features import ALL, ARITHMETIC, EXPONENTIAL, within
from discover.symbolic.limits import USUAL, Limits

NAMES = ["x", "y", "a", "b"]


def allowed(limits, text):
    return limits.allows(parse(text, NAMES), 2)


@pytest.mark.parametrize(
    ("binary", "unary", "yes", "no"),
    [
        (("+", "*"), (), ["a*x + b", "x*y", "x**2", "x - y", "x/a", "3*x - 2", "x**3*y"], ["x/y", "1/x", "x**0.5"]),
        (("+", "-"), (), ["x - y + b", "a*x"], ["x*y", "x**2", "x/y"]),
        (("*", "/"), ("sqrt",), ["x/y", "sqrt(x)", "x**0.5", "x**-1.5", "a/x"], ["x + y", "x**0.3", "sin(x)"]),
        (("+", "*", "**"), (), ["x**0.3", "x**a", "1/x"], ["x/y", "exp(x)"]),
        (("+", "-", "*", "/", "**"), ("exp",), ["exp(a*x)", "exp(-x)/y"], ["log(x)", "abs(x)"]),
    ],
)
def test_only_what_was_asked_for(binary, unary, yes, no):
    limits = Limits(binary, unary)
    assert [text for text in yes if not allowed(limits, text)] == []
    assert [text for text in no if allowed(limits, text)] == []


def test_size_and_depth():
    assert allowed(Limits(maxsize=5), "x + y*x")
    assert not allowed(Limits(maxsize=4), "x + y*x")
    assert allowed(Limits(max_depth=3), "sin(x + y)")
    assert not allowed(Limits(max_depth=2), "sin(x + y)")


def test_nesting_counts_the_inner_ones_on_a_path():
    twice = Limits(nested=(("sin", "cos", 1),))
    assert allowed(twice, "sin(cos(x) + cos(y))")
    assert not allowed(twice, "sin(cos(x + cos(y)))")
    assert not allowed(Limits(nested=(("/", "exp", 0),)), "exp(x)/y")


def test_costs_count_in_size():
    limits = Limits(costs=(("exp", 4.0), ("/", 2.0)), maxsize=8)
    assert limits.price(parse("exp(x)/y", NAMES)) == 8.0
    assert allowed(limits, "exp(x)/y")
    assert not allowed(limits, "exp(x)/y + x")
    assert USUAL.price(parse("x/y**2", NAMES)) == n_tokens(parse("x/y**2", NAMES))


def test_prices_without_costs_are_those_of_descriptions():
    free = Limits(costs=(("tan", 1.0),))
    for text in ("x", "x**5", "3.7*x", "1/x", "x**2/y - 2*sin(x)", "x**1.7"):
        assert free.price(parse(text, NAMES)) == n_tokens(parse(text, NAMES)), text


def test_ones_own_operator_counts_once_however_it_is_spelled():
    engine = Symbolic(unary_operators=[], operators={"sigmoid": "1/(1 + exp(-x))"})
    for text in ("1/(1 + exp(-a*x))", "a/(exp(-x) + 1)", "y/(1 + exp(-(a*x + b)))"):
        assert allowed(engine.limits, text), text
    assert not allowed(engine.limits, "exp(-x)")
    assert engine.limits.price(parse("1/(1 + exp(-x))", NAMES)) == 2.0


def test_sets_of_operators_are_narrowed_and_none_is_tried_twice():
    found = within(Limits(("+", "*"), ()), (ARITHMETIC, EXPONENTIAL, ALL))
    unary = [one.unary for one in found]
    assert len(found) == len(set(unary)) <= 2
    assert within(USUAL, (ARITHMETIC, EXPONENTIAL)) == [ARITHMETIC, EXPONENTIAL]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"binary_operators": "+"}, "binary_operators must be a list"),
        ({"binary_operators": ["%"]}, 'binary_operators got "%"'),
        ({"unary_operators": ["sine"]}, r'unary_operators got "sine".* Did you mean sinh|sin'),
        ({"maxsize": 0}, "maxsize must be a whole number from 1 on, got 0"),
        ({"maxsize": True}, "maxsize must be a whole number"),
        ({"max_depth": 0}, "max_depth must be a whole number from 1 on, got 0"),
        ({"nested_constraints": {"sin": 0}}, "nested_constraints must be a dictionary"),
        ({"nested_constraints": {"sin": {"cos": -1}}}, "nested_constraints counts from 0, got -1"),
        ({"nested_constraints": {"sin": {"cost": 1}}}, 'nested_constraints got "cost"'),
        ({"complexity_of_operators": {"sin": 0}}, "positive number, got 0"),
        ({"complexity_of_operators": {"sigmoid": 2}}, 'complexity_of_operators got "sigmoid"'),
        ({"operators": {"sin": "x"}}, "there is already"),
        ({"operators": {"two words": "x"}}, "gives each operator a new name"),
        ({"operators": {"f": "x + y"}}, "function of one argument"),
        ({"operators": {"f": "g(x)"}}, "written with g, which is not known"),
        ({"operators": {"f": "x +"}}, "cannot be read"),
        ({"operators": ["f"]}, "operators must be a dictionary"),
        ({"loss": "hubert"}, 'Did you mean "huber"'),
        ({"loss": "quantile(2)"}, "between 0 and 1, got 2"),
        ({"guesses": "a*x"}, "guesses must be a list"),
        ({"form": 3}, "form must be text"),
    ],
)
def test_wrong_settings_are_told_at_once(settings, words):
    with pytest.raises(SettingError, match=words):
        Symbolic(**settings)


def test_fewer_operators_take_less_time_to_enumerate():
    few = within(Limits(("+", "*"), ()), (ALL,))[0]
    assert set(few.unary) < set(ALL.unary)
    assert len(few.binary) < len(ALL.binary)
