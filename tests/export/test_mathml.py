"""MathML is well-formed, escaped, and made of MathML Core alone."""

from dataclasses import replace
from xml.dom import minidom

import pytest

from discover.export.choices import equation_of
from discover.export.mathml import equation_mathml, expression_mathml, law_mathml, sum_mathml
from discover.export.notation import Words, words_of
from discover.expr import OPERATORS, Expr, call, derivative, parse, variable
from tests.export.laws import LAWS, Pair, rational

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
        whole = 1 if equation.denominator else len(equation.terms)  # a fraction is not broken
        assert len(pieces) == max(whole, 1) + 1
        for piece in pieces:
            check(piece)
    for candidate in front.candidates:
        check(sum_mathml(candidate, words_of(equation_of(law, candidate.target))))


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: row.name)
def test_every_operator_is_set(row) -> None:
    operands = [variable(0) + variable(1), variable(1) * variable(0)][: row.arity]
    argument = [(0, 2)] if row.name == "D" else [5] if row.has_argument else []
    check(expression_mathml(call(row.name, *operands, *argument), Words(("x", "y_1"))))


def test_a_fraction_of_sums_needs_no_brackets_and_a_power_does() -> None:
    assert "(" not in expression_mathml(parse("(x + 1)/(x - 1)", ["x"]), Words(["x"]))
    assert "(" in expression_mathml(parse("(x + 1)**2", ["x"]), Words(["x"]))


def test_text_is_escaped() -> None:
    found = expression_mathml(variable(0), Words(["<script>&"]))
    assert "<script>" not in found
    assert "&lt;script&gt;&amp;" in found


U = variable(0)


@pytest.mark.parametrize(
    ("expr", "words", "wanted"),
    [
        (derivative(U, (0, 2)), Words(["u"]), "u{xx}"),
        (derivative(U**2, (0, 1)), Words(["u"]), "(u[2]){x}"),
        (derivative(U, (0, 1)), Words(["y_1"]), "(y{1}){x}"),
        (derivative(U, (0, 1)) ** 2, Words(["u"]), "(u{x})[2]"),
        (derivative(U, (0, 1, 1)), Words(["u"], ("time", "east", "y")), "u{east,y}"),
        (derivative(U, (1,)), Words(["x"], ("t",)), "x[′]"),
        (derivative(U**2, (2,)), Words(["x"], ("t",)), "(x[2])[″]"),
        (U**2, Words(["y_1"], ("n",), "n"), "y{1,n}[2]"),
    ],
)
def test_derivatives_and_indices(expr: Expr, words: Words, wanted: str) -> None:
    text = expression_mathml(expr, words)
    check(text)
    assert flat(minidom.parseString(text).documentElement) == wanted


def flat(element: minidom.Element) -> str:
    """Return what is seen: subscripts in {}, superscripts in []."""
    parts = [flat(child) if isinstance(child, minidom.Element) else child.data for child in element.childNodes]
    if element.tagName in ("msub", "msup"):
        left, right = "{}" if element.tagName == "msub" else "[]"
        return f"{parts[0]}{left}{parts[1]}{right}"
    return "".join(parts)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("korteweg", "u{t}="), ("second_order", "d[2]xdt[2]="), ("logistic", "x{n+1}="), ("one_state", "dxdt=")],
)
def test_left_sides(name: str, wanted: str) -> None:
    first = equation_mathml(LAWS[name]()[0].equations[0])[0]
    assert flat(minidom.parseString(first).documentElement) == wanted


def test_long_quotients_are_broken_between_their_terms() -> None:
    law, _ = rational()
    _, equation = law.equations
    assert len(equation_mathml(equation)) == 2
    long = replace(equation, terms=equation.terms * 2)
    pieces = equation_mathml(long)
    assert len(pieces) == 1 + 4 + 1
    for piece in pieces:
        check(piece)
    assert "mfrac" not in "".join(pieces[1:])
    assert "/" in pieces[-1].replace("</", "")
