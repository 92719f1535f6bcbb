"""Choice -> Law for stochastic differential equations: drift, diffusion, and what the increments say of them."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from discover.equation import Equation, Evidence, Law, Provenance, Stretch, Term, Verdict
from discover.expr import Expr, text
from discover.front import Candidate
from discover.inference.increments import Estimated, Fit, Residuals, fit_increments
from discover.inference.intervals import t_quantile
from discover.judge.importance import held_out_r2, shapley
from discover.judge.systems import Choice
from discover.problem import Problem

MAX_SAMPLES = 4000
SURE = 0.9
"""Probability of a structure from which on it counts as told apart."""

CERTAIN = 3.5
"""Standard errors from which on a correlation is no chance."""

NOTABLE = 0.03
"""Correlation of residuals below which nothing is said of it, however certain it is."""

SMOOTH, DRIVEN = 0.5, 0.9999
"""Correlation of neighbouring residuals, and share of the increments that the drift explains, of a smooth path."""

HEAVY, CROSSED = 1.0, 0.1
"""Excess kurtosis, and correlation between the noises of two states, below which nothing is said of them."""

BLURRED = -0.4
"""Correlation of neighbouring residuals from which on they are measurement noise and hardly anything else."""


def conclude_stochastic(problem: Problem, choice: Choice, provenance: Provenance) -> Law:
    """Fit the chosen drift and diffusion to all increments, and write them down as a law."""
    chosen, d = choice.trial.candidates, problem.n_states
    sides = [(c.terms, c.coefficients) for c in chosen]
    fit = fit_increments(problem, sides[:d], sides[d:])
    drift = tuple(_equation(problem, choice, i, chosen[i], fit.drift[i], problem.targets[i]) for i in range(d))
    squared = tuple(
        _equation(problem, choice, d + i, chosen[d + i], fit.squared[i], problem.targets[i], squared=True)
        for i in range(d)
    )
    noise = np.zeros(problem.n_variables)
    noise[:d] = fit.residuals.noise
    return Law(
        equations=drift,
        names=problem.names,
        units=problem.units,
        time=problem.time,
        time_unit=problem.time_unit,
        estimator="increments",
        verdict=verdict(problem, choice, fit),
        evidence=_evidence(problem, noise),
        provenance=provenance,
        diffusion=squared,
    )


def _equation(
    problem: Problem, choice: Choice, e: int, candidate: Candidate, fit: Estimated, target: str, squared: bool = False
) -> Equation:
    R = fit.triangles
    share, drop = shapley(np.einsum("fij,fik->jk", R, R))
    std = np.sqrt(np.maximum(np.diag(fit.covariance), 0.0))
    half = std * t_quantile(float(max(problem.n_rows - candidate.n_terms, 1)))
    inclusion = _inclusion(choice, e)
    terms = tuple(
        Term(
            expr=expr,
            value=float(fit.value[k]),
            std=float(std[k]),
            low=float(fit.value[k] - half[k]),
            high=float(fit.value[k] + half[k]),
            unit=_unit(problem, target, expr, squared),
            inclusion=inclusion[expr],
            share=float(share[k]),
            drop=float(drop[k]),
            alternatives=tuple(name for name in candidate.alternatives[k].split(", ") if name),
        )
        for k, expr in enumerate(candidate.terms)
    )
    residual = R[:, :, :-1] @ fit.value - R[:, :, -1]
    return Equation(
        target=target,
        time=problem.time,
        names=problem.names,
        terms=terms,
        r2=float(1.0 - np.sum(residual**2) / np.sum(R[:, :, -1] ** 2)),
        held_out_r2=held_out_r2(R),
        loss=float(np.sum(residual**2)) / problem.n_rows,
        kind="diffusion" if squared else "stochastic",
        covariance=tuple(tuple(row) for row in fit.covariance.tolist()),
        probability=probabilities(choice, e)[candidate],
    )


def probabilities(choice: Choice, e: int) -> dict[Candidate, float]:
    """Return the probability of each candidate for one drift or diffusion.

    The scores come from a likelihood of every increment, with a price of ln n_steps a term, and are taken
    at their word: of 93 drifts given 0.9 or more all were right, of 64 given 0.82 on average 0.73.
    """
    scores = choice.scores[e]
    values = np.array(list(scores.values()))
    weights = np.exp(-0.5 * (values - values.min()))
    return dict(zip(scores, (weights / weights.sum()).tolist(), strict=True))


def _inclusion(choice: Choice, e: int) -> dict[Expr, float]:
    """Return for each term the probability of all candidates that contain it."""
    found: dict[Expr, float] = {}
    for candidate, probability in probabilities(choice, e).items():
        for expr in candidate.terms:
            found[expr] = found.get(expr, 0.0) + probability
    return {expr: min(1.0, value) for expr, value in found.items()}


def _unit(problem: Problem, target: str, expr: Expr, squared: bool) -> str | None:
    """Return the unit of a coefficient: the target's (squared for a diffusion), per time, per term."""
    from discover.data.units import compose, symbols
    from discover.expr import DIMENSIONLESS, dimension_of

    units = [None if unit is None else symbols(unit) for unit in problem.units]
    mine = units[problem.target_index(target)]
    time = None if problem.time_unit is None else symbols(problem.time_unit)
    term = dimension_of(expr, units, axes=[time]) if expr.variables else DIMENSIONLESS
    if mine is None or time is None or term is None:
        return None
    return compose(mine ** (2 if squared else 1) / time / term)


def _evidence(problem: Problem, noise: np.ndarray) -> Evidence:
    """Keep a bounded sample of the data: the longest paths first, thinned evenly; nothing follows them."""
    order = sorted(range(len(problem.blocks)), key=lambda b: -problem.blocks[b].n_samples)[:6]
    every = max(1, sum(problem.blocks[b].n_samples for b in order) // MAX_SAMPLES)
    stretches = []
    for b in sorted(order):
        block = problem.blocks[b]
        time, X = block.time[::every], block.X[:, ::every]
        stretches.append(Stretch(block.trajectory, time, X, np.full((problem.n_states, len(time)), np.nan)))
    return Evidence(tuple(stretches), 0, float("nan"), tuple(noise.tolist()) if noise.any() else ())


@dataclass(frozen=True, slots=True)
class Doubts:
    """What speaks against a law: reasons that leave several open, those that end it, and what is only told."""

    open: list[str]
    final: list[str]
    told: list[str]


def verdict(problem: Problem, choice: Choice, fit: Fit) -> Verdict:
    """Weigh how well one-step predictions are calibrated, what residuals share, and what rivals remain."""
    d, chosen = problem.n_states, choice.trial.candidates
    doubts = _doubts(problem, fit)
    predicted = " ".join([_predictions(problem, fit.residuals), *doubts.told])
    if doubts.final:
        return Verdict("none", (*doubts.final, predicted))
    still = [c for c in chosen[:d] if not c.terms]
    constant = all(not any(term.variables for term in c.terms) for c in chosen[d:])
    rivals = [reason for e in range(2 * d) for reason in _rivals(problem, choice, e)]
    if len(still) == d and constant:
        none = "No drift is seen, and the diffusion is constant: within what this record tells, it is Brownian motion."
        return Verdict("none", (none, predicted, *doubts.open, *rivals))
    unseen = [f"No drift of {c.target} is seen in this record; a longer one would be needed to find it." for c in still]
    open_ = [*doubts.open, *unseen, *rivals]
    if open_:
        return Verdict("several", (predicted, *open_))
    return Verdict("law", (predicted, "Residuals are white, and no rival of any drift or diffusion comes close."))


def _predictions(problem: Problem, residuals: Residuals) -> str:
    shares = ", ".join(
        f"{name} {100 * inside:.1f} %" for name, inside in zip(problem.targets, residuals.inside, strict=True)
    )
    unseen = 200.0 * CERTAIN / np.sqrt(max(residuals.n_pairs, 1))
    return (
        f"Of the increments, their one-step 95 % intervals hold: {shares}. Measurement noise that adds up to "
        f"{unseen:.0f} % to a diffusion would go unseen."
    )


def _is_seen(squared: Estimated) -> bool:
    """Return whether any coefficient of a diffusion is clear of zero."""
    return bool((np.abs(squared.value) > CERTAIN * np.sqrt(np.diag(squared.covariance))).any())


def _doubts(problem: Problem, fit: Fit) -> Doubts:
    """Read the residuals state by state."""
    found, residuals = Doubts([], [], []), fit.residuals
    limit = max(CERTAIN / np.sqrt(max(residuals.n_pairs, 1)), NOTABLE)
    for i, name in enumerate(problem.targets):
        lag, share = residuals.lag[i], residuals.share[i]
        if not fit.squared[i].value.size:
            found.told.append(f"{name} has no noise of its own: what moves it at random comes through other states.")
        elif share > DRIVEN or lag > SMOOTH:
            found.final.append(
                f"The path of {name} is smooth: its drift explains {100 * share:.0f} % of the increments and "
                f"neighbouring residuals correlate by {lag:.2f}. That is no diffusion; use the weak form instead."
            )
        elif lag < BLURRED and not _is_seen(fit.squared[i]):
            found.final.append(
                f"Neighbouring residuals of {name} correlate by {lag:.2f}: what the drift leaves is measurement noise "
                f"of about {residuals.noise[i]:.3g}, and no diffusion can be seen under it; use the weak form instead."
            )
        elif residuals.noise[i] > 0.0:
            found.open.append(
                f"Neighbouring residuals of {name} correlate by {lag:.2f}: the record carries measurement noise of "
                f"about {residuals.noise[i]:.3g}. It was taken off drift and diffusion, but not proved to be white."
            )
        elif lag > limit:
            found.open.append(
                f"Neighbouring residuals of {name} correlate by {lag:.2f}: the noise has a memory, or the sampling is "
                "too coarse for the drift."
            )
    found.open.extend([*_tails(problem, fit), *_crossed(problem, fit)])
    return found


def _tails(problem: Problem, fit: Fit) -> list[str]:
    """Name the states whose increments are no Brownian motion's: jumps, or noise whose strength itself is random."""
    limit = max(HEAVY, CERTAIN * np.sqrt(24.0 / problem.n_rows))
    return [
        f"The increments of {name} have heavier tails than normal ones (excess kurtosis {excess:.2g}): jumps, or a "
        "diffusion that the library does not hold."
        for name, excess in zip(problem.targets, fit.residuals.kurtosis, strict=True)
        if excess > limit
    ]


def _crossed(problem: Problem, fit: Fit) -> list[str]:
    """Name the pairs of states whose noises are not independent, which this form takes them to be."""
    limit = max(CROSSED, CERTAIN / np.sqrt(problem.n_rows))
    own = [i for i, squared in enumerate(fit.squared) if squared.value.size]
    return [
        f"The noises of {problem.targets[i]} and {problem.targets[j]} correlate by {fit.residuals.cross[i, j]:.2f}, "
        "and the law takes them to be independent."
        for i, j in combinations(own, 2)
        if abs(fit.residuals.cross[i, j]) > limit
    ]


def _rivals(problem: Problem, choice: Choice, e: int) -> list[str]:
    """Name an equation whose structure has a rival that the data do not rule out, and what could be exchanged."""
    mine, candidate = probabilities(choice, e), choice.trial.candidates[e]
    if mine[candidate] >= SURE:
        return []
    what = f"The drift of {candidate.target}" if e < problem.n_states else f"The diffusion {candidate.target}"
    other = max((c for c in mine if c != candidate), key=lambda c: mine[c])
    told = " + ".join(text(term, problem.names) for term in other.terms) or "nothing"
    return [
        f"{what} has probability {mine[candidate]:.2f}; its nearest rival ({mine[other]:.2f}) is made of {told}. "
        "A longer record would tell them apart."
    ]
