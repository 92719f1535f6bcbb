"""Refine coefficients on the trajectories themselves, and say how well they are known.

Multiple shooting over segments that grow: short ones converge from afar, long ones carry the information.
A length is accepted only while chi-square says that the law still follows the data, so a wrong law, a
chaotic one beyond its horizon or a diverging one is refused, and the last accepted result is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from discover_kernels.integrate import Box, Flow, Index
from numpy.typing import NDArray
from scipy import stats

from discover.errors import DataError, SettingError
from discover.expr import Expr, add, constant, multiply, variable
from discover.inference.error_model import log_rates
from discover.inference.shooting import (
    MOST_SUBSTEPS,
    Fit,
    Segments,
    Track,
    bounding_box,
    cut,
    integration_shift,
    make_tracks,
    minimise,
    parameter_covariance,
    smoothed_state,
)
from discover.simulate.field import compile_flow

Array = NDArray[np.float64]
Errors = Literal["additive", "relative"]
RightHandSide = Sequence[tuple[float, Expr]]

CHI2_LIMIT = 1.1
LARGEST_SHIFT = 0.3  # standard errors by which the integration may move the estimates
WELL_KNOWN = 0.1  # relative error of the noise level below which it is not estimated anew from chi-square


class Stretch(Protocol):
    """What is fitted: one measured piece of trajectory."""

    @property
    def time(self) -> Array:
        """Sampling times, shape (n_samples,), increasing, not necessarily evenly."""
        ...

    @property
    def states(self) -> Array:
        """Measured states, shape (n_states, n_samples), NaN where not measured."""
        ...

    @property
    def inputs(self) -> Array:
        """What drives it, shape (n_inputs, n_samples)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The plainest `Stretch`: time (n_samples,), states (n_states, n_samples), inputs (n_inputs, n_samples)."""

    time: Array
    states: Array
    inputs: Array


@dataclass(frozen=True, slots=True, eq=False)
class Refinement:
    """Coefficients after a fit to the trajectories.

    Attributes:
        accepted: whether the law follows the data over at least the first length; if not, the coefficients
            are those handed in and the covariance is NaN.
        coefficients: in the order of states, then terms, shape (n_coefficients,).
        covariance: shape (n_coefficients, n_coefficients).
        chi2: chi-square per degree of freedom at the accepted length, NaN where none is.
        dof: its degrees of freedom.
        t_dof: degrees of freedom of Student's t for intervals (infinite where the noise is known exactly).
        length: samples of a segment at the accepted length, 0 where none is.
        segment_stretch, segment_first: stretch and first sample of each segment, shape (n_segments,).
        initial_states: fitted state at that sample, shape (n_states, n_segments).
        simulated: the law's trajectories beside each stretch, shapes (n_states, n_samples), NaN where none.
        history: every length tried, with its chi-square per degree of freedom (infinite: diverged).
        n_substeps: RK4 steps in a sampling interval.
        reason: why it went no further.
    """

    accepted: bool
    coefficients: Array
    covariance: Array
    chi2: float
    dof: int
    t_dof: float
    length: int
    segment_stretch: Index
    segment_first: Index
    initial_states: Array
    simulated: tuple[Array, ...]
    history: tuple[tuple[int, float], ...]
    n_substeps: int
    reason: str

    @property
    def std(self) -> Array:
        """Standard error of each coefficient, shape (n_coefficients,)."""
        return np.sqrt(np.diag(self.covariance))

    def interval(self, level: float = 0.95) -> tuple[Array, Array]:
        """Return the lower and upper ends of the coefficients' intervals, each of shape (n_coefficients,)."""
        quantile = (
            stats.t.ppf(0.5 + level / 2, self.t_dof) if np.isfinite(self.t_dof) else stats.norm.ppf(0.5 + level / 2)
        )
        return self.coefficients - quantile * self.std, self.coefficients + quantile * self.std


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """What stays the same while segments grow."""

    flow: Flow
    tracks: tuple[Track, ...]
    noise: Array
    noise_error: float
    start: Array
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class _Stage:
    """A fitted length: what the next one starts from."""

    length: int
    segments: Segments
    fit: Fit
    chi2: float
    dof: int
    simulated: tuple[Array, ...]
    refusal: str | None


def refine(
    right_hand_sides: Sequence[RightHandSide],
    stretches: Sequence[Stretch],
    noise: Array,
    *,
    first_length: int,
    noise_error: float = 0.0,
    max_length: int | None = None,
    errors: Errors = "additive",
    observe: Callable[[str, float], None] | None = None,
    spent: Callable[[], bool] | None = None,
) -> Refinement:
    """Fit the coefficients of a law to measured trajectories, over segments as long as the data allow.

    Args:
        right_hand_sides: for each state, its (coefficient, term) pairs; terms count states first, then inputs.
        stretches: the data; inputs are taken as exact, and interpolated between the samples.
        noise: standard deviation of the measurement errors of each state, shape (n_states,); with
            errors="relative" it is relative to the value.
        first_length: samples of the first segments; about the width of a test function.
        noise_error: relative standard error of `noise` itself; it widens the gate.
        max_length: longest segment in samples, None for whole stretches.
        errors: "additive" (normal) or "relative" (log-normal; all states must be positive).
        observe: told what is going on and which share is done.
        spent: asked before each length whether to stop.

    Raises DataError where the data cannot be used, SettingError where an option cannot.

    >>> x, time = variable(0), np.linspace(0.0, 2.0, 81)
    >>> data = Measured(time, np.exp(-time)[None, :], np.empty((0, 81)))
    >>> found = refine([[(-0.9, x)]], [data], np.array([0.01]), first_length=11)
    >>> found.accepted, found.length, found.coefficients.round(6)
    (True, 81, array([-1.]))
    """
    noise = np.asarray(noise, dtype=float)
    start = np.array([value for side in right_hand_sides for value, _ in side], dtype=float)
    tracks = _tracks(right_hand_sides, stretches, noise, first_length, errors)
    n_inputs = len(tracks[0].inputs)
    rates = _rates(right_hand_sides, n_inputs)
    flow = compile_flow(log_rates(rates, len(noise)) if errors == "relative" else rates, n_inputs, len(start))
    task = _Task(flow, tracks, noise, noise_error, start, bounding_box(tracks))
    longest = max(track.n_samples for track in tracks)
    lengths = _lengths(first_length, longest if max_length is None else min(max_length, longest))
    kept, history, reason = _grow(task, lengths, observe, spent)
    shapes = [np.shape(stretch.states) for stretch in stretches]
    return _report(task, kept, shapes, history, reason, np.exp if errors == "relative" else np.asarray)


def _tracks(
    right_hand_sides: Sequence[RightHandSide],
    stretches: Sequence[Stretch],
    noise: Array,
    first_length: int,
    errors: Errors,
) -> tuple[Track, ...]:
    """Check everything that was handed in, and cut it where inputs are missing."""
    if errors not in ("additive", "relative"):
        raise SettingError(f'errors must be "additive" or "relative", not "{errors}"')
    if first_length < 3:
        raise SettingError(f"first_length must be at least 3 samples, not {first_length}")
    if len(noise) != len(right_hand_sides) or not (np.isfinite(noise).all() and (noise > 0).all()):
        raise SettingError(f"noise must hold {len(right_hand_sides)} positive numbers, one per state, not {noise}")
    tracks: list[Track] = []
    for source, stretch in enumerate(stretches):
        time, inputs = np.asarray(stretch.time, dtype=float), np.asarray(stretch.inputs, dtype=float)
        states = np.asarray(stretch.states, dtype=float)
        if states.shape != (len(noise), len(time)) or inputs.shape[1:] != (len(time),):
            raise DataError(
                f"stretch {source} has {len(time)} times, states of shape {states.shape} and inputs of shape "
                f"{inputs.shape}; expected ({len(noise)}, {len(time)}) and (n_inputs, {len(time)})"
            )
        if errors == "relative":
            if (states <= 0).any():
                raise DataError(f'stretch {source} has values that are not positive; use errors="additive"')
            states = np.log(states)
        tracks += make_tracks(time, states, inputs, source)
    if not tracks:
        raise DataError("no stretch has two samples in a row with known inputs: nothing to refine on.")
    return tuple(tracks)


def _rates(right_hand_sides: Sequence[RightHandSide], n_inputs: int) -> list[Expr]:
    """Write the coefficients as parameters: variables that follow the states and inputs."""
    rates, k = [], len(right_hand_sides) + n_inputs
    for side in right_hand_sides:
        total = constant(0.0)
        for j, (_, term) in enumerate(side):
            product = multiply(variable(k), term)
            total = product if j == 0 else add(total, product)
            k += 1
        rates.append(total)
    return rates


def _lengths(first: int, limit: int) -> list[int]:
    """Return the lengths to try: doubling, the last one no nearer than a quarter to its predecessor."""
    lengths = [min(first, limit)]
    while lengths[-1] * 2 <= limit:
        lengths.append(lengths[-1] * 2)
    if limit >= 1.25 * lengths[-1]:
        lengths.append(limit)
    return lengths


def _grow(
    task: _Task,
    lengths: Sequence[int],
    observe: Callable[[str, float], None] | None,
    spent: Callable[[], bool] | None,
) -> tuple[_Stage | None, list[tuple[int, float]], str]:
    """Fit length after length until one is refused; return the last accepted, all chi-squares, and why it ended."""
    kept: _Stage | None = None
    history: list[tuple[int, float]] = []
    for number, length in enumerate(lengths):
        if spent is not None and spent():
            return kept, history, "the budget was spent"
        if observe is not None:
            observe(f"trajectories of {length} samples", number / len(lengths))
        stage = _fit_length(task, length, kept)
        history.append((length, stage.chi2))
        if stage.refusal is not None:
            return kept, history, f"over {length} samples {stage.refusal}"
        kept = stage
    return kept, history, "the longest segments were reached"


def gate(dof: int, noise_error: float, previous: float | None) -> float:
    """Return the largest chi-square per degree of freedom that is accepted.

    `noise_error` is the relative standard error of the noise level (chi-square has twice that), `previous`
    the chi-square of the length before.

    >>> gate(100_000, 0.0, None)
    1.1
    >>> round(gate(100_000, 0.0, 1.0), 3)
    1.013
    """
    limit = max(CHI2_LIMIT, 1.0 + 3.0 * np.sqrt(2.0 / dof + 4.0 * noise_error**2))
    if previous is None:
        return float(limit)
    return float(min(limit, previous * (1.0 + 3.0 * np.sqrt(2.0 / dof))))


def _fit_length(task: _Task, length: int, kept: _Stage | None) -> _Stage:
    """Fit one length from the one before, in RK4 steps small enough for the noise not to notice."""
    segments = cut(task.tracks, length, task.noise)
    places = list(zip(segments.track, segments.first, strict=True))
    if kept is None:
        starts = np.array([smoothed_state(task.tracks[t], int(a)) for t, a in places]).T
        parameters, n_substeps = task.start, 1
    else:
        starts = np.array([kept.simulated[t][:, a] for t, a in places]).T
        parameters, n_substeps = kept.fit.parameters, kept.fit.n_substeps
    starts = np.ascontiguousarray(starts)
    dof = segments.n_measured - starts.size - len(parameters)
    limit = gate(max(dof, 1), task.noise_error, None if kept is None else kept.chi2)
    while True:
        fit = minimise(task.flow, segments, parameters, starts, n_substeps, task.box)
        chi2 = fit.normal.chi2 / dof if dof > 0 else np.inf
        diverged = not np.isfinite(fit.normal.chi2)
        shift = np.inf if diverged else integration_shift(task.flow, segments, fit, task.box, task.noise)
        # Steps that were small enough so far do not explain why a longer segment is refused.
        coarse = shift > LARGEST_SHIFT and (chi2 <= limit or kept is None)
        if not coarse or n_substeps >= MOST_SUBSTEPS:
            break
        # The error of RK4 falls with the fourth power of the step.
        factor = 2.0 ** np.ceil(np.log2(shift / LARGEST_SHIFT) / 4.0) if np.isfinite(shift) else 4.0
        n_substeps = int(min(MOST_SUBSTEPS, n_substeps * factor))
        parameters, starts = fit.parameters, fit.starts
    refusal = _refusal(dof, chi2, limit, shift)
    simulated = _by_track(task.tracks, segments, fit.normal.states)
    return _Stage(length, segments, fit, float(chi2), dof, simulated, refusal)


def _refusal(dof: int, chi2: float, limit: float, shift: float) -> str | None:
    if dof < 1:
        return "there are more unknowns than measurements"
    if not np.isfinite(chi2):
        return "the law diverges"
    if chi2 > limit:
        return f"chi-square per degree of freedom is {chi2:.3g}, above {limit:.3g}"
    if shift > LARGEST_SHIFT:
        return f"{MOST_SUBSTEPS} steps per sample are too few: the law is stiff"
    return None


def _by_track(tracks: Sequence[Track], segments: Segments, states: Array) -> tuple[Array, ...]:
    """Lay the segments' states out along the tracks, each of shape (n_states, n_samples)."""
    laid = tuple(np.full(track.states.shape, np.nan) for track in tracks)
    for s, (t, first, n) in enumerate(zip(segments.track, segments.first, segments.grid.lengths, strict=True)):
        laid[t][:, first : first + n] = states[:n, :, s].T
    return laid


def _report(
    task: _Task,
    kept: _Stage | None,
    shapes: Sequence[tuple[int, ...]],
    history: Sequence[tuple[int, float]],
    reason: str,
    back: Callable[[Array], Array],
) -> Refinement:
    """Put the last accepted length, or none, into the result; `back` turns fitted states into measured ones."""
    simulated = tuple(np.full(shape, np.nan) for shape in shapes)
    n = len(task.start)
    if kept is None:
        nowhere, nothing = np.zeros(0, dtype=np.int64), np.empty((shapes[0][0], 0))
        unknown = np.full((n, n), np.nan)
        return Refinement(
            False,
            task.start,
            unknown,
            np.nan,
            0,
            np.inf,
            0,
            nowhere,
            nowhere,
            nothing,
            simulated,
            tuple(history),
            0,
            reason,
        )
    for track, states in zip(task.tracks, kept.simulated, strict=True):
        simulated[track.source][:, track.offset : track.offset + track.n_samples] = back(states)
    covariance, t_dof = parameter_covariance(kept.fit.normal), np.inf
    if task.noise_error > WELL_KNOWN:
        covariance, t_dof = covariance * kept.chi2, float(kept.dof)
    elif task.noise_error > 0:
        t_dof = 0.5 / task.noise_error**2  # a standard deviation with that relative error has so many
    return Refinement(
        accepted=True,
        coefficients=kept.fit.parameters,
        covariance=covariance,
        chi2=kept.chi2,
        dof=kept.dof,
        t_dof=t_dof,
        length=kept.length,
        segment_stretch=np.array([track.source for track in task.tracks])[kept.segments.track],
        segment_first=np.array([track.offset for track in task.tracks])[kept.segments.track] + kept.segments.first,
        initial_states=back(kept.fit.starts),
        simulated=simulated,
        history=tuple(history),
        n_substeps=kept.fit.n_substeps,
        reason=reason,
    )
