"""Is what was required true? Every requirement is released in turn, and the data say how much better they are without.

Near the fit, how far the released coefficients lie from what is required is Wald's statistic. Where a requirement
keeps terms out altogether, laws found without it compete with the law on the trajectories, or on the rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf, nan

import numpy as np

from discover.contract import Constraint
from discover.equation import Demand, Law, Verdict
from discover.front import Front
from discover.inference.intervals import wald
from discover.inference.together import sandwich_together
from discover.judge.carried import Released
from discover.judge.contest import choose
from discover.judge.obeying import System, fitted_together, price_obeying
from discover.judge.proofs import right_hand_sides
from discover.judge.systems import DECISIVE, Choice, follow, misfit_lead, tried_lead
from discover.judge.tied import begin_with
from discover.problem import Array, Problem

IMPROBABLE = 1e-3
"""Chance of so large a misfit under a true requirement, below which the data contradict it."""

EXACT_BY_CHANCE = "as near as the data can tell; it was left out of the fit with the others"

Fitted = tuple[Array, Array, float]
"""Coefficients (n,), their covariance (n, n), and the degrees of freedom of that."""

LEAST = 1e-12
"""No smaller chance is told: noise is never so nearly normal."""

BETTER = 9.2
"""Criterion by which laws found without a requirement have to be better: 2 ln 100."""


def without(problem: Problem, k: int | None) -> Problem:
    """Return the problem without its k-th requirement, without any for None."""
    left = () if k is None else tuple(c for j, c in enumerate(problem.constraints) if j != k)
    return replace(problem, constraints=left)


def release(
    problem: Problem, choice: Choice, k: int | None, search: Callable[[Problem], Front], spent: Callable[[], bool]
) -> Released:
    """Return the best of what an engine finds without the k-th requirement, or without any for None.

    The whole contest is held only where neither the law nor the leader of the rows follows the trajectories.
    """
    freed = without(problem, k)
    front = search(freed)
    leaders = tuple(front.of(target)[0] for target in front.targets)
    trial = follow(freed, begin_with(front, leaders), spent)
    if trial.followed is None and choice.trial.followed is None and not problem.space and not spent():
        trial = choose(freed, front, spent, lambda step, share: None).trial
    return Released(freed, front, trial)


def released(
    problem: Problem,
    front: Front,
    choice: Choice,
    search: Callable[[Problem], Front],
    spent: Callable[[], bool],
    free: Released | None = None,
) -> list[tuple[int | None, Released]]:
    """Return what is found without any requirement, and without each where the data are better off without all."""
    if free is None and spent():
        return []
    free = free or release(problem, choice, None, search, spent)
    found: list[tuple[int | None, Released]] = [(None, free)]
    n = len(problem.constraints)
    told = min(_against(problem, found[0][1]), default=1.0) < IMPROBABLE  # that law says which are false
    if n > 1 and not told and lead(found[0][1], problem, front, choice) > BETTER:
        found += [(k, release(problem, choice, k, search, spent)) for k in range(n) if not spent()]
    return found


def lead(free: Released, problem: Problem, front: Front, choice: Choice) -> float:
    """Return by how much the criterion of what was found without requirements is better than the law's."""
    trial, chosen = free.trial, choice.trial
    if trial.followed is not None or chosen.followed is not None:
        both = trial.followed is not None and chosen.followed is not None
        n = problem.n_states * problem.n_samples
        better = (misfit_lead if both else tried_lead)(problem, trial, chosen)
        if better is None:
            return 0.0 if both else DECISIVE * (1.0 if chosen.followed is None else -1.0)
        mine = price_obeying(free.problem, free.front, trial.candidates, n)
        return better + price_obeying(problem, front, chosen.candidates, n) - mine
    return _on_rows(free, problem, front, choice)


def _on_rows(free: Released, problem: Problem, front: Front, choice: Choice) -> float:
    n, mine, its = front.n_rows, free.trial.candidates, choice.trial.candidates
    if free.front.n_rows != n:
        return 0.0
    total = 0.0
    for a, b in zip(mine, its, strict=True):
        total += n * (b.loss - a.loss) / max(1.0, min(a.loss, b.loss))
    return total + price_obeying(problem, front, its, n) - price_obeying(free.problem, free.front, mine, n)


def surprise(problem: Problem, choice: Choice, k: int) -> float:
    """Return the chance of coefficients as far from the k-th requirement as those fitted without it; NaN if unknown."""
    system = choice.trial.candidates
    return _least_odd(problem.constraints[k], system, _coefficients(without(problem, k), choice, system))


def _least_odd(constraint: Constraint, system: System, found: Sequence[Fitted]) -> float:
    """Return the largest chance that any account of the errors leaves a requirement; NaN where there is none."""
    return max((chance(constraint, system, *one) for one in found), default=nan)


def chance(constraint: Constraint, system: System, values: Array, covariance: Array, dof: float = inf) -> float:
    """Return the chance of coefficients as far from a linear requirement, if it is true; 1 where they obey it.

    Args:
        constraint, system: what is required of which terms.
        values, covariance: of all coefficients, (n,) and (n, n).
        dof: degrees of freedom of the covariance; few make Hotelling's statistic of Wald's.
    """
    libraries = tuple(candidate.terms for candidate in system)
    off: list[tuple[Array, Array]] = []
    rows, known = constraint.rows(libraries), constraint.prior(libraries)
    if rows is not None:
        reached = rows.A @ values
        gap = reached - np.clip(reached, rows.lower, rows.upper)
        tied = (rows.lower == rows.upper) | (gap != 0.0)
        off.append((gap[tied], (rows.A @ covariance @ rows.A.T)[np.ix_(tied, tied)]))
    if known is not None:
        off.append((known.A @ values - known.mean, known.A @ covariance @ known.A.T + np.diag(known.std**2)))
    chances = [1.0]
    for gap, spread in off:
        keep = np.diag(spread) > 0.0
        if (np.abs(gap[~keep]) > 1e-9).any():  # a term that has to be there, and is not
            return 0.0
        if keep.any():
            chances.append(_tail(gap[keep], spread[np.ix_(keep, keep)], dof))
    return min(chances)


def _tail(gap: Array, spread: Array, dof: float) -> float:
    """Return the chance of a gap (k,) as far from zero, of covariance (k, k) known to some degrees of freedom."""
    from scipy.special import fdtrc, gammaincc

    k = int(np.linalg.matrix_rank(spread, hermitian=True))
    distance = wald(gap, spread)
    if np.isinf(dof):
        return float(gammaincc(0.5 * k, 0.5 * distance))
    left = dof - k + 1.0
    return float(fdtrc(k, left, distance * left / (k * dof))) if left > 0.0 else 1.0


def _coefficients(freed: Problem, choice: Choice, system: System) -> list[Fitted]:
    """Return the law's coefficients fitted without the requirement, with each account of their errors.

    Where no trajectory is followed the noise model is in doubt, and what stretches of rows say counts beside it.
    """
    plain = not any(candidate.denominator or any(candidate.inner) for candidate in system)
    if not plain:
        return []
    trial = follow(freed, system, lambda: False, like=choice.trial if choice.trial.followed else None)
    if trial.followed is not None:
        return [(trial.followed.coefficients, trial.followed.covariance, inf)]
    rows, whole = fitted_together(freed, {i: candidate.terms for i, candidate in enumerate(system)})
    if whole is None:
        return []
    covariance, dof = sandwich_together(rows, whole)
    excess = np.concatenate(  # what an equation leaves beyond its noise says how far its noise model may be off
        [np.full(len(one.support), max(1.0, one.chi2 / one.n_rows) ** 0.5) for one in whole.estimates.values()]
    )
    return [
        (whole.coefficients, whole.bread * excess * excess[:, None], inf),
        (whole.coefficients, covariance, dof),
    ]


def demands(
    problem: Problem, front: Front, choice: Choice, released: Sequence[tuple[int | None, Released]]
) -> tuple[Demand, ...]:
    """Return what was required, how the law keeps it, and whether the data contradict it.

    Args:
        problem, front, choice: the law and where it comes from.
        released: what was found without the k-th requirement, or without any (None).
    """
    leads = {k: lead(one, problem, front, choice) for k, one in released}
    alone = {k: value for k, value in leads.items() if k is not None}
    whole = leads.get(None, -inf)
    together_only = whole > BETTER and not any(value > BETTER for value in alone.values())
    single, found = len(problem.constraints) == 1, list[Demand]()
    against = _against(problem, dict(released)[None]) if whole > 0.0 else []
    known = min(against, default=1.0) < IMPROBABLE  # a better law, found without them, says which are false
    for k, constraint in enumerate(problem.constraints):
        odds, gain = surprise(problem, choice, k), whole if single else alone.get(k, -inf)
        if known:
            odds, gain = against[k], -inf
        note = _sentence(constraint.text, odds, gain) if odds < IMPROBABLE or gain > BETTER else ""
        if together_only and not (known or note or single):
            note = "With all requirements left out, laws are found that the data prefer."
        held, broken = _held(constraint, choice, problem)
        note = broken or note
        found.append(Demand(constraint.text, held, bool(note), float(odds), gain if np.isfinite(gain) else nan, note))
    return tuple(dict.fromkeys(found))


def _held(constraint: Constraint, choice: Choice, problem: Problem) -> tuple[str, str]:
    """Return how a law keeps a requirement, and what is said where it does not."""
    system = right_hand_sides(choice.trial)
    reason = constraint.refuse(system, problem) if constraint.is_checked else None
    if reason is None:
        return constraint.held(system, problem), ""
    told = f'No law that was found obeys "{constraint.text}": {reason}. Shown is the best of those refused.'
    return "not kept", told


def _against(problem: Problem, free: Released) -> list[float]:
    """Return for each requirement the chance of a law that was found without any, if it is true."""
    fit, system = free.trial.followed, free.trial.candidates
    if fit is None or any(candidate.denominator or any(candidate.inner) for candidate in system):
        return []
    return [chance(one, system, fit.coefficients, fit.covariance) for one in problem.constraints]


def _sentence(text: str, odds: float, gain: float) -> str:
    if odds < IMPROBABLE:
        return (
            f'The data contradict the requirement "{text}": fitted without it, the coefficients lie so far from it '
            f"that the chance is {max(odds, LEAST):.1g}{' or less' if odds < LEAST else ''} if it were true."
        )
    return f'The data contradict the requirement "{text}": without it a law is found that explains them better.'


def with_demands(
    law: Law,
    problem: Problem,
    front: Front,
    choice: Choice,
    search: Callable[[Problem], Front],
    spent: Callable[[], bool],
    free: Released | None = None,
) -> Law:
    """Return a law that says what was required of it; a requirement that the data contradict leaves a doubt.

    Args:
        law, problem, front, choice: the law and where it comes from.
        search: the engine, asked once more of problems with fewer requirements.
        spent: whether to do without.
        free: what was found without any requirement; None searches for it.
    """
    if front.is_hopeless:
        return _unkept(law, problem, choice)
    try:
        cut_short = front.interrupted or choice.interrupted
        without_some = [] if cut_short else released(problem, front, choice, search, spent, free)
    except KeyboardInterrupt:
        without_some = []
    found = demands(problem, front, choice, without_some)
    doubts = tuple(dict.fromkeys(one.note for one in found if one.contradicted))
    verdict = law.verdict
    if doubts:
        lost = verdict.word == "none" or any(one.held == "not kept" for one in found)
        verdict = Verdict("none" if lost else "several", (*doubts, *verdict.reasons))
    return replace(law, requirements=found, verdict=verdict)


def _unkept(law: Law, problem: Problem, choice: Choice) -> Law:
    """Return the law that is shown where none obeys, with the requirements that it breaks."""
    system, found = choice.trial.candidates, list[Demand]()
    fitted = _coefficients(without(problem, None), choice, system)
    odds = [_least_odd(one, system, fitted) for one in problem.constraints]
    worst = np.nanmin([1.0, *odds])
    for constraint, one in zip(problem.constraints, odds, strict=True):
        false = not one > max(IMPROBABLE, worst)
        note = f'No law that was found obeys "{constraint.text}". Shown is the best of those refused.' if false else ""
        found.append(Demand(constraint.text, "not kept" if false else EXACT_BY_CHANCE, false, one, nan, note))
    doubts = tuple(dict.fromkeys(one.note for one in found if one.contradicted))
    verdict = Verdict("none", (*doubts, *law.verdict.reasons))
    return replace(law, requirements=tuple(dict.fromkeys(found)), verdict=verdict)


def with_formula_demands(law: Law, problem: Problem, front: Front) -> Law:
    """Return the law of a formula that says what was required of it, and whether the data would rather do without."""
    system = tuple(equation.rhs for equation in law.equations)
    found = list[Demand]()
    for constraint in problem.constraints:
        reason = constraint.refuse(system, problem)
        held = "not kept" if reason else constraint.held(system, problem)
        note = f'No formula that was found obeys "{constraint.text}": {reason}. Shown is the best of those refused.'
        gain = _refused_lead(constraint, front)
        if reason is None:
            note = _sentence(constraint.text, 1.0, gain) if gain > BETTER else ""
        found.append(Demand(constraint.text, held, bool(note), nan, gain if np.isfinite(gain) else nan, note))
    doubts = tuple(dict.fromkeys(one.note for one in found if one.contradicted))
    verdict = law.verdict
    if doubts:
        lost = verdict.word == "none" or any(one.held == "not kept" for one in found)
        verdict = Verdict("none" if lost else "several", (*doubts, *verdict.reasons))
    return replace(law, requirements=tuple(dict.fromkeys(found)), verdict=verdict)


def _refused_lead(constraint: Constraint, front: Front) -> float:
    """Return by how much the best formula that a requirement refuses is better than the best that none does.

    It has to leave less, and not only to be shorter: x²/(x + x²) is no evidence against being finite at 0.
    """
    leads = [-inf]
    for target in front.targets:
        mine = front.of(target)
        fine = [c for c in mine if c.refusal is None]
        refused = [c for c in mine if c.refusal is not None and c.refusal.startswith(f'"{constraint.text}"')]
        if fine and refused:
            best, other = (min(some, key=lambda c: c.score) for some in (fine, refused))
            less = front.n_rows * np.log(max(best.loss, 1e-300) / max(other.loss, 1e-300))
            leads.append(float(min(best.score - other.score, less)))
    return max(leads)
