"""The symbolic engine: which expression at all?"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from discover.contract import Budget, Constraint, Observer
from discover.errors import SettingError
from discover.expr import Expr, constant, differentiate, simplify, variable
from discover.front import Candidate, Front
from discover.inference.forms import Form, values
from discover.problem import Problem
from discover.symbolic.archive import Archive, Entry
from discover.symbolic.search import search
from discover_kernels import opcodes

CLOSE = 12.0
"""Nats from the shortest description within which every form is kept."""

MOST_KEPT = 60


@dataclass(frozen=True, slots=True)
class Symbolic:
    """Which expression explains the target? A search over expressions themselves, without a library.

    Attributes:
        maxsize: most names, numbers and operators that an equation may take to write down.
    """

    maxsize: int = 60

    def __post_init__(self) -> None:
        if not isinstance(self.maxsize, int) or self.maxsize < 1:
            raise SettingError(f"maxsize must be a whole number from 1 on, got {self.maxsize!r}.")

    @property
    def name(self) -> str:
        return "symbolic"

    def supports(self, problem: Problem) -> str | None:
        """Return why this engine cannot take the problem, or None."""
        if problem.formulation != "algebraic":
            return "it searches algebraic laws only, those of discover.law"
        return None

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
            maxsize=self.maxsize,
        )
        target = problem.targets[0]
        kept = tuple(_candidate(archive, entry, target) for entry in _kept(archive))
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


def _candidate(archive: Archive, entry: Entry, target: str) -> Candidate:
    terms, coefficients, std, inner = [], [], [], []
    for k, expr in split(entry.form):
        written, places = _numbered(expr, entry.form)
        terms.append(written)
        coefficients.append(1.0 if k is None else entry.form.start[k])
        std.append(0.0 if k is None else math.nan)
        inner.append(places)
    rest = archive.y - values(entry.form, archive.X)
    spread = float(np.sum((archive.y - archive.y.mean()) ** 2))
    return Candidate(
        target=target,
        terms=tuple(terms),
        coefficients=tuple(coefficients),
        std=tuple(std),
        loss=float(np.mean(rest**2)),
        score=2.0 * entry.length,
        r2=1.0 - float(rest @ rest) / spread if spread > 0 else 0.0,
        alternatives=("",) * len(terms),
        inner=tuple(inner),
    )


def split(form: Form) -> Iterator[tuple[int | None, Expr]]:
    """Yield the additive terms of a form: (number of the free constant before it or None, what is left).

    >>> from discover.expr import parse
    >>> form = Form(parse("a*x + sin(b*x)", ["x", "a", "b"]), 1, (2.0, 0.5))
    >>> list(split(form))
    [(0, Expr(x0)), (None, Expr(sin(x2*x0)))]
    """
    parts = list(_addends(form.expr))
    for i, part in enumerate(parts):
        others = {v for j, other in enumerate(parts) if j != i for v in other.variables}
        for v in part.variables:
            if v < form.n_variables or v in others:
                continue
            slope = differentiate(part, v)
            if v not in slope.variables and simplify(part - variable(v) * slope) == constant(0.0):
                yield v - form.n_variables, slope
                break
        else:
            yield None, part


def _addends(expr: Expr) -> Iterator[Expr]:
    """Yield what a sum is made of, from left to right."""
    if expr.root not in (opcodes.ADD, opcodes.SUB):
        yield expr
        return
    left, right = _operands(expr)
    yield from _addends(left)
    for part in _addends(right):
        yield part if expr.root == opcodes.ADD else -part


def _operands(expr: Expr) -> tuple[Expr, Expr]:
    """Return both operands of the root; a subtree is a slice of the tape."""
    need, at = 1, len(expr.tape) - 1
    while need:  # walk back until the right operand is complete
        at -= 1
        opcode = expr.tape[at][0]
        binary = (opcodes.ADD, opcodes.SUB, opcodes.MUL, opcodes.DIV, opcodes.POW)
        need += (2 if opcode in binary else 0 if opcode in (opcodes.VARIABLE, opcodes.CONSTANT) else 1) - 1
    left, right = expr.tape[:at], expr.tape[at:-1]
    n = sum(opcode == opcodes.CONSTANT for opcode, _ in left)
    return Expr(left, expr.constants[:n]), Expr(right, expr.constants[n:])


def _numbered(expr: Expr, form: Form) -> tuple[Expr, tuple[int, ...]]:
    """Return the expression with its free constants as numbers, and which of its constants those are."""
    fixed = iter(expr.constants)
    tape, constants, places = [], [], []
    for opcode, argument in expr.tape:
        if opcode == opcodes.VARIABLE and argument >= form.n_variables:
            places.append(len(constants))
            constants.append(form.start[argument - form.n_variables])
            tape.append((opcodes.CONSTANT, 0))
            continue
        if opcode == opcodes.CONSTANT:
            constants.append(next(fixed))
        tape.append((opcode, argument))
    return Expr(tuple(tape), tuple(constants)), tuple(places)
