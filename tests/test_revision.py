"""Another row of the front takes the place of an equation, and says so."""

from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from discover.data.units import dimension
from discover.equation import Equation, Law
from discover.errors import SettingError
from discover.export.specimen import specimen
from discover.expr import parse
from discover.revision import relative_to, revise
from tests.export.laws import korteweg, logistic, rational, second_order, with_input
from tests.noisy import found_well

LAW, FRONT = specimen()


def test_the_chosen_row_changes_nothing() -> None:
    assert revise(LAW, FRONT, "hare", 8) is LAW


def test_the_row_becomes_the_equation_with_its_own_errors() -> None:
    revised = revise(LAW, FRONT, "hare", 13)
    hare, lynx = revised.equations
    assert lynx is LAW.equations[1]
    assert hare.terms[2].expr == parse("hare**2", LAW.names)
    assert hare.terms[2].low == pytest.approx(0.001 - 1.96 * 0.002, abs=1e-6)
    assert hare.r2 == FRONT.of("hare")[1].r2
    assert isnan(hare.held_out_r2)


def test_units_are_worked_out_anew_and_agree_with_the_judges() -> None:
    revised = revise(LAW, FRONT, "hare", 13)
    assert [term.unit for term in revised.equations[0].terms[:2]] == [term.unit for term in LAW.equations[0].terms]
    unknown = revise(replace(LAW, units=(None, None)), FRONT, "hare", 13)
    assert [term.unit for term in unknown.equations[0].terms] == [None] * 3


def test_the_verdict_tells() -> None:
    revised = revise(LAW, FRONT, "hare", 16)
    assert revised.verdict.word == "several"
    assert revised.verdict.reasons[0].startswith("Chosen by hand: hare'")
    assert "A constraint refuses it: hare would fall below zero." in revised.verdict.reasons
    assert 'The verdict before was "law".' in revised.verdict.reasons
    twice = revise(revised, FRONT, "lynx", 3)
    assert sum(reason.startswith("Chosen by hand") for reason in twice.verdict.reasons) == 2
    assert ("chosen by hand", "lynx: complexity 3") in twice.provenance.settings


def test_the_evidence_is_the_new_laws_own() -> None:
    revised = revise(LAW, FRONT, "hare", 3)
    (stretch,) = revised.evidence.stretches
    growth = 30.0 * np.exp(0.547 * (stretch.time - stretch.time[0]))
    np.testing.assert_allclose(stretch.simulated[0, :6], growth[:6], rtol=1e-6)
    assert isnan(revised.evidence.trajectory_chi2)


def test_inputs_drive_the_new_simulation() -> None:
    law, front = with_input()
    candidate = replace(front.of("v")[0], terms=(parse("u", law.names),), coefficients=(1.0,), std=(0.1,))
    revised = revise(law, replace(front, candidates=(*front.candidates, candidate)), "v", 3)
    (stretch,) = revised.evidence.stretches
    assert revised.evidence.segment == 25
    assert np.isfinite(stretch.simulated).all()
    np.testing.assert_allclose(stretch.simulated[:, ::25], stretch.measured[:2, ::25])


def test_wrong_rows_are_answered() -> None:
    with pytest.raises(SettingError, match='no equation for "hair"\\. Did you mean "hare"'):
        revise(LAW, FRONT, "hair", 8)
    with pytest.raises(SettingError, match="no row of complexity 9; it has 3, 8, 13, 16"):
        revise(LAW, FRONT, "hare", 9)


def test_a_law_over_space_is_simulated_anew() -> None:
    law, front = korteweg()
    revised = revise(law, front, "u", 7)  # u·u_x alone
    (patch,) = revised.evidence.fields
    assert patch.measured is law.evidence.fields[0].measured
    assert np.isfinite(patch.simulated[0, :5]).all()
    assert not np.allclose(patch.simulated[0, 4], law.evidence.fields[0].simulated[0, 4])
    assert revised.verdict.reasons[0].startswith("Chosen by hand: u_t from u·u_x (")
    assert revised.equations[0].terms[0].unit == "1/s"
    assert revised.equations[0].space == ("x",)


def test_units_of_second_derivatives_and_of_maps() -> None:
    law, front = second_order()
    first, second = revise(law, front, "x", 8).equations[0].terms
    assert (first.unit, second.unit) == ("1/s^2", "1/s")
    law, front = logistic()
    assert revise(law, front, "x", 3).equations[0].terms[0].unit == "1"


def test_a_rational_law_relative_to_another_term() -> None:
    law, front = rational()
    (enzyme, other) = relative_to(law, "x", "x").equations
    assert other is law.equations[1]
    (rate,), (reference, constant) = enzyme.terms, enzyme.denominator
    assert reference.is_reference
    assert [(term.expr, term.value) for term in (rate, constant)] == [
        (parse("x", ["x", "y"]), -2.4),
        (parse("1", ["x", "y"]), 2.0),
    ]
    # 1/b has the relative error of b; a/b that of a and of b, which go together here
    assert constant.std == pytest.approx(2.0 * 0.01 / 0.5)
    assert (constant.low, constant.high) == pytest.approx((1 / 0.52, 1 / 0.48))
    variance = (0.02 / 0.5) ** 2 + (2.4 * 0.01 / 0.5) ** 2 - 2 * (-2.4) * -1.9e-4 / 0.5**2
    assert rate.std == pytest.approx(variance**0.5)
    assert (rate.low, rate.high) == pytest.approx((-2.4 - 2 * rate.std, -2.4 + 2 * rate.std))
    back = relative_to(relative_to(law, "x", "x"), "x", "1").equations[0]
    for term, before in zip(
        (*back.terms, *back.denominator), (*enzyme_of(law).terms, *enzyme_of(law).denominator), strict=True
    ):
        assert (term.value, term.std) == pytest.approx((before.value, before.std))
    assert relative_to(law, "x", "1").equations[0].terms[0].value == pytest.approx(-1.2)
    assert front.targets == ("x", "y")


def enzyme_of(law: Law) -> Equation:
    return law.equations[0]


def test_units_follow_the_reference() -> None:
    law, _ = rational()
    enzyme = law.equations[0]
    rate = replace(enzyme.terms[0], unit="min-1")
    per = replace(enzyme.denominator[1], unit="mM-1")
    law = replace(
        law, equations=(replace(enzyme, terms=(rate,), denominator=(enzyme.denominator[0], per)), law.equations[1])
    )
    (changed, _) = relative_to(law, "x", "x").equations
    assert [dimension(term.unit) for term in (changed.terms[0], changed.denominator[1])] == [
        dimension("mM/min"),
        dimension("mM"),
    ]


@pytest.mark.parametrize(
    ("target", "term", "answer"),
    [("z", "x", 'no equation for "z"'), ("x", "x**2", "it holds 1, x"), ("x", "y", "no term of the denominator")],
)
def test_what_is_no_reference_is_answered(target: str, term: str, answer: str) -> None:
    with pytest.raises(SettingError, match=answer):
        relative_to(rational()[0], target, term)
    with pytest.raises(SettingError, match="no denominator"):
        relative_to(LAW, "hare", "hare")


def test_a_row_with_a_denominator_becomes_the_equation() -> None:
    law, front = rational()
    plain = replace(law, equations=(replace(law.equations[0], denominator=(), covariance=()), law.equations[1]))
    revised = revise(plain, front, "x", law.equations[0].complexity)
    assert [term.value for term in revised.equations[0].denominator] == [1.0, 0.5]


def test_the_diffusion_can_be_chosen_too():
    well = found_well()
    other = well.choose("g²(x)", 8)
    assert len(other.law.diffusion[0].terms) == 2
    assert other.law.equations == well.law.equations
    assert other.law.evidence == well.law.evidence
    assert "Chosen by hand: g_x²" in other.verdict.reasons[0]
