"""Engine, Constraint and Budget: what a newcomer must implement."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Protocol, runtime_checkable

from discover.errors import SettingError
from discover.front import Front
from discover.problem import Problem

Observer = Callable[[str, float], None]
"""Told the name of the step and the share done, between 0 and 1."""


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


@runtime_checkable
class Constraint(Protocol):
    """A piece of physics that a law must obey."""

    def refuse(self, system: Sequence[object], problem: Problem) -> str | None:
        """Return why the system breaks the constraint, or None."""
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
