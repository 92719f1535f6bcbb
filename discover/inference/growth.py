"""Segments that grow: fit short ones, then longer ones from there, for as long as the law follows the data.

A length is accepted only while chi-square says so. Without that gate and the warm start, long segments of a
chaotic system diverge and spoil the estimate; with it, what was accepted last is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.inference.shooting import (
    MOST_SUBSTEPS,
    SHORTEST,
    Fit,
    Known,
    Segments,
    Track,
    cut,
    integration_shift,
    minimise,
    smoothed_state,
)
from discover_kernels.integrate import Box, Flow

Array = NDArray[np.float64]

CHI2_LIMIT = 1.1
LARGEST_SHIFT = 0.1  # standard errors by which the integration, or a search cut short, may move the estimates


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What stays the same while segments grow.

    Attributes:
        flow: the compiled law; `start` its parameters to begin with, shape (n_parameters,).
        tracks: the data.
        noise: shape (n_states,); `noise_error` its relative standard error.
        box: where states may go.
        is_map: whether the flow gives next states, not rates.
        known: what is known of the parameters beforehand.
    """

    flow: Flow
    tracks: tuple[Track, ...]
    noise: Array
    noise_error: float
    start: Array
    box: Box
    is_map: bool = False
    known: Known | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Where a fit begins: parameters (n_parameters,), states along each track, steps in a sampling interval."""

    parameters: Array
    simulated: tuple[Array, ...]
    n_substeps: int


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A fitted length: what the next one starts from.

    Attributes:
        length: samples of a segment, or of the longest track where every track is one segment.
        segments, fit: what was fitted, and where it ended.
        chi2: per degree of freedom, infinite where it diverged; `dof` how many those are.
        simulated: states along each track, shapes (n_states, n_samples).
        refusal: why it is not accepted, None where it is.
    """

    length: int
    segments: Segments
    fit: Fit
    chi2: float
    dof: int
    simulated: tuple[Array, ...]
    refusal: str | None

    @property
    def start(self) -> Start:
        """Where a fit that follows this one begins."""
        return Start(self.fit.parameters, self.simulated, self.fit.n_substeps)


def segment_lengths(first: int, limit: int) -> list[int]:
    """Return the lengths to try: doubling, the last one no nearer than a quarter to its predecessor."""
    lengths = [min(first, limit)]
    while lengths[-1] * 2 <= limit:
        lengths.append(lengths[-1] * 2)
    if limit >= 1.25 * lengths[-1]:
        lengths.append(limit)
    return lengths


def grow(
    task: Task,
    lengths: Sequence[int],
    observe: Callable[[str, float], None] | None,
    spent: Callable[[], bool] | None,
) -> tuple[Stage | None, list[tuple[int, float]], str]:
    """Fit length after length until one is refused; return the last accepted, all chi-squares, and why it ended."""
    kept: Stage | None = None
    history: list[tuple[int, float]] = []
    for number, length in enumerate(lengths):
        if spent is not None and spent():
            return kept, history, "the budget was spent"
        if observe is not None:
            observe(f"trajectories of {length} samples", number / len(lengths))
        stage = fit_first(task, length) if kept is None else fit_length(task, length, kept.start, kept.chi2)
        history.append((length, stage.chi2))
        if stage.refusal is not None:
            return kept, history, f"over {length} samples {stage.refusal}"
        kept = stage
    return kept, history, "the longest segments were reached"


def fit_first(task: Task, length: int) -> Stage:
    """Fit the first length from the data themselves; where that fails, come from shorter segments.

    Those only prepare the ground: over a few samples almost any law follows the data.
    """
    stage = fit_length(task, length, None, None)
    warm: Stage | None = None
    for shorter in (length // 4, length // 2) if stage.refusal else ():
        if shorter >= SHORTEST:
            warm = fit_length(task, shorter, None if warm is None else warm.start, None)
            if not np.isfinite(warm.chi2):
                return stage
    if warm is None:
        return stage
    again = fit_length(task, length, warm.start, None)
    return again if again.chi2 < stage.chi2 or again.refusal is None else stage


def gate(dof: int, noise_error: float, previous: float | None) -> float:
    """Return the largest chi-square per degree of freedom that is accepted.

    `noise_error` is the relative standard error of the noise level (chi-square has twice that), `previous`
    the chi-square of the length before.

    >>> gate(100_000, 0.0, None)
    1.1
    >>> round(gate(100_000, 0.0, 1.0), 3)
    1.013
    """
    # The noise level enters as a factor, so its error is symmetric in the logarithm.
    limit = max(CHI2_LIMIT, np.exp(3.0 * np.sqrt(2.0 / dof + 4.0 * noise_error**2)))
    if previous is None:
        return float(limit)
    return float(min(limit, previous + 3.0 * max(previous, 1.0) * np.sqrt(2.0 / dof)))


def fit_length(task: Task, length: int, warm: Start | None, previous: float | None) -> Stage:
    """Fit one length, in RK4 steps small enough for the noise not to notice.

    `warm` is where to begin, `previous` the chi-square of the length accepted before; None where none is.
    """
    segments = cut(task.tracks, length, task.noise)
    places = list(zip(segments.track, segments.first, strict=True))
    if warm is None:
        smoothing = {"half_width": 0} if task.is_map else {}  # a map jumps: only the sample says where it is
        starts = np.array([smoothed_state(task.tracks[t], int(a), **smoothing) for t, a in places]).T
        parameters, n_substeps = task.start, 0 if task.is_map else 1
    else:
        starts = np.array([warm.simulated[t][:, a] for t, a in places]).T
        parameters, n_substeps = warm.parameters, warm.n_substeps
    starts = np.ascontiguousarray(starts)
    dof = segments.n_measured - starts.size - len(parameters) + (0 if task.known is None else len(task.known[1]))
    limit = gate(max(dof, 1), task.noise_error, previous)
    while True:
        most = 60 if previous is None else 30
        fit = minimise(task.flow, segments, parameters, starts, n_substeps, task.box, most, task.known)
        chi2 = fit.normal.chi2 / dof if dof > 0 else np.inf
        diverged = not np.isfinite(fit.normal.chi2)
        shift = np.inf if diverged else integration_shift(task.flow, segments, fit, task.box, task.known)
        # Steps that were small enough so far do not explain why a longer segment is refused.
        settled = chi2 <= limit and fit.remaining <= LARGEST_SHIFT
        coarse = shift > LARGEST_SHIFT and (settled or previous is None)
        if not coarse or n_substeps >= MOST_SUBSTEPS or task.is_map:
            break
        # The error of RK4 falls with the fourth power of the step.
        factor = 2.0 ** np.ceil(np.log2(shift / LARGEST_SHIFT) / 4.0) if np.isfinite(shift) else 4.0
        n_substeps = int(min(MOST_SUBSTEPS, n_substeps * factor))
        parameters, starts = fit.parameters, fit.starts
    refusal = _refusal(dof, chi2, limit, fit.remaining, shift)
    simulated = along_tracks(task.tracks, segments, fit.normal.states)
    if segments.n_segments == len(task.tracks):
        length = int(segments.grid.lengths[0])
    return Stage(length, segments, fit, float(chi2), dof, simulated, refusal)


def _refusal(dof: int, chi2: float, limit: float, remaining: float, shift: float) -> str | None:
    if dof < 1:
        return "there are more unknowns than measurements"
    if not np.isfinite(chi2):
        return "the law diverges"
    if chi2 > limit:
        return f"chi-square per degree of freedom is {chi2:.3g}, above {limit:.3g}"
    if remaining > LARGEST_SHIFT:
        return "the search for the least chi-square did not settle"
    if shift > LARGEST_SHIFT:
        return f"{MOST_SUBSTEPS} steps per sample are too few: the law is stiff"
    return None


def along_tracks(tracks: Sequence[Track], segments: Segments, states: Array) -> tuple[Array, ...]:
    """Lay the segments' states out along the tracks, each of shape (n_states, n_samples)."""
    laid = tuple(np.full(track.states.shape, np.nan) for track in tracks)
    for s, (t, first, n) in enumerate(zip(segments.track, segments.first, segments.grid.lengths, strict=True)):
        laid[t][:, first : first + n] = states[:n, :, s].T
    return laid
