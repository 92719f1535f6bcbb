"""Field -> Problem: rows of the weak form with separable test functions, one set of weights an axis."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from discover.data.contraction import contracted
from discover.data.fields import Recording, grids, space_names, variable_names
from discover.data.fieldstrong import strong_grid, strong_half_width
from discover.data.gaps import Holed, Mask, beside, bridged, check_rows, gap_notes, has_enough
from discover.data.several import Recordings, each
from discover.data.smooth import is_uniform
from discover.data.stencils import Strong, Weak, quadrature_weights
from discover.data.stored import Observe, Samples, nobody
from discover.data.survey import MOST, Survey, field_noise, surveyed
from discover.data.survey import corner as spectral_place
from discover.data.units import known_dimension
from discover.errors import DataError
from discover.expr import variable
from discover.problem import Array, Axis, Block, Grid, Problem

if TYPE_CHECKING:
    import xarray as xr

ORDER = 8
"""Power of the test function."""

MAX_DERIVATIVE = 6
"""Highest derivative that may be moved onto it; its own derivatives of order ORDER jump at its ends."""

NARROWEST, WIDEST = 5, 5
"""Half-widths run from so many samples to that part of the axis."""

PER_CORNER = 2.0
"""Half-width times corner frequency: beyond it the test function's own spectrum has died away."""

PER_AXIS = 3
"""Query points a half-width."""

MAX_ROWS = 600
"""Rows of one recording: their covariance is dense."""

NOISE_FLOOR = 1e-4
"""Smallest noise assumed, relative to the spread: below it the errors of solvers and of quadrature are left."""
N_FOLDS = 20

WIDE, MATCHED = 12, 4
"""Half-width from which on even samples integrate by parts to 1e-6; by how much the degree of the polynomials that
narrower or uneven ones are made exact for exceeds the derivative's order."""

NARROWER = 0.8
"""By what half-widths shrink where gaps leave too few windows without one."""

HALF = 0.5
"""Share of the samples seen by rows below which it is told."""


def formulate_field(
    dataset: "xr.Dataset | Recordings", form: Weak | Strong, observe: Observe = nobody, n_jobs: int | None = None
) -> Problem:
    """Turn a loaded field into a Problem: the noise estimated, the half-widths chosen axis by axis.

    Args:
        dataset: as `discover.load` returns a field, or several on grids of their own.
        form: weak or strong; a half-width given there holds for every axis, in samples.
        observe: told how much of a field larger than memory has been read.
        n_jobs: threads, None for one a core.

    Raises:
        DataError: for fields with axes too short for a test function, or with gaps that leave too few.
    """
    names, space = variable_names(each(dataset)[0]), space_names(each(dataset)[0])
    n_states = sum(dataset[name].attrs.get("role") != "input" for name in names)
    recordings = _recordings(each(dataset), observe)
    _check_lengths(recordings, space)
    surveys = [surveyed(values) for _, _, values in recordings]
    noise = np.sqrt(np.mean([field_noise(survey) ** 2 for survey in surveys], axis=0))
    spread = np.sqrt(np.mean([survey.variance for survey in surveys], axis=0))
    widths = [form.half_width or corner_half_width(surveys, k) for k in range(len(space) + 1)]
    holed = [bridged(*recording, survey) for recording, survey in zip(recordings, surveys, strict=True)]
    is_strong = isinstance(form, Strong)
    if is_strong and form.half_width is None:
        widths = [strong_half_width(width, n // 3) for width, n in zip(widths, surveys[0].shape, strict=True)]
    lattices, widths = _lattices(holed, widths, is_strong)
    blocks = [_block(*one, lattice, n_states, n_jobs) for one, lattice in zip(holed, lattices, strict=True)]
    units = tuple(dataset[name].attrs.get("units") for name in names)
    time_unit = dataset["time"].attrs.get("units")
    return Problem(
        names=names,
        n_states=n_states,
        targets=names[:n_states],
        units=units,
        dimensions=tuple(known_dimension(unit) for unit in units),
        time=str(dataset["time"].attrs.get("long_name", "time")),
        time_unit=time_unit,
        time_dimension=known_dimension(time_unit),
        formulation="strong" if is_strong else "weak",
        half_width=widths[0],
        noise=np.maximum(noise, NOISE_FLOOR * spread),
        relative=None,
        noise_error=float(np.sqrt(2.0 / sum(len(names) * min(MOST, survey.n_samples) for survey in surveys))),
        scale=spread,
        blocks=tuple(blocks),
        notes=(*_notes(names, noise, spread, ("time", *space), widths), *_seen_notes(blocks), *gap_notes(lattices)),
        space=space,
        space_units=tuple(dataset[name].attrs.get("units") for name in space),
    )


def _recordings(datasets: "Sequence[xr.Dataset]", observe: Observe) -> list[Recording]:
    """Return every recording of every Dataset, labelled by its place where there are several."""
    if len(datasets) == 1:
        return grids(datasets[0], observe)
    return [
        (f"{number}" if label == "1" else f"{number}: {label}", coordinates, values)
        for number, dataset in enumerate(datasets, start=1)
        for label, coordinates, values in grids(dataset, observe)
    ]


def _check_lengths(recordings: list[Recording], space: tuple[str, ...]) -> None:
    for _, coordinates, _ in recordings:
        for name, points in zip(("time", *space), coordinates, strict=True):
            if len(points) < 2 * NARROWEST + 5:
                raise DataError(
                    f"The axis {name} has {len(points)} points; a test function needs at least {2 * NARROWEST + 5}."
                )


def _notes(
    names: Sequence[str], noise: Array, spread: Array, axes: Sequence[str], widths: Sequence[int]
) -> tuple[str, ...]:
    levels = ", ".join(f"{n} {100 * s / max(d, 1e-300):.2g} %" for n, s, d in zip(names, noise, spread, strict=True))
    reach = ", ".join(f"{axis} {width}" for axis, width in zip(axes, widths, strict=True))
    return (
        f"Estimated noise, relative to each variable's standard deviation: {levels}.",
        f"Half-widths of the test functions, in samples: {reach}.",
    )


def _seen_notes(blocks: Sequence[Block]) -> list[str]:
    """Tell where the rows do not see the whole of a field because it is large."""
    n_seen = 0
    for block in blocks:
        axes = block.stencil.axes if isinstance(block.stencil, Grid) else ()
        n_seen += math.prod(int((axis.weights[0] != 0.0).any(axis=0).sum()) for axis in axes)
    share = n_seen / sum(block.n_samples for block in blocks)
    if share > HALF:
        return []
    return [f"The rows are spread evenly over the field and see {100 * share:.2g} % of its samples."]


def _lattices(recordings: Sequence[Holed], widths: Sequence[int], is_strong: bool) -> tuple[list[Grid], list[int]]:
    """Return the test functions of each recording, and their half-widths: narrower where gaps leave few of them."""
    widths = list(widths)
    while True:
        found = [_lattice(coordinates, widths, missing, is_strong) for _, coordinates, _, missing in recordings]
        if has_enough(found) or max(widths) <= NARROWEST:
            check_rows(found)
            return found, widths
        widths = [max(NARROWEST, int(NARROWER * width)) for width in widths]


def _lattice(coordinates: tuple[Array, ...], widths: Sequence[int], missing: Mask | None, is_strong: bool) -> Grid:
    orders = [1, *(MAX_DERIVATIVE,) * (len(coordinates) - 1)]
    plain = grid(coordinates, [min(w, (len(c) - 1) // 3) for w, c in zip(widths, coordinates, strict=True)], orders)
    plain = strong_grid(plain) if is_strong else plain
    return plain if missing is None else beside(plain, missing)


def _block(
    label: str,
    coordinates: tuple[Array, ...],
    values: Samples,
    missing: Mask | None,
    lattice: Grid,
    n_states: int,
    n_jobs: int | None,
) -> Block:
    lhs = (1, *(0,) * (len(coordinates) - 1))
    Y = lattice.rows(contracted([(lhs, variable(v)) for v in range(n_states)], values, lattice, n_jobs))
    X = cast("Array", values)  # or what reads slices of time from a file, as arrays give them
    return Block(
        X=X,
        Y=Y,
        time=coordinates[0],
        trajectory=label,
        fold=np.arange(lattice.n_rows) * N_FOLDS // max(lattice.n_rows, 1),
        X_smooth=X,
        stencil=lattice,
    )


def corner_half_width(surveys: Sequence[Survey], axis: int) -> int:
    """Return the half-width along one axis (0 is time), from the corner of the longest recording's spectrum."""
    corner, n = spectral_place(surveys, axis)
    return int(np.clip(round(PER_CORNER * n / corner), NARROWEST, n // WIDEST))


def derivative_weights(points: Array, half_width: int, stride: int, max_order: int) -> Axis:
    """Return test functions along one axis, and their derivatives up to max_order times quadrature weights.

    points (n,) are increasing coordinates; windows have equal extent, half_width median steps on either side.
    """
    step = float(np.median(np.diff(points)))
    reach = half_width * step
    n = len(points)
    if is_uniform(points):
        centres = points[half_width : n - half_width : stride]
        quadrature = np.full(n, step)
    else:
        centres = np.arange(points[0] + reach, points[-1] - reach + 1e-9 * reach, stride * step)
        quadrature = quadrature_weights(points)
    u = (points[None, :] - centres[:, None]) / reach
    inside = np.abs(u) < 1.0
    bump = np.polynomial.Polynomial([1.0, 0.0, -1.0]) ** ORDER
    weights = np.zeros((max_order + 1, len(centres), n))
    for order in range(max_order + 1):
        shape = bump.deriv(order) if order else bump
        weights[order] = np.where(inside, shape(u), 0.0) * (-1.0 / reach) ** order * quadrature
        if order and (half_width < WIDE or not is_uniform(points)):
            weights[order] += _missing(weights[0], weights[order], u, reach, order)
    return Axis(points=points, centres=centres, weights=weights, half_width=half_width)


def _missing(phi: Array, weights: Array, u: Array, reach: float, order: int) -> Array:
    """Return what makes D^order integrate by parts exactly for polynomials: Σ weights·p = Σ phi·D^order(p).

    Quadrature of few or uneven samples is not exact, and then a row is right only if its sums balance on the data's
    own shape (at a half-width of 5 samples the fourth derivative of a wave is off by 1 % without it). All are
    (n_queries, n_points), u is the lag from the centre in units of reach.
    """
    found, base = np.zeros_like(weights), np.abs(phi)
    for q, here in enumerate(base > 0.0):
        lag, mass = u[q, here], base[q, here]
        powers = lag[:, None] ** np.arange(min(order + MATCHED, here.sum() - 1) + 1)
        slopes = np.zeros(powers.shape[1])
        for p in range(order, len(slopes)):
            slopes[p] = math.prod(range(p - order + 1, p + 1)) / reach**order * (phi[q, here] @ powers[:, p - order])
        lacking = slopes - weights[q, here] @ powers
        gram = powers.T @ (mass[:, None] * powers)
        found[q, here] = mass * (powers @ np.linalg.lstsq(gram, lacking, rcond=1e-12)[0])
    return found


def grid(coordinates: Sequence[Array], half_widths: Sequence[int], max_orders: Sequence[int]) -> Grid:
    """Return the query points of a field, at most about MAX_ROWS of them in all, however large it is."""
    per_axis = float(PER_AXIS)
    while True:
        strides = [max(1, round(m / per_axis)) for m in half_widths]
        counts = [max(1, -(-(len(c) - 2 * m) // s)) for c, m, s in zip(coordinates, half_widths, strides, strict=True)]
        if np.prod(counts) <= MAX_ROWS:
            break
        per_axis *= 0.93
    axes = [
        derivative_weights(c, m, s, k) for c, m, s, k in zip(coordinates, half_widths, strides, max_orders, strict=True)
    ]
    return Grid(tuple(axes))
