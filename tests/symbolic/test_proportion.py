import numpy as np
import pytest

import discover
from discover.expr import parse
from discover.inference.criteria import Squares
from discover.inference.forms import Form
from discover.symbolic.archive import Archive
from discover.symbolic.formulas import kept
from discover.symbolic.proportion import Errors, may_be, shorter

BUDGET = {"budget": None, "max_evals": 300}
LAW = ("a*x**3", (2.0,))


def archive_of(y, x, *forms):
    archive = Archive(x[None], y, np.ones(len(y)), (0,))
    archive.add([Form(parse(one, ["x", "a", "b"]), 1, start) for one, start in forms])
    return archive


def drawn(kind, seed=0, n_rows=60):
    rng = np.random.default_rng(seed)
    x = rng.uniform(1.0, 5.0, n_rows)
    y = 2.37 * x**3
    return x, y * np.exp(0.1 * rng.standard_normal(n_rows)) if kind == "relative" else y + 1.0 * rng.standard_normal(
        n_rows
    )


@pytest.mark.parametrize("kind", ["relative", "equal"])
def test_each_kind_of_error_is_told_from_the_other(kind):
    for seed in range(5):
        x, y = drawn(kind, seed)
        y = np.maximum(y, 0.5)
        archive = archive_of(y, x, LAW)
        fits = archive.fits
        assert isinstance(fits, Squares)
        assert bool(shorter(kept(archive), fits) > 5.0) is (kind == "relative")


def test_the_unit_of_the_target_does_not_matter():
    x, y = drawn("relative")
    gains = []
    for scale in (1.0, 1e-9):
        archive = archive_of(scale * y, x, ("a*x**3", (2.0 * scale,)))
        fits = archive.fits
        assert isinstance(fits, Squares)
        gains.append(shorter(kept(archive), fits))
    assert gains[0] == pytest.approx(gains[1], rel=1e-6)


def test_data_without_errors_have_no_kind_of_error():
    x = np.linspace(1.0, 5.0, 60)
    errors = Errors(True, kept)
    assert not errors.decide(archive_of(2.0 * x**3, x, LAW))
    assert not errors.ends


def test_a_sign_or_a_short_range_leaves_no_question():
    assert not may_be(np.array([-1.0, 20.0]))
    assert not may_be(np.array([0.0, 20.0]))
    assert may_be(np.array([-1.0, -20.0]))


def test_a_law_says_that_its_errors_grow_and_a_user_may_say_otherwise():
    x, y = drawn("relative")
    found = discover.law({"x": x, "y": y}, "y", **BUDGET)
    assert found.law.estimator == "least squares of logarithms"
    assert any("Errors in proportion to y" in note for note in found.law.provenance.notes)
    (term,) = found.equations["y"].terms
    assert term.low < 2.37 < term.high
    plain = discover.law({"x": x, "y": y}, "y", engine=discover.Symbolic(loss="squared"), **BUDGET)
    assert plain.law.estimator == "least squares"


def test_errors_that_were_told_are_taken():
    x, y = drawn("relative")
    found = discover.law({"x": x, "y": y, "s": np.full(60, 30.0)}, "y", sigma="s", **BUDGET)
    assert "logarithms" not in found.law.estimator


def test_a_form_that_was_given_is_fitted_under_the_likelier_errors():
    x, y = drawn("relative")
    found = discover.law({"x": x, "y": y}, "y", form="a*x**b", **BUDGET)
    assert found.law.estimator == "least squares of logarithms"
