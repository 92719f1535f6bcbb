"""LaTeX with balanced braces whatever the names are."""

from math import nan

import pytest

from discover.equation import Equation, Term
from discover.export.latex import coefficient_latex, equation_latex, latex, name_latex
from discover.export.rounding import rounded
from discover.expr import Expr, derivative, parse, variable
from tests.export.laws import HOSTILE, LAWS, Pair


def balanced(text: str) -> bool:
    depth = 0
    escaped = False
    for sign in text:
        if not escaped and sign in "{}":
            depth += 1 if sign == "{" else -1
            if depth < 0:
                return False
        escaped = sign == "\\" and not escaped
    return depth == 0


def test_every_law_has_balanced_braces_and_one_line_an_equation(pair: Pair) -> None:
    law, _ = pair
    found = latex(law)
    assert balanced(found)
    assert found.count("&=") == len(law.equations)
    assert found.count("\n") == len(law.equations) + 1


@pytest.mark.parametrize("name", [*HOSTILE, "{", "}}", "a{b", "\\", "^", "~x", "#1", "50 %"])
def test_no_name_opens_a_group_or_a_comment(name: str) -> None:
    found = name_latex(name)
    assert balanced(found)
    assert "%" not in found.replace("\\%", "")
    assert "\n" not in found


def test_sums_are_bracketed_and_signs_stand_once() -> None:
    names = ("x", "y")
    terms = tuple(
        Term(parse(text, names), value, nan, nan, nan)
        for text, value in (("x + y", -2.0), ("sin(x)", 1.0), ("1", -3.0))
    )
    found = equation_latex(Equation("x", "t", names, terms, nan, nan, nan))
    assert found.endswith(r"&= -2 \, \left(x + y\right) + \sin{\left(x \right)} - 3")


def test_powers_of_ten() -> None:
    assert coefficient_latex(rounded(3e-9)) == r"3 \times 10^{-9}"
    assert coefficient_latex(rounded(10.0, 1e-9)) == r"\left(10.00000 \pm 1.0 \times 10^{-9}\right)"


U = variable(0)


@pytest.mark.parametrize(
    ("expr", "axes", "wanted"),
    [
        (derivative(U, (0, 2)), ("t", "x"), "u_{xx}"),
        (U * derivative(U, (0, 1)), ("t", "x"), r"u \, u_{x}"),
        (derivative(U**2, (0, 1)), ("t", "x"), r"\left(u^{2}\right)_{x}"),
        (derivative(U, (0, 1)) ** 2, ("t", "x"), "u_{x}^{2}"),
        (derivative(derivative(U, (0, 1)), (0, 1)), ("t", "x"), r"\left(u_{x}\right)_{x}"),
        (derivative(U, (0, 1, 1)), ("t", "theta", "y"), r"u_{\theta, y}"),
        (derivative(U, (1,)), ("t",), "u'"),
        (derivative(U**3, (2,)), ("t",), r"\left(u^{3}\right)''"),
    ],
)
def test_derivatives(expr: Expr, axes: tuple[str, ...], wanted: str) -> None:
    term = Term(expr, 1.0, nan, nan, nan)
    equation = Equation("u", axes[0], ("u",), (term,), nan, nan, nan, space=axes[1:])
    assert equation_latex(equation).split(" &= ")[1] == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("korteweg", "u_{t}"),
        ("second_order", r"\frac{\mathrm{d}^{2}\,x}{\mathrm{d}\,{t}^{2}}"),
        ("logistic", "x_{n+1}"),
        ("spirals", "u_{t}"),
    ],
)
def test_left_sides(name: str, wanted: str) -> None:
    assert equation_latex(LAWS[name]()[0].equations[0]).split(" &= ")[0] == wanted


def test_an_index_follows_a_subscript() -> None:
    assert name_latex("y_1", "n+1") == "y_{1, n+1}"
    assert r"\left(1.000 \pm 0.010\right) \, u_{n}" in latex(LAWS["logistic"]()[0])
