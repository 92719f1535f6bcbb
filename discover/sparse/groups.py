"""Selection among groups of terms that enter together, with terms that are always in."""

import numpy as np

from discover.inference.candidates import Candidates, Stop, Support
from discover.inference.menu import Menu
from discover.inference.rows import Rows
from discover.problem import Array
from discover.sparse.paths import N_PASSES, normalised
from discover.sparse.select import N_NEIGHBOURS, N_ROUNDS, whitened_gram
from discover_kernels.groups import group_gain, group_path

NEGLIGIBLE = 1e-9
"""Share of the left-hand side's square below which nothing more is to be explained."""


def reduced(G: Array, n_terms: int, target: int, menu: Menu) -> Array:
    """Return the augmented Gram of a menu's free columns and the target, the forced ones projected out.

    G is (n_terms + n_targets,) squared; the result has unit diagonal, columns group by group, the target last.
    """
    A, _ = normalised(G, n_terms, target)
    forced, free = list(menu.forced), [*(c for group in menu.groups for c in group), n_terms]
    inner = A[np.ix_(free, free)]
    if forced:
        solved = np.linalg.lstsq(A[np.ix_(forced, forced)], A[np.ix_(forced, free)], rcond=1e-12)[0]
        inner = inner - A[np.ix_(free, forced)] @ solved
    norms = np.sqrt(np.maximum(np.diag(inner), 0.0))
    norms[norms < NEGLIGIBLE] = np.inf  # what the forced columns say already has nothing to add
    if not np.isfinite(norms[-1]):
        norms[-1] = 1.0
    return inner / norms / norms[:, None]


def edges_of(menu: Menu) -> np.ndarray:
    """Return the first of each group's columns in the reduced Gram, and their number at the end, (n_groups + 1,)."""
    return np.concatenate([[0], np.cumsum([len(group) for group in menu.groups])]).astype(np.int64)


def group_supports(G: Array, n_terms: int, target: int, menu: Menu, most: int) -> list[Support]:
    """Return the best support found of each number of groups, 1 to `most`, forced columns included."""
    if not menu.groups:
        return []
    A = np.ascontiguousarray(reduced(G, n_terms, target, menu))
    _, chosen = group_path(A, edges_of(menu), min(most, menu.n_choices), N_PASSES)
    return [menu.support(tuple(np.flatnonzero(line).tolist())) for line in chosen if line.any()]


def neighbours(G: Array, menu: Menu, chosen: Support) -> list[Support]:
    """Return the sets of groups one step away: every drop, and the most promising swaps and additions.

    G is the Gram (n_terms + 1,) squared, the target last.
    """
    A, edges = reduced(G, len(G) - 1, 0, menu), edges_of(menu)
    work = np.empty((menu.widest + 1, menu.widest + 1))
    found: list[Support] = []
    for left_out in (None, *chosen):
        kept = tuple(g for g in chosen if g != left_out)
        if left_out is not None:
            found.append(kept)
        inside = [c for g in kept for c in range(edges[g], edges[g + 1])]
        B = A - A[:, inside] @ np.linalg.lstsq(A[np.ix_(inside, inside)], A[inside], rcond=1e-12)[0] if inside else A
        gains = np.array([group_gain(B, edges[g], edges[g + 1], work) for g in range(menu.n_choices)])
        gains[list(chosen)] = -1.0
        found += [tuple(sorted((*kept, int(g)))) for g in np.argsort(-gains)[:N_NEIGHBOURS] if gains[g] > 0]
    return found


def search_groups(
    rows: Rows, G: Array, target: int, menu: Menu, most: int, stop: Stop = lambda n_fits: False
) -> Candidates:
    """Return the candidates for one target whose terms come and go as the menu says.

    Args:
        rows: library rows, on which candidates are fitted.
        G: Gram of the library and all targets over all data, (n_terms + n_targets,) squared.
        target: which left-hand side.
        menu: what may stand in its equation.
        most: most groups in an equation.
        stop: whether to end the search; the candidate of the forced terms alone is always fitted.
    """
    P, candidates = len(rows.terms), Candidates(rows, target, menu=menu)
    candidates.add([menu.support(())], lambda n_fits: False)
    candidates.add(group_supports(G, P, target, menu, most), stop)
    last = None
    for _ in range(N_ROUNDS):
        winner = candidates.best()
        if winner == last or stop(len(candidates.found)):
            break
        last = winner
        own = whitened_gram(rows, target, candidates.found[winner])
        candidates.add(group_supports(own, P, 0, menu, most), stop)
        near = neighbours(own, menu, menu.chosen(candidates.best()))
        candidates.add((menu.support(chosen) for chosen in near if len(chosen) <= most), stop)
    return candidates
