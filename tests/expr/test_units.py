import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.errors import ExpressionError, UnitError
from discover.expr import DIMENSIONLESS, Dimension, Expr, call, differentiate, dimension_of, parse, simplify, variable

m, s = Dimension.of({"m": 1}), Dimension.of({"s": 1})
NAMES = ["x", "t", "width", "angle", "mystery"]
DIMENSIONS = [m, s, m, DIMENSIONLESS, None]


def of(written, **settings):
    return dimension_of(parse(written, NAMES), DIMENSIONS, NAMES, **settings)


def legal() -> st.SearchStrategy[Expr]:
    """Expressions over x, t, width and angle that obey the units, without constants that need one."""
    pure = st.sampled_from([parse(text, NAMES) for text in ("angle", "x/width", "sin(angle)", "exp(x/width) + 2")])

    def grow(children: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        return st.one_of(
            st.builds(lambda a, b: a * b, children, children),
            st.builds(lambda a, b: a / b, children, children),
            st.builds(lambda a, n: a**n, children, st.integers(-4, 5)),
            st.builds(lambda a, p: a + a * p, children, pure),
            st.builds(lambda a, p: a * p - 2 * a, children, pure),
            st.builds(lambda a, name: call(name, a), children, st.sampled_from(["sqrt", "cbrt", "abs", "neg"])),
            st.builds(lambda a, p: a * call("cos", p), children, pure),
            st.builds(lambda a: a**0.5, children),
        )

    return st.recursive(st.sampled_from([variable(index) for index in range(4)]), grow, max_leaves=6)


def known(expr: Expr) -> Dimension:
    found = dimension_of(expr, DIMENSIONS, NAMES, dimensionless_constants_only=True)
    assert found is not None
    return found


@given(legal(), legal())
def test_a_product_has_the_product_of_the_units(a, b):
    assert known(a * b) == known(a) * known(b)
    assert known(a / b) == known(a) / known(b)


@given(legal(), st.integers(0, 3))
def test_a_derivative_has_the_unit_of_the_slope(expr, index):
    slope = differentiate(expr, index)
    if slope.value != 0.0:
        assert known(slope) == known(expr) / known(variable(index))


@given(legal())
def test_simplifying_keeps_the_unit(expr):
    simple = simplify(expr)
    if simple.value != 0.0:
        assert known(simple) == known(expr)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("x/t**2", "m s-2"),
        ("x + width", "m"),
        ("x + mystery", "m"),
        ("sin(x/width)", "1"),
        ("sin(2*x)", "1"),
        ("x + 3*t", "m"),
        ("x**0.5", "m^(1/2)"),
        ("2**angle", "None"),
        ("3*t", "None"),
        ("x*mystery", "None"),
        ("exp(mystery)", "1"),
        ("x*0 + 1", "None"),
    ],
)
def test_unknowns_and_constants_constrain_nothing(written, expected):
    assert str(of(written)) == expected


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("x + t", '"x [+] t".*different units, .m. and .s.'),
        ("1 + sin(x + t)", '"x [+] t"'),
        ("2*exp(x)", r'"exp\(x\)".*unit .m. and must have .1.'),
        ("sin(x + 2)", r'"sin\(x \+ 2\)"'),
        ("x**angle", r'"x\*\*angle".*varies'),
        ("angle**x", r'"angle\*\*x".*exponent has the unit .m.'),
    ],
)
def test_a_break_names_the_part_and_the_units(written, part):
    with pytest.raises(UnitError, match=part):
        of(written)


def test_constants_can_be_plain_numbers():
    assert of("2*x", dimensionless_constants_only=True) == m
    with pytest.raises(UnitError, match="different units"):
        of("x + 3*t", dimensionless_constants_only=True)


def test_a_derivative_along_an_axis_divides_by_its_unit():
    assert of('D(x*x, "x", 2)', axes=[s, m]) == DIMENSIONLESS
    assert of('D(x, "t", 1)', axes=[s, m]) == m / s
    assert of('D(x, "x", 1)', axes=[s]) is None
    assert of('D(x, "x", 1)', axes=[s, None]) is None


def test_every_variable_needs_an_entry():
    with pytest.raises(ExpressionError, match="no entry"):
        dimension_of(variable(1), [m])
