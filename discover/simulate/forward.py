"""Run a law forward from initial states: one run by scipy's solvers, many by the compiled kernel."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.equation import Law
from discover.errors import SettingError, did_you_mean
from discover.expr import compile_program
from discover.simulate.batch import run_batch, shared_grid
from discover.simulate.field import VectorField, compile_flow, vector_field
from discover.simulate.iteration import iterate
from discover.simulate.layout import one_trajectory, several_trajectories
from discover.simulate.paths import run_paths
from discover.simulate.reduction import FirstOrder, first_order
from discover.simulate.solver import Rate, solve
from discover.simulate.space import Boundary, simulate_movie
from discover_kernels.integrate import Flow, Grid, new_buffer, run_rates

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

RTOL, RTOL_OVER_SPACE = 1e-9, 1e-6
MOST_STEPS = 100_000


def simulate(
    law: Law | VectorField,
    x0: ArrayLike,
    t: ArrayLike,
    inputs: Mapping[str, ArrayLike] | None = None,
    *,
    space: Sequence[ArrayLike] | None = None,
    boundary: Boundary | Sequence[Boundary] | None = None,
    measured: Mapping[str, ArrayLike] | None = None,
    rtol: float | None = None,
    max_steps: int | None = None,
    seed: int | None = None,
    n_paths: int | None = None,
) -> "xr.Dataset":
    """Run a law forward and return its states, and its inputs, at the times asked for.

    It always comes to an end: a run that leaves the finite numbers, or needs more steps than allowed, is
    NaN from there on, and `attrs["notes"]` says so. A single run uses DOP853, and LSODA where that turns
    out to be stiff; several runs go through the compiled batch first. A law of second order runs as the
    first-order system of its states and velocities, a map step by step, a law over space on its grid.

    Args:
        law: a law, or right-hand sides.
        x0: initial states, shape (n_states,), or (n_runs, n_states) for several runs; over space one run, shape
            (n_states, n_x, …). States of second order start at rest, unless their velocities follow the states.
        t: increasing times, shape (n_samples,); the first is that of x0. A map goes one step for each.
        inputs: values of each input at these times, shape (n_samples,) or (n_runs, n_samples); over space
            (n_samples, n_x, …) or what broadcasts to it. Inputs named like an axis need not be given.
        space: coordinates along each space axis of the law, increasing.
        boundary: what lies beyond the edges, one word or one for each space axis: "periodic" (an even grid,
            without a repeated last point), "measured" or "zero-gradient"; None for what x0 looks like.
        measured: fields over time and space by name, shape (n_samples, n_x, …); with "measured" their margin,
            as wide as the law's derivatives reach, is imposed.
        rtol: relative tolerance of a step; 1e-9, over space 1e-6.
        max_steps: most steps that one run may take; 100 000, over space 20 000 or, on grids of more than 16 384
            points, as many fewer, but 500.
        seed: of the noise of a stochastic law, 0 unless told.
        n_paths: how many paths of a stochastic law start from every x0; one unless told, and a note says so.

    Returns:
        One run: dimension "time", and the space axes. Several: dimension "sample", with coordinates
        "trajectory" (the number of the run, as text) and "time".

    Raises:
        SettingError: where x0, t, the inputs or the space do not fit the law.

    >>> from discover.expr import derivative, parse, variable
    >>> decay = VectorField(("x",), (), (parse("-x", ["x"]),))
    >>> simulate(decay, [1.0], [0.0, 1.0, 2.0])["x"].values.round(6)
    array([1.      , 0.367879, 0.135335])
    >>> heat = VectorField(("u",), (), (derivative(variable(0), (0, 2)),), space=("x",))
    >>> x = np.linspace(0.0, 2 * np.pi, 16, endpoint=False)
    >>> simulate(heat, np.sin(x), [0.0, 1.0], space=[x])["u"].values[1, 4].round(6)
    np.float64(0.367879)
    """
    field = vector_field(law) if isinstance(law, Law) else law
    time = _times(t)
    if field.space and field.kind != "map":
        return simulate_movie(field, x0, time, inputs, space, boundary, measured, rtol or RTOL_OVER_SPACE, max_steps)
    if space is not None or boundary is not None or measured is not None:
        raise SettingError("This law is not over space; leave out space, boundary and measured.")
    if field.kind != "stochastic" and (seed is not None or n_paths is not None):
        raise SettingError("This law has no noise of its own: every run is the same; leave out seed and n_paths.")
    reduced = first_order(field)
    X0 = _initial_states(field, len(reduced.second), x0)
    driven = _inputs(field, inputs, len(X0), time)
    if field.kind == "stochastic":
        return _paths(field, X0, time, driven, 0 if seed is None else seed, n_paths)
    if field.kind == "map":
        states, notes = iterate(field, X0, len(time), driven)
    else:
        X0 = _shifted(reduced, X0, driven[:, :, 0])
        states, notes = run(reduced.field, X0, time, driven, rtol=rtol or RTOL, max_steps=max_steps or MOST_STEPS)
    states = states[:, : len(field.states)]
    if np.ndim(x0) == 1:
        return one_trajectory(field, time, states[0], driven[0], "simulation", notes)
    labels = [str(run) for run in range(len(X0))]
    return several_trajectories(field, labels, [time] * len(X0), list(states), list(driven), "simulation", notes)


def _paths(field: VectorField, X0: Array, time: Array, inputs: Array, seed: int, n_paths: int | None) -> "xr.Dataset":
    """Run a stochastic law, as many times from every x0 as asked for."""
    if n_paths is not None and n_paths < 1:
        raise SettingError(f"n_paths must be 1 or more, got {n_paths}.")
    starts, driven = (np.repeat(values, n_paths or 1, axis=0) for values in (X0, inputs))
    states, notes = run_paths(field, starts, time, driven, seed)
    if len(starts) == 1 and n_paths is None:
        notes = [f"One path of a random process, drawn with seed {seed}: another seed gives another path.", *notes]
        return one_trajectory(field, time, states[0], driven[0], "simulation", notes)
    labels = [str(path) for path in range(len(starts))]
    return several_trajectories(field, labels, [time] * len(starts), list(states), list(driven), "simulation", notes)


def run(
    field: VectorField, X0: Array, t: Array, inputs: Array, *, rtol: float, max_steps: int
) -> tuple[Array, list[str]]:
    """Return the states (n_runs, n_states, n_samples) and what is to be said about runs that ended early.

    X0 has shape (n_runs, n_states), t (n_samples,), inputs (n_runs, n_inputs, n_samples).
    """
    states = np.full((len(X0), X0.shape[1], len(t)), np.nan)
    states[:, :, 0] = X0
    flow, grid = compile_flow(field.expressions, len(field.inputs), sensitive=False), shared_grid(t, inputs)
    if len(X0) > 1:
        states = run_batch(flow, X0, grid, rtol, max_steps)
    notes = []
    for number in np.flatnonzero(np.isnan(states[:, :, -1]).any(axis=1)):
        single = Grid(grid.steps, grid.lengths, grid.inputs[:, :, [number]], grid.slopes[:, :, [number]])
        rate = compiled_rate(flow, single, t)
        states[number], reason = solve(rate, X0[number], t, rtol, max_steps)
        if reason:
            notes.append(f"Run {number} {reason}." if len(X0) > 1 else f"The simulation {reason}.")
    return states, notes


def compiled_rate(flow: Flow, grid: Grid, t: Array) -> Rate:
    """Return dx/dt as a function of time and x (n_states,), for the one run whose inputs the grid holds."""
    n_states, n_inputs = len(flow.rates), grid.inputs.shape[1]
    buffer = new_buffer(flow, n_inputs, np.empty(0))
    column = np.empty((n_states, 1))
    steps = np.diff(t)

    def rate(time: float, x: Array) -> Array:
        interval = int(min(max(np.searchsorted(t, time, side="right") - 1, 0), len(t) - 2))
        column[:, 0] = x
        run_rates(flow, grid, buffer, column, interval, (time - t[interval]) / steps[interval], 1)
        return buffer[flow.rates, 0]

    return rate


def _initial_states(field: VectorField, n_second: int, x0: ArrayLike) -> Array:
    """Return states and velocities, shape (n_runs, n_states + n_second); at rest where no velocities are given."""
    X0, n_states = np.atleast_2d(np.asarray(x0, dtype=float)), len(field.states)
    if X0.ndim != 2 or X0.shape[1] not in (n_states, n_states + n_second) or not np.isfinite(X0).all():
        velocities = f", which {n_second} velocities may follow" if n_second else ""
        raise SettingError(
            f"x0 must hold one finite number for each of the states {', '.join(field.states)}{velocities} "
            f"(or several rows of them), got an array of shape {np.shape(x0)}."
        )
    return np.pad(X0, [(0, 0), (0, n_states + n_second - X0.shape[1])])


def _shifted(law: FirstOrder, X0: Array, inputs: Array) -> Array:
    """Return x0 with each velocity x′ replaced by v = x′ - g; X0 and inputs have shapes (n_runs, …)."""
    if not law.second:
        return X0
    drift = compile_program(law.shifts, len(law.field.names)).evaluate(np.concatenate([X0, inputs], axis=1).T)
    return np.concatenate([X0[:, : -len(law.second)], X0[:, -len(law.second) :] - drift.T], axis=1)


def _times(t: ArrayLike) -> Array:
    time = np.asarray(t, dtype=float)
    if time.ndim != 1 or not len(time) or not np.isfinite(time).all() or not (np.diff(time) > 0).all():
        raise SettingError(f"t must be a list of increasing times, got an array of shape {time.shape}.")
    return time


def _inputs(field: VectorField, inputs: Mapping[str, ArrayLike] | None, n_runs: int, time: Array) -> Array:
    """Return the inputs with shape (n_runs, n_inputs, n_samples); time itself need not be given."""
    given, n_samples = {field.time: time, **(inputs or {})}, len(time)
    for name in inputs or {}:
        if name not in field.inputs:
            raise SettingError(f'The law has no input "{name}".{did_you_mean(name, field.inputs)}')
    driven = np.empty((n_runs, len(field.inputs), n_samples))
    for row, name in enumerate(field.inputs):
        if name not in given:
            raise SettingError(f'The law is driven by "{name}"; give its values at the times t in `inputs`.')
        values = np.asarray(given[name], dtype=float)
        if values.shape not in ((n_samples,), (n_runs, n_samples)) or not np.isfinite(values).all():
            raise SettingError(
                f'The input "{name}" must hold {n_samples} finite numbers, one per time (or one such row per run), '
                f"got an array of shape {values.shape}."
            )
        driven[:, row] = values
    return driven
