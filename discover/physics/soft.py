"""What is known of a coefficient beforehand with an error bar: g = 9.81 ± 0.02.

It takes part in every fit like one more measurement.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.contract import Known, Libraries
from discover.expr import Expr
from discover.physics.coefficient import Combination
from discover.physics.requirement import Requirement
from discover.problem import Problem


@dataclass(frozen=True, slots=True)
class Soft(Requirement):
    """A combination of coefficients is about `mean`, give or take one standard deviation `std`."""

    combination: Combination
    mean: float
    std: float

    def prior(self, libraries: Libraries) -> Known | None:
        """Return one line; none where none of its terms is there."""
        row = self.combination.row(libraries)[None]
        if not row.any():
            return None
        return Known(row, np.array([self.mean - self.combination.number]), np.array([self.std]))

    def ties(self, n_targets: int) -> tuple[tuple[int, ...], ...]:
        """Return the targets whose coefficients it names, where they are several."""
        return (self.combination.targets,) if len(self.combination.targets) > 1 else ()

    def speaks_of(self, target: int) -> bool:
        """Return whether it names a coefficient of a target."""
        return target in self.combination.targets

    def held(self, system: Sequence[Expr], problem: Problem) -> str:
        """Return that it is one more measurement."""
        return "taken as one more measurement, with its error bar"
