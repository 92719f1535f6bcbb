"""Engine, Constraint and Budget: what a newcomer must implement."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import NamedTuple, Protocol, runtime_checkable

from discover.errors import SettingError
from discover.expr import Expr
from discover.front import Front
from discover.problem import Array, Problem

Observer = Callable[[str, float], None]
"""Told the name of the step, often a `Step`, and the share done, between 0 and 1."""


class Choice(NamedTuple):
    """One row of a front while it grows.

    Attributes:
        target: whose formula.
        complexity: names, numbers and operators of the formula.
        loss: what it leaves: root mean square relative to that of the target.
        formula: as text.
        is_best: whether its description is the shortest so far.
    """

    target: str
    complexity: float
    loss: float
    formula: str
    is_best: bool


class Step(str):
    """The name of a step, with the front so far where the step has one.

    >>> step = Step("templates", lambda: [Choice("y", 3, 0.1, "2*x", True)])
    >>> step, step.front()[0].formula
    ('templates', '2*x')
    """

    front: Callable[[], list[Choice]]

    def __new__(cls, name: str, front: Callable[[], list[Choice]] = list) -> "Step":
        step = super().__new__(cls, name)
        step.front = front
        return step


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a search may spend; it always stops at a step boundary and returns its best so far.

    Attributes:
        seconds: wall-clock limit, None for no limit.
        max_evals: limit in candidate evaluations (the same answer on every machine), None for no limit.

    Raises:
        SettingError: for a limit that allows nothing at all.
    """

    seconds: float | None = None
    max_evals: int | None = None
    _started: float = field(default_factory=time.monotonic, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.max_evals is not None and (not isinstance(self.max_evals, Integral) or self.max_evals < 1):
            raise SettingError(f"max_evals must be a whole number from 1 on, got {self.max_evals!r}.")

    def spent(self, n_evals: int = 0) -> bool:
        """Return whether nothing more may be started after `n_evals` evaluations."""
        late = self.seconds is not None and time.monotonic() - self._started >= self.seconds
        return late or (self.max_evals is not None and n_evals >= self.max_evals)

    def share(self, n_evals: int = 0) -> float:
        """Return which share of it is spent after `n_evals` evaluations, between 0 and 1; 0 where it has no limit."""
        time_spent = 0.0 if self.seconds is None else (time.monotonic() - self._started) / self.seconds
        return min(1.0, max(time_spent, 0.0 if self.max_evals is None else n_evals / self.max_evals))


Libraries = tuple[tuple[Expr, ...], ...]
"""The terms of every target, in the problem's order of targets."""


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """lower ≤ A ξ ≤ upper over the coefficients of all targets, counted target by target; equal ends are equalities.

    Attributes:
        A: shape (n_rows, n_coefficients).
        lower, upper: shape (n_rows,), infinite where there is no bound.
    """

    A: Array
    lower: Array
    upper: Array


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A ξ is about `mean`, to a standard deviation `std`: shapes (n_rows, n_coefficients), (n_rows,), (n_rows,)."""

    A: Array
    mean: Array
    std: Array


@dataclass(frozen=True, slots=True)
class Wish:
    """What a constraint wants of the library of one target.

    Attributes:
        must: terms that have to be in its equation.
        only: whether nothing else may be.
        together: sets of terms that are all in its equation, or all absent.
    """

    must: tuple[Expr, ...] = ()
    only: bool = False
    together: tuple[tuple[Expr, ...], ...] = ()


@runtime_checkable
class Constraint(Protocol):
    """A piece of physics that a law must obey; a frozen value that knows the problem's names.

    What is linear in the coefficients is said by `rows`, `prior` and `wish`, and then holds in every fit. What is not
    is said by `refuse`, of finished right-hand sides.
    """

    @property
    def text(self) -> str:
        """As a person would write it."""
        ...

    @property
    def is_checked(self) -> bool:
        """Whether only `refuse` can tell, so that every candidate is asked."""
        ...

    def rows(self, libraries: Libraries) -> Bounds | None:
        """Return what the coefficients of these terms must obey; None for nothing."""
        ...

    def prior(self, libraries: Libraries) -> Known | None:
        """Return what is known of the coefficients beforehand; None for nothing."""
        ...

    def wish(self, target: int) -> Wish:
        """Return what the library of a target must hold."""
        ...

    def ties(self, n_targets: int) -> tuple[tuple[int, ...], ...]:
        """Return the sets of targets whose coefficients it ties to each other."""
        ...

    def speaks_of(self, target: int) -> bool:
        """Return whether it says anything of a target."""
        ...

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return why right-hand sides, one a target, break the constraint, or None."""
        ...

    def held(self, system: Sequence[Expr], problem: Problem) -> str:
        """Return how right-hand sides that are not refused obey it, such as "exact by construction"."""
        ...


@runtime_checkable
class Engine(Protocol):
    """A frozen configuration that searches a problem for laws."""

    @property
    def name(self) -> str: ...

    def supports(self, problem: Problem) -> str | None:
        """Return why this engine cannot take the problem, or None."""
        ...

    def search(
        self,
        problem: Problem,
        constraints: Sequence[Constraint] = (),
        budget: Budget = Budget(),
        seed: int = 0,
        observe: Observer | None = None,
    ) -> Front:
        """Return the best candidates that the budget allows."""
        ...
