"""What every engine for formulas must keep to: one list of checks, run over all that are registered."""

from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pandas as pd
import pytest

from discover.contract import Budget, Engine
from discover.data.observations import formulate_observations, observations
from discover.find import LAW_ENGINES, law
from discover.front import Front

SMALL = {"population_size": 60, "generations": 4}
"""Settings of those engines that have them, so that a check takes a moment."""

CHECKS = []


def table(n_rows=80, noise=0.01):
    rng = np.random.default_rng(1)
    m, a = rng.uniform(1.0, 5.0, (2, n_rows))
    return {"m": m, "a": a, "F": m * a + noise * rng.standard_normal(n_rows)}


PROBLEM = formulate_observations(observations(table(), "F", None, None))


def small(name):
    """Return an engine of that name that answers soon."""
    make = LAW_ENGINES[name]
    known = {one.name for one in fields(make)}
    return make(**{key: value for key, value in SMALL.items() if key in known})


def check(function):
    """Add a check of an engine to the list."""
    CHECKS.append(function)
    return function


@check
def it_is_an_engine_by_the_name_it_is_registered_under(name):
    engine = small(name)
    assert isinstance(engine, Engine)
    assert engine.name == name


@check
def it_is_a_frozen_configuration(name):
    engine = small(name)
    assert engine == small(name)
    assert hash(engine) == hash(small(name))
    with pytest.raises((FrozenInstanceError, TypeError, AttributeError)):
        engine.operators = ()


@check
def it_says_what_it_cannot_take(name):
    assert small(name).supports(PROBLEM) is None
    reason = small(name).supports(replace(PROBLEM, blocks=()))
    assert isinstance(reason, str)
    assert len(reason) > 10


@check
def it_returns_whole_candidates_over_the_other_columns(name):
    front = small(name).search(PROBLEM, budget=Budget(max_evals=200), seed=1)
    assert isinstance(front, Front)
    assert front.targets == ("F",)
    assert front.n_library > 0
    assert front.n_rows == PROBLEM.n_rows
    for one in front.of("F"):
        assert len(one.terms) == len(one.coefficients) == len(one.std)
        assert all(0 < v < PROBLEM.n_variables for term in one.terms for v in term.variables)
        assert np.isfinite([*one.coefficients, one.loss, one.score, one.r2]).all()
        assert one.loss >= 0
        assert one.r2 <= 1


@check
def it_does_the_same_again(name):
    state = np.random.get_state()[1].tolist()  # noqa: NPY002  the global state must not be touched
    first, again = (small(name).search(PROBLEM, budget=Budget(max_evals=200), seed=3) for _ in range(2))
    assert first == again
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002


@check
def the_smallest_budget_still_returns_something(name):
    for budget in (Budget(max_evals=1), Budget(seconds=1e-9)):
        assert small(name).search(PROBLEM, budget=budget).of("F")


@check
def more_budget_never_makes_the_fit_worse(name):
    losses = [
        min(one.loss for one in small(name).search(PROBLEM, budget=Budget(max_evals=n)).candidates) for n in (60, 240)
    ]
    assert losses[1] <= losses[0] * (1 + 1e-9)


@check
def it_tells_how_far_it_is(name):
    told = []
    small(name).search(PROBLEM, budget=Budget(max_evals=200), observe=lambda step, share: told.append((step, share)))
    assert told
    assert all(isinstance(step, str) and 0.0 <= share <= 1.0 for step, share in told)


@check
def it_leaves_the_problem_alone(name):
    (block,) = PROBLEM.blocks
    before = block.X.copy(), block.Y.copy()
    small(name).search(PROBLEM, budget=Budget(max_evals=200))
    assert np.array_equal(before[0], block.X)
    assert np.array_equal(before[1], block.Y)


@check
def an_interrupt_returns_what_there_is(name):
    def stop(step, share):
        raise KeyboardInterrupt

    front = small(name).search(PROBLEM, budget=Budget(max_evals=10_000), observe=stop)
    assert front.interrupted
    assert front.of("F")


@check
def its_law_is_judged_and_written_down(name):
    found = law(table(), "F", engine=small(name), budget=None, max_evals=200)
    assert found.verdict.word in ("law", "several", "none")
    assert np.isfinite(found.predict(pd.DataFrame({"m": [2.0], "a": [3.0]})).to_numpy()).all()
    assert "F" in found.latex()


@pytest.mark.parametrize("name", LAW_ENGINES)
@pytest.mark.parametrize("check", CHECKS, ids=lambda function: function.__name__)
def test_engine(check, name):
    missing = LAW_ENGINES[name].missing() if hasattr(LAW_ENGINES[name], "missing") else None
    if missing is not None:
        pytest.skip(f"{name}: {missing}")
    check(name)
