"""Parts of an equation that are known: domega/dt = -g*sin(theta) + ..., or all of it but for its constants."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.contract import Bounds, Libraries, Wish
from discover.expr import Expr, simplify
from discover.physics.requirement import Requirement


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a known form: factor · parameter · term, or factor · term where its number is given.

    Attributes:
        term: in canonical form.
        factor: what stands before it.
        parameter: name of a constant that is to be fitted; "" for none.
    """

    term: Expr
    factor: float
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Form(Requirement):
    """The equation of a target holds these parts, and others only where it is open.

    Attributes:
        target: whose equation.
        parts: what is known to be in it.
        is_open: whether other terms may join them: "+ ...".
    """

    target: int
    parts: tuple[Part, ...]
    is_open: bool

    def rows(self, libraries: Libraries) -> Bounds | None:
        """Return the value of every coefficient that is given, and zero for those that may not be there."""
        given = {part.term: part.factor for part in self.parts if not part.parameter}
        named = {part.term for part in self.parts if part.parameter}
        first = sum(map(len, libraries[: self.target]))
        n, A, b = sum(map(len, libraries)), [], []
        mine = [simplify(term) for term in libraries[self.target]]
        for k, term in enumerate(mine):
            if term in given or (not self.is_open and term not in named):
                A.append(np.eye(n)[first + k])
                b.append(given.get(term, 0.0))
        for term, value in given.items():
            if term not in mine:  # it has to be there, and is not: nothing obeys
                A.append(np.zeros(n))
                b.append(value)
        return Bounds(np.array(A), np.array(b), np.array(b)) if A else None

    def wish(self, target: int) -> Wish:
        """Return the parts, which have to be in."""
        if target != self.target:
            return Wish()
        return Wish(tuple(part.term for part in self.parts), not self.is_open)

    def speaks_of(self, target: int) -> bool:
        """Return whether it is the target's form."""
        return target == self.target


def places(forms: Sequence[Form], parameter: str) -> list[tuple[tuple[int, Expr], float]]:
    """Return where a parameter stands, and with which factor."""
    return [
        ((form.target, part.term), part.factor) for form in forms for part in form.parts if part.parameter == parameter
    ]
