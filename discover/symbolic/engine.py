"""The symbolic engine: which expression at all?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from threadpoolctl import threadpool_limits

from discover.contract import Budget, Constraint, Observer
from discover.errors import SettingError
from discover.expr import Library
from discover.front import Front
from discover.inference.addends import as_candidate
from discover.problem import Problem
from discover.symbolic.archive import Archive, Entry
from discover.symbolic.dynamics import refusal, search_dynamics
from discover.symbolic.limits import BINARY, UNARY, Limits, limits
from discover.symbolic.search import search

CLOSE = 12.0
"""Nats from the shortest description within which every form is kept."""

MOST_KEPT = 60


@dataclass(frozen=True, slots=True)
class Symbolic:
    """Which expression explains the target? A search over expressions themselves, without a library.

    Attributes:
        binary_operators: those of + - * / and ** that may be used. Numbers may stand before anything all the same, a
            whole power is a product, and ** includes roots.
        unary_operators: functions that may be used.
        operators: more of them, each written as an expression of one argument: {"sigmoid": "1/(1 + exp(-x))"};
            laws hold them written out, and they count as one operator.
        maxsize: most names, numbers and operators that an equation may take to write down.
        max_depth: most levels of an equation, a name being one; None for no limit.
        nested_constraints: {"sin": {"cos": 0, "sin": 0}} lets neither stand inside a sine; 1 lets one, but not
            two within each other.
        complexity_of_operators: what an operator counts instead of 1, in maxsize and in what a formula must earn.
        library: of trajectories, terms that compete beside what the search makes up, at a library's price; None for
            none.
        n_jobs: threads over the equations of trajectories; None uses one an equation.
    """

    binary_operators: Sequence[str] = BINARY
    unary_operators: Sequence[str] = UNARY
    operators: Mapping[str, str] = field(default_factory=dict, hash=False)
    maxsize: int = 60
    max_depth: int | None = None
    nested_constraints: Mapping[str, Mapping[str, int]] = field(default_factory=dict, hash=False)
    complexity_of_operators: Mapping[str, float] = field(default_factory=dict, hash=False)
    library: Library | None = None
    n_jobs: int | None = None

    def __post_init__(self) -> None:
        self.limits  # noqa: B018  wrong settings are told here and not after an hour

    @property
    def limits(self) -> Limits:
        """What was asked for, in the form in which every stage of the search asks."""
        return limits(
            self.binary_operators,
            self.unary_operators,
            self.operators,
            self.maxsize,
            self.max_depth,
            self.nested_constraints,
            self.complexity_of_operators,
        )

    @property
    def name(self) -> str:
        return "symbolic"

    def supports(self, problem: Problem) -> str | None:
        """Return why this engine cannot take the problem, or None."""
        return None if problem.formulation == "algebraic" else refusal(problem)

    def search(
        self,
        problem: Problem,
        constraints: Sequence[Constraint] = (),
        budget: Budget = Budget(),  # noqa: B008  frozen, and read only
        seed: int = 0,
        observe: Observer | None = None,
    ) -> Front:
        """Return the shortest descriptions of the target, and the best form of every size."""
        if constraints:
            raise SettingError("The symbolic engine takes no constraints yet.")
        told = _Told(budget, observe or (lambda step, share: None))
        if problem.formulation != "algebraic":
            with threadpool_limits(limits=1, user_api="blas"):
                return search_dynamics(problem, self.limits, self.library, budget, seed, told.observe, self.n_jobs)
        (block,) = problem.blocks
        columns = range(problem.n_states, problem.n_variables)
        archive = search(
            block.X,
            block.Y[0],
            columns=columns,
            dimensions=problem.dimensions,
            dimension=problem.dimensions[0],
            spent=told.spent,
            seed=seed,
            observe=told.batch,
            limits=self.limits,
        )
        target = problem.targets[0]
        kept = tuple(
            as_candidate(entry.form, target, archive.X, archive.y, 2.0 * entry.length) for entry in _kept(archive)
        )
        notes = (
            f"{archive.n_fits} forms were fitted; the shortest description was found by: "
            f"{archive.best.stage if archive.best else 'none'}.",
        )
        notes += ("The budget ended the search early.",) if told.was_spent else ()
        return Front(
            problem.targets,
            kept,
            max(1, archive.n_fits),
            problem.n_rows,
            notes,
            archive.interrupted,
            unfinished=told.was_spent,
        )


@dataclass(slots=True, eq=False)
class _Told:
    """Passes on what is going on, and remembers whether the budget ended the search."""

    budget: Budget
    observe: Observer
    was_spent: bool = False
    n_fits: int = 0

    def spent(self) -> bool:
        self.was_spent = self.was_spent or self.budget.spent(self.n_fits)
        return self.was_spent

    def batch(self, stage: str, share: float, archive: Archive) -> None:
        self.n_fits = archive.n_fits
        self.observe(stage, share)


def _kept(archive: Archive) -> list[Entry]:
    """Return the best of each size, and all whose description is about as short as the shortest."""
    best = archive.best
    if best is None:
        return []
    near = [e for e in archive.entries.values() if e.length < best.length + CLOSE and math.isfinite(e.mse)]
    near = sorted(near, key=lambda entry: entry.length)[:MOST_KEPT]
    return list(dict.fromkeys([*near, *archive.front()]))
