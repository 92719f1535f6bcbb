"""A quantity H(x) that is conserved: ∇H · f = 0, whatever the state."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.contract import Constraint
from discover.errors import SettingError
from discover.expr import Expr, compile_program, constant, differentiate, multiply
from discover.expr.expansion import expand
from discover.physics.requirement import Identity, Weights
from discover.physics.samples import points, rates
from discover.physics.subject import Subject
from discover.physics.wording import expression, only_motion
from discover.problem import Problem

ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Conserved(Identity):
    """A quantity that no motion changes; for maps it is a sum of states times numbers.

    Attributes:
        quantity: over the states.
        slopes: its derivative by the variable of every target.
    """

    quantity: Expr
    slopes: tuple[Expr, ...]

    def contribution(self, target: int, term: Expr) -> Weights:
        """Return what a term changes the quantity by, multiplied out."""
        return dict(expand(multiply(self.slopes[target], term)))

    def total(self) -> Weights:
        """Return zero; for a map the quantity itself, which the next values have to give again."""
        return dict(expand(self.quantity)) if self.subject.is_map else {}

    def ties(self, n_targets: int) -> tuple[tuple[int, ...], ...]:
        """Return the targets that the quantity depends on."""
        mine = tuple(i for i in range(n_targets) if self.speaks_of(i))
        return (mine,) if len(mine) > 1 else ()

    def speaks_of(self, target: int) -> bool:
        """Return whether the quantity depends on a target."""
        return self.slopes[target] != constant(0.0)

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return that the quantity changes, where it does at measured states."""
        if self.subject.is_map:
            return None
        X = points(problem)
        change = compile_program(self.slopes, len(X)).evaluate(X) * rates(system, X)
        size = np.abs(change).sum(axis=0).max() or 1.0
        worst = np.abs(change.sum(axis=0)).max()
        if worst <= ROUNDING * size:
            return None
        return f"{self.subject.spelled(self.quantity)} is not conserved: it changes by {worst / size:.2g} of its parts"


def read(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "conserve: x**2 + y**2"; of a field, "conserve: u" is its total.

    Raises:
        SettingError: for what is no quantity of the states.
    """
    if subject.space:
        from discover.physics.flux import read as read_flux

        return read_flux(text, about, subject)
    only_motion(text, subject, maps=True)
    if not about:
        raise SettingError(f'"{text}" should say what is conserved, such as "conserve: x**2 + y**2".')
    quantity = expression(text, about, subject)
    states = {subject.index_of(i) for i in range(subject.n_targets)}
    others = [subject.names[v] for v in quantity.variables if v not in states]
    if others or not quantity.variables:
        raise SettingError(
            f'"{text}" must be a quantity of the states {", ".join(subject.targets)}'
            f"{f', and {others[0]} has no equation' if others else ''}."
        )
    slopes = tuple(differentiate(quantity, subject.index_of(i)) for i in range(subject.n_targets))
    if subject.is_map and any(slope.value is None for slope in slopes):
        raise SettingError(f'"{text}": of a map only a sum of states times numbers can be conserved.')
    return [Conserved(text, subject, quantity, slopes)]
