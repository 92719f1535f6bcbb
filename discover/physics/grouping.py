"""What enters together or not at all: terms ("together: x*y, y**2 in x'") and variables ("inseparable: x, z")."""

from collections.abc import Sequence
from dataclasses import dataclass

from discover.contract import Constraint, Wish
from discover.errors import SettingError
from discover.expr import Expr, simplify
from discover.expr.expansion import expand
from discover.physics.requirement import EXACT, Requirement
from discover.physics.subject import Subject
from discover.physics.wanted import equations_of, named
from discover.physics.wording import expression, names_of, split
from discover.problem import Problem


@dataclass(frozen=True, slots=True)
class Together(Requirement):
    """Terms of one equation that are all in it or all absent.

    Attributes:
        target: whose equation.
        terms: two or more products, in canonical form.
    """

    target: int
    terms: tuple[Expr, ...]

    @property
    def is_checked(self) -> bool:
        """Whether every candidate is asked: a term may be dropped after the search."""
        return True

    def wish(self, target: int) -> Wish:
        """Return the terms as one choice."""
        return Wish(together=(self.terms,)) if target == self.target else Wish()

    def speaks_of(self, target: int) -> bool:
        """Return whether a target's terms are concerned."""
        return target == self.target

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return which of the terms are there while others are not."""
        there = expand(system[self.target])
        inside = [term for term in self.terms if set(expand(term)) <= set(there)]
        if not inside or len(inside) == len(self.terms):
            return None
        absent = [self.subject.spelled(term) for term in self.terms if term not in inside]
        has = ", ".join(self.subject.spelled(term) for term in inside)
        return f"{self.subject.left(self.target)} has {has} and lacks {', '.join(absent)}"

    def held(self, system: Sequence[Expr], problem: Problem) -> str:
        """Return that they were chosen as one."""
        return EXACT


@dataclass(frozen=True, slots=True)
class Inseparable(Requirement):
    """Variables that all occur in a right-hand side, or none of them.

    Attributes:
        target: whose right-hand side.
        variables: by index, two or more.
    """

    target: int
    variables: tuple[int, ...]

    @property
    def is_checked(self) -> bool:
        """Whether only `refuse` can tell: it is no matter of single coefficients."""
        return True

    def speaks_of(self, target: int) -> bool:
        """Return whether a target is concerned."""
        return target == self.target

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return which of the variables occur while others do not."""
        there = set(simplify(system[self.target]).variables)
        inside = [self.subject.names[v] for v in self.variables if v in there]
        absent = [self.subject.names[v] for v in self.variables if v not in there]
        if not inside or not absent:
            return None
        where = self.subject.targets[self.target] if self.subject.is_formula else self.subject.left(self.target)
        return f"{where} holds {', '.join(inside)} and not {', '.join(absent)}"

    def held(self, system: Sequence[Expr], problem: Problem) -> str:
        """Return that it was read off."""
        return "proven: read off the right-hand side"


def read_together(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "together: x*y, y**2 in dx/dt"; of every equation by itself where none is named.

    Raises:
        SettingError: for fewer than two terms, sums, equations that are not there, and formulas.
    """
    if subject.is_formula:
        raise SettingError(f'"{text}" is not for formulas, which have no library; "inseparable: …" names variables.')
    words, targets = equations_of(text, about, subject)
    terms = tuple(dict.fromkeys(simplify(expression(text, piece, subject)) for piece in split(words) if piece))
    if len(terms) < 2:
        raise SettingError(f'"{text}" should name two terms or more, such as "together: x*y, y**2".')
    for term in terms:
        if len(expand(term)) != 1:
            raise SettingError(f'"{text}" should name products; {subject.spelled(term)} is a sum of several.')
    return [Together(named(text, target, targets, subject), subject, target, terms) for target in targets]


def read_inseparable(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "inseparable: x, z" or "inseparable: x, z in dy/dt"; of every equation by itself where none is named.

    Raises:
        SettingError: for fewer than two variables, and names that are not there.
    """
    words, targets = equations_of(text, about, subject)
    names = names_of(text, words, subject, "inseparable: x, z")
    if len(names) < 2:
        raise SettingError(f'"{text}" should name two variables or more, such as "inseparable: x, z".')
    found = tuple(subject.variable(name, text) for name in names)
    return [Inseparable(named(text, target, targets, subject), subject, target, found) for target in targets]
