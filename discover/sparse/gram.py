"""Gram matrices of a library, one a fold; after them the number of samples no longer matters."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from discover.data.parallel import in_order
from discover.expr import Expr
from discover.inference.rows import row_function, row_slice
from discover.problem import Array, Block, Grid, Problem
from discover_kernels.gram import add_outer, mirror

TILE = 4096
"""Rows a tile: what is in memory at once, whatever the length of a block."""

TOGETHER = 8 * TILE
"""Rows that a thread sums before its Grams are added to the others': fixed, so that threads do not change the sums."""

Tile = tuple[Block, int, int]
"""A block, and its rows from the first to before the last."""


def gram(problem: Problem, terms: Sequence[Expr], n_jobs: int | None = None, max_folds: int | None = None) -> Array:
    """Return Σ over the rows of each fold of [θ; Y][θ; Y]ᵀ.

    Args:
        problem: data and rows.
        terms: the library.
        max_folds: most folds kept apart, neighbours being taken together; all of them where None.
        n_jobs: threads, None for one a core; the sums are in the same order at any number of them.

    Returns:
        shape (n_folds, n_terms + n_targets, n_terms + n_targets), symmetric; fewer folds with `max_folds`.
    """
    rows = row_function(problem, terms, n_jobs)
    q = len(terms) + len(problem.targets)
    n_folds = problem.n_folds
    n_kept = n_folds if max_folds is None else max(1, min(max_folds, n_folds))
    G = np.zeros((n_kept, q, q))

    def summed(tiles: list[Tile]) -> dict[int, Array]:
        found: dict[int, Array] = {}
        for block, first, last in tiles:
            tile = block if isinstance(block.stencil, Grid) else row_slice(block, first, last)
            Z = np.concatenate([rows(tile), tile.Y])
            folds = tile.fold * n_kept // max(n_folds, 1)
            for fold in np.unique(folds).tolist():
                part = np.ascontiguousarray(Z[:, folds == fold])
                add_outer(part, part.shape[1], found.setdefault(fold, np.zeros((q, q))))
        return found

    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(n_jobs or os.cpu_count()) as pool:
        for found in in_order(pool, summed, _groups(problem)):
            for fold, part in found.items():
                G[fold] += part
    mirror(G)
    return G


def _groups(problem: Problem) -> Iterator[list[Tile]]:
    """Yield tiles of rows, several together where they are small; a field is one: its samples come in tiles."""
    group, n_rows = list[Tile](), 0
    for block in problem:
        step = block.n_rows if isinstance(block.stencil, Grid) else TILE
        for first in range(0, block.n_rows, step or 1):
            last = min(first + step, block.n_rows)
            group.append((block, first, last))
            n_rows += last - first
            if n_rows >= TOGETHER:
                yield group
                group, n_rows = [], 0
    if group:
        yield group
