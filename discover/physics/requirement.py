"""What constraints have in common: the answers that most give, and identities that are linear in coefficients."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from discover.contract import Bounds, Known, Libraries, Wish
from discover.expr import Expr
from discover.physics.subject import Subject
from discover.problem import Problem

Weights = Mapping[Any, float]
"""What a term contributes to each of the equations that the coefficients must solve."""

EXACT = "exact by construction"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A constraint that asks for nothing; others overrule what they have to say.

    Attributes:
        text: as a person wrote it.
        subject: the names that it speaks of.
    """

    text: str
    subject: Subject

    @property
    def is_checked(self) -> bool:
        """Whether only `refuse` can tell, so that every candidate is asked."""
        return False

    def rows(self, libraries: Libraries) -> Bounds | None:
        """Return what the coefficients of these terms must obey; None for nothing."""
        return None

    def prior(self, libraries: Libraries) -> Known | None:
        """Return what is known of the coefficients beforehand; None for nothing."""
        return None

    def wish(self, target: int) -> Wish:
        """Return what the library of a target must hold."""
        return Wish()

    def ties(self, n_targets: int) -> tuple[tuple[int, ...], ...]:
        """Return the sets of targets whose coefficients it ties to each other."""
        return ()

    def speaks_of(self, target: int) -> bool:
        """Return whether it says anything of a target."""
        return True

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return why right-hand sides, one a target, break the constraint, or None."""
        return None

    def held(self, system: Sequence[Expr], problem: Problem) -> str:
        """Return how right-hand sides that are not refused obey it."""
        return EXACT


@dataclass(frozen=True, slots=True)
class Identity(Requirement):
    """A constraint that is an identity in the variables: Σ ξ · contribution = total, one equation for every key."""

    def contribution(self, target: int, term: Expr) -> Weights:
        """Return what a term of a target contributes, by key."""
        raise NotImplementedError

    def total(self) -> Weights:
        """Return what the contributions must add up to, by key; 0 for keys that are not named."""
        return {}

    def rows(self, libraries: Libraries) -> Bounds | None:
        """Return one equality for every key that a term contributes to."""
        return equalities(self, libraries)

    def held(self, system: Sequence[Expr], problem: Problem) -> str:
        """Return that its rows see to it, or for a formula, which has none, whether algebra or values show it."""
        if not self.subject.is_formula:
            return EXACT
        left: dict[Hashable, float] = {key: -value for key, value in self.total().items()}
        for i, expr in enumerate(system):
            for key, value in self.contribution(i, expr).items() if self.speaks_of(i) else ():
                left[key] = left.get(key, 0.0) + value
        return "proven by algebra" if not any(left.values()) else "tested on the measured values; no proof"


@lru_cache(maxsize=200_000)
def _contribution(of: Identity, target: int, term: Expr) -> Weights:
    return of.contribution(target, term)


def equalities(of: Identity, libraries: Libraries) -> Bounds | None:
    """Return the equations that an identity makes for the coefficients of some terms."""
    found: dict[Hashable, dict[int, float]] = {key: {} for key in of.total()}
    column = 0
    for i, terms in enumerate(libraries):
        for term in terms:
            for key, weight in _contribution(of, i, term).items() if of.speaks_of(i) else ():
                found.setdefault(key, {})[column] = weight
            column += 1
    if not found:
        return None
    A, b = np.zeros((len(found), column)), np.zeros(len(found))
    totals = of.total()
    for r, (key, weights) in enumerate(found.items()):
        b[r] = totals.get(key, 0.0)
        for place, weight in weights.items():
            A[r, place] = weight
    return Bounds(A, b, b.copy())
