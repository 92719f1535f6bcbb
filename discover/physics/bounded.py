"""Motions that stay: simulated for several times the length of the record, they do not run away."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.contract import Constraint
from discover.expr import Expr
from discover.physics.requirement import Requirement
from discover.physics.samples import box_of
from discover.physics.subject import Subject
from discover.physics.wording import names_of, only_motion, targets_of
from discover.problem import Problem
from discover.simulate import simulate
from discover.simulate.field import VectorField

LONGER = 5.0
"""Lengths of the longest stretch that is simulated."""

WIDER = 10.0
"""Ranges of the data from their middle that a motion may reach."""

N_STARTS = 4
N_TIMES = 400


@dataclass(frozen=True, slots=True)
class Bounded(Requirement):
    """Simulated motions stay within ten times the range of the data.

    Attributes:
        targets: the states that are watched.
    """

    targets: tuple[int, ...]

    @property
    def is_checked(self) -> bool:
        """Whether only `refuse` can tell: it is no matter of single coefficients."""
        return True

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return the state that runs away; laws with inputs are not simulated."""
        if problem.n_variables > problem.n_states:
            return None
        low, high = box_of(problem)
        law = VectorField(self.subject.targets, (), tuple(system))
        blocks = sorted(problem, key=lambda block: -block.n_samples)[:N_STARTS]
        length = LONGER * max(float(block.time[-1] - block.time[0]) for block in blocks)
        for block in blocks:
            start = block.X_smooth[: problem.n_states, 0]
            motion = simulate(law, start, np.linspace(0.0, length, N_TIMES), rtol=1e-6)
            for i in self.targets:
                values = motion[self.subject.targets[i]].values
                reach = np.abs(values - 0.5 * (low[i] + high[i])) / (high[i] - low[i] or 1.0)
                if not np.isfinite(reach).all() or reach.max() > WIDER:
                    return f"a simulated motion of {self.subject.targets[i]} runs away"
        return None

    def held(self, system: Sequence[Expr], problem: Problem) -> str:
        """Return how long motions were simulated."""
        if problem.n_variables > problem.n_states:
            return "not looked at: the law has inputs, which are not known beyond the record"
        return f"tested: simulated from measured states for {LONGER:g} times the longest stretch"


def read(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "bounded" or "bounded: x, y".

    Raises:
        SettingError: for what has no equation.
    """
    only_motion(text, subject)
    names = names_of(text, about, subject, "bounded: x, y") if about else subject.targets
    return [Bounded(text, subject, targets_of(text, names, subject))]
