"""Laws as text: error bars, signs, brackets, and tables that fit a terminal."""

from dataclasses import replace
from math import nan

import pytest

from discover.equation import Equation, Term
from discover.export.rounding import rounded
from discover.export.specimen import specimen
from discover.export.text import (
    WIDTH,
    choices_text,
    coefficient_text,
    equation_text,
    law_text,
    shown,
    sum_text,
    term_text,
    value_text,
)
from discover.expr import Expr, constant, derivative, parse, variable
from discover.front import Candidate, Front
from tests.export.laws import Pair, hostile, korteweg, logistic, second_order, spirals, ten_states
from tests.noisy import found_well

NAMES = ("x", "y")


def equation(*rows: tuple[str, float, float]) -> Equation:
    terms = tuple(Term(parse(text, NAMES), value, std, nan, nan, "1/s") for text, value, std in rows)
    return Equation("x", "t", NAMES, terms, nan, nan, nan)


@pytest.mark.parametrize(
    ("written", "shown_as"),
    [
        ("x*y", "x·y"),
        ("x**2*y**3", "x²·y³"),
        ("x**-5", "x⁻⁵"),
        ("(x + y)*x", "(x + y)·x"),
        ("sin(2*x) - y", "sin(2·x) − y"),
        ("x**0.5", "x**0.5"),
        ("1/x", "1/x"),
        ("-x", "−x"),
    ],
)
def test_terms_are_written_as_people_write_them(written: str, shown_as: str) -> None:
    assert term_text(parse(written, NAMES), NAMES) == shown_as


def test_signs_brackets_and_bare_ones() -> None:
    found = equation(("x", -1.0, nan), ("x + y", 0.5, 0.01), ("1", -3.0, 0.2))
    assert equation_text(found) == "x' = −x + (0.500 ± 0.010) (x + y) − (3.00 ± 0.20)"


def test_units_and_digits_are_given_when_asked_for() -> None:
    found = equation(("x", 0.54712, 0.0631))
    assert equation_text(found, units=True) == "x' = (0.547 ± 0.063) 1/s x"
    assert equation_text(found, digits=1) == "x' = (0.55 ± 0.06) x"


def test_no_term_is_zero() -> None:
    assert equation_text(equation()) == "x' = 0"


def test_a_constant_alone_has_no_term() -> None:
    assert coefficient_text(rounded(2.0, 0.1)) == "(2.00 ± 0.10)"
    assert value_text(rounded(-2.0, nan)) == "−2"
    assert term_text(constant(1.0), ()) == "1"


def test_nothing_moves_the_cursor() -> None:
    law, front = hostile()
    text = law_text(law) + choices_text(law, front)
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    assert shown("plain") == "plain"


def test_every_law_fits_a_terminal(pair: Pair) -> None:
    law, front = pair
    assert all(len(line) <= WIDTH for line in choices_text(law, front).splitlines())


def test_one_row_of_each_target_is_marked() -> None:
    lines = choices_text(*specimen()).splitlines()
    assert sum(line.startswith("→") for line in lines) == 2
    assert sum(line.startswith("×") for line in lines) == 2
    assert any("refused: hare would fall below zero" in line for line in lines)


def test_the_chosen_row_is_shown_however_bad_its_score() -> None:
    law, front = specimen()
    others = [Candidate("hare", (parse(f"{k}*hare", law.names),), (1.0,), (nan,), 1.0, -k, 0.5) for k in range(2, 60)]
    text = choices_text(law, Front(("hare",), (*others, *front.of("hare")), 6, 36))
    assert "→" in text
    assert "and 54 more" in text


def test_many_targets_get_few_rows_each() -> None:
    law, front = ten_states()
    assert len(choices_text(law, front).splitlines()) == 10 * 4 + 9


def test_the_verdict_comes_with_its_reasons() -> None:
    law, _ = specimen()
    long = replace(law, verdict=replace(law.verdict, reasons=("word " * 60,)))
    lines = law_text(long).splitlines()
    assert "verdict: law" in lines
    assert all(len(line) <= WIDTH for line in lines)


U, V = variable(0), variable(1)


@pytest.mark.parametrize(
    ("expr", "axes", "wanted"),
    [
        (U * derivative(U, (0, 1)), ("t", "x"), "u·u_x"),
        (derivative(U**2, (0, 1)), ("t", "x"), "(u²)_x"),
        (derivative(V, (0, 1, 1)), ("time", "x", "y"), "v_xy"),
        (derivative(V, (1, 2)), ("time", "x"), "v_txx"),
        (derivative(V, (0, 0, 2)), ("time", "east", "north"), "v_{north,north}"),
        (derivative(U, (0, 1)) ** 2, ("t", "x"), "(u_x)²"),
        (derivative(derivative(U, (0, 1)) * V, (0, 1)), ("t", "x"), "(u_x·v)_x"),
        (derivative(U, (1,)), ("t",), "u'"),
        (derivative(U**3, (2,)), ("t",), "(u³)''"),
        (derivative(U, (1,)) ** 2, ("t",), "(u')²"),
        (-derivative(U, (0, 2)), ("t", "x"), "−u_xx"),
    ],
)
def test_derivatives_are_subscripts_over_space_and_primes_without(expr: Expr, axes: tuple, wanted: str) -> None:
    assert term_text(expr, ("u", "v"), axes) == wanted


def test_equations_of_every_kind() -> None:
    assert equation_text(korteweg()[0].equations[0]) == "u_t = −(6.000 ± 0.060) u·u_x − (1.000 ± 0.010) u_xxx"
    assert equation_text(second_order()[0].equations[0]).startswith("x'' = −(1.000 ± 0.010) x − (0.1000 ± 0.0010) x'")
    assert equation_text(logistic()[0].equations[1]) == ("y_1[n+1] = (0.5000 ± 0.0050) y_1[n] + (1.000 ± 0.010) u[n]")
    assert equation_text(spirals()[0].equations[1]).startswith("(price & <b>)_t = −")
    assert "u_t =" in choices_text(*korteweg())
    assert "3.9 x[n]" in choices_text(*logistic())


def test_a_stochastic_law_is_written_with_its_noise() -> None:
    first, second = law_text(found_well().law).splitlines()[:2]
    assert first.startswith("dx = [(")
    assert first.endswith("x³] dt + g_x dW")
    assert second.startswith("g_x² = (0.2")


def test_a_minus_within_a_term_is_written_before_its_coefficient() -> None:
    names = ["a", "b"]
    terms = [(rounded(1.9, 0.1), None, parse("-a*(1 - b)", names)), (rounded(-1.2, 0.1), None, parse("-2*a/b", names))]
    assert sum_text(terms, names) == "−(1.90 ± 0.10) a·(1 − b) + (1.20 ± 0.10) 2·a/b"
    assert sum_text([(rounded(1.0), None, parse("-2", names))], names) == "−2"
