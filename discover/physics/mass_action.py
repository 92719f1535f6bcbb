"""Mass action: rates are products of concentrations, and what is used up is there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.contract import Bounds, Constraint, Libraries
from discover.expr import Expr, exponents, simplify
from discover.physics.positivity import Positivity, signed
from discover.physics.subject import Subject
from discover.physics.wording import names_of, only_motion, targets_of
from discover.problem import Problem


@dataclass(frozen=True, slots=True)
class MassAction(Positivity):
    """Every term is a product of whole powers of variables, and every negative one carries its own state."""

    def rows(self, libraries: Libraries) -> Bounds | None:
        """Return the signs of products, and zero for everything else."""
        return signed(self, [(i, term, self.sign(i, term)) for i, terms in enumerate(libraries) for term in terms])

    def sign(self, target: int, term: Expr) -> int | None:
        """Return 1 or -1 for the sign that a term's coefficient must have, 0 for none at all, None for any."""
        if target in self.targets and exponents(simplify(term)) is None:
            return 0
        return Positivity.sign(self, target, term)

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return the state whose rate is negative where it is zero, at points like those measured."""
        return Positivity.refuse(self, system, problem) if np.isfinite(problem.scale).all() else None


def read(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "mass-action", of all states or of those named.

    Raises:
        SettingError: for what has no equation.
    """
    only_motion(text, subject)
    names = names_of(text, about, subject, "mass-action: A, B") if about else subject.targets
    return [MassAction(text, subject, targets_of(text, names, subject))]
