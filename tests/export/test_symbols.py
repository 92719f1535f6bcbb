"""SymPy expressions have the value of the tape, to the last bits."""

import numpy as np
import pytest
import sympy

from discover.export.specimen import specimen
from discover.export.symbols import expression, to_sympy
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
