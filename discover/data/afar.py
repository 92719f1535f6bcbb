"""Fields on a Dask cluster: sums over their tiles are worked out where the samples lie, and only the sums travel."""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np

from discover.data.stored import Samples, Stored
from discover.data.tiles import Tile, bounds

Result = TypeVar("Result")

AHEAD = 2
"""Tiles for each thread of the cluster that are under way at once."""


def client_of(X: Samples) -> Any:
    """Return the client of the cluster that the samples are to be read by, None where they are read here.

    They are read there where they are chunked by Dask and this process is the client of a cluster.
    """
    distributed = sys.modules.get("distributed")  # without it nobody can be the client of a cluster
    if distributed is None or not isinstance(X, Stored) or not X.is_chunked:
        return None
    try:
        return distributed.default_client()
    except ValueError:
        return None


def over_tiles(client: Any, X: Stored, work: Callable[[Tile], Result]) -> Iterator[Result]:
    """Yield what `work` makes of every tile of a field, in their order; it runs on the cluster, as does the reading.

    Args:
        client: of the cluster.
        X: samples that Dask has chunked.
        work: takes a tile; what it holds is sent along, so it should be little.
    """
    import dask

    # hash=False: a key of its own, or the release of an earlier one of equal content could take this one away.
    sent = client.scatter(work, broadcast=True, hash=False)
    n_ahead = AHEAD * max(1, sum(client.nthreads().values()))
    pending: deque[Any] = deque()
    try:
        for first, last in bounds(X):
            pieces = X.chunked(slice(first, last))
            held = dask.delayed(_held)(pieces)  # pyright: ignore[reportPrivateImportUsage]
            values = client.compute(held)
            pending.append((client.submit(_worked, sent, first, last - first, values, pure=False), last))
            if len(pending) >= n_ahead:
                yield _taken(pending, X)
        while pending:
            yield _taken(pending, X)
    finally:
        client.cancel([future for future, _ in pending])


def _taken(pending: "deque[Any]", X: Stored) -> Any:
    future, last = pending.popleft()
    found = future.result()
    X.observe("reading the field", last / X.shape[1])
    return found


def _held(pieces: "list[np.ndarray]") -> "np.ndarray":
    return np.ascontiguousarray(np.stack(pieces), dtype=np.float64)


def _worked(work: Callable[[Tile], Result], start: int, n: int, held: "np.ndarray") -> Result:
    return work(Tile(start, n, held, 0))
