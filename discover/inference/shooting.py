"""Multiple shooting: many short trajectories with free initial states, fitted together with the parameters.

The residuals of segment s depend on its own initial state x_s and on the parameters p only, so the normal
equations have the form of an arrow,

    ⎡ A_1          B_1 ⎤ ⎡ δx_1 ⎤   ⎡ a_1 ⎤
    ⎢      ⋱        ⋮  ⎥ ⎢  ⋮   ⎥ = ⎢  ⋮  ⎥      Schur complement of p:  H - Σ_s B_sᵀ A_s⁻¹ B_s
    ⎣ B_1ᵀ   ⋯      H  ⎦ ⎣ δp   ⎦   ⎣  g  ⎦

and cost as much to solve as there are segments. Bock, "Recent advances in parameter identification
techniques for ODE" (1983), doi:10.1007/978-1-4684-7324-7_7; Levenberg–Marquardt after Marquardt (1963).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from discover.errors import DataError
from discover.simulate.field import input_slopes
from discover_kernels.integrate import Box, Flow, Grid, Index
from discover_kernels.variational import Normal, shoot

Array = NDArray[np.float64]

Known = tuple[Array, Array]
"""What is known of the parameters: rows (n_known, n_parameters) and their values (n_known,), both of unit noise."""

SHORTEST = 5  # samples of a last segment; a shorter rest joins its neighbour
REACH = 1e3  # a state further away than so many times the range of the data has diverged
EIGENVALUE_FLOOR = 1e-13  # of the scaled Schur complement, relative: below, a direction is not determined at all
MOST_SUBSTEPS = 32
LEAST_CHI2 = 1e-3  # per degree of freedom: data without noise need no estimate far below the noise assumed
FINISHED = 0.03  # standard errors to the minimum at which the search ends


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A stretch of trajectory whose inputs are known at every sample.

    Attributes:
        source: number of the stretch it was cut from, and `offset`, its first sample there.
        time: shape (n_samples,).
        states: measured states, shape (n_states, n_samples), NaN where not measured.
        inputs: shape (n_inputs, n_samples); `slopes` their time derivatives.
        guess: shape of states: where a search begins with states that were never measured.
        loudness: by what the noise differs from that of other tracks, shape (n_states,); None for nothing.
        noise: standard deviation of every measurement, (n_measured_states, n_samples); None where each state has one.
    """

    source: int
    offset: int
    time: Array
    states: Array
    inputs: Array
    slopes: Array
    guess: Array
    loudness: Array | None = None
    noise: Array | None = None

    @property
    def n_samples(self) -> int:
        return len(self.time)


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Tracks cut into segments, longest first, as the kernel wants them.

    Attributes:
        track: number of the track of each segment, shape (n_segments,); `first`, its first sample there.
        grid: sampling times and inputs.
        measured: shape (n_samples, n_states, n_segments), zero where not measured.
        weights: one over the noise, zero where not measured, same shape.
        n_measured: how many numbers are fitted.
    """

    track: Index
    first: Index
    grid: Grid
    measured: Array
    weights: Array
    n_measured: int

    @property
    def n_segments(self) -> int:
        return len(self.track)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Where the search for the least chi-square ended.

    Attributes:
        parameters: shape (n_parameters,).
        starts: initial states, shape (n_states, n_segments).
        normal: the normal equations there.
        remaining: how many standard errors the estimates may still be from the minimum.
        n_substeps: RK4 steps in each sampling interval.
    """

    parameters: Array
    starts: Array
    normal: Normal
    remaining: float
    n_substeps: int


def make_tracks(
    time: Array, states: Array, inputs: Array, source: int, guess: Array | None = None, noise: Array | None = None
) -> list[Track]:
    """Cut one stretch where an input or a time is not a number; drop pieces of a single sample.

    `guess` is where a search begins with states that were never measured, of the shape of states; 0 if not given.
    `noise` is that of every measurement, where it is not the same for all of a state.

    Raises DataError where time does not increase.
    """
    known = np.isfinite(time) & np.isfinite(inputs).all(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False]))))
    tracks = []
    for first, last in edges.reshape(-1, 2):
        piece = slice(int(first), int(last))
        if last - first < 2:
            continue
        if not (np.diff(time[piece]) > 0).all():
            where = int(np.argmin(np.diff(time[piece])))
            raise DataError(f"time must increase, but stretch {source} goes from {time[where]} to {time[where + 1]}")
        measured = np.where(np.isfinite(states[:, piece]), states[:, piece], np.nan)
        slopes = input_slopes(time[piece], inputs[:, piece])
        begin = np.zeros_like(measured) if guess is None else guess[:, piece]
        level = None if noise is None else noise[:, piece]
        tracks.append(Track(source, int(first), time[piece], measured, inputs[:, piece], slopes, begin, level))
    return tracks


def cut_points(n_samples: int, length: int) -> Index:
    """Return where segments of `length` samples begin and the last one ends.

    A rest shorter than half a segment joins its neighbour.

    >>> cut_points(21, 8)
    array([ 0,  8, 16, 21])
    >>> cut_points(19, 8)
    array([ 0,  8, 19])
    """
    edges = np.append(np.arange(0, n_samples, length), n_samples)
    if len(edges) > 2 and edges[-1] - edges[-2] < max(min(SHORTEST, length), length / 2):
        edges = np.delete(edges, -2)
    return edges


def cut(tracks: Sequence[Track], length: int, noise: Array) -> Segments:
    """Cut tracks into segments of `length` samples, longest first."""
    spans = [(t, a, b) for t, track in enumerate(tracks) for a, b in _spans(track.n_samples, length)]
    spans.sort(key=lambda span: span[1] - span[2])
    n_samples, n_states, n_inputs = spans[0][2] - spans[0][1], len(noise), len(tracks[0].inputs)
    steps = np.ones((n_samples - 1, len(spans)))
    inputs = np.zeros((n_samples, n_inputs, len(spans)))
    slopes, measured = np.zeros_like(inputs), np.full((n_samples, n_states, len(spans)), np.nan)
    levels = np.repeat(np.repeat(noise[None, :, None], n_samples, axis=0), len(spans), axis=2)
    for s, (t, a, b) in enumerate(spans):
        track = tracks[t]
        steps[: b - a - 1, s] = np.diff(track.time[a:b])
        inputs[: b - a, :, s] = track.inputs[:, a:b].T
        slopes[: b - a, :, s] = track.slopes[:, a:b].T
        measured[: b - a, :, s] = track.states[:, a:b].T
    there = np.isfinite(measured)
    loudness = np.ones((n_states, len(spans)))
    for s, (t, _, _) in enumerate(spans):
        if (own := tracks[t].loudness) is not None:
            loudness[: len(own), s] = own
    for s, (t, a, b) in enumerate(spans):
        if (level := tracks[t].noise) is not None:
            levels[: b - a, : len(level), s] = level[:, a:b].T
            loudness[: len(level), s] = 1.0  # it is in the level already
    weights = np.where(there, 1.0 / (levels * loudness), 0.0)
    lengths = np.array([b - a for _, a, b in spans], dtype=np.int64)
    return Segments(
        track=np.array([t for t, _, _ in spans], dtype=np.int64),
        first=np.array([a for _, a, _ in spans], dtype=np.int64),
        grid=Grid(steps, lengths, inputs, slopes),
        measured=np.where(there, measured, 0.0),
        weights=weights,
        n_measured=int(there.sum()),
    )


def _spans(n_samples: int, length: int) -> list[tuple[int, int]]:
    edges = cut_points(n_samples, length)
    return [(int(a), int(b)) for a, b in pairwise(edges)]


def bounding_box(tracks: Sequence[Track]) -> Box:
    """Return the box that no trajectory may leave: `REACH` times the range of the data."""
    states = np.concatenate([track.states for track in tracks], axis=1)
    guess = np.concatenate([track.guess for track in tracks], axis=1)
    states = np.where(np.isfinite(states).any(axis=1, keepdims=True), states, guess)
    low, high = np.nanmin(states, axis=1), np.nanmax(states, axis=1)
    span = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
    return Box((low + high) / 2, REACH * span)


def smoothed_state(track: Track, sample: int, half_width: int = 2) -> Array:
    """Return the local quadratic's value at a sample, shape (n_states,): where a segment's search begins."""
    window = slice(max(0, sample - half_width), sample + half_width + 1)
    time, states = track.time[window] - track.time[sample], track.states[:, window]
    start = np.zeros(len(states))
    for i, row in enumerate(states):
        there = np.isfinite(row)
        if there.sum() > 3:
            start[i] = np.polynomial.polynomial.polyfit(time[there], row[there], 2)[0]
        elif there.any():
            start[i] = row[there][np.argmin(np.abs(time[there]))]
        elif np.isfinite(track.states[i]).any():
            start[i] = np.nanmean(track.states[i])
        else:
            start[i] = track.guess[i, sample]
    return start


def arrow_step(normal: Normal, damping: float) -> tuple[Array, Array, float]:
    """Solve the damped normal equations.

    Returns the change of the parameters (n_parameters,), that of the initial states (n_states, n_segments),
    and the decrease of chi-square that the linear model promises.
    """
    A, B, H, scale_x, scale_p = scaled_arrow(normal)
    a, g = (normal.start_gradient / scale_x).T, normal.parameter_gradient / scale_p
    identity = np.eye(A.shape[1])
    inverse = np.linalg.inv(A + max(damping, 1e-12) * identity)
    AB, Aa = inverse @ B, np.einsum("sij,sj->si", inverse, a)
    schur = H + damping * np.eye(len(g)) - np.einsum("snp,snq->pq", B, AB)
    dp = _pseudo_inverse(schur) @ (g - np.einsum("snp,sn->p", B, Aa))
    dx = Aa - AB @ dp
    promised = float(dp @ g + np.sum(dx * a) + damping * (dp @ dp + np.sum(dx * dx)))
    return dp / scale_p, dx.T / scale_x, promised


def scaled_arrow(normal: Normal) -> tuple[Array, Array, Array, Array, Array]:
    """Return A (n_segments, n_states, n_states), B (n_segments, n_states, n_parameters) and H with unit diagonals.

    After them the scales: of the initial states (n_states, n_segments) and of the parameters (n_parameters,).
    """
    upper = np.triu(np.ones(normal.start_start.shape[:2]))[:, :, None] * normal.start_start
    diagonal = np.einsum("iis->is", normal.start_start)
    scale_x = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    A = upper + upper.transpose(1, 0, 2) - np.einsum("is,ij->ijs", diagonal, np.eye(len(diagonal)))
    A = (A / scale_x[:, None] / scale_x[None, :]).transpose(2, 0, 1)
    H = np.triu(normal.parameter_parameter)
    H = H + np.triu(H, 1).T
    scale_p = np.sqrt(np.where(np.diag(H) > 0, np.diag(H), 1.0))
    B = (normal.start_parameter / scale_x[:, None] / scale_p[None, :, None]).transpose(2, 0, 1)
    return A, B, H / scale_p / scale_p[:, None], scale_x, scale_p


def _pseudo_inverse(schur: Array) -> Array:
    """Invert a symmetric matrix, leaving out the directions that it does not determine."""
    values, vectors = np.linalg.eigh((schur + schur.T) / 2)
    keep = values > EIGENVALUE_FLOOR * max(values[-1], 1e-300) if len(values) else np.zeros(0, bool)
    return (vectors[:, keep] / values[keep]) @ vectors[:, keep].T


def parameter_covariance(normal: Normal) -> Array:
    """Return the inverse of the Schur complement, shape (n_parameters, n_parameters).

    A parameter that the data do not determine gets an infinite variance.
    """
    A, B, H, _, scale = scaled_arrow(normal)
    A = A + 1e-12 * np.eye(A.shape[1])
    schur = H - np.einsum("snp,snq->pq", B, np.linalg.solve(A, B))
    values, vectors = np.linalg.eigh((schur + schur.T) / 2)
    lost = values <= EIGENVALUE_FLOOR
    covariance = (vectors[:, ~lost] / values[~lost]) @ vectors[:, ~lost].T
    free = (vectors[:, lost] ** 2).sum(axis=1) > 1e-6
    covariance[np.diag_indices_from(covariance)] += np.where(free, np.inf, 0.0)
    return covariance / scale / scale[:, None]


def informed(normal: Normal, parameters: Array, known: Known | None) -> Normal:
    """Return normal equations in which what is known of the parameters takes part like one more measurement each."""
    if known is None:
        return normal
    rows, values = known
    rest = values - rows @ parameters
    return normal._replace(
        chi2=normal.chi2 + float(rest @ rest),
        parameter_parameter=normal.parameter_parameter + np.triu(rows.T @ rows),
        parameter_gradient=normal.parameter_gradient + rows.T @ rest,
    )


def minimise(
    flow: Flow,
    segments: Segments,
    parameters: Array,
    starts: Array,
    n_substeps: int,
    box: Box,
    max_evals: int = 30,
    known: Known | None = None,
) -> Fit:
    """Bring chi-square to its least value by Levenberg–Marquardt from `parameters` and `starts`.

    A step after which a segment diverges counts as one that made things worse. Where the very first
    evaluation diverges, chi2 of the result is infinite. `known` is what is known of the parameters beforehand.
    """

    def evaluate(p: Array, x: Array) -> Normal:
        made = shoot(flow, segments.grid, p, x, n_substeps, segments.measured, segments.weights, box)
        return informed(made, p, known)

    normal, damping = evaluate(parameters, starts), 1e-4
    dof = max(1, segments.n_measured - starts.size - len(parameters))
    for _ in range(max_evals):
        if not np.isfinite(normal.chi2):
            return Fit(parameters, starts, normal, np.inf, n_substeps)
        dp, dx, promised = arrow_step(normal, damping)
        if damping > 1e4 or (damping < 0.1 and promised <= FINISHED**2 * max(normal.chi2 / dof, LEAST_CHI2)):
            break
        trial = evaluate(parameters + dp, starts + dx)
        gain = (normal.chi2 - trial.chi2) / promised
        if gain > 1e-4:
            parameters, starts, normal = parameters + dp, starts + dx, trial
            damping = max(damping * (0.1 if gain > 0.5 else 0.5), 1e-9)
        else:
            damping *= 10.0
    # A step that promises a decrease of d in chi2 / (chi2 per degree of freedom) is √d standard errors long.
    _, _, promised = arrow_step(normal, 0.0)
    # Of data fitted far below the noise assumed it is that noise which says how long a standard error is: what is
    # left of chi-square there is rounding, which no step can lower.
    left = normal.chi2 / dof
    remaining = np.sqrt(max(promised, 0.0) / (left if left > LEAST_CHI2 else 1.0))
    return Fit(parameters, starts, normal, float(remaining), n_substeps)


def integration_shift(flow: Flow, segments: Segments, fit: Fit, box: Box, before: Known | None = None) -> float:
    """Return by how many standard errors steps half as long would move the estimates; infinite if unknown.

    Where the fit has its minimum, the normal equations of the finer integration lead to that of the finer one.
    A change of chi-square that no estimates can make up for counts too, in its own standard deviations.
    """
    finer = shoot(
        flow, segments.grid, fit.parameters, fit.starts, 2 * fit.n_substeps, segments.measured, segments.weights, box
    )
    if not np.isfinite(finer.chi2):
        return float("inf")
    finer = informed(finer, fit.parameters, before)
    dp, _, promised = arrow_step(finer, 0.0)
    variance = np.diag(parameter_covariance(finer))
    known = np.isfinite(variance)
    shift = np.abs(dp[known]) / np.sqrt(variance[known])
    misfit = abs(finer.chi2 - promised - fit.normal.chi2) / np.sqrt(2.0 * segments.n_measured)
    return float(max(shift.max(initial=0.0), misfit))
