"""Functions of a field against separable test functions: time first, then one axis of space after the other.

Test functions overlap only a few times, so the contraction along time is banded and fused with the evaluation of the
functions (`discover_kernels.separable`); it shortens the field by the ratio of samples to test functions. Along
space, derivatives of all orders share it. Work is cut by the field's size alone and added up in a fixed order, so the
answer has the same bits at any number of threads.
"""

import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from discover.expr import Expr, Program, compile_program
from discover.problem import Array, Grid, Index
from discover_kernels.separable import time_rows

Orders = tuple[int, ...]
Wanted = Sequence[tuple[Orders, Expr]]
"""Derivative orders of the test function, time first, and the function that it is integrated against."""

TILE = 2**23
"""Values of the field in memory at once where it is read from a file (64 MiB)."""

SLAB, PIECES = 2**19, 8
"""Values left after time in one piece of work, and the least number of pieces that threads can share."""

NARROW = 512
"""Fewest points of a piece, so that small fields are not cut up."""


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What is computed at every sample: channels are pairs of a function and an order along time.

    Attributes:
        program: the functions.
        roots, orders: row of the buffer and order along time of each channel.
        wanted: (channel, orders along space) of each row asked for.
    """

    program: Program
    roots: Index
    orders: Index
    wanted: tuple[tuple[int, Orders], ...]


def _plan(wanted: Wanted, n_variables: int) -> _Plan:
    functions = list(dict.fromkeys(function for _, function in wanted))
    channels = list(dict.fromkeys((function, orders[0]) for orders, function in wanted))
    program = compile_program(functions, n_variables)
    number = {channel: c for c, channel in enumerate(channels)}
    return _Plan(
        program,
        program.roots[[functions.index(function) for function, _ in channels]].astype(np.int64),
        np.array([order for _, order in channels], dtype=np.int64),
        tuple((number[function, orders[0]], tuple(orders[1:])) for orders, function in wanted),
    )


def contracted(wanted: Wanted, X: Array, grid: Grid, n_jobs: int | None = None) -> Array:
    """Return rows (n_wanted, n_rows): each function of the field against D^orders of the test functions.

    Args:
        wanted: functions and orders.
        X: samples (n_variables, n_t, n_x, …), an array or what reads slices of time from a file.
        grid: the test functions.
        n_jobs: threads, None for one a core.
    """
    if not wanted:
        return np.empty((0, grid.n_rows))
    plan = _plan(wanted, X.shape[0])
    out = np.zeros((len(wanted), *grid.shape))
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(n_jobs or os.cpu_count()) as pool:
        for start, tile in tiles(X):
            near, weights, spans = _near(grid, start, tile.shape[1])
            if not len(spans):
                continue
            flat = tile.reshape(len(tile), tile.shape[1], -1)

            def one(slab: tuple[int, int], flat: Array = flat, weights: Array = weights, spans: Index = spans) -> Array:
                return _slab(plan, grid, flat, weights, spans, slab)

            for part in pool.map(one, _slabs(plan, grid, len(spans))):
                out[:, near] += part
    return out.reshape(len(wanted), -1)


def tiles(X: Array) -> Iterator[tuple[int, Array]]:
    """Yield (first time, samples (n_variables, n_times, n_x, …)) of a field, contiguous and at most `TILE` values."""
    step = max(1, TILE // max(1, math.prod(X.shape) // X.shape[1]))
    for start in range(0, X.shape[1], step):
        yield start, np.ascontiguousarray(X[:, start : start + step], dtype=np.float64)


def _near(grid: Grid, start: int, n_steps: int) -> tuple[slice, Array, Index]:
    """Return which test functions reach into a tile of time, their weights on it and where those are not zero."""
    weights = grid.axes[0].weights[:, :, start : start + n_steps]
    alive = (weights != 0.0).any(axis=0)
    queries = np.flatnonzero(alive.any(axis=1))
    if not len(queries):
        return slice(0, 0), weights[:, :0], np.empty((0, 2), np.int64)
    near = slice(int(queries[0]), int(queries[-1]) + 1)
    alive = alive[near]
    last = n_steps - np.argmax(alive[:, ::-1], axis=1)
    return near, np.ascontiguousarray(weights[:, near]), np.stack([np.argmax(alive, axis=1), last], axis=1)


def _slabs(plan: _Plan, grid: Grid, n_queries: int) -> list[tuple[int, int]]:
    """Return stretches (first, last) of the first axis of space, by sizes alone."""
    n, across = len(grid.axes[1].points), math.prod(len(axis.points) for axis in grid.axes[2:])
    most = max(1, SLAB // (n_queries * len(plan.roots) * across))
    step = max(1, min(most, max(-(-n // PIECES), -(-NARROW // across))))
    return [(first, min(first + step, n)) for first in range(0, n, step)]


def _slab(plan: _Plan, grid: Grid, X: Array, weights: Array, spans: Index, slab: tuple[int, int]) -> Array:
    """Return what one stretch of the first axis of space adds, (n_wanted, n_queries, n_x queries, …)."""
    sizes = [len(axis.points) for axis in grid.axes[2:]]
    across = math.prod(sizes)
    first, last = slab
    values = np.zeros((len(spans), len(plan.roots), (last - first) * across))
    program = plan.program
    time_rows(
        program.code,
        program.constants,
        len(X),
        program.n_rows,
        plan.roots,
        plan.orders,
        X,
        0,
        first * across,
        weights,
        spans,
        values,
    )
    space = [axis.weights for axis in grid.axes[1:]]
    space[0] = space[0][:, :, first:last]
    out = np.empty((len(plan.wanted), len(spans), *grid.shape[1:]))
    by_channel = values.reshape(len(spans), len(plan.roots), last - first, *sizes).swapaxes(0, 1)
    _along_space(by_channel, space, [(p, c, orders) for p, (c, orders) in enumerate(plan.wanted)], out)
    return out


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
        channels = list(dict.fromkeys(channel for _, channel, _ in mine))
        number = {channel: c for c, channel in enumerate(channels)}
        shorter = np.moveaxis(values[channels] @ weights[-1][order].T, -1, 2)
        _along_space(shorter, weights[:-1], [(p, number[c], orders) for p, c, orders in mine], out)
