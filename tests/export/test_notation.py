"""Left sides and derivatives, written one way everywhere."""

import pytest

from discover.export.notation import axis_letters, left_text, left_typeset, words_of, written_names
from tests.export.laws import LAWS


@pytest.mark.parametrize(
    ("axes", "wanted"),
    [
        (("t", "x"), ("t", "x")),
        (("year", "x", "depth"), ("t", "x", "depth")),
        (("time", "t"), ("time", "t")),  # an axis of space called t
        (("time",), ("t",)),
    ],
)
def test_letters_of_axes(axes: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    assert axis_letters(axes) == wanted


@pytest.mark.parametrize(
    ("name", "at", "plain", "typeset"),
    [
        ("one_state", 0, "x'", "x′"),
        ("second_order", 0, "x''", "x″"),
        ("logistic", 1, "y_1[n+1]", "y_1[n+1]"),
        ("korteweg", 0, "u_t", "u_t"),
        ("spirals", 1, "(price & <b>)_t", "(price & <b>)_t"),
        ("hostile", 1, "price & $x_1$ $y'", "price & $x_1$ $y′"),
    ],
)
def test_left_sides(name: str, at: int, plain: str, typeset: str) -> None:
    equation = LAWS[name]()[0].equations[at]
    assert left_text(equation) == plain
    assert left_typeset(equation) == typeset


def test_a_second_order_field_and_a_shortened_name() -> None:
    from dataclasses import replace

    equation = LAWS["korteweg"]()[0].equations[0]
    assert left_text(replace(equation, order=2)) == "u_tt"
    assert left_typeset(replace(equation, target="a long name"), "a…e") == "(a…e)_t"


def test_variables_of_a_map_carry_their_index() -> None:
    equation = LAWS["logistic"]()[0].equations[0]
    assert written_names(equation) == ("x[n]", "y_1[n]", "u[n]")
    assert words_of(equation).index == "n"
    assert written_names(LAWS["korteweg"]()[0].equations[0]) == ("u",)
