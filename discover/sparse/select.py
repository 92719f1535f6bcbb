"""Which few terms? Candidates from paths on Gram matrices, chosen by their own chi-square.

Candidates are easy: the true support lies on the best-subset path of nearly every system. Choosing
the number of terms is the whole problem, and only a criterion that knows how noise enters both
sides of the regression solves it (`discover.inference.chisquare`).
"""

from collections.abc import Sequence

import numpy as np

from discover.inference.candidates import Candidates, Stop, Support
from discover.inference.chisquare import Estimate, factors
from discover.inference.noise_gram import noise_gram, without_noise
from discover.inference.rows import Rows
from discover.problem import Array
from discover.sparse.paths import normalised
from discover.sparse.proposals import USUAL, proposed
from discover_kernels.gram import add_outer, mirror

N_ROUNDS = 3
N_NEIGHBOURS = 2
"""Best replacements tried for each term of the winner, and best additions."""

MORE_NEIGHBOURS = 5
"""The same over space, where noise is larger and gains say less."""


def whitened_gram(rows: Rows, target: int, winner: Estimate) -> Array:
    """Return the Gram of the whole library and one target under the winner's covariance."""
    P = len(rows.terms)
    G = np.zeros((1, P + 1, P + 1))
    whitening = factors(rows, target, winner.support, winner.coefficients)
    for b, block in enumerate(rows.blocks):
        Z = np.concatenate([rows.theta[b], block.Y[target : target + 1]])
        here = np.array([*(p for p in range(P) if not rows.problem.is_absent(rows.terms[p], block)), P])
        part = Z if len(here) == P + 1 else Z[here]
        whitening[b].apply(part)
        own = np.zeros((len(part), len(part)))
        add_outer(part, part.shape[1], own)
        G[0][np.ix_(here, here)] += own
    mirror(G)
    return G[0]


def neighbours(G: Array, support: Support, n_best: int = N_NEIGHBOURS) -> list[Support]:
    """Return the supports one step from `support`: every drop, and the most promising swaps and additions.

    G is the Gram (n_terms + 1,) squared, the target last; n_best swaps and additions are kept for each.
    """
    P = len(G) - 1
    A, _ = normalised(G, P, 0)
    found: list[Support] = []
    for left_out in [None, *support]:
        kept = [p for p in support if p != left_out]
        if left_out is not None:
            found.append(tuple(kept))
        gains = _entry_gains(A, kept)
        gains[list(support)] = -1.0
        found += [tuple(sorted([*kept, int(j)])) for j in np.argsort(-gains)[:n_best] if gains[j] > 0]
    return found


def _entry_gains(A: Array, kept: list[int]) -> Array:
    """Return how much each column lowers the residual sum of squares when added to `kept`."""
    P = len(A) - 1
    if kept:
        block = A[np.ix_(kept, kept)]
        solved = np.linalg.lstsq(block, A[kept], rcond=1e-12)[0]
        A = A - A[:, kept] @ solved
    diagonal = np.diag(A)[:P]
    return np.where(diagonal > 1e-9, A[:P, P] ** 2 / np.maximum(diagonal, 1e-300), 0.0)


def search_target(
    rows: Rows,
    G: Array,
    target: int,
    max_terms: int,
    stop: Stop = lambda n_fits: False,
    paths: Sequence[str] = USUAL,
) -> Candidates:
    """Return all candidates for one target, the truth among them if it can be reached.

    Args:
        rows: library rows, on which candidates are fitted.
        G: Gram of the library and all targets over all data, (n_terms + n_targets,) squared.
        target: which left-hand side.
        max_terms: longest equation considered.
        stop: whether to end the search; the candidate without terms is always fitted.
        paths: who proposes, names of `PATHS`; the first is asked again on rows that are whitened under the
            winner's covariance.
    """
    P = len(rows.terms)
    candidates = Candidates(rows, target)
    candidates.add([()], lambda n_fits: False)
    for name in paths:
        if stop(len(candidates.found)):
            return candidates
        supports, proven = proposed(name, G, P, target, max_terms, rows.n_rows)
        candidates.proven = candidates.proven or proven
        candidates.add(supports, stop)
    if rows.problem.is_weak_field:
        index = [*range(P), P + target]
        quiet = without_noise(G[np.ix_(index, index)], noise_gram(rows, target))
        candidates.add(proposed(paths[0], quiet, P, 0, max_terms, rows.n_rows)[0], stop)
    last, is_field = None, rows.problem.is_weak_field
    for _ in range(N_ROUNDS):
        winner = candidates.best()
        if winner == last or stop(len(candidates.found)):
            break
        last = winner
        for own in _grams(rows, target, candidates.found[winner]):
            candidates.add(proposed(paths[0], own, P, 0, max_terms, rows.n_rows)[0], stop)
            near = neighbours(own, candidates.best(), MORE_NEIGHBOURS if is_field else N_NEIGHBOURS)
            if is_field and len(winner) > 1:
                near += neighbours(own, _best_of(candidates, len(winner) - 1), MORE_NEIGHBOURS)
            candidates.add((s for s in near if len(s) <= max_terms), stop)
    return candidates


def _best_of(candidates: Candidates, size: int) -> Support:
    """Return the best support of a size, or of the nearest smaller one that was tried."""
    found = candidates.found
    most = max(len(key) for key in found if len(key) <= size)
    return min((key for key in found if len(key) == most), key=lambda key: (found[key].chi2, key))


def _grams(rows: Rows, target: int, winner: Estimate) -> list[Array]:
    """Return Grams under the winner's covariance: of the rows as they are and, over space, without their noise."""
    own = whitened_gram(rows, target, winner)
    return [own, without_noise(own, noise_gram(rows, target, winner))] if rows.problem.is_weak_field else [own]
