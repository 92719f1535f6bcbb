"""What a constraint is about: the names that it may speak of, and which of them have an equation."""

from collections.abc import Sequence
from dataclasses import dataclass

from discover.errors import SettingError, did_you_mean
from discover.expr import Expr, parse, text
from discover.problem import Problem


@dataclass(frozen=True, slots=True)
class Subject:
    """The names of a problem.

    Attributes:
        names: of the variables, by index.
        targets: of those that have an equation, in order.
        time: the independent variable; `space` the coordinates of a field.
        orders: how often each left-hand side is differentiated by time.
        formulation: of the problem.
    """

    names: tuple[str, ...]
    targets: tuple[str, ...]
    time: str = "time"
    space: tuple[str, ...] = ()
    orders: tuple[int, ...] = ()
    formulation: str = "weak"

    @property
    def axes(self) -> tuple[str, ...]:
        return (self.time, *self.space)

    @property
    def n_targets(self) -> int:
        return len(self.targets)

    @property
    def is_map(self) -> bool:
        return self.formulation == "discrete"

    @property
    def is_formula(self) -> bool:
        return self.formulation == "algebraic"

    def order_of(self, target: int) -> int:
        """Return how often the left-hand side of a target is differentiated by time."""
        return self.orders[target] if self.orders else 1

    def target(self, name: str, where: str) -> int:
        """Return the number of a target.

        Raises:
            SettingError: where it has no equation; `where` is the requirement.
        """
        if name not in self.targets:
            raise SettingError(f'"{where}" speaks of {name}, which has no equation.{did_you_mean(name, self.targets)}')
        return self.targets.index(name)

    def variable(self, name: str, where: str) -> int:
        """Return the number of a variable.

        Raises:
            SettingError: where there is none of that name; `where` is the requirement.
        """
        if name not in self.names:
            raise SettingError(f'"{where}" speaks of {name}, which is not there.{did_you_mean(name, self.names)}')
        return self.names.index(name)

    def index_of(self, target: int) -> int:
        """Return which variable a target is."""
        return self.names.index(self.targets[target])

    def parse(self, words: str) -> Expr:
        """Return an expression of these names."""
        return parse(words, self.names, self.axes)

    def spelled(self, expr: Expr) -> str:
        """Return an expression as text that is read back."""
        return text(expr, self.names, self.axes)

    def left(self, target: int) -> str:
        """Return the left-hand side of a target as text."""
        name = self.targets[target]
        if self.is_formula:
            return name
        return f"{name}[n+1]" if self.is_map else name + "'" * self.order_of(target)


def subject_of(problem: Problem) -> Subject:
    """Return the names of a problem."""
    return Subject(
        names=problem.names,
        targets=problem.targets,
        time=problem.time,
        space=problem.space,
        orders=tuple(problem.orders),
        formulation=problem.formulation,
    )


def listed(words: Sequence[str]) -> str:
    """Return names as people list them.

    >>> listed(["x"]), listed(["x", "y", "z"])
    ('x', 'x, y and z')
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
