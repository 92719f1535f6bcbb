"""What a search for formulas tells while it goes on: its stage, its front, and whether the budget is spent."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from discover.contract import Budget, Choice, Observer, Step
from discover.errors import ExpressionError
from discover.expr import constant, simplify, substitute, text, variable
from discover.inference.forms import Form
from discover.symbolic.archive import Archive, Entry
from discover.symbolic.state import Keeper


@dataclass(slots=True, eq=False)
class Told:
    """Passes on what is going on, and remembers whether the budget ended the search.

    Attributes:
        budget: of all targets together.
        observe: who is told.
        keeper: who writes the state down.
        names: of the variables.
        n_targets: how many share the budget; `turn` is which one has it.
        before: forms fitted for the targets before this one; `n_fits` those for this one.
        was_spent: whether the budget ended the search of this target; `n_spent` the forms fitted until then.
        stopped: whether somebody stopped the search of an earlier one.
        round: which search for an unknown function this is.
        rows: the fronts of the targets before this one.
    """

    budget: Budget
    observe: Observer
    keeper: Keeper | None
    names: tuple[str, ...]
    n_targets: int
    turn: int = 0
    before: int = 0
    n_fits: int = 0
    was_spent: bool = False
    n_spent: int = 0
    stopped: bool = False
    round: int = 0
    rows: list[Choice] = field(default_factory=list)

    def spent(self) -> bool:
        """Return whether this target has had its share of the budget."""
        share, budget = (self.turn + 1) / self.n_targets, self.budget
        seconds = None if budget.seconds is None else budget.seconds * share
        most = None if budget.max_evals is None else math.ceil(budget.max_evals * share)
        spent = replace(budget, seconds=seconds, max_evals=most).spent(self.before + self.n_fits)
        if spent and not self.was_spent:
            self.n_spent = self.before + self.n_fits
        self.was_spent = self.was_spent or self.stopped or spent
        return self.was_spent

    @property
    def is_limited(self) -> bool:
        """Whether a budget will end the search."""
        return self.budget.seconds is not None or self.budget.max_evals is not None

    def part(self, target: str) -> str:
        """Return what the state calls the archive of a target: a hole has one for every round."""
        return target if self.round == 0 else f"{target}, round {self.round + 1}"

    def ended(self, archive: Archive) -> None:
        """Count the forms of an archive that is complete."""
        self.before, self.n_fits = self.before + archive.n_fits, 0

    def batch(self, target: str, whole: Callable[[Entry], Form], stage: str, share: float, archive: Archive) -> None:
        """Pass on one batch of forms of an archive."""
        self.n_fits = archive.n_fits
        if self.keeper is not None:
            self.keeper.keep(archive, self.part(target), stage)
        done = list(self.rows)
        step = Step(stage, lambda: done + front_rows(archive, target, whole, self.names))
        self.observe(step, (self.turn + share) / self.n_targets)


def front_rows(archive: Archive, target: str, whole: Callable[[Entry], Form], names: Sequence[str]) -> list[Choice]:
    """Return the front of an archive as rows of text."""
    best, entries = archive.best, archive.front()
    if best is not None and best not in entries:
        entries = sorted([*entries, best], key=lambda entry: entry.tokens)
    return [
        Choice(target, entry.tokens, math.sqrt(max(entry.mse, 0.0)), _written(whole(entry), names), entry is best)
        for entry in entries
    ]


def _written(form: Form, names: Sequence[str]) -> str:
    """Return a form as text with its constants at four digits."""
    parts = [variable(v) for v in range(form.n_variables)]
    parts += [constant(float(f"{value:.4g}")) for value in form.start]
    written = substitute(form.expr, parts)
    with suppress(ExpressionError, ZeroDivisionError, OverflowError):
        written = simplify(written)
    return text(written, names)
