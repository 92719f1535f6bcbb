"""Run a law forward from initial states: one run by scipy's solvers, many by the compiled kernel."""

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

import numpy as np
from discover_kernels.integrate import Flow, Grid, new_buffer, run_rates
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import DOP853, LSODA, OdeSolver

from discover.equation import Law
from discover.errors import SettingError, did_you_mean
from discover.simulate.batch import escape_box, run_batch, shared_grid, tolerances
from discover.simulate.field import VectorField, compile_flow, vector_field
from discover.simulate.layout import one_trajectory, several_trajectories

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]
Rate = Callable[[float, Array], Array]


def simulate(
    law: Law | VectorField,
    x0: ArrayLike,
    t: ArrayLike,
    inputs: Mapping[str, ArrayLike] | None = None,
    *,
    rtol: float = 1e-9,
    max_steps: int = 100_000,
) -> "xr.Dataset":
    """Run a law forward and return its states, and its inputs, at the times asked for.

    It always comes to an end: a run that leaves the finite numbers, or needs more steps than allowed, is
    NaN from there on, and `attrs["notes"]` says so. A single run uses DOP853, and LSODA where that turns
    out to be stiff; several runs go through the compiled batch first.

    Args:
        law: a law, or right-hand sides.
        x0: initial states, shape (n_states,), or (n_runs, n_states) for several runs.
        t: increasing times, shape (n_samples,); the first is that of x0.
        inputs: values of each input at these times, shape (n_samples,) or (n_runs, n_samples).
        rtol: relative tolerance of a step.
        max_steps: most steps that one run may take.

    Returns:
        One run: dimension "time". Several: dimension "sample", with coordinates "trajectory" (the number of
        the run, as text) and "time".

    Raises:
        SettingError: where x0, t or the inputs do not fit the law.

    >>> from discover.expr import parse
    >>> decay = VectorField(("x",), (), (parse("-x", ["x"]),))
    >>> simulate(decay, [1.0], [0.0, 1.0, 2.0])["x"].values.round(6)
    array([1.      , 0.367879, 0.135335])
    """
    field = vector_field(law) if isinstance(law, Law) else law
    X0, time = _initial_states(field, x0), _times(t)
    driven = _inputs(field, inputs, len(X0), len(time))
    states, notes = run(field, X0, time, driven, rtol=rtol, max_steps=max_steps)
    if np.ndim(x0) == 1:
        return one_trajectory(field, time, states[0], driven[0], "simulation", notes)
    labels = [str(run) for run in range(len(X0))]
    return several_trajectories(field, labels, [time] * len(X0), list(states), list(driven), "simulation", notes)


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


def solve(rate: Rate, x0: Array, t: Array, rtol: float, max_steps: int) -> tuple[Array, str | None]:
    """Solve one initial value problem; returns the states (n_states, n_samples) and why it ended early, or None.

    DOP853 goes first. Where it takes far more steps than there are samples the system is stiff, and LSODA
    goes on from there.
    """
    states = np.full((len(x0), len(t)), np.nan)
    states[:, 0] = x0
    atol, box = tolerances(x0[None, :], rtol), escape_box(x0[None, :])
    time, x, n_left = float(t[0]), x0, max_steps
    first = min(max_steps, 2000 + 10 * len(t))
    methods = cast(tuple[Callable[..., OdeSolver], ...], (DOP853, LSODA))
    for method, n_steps in zip(methods, (first, max_steps - first), strict=True):
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            solver = method(rate, time, x, float(t[-1]), rtol=rtol, atol=atol)
            for _ in range(n_steps):
                solver.step()
                inside = np.isfinite(solver.y).all() and (np.abs(solver.y) <= box.reach).all()
                if solver.status == "failed" or not inside:
                    break
                passed = (t > time) & (t <= solver.t)
                if passed.any():
                    states[:, passed] = solver.dense_output()(t[passed])
                time, x, n_left = float(solver.t), solver.y.copy(), n_left - 1
                if solver.status == "finished":
                    return states, None
    reason = f"needed more than {max_steps} steps" if n_left <= 0 else "left the finite numbers"
    return states, f"{reason} at {time:.6g}; it is NaN from there on"


def _initial_states(field: VectorField, x0: ArrayLike) -> Array:
    X0 = np.atleast_2d(np.asarray(x0, dtype=float))
    if X0.ndim != 2 or X0.shape[1] != len(field.states) or not np.isfinite(X0).all():
        raise SettingError(
            f"x0 must hold one finite number for each of the states {', '.join(field.states)} "
            f"(or several rows of them), got an array of shape {np.shape(x0)}."
        )
    return X0


def _times(t: ArrayLike) -> Array:
    time = np.asarray(t, dtype=float)
    if time.ndim != 1 or not len(time) or not np.isfinite(time).all() or not (np.diff(time) > 0).all():
        raise SettingError(f"t must be a list of increasing times, got an array of shape {time.shape}.")
    return time


def _inputs(field: VectorField, inputs: Mapping[str, ArrayLike] | None, n_runs: int, n_samples: int) -> Array:
    """Return the inputs with shape (n_runs, n_inputs, n_samples)."""
    given = dict(inputs or {})
    for name in given:
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
