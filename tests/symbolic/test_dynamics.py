"""The search of expressions on rows: forms that are found, limits and units that are kept, budgets that are obeyed."""

from dataclasses import replace

import numpy as np
import pytest

from discover import Polynomial, Rational, Symbolic
from discover.contract import Budget
from discover.data import load
from discover.data.formulate import formulate
from discover.errors import SettingError
from discover.expr import text
from discover.symbolic.dynamics import refusal, search_dynamics


def decaying(noise=0.002, **more):
    """Return x' = -sin(x) from a start of 2.5, which it leaves slowly: x = 2 atan(tan(1.25) exp(-t))."""
    t = np.linspace(0.0, 6.0, 240)
    x = 2.0 * np.arctan(np.tan(1.25) * np.exp(-t)) + noise * np.random.default_rng(0).standard_normal(len(t))
    return formulate(load({"t": t, "x": x, **more}), None, 1, lambda step, share: None, None)


PROBLEM = decaying()


def forms(front, n=5):
    return [[text(shape, PROBLEM.names) for shape in candidate.shapes] for candidate in front.of("x")[:n]]


def test_a_sine_is_found_and_stands_first():
    front = search_dynamics(PROBLEM, budget=Budget(max_evals=150))
    assert forms(front, 1) == [["sin(x)"]]
    (one,) = front.of("x")[0].coefficients
    assert one == pytest.approx(-1.0, abs=0.02)


def test_operators_that_are_not_allowed_are_not_used():
    front = Symbolic(unary_operators=["exp"]).search(PROBLEM, budget=Budget(max_evals=60))
    assert all("sin" not in form and "cos" not in form for form in str(forms(front, 60)).split(","))


def test_terms_of_a_library_come_at_its_price():
    front = Symbolic(library=Polynomial(3)).search(PROBLEM, budget=Budget(max_evals=80))
    own = set(Polynomial(3).build(["x"]))
    paid = {term: cost for c in front.of("x") for term, cost in zip(c.terms, c.surcharge, strict=False)}
    assert own & set(paid)
    assert all((cost == 0.0) == (term in own) for term, cost in paid.items())
    assert front.n_library == 4


def test_a_library_of_quotients_is_refused_in_words():
    with pytest.raises(SettingError, match="makes up quotients by itself"):
        Symbolic(library=Rational()).search(PROBLEM)


def test_that_nothing_moves_competes_under_any_budget():
    front = search_dynamics(PROBLEM, budget=Budget(seconds=1e-9))
    assert [candidate.terms for candidate in front.of("x")] == [()]
    assert front.unfinished


def test_every_form_stands_there_once():
    kept = search_dynamics(PROBLEM, budget=Budget(max_evals=100)).candidates
    assert len({frozenset(candidate.shapes) for candidate in kept}) == len(kept)


def test_units_are_kept():
    t = np.linspace(0.0, 6.0, 200)
    data = load({"t [s]": t, "x [m]": 3.0 * np.exp(-0.7 * t) + 0.01 * np.random.default_rng(1).standard_normal(200)})
    problem = formulate(data, None, 1, lambda step, share: None, None)
    for candidate in search_dynamics(problem, budget=Budget(max_evals=60)).candidates:
        assert not any("sin(x)" in text(term, problem.names) for term in candidate.terms)


def test_what_it_cannot_take_is_said():
    assert refusal(PROBLEM) is None
    assert "space" in (refusal(replace(PROBLEM, space=("y",))) or "")
    assert "noise" in (refusal(replace(PROBLEM, formulation="stochastic")) or "")
    assert "by=" in (refusal(replace(PROBLEM, cases=("a", "b"))) or "")
    assert "long enough" in (refusal(replace(PROBLEM, blocks=())) or "")
