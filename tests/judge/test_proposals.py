"""What the trajectories propose: the missing term, and without what does not belong."""

import numpy as np
import pytest

from discover.data import load
from discover.data.formulate import formulate
from discover.expr import Polynomial, text
from discover.judge.proposals import proposals
from discover.judge.systems import Trial, follow, refit
from discover.problem import Problem
from discover.simulate import generate, known_system
from discover.sparse import Sparse


@pytest.fixture(scope="module")
def searched():
    """Return a noisy Lorenz problem and its front."""
    data = generate(known_system("lorenz"), 3, 400, 0.05, 4)
    problem = formulate(load(data))
    return problem, Sparse(library=Polynomial(2), n_jobs=1).search(problem)


def trial_of(searched, terms: dict[str, tuple[str, ...]]) -> Trial:
    """Return how a system with these terms follows the data."""
    problem, front = searched
    offer = {text(term, problem.names): term for term in front.offers[0]}
    system = tuple(
        refit(problem, front, i, tuple(offer[term] for term in terms[target])) for i, target in enumerate(front.targets)
    )
    return follow(problem, system, lambda: False)


def told(problem: Problem, found) -> set[str]:
    return {text(term, problem.names) for term in found.terms}


TRUE = {"x": ("x", "y"), "y": ("x", "y", "x*z"), "z": ("z", "x*y")}


def test_a_term_that_is_missing_comes_first(searched) -> None:
    problem, front = searched
    trial = trial_of(searched, {**TRUE, "y": ("x", "x*z")})
    best = proposals(problem, front, trial)[0]
    assert best.equation == 1
    assert told(problem, best) == set(TRUE["y"])
    assert best.promised > 100.0
    values = {text(term, problem.names): value for term, value in zip(best.terms, best.coefficients, strict=True)}
    assert values["y"] == pytest.approx(-1.0, abs=0.3)


def test_terms_that_do_not_belong_go_together(searched) -> None:
    problem, front = searched
    trial = trial_of(searched, {**TRUE, "z": ("z", "x*y", "x", "y*z", "x**2")})
    best = proposals(problem, front, trial)[0]
    assert best.equation == 2
    assert told(problem, best) == set(TRUE["z"])


def test_the_truth_is_promised_nothing(searched) -> None:
    problem, front = searched
    assert all(proposal.promised < 0.0 for proposal in proposals(problem, front, trial_of(searched, TRUE)))


def test_what_does_not_follow_proposes_nothing(searched) -> None:
    problem, front = searched
    trial = trial_of(searched, TRUE)
    assert proposals(problem, front, Trial(trial.candidates, None)) == []
    assert np.isfinite(trial.followed.chi2)
