"""Laws that look the same after a change of variables, f(S x) = DS f(x): a mirror, an exchange, time run backwards."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from discover.contract import Constraint
from discover.errors import SettingError
from discover.expr import Expr, compile_program, constant, differentiate, multiply, simplify, substitute, variable
from discover.expr.expansion import expand
from discover.physics.requirement import Identity, Weights
from discover.physics.samples import points, rates
from discover.physics.subject import Subject
from discover.physics.wording import expression, names_of, split
from discover.problem import Array, Problem


@dataclass(frozen=True, slots=True)
class Equivariance(Identity):
    """The right-hand sides at the changed variables are those of the changed variables, times `sign`.

    Attributes:
        image: what every variable becomes.
        slopes: derivative of the image of each target (rows) by the variable of each target (columns).
        sign: -1 where time runs backwards.
    """

    image: tuple[Expr, ...]
    slopes: tuple[tuple[Expr, ...], ...]
    sign: float = 1.0

    def contribution(self, target: int, term: Expr) -> Weights:
        """Return what a term leaves in every equation of f(S x) - sign · DS f(x)."""
        found: dict[Hashable, float] = {}
        for key, value in expand(substitute(term, self.image)).items():
            found[target, key] = value
        for k, line in enumerate(self.slopes):
            if line[target] != constant(0.0):
                for key, value in expand(multiply(line[target], term)).items():
                    found[k, key] = found.get((k, key), 0.0) - self.sign * value
        return {key: value for key, value in found.items() if abs(value) > 1e-12}

    def ties(self, n_targets: int) -> tuple[tuple[int, ...], ...]:
        """Return the targets that the change mixes."""
        zero = constant(0.0)
        return tuple((k, j) for k in range(n_targets) for j in range(n_targets) if k != j and self.slopes[k][j] != zero)

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return that the right-hand sides are others after the change, at measured states."""
        X = points(problem)
        changed = np.ascontiguousarray(compile_program(self.image, len(X)).evaluate(X))
        there, here = rates(system, changed), rates(system, X)
        n = len(system)
        S = compile_program([slope for line in self.slopes for slope in line], len(X)).evaluate(X).reshape(n, n, -1)
        off = there - self.sign * np.einsum("kjn,jn->kn", S, here)
        lost = np.flatnonzero((np.isfinite(here) & ~np.isfinite(there)).any(axis=1))
        if len(lost):
            return f"{self.subject.left(int(lost[0]))} has no value after the change of variables"
        known = np.isfinite(off)
        size = _largest(here, known) + _largest(there, known)
        worst = _largest(off, known) / np.where(size > 0.0, size, 1.0)
        if not (worst > 1e-6).any():
            return None
        i = int(np.argmax(worst))
        return f"{self.subject.left(i)} is another after the change of variables, by {worst[i]:.2g} of its size"


def _largest(values: Array, where: np.ndarray) -> Array:
    """Return the largest size in every row (n_rows,) of values (n_rows, n), of those that are asked about."""
    return np.where(where, np.abs(values), 0.0).max(axis=1, initial=0.0)


def changed(text: str, subject: Subject, images: dict[str, Expr], sign: float = 1.0) -> Equivariance:
    """Return the equivariance under a change of some variables, the others staying as they are."""
    image = tuple(images.get(name, variable(v)) for v, name in enumerate(subject.names))
    own = [subject.index_of(i) for i in range(subject.n_targets)]
    slopes = tuple(tuple(differentiate(image[k], j) for j in own) for k in own)
    if (subject.is_map or 2 in subject.orders) and any(s.value is None for line in slopes for s in line):
        raise SettingError(f'"{text}": of maps and of laws of second order the change must be linear in the states.')
    return Equivariance(text, subject, image, slopes, sign)


def _images(text: str, about: str, subject: Subject) -> dict[str, Expr]:
    sides = split(about, "->")
    example = f"{text.split(':')[0]}: (x, y) -> (-x, -y)"
    if len(sides) != 2:
        raise SettingError(f'"{text}" should say what becomes of what, such as "{example}".')
    before = names_of(text, sides[0], subject, example)
    inside = sides[1].strip()
    pieces = split(inside[1:-1]) if len(before) > 1 and inside.startswith("(") and inside.endswith(")") else [inside]
    if len(pieces) != len(before):
        raise SettingError(f'"{text}" changes {len(before)} variables into {len(pieces)}.')
    for name in before:
        subject.variable(name, text)
    return {name: simplify(expression(text, piece, subject)) for name, piece in zip(before, pieces, strict=True)}


def read_symmetric(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "symmetric: (x, y) -> (-x, -y)".

    Raises:
        SettingError: where it is no change of variables.
    """
    return [changed(text, subject, _images(text, about, subject))]


def read_reversible(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "reversible: (q, p) -> (q, -p)": the change that time run backwards amounts to.

    Raises:
        SettingError: where it is no change of variables, or time cannot run backwards.
    """
    if subject.is_map or subject.is_formula or len(set(subject.orders or (1,))) > 1:
        raise SettingError(f'"{text}" is for laws of motion whose equations are all of one order.')
    sign = 1.0 if 2 in subject.orders else -1.0
    return [changed(text, subject, _images(text, about, subject), sign)]


def read_parity(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "even: x" or "odd: theta, omega": every right-hand side is even, or odd, where these change their signs.

    Raises:
        SettingError: for names that are not there.
    """
    word = text.split(":")[0].strip().lower()
    names = names_of(text, about, subject, f"{word}: x")
    image = tuple(-variable(v) if name in names else variable(v) for v, name in enumerate(subject.names))
    for name in names:
        subject.variable(name, text)
    one, zero = constant(1.0), constant(0.0)
    n = subject.n_targets
    slopes = tuple(tuple(one if k == j else zero for j in range(n)) for k in range(n))
    return [Equivariance(text, subject, image, slopes, 1.0 if word == "even" else -1.0)]
