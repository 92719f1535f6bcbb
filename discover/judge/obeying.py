"""Systems under constraints: what their coefficients may be, what they cost, and how they are fitted together.

The linear restriction of a system (`discover.inference.restriction`) goes into every fit that the judge makes, so what
is required holds on rows, on trajectories, and wherever a term is dropped or a candidate made anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from discover.expr import Expr
from discover.front import Candidate, Front
from discover.inference.chisquare import penalty
from discover.inference.restriction import Restriction, among, groups
from discover.inference.rows import Rows, assemble
from discover.inference.together import Together, estimate_together, limits_on, sandwich_together
from discover.inference.trajectories import Refinement
from discover.problem import Array, Problem

System = tuple[Candidate, ...]


def limits_of(problem: Problem, system: System) -> Restriction | None:
    """Return what constraints leave of all parameters of a system, None where no coefficients obey.

    Coefficients of denominators and constants inside terms are nothing that linear constraints speak of.
    """
    one = limits_on(problem, {i: candidate.terms for i, candidate in enumerate(system)})
    if one is None:
        return None
    places, first = [], 0
    for candidate in system:
        places += range(first, first + len(candidate.terms))
        first += candidate.n_parameters
    return one if first == one.n else among(one, np.array(places, dtype=np.int64), first)


def fitted_obeying(fit: Callable[..., Refinement], problem: Problem, system: System) -> Refinement | None:
    """Return the fit of a system to trajectories under constraints; None where no coefficients obey.

    Inequalities that the fit would break hold as equalities in the next, the worst first.

    Args:
        fit: takes `limits`, all else being settled.
        problem, system: whose constraints, and what is fitted.
    """
    limits = limits_of(problem, system)
    if limits is None:
        return None
    found, active = fit(limits=limits), list[int]()
    for _ in range(len(limits.d)):
        broken = [k for k in limits.broken(found.coefficients) if k not in active] if found.accepted else []
        tight = limits.with_equal([*active, broken[0]]) if broken else None
        if tight is None:
            return found if not broken else None
        active.append(broken[0])
        found = fit(limits=tight)
    return found


def free_numbers(problem: Problem, system: System) -> list[tuple[tuple[int, ...], int]]:
    """Return for each group of targets that are tied together how many of its coefficients are free."""
    found = []
    for group in groups(problem.constraints, len(problem.targets)):
        limits = limits_on(problem, {i: system[i].terms for i in group})
        n = sum(len(system[i].terms) for i in group)
        found.append((group, n if limits is None else limits.n_free))
    return found


def price_obeying(problem: Problem, front: Front, system: System, n: int) -> float:
    """Return the extended BIC penalty of a system's free numbers on n observations."""
    total = 0.0
    for group, k in free_numbers(problem, system):
        others = sum(system[i].n_parameters - len(system[i].terms) for i in group)
        chosen = max((system[i].n_terms for i in group), default=0)
        total += penalty(k + others, n, max(front.n_library, chosen), min(k, chosen))
    return total


def fitted_together(
    problem: Problem, terms: Mapping[int, Sequence[Expr]], seed: int = 0
) -> tuple[Rows, Together | None]:
    """Return the rows of some targets' terms, and the equations fitted to them; None where no coefficients obey."""
    every = tuple(dict.fromkeys(term for mine in terms.values() for term in mine))
    rows, column = assemble(problem, every, seed=seed), {term: p for p, term in enumerate(every)}
    return rows, estimate_together(rows, {i: [column[term] for term in mine] for i, mine in sorted(terms.items())})


def refitted_together(
    problem: Problem, front: Front, terms: Mapping[int, Sequence[Expr]]
) -> dict[int, Candidate] | None:
    """Return candidates for targets that are tied together, fitted to the rows.

    Terms that the constraints leave nothing are gone from them; None where no coefficients obey, or none are left.
    """
    whole = None
    for _ in range(8):
        whole = fitted_together(problem, terms)[1]
        if whole is None:
            return None
        alive = iter((whole.coefficients != 0.0).tolist())
        fewer = {i: tuple(term for term in mine if next(alive)) for i, mine in sorted(terms.items())}
        if fewer == {i: tuple(mine) for i, mine in sorted(terms.items())}:
            break
        terms = fewer
    if whole is None or not np.isfinite(whole.chi2):
        return None
    n_rows = next(iter(whole.estimates.values())).n_rows
    scale = max(1.0, min((c.loss for i in terms for c in front.of(front.targets[i])), default=1.0))
    score = whole.chi2 / scale + penalty(whole.n_free, n_rows, max(front.n_library, whole.n_free))
    return {i: _candidate(problem, whole, i, tuple(terms[i]), score, scale) for i in terms}


def _candidate(
    problem: Problem, whole: Together, i: int, terms: tuple[Expr, ...], score: float, scale: float
) -> Candidate:
    one, rows = whole.estimates[i], assemble(problem, terms)
    residual = sum(np.sum((b.Y[i] - one.coefficients @ t) ** 2) for b, t in zip(rows.blocks, rows.theta, strict=True))
    total = sum(np.sum((b.Y[i] - problem.reference(i)) ** 2) for b in rows.blocks)
    return Candidate(
        target=problem.targets[i],
        terms=terms,
        coefficients=tuple(one.coefficients.tolist()),
        std=tuple((np.sqrt(np.maximum(np.diag(one.covariance()), 0.0) * scale)).tolist()),
        loss=one.chi2 / one.n_rows,
        score=score,
        r2=float(1.0 - residual / total) if total > 0 else 0.0,
        alternatives=("",) * len(terms),
    )


def from_rows_together(problem: Problem, system: System, i: int, seed: int) -> tuple[Array, Array, float] | None:
    """Return coefficients of equation i, their standard errors and degrees of freedom, fitted with those it is tied to.

    None where no coefficients obey.
    """
    group = next(group for group in groups(problem.constraints, len(problem.targets)) if i in group)
    terms = {k: system[k].terms for k in group}
    rows, whole = fitted_together(problem, terms, seed)
    if whole is None:
        return None
    covariance, dof = sandwich_together(rows, whole)
    first = sum(len(terms[k]) for k in group if k < i)
    cut = slice(first, first + len(terms[i]))
    return whole.estimates[i].coefficients, np.sqrt(np.maximum(np.diag(covariance)[cut], 0.0)), dof


def joined_systems(problem: Problem, front: Front, systems: Sequence[System]) -> Front:
    """Return a front with systems of tied equations added, fitted to the measurements themselves."""
    known = {tuple((c.target, frozenset(c.terms)) for c in one) for one in front.systems}
    candidates = {(c.target, frozenset(c.terms)): c for c in front.candidates}
    made, scores = list(front.systems), list(front.system_scores)
    for one in systems:
        if tuple((c.target, frozenset(c.terms)) for c in one) in known:
            continue
        again = refitted_together(problem, front, {front.targets.index(c.target): c.terms for c in one})
        if again is None:
            continue
        for c in again.values():
            candidates.setdefault((c.target, frozenset(c.terms)), c)
        system = tuple(candidates[c.target, frozenset(c.terms)] for c in again.values())
        if system not in made:
            made.append(system)
            scores.append(next(iter(again.values())).score)
    order = sorted(range(len(made)), key=lambda k: scores[k])
    return replace(
        front,
        candidates=tuple(candidates.values()),
        systems=tuple(made[k] for k in order),
        system_scores=tuple(scores[k] for k in order),
    )
