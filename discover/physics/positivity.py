"""Populations and concentrations stay positive: every negative term of x' carries x."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf

import numpy as np

from discover.contract import Bounds, Constraint, Libraries
from discover.expr import Expr, constant, interval, simplify, substitute, variable
from discover.physics.requirement import EXACT, Requirement
from discover.physics.samples import points, rates
from discover.physics.subject import Subject
from discover.physics.wording import names_of, only_motion, targets_of
from discover.problem import Problem


@dataclass(frozen=True, slots=True)
class Positivity(Requirement):
    """Where a state is zero and the others are not negative, its rate is not negative.

    Of a sum of terms that is so where every term that does not vanish with the state has a coefficient of its own sign.

    Attributes:
        targets: the states that stay positive.
    """

    targets: tuple[int, ...]

    def rows(self, libraries: Libraries) -> Bounds | None:
        """Return the sign of every coefficient that has to have one."""
        return signed(self, [(i, term, self.sign(i, term)) for i, terms in enumerate(libraries) for term in terms])

    def sign(self, target: int, term: Expr) -> int | None:
        """Return 1 or -1 for the sign that a term's coefficient must have, 0 for none at all, None for any."""
        if target not in self.targets:
            return None
        return _sign(self.subject, self.targets, target, term)

    def speaks_of(self, target: int) -> bool:
        """Return whether a target stays positive."""
        return target in self.targets

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return the state whose rate is negative where it is zero, at points like those measured."""
        for i in self.targets:
            X = np.abs(points(problem))
            X[self.subject.index_of(i)] = 0.0
            rate = rates([system[i]], X)[0]
            if np.nanmin(rate, initial=0.0) < -1e-9 * (np.nanmax(np.abs(rate), initial=0.0) + 1e-300):
                name = self.subject.targets[i]
                return f"{self.subject.left(i)} is negative where {name} is zero, so {name} would become negative"
        return None

    def held(self, system: Sequence[Expr], problem: Problem) -> str:
        """Return that the signs of coefficients see to it."""
        return EXACT


@lru_cache(maxsize=100_000)
def _sign(subject: Subject, positive: tuple[int, ...], target: int, term: Expr) -> int | None:
    n, own = len(subject.names), subject.index_of(target)
    leaves = [constant(0.0) if v == own else variable(v) for v in range(n)]
    there = simplify(substitute(term, leaves))
    if there.value == 0.0:
        return None
    above = {subject.index_of(i) for i in positive}
    found = interval(there, [0.0 if v in above else -inf for v in range(n)], [inf] * n)
    if found.low >= 0.0:
        return 1
    return -1 if found.high <= 0.0 else 0


def signed(of: Requirement, signs: Sequence[tuple[int, Expr, int | None]]) -> Bounds | None:
    """Return bounds that give coefficients their signs: 1, -1, 0 for no coefficient, None for any."""
    told = [(k, sign) for k, (_, _, sign) in enumerate(signs) if sign is not None]
    if not told:
        return None
    A = np.zeros((len(told), len(signs)))
    A[np.arange(len(told)), [k for k, _ in told]] = 1.0
    lower = np.array([-inf if sign < 0 else 0.0 for _, sign in told])
    upper = np.array([inf if sign > 0 else 0.0 for _, sign in told])
    return Bounds(A, lower, upper)


def read(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "positive: hare, lynx".

    Raises:
        SettingError: for what has no equation, and for laws whose states are not carried by rates.
    """
    if subject.is_formula:
        from discover.physics.shape import read_positive

        return read_positive(text, about, subject)
    only_motion(text, subject)
    names = subject.targets if about in ("", "all") else names_of(text, about, subject, "positive: hare, lynx")
    return [Positivity(text, subject, targets_of(text, names, subject))]
