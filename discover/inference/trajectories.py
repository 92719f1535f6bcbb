"""Refine coefficients on the trajectories themselves, and say how well they are known.

Multiple shooting over segments that grow: short ones converge from afar, long ones carry the information.
A length is accepted only while chi-square says that the law still follows the data, so a wrong law, a
chaotic one beyond its horizon or a diverging one is refused, and the last accepted result is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from discover.errors import DataError, SettingError
from discover.expr import Expr, add, constant, divide, inner_values, multiply, opened, substitute, variable
from discover.inference.growth import Stage, Start, Task, fit_length, grow, segment_lengths
from discover.inference.intervals import t_quantile
from discover.inference.logarithms import log_factors, log_terms
from discover.inference.restriction import Restriction, unlimited
from discover.inference.shooting import LEAST_CHI2, Track, bounding_box, make_tracks, parameter_covariance
from discover.inference.velocities import Motion, in_logarithms, motion_of, with_velocities
from discover.simulate.field import compile_flow
from discover_kernels.integrate import Index

Array = NDArray[np.float64]
Errors = Literal["additive", "relative"]
RightHandSide = Sequence[tuple[float, Expr]]

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
    """The plainest `Stretch`: time (n_samples,), states (n_states, n_samples), inputs (n_inputs, n_samples).

    Attributes:
        slopes: roughly the derivative of every state by time, shape (n_states, n_samples): where the search for
            velocities begins; needed for laws of second order alone.
        loudness: by what the noise on each state differs from that of the other stretches, (n_states,); None for
            nothing.
        noise: standard deviation of every measurement, (n_states, n_samples), where a state's is not one number.
    """

    time: Array
    states: Array
    inputs: Array
    slopes: Array | None = None
    loudness: Array | None = None
    noise: Array | None = None


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
        initial_states: fitted state at that sample, shape (n_states, n_segments); velocities follow the states.
        simulated: the law's trajectories beside each stretch, shapes (n_states, n_samples), NaN where none;
            velocities follow the states.
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
        quantile = t_quantile(self.t_dof, 0.5 + level / 2)
        return self.coefficients - quantile * self.std, self.coefficients + quantile * self.std


def refine(
    right_hand_sides: Sequence[RightHandSide],
    stretches: Sequence[Stretch],
    noise: Array,
    *,
    first_length: int,
    noise_error: float = 0.0,
    max_length: int | None = None,
    errors: Errors = "additive",
    is_map: bool = False,
    orders: Sequence[int] = (),
    clock: int | None = None,
    divisors: Sequence[RightHandSide] = (),
    inner: Sequence[Sequence[Sequence[int]]] = (),
    limits: Restriction | None = None,
    like: Refinement | None = None,
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
        is_map: whether the right-hand sides are the next states of a map, not rates of change.
        orders: of each left-hand side, 1 or 2; empty for once each. Velocities are never measured.
        clock: the variable that is the time itself, None where none is.
        divisors: for each state the (coefficient, term) pairs that its sum is divided by, of which the first
            coefficient stays 1 and the others are fitted, after those of the sum; empty for no division.
        inner: for each state and term, which of the constants inside the term are fitted too, after all
            coefficients of that state; empty for none.
        limits: what the parameters may be; its equalities hold exactly, its inequalities are left to the caller.
        like: the accepted fit of a similar law to the same stretches. Only its length is fitted, from its
            states, and accepted only where the fit is about as good; a fit that diverges starts anew.
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
    divisors = divisors or [()] * len(right_hand_sides)
    tracks = tracks_of(right_hand_sides, stretches, noise, first_length, errors)
    n, n_inputs = len(noise), len(tracks[0].inputs)
    start, right_hand_sides = _opened(right_hand_sides, divisors, inner, n + n_inputs)
    if 2 in orders:
        motion = motion_of(right_hand_sides, orders, n_inputs, clock, [_n_inner(places) for places in inner])
        motion = in_logarithms(motion) if errors == "relative" else motion
        tracks = tuple(with_velocities(t, motion, _slopes(t, stretches, motion), start) for t in tracks)
        noise = np.append(noise, np.ones(len(motion.second)))  # of no weight: there is nothing to compare with
        rates = motion.rates
    else:
        in_logs = errors == "relative"
        sides = log_terms(right_hand_sides) if in_logs else right_hand_sides
        below = log_factors(divisors) if in_logs else divisors
        rates = _rates(sides, below, n_inputs, [_n_inner(places) for places in inner])
    limits = limits or unlimited(len(start))
    flow = compile_flow(_in_terms_of(rates, limits, len(noise) + n_inputs), n_inputs, limits.n_free)
    known = limits.prior_rows() if len(limits.mean) else None
    task = Task(flow, tracks, noise, noise_error, limits.within(start), bounding_box(tracks), is_map, known)
    shapes = [(len(noise), len(stretch.time)) for stretch in stretches]
    back = partial(_measured, n) if errors == "relative" else np.asarray
    if like is not None and like.accepted:
        stage = _like(task, like, errors)
        if np.isfinite(stage.chi2):
            kept = stage if stage.refusal is None else None
            return _report(task, kept, shapes, [(stage.length, stage.chi2)], stage.refusal or "", back, limits)
    longest = max(track.n_samples for track in tracks)
    lengths = segment_lengths(first_length, longest if max_length is None else min(max_length, longest))
    kept, history, reason = grow(task, lengths, observe, spent)
    return _report(task, kept, shapes, history, reason, back, limits)


def _in_terms_of(rates: Sequence[Expr], limits: Restriction, first: int) -> list[Expr]:
    """Return rates whose parameters, variables from `first` on, are written by those that are free."""
    if limits.n_free == limits.n:
        return list(rates)
    leaves = [variable(k) for k in range(first)]
    for begin, line in zip(limits.start.tolist(), limits.N.tolist(), strict=True):
        mine = [(weight, variable(first + k)) for k, weight in enumerate(line) if weight]
        parts = [free if weight == 1.0 else constant(weight) * free for weight, free in mine]
        whole = parts[0] if parts else constant(begin)
        for part in parts[1:]:
            whole = add(whole, part)
        leaves.append(add(whole, constant(begin)) if parts and begin else whole)
    return [substitute(rate, leaves) for rate in rates]


def _n_inner(places: Sequence[Sequence[int]]) -> int:
    """Return how many constants inside the terms of one equation are fitted."""
    return sum(map(len, places))


def _opened(
    sides: Sequence[RightHandSide],
    divisors: Sequence[RightHandSide],
    inner: Sequence[Sequence[Sequence[int]]],
    n_variables: int,
) -> tuple[Array, list[RightHandSide]]:
    """Return every parameter's first value, and the terms with parameters in the place of constants inside them.

    Parameters are variables that follow the states and inputs: of each equation the coefficients, those of what it
    is divided by, then the constants inside its terms.
    """
    start: list[float] = []
    found: list[RightHandSide] = []
    for i, (side, below) in enumerate(zip(sides, divisors, strict=True)):
        start += [value for value, _ in (*side, *below[1:])]
        places = inner[i] if inner else ((),) * len(side)
        written = []
        for (value, term), mine in zip(side, places, strict=True):
            written.append((value, opened(term, mine, n_variables + len(start)) if mine else term))
            start += inner_values(term, mine)
        found.append(written)
    return np.array(start, dtype=float), found


def _like(task: Task, like: Refinement, errors: Errors) -> Stage:
    """Fit the length of an earlier fit from its states."""
    states = []
    for track in task.tracks:
        known = like.simulated[track.source][:, track.offset : track.offset + track.n_samples].copy()
        if errors == "relative":
            measured = np.isfinite(track.states).any(axis=1)
            known[measured] = np.log(known[measured])
        states.append(known)
    return fit_length(task, like.length, Start(task.start, tuple(states), like.n_substeps), like.chi2)


def tracks_of(
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
        loudness = getattr(stretch, "loudness", None)
        level = getattr(stretch, "noise", None) if errors == "additive" else None
        made = make_tracks(time, states, inputs, source, noise=level)
        tracks += [replace(track, loudness=loudness) for track in made]
    if not tracks:
        raise DataError("no stretch has two samples in a row with known inputs: nothing to refine on.")
    return tuple(tracks)


def _measured(n: int, states: Array) -> Array:
    """Return states (n_states, …) of which the first n are logarithms of what is measured."""
    return np.concatenate([np.exp(states[:n]), states[n:]])


def _slopes(track: Track, stretches: Sequence[Stretch], motion: Motion) -> Array:
    """Return roughly x′ along a track for the states of second order, shape (n_second, n_samples)."""
    slopes = getattr(stretches[track.source], "slopes", None)
    if slopes is None:
        raise DataError(
            f"stretch {track.source} needs slopes for the velocities of a law of second order to begin with"
        )
    return np.asarray(slopes)[list(motion.second), track.offset : track.offset + track.n_samples]


def _rates(
    right_hand_sides: Sequence[RightHandSide],
    divisors: Sequence[RightHandSide],
    n_inputs: int,
    n_inner: Sequence[int] = (),
) -> list[Expr]:
    """Write the coefficients as parameters: variables that follow the states and inputs."""
    rates, k = [], len(right_hand_sides) + n_inputs
    for i, (side, below) in enumerate(zip(right_hand_sides, divisors, strict=True)):
        total = constant(0.0)
        for j, (_, term) in enumerate(side):
            product = multiply(variable(k), term)
            total = product if j == 0 else add(total, product)
            k += 1
        if below:
            divisor = below[0][1]
            for _, term in below[1:]:
                divisor = add(divisor, multiply(variable(k), term))
                k += 1
            total = divide(total, divisor)
        k += n_inner[i] if n_inner else 0
        rates.append(total)
    return rates


def _report(
    task: Task,
    kept: Stage | None,
    shapes: Sequence[tuple[int, ...]],
    history: Sequence[tuple[int, float]],
    reason: str,
    back: Callable[[Array], Array],
    limits: Restriction,
) -> Refinement:
    """Put the last accepted length, or none, into the result; `back` turns fitted states into measured ones."""
    simulated = tuple(np.full(shape, np.nan) for shape in shapes)
    n = limits.n
    if kept is None:
        nowhere, nothing = np.zeros(0, dtype=np.int64), np.empty((shapes[0][0], 0))
        unknown = np.full((n, n), np.nan)
        return Refinement(
            False,
            limits.full(task.start),
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
        covariance, t_dof = covariance * max(kept.chi2, LEAST_CHI2), float(kept.dof)  # the search goes no further
    elif task.noise_error > 0:
        t_dof = 0.5 / task.noise_error**2  # a standard deviation with that relative error has so many
    return Refinement(
        accepted=True,
        coefficients=limits.full(kept.fit.parameters),
        covariance=limits.spread(covariance),
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
