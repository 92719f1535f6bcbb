"""LaTeX with balanced braces whatever the names are."""

from math import nan

import pytest

from discover.equation import Equation, Term
from discover.export.latex import coefficient_latex, equation_latex, latex, name_latex
from discover.export.rounding import rounded
from discover.expr import parse
from tests.export.laws import HOSTILE, Pair


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
