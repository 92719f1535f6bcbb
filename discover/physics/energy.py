"""Quadratic terms that preserve energy, as in fluids: Σ x_i q_i(x) = 0 for the quadratic part q of the rates.

Source: Schlegel and Noack (2015), doi:10.1017/jfm.2014.736.
"""

from dataclasses import dataclass

from discover.contract import Constraint
from discover.expr import Expr, exponents, multiply, simplify, variable
from discover.expr.expansion import expand
from discover.physics.requirement import Identity, Weights
from discover.physics.subject import Subject
from discover.physics.wording import names_of, only_motion, targets_of


@dataclass(frozen=True, slots=True)
class Energy(Identity):
    """The terms of second degree in some states neither make nor destroy the sum of their squares.

    Attributes:
        targets: the states.
    """

    targets: tuple[int, ...]

    def contribution(self, target: int, term: Expr) -> Weights:
        """Return the state times a term, where that is of second degree in the states."""
        own = {self.subject.index_of(i) for i in self.targets}
        powers = exponents(simplify(term))
        if target not in self.targets or powers is None or sum(n for v, n in powers.items() if v in own) != 2:
            return {}
        return dict(expand(multiply(variable(self.subject.index_of(target)), term)))

    def ties(self, n_targets: int) -> tuple[tuple[int, ...], ...]:
        """Return the states."""
        return (self.targets,) if len(self.targets) > 1 else ()

    def speaks_of(self, target: int) -> bool:
        """Return whether a target is among the states."""
        return target in self.targets


def read(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "energy-preserving: x, y, z"; all states where none is named.

    Raises:
        SettingError: for what has no equation.
    """
    only_motion(text, subject)
    names = names_of(text, about, subject, "energy-preserving: x, y, z") if about else subject.targets
    return [Energy(text, subject, tuple(sorted(targets_of(text, names, subject))))]
