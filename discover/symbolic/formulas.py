"""The search for formulas of a table: one archive a target, from the rows that a search looks at to all of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from discover.contract import Budget, Observer
from discover.errors import SettingError
from discover.expr import Expr, compile_program
from discover.front import Candidate, Front
from discover.inference.addends import as_candidate
from discover.inference.criteria import FIT_ROWS, Criterion, Squares
from discover.inference.description import PER_TOKEN
from discover.inference.forms import Array, Form, values
from discover.inference.losses import AUTO, LOG, SQUARED, Loss, criterion_of, first_weights
from discover.inference.starting import started
from discover.problem import Problem
from discover.symbolic.archive import Archive, Entry
from discover.symbolic.holes import Filled, pilot, solved
from discover.symbolic.limits import Limits
from discover.symbolic.obedient import obedient
from discover.symbolic.progress import Told, front_rows
from discover.symbolic.proportion import NOTE, Errors, may_be
from discover.symbolic.readable import one_signed, readable
from discover.symbolic.rescaling import surcharge
from discover.symbolic.search import lawful, search
from discover.symbolic.spelled import Spelled, spelled
from discover.symbolic.state import Keeper

CLOSE = 12.0
"""Nats from the shortest description within which every form is kept."""

MOST_KEPT = 60
MOST_ROWS = 20_000
"""Rows that a search looks at; what it keeps is then fitted to all of them."""

FINAL_ITERATIONS = 60
SOME_ROWS = 200
"""Rows on which a form must not change when it is written as a person would."""

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


def search_formulas(
    problem: Problem, asked: Asked, budget: Budget, seed: int, observe: Observer, keeper: Keeper | None = None
) -> Front:
    """Return the shortest descriptions of every target, and the best form of every size."""
    told = Told(budget, observe, keeper, problem.names, len(problem.targets))
    candidates: list[Candidate] = []
    notes: list[str] = []
    losses: list[str] = []
    unfinished = False
    for i, target in enumerate(problem.targets):
        told.turn, told.round, told.was_spent = i, 0, False
        one = Target(problem, asked, target)
        archive = one.searched(told, seed)
        candidates += one.candidates(archive)
        notes += one.notes(archive)
        losses.append(str(one.loss))
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
        losses=tuple(losses) if asked.loss == AUTO else (),
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
        self.loss = SQUARED if asked.loss == AUTO else asked.loss
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
        seen = first_weights(self.loss, X[list(self.columns)], y, weights)
        known = self.problem.knows_errors
        first = None if self.loss.name in ("squared", "log") else seen
        return X, y, seen, criterion_of(self.loss, X, y, weights, known, first)

    def searched(self, told: Told, seed: int) -> Archive:
        """Return the archive of a search on as many rows as a search looks at."""
        n = len(self.y)
        rows = None if n <= MOST_ROWS else np.sort(np.random.default_rng(seed).permutation(n)[:MOST_ROWS])
        if self.form is not None and self.form.hole is not None:
            return self._into_hole(self.form, *self.criterion(rows), told, seed)
        # Groups of rows have weights of their own: somebody said what their errors are.
        asked = self.asked.loss == AUTO and np.ptp(self.weights) == 0.0 and not self.problem.knows_errors
        errors = Errors(asked and may_be(self.y), kept)
        archive = self._once(rows, told, seed, errors)
        if not errors.decide(archive):
            return archive
        told.round, self.loss = told.round + 1, LOG
        told.stopped = told.stopped or archive.interrupted  # what was found is fitted again, and no more
        again = self._once(rows, told, seed, Errors(False, kept), [entry.form for entry in kept(archive)])
        again.n_fits += archive.n_fits
        again.interrupted = again.interrupted or archive.interrupted
        return again

    def _once(
        self,
        rows: NDArray[np.int64] | None,
        told: Told,
        seed: int,
        errors: Errors,
        found: Sequence[Form] = (),
    ) -> Archive:
        """Return the archive of one search, under the loss as it is now; forms that were `found` are tried first."""
        X, y, seen, criterion = self.criterion(rows)
        if self.form is not None:
            return self._as_given(self.form, X, y, seen, criterion, told, seed)

        def batch(stage: str, share: float, archive: Archive) -> None:
            told.batch(self.target, self.whole, stage, share, archive)
            errors.look(stage, archive)

        archive = search(
            X,
            y,
            seen,
            self.columns,
            self.problem.dimensions,
            self.dimension,
            lambda: told.spent() or errors.ends,
            seed,
            batch,
            self.asked.limits,
            criterion,
            [*self._guesses(X, y, seen, criterion, seed), *found],
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
        """Return the form of the target for an entry of its archive; one that the user gave stays as he wrote it."""
        some = self.X[:, :SOME_ROWS]
        if self.filled is None:
            return entry.form if self.form is not None else readable(one_signed(entry.form, self.X), some)
        given = self.filled.whole(entry.form)
        merged = readable(given, some)
        return merged if merged.n_free < given.n_free else given  # a constant that the hole's can stand for is none

    def candidates(self, archive: Archive) -> list[Candidate]:
        """Return what is kept of an archive, fitted to all rows."""
        i = self.problem.targets.index(self.target)
        entries = list(dict.fromkeys([*kept(archive), *obedient(self.problem, i, archive)]))
        written = {whole.expr: (entry, whole) for entry in reversed(entries) for whole in [self.whole(entry)]}
        entries, forms = [entry for entry, _ in written.values()], [form for _, form in written.values()]
        found = []
        X, y, _, criterion = self.criterion()
        many = len(y) > FIT_ROWS or self.loss.name in ("huber", "quantile")
        fits = criterion.fit(forms, FINAL_ITERATIONS if many else 0)
        for entry, (form, left) in zip(entries, fits, strict=True):
            if math.isfinite(left):
                cost = PER_TOKEN * entry.tokens + 0.5 * form.n_free * math.log(len(y))
                cost += surcharge(form, X) if self.form is None else 0.0
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
        whole = self.whole(best)
        if self.filled is not None and whole.n_free < self.filled.whole(best.form).n_free:
            named = ", ".join(self.form.constants)
            return f"What stands in the hole can take the place of constants of the form ({named}): they were merged."
        ((form, _),) = criterion.fit([whole], FINAL_ITERATIONS)
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
        if self.asked.loss == AUTO and self.loss == LOG:
            notes.append(NOTE.format(target=self.target))
        elif self.loss != SQUARED:
            notes.append(f'Formulas were fitted with the loss "{self.loss}".')
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
