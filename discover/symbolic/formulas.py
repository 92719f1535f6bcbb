"""The search for formulas of a table: one archive a target, from the rows that a search looks at to all of them."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from discover.contract import Budget, Choice, Observer, Step
from discover.errors import ExpressionError, SettingError
from discover.expr import Expr, compile_program, constant, simplify, substitute, text, variable
from discover.front import Candidate, Front
from discover.inference.addends import as_candidate
from discover.inference.criteria import FIT_ROWS, Criterion, Squares
from discover.inference.description import PER_TOKEN
from discover.inference.forms import Array, Form, values
from discover.inference.losses import Loss, criterion_of, first_weights
from discover.inference.starting import started
from discover.problem import Problem
from discover.symbolic.archive import Archive, Entry
from discover.symbolic.holes import Filled, pilot, solved
from discover.symbolic.limits import Limits
from discover.symbolic.obedient import obedient
from discover.symbolic.search import lawful, search
from discover.symbolic.spelled import Spelled, spelled
from discover.symbolic.state import Keeper

CLOSE = 12.0
"""Nats from the shortest description within which every form is kept."""

MOST_KEPT = 60
MOST_ROWS = 20_000
"""Rows that a search looks at; what it keeps is then fitted to all of them."""

FINAL_ITERATIONS = 60
LITTLE = 0.05
"""Share of its spread by which the values of an unknown function change without another search."""

HOLE_ROUNDS = 3
"""Times that the values of an unknown function are found again, with the constants of the best proposal."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a search for formulas.

    Attributes:
        limits: of the formulas.
        loss: of a row.
        form: the form that all must have, by target; empty for any.
        guesses: forms that are tried first, as text.
        n_jobs: threads.
    """

    limits: Limits
    loss: Loss
    form: dict[str, str] = field(default_factory=dict)
    guesses: tuple[str, ...] = ()
    n_jobs: int = 1


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


def search_formulas(
    problem: Problem, asked: Asked, budget: Budget, seed: int, observe: Observer, keeper: Keeper | None = None
) -> Front:
    """Return the shortest descriptions of every target, and the best form of every size."""
    told = Told(budget, observe, keeper, problem.names, len(problem.targets))
    candidates: list[Candidate] = []
    notes: list[str] = []
    unfinished = False
    for i, target in enumerate(problem.targets):
        told.turn, told.round, told.was_spent = i, 0, False
        one = Target(problem, asked, target)
        archive = one.searched(told, seed)
        candidates += one.candidates(archive)
        notes += one.notes(archive)
        unfinished = unfinished or told.was_spent
        told.stopped = told.stopped or archive.interrupted
        told.rows += front_rows(archive, target, one.whole, problem.names)
    if unfinished:
        notes.append(_ended_early(told))
    if keeper is not None:
        keeper.write()
    return Front(
        problem.targets,
        tuple(candidates),
        max(1, told.before),
        problem.n_rows,
        tuple(notes),
        told.stopped,
        unfinished=unfinished,
    )


def _ended_early(told: Told) -> str:
    """Return the note that the budget ended the search, and how to have the same answer again."""
    said = "The budget ended the search early"
    return f"{said}; max_evals={told.n_spent} without a time repeats it." if told.n_targets == 1 else f"{said}."


class Target:
    """One target of a problem, with what was asked of its formula."""

    def __init__(self, problem: Problem, asked: Asked, target: str) -> None:
        (block,) = problem.blocks
        i = problem.targets.index(target)
        self.problem, self.asked, self.target = problem, asked, target
        self.X, self.y = block.X, block.Y[i]
        self.weights = np.ones(block.n_rows) if block.precision is None else block.precision[i]
        self.columns = tuple(range(problem.n_states, problem.n_variables))
        self.dimension = problem.dimensions[i]
        written = asked.form.get(target)
        self.form = None if written is None else self.read(written, "form")
        self.filled: Filled | None = None

    def read(self, written: str, option: str) -> Spelled:
        """Return a formula that the user wrote."""
        return spelled(written, option, self.problem.names, self.problem.n_states, self.asked.limits.given)

    def criterion(self, rows: NDArray[np.int64] | None = None) -> tuple[Array, Array, Array, Criterion]:
        """Return the data on some rows, the weights that screening uses, and what forms are fitted to."""
        chosen = slice(None) if rows is None else rows
        X, y, weights = np.ascontiguousarray(self.X[:, chosen]), self.y[chosen], self.weights[chosen]
        seen = first_weights(self.asked.loss, X[list(self.columns)], y, weights)
        known = self.problem.knows_errors
        first = None if self.asked.loss.name in ("squared", "log") else seen
        return X, y, seen, criterion_of(self.asked.loss, X, y, weights, known, first)

    def searched(self, told: Told, seed: int) -> Archive:
        """Return the archive of a search on as many rows as a search looks at."""
        n = len(self.y)
        rows = None if n <= MOST_ROWS else np.sort(np.random.default_rng(seed).permutation(n)[:MOST_ROWS])
        X, y, seen, criterion = self.criterion(rows)
        if self.form is not None and self.form.hole is not None:
            return self._into_hole(self.form, X, y, seen, criterion, told, seed)
        if self.form is not None:
            return self._as_given(self.form, X, y, seen, criterion, told, seed)
        archive = search(
            X,
            y,
            seen,
            self.columns,
            self.problem.dimensions,
            self.dimension,
            told.spent,
            seed,
            lambda stage, share, archive: told.batch(self.target, self.whole, stage, share, archive),
            self.asked.limits,
            criterion,
            self._guesses(X, y, seen, criterion, seed),
            known=self._known(told),
            n_jobs=self.asked.n_jobs,
            endless=told.is_limited,
        )
        told.ended(archive)
        return archive

    def _known(self, told: Told) -> dict[Expr, Entry]:
        return {} if told.keeper is None else told.keeper.known(told.part(self.target), self.filled)

    def _legal(self, expr: Expr) -> bool:
        return lawful(self.problem.dimensions, self.dimension)(expr)

    def _guesses(self, X: Array, y: Array, seen: Array, criterion: Criterion, seed: int) -> list[Form]:
        """Return what the user guessed, fitted; one that breaks the units is refused."""
        found = []
        for written in self.asked.guesses:
            guess = self.read(written, "guesses")
            if guess.hole is not None:
                raise SettingError(f'guesses has "{written}" with the unknown function {guess.hole.name}; use form=.')
            if not self._legal(guess.expr):
                raise SettingError(f'guesses has "{written}", which breaks the units of the columns.')
            found += started(guess.form, X, y, seen, criterion, seed)[:1]
        return found

    def _as_given(
        self, form: Spelled, X: Array, y: Array, seen: Array, criterion: Criterion, told: Told, seed: int
    ) -> Archive:
        """Return an archive with the one form that was asked for, its constants fitted."""
        if not self._legal(form.expr):
            raise SettingError(f'form "{self.asked.form[self.target]}" breaks the units of the columns.')
        archive = Archive(X, y, seen, self.columns, price=self.asked.limits.price, criterion=criterion)
        archive.stage = "form"
        archive.add(started(form.form, X, y, seen, criterion, seed)[:1])
        if archive.best is None:
            raise SettingError(
                f'form "{self.asked.form[self.target]}" has no finite value on some row, whatever its constants; '
                "leave these rows out, or write it otherwise."
            )
        told.batch(self.target, self.whole, "form", 1.0, archive)
        told.ended(archive)
        return archive

    def _into_hole(
        self, form: Spelled, X: Array, y: Array, seen: Array, criterion: Criterion, told: Told, seed: int
    ) -> Archive:
        """Return an archive of what may stand in the hole of a form."""
        assert form.hole is not None
        constants, near = pilot(form, X, y, seen, criterion, seed)
        arguments = compile_program(list(form.hole.arguments), len(X)).evaluate(X)
        self.filled = Filled(form, criterion, constants)
        filled, found = self.filled, None
        for told.round in range(HOLE_ROUNDS):
            f, weights = solved(form, constants, X, y, seen, near)
            archive = search(
                arguments,
                f,
                weights,
                spent=told.spent,
                seed=seed,
                observe=lambda stage, share, archive: told.batch(self.target, self.whole, stage, share, archive),
                limits=self.asked.limits,
                criterion=filled,
                first=[] if found is None else [entry.form for entry in kept(found)],
                legal=lambda expr: self._legal(filled.whole(unfitted(expr, len(arguments))).expr),
                known=self._known(told),
                n_jobs=self.asked.n_jobs,
            )
            told.ended(archive)
            archive.n_fits += 0 if found is None else found.n_fits
            best, before = archive.best, None if found is None else found.best
            found = archive
            if archive.interrupted or told.was_spent or best is None:
                break
            if before is not None and not best.length < before.length - 1.0:
                break
            constants, near = filled.known[best.form.expr], values(best.form, arguments)
            if alike(solved(form, constants, X, y, seen, near)[0], f, weights):
                break
        assert found is not None
        return found

    def whole(self, entry: Entry) -> Form:
        """Return the form of the target for an entry of its archive."""
        return entry.form if self.filled is None else self.filled.whole(entry.form)

    def candidates(self, archive: Archive) -> list[Candidate]:
        """Return what is kept of an archive, fitted to all rows."""
        i = self.problem.targets.index(self.target)
        entries = list(dict.fromkeys([*kept(archive), *obedient(self.problem, i, archive)]))
        forms = [self.whole(entry) for entry in entries]
        found = []
        X, y, _, criterion = self.criterion()
        many = len(y) > FIT_ROWS or self.asked.loss.name in ("huber", "quantile")
        fits = criterion.fit(forms, FINAL_ITERATIONS if many else 0)
        for entry, (form, left) in zip(entries, fits, strict=True):
            if math.isfinite(left):
                cost = PER_TOKEN * entry.tokens + 0.5 * form.n_free * math.log(len(y))
                score = 2.0 * (criterion.nats(left, form.n_free) + cost)
                one = as_candidate(form, self.target, X, y, score)
                if not isinstance(criterion, Squares):
                    one = replace(one, loss=criterion.spread(form) ** 2)
                elif criterion.known:  # chi-square of a row, about 1 at the truth
                    one = replace(one, loss=left * criterion.scale)
                found.append(one)
        return sorted(found, key=lambda one: one.score)

    def _constants(self, best: Entry) -> str:
        """Return the constants of the form, by the names that the user gave them."""
        assert self.form is not None
        *_, criterion = self.criterion()
        ((form, _),) = criterion.fit([self.whole(best)], FINAL_ITERATIONS)
        both = zip(self.form.constants, form.start, criterion.std(form).tolist(), strict=False)
        values = ", ".join(f"{name} = {value:.6g} ± {std:.2g}" for name, value, std in both)
        return f"Constants of the form: {values}."

    def notes(self, archive: Archive) -> list[str]:
        """Return what the reader should be told of the search."""
        best = archive.best
        of = f" for {self.target}" if len(self.problem.targets) > 1 else ""
        said = f"{archive.n_fits} forms were fitted{of}; the shortest description was found by: "
        notes = [f"{said}{best.stage if best else 'none'}."]
        notes += [archive.note] if archive.note and self.filled is None else []
        if len(self.y) > MOST_ROWS:
            notes.append(f"The search looked at {MOST_ROWS} of {len(self.y)} rows; what it kept was fitted to all.")
        if self.form is not None and self.form.constants and best is not None:
            notes.append(self._constants(best))
        if self.asked.loss.name != "squared":
            notes.append(f'Formulas were fitted with the loss "{self.asked.loss}".')
        return notes


def unfitted(expr: Expr, n_variables: int) -> Form:
    """Return the form of an expression over n variables and free constants, each of them 1."""
    n_free = max(0, max(expr.variables, default=-1) + 1 - n_variables)
    return Form(expr, n_variables, (1.0,) * n_free)


def alike(a: Array, b: Array, weights: Array) -> bool:
    """Return whether two targets (n_rows,) of a search differ by little of their spread, a constant aside."""
    difference, spread = a - b, b - np.average(b, weights=weights)
    difference = difference - np.average(difference, weights=weights)
    return float(weights @ difference**2) <= LITTLE**2 * float(weights @ spread**2)


def kept(archive: Archive) -> list[Entry]:
    """Return the best of each size, and all whose description is about as short as the shortest."""
    best = archive.best
    if best is None:
        return []
    near = [e for e in archive.entries.values() if e.length < best.length + CLOSE and math.isfinite(e.mse)]
    near = sorted(near, key=lambda entry: entry.length)[:MOST_KEPT]
    return list(dict.fromkeys([*near, *archive.front()]))
