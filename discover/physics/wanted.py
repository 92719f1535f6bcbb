"""Terms that have to be in an equation, and terms that may not: "forced: x*y in x'", "forbidden: x**2"."""

from collections.abc import Sequence
from dataclasses import dataclass

from discover.contract import Constraint, Wish
from discover.errors import SettingError
from discover.expr import Expr, simplify
from discover.expr.expansion import expand
from discover.physics.relation import line_of, tree_of
from discover.physics.requirement import Identity, Requirement, Weights
from discover.physics.subject import Subject
from discover.physics.wording import expression, split
from discover.problem import Problem


@dataclass(frozen=True, slots=True)
class Forbidden(Identity):
    """Terms that may not be in some equations.

    Attributes:
        targets: whose equations.
        terms: in canonical form.
    """

    targets: tuple[int, ...]
    terms: tuple[Expr, ...]

    def contribution(self, target: int, term: Expr) -> Weights:
        """Return a term that has to go."""
        whole = simplify(term)
        return {(target, whole): 1.0} if target in self.targets and whole in self.terms else {}

    def speaks_of(self, target: int) -> bool:
        """Return whether a target's terms are concerned."""
        return target in self.targets


@dataclass(frozen=True, slots=True)
class Needed(Requirement):
    """Terms that have to be in some equations.

    Attributes:
        targets: whose equations.
        terms: in canonical form.
    """

    targets: tuple[int, ...]
    terms: tuple[Expr, ...]

    @property
    def is_checked(self) -> bool:
        """Whether every candidate is asked: where equations are tied, others may leave a term nothing."""
        return True

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return the first term that is lacking."""
        for i in self.targets:
            there = set(expand(system[i]))
            for term in self.terms:
                if not set(expand(term)) <= there:
                    return f"{self.subject.left(i)} lacks {self.subject.spelled(term)}"
        return None

    def wish(self, target: int) -> Wish:
        """Return the terms."""
        return Wish(self.terms) if target in self.targets else Wish()

    def speaks_of(self, target: int) -> bool:
        """Return whether a target's terms are concerned."""
        return target in self.targets


def read(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "forced: x, x*y in dx/dt" or "forbidden: x**2"; of all equations where none is named.

    Raises:
        SettingError: for terms or equations that are not there, and for formulas.
    """
    if subject.is_formula:
        raise SettingError(f'"{text}" is not for formulas, which have no library; give form=, or say what values do.')
    words, targets = equations_of(text, about, subject)
    if not words.strip():
        raise SettingError(f'"{text}" should name terms, such as "forced: x*y in {subject.left(0)}".')
    terms = tuple(simplify(expression(text, piece, subject)) for piece in split(words))
    if text.split(":")[0].strip().lower() == "forbidden":
        return [Forbidden(text, subject, targets, terms)]
    return [Needed(named(text, target, targets, subject), subject, (target,), terms) for target in targets]


def equations_of(text: str, about: str, subject: Subject) -> tuple[str, tuple[int, ...]]:
    """Return what stands before "in dx/dt", and the number of that equation; of all equations where none is named.

    Raises:
        SettingError: where what stands behind is no left-hand side.
    """
    words, _, left = about.rpartition(" in ") if " in " in about else (about, "", "")
    if not left:
        return words, tuple(range(subject.n_targets))
    line = line_of(left, subject)
    tree_of(line)
    if line.plain not in line.lefts:
        raise SettingError(f'"{text}" should end with a left-hand side such as {subject.left(0)}, not "{left}".')
    return words, (line.lefts[line.plain],)


def named(text: str, target: int, targets: Sequence[int], subject: Subject) -> str:
    """Return the requirement on one of several equations, so that the one that is blamed is told."""
    return text if len(targets) == 1 else f"{text} in {subject.left(target)}"
