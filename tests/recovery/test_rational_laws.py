"""Rational laws come back with intervals from noise; what is no quotient stays a sum, and nothing stays none."""

import numpy as np
import pytest

import discover
from discover import Polynomial, Rational
from discover.expr import text
from tests.rationals import PREY, enzyme, measured
from tests.recovery.nulls import null_table


def parts(equation):
    return tuple({text(term.expr, equation.names) for term in sums} for sums in (equation.terms, equation.denominator))


def test_an_enzyme_at_one_percent_of_noise():
    found = discover.dynamics(enzyme(0.01), library=Rational())
    equation = found.equations["x"]
    assert parts(equation) == ({"1", "x"}, {"1", "x"})
    assert found.verdict.word == "law"
    assert any("no zero between" in reason for reason in found.verdict.reasons)
    true = {("1", "above"): 0.6, ("x", "above"): -3.0, ("x", "below"): 1.0 / 0.3}
    for place, sums in (("above", equation.terms), ("below", equation.denominator[1:])):
        for term in sums:
            value = true[text(term.expr, equation.names), place]
            assert term.value == pytest.approx(value, rel=0.05)
            assert term.low - term.std < value < term.high + term.std
    constant = found.relative_to("x", "x").equations["x"].denominator[1]
    assert constant.low < 0.3 < constant.high
    run = found.simulate([2.0], np.linspace(0.0, 8.0, 50))
    assert run["x"].values[-1] == pytest.approx(0.2, rel=0.02)


def test_intervals_hold_the_truth_nearly_always():
    """Of the 3 coefficients in each of 10 draws, at most a few lie outside their 95 % intervals."""
    true, outside = np.array([0.6, -3.0, 1.0 / 0.3]), 0
    for seed in range(10):
        equation = discover.dynamics(enzyme(0.01, seed), library=Rational(Polynomial(1), Polynomial(1))).equations["x"]
        terms = (*equation.terms, *equation.denominator[1:])
        assert len(terms) == 3
        outside += sum(not term.low < value < term.high for term, value in zip(terms, true, strict=True))
    assert outside <= 5


def test_what_is_no_quotient_stays_a_sum():
    data = measured(PREY, ((1.0, 0.5),), 30.0, 600, noise=0.01)
    found = discover.dynamics(data, library=Rational(Polynomial(2), Polynomial(1)))
    assert parts(found.equations["x"]) == ({"x", "x*y"}, set())
    assert parts(found.equations["y"]) == ({"y", "x*y"}, set())


@pytest.mark.parametrize("kind", ["white_noise", "random_walk"])
def test_nothing_stays_nothing(kind):
    data = {name: values[:400] for name, values in null_table(kind, 5).items()}
    assert discover.dynamics(data, library=Rational(Polynomial(2), Polynomial(1))).verdict.word == "none"


def test_a_rational_map_of_maynard_smith_and_slatkin():
    x = [0.3]
    for _ in range(300):
        x.append(3.0 * x[-1] / (1.0 + x[-1] ** 4))
    noisy = np.array(x) + 0.01 * np.random.default_rng(0).standard_normal(301)
    library = Rational(Polynomial(2), Polynomial(4))
    found = discover.dynamics({"t": np.arange(301.0), "x": noisy}, library=library, form=discover.Map())
    equation = found.equations["x"]
    assert (equation.kind, parts(equation)) == ("map", ({"x"}, {"1", "x**4"}))
    assert [term.value for term in (*equation.terms, equation.denominator[1])] == pytest.approx([3.0, 1.0], rel=0.01)
