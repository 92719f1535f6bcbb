"""Best subset of every size, with a proof where it can be had, and how far it may be from the best elsewhere.

Source: Furnival and Wilson (1974), doi:10.1080/00401706.1974.10489231, for the bounds; `discover_kernels.branch`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.inference.candidates import Support
from discover.problem import Array
from discover.sparse.paths import N_PASSES, normalised
from discover_kernels.branch import CLOSE_ENOUGH, best_subsets
from discover_kernels.subset import subset_path as _subset_path

RIDGE = 1e-10
"""On columns of unit norm: it keeps every pivot away from zero, and is part of what is minimised."""

MAX_PAIRS = 20_000_000
"""Pairs of terms looked at, all sizes together: some 50 ms."""


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
    while there are pairs left; sizes are searched in turn, so that small ones are certified first.

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
    A, _ = normalised(G, n_terms, target)
    A = np.ascontiguousarray(A)
    usable = int(np.count_nonzero(np.diag(A)[:-1] > 0.0))
    _, known = _subset_path(A, min(max_terms, n_terms), N_PASSES)
    left, found = max_pairs, []
    for k in range(1, min(max_terms, usable) + 1):
        values, supports = np.full(n_best, np.inf), np.zeros((n_best, n_terms), np.bool_)
        if known[k].any():
            values[0], supports[0] = _ridge_residual(A, np.flatnonzero(known[k])), known[k]
        n_nodes, bound = best_subsets(A, RIDGE, k, values, supports, max(1, 2 * left // max(usable, 1) ** 2))
        left -= n_nodes * usable**2 // 2
        sizes = zip(values.tolist(), supports, strict=True)
        kept = [(value, tuple(np.flatnonzero(line).tolist())) for value, line in sizes if np.isfinite(value)]
        last = kept[-1][0] if kept else np.inf
        proven = bound >= last * (1.0 - 2.0 * CLOSE_ENOUGH) or not np.isfinite(values[-1])
        if kept:
            found.append(tuple(Subset(s, value, value if proven else bound, n_nodes) for value, s in kept))
    return found


def _ridge_residual(A: Array, support: Sequence[int] | Array) -> float:
    """Return what a support leaves, the ridge included; a hair more, so that the search may find it itself."""
    S = list(support)
    c = A[S, -1]
    left = A[-1, -1] - c @ np.linalg.solve(A[np.ix_(S, S)] + RIDGE * np.eye(len(S)), c)
    return float(left) * (1.0 + 1e-9) + 1e-15


def told(target: str, path: Sequence[tuple[Subset, ...]]) -> str:
    """Return which sizes of a target's best subsets are proven, in words.

    >>> told("x", [(Subset((1,), 0.5, 0.5, 1),), (Subset((0, 1), 0.2, 0.1, 9),)])
    'x: up to 1 term, then within 50 %'
    """
    n = next((k for k, best in enumerate(path) if not best[0].certified), len(path))
    proven = f"{target}: up to {n} term{'s' if n != 1 else ''}"
    if n == len(path):
        return proven
    return f"{proven}, then within {100 * max(best[0].gap for best in path[n:]):.2g} %"
