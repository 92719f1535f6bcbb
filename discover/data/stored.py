"""Samples of a field that stay in their file: slices of time are read when they are asked for."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from discover.problem import Array

if TYPE_CHECKING:
    import xarray as xr


Observe = Callable[[str, float], None]
"""Told the name of the step and the share done, between 0 and 1."""


def nobody(step: str, share: float) -> None:
    """Observe nothing."""


class Samples(Protocol):
    """Samples (n_variables, n_t, n_x, …): an array, or what reads slices of variables and of time from a file."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, key: Any, /) -> Any: ...


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """Variables of one recording as one lazy array (n_variables, n_t, n_x, …), float64.

    Attributes:
        variables: over time and space, in the same order of dimensions.
        first, last: the first snapshot and the one behind the last.
        observe: told the step and the share read, whenever something is.

    >>> import xarray as xr
    >>> u = xr.DataArray(np.arange(12.0).reshape(6, 2), dims=("time", "x"))
    >>> samples = Stored((u, 10 * u), 1, 5)
    >>> samples.shape, samples[:, 2:4].tolist(), samples[1, ::3, 1].tolist()
    ((2, 4, 2), [[[6.0, 7.0], [8.0, 9.0]], [[60.0, 70.0], [80.0, 90.0]]], [30.0, 90.0])
    """

    variables: "Sequence[xr.DataArray]"
    first: int
    last: int
    observe: Observe = nobody

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.variables), self.last - self.first, *self.variables[0].shape[1:])

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def chunk(self) -> int:
        """Snapshots that the file keeps together."""
        if self.is_chunked:
            return max(int(v.chunksizes["time"][0]) for v in self.variables)
        return max(int(v.encoding.get("preferred_chunks", {}).get("time", 1)) for v in self.variables)

    @property
    def is_chunked(self) -> bool:
        """Whether Dask holds the variables, which may then be read by the processes of a cluster."""
        return all(v.chunks is not None for v in self.variables)

    def chunked(self, when: slice) -> "list[Any]":
        """Return a stretch of time of every variable as Dask arrays, not read yet."""
        times = range(self.first, self.last)[when]
        return [v[_plain(times)].data for v in self.variables]

    def __len__(self) -> int:
        return len(self.variables)

    def __getitem__(self, key: Any) -> Array:
        """Return the values at a number or slice (of positive step) of variables, then of time, then of space."""
        which, when, *where = (*(key if isinstance(key, tuple) else (key,)), slice(None))[: len(self.shape)]
        single = not isinstance(which, slice)
        chosen = [self.variables[v] for v in ([int(which)] if single else range(len(self.variables))[which])]
        times = range(self.first, self.last)[when]
        index = (_plain(times), *where)
        parts = (np.asarray(one[index].values, dtype=np.float64) for one in chosen)
        first = next(parts)
        if isinstance(times, range) and times:
            self.observe("reading the field", (times[-1] + 1 - self.first) / (self.last - self.first))
        if len(chosen) == 1:
            return first if single else first[None]
        found = np.empty((len(chosen), *first.shape))
        found[0] = first
        for v, values in enumerate(parts, start=1):
            found[v] = values
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Return all samples, read into memory."""
        return np.asarray(self[:], dtype=dtype)


def _plain(times: range | int) -> slice | int:
    """Return the snapshots as what they are in the file."""
    return times if isinstance(times, int) else slice(times.start, times.stop, times.step)
