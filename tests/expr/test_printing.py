import pytest

from discover.errors import ExpressionError
from discover.expr import constant, derivative, number_text, parse, text, variable

x, y = variable(0), variable(1)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (x + y * x, "x + y*x"),
        ((x + y) * x, "(x + y)*x"),
        (x - (y - x), "x - (y - x)"),
        (x * (y * x), "x*(y*x)"),
        (x / (y * x), "x/(y*x)"),
        (-(x**2), "-x**2"),
        ((-x) ** 2, "(-x)**2"),
        (-(x * y), "-(x*y)"),
        (x * -y, "x*-y"),
        (constant(-2) ** 2, "(-2)**2"),
        (constant(-2) * x, "-2*x"),
        (1 / (x * y), "1/(x*y)"),
        (x ** (y + 1), "x**(y + 1)"),
        ((x**y) ** 2, "(x**y)**2"),
        (x**-7, "x**-7"),
        (0.1 * x, "0.1*x"),
        (derivative(x**2, (0, 2)), 'D(x**2, "x", 2)'),
        (derivative(x, (1, 0, 1)), 'D(x, "t", 1, "y", 1)'),
    ],
)
def test_brackets_stand_only_where_they_must(expr, expected):
    assert text(expr, ["x", "y"]) == expected


@pytest.mark.parametrize("value", [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 1e22, 123456789012345678.0, -0.0])
def test_numbers_are_printed_exactly(value):
    assert float(number_text(value)) == value


def test_axes_can_be_named():
    expr = derivative(x, (0, 3))
    assert text(expr, ["u"], axes=["time", 'a "b"']) == 'D(u, "a \\"b\\"", 3)'
    assert parse(text(expr, ["u"], axes=["time", 'a "b"']), ["u"], axes=["time", 'a "b"']) == expr


def test_a_missing_name_is_an_error():
    with pytest.raises(ExpressionError, match="Variable number 1 has no name"):
        text(y, ["x"])
    with pytest.raises(ExpressionError, match="Axis number 4 has no name"):
        text(derivative(x, (0, 0, 0, 0, 1)))
