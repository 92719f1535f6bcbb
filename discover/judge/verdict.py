"""law, several or none: how sure may we be, and why, in words."""

from collections.abc import Sequence

import numpy as np

from discover.equation import Equation, Verdict
from discover.expr import text
from discover.judge.poles import poles
from discover.judge.systems import Choice
from discover.problem import Problem

MISFIT = 1.15
"""Chi-square per row that a true law does not exceed, before the noise estimate's own error is added."""

SURE = 0.95
"""Probability of the chosen structure from which on it counts as told apart."""

EXACT, TOO_QUIET, NOTABLE = 1e-4, 0.5, 1e-3
"""Chi-square per degree of freedom between which the noise was overestimated, where it is this share of the spread."""

PREDICTIVE, USELESS = 0.9, 0.5
"""Held-out R² above which misfitting equations are still worth having, and below which none are."""


def verdict(
    problem: Problem,
    choice: Choice,
    equations: Sequence[Equation],
    n_rows: int,
    unidentified: Sequence[str] = (),
    remarks: Sequence[str] = (),
) -> Verdict:
    """Weigh fit, competition, prediction and simulation.

    Args:
        problem: the data.
        choice: the system chosen and its rivals.
        equations: its equations, judged.
        n_rows: rows that the chi-squares rest on.
        unidentified: what the data cannot tell apart whatever the noise, in words.
        remarks: what else is to be said of how much the data settle.
    """
    # What requirements leave nothing of is to be explained too, where it is more than noise.
    limit = misfit_limit(problem, n_rows) if problem.constraints else np.inf
    moving = [equation for equation in equations if equation.terms or equation.loss > limit]
    if not moving:
        return Verdict("none", ("Noise alone explains the data: no equation has a single term that pays for itself.",))
    worst = min(moving, key=lambda equation: equation.held_out_r2)
    misfit = _misfit(problem, moving, n_rows)
    doubts = [*misfit, *_competition(choice), *_alternatives(choice, problem.names)]
    doubts += [*_coarse(problem, choice), *unidentified, *_unfinished(choice)]
    reasons = [_prediction(worst), *_trajectories(problem, choice), *poles(problem, equations), *remarks]
    follows = choice.trial.followed is not None or bool(problem.space) or problem.is_random
    if worst.held_out_r2 < USELESS:
        return Verdict("none", (_prediction(worst), *doubts))
    if misfit and worst.held_out_r2 < PREDICTIVE and choice.trial.followed is None:
        return Verdict("none", (*reasons, *doubts))
    if doubts or not follows:
        return Verdict("several", (*reasons, *doubts))
    return Verdict(
        "law", (*reasons, "Every equation leaves what the noise alone would leave, and no rival comes close.")
    )


def _prediction(worst: Equation) -> str:
    explained = np.floor(1000.0 * max(worst.held_out_r2, 0.0)) / 10.0  # "at least" is never rounded up
    return (
        f"On stretches kept out of the fit the equations explain at least {explained:.1f} % "
        f"of {'the next values' if worst.kind == 'map' else 'the change'} ({worst.target} is the hardest)."
    )


def misfit_limit(problem: Problem, n_rows: int) -> float:
    """Return the chi-square per row up to which a law may be what noise alone leaves."""
    return float(MISFIT + 3.0 * np.sqrt(2.0 / n_rows) + 4.0 * problem.noise_error)


def _misfit(problem: Problem, equations: Sequence[Equation], n_rows: int) -> list[str]:
    """Name the equations whose residual is more than noise can be."""
    limit = misfit_limit(problem, n_rows)
    return [
        f"The residual of {equation.target} is {equation.loss:.3g} times what the noise explains "
        f"(up to {limit:.2f} is chance): something is missing from its equation, or the noise is not white."
        for equation in equations
        if equation.loss > limit
    ]


def _trajectories(problem: Problem, choice: Choice) -> list[str]:
    refinement = choice.trial.refinement
    if problem.is_random:
        return ["Chance moves the states in every step, so single steps are judged, and no trajectory is followed."]
    if refinement is None:
        return []
    if not refinement.accepted:
        return [f"No simulated trajectory follows the data: {refinement.reason}."]
    return [
        f"Simulated trajectories follow the data over {refinement.length} samples at a time "
        f"(chi-square {refinement.chi2:.2f} per degree of freedom)."
    ]


def _competition(choice: Choice) -> list[str]:
    """Name the equations whose structure has a rival that the data do not rule out."""
    found = []
    for i, candidate in enumerate(choice.trial.candidates):
        mine = choice.probability(i)
        if mine[candidate] < SURE:
            other = max((c for c in mine if c != candidate), key=lambda c: mine[c])
            difference = candidate.parts ^ other.parts
            found.append(
                f"The equation of {candidate.target} has probability {mine[candidate]:.2f}; its nearest rival "
                f"({mine[other]:.2f}) has {other.n_terms} terms and differs in {len(difference)}. "
                "More data, or data from other initial states, would tell them apart."
            )
    return found


def _coarse(problem: Problem, choice: Choice) -> list[str]:
    """Say that the noise was taken for larger than it is: rivals are then judged too mildly.

    Not where the law leaves nothing at all: what differences saw then was the signal, and the law is exact.
    """
    fit, n = choice.trial.followed, problem.n_states
    if fit is None or not EXACT < fit.chi2 < TOO_QUIET or np.max(problem.noise[:n] / problem.scale[:n]) < NOTABLE:
        return []
    return [
        f"The law leaves {fit.chi2:.2g} of what the noise estimated would leave: the sampling is too coarse to tell "
        "noise from signal, so rivals are not ruled out. Denser samples would."
    ]


def _unfinished(choice: Choice) -> list[str]:
    if not choice.unfinished:
        return []
    return ["The budget was spent before every rival was tried on the trajectories; a longer one may end otherwise."]


def _alternatives(choice: Choice, names: tuple[str, ...]) -> list[str]:
    """Name the terms that could be swapped for others without the data noticing."""
    return [
        f"In the equation of {candidate.target} the data cannot tell {text(term, names)} from {others}."
        for i, candidate in enumerate(choice.trial.candidates)
        if choice.probability(i)[candidate] < SURE
        for term, others in zip(candidate.terms, candidate.alternatives, strict=False)
        if others
    ]
