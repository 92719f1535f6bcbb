"""Continuous symmetries by their generators: shifts, turns, changes of scale and of a moving frame.

For a field L on the states the law is unchanged where Σ L_j ∂f_i/∂x_j - Σ f_j ∂L_i/∂x_j + w f_i is a given number for
every equation i; w is what time scales by.

Source: Olver (1993), Applications of Lie Groups to Differential Equations, doi:10.1007/978-1-4612-4350-2, chapter 2.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from discover.contract import Constraint
from discover.errors import SettingError
from discover.expr import Expr, constant, differentiate, multiply, negate, variable
from discover.expr.expansion import combine, expand
from discover.physics.requirement import Identity, Weights
from discover.physics.samples import points, rates
from discover.physics.subject import Subject
from discover.physics.wording import names_of, number, only_motion, split, tuples_of
from discover.problem import Problem

ZERO, ONE = constant(0.0), constant(1.0)


@dataclass(frozen=True, slots=True)
class Generator(Identity):
    """The law keeps its form along a field of small changes.

    Attributes:
        field: what every variable changes by.
        time: what time scales by.
        sums: the number that the change of every equation must be.
        only: the equation that it is about; None for all.
    """

    field: tuple[Expr, ...]
    time: float
    sums: tuple[float, ...]
    only: int | None = None

    def contribution(self, target: int, term: Expr) -> Weights:
        """Return what a term changes by in every equation."""
        n = self.subject.n_targets
        own = expand(multiply(constant(self.time), term)) if self.time else {}
        for v in set(term.variables):
            if self.field[v] != ZERO:
                own = combine(own, expand(multiply(self.field[v], differentiate(term, v))))
        found: dict[Hashable, float] = {(target, key): value for key, value in own.items()}
        for i in range(n):
            slope = differentiate(self.field[self.subject.index_of(i)], self.subject.index_of(target))
            if slope != ZERO:
                for key, value in expand(multiply(slope, term)).items():
                    found[i, key] = found.get((i, key), 0.0) - value
        return {key: value for key, value in found.items() if abs(value) > 1e-12}

    def total(self) -> Weights:
        """Return the number of every equation."""
        return {(i, ()): value for i, value in enumerate(self.sums) if value and self.speaks_of(i)}

    def speaks_of(self, target: int) -> bool:
        """Return whether it is about a target's equation."""
        return self.only in (None, target)

    def ties(self, n_targets: int) -> tuple[tuple[int, ...], ...]:
        """Return the targets whose changes depend on each other."""
        own = [self.subject.index_of(i) for i in range(n_targets)]
        pairs = [(i, j) for i in range(n_targets) for j in range(n_targets) if i != j]
        return tuple((i, j) for i, j in pairs if own[j] in self.field[own[i]].variables)

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return the equation that changes, at measured states."""
        X = points(problem)
        values = rates(system, X)
        for i, rate in enumerate(system):
            if not self.speaks_of(i):
                continue
            parts = [multiply(self.field[v], differentiate(rate, v)) for v in rate.variables if self.field[v] != ZERO]
            total = rates(parts, X).sum(axis=0) if parts else np.zeros(X.shape[1])
            size = np.abs(values).max() or 1.0
            own = self.field[self.subject.index_of(i)]
            for j in range(len(system)):
                slope = differentiate(own, self.subject.index_of(j))
                if slope != ZERO:
                    total = total - rates([slope], X)[0] * values[j]
            total = total + self.time * values[i] - self.sums[i]
            if np.abs(total).max() > 1e-6 * size:
                return f"{self.subject.left(i)} does not keep its form, by {np.abs(total).max() / size:.2g} of its size"
        return None


def _made(text: str, subject: Subject, changes: dict[str, Expr], time: float = 0.0) -> Generator:
    for name in changes:
        subject.variable(name, text)
    field = tuple(changes.get(name, ZERO) for name in subject.names)
    return Generator(text, subject, field, time, (0.0,) * subject.n_targets)


def read_translation(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "translation: x1, x2": nothing changes where all of these are shifted by the same.

    Raises:
        SettingError: for names that are not there.
    """
    return [_made(text, subject, dict.fromkeys(names_of(text, about, subject, "translation: x1, x2"), ONE))]


def read_rotation(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "rotation: (x, y), (vx, vy)": nothing changes where these pairs are turned by one angle.

    Raises:
        SettingError: where they are no pairs.
    """
    changes = dict[str, Expr]()
    for pair in tuples_of(text, about, subject, "rotation: (x, y), (vx, vy)"):
        if len(pair) != 2:
            raise SettingError(f'"{text}" should name pairs, such as "rotation: (x, y), (vx, vy)".')
        a, b = (variable(subject.variable(name, text)) for name in pair)
        changes |= {pair[0]: negate(b), pair[1]: a}
    return [_made(text, subject, changes)]


def read_scaling(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "scaling: x = 1, y = 2, t = -1": multiplied by powers of one factor, the variables obey the same law.

    Raises:
        SettingError: where it names no powers.
    """
    changes, time = dict[str, Expr](), 0.0
    for piece in split(about):
        name, equals, power = piece.partition("=")
        name = name.strip(" `")
        if not equals:
            raise SettingError(f'"{text}" should read like "scaling: x = 1, y = 2, t = -1".')
        if name in ("t", subject.time) and name not in subject.names:
            time = number(text, power)
        else:
            changes[name] = constant(number(text, power)) * variable(subject.variable(name, text))
    if subject.is_map and time:
        raise SettingError(f'"{text}": the steps of a map have no scale.')
    time *= max(subject.orders, default=1)
    return [_made(text, subject, changes, time)]


def read_galilean(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "galilean: (x, vx)": in a frame that moves evenly, positions drift and velocities are shifted.

    Raises:
        SettingError: where they are no pairs of a position and its velocity.
    """
    only_motion(text, subject)
    made = list[Constraint]()
    for pair in tuples_of(text, about, subject, "galilean: (x, vx), (y, vy)"):
        if len(pair) != 2:
            raise SettingError(f'"{text}" should pair positions and velocities: "galilean: (x, vx)".')
        x = subject.target(pair[0], text)
        sums = tuple(1.0 if i == x else 0.0 for i in range(subject.n_targets))
        one = _made(text, subject, {pair[1]: ONE})
        made += [Generator(text, subject, one.field, 0.0, sums, i) for i in range(subject.n_targets)]
    return made
