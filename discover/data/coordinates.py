"""Coordinates that stand in terms: x·D(u, x) makes x a variable, known and without noise."""

from dataclasses import replace
from typing import Any

import numpy as np

from discover.data.units import known_dimension
from discover.errors import SettingError
from discover.problem import Array, Block, Grid, Problem


def with_coordinates(problem: Problem, library: Any) -> Problem:
    """Return the problem with those coordinates as variables that the terms of a library over space hold.

    They stand behind the measured variables; blocks do not hold them, because axes are enough to know them by.

    Raises:
        SettingError: where cases have coefficients of their own as well.
    """
    axes = (problem.time, *problem.space)
    entries = getattr(library, "over", None)
    if not problem.space or entries is None:
        return problem
    n = problem.n_variables
    used = {index - n for term in entries(problem.names, axes, axes) for index in term.variables if index >= n}
    if not used:
        return problem
    if problem.cases:
        raise SettingError("Terms with coordinates and cases with coefficients of their own do not go together yet.")
    units = (problem.time_unit, *problem.space_units)
    every = [_axis(problem.blocks, k) for k in sorted(used)]
    return replace(
        problem,
        names=(*problem.names, *(axes[k] for k in sorted(used))),
        units=(*problem.units, *(units[k] for k in sorted(used))),
        dimensions=(*problem.dimensions, *(known_dimension(units[k]) for k in sorted(used))),
        noise=np.concatenate([problem.noise, np.zeros(len(used))]),
        scale=np.concatenate([problem.scale, [points.std() for points in every]]),
    )


def _axis(blocks: tuple[Block, ...], axis: int) -> Array:
    """Return the coordinates of all recordings along one axis."""
    return np.concatenate([block.stencil.axes[axis].points for block in blocks if isinstance(block.stencil, Grid)])
