"""Right-hand sides with their numbers, and what is asked of them that is no matter of single coefficients."""

from dataclasses import replace

from discover.contract import Constraint
from discover.expr import Expr, add, constant, divide, multiply, with_inner
from discover.front import Candidate, Front
from discover.inference.restriction import groups
from discover.inference.together import limits_on
from discover.judge.systems import Trial
from discover.problem import Problem


def checked(problem: Problem, front: Front) -> Front:
    """Return a front whose candidates say why a requirement on their own right-hand side refuses them."""
    if not problem.constraints:
        return front
    found = {candidate: _checked(problem, candidate) for candidate in front.candidates}
    systems = [tuple(found.get(one, one) for one in system) for system in front.systems]
    obeying = {tuple(c.target for c in one) for one in systems if all(c.refusal is None for c in one)}
    kept = [  # systems of tied equations whose parts are refused go, where others are left to them
        (one, score)
        for one, score in zip(systems, front.system_scores, strict=True)
        if tuple(c.target for c in one) not in obeying or all(c.refusal is None for c in one)
    ]
    return replace(
        front,
        candidates=tuple(found[candidate] for candidate in front.candidates),
        systems=tuple(one for one, _ in kept),
        system_scores=tuple(score for _, score in kept),
    )


def _asks(problem: Problem, constraint: Constraint) -> bool:
    """Return whether a constraint has to be checked: of a formula every one, for nothing keeps it by construction."""
    return constraint.is_checked or problem.formulation == "algebraic"


def _checked(problem: Problem, candidate: Candidate) -> Candidate:
    i, n = problem.targets.index(candidate.target), len(problem.targets)
    system = tuple(right_hand_side(candidate) if k == i else constant(0.0) for k in range(n))
    for constraint in problem.constraints if candidate.refusal is None else ():
        if _asks(problem, constraint) and [k for k in range(n) if constraint.speaks_of(k)] == [i]:
            reason = constraint.refuse(system, problem)
            if reason is not None:
                return replace(candidate, refusal=f'"{constraint.text}": {reason}')
    return _with_all_terms(problem, candidate, i)


def _with_all_terms(problem: Problem, candidate: Candidate, i: int) -> Candidate:
    """Return a candidate, refused where the requirements on its equation alone leave one of its terms only zero.

    An engine without a library finds such terms; fitted under the requirements they would stand there as 0.
    """
    alone = [group for group in groups(problem.constraints, len(problem.targets)) if group == (i,)]
    if candidate.refusal is not None or problem.formulation == "algebraic" or not alone or candidate.denominator:
        return candidate
    limits = limits_on(problem, {i: candidate.terms})
    if limits is not None and not limits.dead.any():
        return candidate
    about = " and ".join(f'"{one.text}"' for one in problem.constraints if one.speaks_of(i))
    return replace(candidate, refusal=f"{about}: terms of it could only be zero")


def refusal(problem: Problem, trial: Trial) -> str | None:
    """Return why a requirement that has to be checked refuses a system as it was fitted; None where none does."""
    if not any(constraint.is_checked for constraint in problem.constraints):
        return None
    system = right_hand_sides(trial)
    for constraint in problem.constraints:
        reason = constraint.refuse(system, problem) if constraint.is_checked else None
        if reason is not None:
            return f'"{constraint.text}": {reason}'
    return None


def right_hand_sides(trial: Trial) -> tuple[Expr, ...]:
    """Return the right-hand side of every target, its numbers from the trajectories where these are followed."""
    found = []
    for i, candidate in enumerate(trial.candidates):
        fit = trial.followed
        numbers = None if fit is None else tuple(fit.coefficients[trial.part(i)].tolist())
        found.append(right_hand_side(candidate, numbers))
    return tuple(found)


def right_hand_side(candidate: Candidate, numbers: tuple[float, ...] | None = None) -> Expr:
    """Return a candidate with its own numbers, or with others: coefficients, those below, then those inside terms."""
    n, m = len(candidate.terms), max(0, len(candidate.denominator) - 1)
    if numbers is None:
        numbers = (*candidate.coefficients, *candidate.divisors[1:])
    inside = iter(numbers[n + m :])
    terms = [
        with_inner(term, places, [next(inside) for _ in places]) if places and len(numbers) > n + m else term
        for term, places in zip(candidate.terms, candidate.places, strict=True)
    ]
    above = _sum(list(zip(numbers[:n], terms, strict=True)))
    if not candidate.denominator:
        return above
    return divide(above, _sum(list(zip((1.0, *numbers[n : n + m]), candidate.denominator, strict=True))))


def _sum(parts: list[tuple[float, Expr]]) -> Expr:
    total: Expr | None = None
    for value, term in parts:
        product = multiply(constant(value), term)
        total = product if total is None else add(total, product)
    return constant(0.0) if total is None else total
