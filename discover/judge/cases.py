"""Which coefficients differ from case to case, and which are one for all?

A coefficient that every case has for itself is C numbers. That they are equal is C - 1 linear constraints, and near
the fit chi-square is quadratic, so what constraints cost is algebra on the coefficients and their covariance: Wald's
statistic. A coefficient is shared where that costs less than the extended BIC charges for C - 1 numbers more.

Source: Wald (1943), doi:10.1090/S0002-9947-1943-0012401-3; Kass and Raftery (1995), doi:10.1080/01621459.1995.10476572.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp, log

import numpy as np

from discover.equation import Contrast
from discover.expr import Expr
from discover.front import Candidate, Front
from discover.inference.chisquare import estimate
from discover.inference.families import families
from discover.inference.intervals import sandwich, wald
from discover.inference.rows import assemble
from discover.judge.systems import Choice, System, advantage, follow, refit
from discover.problem import Array, Problem

Family = tuple[int, Expr, tuple[int, ...]]
"""Equation, term without indicator, and where its coefficients stand among those of all equations."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """The coefficients of all equations (n,), their covariance (n, n), and the degrees of freedom of its scale."""

    values: Array
    covariance: Array
    dof: float

    def cost(self, shared: Sequence[Family]) -> float:
        """Return by how much chi-square rises if the coefficients of each of these families are one number."""
        rows = [self._differences(members) for _, _, members in shared]
        if not rows:
            return 0.0
        A = np.concatenate(rows)
        return wald(A @ self.values, A @ self.covariance @ A.T)

    def _differences(self, members: tuple[int, ...]) -> Array:
        A = np.zeros((len(members) - 1, len(self.values)))
        A[:, members[0]] = 1.0
        A[np.arange(len(members) - 1), list(members[1:])] = -1.0
        return A


def shared(problem: Problem, front: Front, choice: Choice, spent: Callable[[], bool]) -> Choice:
    """Return the choice with one coefficient for all cases wherever the data do not tell them apart.

    The choice comes back as it was where there are no cases, or where the trajectories would rather not share.
    """
    if not problem.cases or spent():
        return choice
    whole = _families(problem, choice.trial.candidates)
    mine = together(_estimates(problem, choice), whole, _price(problem))
    if not mine:
        return replace(choice, contrasts=_contrasts(problem, choice, whole, []))
    contrasts = _contrasts(problem, choice, whole, mine)
    system = tuple(_merged(problem, front, i, c, mine) for i, c in enumerate(choice.trial.candidates))
    trial = follow(problem, system, spent, problem.n_samples)
    if choice.trial.followed is not None and advantage(problem, trial, choice.trial, front) < 0:
        return replace(choice, contrasts=tuple(replace(one, shared=False) for one in contrasts))
    return replace(choice, trial=trial, scores=_renamed(choice, system), contrasts=contrasts)


def together(estimates: Estimates, whole: Sequence[Family], price: float) -> list[Family]:
    """Return the families that are better off with one number: greedily, then none that would rather leave."""
    mine: list[Family] = []
    while True:
        rest = [one for one in whole if one not in mine and len(one[2]) > 1]
        now = estimates.cost(mine)
        costs = [estimates.cost([*mine, one]) - now - price * (len(one[2]) - 1) for one in rest]
        if not costs or min(costs) >= 0:
            break
        mine.append(rest[int(np.argmin(costs))])
    for one in list(mine):
        others = [other for other in mine if other is not one]
        if estimates.cost(mine) - estimates.cost(others) > price * (len(one[2]) - 1):
            mine = others
    return [one for one in whole if one in mine]


def _price(problem: Problem) -> float:
    """Return what one coefficient more has to gain in chi-square."""
    return log(problem.n_states * problem.n_samples)


def _families(problem: Problem, system: System) -> list[Family]:
    found, first = [], 0
    for i, candidate in enumerate(system):
        groups = families(problem, candidate.terms)
        found += [(i, base, tuple(first + k for k in members)) for base, members in groups.items()]
        first += candidate.n_terms
    return found


def _estimates(problem: Problem, choice: Choice) -> Estimates:
    """Return coefficients and covariance, from the trajectories where they are followed, else from the rows."""
    fit = choice.trial.followed
    if fit is not None:
        return Estimates(fit.coefficients, fit.covariance, fit.t_dof)
    parts = []
    for i, candidate in enumerate(choice.trial.candidates):
        rows = assemble(problem, candidate.terms)
        one = estimate(rows, i, range(candidate.n_terms))
        parts.append((one.coefficients, *sandwich(rows, i, one)))
    n = sum(len(values) for values, _, _ in parts)
    covariance, at = np.zeros((n, n)), 0
    for values, block, _ in parts:
        covariance[at : at + len(values), at : at + len(values)] = block
        at += len(values)
    return Estimates(np.concatenate([values for values, _, _ in parts]), covariance, min(dof for _, _, dof in parts))


def _contrasts(
    problem: Problem, choice: Choice, whole: Sequence[Family], mine: Sequence[Family]
) -> tuple[Contrast, ...]:
    """Return for every family how surely its coefficients differ, given how the others are settled."""
    from scipy.stats import chi2, f

    estimates, found = _estimates(problem, choice), []
    for one in whole:
        i, base, members = one
        others = [other for other in mine if other is not one]
        rise, n = max(estimates.cost([*others, one]) - estimates.cost(others), 0.0), len(members) - 1
        odds = 0.5 * (rise - _price(problem) * n)
        found.append(
            Contrast(
                target=problem.targets[i],
                expr=base,
                shared=one in mine,
                probability=1.0 / (1.0 + exp(min(-odds, 700.0))),
                p_value=float(f.sf(rise / n, n, estimates.dof) if np.isfinite(estimates.dof) else chi2.sf(rise, n)),
                chi2=rise,
                dof=n,
            )
        )
    return tuple(found)


def _merged(problem: Problem, front: Front, i: int, candidate: Candidate, mine: Sequence[Family]) -> Candidate:
    """Return a candidate for equation i with one term for all cases in the place of each family shared."""
    bases = {base for j, base, _ in mine if j == i}
    if not bases:
        return candidate
    terms = [
        (members[0], term)
        for base, members in families(problem, candidate.terms).items()
        for term in ([base] if base in bases else [candidate.terms[k] for k in members])
    ]
    return refit(problem, front, i, tuple(term for _, term in sorted(terms, key=lambda pair: pair[0])))


def _renamed(choice: Choice, system: System) -> tuple[dict[Candidate, float], ...]:
    """Return the scores with the new candidates in the places of those that they came from."""
    before = choice.trial.candidates
    return tuple(
        {system[i] if candidate == before[i] else candidate: score for candidate, score in scores.items()}
        for i, scores in enumerate(choice.scores)
    )
