"""A field a stretch of time at a time, read ahead where it lies in a file."""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from discover.data.stored import Samples
from discover.problem import Array

TILE = 2**23
"""Values of the field in memory at once where it is read from a file (64 MiB)."""

WIDER = 8
"""How many times more values a tile may hold, so that no chunk of a file is read twice."""


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A stretch of time of a field.

    Attributes:
        start, n: first snapshot and how many.
        held: what is in memory, (n_variables, n_held, n_x, …), the tile from `offset` on.
    """

    start: int
    n: int
    held: Array
    offset: int

    @property
    def values(self) -> Array:
        """The samples, (n_variables, n, n_x, …)."""
        return self.held[:, self.offset : self.offset + self.n]


def tiles(X: Samples) -> Iterator[Tile]:
    """Yield a field of at most about `TILE` values at a time; the next is read while one is worked on."""
    stretches = bounds(X)
    if isinstance(X, np.ndarray) and X.dtype == np.float64 and X.flags.c_contiguous:
        yield from (Tile(first, last - first, X, first) for first, last in stretches)
        return

    def read(bound: tuple[int, int]) -> Tile:
        return Tile(bound[0], bound[1] - bound[0], np.ascontiguousarray(X[:, slice(*bound)], dtype=np.float64), 0)

    with ThreadPoolExecutor(1) as reader:
        pending = reader.submit(read, stretches[0])
        for bound in stretches[1:]:
            ready, pending = pending.result(), reader.submit(read, bound)
            yield ready
            del ready
        yield pending.result()


def bounds(X: Samples) -> list[tuple[int, int]]:
    """Return the first snapshot of every tile of a field, and the one behind its last."""
    n_t, step = X.shape[1], _step(X)
    return [(start, min(start + step, n_t)) for start in range(0, n_t, step)]


def _step(X: Samples) -> int:
    """Return the snapshots in a tile: whole chunks of the file where those are not much larger."""
    step = max(1, TILE // max(1, math.prod(X.shape) // X.shape[1]))
    chunk = getattr(X, "chunk", 1)
    return max(step // chunk, 1) * chunk if chunk <= WIDER * step else step
