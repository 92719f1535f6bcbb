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
from discover.inference.criteria import Squares
from discover.inference.description import form_length
from discover.inference.forms import Form
from discover.inference.offer import Offer
from discover.inference.rows import row_function, sample_rows
from discover.problem import Array, Block, Problem
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
    check_size(len(terms), len(problem.targets))
    blocks = sample_rows(problem, max_rows, seed)
    X = np.concatenate([block.X for block in blocks], axis=1)
    rows = row_function(problem, terms, n_jobs)
    Theta = np.concatenate([rows(block) for block in blocks], axis=1)
    found, notes, finished = list[Candidate](), list(choices.notes), True
    weighted = any(block.precision is not None for block in blocks)
    interrupted = False
    for i, target in enumerate(problem.targets):
        interrupted = _told(observe, target, i / len(problem.targets)) or interrupted
        y, weights = _target(blocks, i)
        G = _weighted_gram(Theta, y, weights) if weighted else gram(problem, terms, n_jobs, max_folds=1)[0]
        if i == 0:
            notes += library_notes(G, terms, problem.n_rows, problem.names, ())
        longest = max(1, min(max_terms, problem.n_rows // LEAST_DEGREES - 1, len(terms)))
        path = certified_path(G, len(terms), 0 if weighted else i, longest, n_best=EACH)
        mine = list(_candidates(target, terms, path, Squares(X, y, weights, problem.knows_errors), Theta, budget))
        finished = finished and len(mine) == sum(map(len, path))
        notes.append(f"{target}: of their size, these least-squares fits are the best: {told([b[0] for b in path])}.")
        found += _kept(mine)
    interrupted = _told(observe, problem.targets[-1], 1.0) or interrupted
    notes += [] if finished else ["The budget ended the search early."]
    return Front(
        problem.targets, tuple(found), len(terms), X.shape[1], tuple(notes), interrupted, unfinished=not finished
    )


def _told(observe: Observer, step: str, share: float) -> bool:
    """Tell how far it is; return whether that was answered by an interrupt, which a search of seconds outlives."""
    try:
        observe(step, share)
    except KeyboardInterrupt:
        return True
    return False


def _target(blocks: Sequence[Block], i: int) -> tuple[Array, Array]:
    """Return target number i and the weights of its rows, (n_rows,) each."""
    y = np.concatenate([block.Y[i] for block in blocks])
    weights = [np.ones(block.n_rows) if block.precision is None else block.precision[i] for block in blocks]
    return y, np.concatenate(weights)


def _weighted_gram(Theta: Array, y: Array, weights: Array) -> Array:
    """Return the Gram of [θ; y] with weighted rows, (n_terms + 1, n_terms + 1)."""
    Z = np.concatenate([Theta, y[None]]) * np.sqrt(weights)
    return Z @ Z.T


def _candidates(
    target: str,
    terms: Sequence[Expr],
    path: Sequence[Sequence[Subset]],
    criterion: Squares,
    Theta: Array,
    budget: Budget,
) -> Iterator[Candidate]:
    """Yield the supports of a path, fitted on rows and not on the Gram, which squares what rounding does."""
    X, y, root = criterion.X, criterion.y, np.sqrt(criterion.weights)
    for n, support in enumerate(one.support for best in path for one in best):
        if n and budget.spent(n):
            return
        A = Theta[list(support)] * root
        norms = np.linalg.norm(A, axis=1)
        coefficients = np.linalg.lstsq((A / norms[:, None]).T, y * root, rcond=None)[0] / norms
        form = _sum([terms[p] for p in support], coefficients, len(X))
        rest = y * root - coefficients @ A
        left = float(np.mean(rest**2)) / criterion.scale
        yield as_candidate(form, target, X, y, 2.0 * (form_length(form, len(y)) + criterion.nats(left, form.n_free)))


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
