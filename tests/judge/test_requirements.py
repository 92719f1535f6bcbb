"""What was required stands in the law: how it is kept, and what the data have against it."""

import numpy as np
import pytest

import discover
from discover.errors import SettingError
from discover.export import law_text
from discover.simulate import generate
from discover.simulate.systems import SYSTEMS, System

EPIDEMIC = System(
    "epidemic",
    ("S", "I", "R"),
    ("-0.4*S*I", "0.4*S*I - 0.12*I", "0.12*I"),
    (1.5, 0.2, 0.2),
    0.5,
    "Kermack and McKendrick (1927)",
    (0.4, 0.15, 0.2),
)
SUM = "dS/dt + dI/dt + dR/dt == 0"


@pytest.fixture(scope="module")
def data():
    return generate(EPIDEMIC, noise=0.02, seed=5, n_samples=80, n_trajectories=3)


KNOWN = {}


def found(data, *require):
    """Return the law, which is sought once for all tests."""
    if require not in KNOWN:
        KNOWN[require] = discover.dynamics(data, library=discover.Polynomial(2), require=require, n_jobs=1)
    return KNOWN[require]


def coefficients(law):
    return {(e.target, discover.expr.text(t.expr, law.names)): t.value for e in law.equations for t in e.terms}


def test_a_true_sum_holds_exactly_and_is_said_to(data):
    one = found(data, SUM)
    numbers = coefficients(one.law)
    assert set(numbers) == {("S", "S*I"), ("I", "S*I"), ("I", "I"), ("R", "I")}
    assert numbers["S", "S*I"] == -numbers["I", "S*I"]
    assert numbers["R", "I"] == -numbers["I", "I"]
    (demand,) = one.law.requirements
    assert (demand.text, demand.held, demand.contradicted) == (SUM, "exact by construction", False)
    assert "required:" in law_text(one.law)


def test_its_law_file_keeps_it_and_its_command_repeats_it(data, tmp_path):
    one = found(data, SUM)
    one.save(tmp_path / "law.json")
    again = discover.load_law(tmp_path / "law.json")
    assert again == one
    assert again.law.requirements == one.law.requirements
    assert f"require=['{SUM}']" in one.law.provenance.command
    one.report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "What was required" in page
    assert SUM in page


@pytest.mark.parametrize(
    ("require", "guilty"),
    [
        (["dS/dt + dI/dt == 0"], "dS/dt + dI/dt == 0"),
        ([SUM, "R'[I] = 0.2 ± 0.002"], "R'[I] = 0.2 ± 0.002"),
        (["forbidden: S*I in dS/dt"], "forbidden: S*I in dS/dt"),
    ],
)
def test_a_false_one_is_noticed_and_named(data, require, guilty):
    one = found(data, *require)
    blamed = [demand.text for demand in one.law.requirements if demand.contradicted]
    assert blamed == [guilty]
    assert one.verdict.word != "law"
    assert any(guilty in reason for reason in one.verdict.reasons)


def test_where_nothing_obeys_the_best_refused_is_shown(data):
    one = found(data, "S'[S*I] > 0")
    assert one.verdict.word == "none"
    assert "No law that was found obeys" in one.verdict.reasons[0]
    assert any(candidate.refusal for candidate in one.front.candidates)
    assert one.law.requirements[0].held == "not kept"


def test_two_that_clash_are_named(data):
    with pytest.raises(SettingError, match=r'"S.\[S\*I\] >= 1" and "S.\[S\*I\] <= 0" clash'):
        found(data, "S'[S*I] >= 1", "S'[S*I] <= 0")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["S'[S*I] > 0", "S'[S*I] < 0"], r'"S.\[S\*I\] < 0" and "S.\[S\*I\] > 0" clash: together they leave'),
        (["positive: S, I, R", "S'[I] < 0"], 'positive: S, I, R" and "S.\\[I\\] < 0" clash'),
        (["S'[S*I] == 1", "S'[S*I] == 2"], "clash: no coefficients obey both"),
        (["S'[S*I] = -1 ± 0.01", "S'[S*I] = -2 ± 0.01"], "clash: they lie 71 standard deviations apart"),
        (["S' = -b*S*I", "b = 0.4 ± 0.01", "b < 0.2"], '"b = 0.4 ± 0.01" and "b < 0.2" clash'),
        (["forced: S*I in S'", "forbidden: S*I"], "has to be in and its coefficient can only be zero"),
        (["S' + I' == 0", "S' == -S*I", "I' == S*I - I"], "clash: no coefficients obey (both|all three)"),
        (["S' == -S*I", "forced: S in S'"], "leaves no room for S"),
    ],
)
def test_what_contradicts_is_told_before_any_search(data, asked, sentence):
    with pytest.raises(SettingError, match=sentence):
        found(data, *asked)


def test_a_shape_is_proven_where_it_can_be(data):
    one = found(data, "increasing: dR/dt in I", "dS/dt <= 0")
    assert [demand.held for demand in one.law.requirements] == ["proven by interval arithmetic over the box"] * 2


def test_priors_pull_and_fixed_numbers_stay(data):
    one = found(data, "dR/dt == g*I", "g = 0.121 ± 0.0001")
    assert coefficients(one.law)["R", "I"] == pytest.approx(0.121, abs=3e-4)
    fixed = found(data, "R'[I] == 0.12")
    assert coefficients(fixed.law)["R", "I"] == 0.12
    (term,) = fixed.equations["R"].terms
    assert term.std == 0.0


def test_laws_by_case_take_none_yet(data):
    with pytest.raises(SettingError, match="one case at a time"):
        discover.dynamics(data, by="trajectory", require=SUM)


def test_formulas_are_held_to_what_is_required():
    x, z = np.random.default_rng(0).uniform(-1.0, 2.0, (2, 120))
    y = 2.0 * x + 0.3 * z**2 + 0.01 * np.random.default_rng(1).normal(size=120)
    table = {"x": x, "z": z, "y": y}
    kept = discover.law(table, "y", require=["even: z", "increasing: y in x"], max_evals=800, budget=None)
    assert [demand.held for demand in kept.law.requirements] == [
        "proven by algebra",
        "proven by interval arithmetic over the box",
    ]
    assert kept.verdict.word == "law"
    against = discover.law(table, "y", require=["decreasing: y in x"], max_evals=800, budget=None)
    assert against.law.requirements[0].contradicted
    assert against.verdict.word != "law"
    assert any(candidate.refusal for candidate in against.front.candidates)


def test_what_a_false_requirement_leaves_nothing_of_is_no_answer() -> None:
    """Of x' = ax - bxy something that only increases in y leaves zero, which explains nothing."""
    measured = generate(SYSTEMS["lotka-volterra"], noise=0.01, seed=5, n_samples=200, n_trajectories=2)
    asked = ["increasing: dprey/dt in predator"]
    law = discover.dynamics(measured, library=discover.Polynomial(2), require=asked, n_jobs=1)
    assert not law.equations["prey"].terms
    assert law.verdict.word == "none", law.verdict
