"""A measured field beside the law's simulation of it: the evidence of a law over space."""

import math
from dataclasses import replace

import numpy as np

from discover.equation import Evidence, Law, Patch
from discover.inference.rows import lattice
from discover.problem import Problem
from discover.simulate import follow_field

MOST_FRAMES = 200
"""Times of a recording that the simulation is compared at."""

MOST_POINTS, MOST_VALUES = 300_000, 2**25
"""Points of a grid above which the law is not simulated: a run there would take longer than the search. Values of a
movie that are held for it."""

FEW_FRAMES = 12
"""Frames that are kept where nothing is simulated beside them."""

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
        simulated, notes = follow_field(law, coordinates, measured, rtol=_tolerance(problem))
    patch = Patch(block.trajectory, law.axes, coordinates, measured, simulated).thinned()
    evidence = Evidence((), 0, math.nan, tuple(problem.noise.tolist()), (patch,))
    return replace(law, evidence=evidence, provenance=replace(law.provenance, notes=(*law.provenance.notes, *notes)))


def _tolerance(problem: Problem) -> float:
    """Return the relative tolerance of a simulation whose start is as noisy as the data."""
    states = slice(problem.n_states)
    return float(np.clip(SHARE * np.max(problem.noise[states] / problem.scale[states]), FINE, COARSE))
