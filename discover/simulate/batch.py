"""Many initial states at once, on the compiled Runge–Kutta kernel."""

import numpy as np
from numpy.typing import NDArray

from discover.simulate.field import VectorField, compile_flow, input_slopes
from discover_kernels.integrate import Box, Flow, Grid, integrate

Array = NDArray[np.float64]

GROWTH = 1e12
"""A state this many times larger than it began has left for infinity."""


def tolerances(X0: Array, rtol: float) -> Array:
    """Return the absolute tolerance of each state, shape (n_states,), for initial states (n_runs, n_states).

    >>> tolerances(np.array([[10.0, 0.0]]), 1e-6).tolist()
    [1e-08, 1e-09]
    """
    largest = np.abs(X0).max(initial=0.0)
    size = np.maximum(np.abs(X0).max(axis=0), 0.1 * largest)
    return 1e-3 * rtol * np.where(size > 0, size, 1.0)


def escape_box(X0: Array) -> Box:
    """Return the box that no run from X0 (n_runs, n_states) may leave."""
    reach = GROWTH * (1.0 + np.abs(X0).max(initial=0.0))
    return Box(np.zeros(X0.shape[1]), np.full(X0.shape[1], reach))


def shared_grid(t: Array, inputs: Array) -> Grid:
    """Return the kernel's grid for runs all sampled at t (n_samples,), inputs (n_runs, n_inputs, n_samples)."""
    n_runs = len(inputs)
    slopes = np.array([input_slopes(t, each) for each in inputs]).reshape(inputs.shape)
    return Grid(
        steps=np.repeat(np.diff(t)[:, None], n_runs, axis=1),
        lengths=np.full(n_runs, len(t), dtype=np.int64),
        inputs=np.ascontiguousarray(inputs.transpose(2, 1, 0)),
        slopes=np.ascontiguousarray(slopes.transpose(2, 1, 0)),
    )


def simulate_batch(
    field: VectorField,
    X0: Array,
    t: Array,
    inputs: Array | None = None,
    *,
    rtol: float = 1e-9,
    max_steps: int = 100_000,
) -> Array:
    """Run a vector field from many initial states in compiled lockstep (Dormand–Prince 5(4)).

    A run that leaves the finite numbers, or takes more than `max_steps` steps, is NaN from there on.
    It is explicit, so a stiff system runs out of steps: `simulate` then falls back on LSODA.

    Args:
        field: the right-hand sides.
        X0: initial states, shape (n_runs, n_states).
        t: sampling times, increasing, shape (n_samples,).
        inputs: shape (n_runs, n_inputs, n_samples), interpolated by cubics.
        rtol: relative tolerance of a step.
        max_steps: most steps of a run.

    Returns:
        States, shape (n_runs, n_states, n_samples).

    >>> from discover.expr import parse
    >>> decay = VectorField(("x",), (), (parse("-x", ["x"]),))
    >>> simulate_batch(decay, np.array([[1.0], [2.0]]), np.array([0.0, 1.0]))[:, 0, -1].round(6)
    array([0.367879, 0.735759])
    """
    flow = compile_flow(field.expressions, len(field.inputs), sensitive=False)
    driven = np.empty((len(X0), 0, len(t))) if inputs is None else inputs
    return run_batch(flow, np.asarray(X0, dtype=float), shared_grid(t, driven), rtol, max_steps)


def run_batch(flow: Flow, X0: Array, grid: Grid, rtol: float, max_steps: int) -> Array:
    """Run a compiled flow from X0 (n_runs, n_states); returns the states, shape (n_runs, n_states, n_samples)."""
    starts = np.ascontiguousarray(X0.T)
    states = integrate(flow, grid, np.empty(0), starts, rtol, tolerances(X0, rtol), escape_box(X0), max_steps)
    return states.transpose(2, 1, 0)
