"""A measured field beside the law's simulation of it: the evidence of a law over space."""

import math
from dataclasses import replace

import numpy as np

from discover.data.smooth import smoothed
from discover.data.stencils import PER_SMOOTHING
from discover.equation import Evidence, Law, Patch
from discover.inference.rows import lattice
from discover.problem import Array, Grid, Problem
from discover.simulate import follow_field

MOST_FRAMES = 200
"""Times of a recording that the simulation is compared at."""

MOST_POINTS, MOST_VALUES = 300_000, 2**24
"""Points of a grid above which the law is not simulated: a run there would take longer than the search. Values of a
movie that are held for it."""

FEW_FRAMES = 12
"""Frames that are kept where nothing is simulated beside them."""

WORTH_SMOOTHING = 0.01
"""Noise relative to the spread from which on the first frame is smoothed."""

FEWEST, IN_TIME, MOST_LEFT = 3, 2, 1.1
"""Least half-width of the polynomials, and their degree in time, where the first frame stands at the edge. What they
may leave of the data, relative to the noise: more is signal."""

FINE, COARSE, SHARE = 1e-6, 1e-3, 1e-3
"""Relative tolerance of the simulation: a thousandth of the noise that it starts from, between these."""


def with_movie(problem: Problem, law: Law) -> Law:
    """Return a law over space with its first recording as evidence, simulated from the first frame, thinned."""
    block = problem.blocks[0]
    grid = lattice(block)
    points = tuple(axis.points for axis in grid.axes)
    n_variables, _, *sizes = block.X.shape
    n_points = math.prod(sizes)
    most = MOST_FRAMES if n_points <= MOST_POINTS else FEW_FRAMES
    frames = max(2, min(most, MOST_VALUES // (n_variables * n_points)))
    every = -(-len(points[0]) // frames)
    measured = np.array(block.X[:, ::every], dtype=np.float64)
    if grid.missing is not None:
        measured[:, grid.missing[::every]] = np.nan
    coordinates = (points[0][::every], *points[1:])
    if n_points > MOST_POINTS:
        simulated = np.full((problem.n_states, *measured.shape[1:]), np.nan)
        notes: tuple[str, ...] = (f"The law was not simulated beside the data: their grid has {n_points} points.",)
    else:
        start = _start(problem, block.X, grid)
        simulated, notes = follow_field(law, coordinates, measured, start=start, rtol=_tolerance(problem))
    patch = Patch(block.trajectory, law.axes, coordinates, measured, simulated).thinned()
    evidence = Evidence((), 0, math.nan, tuple(problem.noise.tolist()), (patch,))
    return replace(law, evidence=evidence, provenance=replace(law.provenance, notes=(*law.provenance.notes, *notes)))


def _start(problem: Problem, X: Array, grid: Grid) -> Array | None:
    """Return the states at the first time from local polynomials through the first frames, (n_states, n_x, …).

    A frame as noisy as the data would be held against the law for as long as the run remembers it. Polynomials are
    as wide as leaves no more behind than the noise; None where none is, where there is next to no noise, or a gap.
    """
    n, widest = problem.n_states, max(axis.half_width // PER_SMOOTHING for axis in grid.axes)
    reach = 2 * max(FEWEST, widest) + 1
    gaps = grid.missing is not None and grid.missing[:reach].any()
    if np.max(problem.noise[:n] / problem.scale[:n]) < WORTH_SMOOTHING or gaps or 2 in map(problem.order_of, range(n)):
        return None
    frames = np.array(X[:, :reach], dtype=np.float64)[:n]
    for narrower in (1, 2, 4):
        found = _smoothed_frame(frames, grid, narrower * PER_SMOOTHING)
        left = np.sqrt(np.mean((frames[:, 0] - found) ** 2, axis=tuple(range(1, found.ndim))))
        if (left < MOST_LEFT * problem.noise[:n]).all():
            return found
    return None


def _smoothed_frame(frames: Array, grid: Grid, part: int) -> Array:
    """Return the first of some frames (n_states, n_t, n_x, …), smoothed over a part of each half-width."""
    n_times = 2 * max(FEWEST, grid.axes[0].half_width // part) + 1
    points = grid.axes[0].points[:n_times]
    powers = np.vander((points - points[0]) / np.ptp(points), IN_TIME + 1, increasing=True)
    values = np.tensordot(np.linalg.pinv(powers)[0], frames[:, : len(points)], axes=(0, 1))
    for k, axis in enumerate(grid.axes[1:], start=1):
        moved = np.ascontiguousarray(np.moveaxis(values, k, -1))
        lines = smoothed(axis.points, moved.reshape(-1, len(axis.points)), max(FEWEST, axis.half_width // part))
        values = np.moveaxis(lines.reshape(moved.shape), -1, k)
    return values


def _tolerance(problem: Problem) -> float:
    """Return the relative tolerance of a simulation whose start is as noisy as the data."""
    states = slice(problem.n_states)
    return float(np.clip(SHARE * np.max(problem.noise[states] / problem.scale[states]), FINE, COARSE))
