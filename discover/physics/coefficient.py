"""What is known of coefficients: their sign, bounds, a value, or how one is tied to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from discover.contract import Bounds, Libraries, Wish
from discover.expr import Expr, simplify
from discover.physics.requirement import Requirement

Place = tuple[int, Expr]
"""Number of a target, and a term in canonical form: where a coefficient stands."""


@dataclass(frozen=True, slots=True)
class Combination:
    """A weighted sum of coefficients, plus a number."""

    weights: tuple[tuple[Place, float], ...]
    number: float = 0.0

    def row(self, libraries: Libraries) -> np.ndarray:
        """Return the weight of every coefficient, counted target by target, shape (n,)."""
        known = dict(self.weights)
        places = [(i, simplify(term)) for i, terms in enumerate(libraries) for term in terms]
        return np.array([known.get(place, 0.0) for place in places])

    @property
    def targets(self) -> tuple[int, ...]:
        """The targets whose coefficients take part."""
        return tuple(sorted({i for (i, _), _ in self.weights}))

    def terms(self, target: int) -> tuple[Expr, ...]:
        """Return the terms of one target that take part."""
        return tuple(term for (i, term), _ in self.weights if i == target)


@dataclass(frozen=True, slots=True)
class Coefficient(Requirement):
    """low ≤ combination ≤ high.

    Attributes:
        combination: of coefficients.
        low, high: its bounds, equal for a value.
        strict: whether zero itself is excluded, so that the terms have to be there.
    """

    combination: Combination
    low: float = -inf
    high: float = inf
    strict: bool = False

    def rows(self, libraries: Libraries) -> Bounds | None:
        """Return one line; none where it asks nothing of these terms."""
        row, number = self.combination.row(libraries)[None], self.combination.number
        low, high = self.low - number, self.high - number
        if not row.any() and low <= 0.0 <= high:
            return None
        return Bounds(row, np.array([low]), np.array([high]))

    def wish(self, target: int) -> Wish:
        """Return the term of a coefficient that may not be zero."""
        alone = len(self.combination.weights) == 1
        low, high = self.low - self.combination.number, self.high - self.combination.number
        needed = alone and (self.strict or not low <= 0.0 <= high)
        return Wish(self.combination.terms(target) if needed else ())

    def ties(self, n_targets: int) -> tuple[tuple[int, ...], ...]:
        """Return the targets whose coefficients it names, where they are several."""
        return (self.combination.targets,) if len(self.combination.targets) > 1 else ()

    def speaks_of(self, target: int) -> bool:
        """Return whether it names a coefficient of a target."""
        return target in self.combination.targets


def combined(parts: Sequence[tuple[Place, float]], number: float = 0.0) -> Combination:
    """Return a combination in which every coefficient stands once."""
    total: dict[Place, float] = {}
    for (i, term), weight in parts:
        place = (i, simplify(term))
        total[place] = total.get(place, 0.0) + weight
    return Combination(tuple((place, weight) for place, weight in total.items() if weight), number)
