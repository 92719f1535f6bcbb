"""Flows that keep volume in the space of states: Σ ∂f_i/∂x_i = 0."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.contract import Constraint
from discover.expr import Expr, differentiate
from discover.expr.expansion import expand
from discover.physics.requirement import Identity, Weights
from discover.physics.samples import points, rates
from discover.physics.subject import Subject
from discover.physics.wording import only_motion
from discover.problem import Problem


@dataclass(frozen=True, slots=True)
class Divergence(Identity):
    """The divergence of the right-hand sides is zero everywhere."""

    def contribution(self, target: int, term: Expr) -> Weights:
        """Return a term's slope by its own state, multiplied out."""
        return dict(expand(differentiate(term, self.subject.index_of(target))))

    def ties(self, n_targets: int) -> tuple[tuple[int, ...], ...]:
        """Return all targets."""
        return (tuple(range(n_targets)),) if n_targets > 1 else ()

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return that there is a divergence at measured states."""
        slopes = [differentiate(rate, self.subject.index_of(i)) for i, rate in enumerate(system)]
        values = rates(slopes, points(problem))
        size = np.abs(values).sum(axis=0).max() or 1.0
        worst = np.abs(values.sum(axis=0)).max()
        return None if worst <= 1e-6 * size else f"the divergence is {worst:.2g} somewhere, not zero"


def read(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "divergence-free".

    Raises:
        SettingError: for laws that are no rates.
    """
    only_motion(text, subject)
    return [Divergence(text, subject)]
