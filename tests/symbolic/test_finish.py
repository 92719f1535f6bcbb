import numpy as np
import pytest

from discover.expr import parse, simplify, text
from discover.inference.forms import Form
from discover.inference.whiteness import WHITE
from discover.symbolic.archive import Archive
from discover.symbolic.finish import pruned
from tests.symbolic.laws import data

NAMES = ["x", "y", "a", "b", "c"]


def archive_of(law, *forms, noise=0.01):
    X, y = data(law, "x y", noise=noise)
    archive = Archive(X, y, np.ones(len(y)), tuple(range(len(X))))
    archive.add([Form(parse(one, NAMES), 2, start) for one, start in forms])
    return archive


def test_constants_that_are_not_needed_go_and_round_ones_become_numbers():
    archive = archive_of("x**2/y", ("a + b*x**2/(y + c)", (0.1, 1.1, 0.1)))
    pruned(archive)
    assert archive.best is not None
    assert simplify(archive.best.form.law) == simplify(parse("x**2/y", NAMES))


def test_a_constant_that_is_not_round_stays_free():
    archive = archive_of("1.37*x", ("a*x", (1.0,)))
    pruned(archive)
    assert archive.best is not None
    assert archive.best.form.start == pytest.approx((1.37,), rel=0.01), text(archive.best.form.expr, NAMES)


def test_what_is_left_of_the_law_is_noise_and_of_another_is_not():
    archive = archive_of("x*sin(y)", ("a*x*sin(y)", (1.0,)), ("a*x + b*y", (1.0, 1.0)), noise=0.05)
    right, wrong = archive.entries.values()
    assert archive.structure_left(right) < WHITE < archive.structure_left(wrong)


def test_few_rows_show_nothing():
    X, y = data("2*x", "x y", n_rows=20)
    archive = Archive(X, y, np.ones(20), (0, 1))
    (entry,) = archive.add([Form(parse("a*x", NAMES), 2, (1.0,))])
    assert archive.structure_left(entry) == np.inf


def test_two_pi_is_told_as_such():
    archive = archive_of("6.283185307179586*x/y", ("a*x/y", (6.0,)), noise=1e-4)
    pruned(archive)
    assert archive.best is not None
    assert archive.best.form.n_free == 0
    assert archive.best.form.expr.constants == (2 * np.pi,)
