"""Systems of candidates: how one follows the trajectories, and how two compare."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from discover.expr import Expr
from discover.front import Candidate, Front
from discover.inference.chisquare import estimate, penalty
from discover.inference.rows import assemble
from discover.inference.trajectories import Measured, Refinement, refine
from discover.problem import WELL_KNOWN, Problem

System = tuple[Candidate, ...]
"""One candidate a target, in the targets' order."""

NOISY = 0.02
"""Noise relative to the spread from which on a second search on cleaner states pays."""

WORTHLESS = 0.2
"""R² of the rows below which an equation is not worth simulating."""

DECISIVE = 50.0
"""Advantage of a system that follows the trajectories over one that does not."""

LONGEST = 16
"""Longest segment tried, in windows of the test functions."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One system and how it follows the trajectories.

    Attributes:
        candidates: one per target.
        refinement: the fit to the trajectories, None where none was tried.
    """

    candidates: System
    refinement: Refinement | None

    @property
    def followed(self) -> Refinement | None:
        """The fit to the trajectories where the system follows them, else None."""
        return self.refinement if self.refinement is not None and self.refinement.accepted else None

    def part(self, i: int) -> slice:
        """Return where equation i's coefficients stand among those of the refinement."""
        first = sum(c.n_terms for c in self.candidates[:i])
        return slice(first, first + self.candidates[i].n_terms)


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The system chosen, and the scores of all candidates after the trajectories spoke.

    Attributes:
        trial: the system.
        scores: for each target its candidates and their scores, smaller is better.
        trials: every system that was tried.
        interrupted: whether the competition was stopped before its end.
    """

    trial: Trial
    scores: tuple[dict[Candidate, float], ...]
    trials: dict[System, Trial]
    interrupted: bool = False

    def probability(self, i: int) -> dict[Candidate, float]:
        """Return the probability of each candidate of target i among all that were found."""
        values = np.array(list(self.scores[i].values()))
        weights = np.exp(-0.5 * (values - values.min()))
        return dict(zip(self.scores[i], (weights / weights.sum()).tolist(), strict=True))


def follow(problem: Problem, system: System, spent: Callable[[], bool]) -> Trial:
    """Fit a system to the trajectories, unless it explains next to nothing of the rows."""
    moving = [c for c in system if c.terms]
    if not moving or min(c.r2 for c in moving) < WORTHLESS:
        return Trial(system, None)
    n, window = problem.n_states, 2 * problem.half_width + 1
    refinement = refine(
        [list(zip(c.coefficients, c.terms, strict=True)) for c in system],
        [Measured(block.time, block.X[:n], block.X[n:]) for block in problem],
        problem.noise[:n] if problem.relative is None else problem.relative,
        first_length=window,
        noise_error=problem.noise_error,
        max_length=LONGEST * window,
        errors=problem.errors,
        spent=spent,
    )
    return Trial(system, refinement)


def advantage(problem: Problem, trial: Trial, other: Trial, front: Front) -> float:
    """Return by how much a trial's criterion is better than another's, at the longest length both were accepted on."""
    a, b = trial.followed, other.followed
    if a is None or b is None:
        return DECISIVE * ((a is not None) - (b is not None))
    mine, its = dict(a.history), dict(b.history)
    common = [n for n in mine if n in its and n <= min(a.length, b.length)]
    if not common:
        return 0.0
    n = max(common)
    dof = problem.n_states * (problem.n_samples - sum(ceil(block.n_samples / n) for block in problem))
    scale = max(1.0, min(mine[n], its[n]))
    return (its[n] - mine[n]) * dof / scale + _price(problem, front, other) - _price(problem, front, trial)


def _price(problem: Problem, front: Front, trial: Trial) -> float:
    """Return the extended BIC penalty of a system on all measured values."""
    n = problem.n_states * problem.n_samples
    return sum(penalty(c.n_terms, n, front.n_library) for c in trial.candidates)


def refit(problem: Problem, front: Front, i: int, terms: tuple[Expr, ...]) -> Candidate:
    """Return a candidate for equation i that the engine did not keep, on the same footing as those it did."""
    rows = assemble(problem, terms)
    one = estimate(rows, i, range(len(terms)))
    scale = max(1.0, min(c.loss for c in front.of(front.targets[i])))
    residual = sum(np.sum((b.Y[i] - one.coefficients @ t) ** 2) for b, t in zip(rows.blocks, rows.theta, strict=True))
    return Candidate(
        target=front.targets[i],
        terms=terms,
        coefficients=tuple(one.coefficients.tolist()),
        std=tuple((np.sqrt(np.diag(one.covariance()) * scale)).tolist()),
        loss=one.chi2 / one.n_rows,
        score=one.chi2 / scale + penalty(len(terms), one.n_rows, front.n_library),
        r2=float(1.0 - residual / sum(np.sum(b.Y[i] ** 2) for b in rows.blocks)),
        alternatives=("",) * len(terms),
    )


def cleaner(problem: Problem, choice: Choice) -> Problem | None:
    """Return the problem with its states replaced by the chosen law's trajectories, or None where that is no gain.

    Noise in the states blurs every nonlinear term and hides the right ones from a search. A law that
    follows the data, even one with a wrong term, passes closer to the true states than the measurements.
    """
    fit = choice.trial.followed
    noisy = np.max(problem.noise[: problem.n_states] / problem.scale[: problem.n_states]) > NOISY
    if fit is None or not noisy or problem.noise_error > WELL_KNOWN:
        return None
    blocks = []
    for block, simulated in zip(problem.blocks, fit.simulated, strict=True):
        X, smooth = block.X.copy(), block.X_smooth.copy()
        known = np.isfinite(simulated)
        X[: problem.n_states][known] = simulated[known]
        smooth[: problem.n_states][known] = simulated[known]
        blocks.append(replace(block, X=X, X_smooth=smooth))
    return replace(problem, blocks=tuple(blocks))


def joined(problem: Problem, front: Front, other: Front) -> Front:
    """Return the front with the other's candidates added, fitted to the measurements themselves."""
    known = {(c.target, c.terms) for c in front.candidates}
    new = [c for c in other.candidates if (c.target, c.terms) not in known]
    fitted = tuple(refit(problem, front, front.targets.index(c.target), c.terms) for c in new)
    return replace(front, candidates=front.candidates + fitted, interrupted=front.interrupted or other.interrupted)


def settled(front: Front, choice: Choice) -> Front:
    """Return the front with the chosen candidates in it, also where the judge made them by dropping a term."""
    made = tuple(c for c in choice.trial.candidates if c not in front.candidates)
    return replace(front, candidates=front.candidates + made, interrupted=front.interrupted or choice.interrupted)
