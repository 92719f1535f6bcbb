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

MOST_POINTS = 300_000
"""Points of a grid above which the law is not simulated: a run there would take longer than the search."""


def with_movie(problem: Problem, law: Law) -> Law:
    """Return a law over space with its first recording as evidence, simulated from the first frame, thinned."""
    block = problem.blocks[0]
    points = tuple(axis.points for axis in lattice(block).axes)
    every = -(-len(points[0]) // MOST_FRAMES)
    measured = np.asarray(block.X[:, ::every], dtype=np.float64)
    coordinates = (points[0][::every], *points[1:])
    n_points = math.prod(measured.shape[2:])
    if n_points > MOST_POINTS:
        simulated = np.full((problem.n_states, *measured.shape[1:]), np.nan)
        notes: tuple[str, ...] = (f"The law was not simulated beside the data: their grid has {n_points} points.",)
    else:
        simulated, notes = follow_field(law, coordinates, measured)
    patch = Patch(block.trajectory, law.axes, coordinates, measured, simulated).thinned()
    evidence = Evidence((), 0, math.nan, tuple(problem.noise.tolist()), (patch,))
    return replace(law, evidence=evidence, provenance=replace(law.provenance, notes=(*law.provenance.notes, *notes)))
