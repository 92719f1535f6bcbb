"""SymPy expressions have the value of the tape, to the last bits."""

import numpy as np
import pytest
import sympy

from discover.export.specimen import specimen
from discover.export.symbols import expression, has_derivatives, to_sympy
from discover.expr import OPERATORS, call, evaluate, parse, variable

POINT = (0.3, 0.7)
X, Y = sympy.symbols("x y")


@pytest.mark.parametrize("row", [row for row in OPERATORS if row.is_pointwise], ids=lambda row: row.name)
def test_every_operator_means_the_same(row) -> None:
    operands = [variable(0), variable(1)][: row.arity]
    expr = call(row.name, *operands, *([5] if row.has_argument else []))
    found = float(expression(expr, [X, Y]).subs({X: POINT[0], Y: POINT[1]}))
    assert found == pytest.approx(evaluate(expr, np.array(POINT)[:, None])[0], rel=1e-13)


def test_numbers_keep_every_bit() -> None:
    value = 0.1 + 0.2
    found = expression(parse(repr(value), []), [])
    assert float(found) == value
    assert expression(parse("2*x", ["x"]), [X]) == 2 * X


def test_a_law_is_a_dictionary_by_symbol() -> None:
    hare, lynx = sympy.symbols("hare lynx")
    found = to_sympy(specimen()[0])
    assert list(found) == [hare, lynx]
    assert float(found[hare].subs({hare: 30.0, lynx: 4.0})) == pytest.approx(0.547 * 30 - 0.0277 * 120)


def test_no_terms_is_zero() -> None:
    from tests.export.laws import nothing_found

    assert to_sympy(nothing_found()[0])[sympy.Symbol("hare")] == 0


def test_derivatives_stay_derivatives() -> None:
    found = expression(parse('D(u, "x", 2)', ["u"]), [sympy.Symbol("u")])
    assert found == sympy.Derivative(sympy.Symbol("u"), (X, 2))


def test_fields_are_functions_of_time_and_space() -> None:
    from tests.export.laws import korteweg

    t, x = sympy.symbols("t x")
    u = sympy.Function("u")(t, x)
    found = to_sympy(korteweg()[0])
    assert list(found) == [u]
    assert sympy.simplify(found[u] + 6 * u * u.diff(x) + u.diff(x, 3)) == 0
    soliton = sympy.Rational(1, 2) / sympy.cosh((x - t) / 2) ** 2
    residual = (found[u].subs(u, soliton) - soliton.diff(t)).doit()
    assert abs(float(residual.subs({x: 0.3, t: 0.1}))) < 1e-12


def test_derivatives_by_time_make_functions_of_time() -> None:
    from tests.export.laws import logistic, second_order

    t = sympy.Symbol("t")
    x = sympy.Function("x")(t)
    (found,) = to_sympy(second_order()[0]).values()
    assert found.coeff(sympy.Derivative(x, t)) == sympy.Float(-0.1)
    assert found.doit().has(x**2 * x.diff(t))
    assert not has_derivatives(logistic()[0])


def test_an_input_that_is_an_axis_stays_it() -> None:
    from dataclasses import replace

    from tests.export.laws import korteweg

    law, _ = korteweg()
    term = replace(law.equations[0].terms[0], expr=variable(0) * variable(1))
    law = replace(law, names=("u", "x"), equations=(replace(law.equations[0], names=("u", "x"), terms=(term,)),))
    (found,) = to_sympy(law).values()
    assert found.free_symbols == set(sympy.symbols("t x"))
    assert found.coeff(sympy.Symbol("x")) == -6.0 * sympy.Function("u")(*sympy.symbols("t x"))
