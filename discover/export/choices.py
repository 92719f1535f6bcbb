"""The front as a table of choices: which candidates there were, and which of them the law took."""

from dataclasses import dataclass
from math import nan

from discover.equation import Equation, Law, Term
from discover.expr import Expr, with_inner
from discover.front import Candidate, Front


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One candidate of the front, and whether it is the law's own equation."""

    candidate: Candidate
    chosen: bool

    @property
    def target(self) -> str:
        return self.candidate.target


def choices(law: Law, front: Front) -> tuple[ChoiceRow, ...]:
    """Return every candidate, target by target, simplest first; at most one of each target is chosen.

    The law's coefficients are refined after the choice, so a row is recognised by its terms.
    """
    return tuple(row for target in front.targets for row in _of(law, front, target))


def _of(law: Law, front: Front, target: str) -> list[ChoiceRow]:
    best_first = front.of(target)
    taken = next((candidate for candidate in best_first if is_chosen(law, candidate)), None)
    ordered = sorted(best_first, key=lambda candidate: (candidate.complexity, candidate.score))
    return [ChoiceRow(candidate, candidate is taken) for candidate in ordered]


def equation_of(law: Law, target: str) -> Equation:
    """Return the law's equation for a target, an empty one of the same kind where the front has a target more.

    >>> from discover.export.specimen import specimen
    >>> equation_of(specimen()[0], "lynx").target
    'lynx'
    """
    bare = Equation(target, law.time, law.names, (), nan, nan, nan, space=law.space, kind=law.kind)
    return next((equation for equation in law.all_equations if equation.key == target), bare)


def is_chosen(law: Law, candidate: Candidate) -> bool:
    """Return whether a candidate has exactly the terms of the law's equation for its target; fitted constants aside."""
    return any(
        equation.key == candidate.target
        and len(equation.terms) == len(candidate.terms)
        and {_shape(term) for term in equation.terms} == set(candidate.shapes)
        and {term.expr for term in equation.denominator} == set(candidate.denominator)
        for equation in law.all_equations
    )


def _shape(term: Term) -> Expr:
    """Return a term with 0 in the place of every constant inside that was fitted."""
    return with_inner(term.expr, [one.place for one in term.inner], [0.0] * len(term.inner))
