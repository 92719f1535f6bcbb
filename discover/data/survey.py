"""What a field is like: its spread, its noise and how fast it changes, from samples of it that fit in memory.

One pass over the field takes every snapshot at some points and every point at some times. Noise and spectrum along
time come from the former, along space from the latter; a field that is small enough is taken whole.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import comb
from typing import cast

import numpy as np

from discover.data.afar import client_of, over_tiles
from discover.data.noise import robust_scale
from discover.data.stored import Samples, Stored
from discover.data.tiles import Tile, tiles
from discover.data.timescale import spectral_corner
from discover.problem import Array, Index

MOST = 2**21
"""Values of one variable that are kept of either kind; a noise level is known to a thousandth from so many."""

ORDER = 6
"""Of the differences that noise is estimated from."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Samples of one recording.

    Attributes:
        n_samples: values of one variable, missing ones among them.
        n_missing: missing values of all variables.
        variance, mean: of each variable over all samples that are there, (n_variables,).
        series: every time at some points, (n_variables, n_t, n_points).
        frames: every point at some times, (n_variables, n_frames, n_x, …).
    """

    n_samples: int
    n_missing: int
    variance: Array
    mean: Array
    series: Array
    frames: Array

    def along(self, axis: int) -> Array:
        """Return lines along an axis (0 is time), (n_variables, n_lines, n)."""
        values = self.frames if axis else self.series
        return np.moveaxis(values, axis + 1, -1).reshape(len(values), -1, values.shape[axis + 1])

    @property
    def shape(self) -> tuple[int, ...]:
        """Samples along every axis."""
        return (self.series.shape[1], *self.frames.shape[2:])


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """What is kept of a stretch of snapshots.

    Attributes:
        first: its first snapshot.
        series: every time of it at some points, (n_variables, n_times, n_points).
        frames_at: which of the frames it holds; `frames` those, (n_variables, n, n_x, …).
        count: values of each variable that are there, `mean` and `squares` their mean and squared deviations.
        n_missing: values of all variables that are not.
    """

    first: int
    series: Array
    frames_at: Index
    frames: Array
    count: tuple[int, ...]
    mean: tuple[float, ...]
    squares: tuple[float, ...]
    n_missing: int


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """Looks at stretches of a recording: at some points always, at some times everywhere."""

    times: Index
    points: Index

    def __call__(self, tile: Tile) -> Glimpse:
        """Return what is seen of a tile."""
        return self.of(tile.start, tile.values)

    def of(self, first: int, values: Array) -> Glimpse:
        """Return what is seen of snapshots from number `first` on, (n_variables, n_times, n_x, …)."""
        n_variables, n_times = values.shape[:2]
        present = [
            mine if np.isfinite(mine.sum()) else mine[~np.isnan(mine)] for mine in values.reshape(n_variables, -1)
        ]
        mean = tuple(float(mine.mean()) if len(mine) else 0.0 for mine in present)
        here = np.flatnonzero((self.times >= first) & (self.times < first + n_times))
        return Glimpse(
            first,
            values.reshape(n_variables, n_times, -1)[:, :, self.points],
            here,
            values[:, self.times[here] - first],
            tuple(map(len, present)),
            mean,
            tuple(_squares(mine - centre) for mine, centre in zip(present, mean, strict=True)),
            values.size - sum(map(len, present)),
        )


def _squares(values: Array) -> float:
    return float(values @ values)


@dataclass(slots=True)
class Surveyor:
    """Takes a recording piece by piece, (n_variables, n_t, n_x, …) in all, and keeps samples and sums."""

    shape: tuple[int, ...]
    times: Index = field(init=False)
    points: Index = field(init=False)
    series: Array = field(init=False)
    frames: Array = field(init=False)
    count: Array = field(init=False)
    n_missing: int = field(init=False, default=0)
    mean: Array = field(init=False)
    squares: Array = field(init=False)

    def __post_init__(self) -> None:
        n_variables, n_t, *space = self.shape
        n_points = math.prod(space)
        n_frames, n_places = min(n_t, max(1, MOST // n_points)), min(n_points, max(1, MOST // n_t))
        self.times = np.unique(np.linspace(0, n_t - 1, n_frames).astype(np.int64))
        # Drawn, because any even spacing may fall in step with the length of a line.
        drawn = np.random.default_rng(n_points).choice(n_points, n_places, replace=False, shuffle=False)
        self.points = np.sort(drawn)
        self.series = np.empty((n_variables, n_t, n_places))
        self.frames = np.empty((n_variables, len(self.times), *space))
        self.count, self.mean, self.squares = (np.zeros(n_variables) for _ in range(3))

    @property
    def glance(self) -> "Glance":
        """What looks at a stretch, and may travel to where it is."""
        return Glance(self.times, self.points)

    def take(self, first: int, values: Array) -> None:
        """Take snapshots from number `first` on, (n_variables, n_times, n_x, …)."""
        self.add(self.glance.of(first, values))

    def add(self, seen: "Glimpse") -> None:
        """Add what was seen of a stretch; sums of squares as Chan, Golub and LeVeque (1983) do."""
        self.series[:, seen.first : seen.first + seen.series.shape[1]] = seen.series
        self.frames[:, seen.frames_at] = seen.frames
        self.n_missing += seen.n_missing
        for v, n in enumerate(seen.count):
            if n:
                total = self.count[v] + n
                self.squares[v] += seen.squares[v] + (seen.mean[v] - self.mean[v]) ** 2 * self.count[v] * n / total
                self.mean[v] += (seen.mean[v] - self.mean[v]) * n / total
                self.count[v] = total

    def survey(self) -> Survey:
        """Return what was seen."""
        count = np.maximum(self.count, 1.0)
        n_samples = math.prod(self.shape[1:])
        return Survey(n_samples, self.n_missing, self.squares / count, self.mean, self.series, self.frames)


def surveyed(values: Samples) -> Survey:
    """Return what one pass over a recording finds; where a cluster holds it, only what is kept of it travels."""
    surveyor = Surveyor(values.shape)
    client = client_of(values)
    if client is None:
        for tile in tiles(values):
            surveyor.take(tile.start, tile.values)
    else:
        for seen in over_tiles(client, cast("Stored", values), surveyor.glance):
            surveyor.add(seen)
    return surveyor.survey()


def noise_along(lines: Array) -> Array:
    """Return the noise's standard deviation of each variable from lines (n_variables, n_lines, n)."""
    weights = np.array([(-1.0) ** i * comb(ORDER, i) for i in range(ORDER + 1)])
    weights /= np.linalg.norm(weights)
    n = lines.shape[2] - ORDER
    differences = weights[0] * lines[:, :, :n]
    for i, weight in enumerate(weights[1:], start=1):
        differences += weight * lines[:, :, i : n + i]
    flat = differences.reshape(len(lines), -1)
    if not np.isnan(flat).any():
        return robust_scale(flat)
    return np.array([float(robust_scale(mine[~np.isnan(mine)][None])[0]) for mine in flat])


def field_noise(survey: Survey) -> Array:
    """Return the noise's standard deviation per variable, from the smoothest axis."""
    lines = [survey.along(axis) for axis, n in enumerate(survey.shape) if n > ORDER + 1]
    return np.min([noise_along(mine) for mine in lines], axis=0)


def corner(surveys: Sequence[Survey], axis: int) -> tuple[int, int]:
    """Return the corner of the longest recording's spectrum along an axis (0 is time), and that recording's length.

    Source: Messenger and Bortz (2021), doi:10.1016/j.jcp.2021.110525, appendix A, for the corner.
    """
    longest = max(surveys, key=lambda survey: survey.shape[axis])
    n = longest.shape[axis]
    lines = whole_lines(longest.along(axis).reshape(-1, n))
    ramp = np.linspace(0.0, 1.0, n)
    lines = lines - (lines[:, :1] + (lines[:, -1:] - lines[:, :1]) * ramp)
    return spectral_corner(np.sqrt((np.abs(np.fft.rfft(lines, axis=1)) ** 2).mean(axis=0))), n


def whole_lines(lines: Array) -> Array:
    """Return the lines (n_lines, n) that are whole; where none is, all, bridged for the spectrum only."""
    present = ~np.isnan(lines)
    whole = present.all(axis=1)
    if whole.any():
        return lines[whole]
    places = np.arange(lines.shape[1])
    some = [(line, here) for line, here in zip(lines, present, strict=True) if here.any()]
    return np.array([np.interp(places, places[here], line[here]) for line, here in some])
