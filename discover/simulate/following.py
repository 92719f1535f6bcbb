"""Follow measured data with a law: the simulation that stands beside them in the evidence."""

import numpy as np
from numpy.typing import NDArray

from discover.equation import Law
from discover.errors import InputError
from discover.simulate.forward import simulate
from discover.simulate.known import filled
from discover.simulate.space import Boundary

Array = NDArray[np.float64]

NEAREST = 7
"""Samples from the start of a run that an initial velocity is taken from."""


def follow_stretch(law: Law, time: Array, measured: Array, length: int) -> Array:
    """Return the law's simulation of one trajectory, started afresh from the data every `length` samples.

    It is NaN where the law cannot be run, or left the finite numbers.

    Args:
        law: not over space.
        time: shape (n_samples,).
        measured: shape (n_variables, n_samples), states first.
        length: samples from one start to the next.

    Returns:
        Shape (n_states, n_samples).

    >>> from discover.export.specimen import specimen
    >>> law, _ = specimen()
    >>> stretch = law.evidence.stretches[0]
    >>> follow_stretch(law, stretch.time, stretch.measured, 3)[0, [0, 3]].tolist()  # the measured starts
    [30.0, 77.4]
    """
    n_states = len(law.states)
    simulated = np.full((n_states, len(time)), np.nan)
    for first in range(0, len(time), length):
        part = slice(first, first + length)
        inputs = {name: measured[n_states + at, part] for at, name in enumerate(law.inputs)}
        start = _with_velocities(law, time[first:], measured[:n_states, first:])
        try:
            run = simulate(law, start, time[part], inputs)
        except InputError:
            continue
        simulated[:, part] = [run[name].values for name in law.states]
    return simulated


def follow_field(
    law: Law,
    coordinates: tuple[Array, ...],
    measured: Array,
    *,
    start: Array | None = None,
    boundary: Boundary | None = None,
    rtol: float | None = None,
    max_steps: int | None = None,
) -> tuple[Array, tuple[str, ...]]:
    """Return the law's simulation of a measured field from its first whole frame, and what is to be said of it.

    It is NaN before that frame, and where the law cannot be run or left the finite numbers.

    Args:
        law: over space.
        coordinates: of time, then of each space axis.
        measured: shape (n_variables, n_t, n_x, …), states first, NaN where nothing was measured.
        start: the states at the first time, shape (n_states, n_x, …), where better ones are known than measured.
        boundary: what lies beyond the edges; None for what the first frame looks like, else the measured edges.
        rtol: relative tolerance of a step; see `simulate`.
        max_steps: most steps; see `simulate`.

    Returns:
        Shape (n_states, n_t, n_x, …), and notes.
    """
    n_states, t = len(law.states), coordinates[0]
    simulated = np.full((n_states, *measured.shape[1:]), np.nan)
    whole = np.flatnonzero(np.isfinite(measured[:n_states]).all(axis=(0, *range(2, measured.ndim))))
    if not len(whole) and start is None:
        return simulated, ("No frame was measured whole, so the law was not simulated from one.",)
    first = 0 if start is not None else int(whole[0])
    later = measured[:, first:]
    begin = _with_velocities(law, t[first:], later[:n_states])
    if start is not None:
        begin[:n_states] = start
    given = [(at, name) for at, name in enumerate(law.inputs, start=n_states) if name not in law.axes]
    inputs = {name: filled(later[at], t[first:]) for at, name in given}
    edges = {name: filled(later[at], t[first:]) for at, name in enumerate(law.states)}
    try:
        run = simulate(
            law,
            begin,
            t[first:],
            inputs,
            space=coordinates[1:],
            boundary=boundary,
            measured=edges,
            rtol=rtol,
            max_steps=max_steps,
        )
    except InputError as error:
        return simulated, (f"The law was not simulated: {error}",)
    simulated[:, first:] = [run[name].values for name in law.states]
    return simulated, tuple(run.attrs["notes"])


def _with_velocities(law: Law, t: Array, states: Array) -> Array:
    """Return the first sample of each state, and after them the slopes of those of second order.

    A slope is that of the parabola through the first samples (n_states, n_samples, …), by least squares.
    """
    second = [at for at, equation in enumerate(law.equations) if equation.order == 2]
    if not second:
        return states[:, 0].copy()
    n = min(NEAREST, len(t))
    powers = np.vander(t[:n] - t[0], min(3, n), increasing=True)
    near = np.nan_to_num(states[second, :n])
    slopes = np.tensordot(near, np.linalg.pinv(powers)[1], axes=(1, 0)) if n > 1 else np.zeros_like(near[:, 0])
    return np.concatenate([states[:, 0], np.asarray(slopes, dtype=np.float64)])
