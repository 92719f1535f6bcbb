"""Systems of candidates: how one follows the trajectories, and how two compare."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, log

import numpy as np

from discover.data.smooth import local_derivatives
from discover.equation import Contrast
from discover.expr import Expr, inner_values, with_inner
from discover.front import Candidate, Front
from discover.inference.chisquare import estimate, penalty
from discover.inference.families import price
from discover.inference.nested import fit_nested, nested_candidate
from discover.inference.rows import assemble
from discover.inference.sensitivity import narrow
from discover.inference.tameness import is_tame
from discover.inference.trajectories import Measured, Refinement, refine
from discover.judge.obeying import fitted_obeying, joined_systems, price_obeying
from discover.judge.probability import probabilities
from discover.judge.quotients import refit_quotient
from discover.problem import WELL_KNOWN, Array, Block, Problem

Piece = tuple[int, int, int]
"""Number of a block, first sample, one past the last."""

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

MAX_SAMPLES = 20_000
"""Samples that systems compete on; the winner is fitted to all of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One system and how it follows the trajectories.

    Attributes:
        candidates: one per target.
        refinement: the fit to the trajectories, None where none was tried.
        pieces: what it was fitted to.
    """

    candidates: System
    refinement: Refinement | None
    pieces: tuple[Piece, ...] = ()

    def simulated(self, problem: Problem) -> list[Array]:
        """Return the law's trajectory beside each block, shapes (n_states, n_samples), NaN where none was fitted."""
        found = [np.full((problem.n_states, block.n_samples), np.nan) for block in problem]
        if self.followed is not None:
            for (b, first, last), states in zip(self.pieces, self.followed.simulated, strict=True):
                found[b][:, first:last] = states[: problem.n_states]
        return found

    @property
    def followed(self) -> Refinement | None:
        """The fit to the trajectories where the system follows them and every coefficient has an error, else None."""
        fit = self.refinement
        return fit if fit is not None and fit.accepted and np.isfinite(fit.covariance).all() else None

    def part(self, i: int) -> slice:
        """Return where equation i's coefficients stand among those of the refinement."""
        first = sum(c.n_parameters for c in self.candidates[:i])
        return slice(first, first + self.candidates[i].n_parameters)


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The system chosen, and the scores of all candidates after the trajectories spoke.

    Attributes:
        trial: the system.
        scores: for each target its candidates and their scores, smaller is better.
        trials: every system that was tried.
        interrupted: whether the competition was stopped before its end.
        contrasts: which coefficients differ between the cases, where there are any.
        n_rows: rows that the scores rest on.
        unfinished: whether the budget ended the competition.
    """

    trial: Trial
    scores: tuple[dict[Candidate, float], ...]
    trials: dict[System, Trial]
    interrupted: bool = False
    contrasts: tuple[Contrast, ...] = ()
    n_rows: int = 0
    unfinished: bool = False

    def probability(self, i: int) -> dict[Candidate, float]:
        """Return the probability of each candidate of target i among all that were found."""
        return probabilities(self.scores[i], self.trial.candidates[i], self.n_rows)


def pieces_of(problem: Problem, max_samples: int) -> tuple[Piece, ...]:
    """Return whole blocks, or evenly spread windows of them that hold about `max_samples` samples."""
    share = max_samples / problem.n_samples
    if share >= 1.0:
        return tuple((b, 0, block.n_samples) for b, block in enumerate(problem))
    window = LONGEST * (2 * problem.half_width + 1)
    found = []
    for b, block in enumerate(problem):
        n_windows = max(1, round(share * block.n_samples / window))
        width = min(window, block.n_samples)
        starts = np.linspace(0, block.n_samples - width, n_windows).astype(int)
        found += [(b, int(first), int(first) + width) for first in dict.fromkeys(starts.tolist())]
    return tuple(found)


def follow(
    problem: Problem,
    system: System,
    spent: Callable[[], bool],
    max_samples: int = MAX_SAMPLES,
    like: Trial | None = None,
    begin: Sequence[tuple[float, ...]] | None = None,
) -> Trial:
    """Fit a system to the trajectories, unless it explains next to nothing of the rows; fields have none.

    `like` is a trial of a similar system on the same samples: its numbers and states are where the fit begins.
    `begin` are other coefficients to begin with, a tuple for each equation.
    """
    moving = [c for c in system if c.terms]
    if problem.space or problem.is_random or not moving or min(c.r2 for c in moving) < WORTHLESS:
        return Trial(system, None)
    window = 2 * problem.half_width + 1
    pieces = pieces_of(problem, max_samples)
    stretches, noise = measured_on(problem, pieces)
    starts = begin or [_begin(c, i, like) for i, c in enumerate(system)]
    fit = partial(
        refine,
        [list(zip(start, begun(c, start), strict=False)) for start, c in zip(starts, system, strict=True)],
        stretches,
        noise,
        first_length=window,
        noise_error=problem.noise_error,
        max_length=LONGEST * window,
        errors=problem.errors,
        is_map=problem.formulation == "discrete",
        orders=problem.orders,
        clock=problem.clock,
        divisors=[_divisor(start, c) for start, c in zip(starts, system, strict=True)],
        inner=[c.places for c in system] if any(c.inner for c in system) else (),
        like=None if like is None else like.followed,
        spent=spent,
    )
    refinement = fitted_obeying(fit, problem, system) if problem.constraints else fit()
    return Trial(system, refinement, pieces)


def measured_on(problem: Problem, pieces: Sequence[Piece]) -> tuple[list[Measured], Array]:
    """Return the measurements that systems are fitted to, and the noise on each state, (n_states,)."""
    n = problem.n_states
    cuts = [(problem.blocks[b], slice(first, last)) for b, first, last in pieces]
    stretches = [
        Measured(
            block.time[cut],
            block.X[:n, cut],
            block.X[n:, cut],
            _slopes(block, cut, n),
            _loudness(problem, block),
            level,
        )
        for block, cut in cuts
        for level in [None if problem.growing is None else problem.noise_on(block)[:n, cut]]
    ]
    return stretches, problem.noise[:n] if problem.relative is None else problem.relative


def _loudness(problem: Problem, block: Block) -> Array | None:
    """Return by what the noise of a block's case differs, None where all cases have the same."""
    return None if problem.case_noise is None else problem.loudness(block)[: problem.n_states]


def _slopes(block: Block, cut: slice, n_states: int) -> Array | None:
    """Return the slopes of the smoothed states, None where the rows have no use for them."""
    return block.X_dot[0][:n_states, cut] if len(block.X_dot) else None


def _divisor(start: tuple[float, ...], candidate: Candidate) -> list[tuple[float, Expr]]:
    """Return what a candidate is divided by, its coefficients those at the end of `start`."""
    return list(zip((1.0, *start[len(candidate.terms) :]), candidate.denominator, strict=False))


def begun(candidate: Candidate, numbers: Sequence[float]) -> list[Expr]:
    """Return a candidate's terms with the last of its parameters as the constants inside them."""
    inside, found = iter(numbers[len(candidate.free) :]), []
    for term, places in zip(candidate.terms, candidate.places, strict=True):
        found.append(with_inner(term, places, [next(inside) for _ in places]) if places else term)
    return found


def nested(system: System, other: System) -> bool:
    """Return whether every equation of one system contains all terms of the other's, or the reverse."""
    same = all(a.reference == b.reference for a, b in zip(system, other, strict=True))
    return same and all(a.parts <= b.parts or a.parts >= b.parts for a, b in zip(system, other, strict=True))


def _begin(candidate: Candidate, i: int, like: Trial | None) -> tuple[float, ...]:
    """Return the coefficients to begin with: those that the similar trial fitted, and 0 for terms that it lacks."""
    fit = None if like is None else like.followed
    if like is None or fit is None:
        return (*candidate.coefficients, *candidate.divisors[1:], *candidate.constants)
    own, numbers = like.candidates[i], fit.coefficients[like.part(i)].tolist()
    fitted = dict(zip(own.free, numbers, strict=False))
    if not candidate.inner:
        return tuple(fitted.get(part, 0.0) for part in candidate.free)
    inside = iter(numbers[len(own.free) :])
    within = {term: [next(inside) for _ in places] for term, places in zip(own.terms, own.places, strict=True)}
    known = zip(candidate.terms, candidate.places, strict=True)
    constants = [value for term, mine in known for value in within.get(term, inner_values(term, mine))]
    return (*(fitted.get(part, 0.0) for part in candidate.free), *constants)


def on_all_data(problem: Problem, choice: Choice, spent: Callable[[], bool]) -> Choice:
    """Return the choice with its system fitted to every sample, where it competed on a part of them."""
    if choice.trial.followed is None or problem.n_samples <= MAX_SAMPLES or spent():
        return choice
    whole = follow(problem, choice.trial.candidates, spent, problem.n_samples)
    return replace(choice, trial=whole) if whole.followed is not None else choice


def advantage(problem: Problem, trial: Trial, other: Trial, front: Front) -> float:
    """Return by how much a trial's criterion is better than another's, at the longest length both were accepted on."""
    if trial.followed is None or other.followed is None:
        return DECISIVE * ((trial.followed is not None) - (other.followed is not None))
    lead = misfit_lead(problem, trial, other)
    return 0.0 if lead is None else lead + _price(problem, front, other) - _price(problem, front, trial)


def misfit_lead(problem: Problem, trial: Trial, other: Trial) -> float | None:
    """Return by how much a trial's chi-square is smaller at the longest length both were accepted on; None for none."""
    a, b = trial.followed, other.followed
    if a is None or b is None:
        return None
    mine, its = {**dict(a.history), a.length: a.chi2}, {**dict(b.history), b.length: b.chi2}
    common = [n for n in mine if n in its and n <= min(a.length, b.length)]
    return _lead_at(problem, trial, mine, its, max(common)) if common else None


def tried_lead(problem: Problem, trial: Trial, other: Trial) -> float | None:
    """Return what `misfit_lead` does, also of fits that were not accepted, at the longest length both were tried at.

    Two that lie on either side of the limit by a hair are as good as each other.
    """
    a, b = trial.refinement, other.refinement
    if a is None or b is None:
        return None
    mine, its = ({**dict(fit.history), fit.length: fit.chi2} for fit in (a, b))
    common = [n for n in mine if n in its and n > 0 and np.isfinite(mine[n]) and np.isfinite(its[n])]
    return _lead_at(problem, trial, mine, its, max(common)) if common else None


def _lead_at(problem: Problem, trial: Trial, mine: dict[int, float], its: dict[int, float], n: int) -> float:
    """Return by how much the first chi-square is smaller over segments of n samples, on the scale of the better."""
    free = sum(problem.orders) or problem.n_states  # initial values of a segment
    dof = sum(problem.n_states * (last - first) - free * ceil((last - first) / n) for _, first, last in trial.pieces)
    scale = max(1.0, min(mine[n], its[n]))
    return (its[n] - mine[n]) * dof / scale


def _price(problem: Problem, front: Front, trial: Trial) -> float:
    """Return the extended BIC penalty of a system on all measured values."""
    n = problem.n_states * problem.n_samples
    if problem.constraints:
        return price_obeying(problem, front, trial.candidates, n)
    return sum(
        penalty(c.n_parameters, n, front.n_library, c.n_terms) if c.denominator else price_of(problem, front, c, n)
        for c in trial.candidates
    )


def price_of(problem: Problem, front: Front, candidate: Candidate, n: int) -> float:
    """Return what a sum of terms costs on n observations: the choice of its terms and every number in it."""
    inside = log(n) * sum(map(len, candidate.inner))
    return price(problem, candidate.terms, n, front.n_library) + inside + sum(candidate.surcharge)


def refit(problem: Problem, front: Front, i: int, terms: tuple[Expr, ...]) -> Candidate:
    """Return a candidate for equation i that the engine did not keep, on the same footing as those it did."""
    rows = assemble(problem, terms)
    one = estimate(rows, i, range(len(terms)))
    hindered = None if np.isfinite(one.chi2) else "constraints leave one of its terms no coefficient but zero"
    scale = max(1.0, min(c.loss for c in front.of(front.targets[i])))
    residual = sum(np.sum((b.Y[i] - one.coefficients @ t) ** 2) for b, t in zip(rows.blocks, rows.theta, strict=True))
    return Candidate(
        target=front.targets[i],
        terms=terms,
        coefficients=tuple(one.coefficients.tolist()),
        std=tuple((np.sqrt(np.diag(one.covariance()) * scale)).tolist()),
        loss=one.chi2 / one.n_rows,
        score=one.chi2 / scale + price(problem, terms, one.n_rows, front.n_library),
        r2=float(1.0 - residual / sum(np.sum((b.Y[i] - problem.reference(i)) ** 2) for b in rows.blocks)),
        alternatives=("",) * len(terms),
        refusal=hindered,
    )


def refitted(problem: Problem, front: Front, i: int, like: Candidate) -> Candidate:
    """Return a candidate with these terms, above and below, fitted to the problem's own rows."""
    if like.denominator:
        return refit_quotient(problem, front, i, like)
    if any(like.inner) or any(like.surcharge):
        return refit_nested(problem, front, i, like)
    return refit(problem, front, i, like.terms)


def refit_nested(problem: Problem, front: Front, i: int, like: Candidate) -> Candidate:
    """Return a candidate with constants inside its terms fitted to the problem's own rows; refused where none fits."""
    one = fit_nested(problem, i, like.terms, like.places)
    if one is None or not all(is_tame(term, problem) for term in one.terms):
        refusal = "it is not finite on the data, or so steep that noise decides its value"
        return replace(like, loss=float("inf"), score=float("inf"), refusal=refusal)
    scale = max(1.0, min(c.loss for c in front.of(front.targets[i])))
    return nested_candidate(one, like, i, scale, price_of(problem, front, like, one.estimate.n_rows))


def cleaner(problem: Problem, choice: Choice) -> Problem | None:
    """Return the problem with its states replaced by the chosen law's trajectories, or None where that is no gain.

    Noise in the states blurs every nonlinear term and hides the right ones from a search. A law that
    follows the data, even one with a wrong term, passes closer to the true states than the measurements.
    """
    noisy = np.max(problem.noise[: problem.n_states] / problem.scale[: problem.n_states]) > NOISY
    if choice.trial.followed is None or not noisy or problem.noise_error > WELL_KNOWN:
        return None
    blocks = []
    for block, simulated in zip(problem.blocks, choice.trial.simulated(problem), strict=True):
        X, smooth = block.X.copy(), block.X_smooth.copy()
        known = np.isfinite(simulated)
        X[: problem.n_states][known] = simulated[known]
        smooth[: problem.n_states][known] = simulated[known]
        blocks.append(replace(block, X=X, X_smooth=smooth, X_dot=_derivatives(block, X, problem)))
    return replace(problem, blocks=tuple(blocks))


def _derivatives(block: Block, X: Array, problem: Problem) -> Array:
    """Return the derivatives by time of other states than the block's own."""
    if not len(block.X_dot):
        return block.X_dot
    found = local_derivatives(block.time, X, *narrow(problem), len(block.X_dot))[1:]
    found[:, problem.n_states :] = block.X_dot[:, problem.n_states :]
    return found


def joined(problem: Problem, front: Front, other: Front) -> Front:
    """Return the front with the other's candidates added, fitted to the measurements themselves."""
    known = {(c.target, c.terms, c.denominator) for c in front.candidates}
    tied = {candidate.target for system in (*front.systems, *other.systems) for candidate in system}
    new = [
        c
        for c in other.candidates
        if (c.target, c.terms, c.denominator) not in known and c.refusal is None and c.target not in tied
    ]
    fitted = [refitted(problem, front, front.targets.index(c.target), c) for c in new]
    more = tuple(c for c in fitted if np.isfinite(c.loss))
    front = joined_systems(problem, front, other.systems) if other.systems else front
    return replace(front, candidates=front.candidates + more, interrupted=front.interrupted or other.interrupted)


def settled(front: Front, choice: Choice) -> Front:
    """Return the front with the chosen candidates in it, also where the judge made them by dropping a term."""
    made = tuple(c for c in choice.trial.candidates if c not in front.candidates)
    cut_short = front.interrupted or choice.interrupted
    return replace(front, candidates=front.candidates + made, interrupted=cut_short, systems=(), system_scores=())
