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
from discover.expr import Expr
from discover.front import Candidate, Front
from discover.inference.chisquare import estimate, penalty
from discover.inference.rows import assemble
from discover.inference.trajectories import Measured, Refinement, refine
from discover.problem import Problem

CLOSE = 30.0
"""Rivals whose score on the rows is within this of the leader's are tried on the trajectories."""

HOPELESS = 10.0
"""Chi-square per row from which on no neighbour of the leader is tried either."""

NOISY = 0.02
"""Noise relative to the spread from which on a second search on cleaner states pays."""

WORTHLESS = 0.2
"""R² of the rows below which an equation is not worth simulating."""

DECISIVE = 50.0
"""Advantage of a system that follows the trajectories over one that does not."""

EVIDENCE = 2.2
"""Advantage on the trajectories that overrules the rows: 2 ln 3. Both look at the same data."""

MOST_RIVALS = 5
ROUNDS = 6
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
    def followed(self) -> Refinement | None:
        """The fit to the trajectories where the system follows them, else None."""
        return self.refinement if self.refinement is not None and self.refinement.accepted else None


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The system chosen, and the scores of all candidates after the trajectories spoke.

    Attributes:
        trial: the system.
        scores: for each target its candidates and their scores, smaller is better.
        interrupted: whether the competition was stopped before its end.
    """

    trial: Trial
    scores: tuple[dict[Candidate, float], ...]
    interrupted: bool = False

    def probability(self, i: int) -> dict[Candidate, float]:
        """Return the probability of each candidate of target i among all that were found."""
        values = np.array(list(self.scores[i].values()))
        weights = np.exp(-0.5 * (values - values.min()))
        return dict(zip(self.scores[i], (weights / weights.sum()).tolist(), strict=True))


def choose(problem: Problem, front: Front, spent: Callable[[], bool], observe: Observer) -> Choice:
    """Choose one candidate per target, by score and then by how the system follows the trajectories.

    An interrupt ends the competition: the leader so far is the choice.
    """
    scores = tuple({c: c.score for c in front.of(target) if c.refusal is None} for target in front.targets)
    best = Trial(tuple(min(mine, key=lambda c: mine[c]) for mine in scores), None)
    try:
        for leader in _leaders(problem, front, scores, best.candidates, spent, observe):
            best = leader
    except KeyboardInterrupt:
        return Choice(best, scores, interrupted=True)
    return Choice(best, scores)


def _leaders(
    problem: Problem,
    front: Front,
    scores: tuple[dict[Candidate, float], ...],
    leading: tuple[Candidate, ...],
    spent: Callable[[], bool],
    observe: Observer,
) -> Iterator[Trial]:
    """Yield the system that leads, after each equation's rivals have challenged it, until nothing changes."""
    observe("trajectories", 0.0)
    best = _follow(problem, leading, spent)
    yield best
    for number in range(ROUNDS):
        before = best
        for i in range(len(scores)) if _worth_competing(best) else ():
            best = _compete(problem, front, scores, best, i, spent)
            yield best
            observe("trajectories", min(1.0, (number + (i + 1) / len(scores)) / 2))
        if best is before or spent():
            break


def _worth_competing(best: Trial) -> bool:
    """Return whether rivals may change anything: not where the rows rule out that any candidate fits."""
    return best.refinement is not None and (best.followed is not None or max(c.loss for c in best.candidates) < HOPELESS)


def _compete(
    problem: Problem,
    front: Front,
    scores: tuple[dict[Candidate, float], ...],
    best: Trial,
    i: int,
    spent: Callable[[], bool],
) -> Trial:
    """Let the rivals of equation i challenge the leader in turn; return the winner."""

    def challenge(rival: Candidate) -> Trial:
        system = (*best.candidates[:i], rival, *best.candidates[i + 1 :])
        trial = _follow(problem, system, spent)
        if trial.followed is best.followed is None:  # the rows have the last word
            return best
        lead = advantage(problem, trial, best, front)
        scores[i][rival] = scores[i][best.candidates[i]] - lead
        return trial if lead > EVIDENCE else best

    while not spent() and (shorter := _without_weakest(problem, front, best, i)) is not None:
        before, best = best, challenge(shorter)
        if best is before:
            break
    for rival in _rivals(scores[i], best, i):
        if not spent():
            best = challenge(rival)
    return best


def _rivals(scores: dict[Candidate, float], best: Trial, i: int) -> list[Candidate]:
    """Return the candidates worth a trial: those that the rows leave close to the leader.

    Where the leader cannot follow the data, the best candidates of neighbouring sizes are tried too.
    """
    leader = best.candidates[i]
    found = []
    for rival in sorted(scores, key=lambda c: c.score):
        near = abs(rival.score - leader.score) < CLOSE
        stuck = best.followed is None and abs(rival.n_terms - leader.n_terms) <= 2
        if rival is not leader and (near or stuck):
            found.append(rival)
    return found[:MOST_RIVALS]


def _without_weakest(problem: Problem, front: Front, best: Trial, i: int) -> Candidate | None:
    """Return equation i without its weakest term, where the trajectories would rather do without it."""
    leader = best.candidates[i]
    fit = best.followed
    if fit is None or leader.n_terms < 2:
        return None
    first = sum(c.n_terms for c in best.candidates[:i])
    part = slice(first, first + leader.n_terms)
    z2 = (fit.coefficients[part] / fit.std[part]) ** 2
    k = int(np.argmin(z2))
    if not z2[k] < log(problem.n_states * problem.n_samples) + 2.0 * log(front.n_library):
        return None
    terms = (*leader.terms[:k], *leader.terms[k + 1 :])
    known = [c for c in front.of(leader.target) if c.terms == terms]
    return known[0] if known else refit(problem, front, i, terms)


def cleaner(problem: Problem, choice: Choice) -> Problem | None:
    """Return the problem with its states replaced by the chosen law's trajectories, or None where that is no gain.

    Noise in the states blurs every nonlinear term and hides the right ones from a search. A law that
    follows the data, even one with a wrong term, passes closer to the true states than the measurements.
    """
    fit = choice.trial.followed
    noisy = np.max(problem.noise[: problem.n_states] / problem.scale[: problem.n_states]) > NOISY
    if fit is None or not noisy:
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
    """Fit a system to the trajectories, unless it explains next to nothing of the rows."""
    moving = [c for c in system if c.terms]
    if not moving or min(c.r2 for c in moving) < WORTHLESS:
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
