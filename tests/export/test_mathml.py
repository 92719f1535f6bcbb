"""MathML is well-formed, escaped, and made of MathML Core alone."""

from xml.dom import minidom

import pytest

from discover.export.mathml import equation_mathml, expression_mathml, law_mathml, sum_mathml
from discover.expr import OPERATORS, call, parse, variable
from tests.export.laws import Pair

CORE = {"math", "mrow", "mi", "mn", "mo", "mfrac", "msup", "msub", "msqrt", "mroot", "mspace", "mtable", "mtr", "mtd"}
CHILDREN = {"mfrac": 2, "msup": 2, "msub": 2, "mroot": 2}


def check(text: str) -> None:
    """Parse the text, and hold every element against MathML Core and its number of children."""
    for element in minidom.parseString(text).getElementsByTagName("*"):
        assert element.tagName in CORE
        n_children = sum(isinstance(child, minidom.Element) for child in element.childNodes)
        assert n_children == CHILDREN.get(element.tagName, n_children), element.toxml()


def test_every_law_is_well_formed(pair: Pair) -> None:
    law, front = pair
    check(law_mathml(law))
    for equation in law.equations:
        pieces = equation_mathml(equation)
        assert len(pieces) == max(len(equation.terms), 1) + 1
        for piece in pieces:
            check(piece)
    for candidate in front.candidates:
        check(sum_mathml(candidate, law.names))


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: row.name)
def test_every_operator_is_set(row) -> None:
    operands = [variable(0) + variable(1), variable(1) * variable(0)][: row.arity]
    argument = [(0, 2)] if row.name == "D" else [5] if row.has_argument else []
    check(expression_mathml(call(row.name, *operands, *argument), ("x", "y_1")))


def test_a_fraction_of_sums_needs_no_brackets_and_a_power_does() -> None:
    assert "(" not in expression_mathml(parse("(x + 1)/(x - 1)", ["x"]), ["x"])
    assert "(" in expression_mathml(parse("(x + 1)**2", ["x"]), ["x"])


def test_text_is_escaped() -> None:
    found = expression_mathml(variable(0), ["<script>&"])
    assert "<script>" not in found
    assert "&lt;script&gt;&amp;" in found
