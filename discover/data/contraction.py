"""Functions of a field against separable test functions: time first, then one axis of space after the other.

Test functions overlap only a few times, so the contraction along time is banded and fused with the evaluation of the
functions (`discover_kernels.separable`); it shortens the field by the ratio of samples to test functions. Along
space, derivatives of all orders share it. Work is cut by the field's size alone and added up in a fixed order, so the
answer has the same bits at any number of threads.
"""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast

import numpy as np
from threadpoolctl import threadpool_limits

from discover.data.afar import client_of, over_tiles
from discover.data.stored import Samples, Stored
from discover.data.tiles import Tile, tiles
from discover.expr import Expr, Program, compile_program
from discover.problem import Array, Grid, Index
from discover_kernels.separable import time_rows

Orders = tuple[int, ...]
Wanted = Sequence[tuple[Orders, Expr]]
"""Derivative orders of the test function, time first, and the function that it is integrated against."""

SLAB, PIECES = 2**19, 8
"""Values left after time in one piece of work, and the least number of pieces that threads can share."""

NARROW = 512
"""Fewest points of a piece, so that small fields are not cut up."""

Slab = tuple[int, int]
"""First point along the first axis of space, and one past the last."""


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """What is computed at every sample and summed along time.

    Attributes:
        program: the functions.
        roots, orders: row of the program's buffer and order along time of each channel, (n_channels,).
    """

    program: Program
    roots: Index
    orders: Index

    def __len__(self) -> int:
        return len(self.roots)


def _channels(pairs: Sequence[tuple[Expr, int]], n_variables: int) -> Channels:
    functions = list(dict.fromkeys(function for function, _ in pairs))
    program = compile_program(functions, n_variables)
    number = dict(zip(functions, program.roots.tolist(), strict=True))
    roots = np.array([number[function] for function, _ in pairs], dtype=np.int64)
    return Channels(program, roots, np.array([order for _, order in pairs], dtype=np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Something to be added up over a field.

    Attributes:
        channels: what is summed along time.
        weights: against what, (n_orders, n_queries, n_t).
        multiple: of points of the first axis of space that slabs hold.
        finish: takes (n_queries near the tile, n_channels, n_slab, …) and a slab, in a thread.
        add: takes what it returned, those queries and the slab, in a fixed order.
    """

    channels: Channels
    weights: Array
    multiple: int
    finish: Callable[[Array, Slab], Array]
    add: Callable[[Array, slice, Slab], None]


def contracted(wanted: Wanted, X: Samples, grid: Grid, n_jobs: int | None = None) -> Array:
    """Return rows (n_wanted, n_queries): each function of the field against D^orders of the test functions.

    Args:
        wanted: functions and orders.
        X: samples (n_variables, n_t, n_x, …), an array or what reads slices of time from a file.
        grid: the test functions.
        n_jobs: threads, None for one a core.
    """
    jobs, rows = row_sums(wanted, X.shape[0], grid)
    stream(jobs, X, n_jobs)
    return rows


def row_sums(wanted: Wanted, n_variables: int, grid: Grid) -> tuple[list[Job], Array]:
    """Return the work behind `contracted`, and the rows (n_wanted, n_queries) that it adds to."""
    pairs = list(dict.fromkeys((function, orders[0]) for orders, function in wanted))
    number = {pair: c for c, pair in enumerate(pairs)}
    rows = [(p, number[function, orders[0]], orders[1:]) for p, (orders, function) in enumerate(wanted)]
    space = [axis.weights for axis in grid.axes[1:]]
    out = np.zeros((len(wanted), *grid.shape))

    def finish(values: Array, slab: Slab) -> Array:
        part = np.empty((len(wanted), values.shape[0], *grid.shape[1:]))
        _along_space(values.swapaxes(0, 1), [space[0][:, :, slice(*slab)], *space[1:]], rows, part)
        return part

    def add(part: Array, near: slice, slab: Slab) -> None:
        out[:, near] += part

    jobs = [Job(_channels(pairs, n_variables), grid.axes[0].weights, 1, finish, add)] if wanted else []
    return jobs, out.reshape(len(wanted), -1)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Stretches of samples of equal length along one axis, and those of them that count.

    Attributes:
        width: samples in one.
        used: their numbers, increasing.
    """

    width: int
    used: Index


def cell_means(functions: Sequence[Expr], shape: tuple[int, ...], cells: Sequence[Cells]) -> tuple[list[Job], Array]:
    """Return the work of averaging functions over cells, and the means (n_functions, n_t cells, n_x cells, …).

    Args:
        functions: of the variables.
        shape: of the samples, (n_variables, n_t, n_x, …).
        cells: along each axis.
    """
    out = np.zeros((len(functions), *(len(mine.used) for mine in cells)))
    time, first_space = cells[0], cells[1]
    weights = np.zeros((1, len(time.used), shape[1]))
    for k, cell in enumerate(time.used.tolist()):
        weights[0, k, cell * time.width : (cell + 1) * time.width] = 1.0 / time.width

    def finish(values: Array, slab: Slab) -> Array:
        first, last = np.searchsorted(first_space.used * first_space.width, slab)
        near = first_space.used[first:last] - slab[0] // first_space.width
        for k, (width, used) in enumerate(
            [(first_space.width, near), *((c.width, c.used) for c in cells[2:])], start=2
        ):
            n_cells = values.shape[k] // width
            inside = np.moveaxis(values, k, -1)[..., : n_cells * width]
            means = inside.reshape(*inside.shape[:-1], n_cells, width).mean(axis=-1)
            values = np.moveaxis(means[..., used], -1, k)
        return values.swapaxes(0, 1)

    def add(part: Array, near: slice, slab: Slab) -> None:
        first = int(np.searchsorted(first_space.used * first_space.width, slab[0]))
        out[:, near, first : first + part.shape[2]] += part

    channels = _channels([(f, 0) for f in functions], shape[0])
    return [Job(channels, weights, first_space.width, finish, add)] if functions else [], out


def stream(jobs: Sequence[Job], X: Samples, n_jobs: int | None = None) -> None:
    """Do all jobs in one pass over the samples, tile by tile and slab by slab, in threads or on a cluster."""
    if not jobs:
        return
    client = client_of(X)
    if client is not None:
        sums = TileSums(tuple((job.channels, job.weights, job.multiple, job.finish) for job in jobs))
        for parts in over_tiles(client, cast("Stored", X), sums):
            for number, near, slab, part in parts:
                jobs[number].add(part, near, slab)
        return
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(n_jobs or os.cpu_count()) as pool:
        for tile in tiles(X):
            for job in jobs:
                _work(job, tile, pool)


@dataclass(frozen=True, slots=True, eq=False)
class TileSums:
    """What jobs make of a tile, without what they add it to: it travels to where the tile is.

    Attributes:
        jobs: channels, weights, multiple and finish of each.
    """

    jobs: tuple[tuple[Channels, Array, int, Callable[[Array, Slab], Array]], ...]

    def __call__(self, tile: Tile) -> list[tuple[int, slice, Slab, Array]]:
        """Return every part with the number of its job, in the order in which they are added."""
        with threadpool_limits(limits=1, user_api="blas"):
            return [
                (number, near, slab, part)
                for number, (channels, weights, multiple, finish) in enumerate(self.jobs)
                for near, slab, part in _parts(channels, weights, multiple, finish, tile, map)
            ]


def _work(job: Job, tile: Tile, pool: ThreadPoolExecutor) -> None:
    """Add what one tile gives to one job, in a fixed order."""
    for near, slab, part in _parts(job.channels, job.weights, job.multiple, job.finish, tile, pool.map):
        job.add(part, near, slab)


def _parts(
    channels: Channels,
    weights: Array,
    multiple: int,
    finish: Callable[[Array, Slab], Array],
    tile: Tile,
    each: Callable[[Callable[[Slab], Array], list[Slab]], Iterable[Array]],
) -> Iterator[tuple[slice, Slab, Array]]:
    """Yield what one tile gives to one job, slab by slab; `each` is `map` or that of a pool of threads."""
    near, mine, spans = _near(weights[:, :, tile.start : tile.start + tile.n])
    if not len(spans):
        return

    def one(slab: Slab) -> Array:
        return finish(_summed(channels, tile, mine, spans, slab), slab)

    slabs = _slabs(tile.held.shape[2:], len(spans) * len(channels), multiple)
    for slab, part in zip(slabs, each(one, slabs), strict=True):
        yield near, slab, part


def _near(weights: Array) -> tuple[slice, Array, Index]:
    """Return which test functions reach into a tile, their weights on it, and from where to where they are not zero."""
    alive = (weights != 0.0).any(axis=0)
    queries = np.flatnonzero(alive.any(axis=1))
    if not len(queries):
        return slice(0, 0), weights[:, :0], np.empty((0, 2), np.int64)
    near = slice(int(queries[0]), int(queries[-1]) + 1)
    alive = alive[near]
    spans = np.stack([alive.argmax(axis=1), alive.shape[1] - alive[:, ::-1].argmax(axis=1)], axis=1)
    return near, np.ascontiguousarray(weights[:, near]), spans


def _slabs(sizes: Sequence[int], n_sums: int, multiple: int) -> list[Slab]:
    """Return stretches of the first axis of space; sizes are those of space, n_sums is what one point leaves."""
    n, across = sizes[0], math.prod(sizes[1:])
    most = SLAB // (n_sums * across)
    step = min(most, max(-(-n // PIECES), -(-NARROW // across)))
    step = max(multiple, step // multiple * multiple)
    return [(first, min(first + step, n)) for first in range(0, n, step)]


def _summed(channels: Channels, tile: Tile, weights: Array, spans: Index, slab: Slab) -> Array:
    """Return sums along time on one slab, (n_queries, n_channels, n_slab, …)."""
    first, last = slab
    X, sizes = tile.held, tile.held.shape[3:]
    across = math.prod(sizes)
    values = np.zeros((len(spans), len(channels), (last - first) * across))
    program, flat = channels.program, X.reshape(len(X), X.shape[1], -1)
    code = program.code, program.constants, len(X), program.n_rows
    time_rows(*code, channels.roots, channels.orders, flat, tile.offset, first * across, weights, spans, values)
    return values.reshape(len(spans), len(channels), last - first, *sizes)


def _along_space(values: Array, weights: list[Array], wanted: list[tuple[int, int, Orders]], out: Array) -> None:
    """Contract the last axis of values (n_channels, n_queries, …) order by order, then those before it, into out.

    Axes that are done stand behind the one of time; wanted holds (row, channel, orders along the axes that are left).
    """
    if not weights:
        for p, channel, _ in wanted:
            out[p] = values[channel]
        return
    for order in dict.fromkeys(orders[-1] for _, _, orders in wanted):
        mine = [(p, channel, orders[:-1]) for p, channel, orders in wanted if orders[-1] == order]
        chosen = list(dict.fromkeys(channel for _, channel, _ in mine))
        number = {channel: c for c, channel in enumerate(chosen)}
        shorter = np.moveaxis(values[chosen] @ weights[-1][order].T, -1, 2)
        _along_space(shorter, weights[:-1], [(p, number[c], orders) for p, c, orders in mine], out)
