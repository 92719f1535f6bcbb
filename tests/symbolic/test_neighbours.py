import numpy as np
import pytest

from discover.expr import compile_program, parse, variable
from discover.inference.forms import Form
from discover.symbolic.archive import Archive
from discover.symbolic.neighbours import LONGEST, neighbours
from discover.symbolic.search import surround
from tests.symbolic.laws import data

NAMES = ["x", "y", "a", "b"]


@pytest.mark.parametrize(
    ("text", "next_to"),
    [
        ("a*(x + y)", "a*sqrt(x**2 + y**2)"),
        ("a*(x - y)", "a*(x**2 - y**2)"),
        ("a*x", "a*sin(x)"),
        ("exp(x)", "exp(x*a)"),
    ],
)
def test_parts_are_replaced(text, next_to):
    n_free = text.count("a*")
    found = {one.expr for one in neighbours(Form(parse(text, NAMES), 2, (1.0,) * n_free))}
    assert parse(next_to, NAMES) in found
    assert parse(text, NAMES) not in found


def test_free_constants_are_numbered_without_gaps():
    for one in neighbours(Form(parse("a*x + b*sqrt(y)", NAMES), 2, (1.0, 2.0))):
        assert {v for v in one.expr.variables if v >= 2} == set(range(2, 2 + one.n_free))


def test_a_form_that_is_long_has_too_many():
    long = variable(0)
    for _ in range(LONGEST):
        long = (long + variable(1)) * variable(0)
    assert neighbours(Form(long, 2)) == []


def test_a_law_beside_the_best_form_is_found():
    X, y = data("x*sqrt(y**2 + z**2)", "x y z", noise=0.01)
    archive = Archive(X, y, np.ones(len(y)), (0, 1, 2))
    archive.add([Form(parse("a*x*(y + z)", ["x", "y", "z", "a"]), 3, (1.0,))])
    surround(archive)
    assert archive.best is not None
    law = compile_program([parse("x*sqrt(y**2 + z**2)", ["x", "y", "z"])], 3).evaluate(X)[0]
    assert compile_program([archive.best.form.law], 3).evaluate(X)[0] == pytest.approx(law, rel=0.02)
