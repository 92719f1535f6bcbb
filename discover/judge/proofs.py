"""Right-hand sides of a chosen system with their numbers, as what is not linear in coefficients is asked of them."""

from discover.expr import Expr, add, constant, divide, multiply, with_inner
from discover.front import Candidate
from discover.judge.systems import Choice


def right_hand_sides(choice: Choice) -> tuple[Expr, ...]:
    """Return the right-hand side of every target, its numbers from the trajectories where these are followed."""
    trial, found = choice.trial, []
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
