import numpy as np
import pytest

from discover.data.formulate import formulate
from discover.equation import Equation, Term
from discover.expr import constant, parse
from discover.judge.poles import poles
from tests.rationals import PREDATOR, measured


@pytest.fixture(scope="module")
def problem():
    return formulate(measured(PREDATOR, ((0.5, 0.5),), 40.0, 400))


def equation(*below):
    terms = tuple(Term(parse(text, ["x", "y"]), value, 0.1, value - 0.2, value + 0.2) for text, value in below)
    reference = Term(constant(1.0), 1.0, 0.0, 1.0, 1.0)
    return Equation("x", "t", ("x", "y"), terms[:1], 0.9, 0.9, 1.0, denominator=(reference, *terms) if terms else ())


def test_plain_equations_have_no_poles_to_speak_of(problem):
    assert poles(problem, [equation()]) == []


def test_none_is_proved(problem):
    (told,) = poles(problem, [equation(("x", 0.6), ("y**2", 1.0))])
    assert "no zero between the smallest and the largest values measured (proved)" in told


def test_one_within_the_ranges_is_placed(problem):
    middle = float(np.mean([problem.blocks[0].X[0].min(), problem.blocks[0].X[0].max()]))
    (told,) = poles(problem, [equation(("x", -1.0 / middle))])
    assert f"near x = {middle:.3g}" in told


def test_what_cannot_be_decided_is_said(problem):
    y = float(problem.blocks[0].X[1].mean())
    (told,) = poles(problem, [equation(("y", -2.0 / y), ("y**2", (1.0 + 1e-9) / y**2))])
    assert "could not be shown" in told
