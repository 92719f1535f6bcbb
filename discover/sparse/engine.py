"""The sparse engine: a library, a path of supports, and a choice by chi-square."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import comb

import numpy as np
from threadpoolctl import threadpool_limits

from discover.contract import Budget, Constraint, Observer
from discover.errors import SettingError
from discover.expr import Derivatives, Expr, Library, Polynomial, default_library, dimension_of, text
from discover.front import Candidate, Front
from discover.inference.chisquare import Estimate
from discover.inference.rows import MAX_ROWS, assemble
from discover.problem import Problem
from discover.sparse.gram import gram
from discover.sparse.select import Candidates, Stop, search_target

MAX_TERMS, MOST_TERMS = 14, 16
"""Longest equation considered unless told otherwise, and the longest that may be asked for."""

KEPT_PER_SIZE = 2
CLOSE = 9.2
"""Candidates within this of the best score are all kept: 2 ln 100."""

INDISTINGUISHABLE = 4.6
"""A swap of one term that costs less than this names an alternative: 2 ln 10."""


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
    kept = tuple(candidate for candidates in found for candidate in _kept(candidates, problem.names))
    return Front(problem.targets, kept, len(terms), rows.n_rows, tuple(notes), interrupted)


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


def _kept(candidates: Candidates, names: tuple[str, ...]) -> list[Candidate]:
    """Return the candidates worth keeping: the best few of each size, and all near the best."""
    scores = candidates.scores()
    order = sorted(scores, key=lambda key: (scores[key], key))
    best, per_size, kept = scores[order[0]], dict[int, int](), []
    for key in order:
        rank = per_size.get(len(key), 0)
        if rank < KEPT_PER_SIZE or scores[key] - best < CLOSE:
            per_size[len(key)] = rank + 1
            kept.append(_candidate(candidates, candidates.found[key], scores, names))
    return kept


def _candidate(
    candidates: Candidates, one: Estimate, scores: dict[tuple[int, ...], float], names: tuple[str, ...]
) -> Candidate:
    rows = candidates.rows
    std = np.sqrt(np.diag(one.covariance()) * candidates.scale)
    return Candidate(
        target=rows.problem.targets[candidates.target],
        terms=tuple(rows.terms[p] for p in one.support),
        coefficients=tuple(one.coefficients.tolist()),
        std=tuple(std.tolist()),
        loss=one.chi2 / one.n_rows,
        score=scores[one.support],
        r2=_r2(candidates, one),
        alternatives=_alternatives(one.support, scores, rows.terms, names),
    )


def _r2(candidates: Candidates, one: Estimate) -> float:
    """Return the share of the rows' sum of squares that the estimate explains; x' = 0 explains none."""
    rows, target = candidates.rows, candidates.target
    residual = total = 0.0
    for b, block in enumerate(rows.blocks):
        y = block.Y[target]
        residual += float(np.sum((y - one.coefficients @ rows.theta[b][list(one.support)]) ** 2))
        total += float(np.sum(y**2))
    return 1.0 - residual / total if total > 0 else 0.0


def _alternatives(
    support: tuple[int, ...], scores: dict[tuple[int, ...], float], terms: tuple[Expr, ...], names: tuple[str, ...]
) -> tuple[str, ...]:
    """Return for each term those that could stand in its place without the data noticing, joined by commas."""
    mine = set(support)
    found: dict[int, list[str]] = {p: [] for p in support}
    for key, score in scores.items():
        new, gone = set(key) - mine, mine - set(key)
        if len(new) == len(gone) == 1 and abs(score - scores[support]) < INDISTINGUISHABLE:
            found[gone.pop()].append(text(terms[new.pop()], names))
    return tuple(", ".join(found[p]) for p in support)
