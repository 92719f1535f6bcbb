"""The sparse engine: a library, a path of supports, and a choice by chi-square."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from discover.contract import Budget, Constraint, Observer
from discover.errors import SettingError
from discover.expr import Expr, Library
from discover.front import Front
from discover.inference.candidates import Candidates, Stop, kept
from discover.inference.denominators import check_above, terms_below
from discover.inference.fractions import fractions
from discover.inference.offer import Offer, offer
from discover.inference.quotients import Quotients
from discover.inference.quotients import kept as kept_quotients
from discover.inference.rows import MAX_ROWS, Rows, assemble
from discover.inference.targets import over_targets, share_of
from discover.inference.wished import wished
from discover.problem import Array, Problem
from discover.sparse.condition import check_size, library_notes
from discover.sparse.diffusion import search_diffusion
from discover.sparse.gram import gram
from discover.sparse.groups import search_groups
from discover.sparse.observations import search_observations
from discover.sparse.proposals import USUAL, checked
from discover.sparse.rational import search_quotients
from discover.sparse.select import search_target
from discover.sparse.systems import in_systems, unobeying

MAX_TERMS, MOST_TERMS = 14, 16
"""Longest equation considered unless told otherwise, and the longest that may be asked for."""


@dataclass(frozen=True, slots=True)
class Sparse:
    """Which few terms of a library explain each left-hand side?

    Attributes:
        library: terms on offer; None takes polynomials of a degree that the data can tell apart.
        max_terms: longest equation considered.
        max_rows: most rows the choice is made on; Grams always see all data.
        n_jobs: threads over targets, tiles and blocks; None uses one a target, and one a core.
        paths: who proposes supports: "certified" (best subset by branch and bound), "subset" (forward, backward and
            swaps), "threshold", "forward", "backward", "mstls", "sr3", "evidence". The first is asked again on
            whitened rows.
    """

    library: Library | None = None
    max_terms: int = MAX_TERMS
    max_rows: int = MAX_ROWS
    n_jobs: int | None = None
    paths: tuple[str, ...] = USUAL

    def __post_init__(self) -> None:
        checked(self.paths)
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
        return offer(self.library, problem).terms

    def search(
        self,
        problem: Problem,
        constraints: Sequence[Constraint] = (),
        budget: Budget = Budget(),  # noqa: B008  frozen, and read only
        seed: int = 0,
        observe: Observer | None = None,
    ) -> Front:
        """Return the candidates of every target, each with its chi-square and score."""
        problem = replace(problem, constraints=tuple(constraints)) if constraints else problem
        with threadpool_limits(limits=1, user_api="blas"):
            return _search(self, problem, budget, seed, observe or (lambda step, share: None))


def _search(engine: Sparse, problem: Problem, budget: Budget, seed: int, observe: Observer) -> Front:
    below = terms_below(engine.library, problem)
    if problem.formulation == "stochastic":
        if problem.cases:
            raise SettingError("Stochastic laws are found for one case at a time; leave by= out.")
        return search_diffusion(engine.library, problem, engine.max_terms, budget, observe)
    plain = offer(engine.library, problem)
    choices = wished(plain, problem)
    terms = choices.terms
    if problem.formulation == "algebraic":
        if any(below):
            raise SettingError('Quotients of columns are found by engine="symbolic"; leave Rational() out.')
        return search_observations(
            problem, choices, engine.max_terms, engine.max_rows, engine.n_jobs, budget, seed, observe
        )
    observe("library", 0.0)
    if any(below):
        if problem.constraints:
            raise SettingError("What is required of quotients is not kept yet; leave Rational() out, or require.")
        return _search_rational(engine, problem, choices, below, budget, seed, observe)
    check_size(len(terms), len(problem.targets))
    rows = assemble(problem, terms, engine.max_rows, seed, engine.n_jobs)
    G = gram(problem, terms, engine.n_jobs, max_folds=1)[0]
    max_terms = max(1, min(engine.max_terms, rows.n_rows // 3))

    def one(target: int, stop: Stop, rows: Rows = rows) -> Candidates:
        n_priced = plain.n_choices if problem.constraints else 0  # what is known makes no term cheaper
        return _search_menu(replace(rows, n_priced=n_priced), G, target, choices, max_terms, stop, engine.paths)

    share = share_of(budget, len(problem.targets))
    found, interrupted = over_targets(one, len(problem.targets), engine.n_jobs, share, observe)
    notes = [
        *choices.notes,
        *library_notes(G, terms, problem.n_rows, problem.names, (problem.time, *problem.space)),
        f"Candidates were compared on {rows.n_rows} of {problem.n_rows} rows.",
        *_proofs(found, problem.targets),
    ]
    if any(share.spent(len(candidates.found)) for candidates in found):
        notes.append("The budget ended the search early.")
    survivors = tuple(candidate for candidates in found for candidate in kept(candidates, problem.names))
    survivors = (*survivors, *unobeying(rows, found, one))
    joint = in_systems(rows, G, found, choices.menus, max_terms, share, interrupted)
    survivors = (*(one for one in survivors if one.target not in joint.targets), *joint.candidates)
    offers = choices.each if all(menu.is_plain for menu in choices.menus) else ()
    forced = tuple(tuple(terms[p] for p in menu.forced) for menu in choices.menus)
    return Front(
        targets=problem.targets,
        candidates=survivors,
        n_library=plain.n_choices,
        n_rows=rows.n_rows,
        notes=tuple(notes),
        interrupted=interrupted,
        offers=offers,
        forced=forced if any(forced) else (),
        systems=joint.systems,
        system_scores=joint.scores,
    )


def _proofs(found: Sequence[Candidates], targets: Sequence[str]) -> list[str]:
    """Say up to which size the best subsets of each equation are proven to be the best on the Gram."""
    told = [f"{target} {one.proven}" for target, one in zip(targets, found, strict=False) if one.proven]
    return [f"Of their size, these least-squares fits are proven to be the best: {'; '.join(told)}."] if told else []


def _search_rational(
    engine: Sparse,
    problem: Problem,
    choices: Offer,
    below: Sequence[Sequence[Expr]],
    budget: Budget,
    seed: int,
    observe: Observer,
) -> Front:
    """Search quotients of two sums, and plain sums beside them."""
    check_above(choices, problem)
    above = [tuple(choices.terms[p] for p in sorted(menu.columns)) for menu in choices.menus]
    offers = list(zip(above, map(tuple, below), strict=True))
    made = {pair: fractions(problem, *pair, engine.max_rows, seed) for pair in dict.fromkeys(offers)}
    grams = {terms: gram(problem, terms, engine.n_jobs, max_folds=1)[0] for terms in dict.fromkeys(above)}

    def one(target: int, stop: Stop) -> Quotients:
        of = made[offers[target]]
        most = max(1, min(engine.max_terms, of.rows.n_rows // 3))
        plain = search_target(of.rows.only(range(of.n_above)), grams[above[target]], target, most, stop, engine.paths)
        return search_quotients(of, target, plain, most, stop)

    share = share_of(budget, len(problem.targets))
    found, interrupted = over_targets(one, len(problem.targets), engine.n_jobs, share, observe)
    n_rows, n_above, n_below = found[0].of.rows.n_rows, max(map(len, above)), max(map(len, below))
    notes = [
        *choices.notes,
        f"{n_above} terms for the numerator and {n_below} for the denominator; candidates were compared on "
        f"{n_rows} of {problem.n_rows} rows.",
    ]
    if any(share.spent(candidates.n_fits) for candidates in found):
        notes.append("The budget ended the search early.")
    survivors = tuple(candidate for candidates in found for candidate in kept_quotients(candidates))
    n_library = n_above + max(n_below - 1, 0)
    return Front(
        problem.targets, survivors, n_library, n_rows, tuple(notes), interrupted, tuple(above), tuple(map(tuple, below))
    )


def _search_menu(
    rows: Rows, G: Array, target: int, choices: Offer, max_terms: int, stop: Stop, paths: Sequence[str]
) -> Candidates:
    """Search one equation, on its own part of the library where it has one."""
    menu = choices.menus[target]
    if not menu.is_plain and tuple(paths) != USUAL:
        raise SettingError("Where terms are forced or come in groups, paths cannot be chosen.")
    if not menu.is_plain:
        n_fit = max(1, max_terms - len(menu.forced))
        return search_groups(rows, G, target, menu, max(1, min(n_fit, rows.n_rows // (3 * menu.widest or 1))), stop)
    if menu.n_choices == len(choices.terms):
        return search_target(rows, G, target, max_terms, stop, paths)
    columns = sorted(menu.columns)
    index = [*columns, *range(len(choices.terms), len(G))]
    mine = replace(rows.only(columns), n_priced=rows.n_priced)
    return search_target(mine, G[np.ix_(index, index)], target, max_terms, stop, paths)
