"""What every engine must keep to: one list of checks, run over all engines that are registered."""

import time
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from discover.contract import Budget, Engine
from discover.data.stencils import Strong
from discover.errors import SettingError
from discover.expr import Polynomial
from discover.find import ENGINES
from discover.front import Front
from tests.problems import problem_of

PROBLEMS = {
    "one trajectory": problem_of("van der pol", noise=0.02, n_samples=500),
    "three trajectories": problem_of("lotka-volterra", noise=0.02, n_trajectories=3, n_samples=200),
    "an input": problem_of("forced oscillator", noise=0.02, n_samples=400),
    "one state": problem_of("logistic growth", noise=0.02, n_samples=150),
    "strong form": problem_of("lotka-volterra", noise=0.01, n_samples=300, form=Strong(half_width=4)),
}
LIBRARY = Polynomial(2)
CHECKS = []


def check(function):
    """Add a check of (how to make the engine, problem) to the list."""
    CHECKS.append(function)
    return function


@check
def it_is_an_engine_by_the_name_it_is_registered_under(make, problem):
    engine = make(library=LIBRARY, n_jobs=1)
    assert isinstance(engine, Engine)
    assert ENGINES[engine.name] is make


@check
def it_is_a_frozen_configuration(make, problem):
    engine = make(library=LIBRARY, n_jobs=1)
    assert engine == make(library=LIBRARY, n_jobs=1)
    assert engine != make(library=Polynomial(3), n_jobs=1)
    assert hash(engine) == hash(make(library=LIBRARY, n_jobs=1))
    with pytest.raises((FrozenInstanceError, TypeError)):
        engine.library = Polynomial(1)


@check
def it_says_what_it_cannot_take(make, problem):
    engine = make(library=LIBRARY, n_jobs=1)
    assert engine.supports(problem) is None
    reason = engine.supports(replace(problem, blocks=()))
    assert isinstance(reason, str)
    assert len(reason) > 10


@check
def it_returns_candidates_for_every_target(make, problem):
    front = make(library=LIBRARY, n_jobs=1).search(problem)
    assert isinstance(front, Front)
    assert front.targets == problem.targets
    assert front.n_library > 0
    assert 0 < front.n_rows <= problem.n_rows
    for target in front.targets:
        assert [c for c in front.of(target) if c.refusal is None]


@check
def its_candidates_are_whole(make, problem):
    for one in make(library=LIBRARY, n_jobs=1).search(problem).candidates:
        assert len(one.terms) == len(one.coefficients) == len(one.std) == one.n_terms
        assert len(one.alternatives) in (0, one.n_terms)
        assert len(set(one.terms)) == one.n_terms
        assert all(variable < problem.n_variables for term in one.terms for variable in term.variables)
        assert np.isfinite([*one.coefficients, one.loss, one.score, one.r2]).all()
        assert one.loss >= 0
        assert one.r2 <= 1
        assert all(std >= 0 or np.isnan(std) for std in one.std)


@check
def its_losses_are_whitened(make, problem):
    """The best candidate leaves about what the noise leaves, whatever the system, so engines can be compared."""
    front = make(library=Polynomial(3), n_jobs=1).search(problem)
    for target in front.targets:
        assert 0.4 < front.of(target)[0].loss < 2.5


@check
def it_does_the_same_again(make, problem):
    state = np.random.get_state()[1].tolist()  # noqa: NPY002  the global state must not be touched
    first, again = (make(library=LIBRARY, n_jobs=1).search(problem, seed=3) for _ in range(2))
    assert first == again
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002


@check
def threads_change_nothing_under_a_budget_of_evaluations(make, problem):
    for max_evals in (1, 12, 80):
        one, two = (
            make(library=LIBRARY, n_jobs=n).search(problem, budget=Budget(max_evals=max_evals), seed=1) for n in (1, 2)
        )
        assert one == two


@check
def the_smallest_budget_still_returns_something(make, problem):
    for budget in (Budget(max_evals=1), Budget(seconds=1e-9)):
        front = make(library=LIBRARY, n_jobs=1).search(problem, budget=budget)
        assert all(front.of(target) for target in front.targets)


@check
def more_budget_never_makes_the_fit_worse(make, problem):
    best = []
    for max_evals in (2, 20, 200):
        front = make(library=LIBRARY, n_jobs=1).search(problem, budget=Budget(max_evals=max_evals))
        best.append([min(c.loss for c in front.of(target)) for target in front.targets])
    assert np.all(np.diff(best, axis=0) <= 1e-12)


@check
def it_tells_how_far_it_is(make, problem):
    told = []
    make(library=LIBRARY, n_jobs=1).search(problem, observe=lambda step, share: told.append((step, share)))
    assert told
    assert all(isinstance(step, str) and 0.0 <= share <= 1.0 for step, share in told)
    assert told[-1][1] == 1.0


@check
def it_leaves_the_problem_alone(make, problem):
    def values():
        return [a.copy() for block in problem for a in (block.X, block.Y, block.X_smooth, block.stencil.weights)]

    before = values()
    make(library=LIBRARY, n_jobs=2).search(problem)
    assert all(np.array_equal(a, b) for a, b in zip(before, values(), strict=True))


FEWER = {"symbolic": ("one state",)}
"""Problems of the engines that take seconds for each."""


@pytest.mark.parametrize(
    ("name", "problem"), [(name, problem) for name in ENGINES for problem in FEWER.get(name, tuple(PROBLEMS))]
)
@pytest.mark.parametrize("check", CHECKS, ids=lambda function: function.__name__)
def test_engine(check, name, problem):
    missing = ENGINES[name].missing() if hasattr(ENGINES[name], "missing") else None
    if missing is not None:
        pytest.skip(f"{name}: {missing}")
    check(ENGINES[name], PROBLEMS[problem])


def test_a_budget_without_limits_is_never_spent():
    assert not Budget().spent(10**9)


def test_a_budget_of_evaluations_is_spent_when_they_are():
    budget = Budget(max_evals=5)
    assert [budget.spent(n) for n in (0, 4, 5, 6)] == [False, False, True, True]


def test_a_budget_of_time_runs_from_its_making():
    budget = Budget(seconds=0.05)
    assert not budget.spent()
    time.sleep(0.06)
    assert budget.spent()
    assert replace(budget, max_evals=3).spent()


def test_budgets_are_values():
    first = Budget(seconds=3.0, max_evals=4)
    time.sleep(0.001)
    assert first == Budget(seconds=3.0, max_evals=4)
    assert "started" not in repr(first)


@pytest.mark.parametrize("max_evals", [0, -1, 2.5, "many"])
def test_a_budget_that_allows_nothing_is_refused(max_evals):
    with pytest.raises(SettingError, match=rf"max_evals must be a whole number from 1 on, got {max_evals!r}"):
        Budget(max_evals=max_evals)


def test_numpy_s_whole_numbers_are_whole_numbers():
    assert Budget(max_evals=np.int64(3)).spent(3)
