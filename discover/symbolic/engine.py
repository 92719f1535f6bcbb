"""The symbolic engine: which expression at all?"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from threadpoolctl import threadpool_limits

from discover.contract import Budget, Constraint, Observer, Wish
from discover.errors import SettingError, did_you_mean
from discover.expr import Library
from discover.front import Front
from discover.inference.losses import AUTO, SQUARED, read_loss
from discover.problem import Problem
from discover.symbolic.dynamics import refusal, search_dynamics
from discover.symbolic.formulas import Asked, search_formulas
from discover.symbolic.limits import BINARY, UNARY, Limits, limits
from discover.symbolic.state import Keeper


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
        loss: what a row costs: "squared", errors of equal size; "log", squares of the difference of logarithms, errors
            in proportion to the value; "auto", that of the two under which formulas describe the data more briefly,
            where a table's target is of one sign, spans a decade, and nobody told its errors; "huber", squares up
            to 1.345 standard deviations and straight beyond, or "huber(2)"; "quantile", the median, or "quantile(0.9)".
        form: of a table's formula, what it must look like: "a*exp(-b/T)" with constants to be fitted, or with a hole,
            "a*exp(-f(T))", whose unknown function of some columns is sought; by target where there are several.
        guesses: of a table's formula, forms that are tried first.
        library: of trajectories, terms that compete beside what the search makes up, at a library's price; None for
            none.
        n_jobs: threads: over the equations of trajectories, where None uses one an equation, and over the fits of a
            table's formula, where None uses one a processor. The answer is the same with any number.
    """

    binary_operators: Sequence[str] = BINARY
    unary_operators: Sequence[str] = UNARY
    operators: Mapping[str, str] = field(default_factory=dict, hash=False)
    maxsize: int = 60
    max_depth: int | None = None
    nested_constraints: Mapping[str, Mapping[str, int]] = field(default_factory=dict, hash=False)
    complexity_of_operators: Mapping[str, float] = field(default_factory=dict, hash=False)
    loss: str = "auto"
    form: str | Mapping[str, str] | None = field(default=None, hash=False)
    guesses: Sequence[str] = ()
    library: Library | None = None
    n_jobs: int | None = None

    def __post_init__(self) -> None:
        # Wrong settings are told here and not after an hour.
        self.limits  # noqa: B018
        read_loss(self.loss)
        if isinstance(self.guesses, str) or not isinstance(self.guesses, Sequence):
            raise SettingError(f'guesses must be a list such as ["a*exp(-b/T)"], got {self.guesses!r}.')
        if self.form is not None and not isinstance(self.form, str | Mapping):
            raise SettingError(f'form must be text such as "a*exp(-f(T))", got {self.form!r}.')

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
        if problem.formulation == "algebraic":
            return None if problem.n_rows else "there are no observations"
        if self.form is not None or self.guesses or read_loss(self.loss) not in (AUTO, SQUARED):
            return "form, guesses and loss are for formulas of a table"
        return refusal(problem)

    def search(
        self,
        problem: Problem,
        constraints: Sequence[Constraint] = (),
        budget: Budget = Budget(),  # noqa: B008  frozen, and read only
        seed: int = 0,
        observe: Observer | None = None,
        state: Keeper | None = None,
    ) -> Front:
        """Return the shortest descriptions of every target, and the best form of every size.

        A table's search keeps its `state`, and goes on from what it knows of an earlier one.
        """
        if constraints:
            problem = replace(problem, constraints=_takable(constraints, problem))
        observe = observe or (lambda step, share: None)
        with threadpool_limits(limits=1, user_api="blas"):
            if problem.formulation != "algebraic":
                return search_dynamics(problem, self.limits, self.library, budget, seed, observe, self.n_jobs)
            return search_formulas(problem, self._asked(problem), budget, seed, observe, state)

    def _asked(self, problem: Problem) -> Asked:
        """Return what is asked of formulas; a form is that of the only target, or a dict of those of some."""
        form = self.form
        if isinstance(form, str):
            first, *others = problem.targets
            if others:
                known = ", ".join(problem.targets)
                raise SettingError(f'form is one for each of {known}: a dict such as {{"{first}": "a*f(x)"}}.')
            form = {first: form}
        unknown = [name for name in form or () if name not in problem.targets]
        if unknown:
            raise SettingError(
                f'form has "{unknown[0]}", which is no target.{did_you_mean(unknown[0], problem.targets)}'
            )
        return Asked(
            self.limits, read_loss(self.loss), dict(form or {}), tuple(self.guesses), self.n_jobs or os.cpu_count() or 1
        )


def _takable(constraints: Sequence[Constraint], problem: Problem) -> tuple[Constraint, ...]:
    """Return the constraints, which may not say what is in an equation: there is no library to put it into."""
    for constraint in constraints:
        if any(constraint.wish(i) != Wish() for i in range(len(problem.targets))):
            raise SettingError(f'"{constraint.text}" says which terms there are; take engine="sparse" for that.')
    return tuple(constraints)
