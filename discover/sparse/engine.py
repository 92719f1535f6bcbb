"""The sparse engine: a library, a path of supports, and a choice by chi-square."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import comb

from threadpoolctl import threadpool_limits

from discover.contract import Budget, Constraint, Observer
from discover.errors import SettingError
from discover.expr import Derivatives, Expr, Library, Polynomial, default_library, dimension_of
from discover.front import Front
from discover.inference.candidates import Candidates, Stop, kept
from discover.inference.rows import MAX_ROWS, assemble
from discover.problem import Problem
from discover.sparse.gram import gram
from discover.sparse.select import search_target

MAX_TERMS, MOST_TERMS = 14, 16
"""Longest equation considered unless told otherwise, and the longest that may be asked for."""


@dataclass(frozen=True, slots=True)
class Sparse:
    """Which few terms of a library explain each left-hand side?

    Attributes:
        library: terms on offer; None takes polynomials of a degree that the data can tell apart.
        max_terms: longest equation considered.
        max_rows: most rows the choice is made on; Grams always see all data.
        n_jobs: threads over the targets; None uses one a target, up to the number of cores.
    """

    library: Library | None = None
    max_terms: int = MAX_TERMS
    max_rows: int = MAX_ROWS
    n_jobs: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("max_terms", self.max_terms), ("max_rows", self.max_rows), ("n_jobs", self.n_jobs)):
            if value is not None and value < 1:
                raise SettingError(f"{name} must be 1 or more, got {value}.")
        if self.max_terms > MOST_TERMS:
            raise SettingError(
                f"max_terms must be {MOST_TERMS} or less, got {self.max_terms}: what each term contributes is "
                "worked out exactly, over all subsets of an equation's terms."
            )

    @property
    def name(self) -> str:
        return "sparse"

    def supports(self, problem: Problem) -> str | None:
        """Return why this engine cannot take the problem, or None."""
        return None if problem.n_rows else "there is no stretch of data long enough for a single row"

    def terms(self, problem: Problem) -> tuple[Expr, ...]:
        """Return the library on the problem's variables; a term that breaks their units is an error."""
        terms = (self.library or affordable_library(problem)).build(problem.names)
        for term in terms:
            dimension_of(term, problem.dimensions, problem.names)
        return terms

    def search(
        self,
        problem: Problem,
        constraints: Sequence[Constraint] = (),
        budget: Budget = Budget(),  # noqa: B008  frozen, and read only
        seed: int = 0,
        observe: Observer | None = None,
    ) -> Front:
        """Return the candidates of every target, each with its chi-square and score."""
        if constraints:
            raise SettingError("The sparse engine takes no constraints yet.")
        with threadpool_limits(limits=1, user_api="blas"):
            return _search(self, problem, budget, seed, observe or (lambda step, share: None))


def affordable_library(problem: Problem) -> Library:
    """Return the usual polynomials, of a lower degree where the data are too few to tell so many terms apart.

    Over space they come with their derivatives: to order 4 of a single field on a line, else to order 2.
    """
    if problem.space:
        single = problem.n_variables == len(problem.space) == 1
        return Derivatives(Polynomial(3), 4 if single else 2, len(problem.space))
    library = default_library(problem.n_states)
    while library.degree > 1 and comb(problem.n_variables + library.degree, library.degree) > problem.n_samples / 3:
        library = Polynomial(library.degree - 1)
    return library


def _search(engine: Sparse, problem: Problem, budget: Budget, seed: int, observe: Observer) -> Front:
    terms = engine.terms(problem)
    observe("library", 0.0)
    rows = assemble(problem, terms, engine.max_rows, seed)
    G = gram(problem, terms).sum(axis=0)
    max_terms = max(1, min(engine.max_terms, rows.n_rows // 3))

    def one(target: int, stop: Stop) -> Candidates:
        return search_target(rows, G, target, max_terms, stop)

    share = _share(budget, len(problem.targets))
    found, interrupted = _over_targets(one, len(problem.targets), engine.n_jobs, share, observe)
    notes = [f"{len(terms)} library terms; candidates were compared on {rows.n_rows} of {problem.n_rows} rows."]
    if any(share.spent(len(candidates.found)) for candidates in found):
        notes.append("The budget ended the search early.")
    survivors = tuple(candidate for candidates in found for candidate in kept(candidates, problem.names))
    return Front(problem.targets, survivors, len(terms), rows.n_rows, tuple(notes), interrupted)


def _share(budget: Budget, n_targets: int) -> Budget:
    """Return the budget of each target; evaluations are divided evenly, so that threads cannot race for them."""
    return budget if budget.max_evals is None else replace(budget, max_evals=max(1, budget.max_evals // n_targets))


def _over_targets(
    one: Callable[[int, Stop], Candidates],
    n_targets: int,
    n_jobs: int | None,
    share: Budget,
    observe: Observer,
) -> tuple[list[Candidates], bool]:
    """Search all targets in threads, in a fixed order; an interrupt makes each return what it has."""
    interrupted = threading.Event()

    def run(target: int) -> Candidates:
        return one(target, lambda n_fits: interrupted.is_set() or share.spent(n_fits))

    found = []
    with ThreadPoolExecutor(max_workers=min(n_targets, n_jobs or n_targets)) as pool:
        pending = [pool.submit(run, target) for target in range(n_targets)]
        for done, future in enumerate(pending, start=1):
            try:
                found.append(future.result())
                observe("candidates", done / n_targets)
            except KeyboardInterrupt:
                interrupted.set()
                found[done - 1 :] = [future.result()]
    return found, interrupted.is_set()
