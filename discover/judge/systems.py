"""From fronts to one system: candidates compete on the trajectories themselves.

Rows rank candidates; trajectories decide among those that the rows leave close together, because a
simulated orbit accumulates what a single row cannot see. Rivals are compared with the leader at the
longest segments that both were accepted on, by chi-square and the same price per term.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil, log

import numpy as np

from discover.contract import Observer
from discover.front import Candidate, Front
from discover.inference.chisquare import penalty
from discover.inference.trajectories import Measured, Refinement, refine
from discover.problem import Problem

CLOSE = 9.2
"""Rivals whose score is within this of the leader's are tried on the trajectories: 2 ln 100."""

DECISIVE = 50.0
"""Advantage of a system that follows the trajectories over one that does not."""

EVIDENCE = 2.2
"""Advantage on the trajectories that overrules the rows: 2 ln 3. Both look at the same data."""

MOST_RIVALS = 4
ROUNDS = 3
LONGEST = 16
"""Longest segment tried, in windows of the test functions."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One system and how it follows the trajectories.

    Attributes:
        candidates: one per target.
        refinement: the fit to the trajectories, None where none was tried.
    """

    candidates: tuple[Candidate, ...]
    refinement: Refinement | None

    @property
    def accepted(self) -> bool:
        return self.refinement is not None and self.refinement.accepted


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The system chosen, and the scores of all candidates after the trajectories spoke.

    Attributes:
        trial: the system.
        scores: for each target its candidates and their scores, smaller is better.
    """

    trial: Trial
    scores: tuple[dict[Candidate, float], ...]

    def probability(self, i: int) -> dict[Candidate, float]:
        """Return the probability of each candidate of target i among all that were found."""
        values = np.array(list(self.scores[i].values()))
        weights = np.exp(-0.5 * (values - values.min()))
        return dict(zip(self.scores[i], (weights / weights.sum()).tolist(), strict=True))


def choose(problem: Problem, front: Front, spent: Callable[[], bool], observe: Observer) -> Choice:
    """Choose one candidate per target, by score and then by how the system follows the trajectories."""
    scores = tuple({c: c.score for c in front.of(target) if c.refusal is None} for target in front.targets)
    leading = tuple(min(mine, key=lambda c: mine[c]) for mine in scores)
    observe("trajectories", 0.0)
    best = _follow(problem, leading, spent)
    for number in range(ROUNDS):
        challenger = best
        for i, rival in _rivals(problem, front, scores, best):
            if spent():
                return Choice(best, scores)
            system = (*best.candidates[:i], rival, *best.candidates[i + 1 :])
            trial = _follow(problem, system, spent)
            if trial.accepted or best.accepted:  # else the rows have the last word
                scores[i][rival] = scores[i][best.candidates[i]] - advantage(problem, trial, best, front)
            least = EVIDENCE if challenger is best else 0.0
            if advantage(problem, trial, challenger, front) > least:
                challenger = trial
        observe("trajectories", (number + 1) / ROUNDS)
        if challenger is best:
            break
        best = challenger
    return Choice(best, scores)


def _rivals(
    problem: Problem, front: Front, scores: tuple[dict[Candidate, float], ...], best: Trial
) -> Iterator[tuple[int, Candidate]]:
    """Yield the candidates worth a trial: close ones, and shorter ones whose extra term is weak on trajectories.

    Where the leader cannot follow the data, the best candidate of every neighbouring size is tried too.
    """
    for i, mine in enumerate(scores):
        leader = best.candidates[i]
        weak = _weak_terms(front, best, i)
        tried = 0
        for rival in sorted(mine, key=lambda c: c.score):
            near = abs(rival.score - leader.score) < CLOSE
            shorter = bool(weak) and set(rival.terms) == set(leader.terms) - {weak[0]}
            stuck = not best.accepted and abs(rival.n_terms - leader.n_terms) <= 2
            if rival is not leader and (near or shorter or stuck) and tried < MOST_RIVALS:
                tried += 1
                yield i, rival


def _weak_terms(front: Front, best: Trial, i: int) -> list:
    """Return the terms of equation i that the trajectories would rather do without, the weakest first."""
    if best.refinement is None or not best.accepted:
        return []
    first = sum(c.n_terms for c in best.candidates[:i])
    part = slice(first, first + best.candidates[i].n_terms)
    z2 = (best.refinement.coefficients[part] / best.refinement.std[part]) ** 2
    price = log(front.n_rows) + 2.0 * log(front.n_library)
    return [best.candidates[i].terms[k] for k in np.argsort(z2) if z2[k] < price]


def advantage(problem: Problem, trial: Trial, other: Trial, front: Front) -> float:
    """Return by how much a trial's criterion is better than another's, at the longest length both were accepted on."""
    if not (trial.accepted and other.accepted):
        return DECISIVE * (trial.accepted - other.accepted)
    mine, its = dict(trial.refinement.history), dict(other.refinement.history)
    common = [n for n in mine if n in its and n <= min(trial.refinement.length, other.refinement.length)]
    if not common:
        return 0.0
    n = max(common)
    dof = _degrees_of_freedom(problem, n)
    scale = max(1.0, min(mine[n], its[n]))
    return (its[n] - mine[n]) * dof / scale + _price(problem, front, other) - _price(problem, front, trial)


def _degrees_of_freedom(problem: Problem, length: int) -> int:
    n_segments = sum(ceil(block.n_samples / length) for block in problem)
    return problem.n_states * (problem.n_samples - n_segments)


def _price(problem: Problem, front: Front, trial: Trial) -> float:
    """Return the extended BIC penalty of a system on all measured values."""
    n = problem.n_states * problem.n_samples
    return sum(penalty(c.n_terms, n, front.n_library) for c in trial.candidates)


def measured(problem: Problem) -> list[Measured]:
    """Return the blocks as the trajectories that a law should follow."""
    n = problem.n_states
    return [Measured(block.time, block.X[:n], block.X[n:]) for block in problem if block.n_samples > 1]


def _follow(problem: Problem, system: tuple[Candidate, ...], spent: Callable[[], bool]) -> Trial:
    """Fit a system to the trajectories; equations without a term make no trajectory worth fitting."""
    if not any(c.terms for c in system):
        return Trial(system, None)
    window = 2 * problem.half_width + 1
    refinement = refine(
        [list(zip(c.coefficients, c.terms, strict=True)) for c in system],
        measured(problem),
        problem.noise[: problem.n_states] if problem.relative is None else problem.relative,
        first_length=window,
        noise_error=problem.noise_error,
        max_length=LONGEST * window,
        errors=problem.errors,
        spent=spent,
    )
    return Trial(system, refinement)
