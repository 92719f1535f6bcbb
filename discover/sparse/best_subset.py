"""Best subset of every size, with a proof where it can be had, and how far it may be from the best elsewhere.

Source: Furnival and Wilson (1974), doi:10.1080/00401706.1974.10489231, for the bounds; `discover_kernels.branch`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.inference.candidates import Support
from discover.problem import Array
from discover.sparse.paths import N_PASSES, normalised
from discover_kernels.branch import CLOSE_ENOUGH, best_subsets, full_model
from discover_kernels.subset import subset_path as _subset_path

RIDGE = 1e-10
"""On columns of unit norm: it keeps every pivot away from zero, and is part of what is minimised."""

MAX_PAIRS = 3_000_000
"""Pairs of terms looked at, all sizes together: some 20 ms, in which 35 terms are certified up to eight or nine."""

WIDEST = 300
"""Largest library that is searched for proofs: the model of all terms has to be solved first."""


@dataclass(frozen=True, slots=True)
class Subset:
    """The best support found of its size.

    Attributes:
        support: the terms, increasing.
        residual: what it leaves of the left-hand side's sum of squares, between 0 and 1.
        bound: no support of the size leaves less.
        n_nodes: nodes of the tree that were opened to prove it.
    """

    support: Support
    residual: float
    bound: float
    n_nodes: int

    @property
    def certified(self) -> bool:
        """Whether none of the same size leaves less, but for a millionth part."""
        return self.bound >= self.residual * (1.0 - 2.0 * CLOSE_ENOUGH)

    @property
    def gap(self) -> float:
        """Share of the residual by which a better support could beat it; 0 where it is certified."""
        return 0.0 if self.certified else 1.0 - max(self.bound, 0.0) / self.residual


def certified_path(
    G: Array, n_terms: int, target: int, max_terms: int, max_pairs: int = MAX_PAIRS, n_best: int = 1
) -> list[tuple[Subset, ...]]:
    """Return the best supports of each size from 1 on, smallest size first, each with a bound.

    Every size starts from what forward, backward and swap steps find, and is searched by branch and bound
    while there are pairs left; sizes are searched in turn, so that small ones are certified first. Libraries
    of more than 300 terms, and Grams that noise was taken off until they are none, are not searched for proofs.

    Args:
        G: Gram of [θ; Y], shape (n_terms + n_targets,) squared.
        n_terms: how many of its rows are terms.
        target: which left-hand side.
        max_terms: largest size.
        max_pairs: most pairs of terms looked at, a measure of work that is the same on every machine.
        n_best: how many supports of each size, best first; all of them are certified or none.

    >>> import numpy as np
    >>> Theta = np.random.default_rng(0).standard_normal((6, 50))
    >>> Z = np.vstack([Theta, 2 * Theta[1] - Theta[4]])
    >>> [best.support for (best,) in certified_path(Z @ Z.T, 6, 0, 2)][1]
    (1, 4)
    """
    A = np.ascontiguousarray(normalised(G, n_terms, target)[0])
    _, known = _subset_path(A, min(max_terms, n_terms), N_PASSES)
    root = _root(A)
    left, found = (max_pairs if root[0] <= WIDEST and np.isfinite(root[1]) else 0), []
    for k in range(1, min(max_terms, root[0]) + 1):
        values, supports = np.full(n_best, np.inf), np.zeros((n_best, n_terms), np.bool_)
        if known[k].any():
            values[0], supports[0] = _ridge_residual(A, np.flatnonzero(known[k]).tolist()), known[k]
        n_nodes, bound = 0, root[1]
        if left > 0:
            most = max(1, 2 * left // root[0] ** 2)
            n_nodes, bound = best_subsets(float(A[-1, -1]), *root, k, values, supports, most)
        left -= n_nodes * root[0] ** 2 // 2
        best = tuple(
            _subset(value, line, values[-1], bound, n_nodes) for value, line in zip(values, supports, strict=True)
        )
        if kept := tuple(one for one in best if np.isfinite(one.residual)):
            found.append(kept)
    return found


def _root(A: Array) -> tuple[int, float, Array, Array, Array, Array, np.ndarray]:
    """Return the model of all terms, where every tree begins."""
    P = len(A) - 1
    S, V, b, w, free = np.zeros((P, P)), np.zeros((P, P)), np.zeros(P), np.zeros(P), np.zeros(P, np.int64)
    if P > WIDEST:
        return int(np.count_nonzero(np.diag(A)[:-1] > 0.0)), 0.0, S, V, b, w, free
    n, leaves = full_model(A, RIDGE, S, V, b, w, free)
    return int(n), float(leaves), S, V, b, w, free


def _subset(value: float, line: np.ndarray, last: float, bound: float, n_nodes: int) -> Subset:
    """Return one support of a size; where the list was not filled, there are no others, and nothing is left out."""
    proven = bound >= last * (1.0 - 2.0 * CLOSE_ENOUGH)
    return Subset(tuple(np.flatnonzero(line).tolist()), float(value), float(value if proven else bound), int(n_nodes))


def _ridge_residual(A: Array, S: list[int]) -> float:
    """Return what a support leaves, the ridge included; a hair more, so that the search may find it itself."""
    c = A[S, -1]
    left = A[-1, -1] - c @ np.linalg.solve(A[np.ix_(S, S)] + RIDGE * np.eye(len(S)), c)
    return float(left) * (1.0 + 1e-9) + 1e-15


def told(path: Sequence[Subset]) -> str:
    """Return which sizes of a path, smallest first, are proven best, in words.

    >>> told([Subset((1,), 0.5, 0.5, 1), Subset((0, 1), 0.2, 0.1, 9)])
    'up to 1 term (with 2 some other might leave 50 % less)'
    """
    n = next((k for k, best in enumerate(path) if not best.certified), len(path))
    proven = f"up to {n} term{'s' if n != 1 else ''}"
    if n == len(path):
        return proven
    return f"{proven} (with {len(path[n].support)} some other might leave {100 * path[n].gap:.2g} % less)"
