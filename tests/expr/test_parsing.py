import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.errors import ExpressionError
from discover.expr import call, constant, derivative, parse, text, variable
from discover.expr.parsing import MAX_LENGTH
from tests.expr.strategies import NUMBERS, expressions

NAMES = ["x", "hare pelts", "lambda"]
x, y, z = (variable(index) for index in range(3))


@given(expressions(NUMBERS, with_derivatives=True, max_leaves=20))
def test_parsing_undoes_printing(expr):
    assert parse(text(expr, NAMES), NAMES) == expr


@given(st.lists(st.text(min_size=1), min_size=3, max_size=3, unique=True), expressions())
def test_any_name_can_be_printed_and_parsed(names, expr):
    assert parse(text(expr, names), names) == expr


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("-x**2", -(x**2)),
        ("(-2)**2", constant(-2) ** 2),
        ("2**-x", constant(2) ** -x),
        ("x**y**2", x ** (y**2)),
        ("x - (y - z)", x - (y - z)),
        ("x - y - z", x - y - z),
        ("1/x*y", (1 / x) * y),
        ("+x", x),
        (" x\n", x),
        ("1_000 * x", 1000 * x),
        ("1e-300", constant(1e-300)),
        ("cube(x)", x**3),
        ('D(x, "x", 2)', derivative(x, (0, 2))),
        ('D(x*y, "t", 1, "x", 1)', derivative(x * y, (1, 1))),
        ("abs(x)", abs(x)),
    ],
)
def test_texts_mean_what_they_say(written, expected):
    assert parse(written, ["x", "y", "z"]) == expected


def test_names_that_python_would_not_take():
    names = ["hare pelts", "lambda", "a`b", "sin", "q_0", "µ", "x+y", ""]
    for index, name in enumerate(names):
        expr = call("sin", variable(index) * 2)
        assert parse(text(expr, names), names) == expr, name


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("", "is not an expression"),
        ("x +", "is not an expression"),
        ("x y", "is not an expression"),
        ("(x", "is not an expression"),
        ("x; y", "is not an expression"),
        ("x = 2", "is not an expression"),
        ("x\x00", "cannot be read|is not an expression"),
        ("xx", 'no variable "xx"'),
        ("speeed", 'Did you mean "speed"'),
        ("sine(x)", 'no function "sine".*Did you mean "sin"'),
        ("eval(x)", 'no function "eval"'),
        ("__import__('os')", "not allowed|is not a number|no function"),
        ("x.real", '"x.real" is not allowed'),
        ("x[0]", "is not allowed"),
        ("x if x else y", "is not allowed"),
        ("lambda: x", "is not allowed"),
        ("[x for x in y]", "is not allowed"),
        ("x < y", "is not allowed"),
        ("x @ y", "is not allowed"),
        ("x // y", "is not allowed"),
        ("x % y", "is not allowed"),
        ("~x", "is not allowed"),
        ("not x", "is not allowed"),
        ("x and y", "is not allowed"),
        ("(x := 2)", "is not allowed"),
        ("f'{x}'", "is not allowed"),
        ("sin(x, y)", "has 2 arguments"),
        ("sin()", "has 0 arguments"),
        ("sin(x=y)", "is not allowed"),
        ("sin(*x)", "is not allowed"),
        ("x(y)", 'no function "x"'),
        ("(sin)(x)(y)", "is not allowed"),
        ("'x'", "is not a number"),
        ("b'x'", "is not a number"),
        ("True", "is not a number"),
        ("None", "is not a number"),
        ("...", "is not a number"),
        ("2j", "is not a number"),
        ("1e999", "finite"),
        ("9" * 400, "too large"),
        ("9" * 5000, "cannot be read|is not an expression"),
        ("`x", "backtick"),
        ('D(x, "q", 1)', 'no axis "q"'),
        ("D(x)", "must read like"),
        ("D(x, sin(y), 1)", "must read like"),
        ('D(x, "x", 1.5)', "must read like"),
        ('D(x, "x")', "must read like"),
        ('D(x, "x", True)', "must read like"),
        ("D()", "must read like"),
        ("(" * 500 + "x" + ")" * 500, "cannot be read|is not an expression"),
        ("-" * 5000 + "x", "cannot be read|levels"),
        ("x" * (MAX_LENGTH + 1), "characters"),
        ("+".join("x" * 15_000), "nodes|cannot be read"),
    ],
)
def test_anything_else_is_refused_with_its_piece(bad, message):
    with pytest.raises(ExpressionError, match=message):
        parse(bad, ["x", "y", "speed"])


def test_the_offending_piece_is_quoted_as_it_was_written():
    with pytest.raises(ExpressionError, match=r'"`hare pelts`\.real" is not allowed'):
        parse("x + `hare pelts`.real", NAMES)


def test_a_long_sum_is_fine():
    expr = parse(" + ".join(f"{k}*x*y" for k in range(400)), ["x", "y"])
    assert expr.size == 400 * 5 + 399


@given(st.text(alphabet="xy0123456789.+-*/()`,\"' sincoexpD_[]{}:=\n", max_size=40))
def test_random_text_is_parsed_or_refused(noise):
    try:
        expr = parse(noise, ["x", "y"])
    except ExpressionError:
        return
    assert parse(text(expr, ["x", "y"]), ["x", "y"]) == expr


def test_an_axis_may_go_without_quotes():
    assert parse("D(u, x, 2)", ["u", "x"], ["t", "x"]) == parse('D(u, "x", 2)', ["u", "x"], ["t", "x"])
    assert parse("D(u, `my x`, 1)", ["u"], ["t", "my x"]) == derivative(variable(0), (0, 1))
    with pytest.raises(ExpressionError, match='no axis "z"'):
        parse("D(u, z, 1)", ["u"], ["t", "x"])
