"""Terms and variables that enter together or not at all."""

import pytest

import discover
from discover.errors import SettingError
from discover.expr import parse
from discover.physics import Subject, statements
from discover.simulate import generate
from discover.simulate.systems import System

PAIR = Subject(("x", "y"), ("x", "y"), "t")
TABLE = Subject(("y", "x", "z"), ("y",), "row", formulation="algebraic")


@pytest.fixture(scope="module")
def eating():
    system = System("eating", ("x", "y"), ("x - 0.5*x*y", "0.3*x*y - 0.8*y"), (2.0, 1.5), 0.05, "made up", (0.4, 0.4))
    return generate(system, noise=0.01, seed=0, n_samples=300, n_trajectories=2)


def asked(data, *require):
    return discover.dynamics(data, library=discover.Polynomial(2), require=list(require), n_jobs=1)


def test_one_requirement_for_each_equation_is_told():
    found = statements(["together: x, x*y"], PAIR)
    assert [one.text for one in found] == ["together: x, x*y in x'", "together: x, x*y in y'"]
    assert [one.text for one in statements(["inseparable: x, y in dy/dt"], PAIR)] == ["inseparable: x, y in dy/dt"]


def test_every_candidate_has_all_of_the_terms_or_none(eating):
    found = asked(eating, "together: x, x*y in dx/dt")
    x, xy = (parse(words, ["x", "y"]) for words in ("x", "x*y"))
    kept = [set(c.terms) for c in found.front.of("x") if c.refusal is None]
    assert all((x in terms) == (xy in terms) for terms in kept)
    assert {term.expr for term in found.equations["x"].terms} == {x, xy}
    assert [(one.held, one.contradicted) for one in found.law.requirements] == [("exact by construction", False)]


def test_terms_that_enter_together_bring_those_that_the_library_lacks(eating):
    found = discover.dynamics(
        eating, library=discover.Polynomial(2), require="together: x*y, x*y**3 in dy/dt", n_jobs=1, max_evals=200
    )
    assert parse("x*y**3", ["x", "y"]) in {term for c in found.front.of("y") for term in c.terms}


def test_what_the_data_contradict_is_named(eating):
    found = asked(eating, "together: x, 1, x**2, y**2 in dx/dt")
    assert [one.contradicted for one in found.law.requirements] == [True]
    assert any('"together: x, 1, x**2, y**2 in dx/dt"' in reason for reason in found.verdict.reasons)


def test_a_form_without_room_for_all_of_them_clashes(eating):
    with pytest.raises(SettingError, match=r'"dx/dt = a\*x" and "together: x, y in dx/dt" clash: .* no room for y'):
        asked(eating, "dx/dt = a*x", "together: x, y in dx/dt")


@pytest.mark.parametrize(
    ("text", "subject", "told"),
    [
        ("together: x", PAIR, "two terms or more"),
        ("together: x, x", PAIR, "two terms or more"),
        ("together: x - y, x", PAIR, "is a sum of several"),
        ("together: x, y in q", PAIR, "left-hand side"),
        ("together: x, z", TABLE, "inseparable"),
        ("inseparable: x", PAIR, "two variables or more"),
        ("inseparable: x, w", PAIR, "speaks of w, which is not there"),
        ("inseparable: x, x", PAIR, "names something twice"),
    ],
)
def test_what_cannot_be_meant_is_refused(text, subject, told):
    with pytest.raises(SettingError, match=told):
        statements([text], subject)


@pytest.fixture(scope="module")
def epidemic():
    rates = ("-0.4*S*I", "0.4*S*I - 0.12*I", "0.12*I")
    system = System("epidemic", ("S", "I", "R"), rates, (1.5, 0.2, 0.2), 0.5, "made up", (0.4, 0.15, 0.2))
    return generate(system, noise=0.02, seed=1, n_samples=60, n_trajectories=3)


@pytest.mark.parametrize(
    ("text", "target", "terms"), [("together: I, R in dR/dt", "R", "IR"), ("forced: S in dS/dt", "S", "S")]
)
def test_they_stay_where_a_sum_ties_the_equations(epidemic, text, target, terms):
    """What the sum leaves a term may be zero alone; then its partner stays beside it."""
    found = asked(epidemic, text, "S' + I' + R' == 0")
    inside = {term.expr for term in found.equations[target].terms}
    assert {parse(term, "SIR") for term in terms} <= inside
    assert {one.held for one in found.law.requirements} == {"exact by construction"}


def test_systems_of_tied_equations_are_refused_for_the_shape_of_one(epidemic):
    found = asked(epidemic, "decreasing: dR/dt in I", "S' + I' + R' == 0")
    told = {one.text: one.contradicted for one in found.law.requirements}
    assert told["decreasing: dR/dt in I"]
    assert found.verdict.word == "none"


def test_the_symbolic_engine_refuses_what_a_requirement_leaves_only_zero(eating):
    found = discover.dynamics(eating, engine="symbolic", require="forbidden: x*y in dx/dt", n_jobs=1, max_evals=500)
    xy = parse("x*y", ["x", "y"])
    refused = [c for c in found.front.of("x") if xy in c.terms]
    assert refused
    assert all('"forbidden: x*y in dx/dt"' in str(c.refusal) for c in refused)
    assert xy not in {term.expr for term in found.equations["x"].terms}
    assert [one.contradicted for one in found.law.requirements] == [True]
