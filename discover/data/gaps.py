"""Fields with holes: a cloud over a patch, a sensor that fails for a while. Rows that would see one are left out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from discover.data.stored import Samples
from discover.data.survey import Survey
from discover.errors import DataError
from discover.problem import Array, Grid

Mask = NDArray[np.bool_]
Holed = tuple[str, tuple[Array, ...], Samples, Mask | None]
"""A recording: label, coordinates, samples that are all finite, and where they were not, (n_t, n_x, …)."""

LEAST_ROWS, ENOUGH, MOSTLY = 20, 200, 0.6
"""Rows without which nothing is fitted; so many, or such a share of the windows, that none need be narrower."""


def bridged(label: str, coordinates: tuple[Array, ...], values: Samples, survey: Survey) -> Holed:
    """Return a recording whose samples are finite everywhere, and where any was missing, None for nowhere.

    What stands in for a missing value is the variable's mean: no row that is kept sees it.

    Raises:
        DataError: for a field with gaps that is larger than memory.
    """
    if not survey.n_missing:
        return label, coordinates, values, None
    if not isinstance(values, np.ndarray):
        raise DataError(
            f"Recording {label} has missing values and is larger than memory; cut out a window without gaps, or one "
            "that fits in memory."
        )
    gaps = np.isnan(values)
    filled = np.where(gaps, survey.mean.reshape(-1, *(1,) * (values.ndim - 1)), values)
    return label, coordinates, filled, np.asarray(gaps.any(axis=0), dtype=np.bool_)


def beside(lattice: Grid, missing: Mask) -> Grid:
    """Return the grid with those rows only whose windows miss every gap; `missing` has the shape (n_t, n_x, …)."""
    touched = missing.astype(np.float64)
    for k in range(len(lattice.axes) - 1, -1, -1):
        seen = (lattice.axes[k].weights[0] != 0.0).astype(np.float64)
        touched = np.moveaxis(np.tensordot(seen, touched, axes=(1, k)), 0, k)
    return replace(lattice, kept=np.flatnonzero(touched.ravel() < 0.5).astype(np.int64), missing=missing)


def gap_notes(grids: Sequence[Grid]) -> list[str]:
    """Tell how much is missing, and how many rows that cost."""
    holed = [grid for grid in grids if grid.missing is not None]
    if not holed:
        return []
    share = np.mean([0.0 if grid.missing is None else grid.missing.mean() for grid in grids])
    lost, every = sum(grid.n_queries - grid.n_rows for grid in grids), sum(grid.n_queries for grid in grids)
    return [
        f"Values are missing at {100 * share:.2g} % of the samples; {lost} of {every} rows, whose windows touch a gap, "
        "were left out, and nothing was filled in."
    ]


def has_enough(grids: Sequence[Grid]) -> bool:
    """Return whether gaps leave so many rows that windows need not be narrower."""
    n, every = sum(grid.n_rows for grid in grids), sum(grid.n_queries for grid in grids)
    return n >= min(ENOUGH, MOSTLY * every)


def check_rows(grids: Sequence[Grid]) -> None:
    """Raise DataError where gaps leave too few rows to fit anything."""
    n = sum(grid.n_rows for grid in grids)
    if n < LEAST_ROWS:
        every = sum(grid.n_queries for grid in grids)
        raise DataError(
            f"Only {n} of {every} test functions find a window without a missing value, and {LEAST_ROWS} are needed; "
            "fill in scattered gaps, cut out a window without them, or give narrower ones with form=Weak(half_width=…)."
        )
