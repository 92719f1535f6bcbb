"""The library first, and expressions where the judge finds structure in what it leaves.

Both engines are heard on one scale. The search has the library's terms on offer at the library's price; what it makes
up then comes back to the sparse engine as more terms, so that either may complete what the other found.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from discover.contract import Budget, Observer
from discover.expr import Expr, Library, exponents, simplify
from discover.front import Candidate, Front
from discover.inference.offer import affordable_library
from discover.inference.tameness import without_excused
from discover.judge import Choice, joined, misfit_limit
from discover.problem import Problem
from discover.sparse import Sparse
from discover.symbolic import Symbolic

BEST = 6
"""Candidates of each target whose made-up terms are put on offer to the sparse engine."""

MOST_PROPOSED = 12

SERIES = 3
"""Terms from which on an equation may be a power series."""


@dataclass(frozen=True, slots=True)
class Proposed(Library):
    """Terms that a search made up, their constants as they were fitted.

    Attributes:
        terms: over the problem's variables.
    """

    terms: tuple[Expr, ...]

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the terms, whatever the names."""
        return self.terms


def leaves_structure(problem: Problem, front: Front, choice: Choice) -> bool:
    """Return whether the library's best law leaves more than noise, on rows or on trajectories, or is a power series.

    A law that takes nearly every power on offer, or several of the highest, may be the series of something shorter.
    """
    if Symbolic().supports(problem) is not None or problem.constraints or any(front.below):
        return False
    moving = [candidate for candidate in choice.trial.candidates if candidate.terms]
    limit = misfit_limit(problem, front.n_rows)
    lost = bool(moving) and choice.trial.followed is None and choice.trial.refinement is not None
    pairs = zip(choice.trial.candidates, front.offers, strict=False)
    series = any(_is_series(candidate, offered) for candidate, offered in pairs)
    return lost or series or any(candidate.loss > limit for candidate in choice.trial.candidates)


def _is_series(candidate: Candidate, offered: Sequence[Expr]) -> bool:
    """Return whether an equation takes most of what was on offer, or several of the highest powers."""
    n, most = len(candidate.terms), max(map(_degree, offered), default=0)
    return n >= SERIES and (2 * n > len(offered) or sum(_degree(term) == most for term in candidate.terms) > 1)


def _degree(term: Expr) -> int:
    """Return the degree of a monomial, 0 for what is none."""
    found = exponents(term)
    return sum(found.values()) if found else 0


def widened(problem: Problem, front: Front, searcher: Sparse, purse: Budget, seed: int, observe: Observer) -> Front:
    """Return the front with what a search of expressions adds to it, all scores on one scale.

    Args:
        problem: the data.
        front: of the library.
        searcher: what found it.
        purse: the budget.
        seed: of the search.
        observe: told the step and the share done.
    """
    library = searcher.library or affordable_library(problem)
    symbolic = Symbolic(library=library, n_jobs=searcher.n_jobs)
    found = symbolic.search(problem, (), purse, seed, observe)
    made_up = _made_up(found)
    more = found.candidates
    if made_up and not found.interrupted and not purse.spent():
        again = replace(searcher, library=library + Proposed(tuple(made_up)))
        combined = again.search(problem, (), purse, seed, observe)
        known = {_identity(candidate) for candidate in more}
        marked = (_marked(candidate, made_up) for candidate in combined.candidates if _new(candidate, made_up))
        more += tuple(candidate for candidate in marked if _identity(candidate) not in known)
    told = {_identity(candidate) for candidate in front.candidates}
    fresh = tuple(candidate for candidate in more if _identity(candidate) not in told)
    both = joined(problem, front, replace(found, candidates=fresh))
    notes = tuple(f"Expressions beside the library: {note}" for note in found.notes)
    return replace(
        _rescaled(both, front),
        notes=(*front.notes, *notes),
        interrupted=front.interrupted or found.interrupted,
        unfinished=front.unfinished or found.unfinished,
    )


def _identity(candidate: Candidate) -> tuple[str, frozenset[Expr]]:
    """Return what tells a candidate from others, in whatever order its terms stand."""
    return candidate.target, frozenset(simplify(shape) for shape in candidate.shapes)


def _made_up(found: Front) -> dict[Expr, tuple[tuple[int, ...], float]]:
    """Return terms that are in no library, in the best candidates of every target, with places and surcharges."""
    terms: dict[Expr, tuple[tuple[int, ...], float]] = {}
    for target in found.targets:
        for candidate in found.of(target)[:BEST]:
            paid = candidate.surcharge or (0.0,) * len(candidate.terms)
            for term, places, price in zip(candidate.terms, candidate.places, paid, strict=True):
                if price and len(terms) < MOST_PROPOSED:
                    terms.setdefault(term if places else simplify(term), (places, price))
    return terms


def _new(candidate: Candidate, made_up: dict[Expr, tuple[tuple[int, ...], float]]) -> bool:
    return any(term in made_up for term in candidate.terms)


def _marked(candidate: Candidate, made_up: dict[Expr, tuple[tuple[int, ...], float]]) -> Candidate:
    """Return a sparse candidate whose made-up terms have their price, and constants that are to be fitted."""
    known = [made_up.get(term, ((), 0.0)) for term in candidate.terms]
    inner = tuple(places for places, _ in known)
    return replace(
        candidate,
        inner=inner if any(inner) else (),
        surcharge=tuple(price for _, price in known),
        alternatives=("",) * len(candidate.terms),
    )


def _rescaled(both: Front, front: Front) -> Front:
    """Return the joint front, its chi-squares on the scale of the smallest of all and not of the library's."""
    candidates = []
    for target in both.targets:
        sound = without_excused(both.of(target))
        old = max(1.0, min(c.loss for c in front.of(target)))
        new = max(1.0, min(c.loss for c in sound))
        change = both.n_rows * (1.0 / new - 1.0 / old)
        candidates += [replace(c, score=c.score + c.loss * change) if np.isfinite(c.loss) else c for c in sound]
    return replace(both, candidates=tuple(candidates))
