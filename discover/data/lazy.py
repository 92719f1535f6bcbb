"""Variables that stay in their file until they are asked for, in the order, direction and type wanted already.

xarray's own lazy transposition makes an index for every value (measured: 1.6 GB for a file of 0.4 GB), so the variable
is wrapped instead, by the interface that xarray offers to backends. This module imports xarray; import it late.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

Array = NDArray[np.float64]
Part = Callable[[NDArray[Any]], NDArray[Any]]
"""What is taken of the values: np.asarray for all, np.real or np.imag of complex ones."""

IN_MEMORY = 2**28
"""Files and fields of up to so many bytes are read at once, larger ones as they are needed."""


def fits(n_bytes: int) -> bool:
    """Return whether so many bytes are read at once."""
    return n_bytes <= IN_MEMORY


def read_if_small(dataset: xr.Dataset) -> xr.Dataset:
    """Return a Dataset read completely, its file closed; of a large one only the coordinates, its file open."""
    if fits(dataset.nbytes):
        with dataset:
            return dataset.load()
    for name, variable in dataset.variables.items():
        if variable.ndim <= 1:
            dataset[name].load()
    return dataset


def laid_out(
    source: xr.Variable, sizes: Mapping[str, int], falling: Collection[str], part: Part, at_once: bool
) -> xr.Variable:
    """Return the values of `source` as a float64 variable over dimensions in the order of `sizes`.

    Args:
        source: its dimensions are among those of `sizes`, in any order; along those it lacks, its values repeat.
        sizes: dimension -> how many points.
        falling: dimensions along which the order is reversed.
        part: what is taken of the values.
        at_once: whether to read them now rather than when they are asked for.

    >>> u = xr.Variable(("x", "t"), [[1, 2, 3], [4, 5, 6]])
    >>> laid_out(u, {"t": 3, "x": 2}, {"t"}, np.asarray, at_once=False)[:2].values.tolist()
    [[3.0, 6.0], [2.0, 5.0]]
    """
    layout = _Layout(source, dict(sizes), frozenset(falling), part)
    if source.chunks is not None and not at_once:
        return layout.chunked()
    if at_once:
        return xr.Variable(tuple(sizes), np.array(layout.read(tuple(slice(None) for _ in sizes)), order="C"))
    chunks = dict(zip(source.dims, source.encoding.get("chunksizes") or (), strict=False))
    return xr.Variable(
        tuple(sizes),
        indexing.LazilyIndexedArray(_Laid(layout)),
        encoding={"preferred_chunks": chunks} if chunks else {},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """How the values of a variable are to lie; see `laid_out`."""

    source: xr.Variable
    sizes: Mapping[str, int]
    falling: frozenset[str]
    part: Part

    def read(self, key: tuple[Any, ...]) -> Array:
        """Return the values at numbers and slices of positive step, one for each dimension."""
        wanted = {dim: _as_slice(one) for dim, one in zip(self.sizes, key, strict=True)}
        own = [dim for dim in self.sizes if dim in self.source.dims]
        there = {dim: _mirrored(wanted[dim], self.sizes[dim]) if dim in self.falling else wanted[dim] for dim in own}
        values = self.part(self.source.isel(there).transpose(*own).values)
        # In one step, because a change of type first and of order second was measured to take fourteen times as long.
        values = np.asarray(values, dtype=np.float64, order="C")
        values = values[tuple(slice(None, None, -1 if dim in self.falling else 1) for dim in own)]
        lengths = {dim: len(range(*one.indices(self.sizes[dim]))) for dim, one in wanted.items()}
        values = values.reshape([length if dim in own else 1 for dim, length in lengths.items()])
        full = np.broadcast_to(values, tuple(lengths.values()))
        return full[tuple(slice(None) if isinstance(one, slice) else 0 for one in key)]

    def chunked(self) -> xr.Variable:
        """Return the values of a source that Dask has chunked as a Dask array, so that a cluster can read them."""
        own = [dim for dim in self.sizes if dim in self.source.dims]
        blocks: Any = self.source.transpose(*own).data
        values = blocks.map_blocks(self.part).astype(np.float64)
        values = values[tuple(slice(None, None, -1 if dim in self.falling else 1) for dim in own)]
        return xr.Variable(own, values).set_dims(dict(self.sizes)).transpose(*self.sizes)


class _Laid(BackendArray):
    """A layout as xarray sees it."""

    __slots__ = ("dtype", "layout", "shape")

    def __init__(self, layout: _Layout) -> None:
        self.layout, self.shape, self.dtype = layout, tuple(layout.sizes.values()), np.dtype(np.float64)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Array:
        basic = indexing.IndexingSupport.BASIC
        return indexing.explicit_indexing_adapter(key, self.shape, basic, self.layout.read)


def _as_slice(key: Any) -> slice:
    return key if isinstance(key, slice) else slice(int(key), int(key) + 1)


def _mirrored(wanted: slice, size: int) -> slice:
    """Return the slice of positive step that holds the same points of the reversed axis.

    >>> np.arange(10)[::-1][_mirrored(slice(1, 8, 3), 10)].tolist()
    [7, 4, 1]
    """
    points = range(*wanted.indices(size))
    return slice(size - 1 - points[-1], size - points[0], points.step) if points else slice(0, 0)
