"""Which few terms of a library explain a column of a table? Least squares on independent observations.

There is no left-hand side to be integrated and no noise in the terms, so candidates are told apart by how short they
make the description of the target, as formulas are: fronts of both engines can be compared.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from discover.contract import Budget, Observer
from discover.errors import SettingError
from discover.expr import Expr, multiply, variable
from discover.front import Candidate, Front
from discover.inference.addends import as_candidate
from discover.inference.description import description_length
from discover.inference.forms import Form
from discover.inference.offer import Offer
from discover.inference.rows import row_function, sample_rows
from discover.problem import Array, Problem
from discover.sparse.best_subset import Subset, certified_path, told
from discover.sparse.condition import check_size, library_notes
from discover.sparse.gram import gram

EACH = 5
"""Supports of every size that are compared."""

CLOSE = 24.0
"""Candidates within this of the best score are all kept, and the best of every size."""

LEAST_DEGREES = 2
"""Rows a term, at least: with fewer, any library explains anything."""


def search_observations(
    problem: Problem,
    choices: Offer,
    max_terms: int,
    max_rows: int,
    n_jobs: int | None,
    budget: Budget,
    seed: int,
    observe: Observer,
) -> Front:
    """Return the best sums of a few terms of the library for the target, by the length of their description.

    Raises:
        SettingError: where terms are forced, come in groups, or stand in a denominator.
    """
    if not choices.is_plain:
        raise SettingError(
            "A formula from a library is a sum of free terms: leave out forced terms and groups, "
            'or search for it with engine="symbolic".'
        )
    terms = choices.terms
    check_size(len(terms), 1)
    G = gram(problem, terms, n_jobs, max_folds=1)[0]
    longest = max(1, min(max_terms, problem.n_rows // LEAST_DEGREES - 1, len(terms)))
    path = certified_path(G, len(terms), 0, longest, n_best=EACH)
    observe("subsets", 0.5)
    blocks = sample_rows(problem, max_rows, seed)
    X, y = (np.concatenate([getattr(block, name) for block in blocks], axis=1) for name in "XY")
    rows = row_function(problem, terms, n_jobs)
    Theta = np.concatenate([rows(block) for block in blocks], axis=1)
    found = list(_candidates(problem, terms, path, X, y[0], Theta, budget))
    observe("subsets", 1.0)
    n_tried = sum(map(len, path))
    notes = (
        *choices.notes,
        *library_notes(G, terms, problem.n_rows, problem.names, ()),
        f"Of their size, these least-squares fits are proven to be the best: {told([best[0] for best in path])}.",
        *(("The budget ended the search early.",) if len(found) < n_tried else ()),
    )
    return Front(problem.targets, _kept(found), len(terms), len(y[0]), notes, unfinished=len(found) < n_tried)


def _candidates(
    problem: Problem,
    terms: Sequence[Expr],
    path: Sequence[Sequence[Subset]],
    X: Array,
    y: Array,
    Theta: Array,
    budget: Budget,
) -> Iterator[Candidate]:
    """Yield the supports of a path, fitted on rows and not on the Gram, which squares what rounding does."""
    scale = float(np.mean(y**2)) or 1.0
    n_variables = len(X)
    for n, support in enumerate(one.support for best in path for one in best):
        if n and budget.spent(n):
            return
        coefficients = np.linalg.lstsq(_scaled(Theta[list(support)]).T, y, rcond=None)[0]
        coefficients /= np.linalg.norm(Theta[list(support)], axis=1)
        form = _sum([terms[p] for p in support], coefficients, n_variables)
        rest = y - coefficients @ Theta[list(support)]
        length = description_length(form, float(np.mean(rest**2)) / scale, len(y))
        yield as_candidate(form, problem.targets[0], X, y, 2.0 * length)


def _scaled(columns: Array) -> Array:
    return columns / np.linalg.norm(columns, axis=1, keepdims=True)


def _sum(terms: Sequence[Expr], coefficients: Array, n_variables: int) -> Form:
    """Return Σ coefficient · term with the coefficients as free constants."""
    total: Expr | None = None
    for k, term in enumerate(terms):
        part = multiply(variable(n_variables + k), term)
        total = part if total is None else total + part
    assert total is not None
    return Form(total, n_variables, tuple(coefficients.tolist()))


def _kept(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the best candidate of every size, and all whose score is close to the best."""
    best = min(candidate.score for candidate in found)
    leading: dict[int, Candidate] = {}
    for candidate in sorted(found, key=lambda one: one.score):
        leading.setdefault(candidate.n_terms, candidate)
    kept = [one for one in found if one.score < best + CLOSE or leading[one.n_terms] is one]
    return tuple(sorted(kept, key=lambda one: one.score))
