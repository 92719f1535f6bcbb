"""Batch Runge–Kutta integration of a compiled system, with its variational equations.

Many initial value problems are solved in lockstep: a *segment* is one of them, and the segments are the
columns of the tape's buffer, so that one tape instruction advances up to `WIDTH` segments at once.

Buffer rows: the states, the inputs, the parameters, then what the tape wants (constants and slots).
Segments are sorted by falling length; those still running at a sample are therefore the first m columns.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from discover_kernels.kernel import kernel
from discover_kernels.tape import run_block

Array = NDArray[np.float64]
Index = NDArray[np.int64]

WIDTH = 64  # columns: the state, its sensitivities and the tape's slots stay in the L2 cache for systems of ten states

# Classical Runge–Kutta of order four: where a stage looks, and what it weighs.
RK4_NODES = np.array([0.0, 0.5, 0.5, 1.0])
RK4_WEIGHTS = np.array([1.0, 2.0, 2.0, 1.0]) / 6.0
N_RK4 = 4

# Dormand & Prince, J. Comp. Appl. Math. 6 (1980) 19: order 5 with an embedded order 4.
# The last stage is the first of the next step.
DP5_NODES = np.array([0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0])
DP5_STAGES = np.array(
    [
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [1 / 5, 0.0, 0.0, 0.0, 0.0, 0.0],
        [3 / 40, 9 / 40, 0.0, 0.0, 0.0, 0.0],
        [44 / 45, -56 / 15, 32 / 9, 0.0, 0.0, 0.0],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0.0, 0.0],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0.0],
        [35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
    ]
)
DP5_ERROR = np.array([71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40])
N_DP5 = 7
SMALLEST_STEP = 1e-9  # share of a sampling interval below which a step is given up


class Flow(NamedTuple):
    """A compiled system: its tape, and the buffer rows in which its results stand after a run.

    Attributes:
        code: tape instructions (opcode, row out, row a, row b or argument), int32, shape (n_instructions, 4).
        constants: the tape's constants, shape (n_constants,); their rows follow the variables'.
        n_rows: rows of the buffer.
        rates: row of dx_i/dt, shape (n_states,).
        jacobian: (i, j, row) of every entry df_i/dx_j that is not identically zero, shape (n_entries, 3).
        influence: (i, k, row) of every entry df_i/dp_k that is not identically zero, shape (n_entries, 3).
    """

    code: NDArray[np.int32]
    constants: Array
    n_rows: int
    rates: Index
    jacobian: Index
    influence: Index


class Grid(NamedTuple):
    """When every segment is sampled and what drives it; columns past a segment's length are never read.

    Attributes:
        steps: time from each sample to the next, shape (n_samples - 1, n_segments).
        lengths: samples of each segment, falling, shape (n_segments,).
        inputs: values at the samples, shape (n_samples, n_inputs, n_segments).
        slopes: their time derivatives there, same shape; in between, the cubic of Hermite.
    """

    steps: Array
    lengths: Index
    inputs: Array
    slopes: Array


class Normal(NamedTuple):
    """Normal equations of a multiple-shooting fit in arrow form; residual = (measured - state) · weight.

    Attributes:
        chi2: sum of squared residuals; infinite where a segment left its bounds.
        start_start: initial states of each segment, shape (n_states, n_states, n_segments), upper triangle.
        start_parameter: shape (n_states, n_parameters, n_segments).
        parameter_parameter: summed over segments, shape (n_parameters, n_parameters), upper triangle.
        start_gradient: derivative times residual, shape (n_states, n_segments).
        parameter_gradient: shape (n_parameters,).
        states: the trajectories, shape (n_samples, n_states, n_segments), NaN past each segment's end.
    """

    chi2: float
    start_start: Array
    start_parameter: Array
    parameter_parameter: Array
    start_gradient: Array
    parameter_gradient: Array
    states: Array


class Box(NamedTuple):
    """Where states may go: no further than `reach` (n_states,) from `centre` (n_states,)."""

    centre: Array
    reach: Array


class Sensitive(NamedTuple):
    """A block of states, shape (n_states, WIDTH), with their sensitivities to initial states and parameters."""

    x: Array
    S: Array


@kernel
def new_buffer(flow, n_variables, n_states, n_inputs, parameters):
    """Return a buffer (n_rows, WIDTH) with the parameters and constants in their rows."""
    buffer = np.zeros((flow.n_rows, WIDTH))
    for k in range(parameters.size):
        buffer[n_states + n_inputs + k, :] = parameters[k]
    for k in range(flow.constants.size):
        buffer[n_variables + k, :] = flow.constants[k]
    return buffer


@kernel
def run_rates(flow, grid, buffer, x, interval, theta, first, m):
    """Run the tape at states x (n_states, WIDTH), at share theta of the sampling interval."""
    n_states = x.shape[0]
    for i in range(n_states):
        for c in range(m):
            buffer[i, c] = x[i, c]
    rest = 1.0 - theta
    for u in range(grid.inputs.shape[1]):
        for c in range(m):
            s = first + c
            h = grid.steps[interval, s]
            left = (1.0 + 2.0 * theta) * rest * rest * grid.inputs[interval, u, s]
            left += theta * rest * rest * h * grid.slopes[interval, u, s]
            right = theta * theta * (3.0 - 2.0 * theta) * grid.inputs[interval + 1, u, s]
            right -= theta * theta * rest * h * grid.slopes[interval + 1, u, s]
            buffer[n_states + u, c] = left + right
    run_block(flow.code, buffer, m)


@kernel
def count_running(lengths, sample, first, last):
    """Return how many of the segments [first, last) reach `sample`."""
    m = 0
    while first + m < last and lengths[first + m] > sample:
        m += 1
    return m


@kernel
def sensitivity_rates(flow, buffer, S, S_dot, n_states, m):
    """S_dot = J·S + [0, df/dp]: the variational equations, S of shape (n_states, n_states + n_parameters, WIDTH)."""
    n_columns = S.shape[1]
    S_dot[:, :, :m] = 0.0
    for e in range(flow.jacobian.shape[0]):
        i, j, row = flow.jacobian[e, 0], flow.jacobian[e, 1], flow.jacobian[e, 2]
        for b in range(n_columns):
            for c in range(m):
                S_dot[i, b, c] += buffer[row, c] * S[j, b, c]
    for e in range(flow.influence.shape[0]):
        i, k, row = flow.influence[e, 0], flow.influence[e, 1], flow.influence[e, 2]
        for c in range(m):
            S_dot[i, n_states + k, c] += buffer[row, c]


@kernel
def sensitive_step(flow, grid, buffer, now, stage, after, S_dot, interval, theta, share, first, m):
    """One RK4 step of the states and sensitivities over `share` of the interval, from `now` into `now`."""
    n_states, n_columns = now.x.shape[0], now.S.shape[1]
    for i in range(n_states):
        for c in range(m):
            stage.x[i, c] = after.x[i, c] = now.x[i, c]
        for b in range(n_columns):
            for c in range(m):
                stage.S[i, b, c] = after.S[i, b, c] = now.S[i, b, c]
    for k in range(N_RK4):
        run_rates(flow, grid, buffer, stage.x, interval, theta + RK4_NODES[k] * share, first, m)
        sensitivity_rates(flow, buffer, stage.S, S_dot, n_states, m)
        weigh = RK4_WEIGHTS[k] * share
        look = RK4_NODES[k + 1] * share if k + 1 < N_RK4 else 0.0
        for i in range(n_states):
            row = flow.rates[i]
            for c in range(m):
                h = grid.steps[interval, first + c]
                after.x[i, c] += weigh * h * buffer[row, c]
                stage.x[i, c] = now.x[i, c] + look * h * buffer[row, c]
            for b in range(n_columns):
                for c in range(m):
                    change = grid.steps[interval, first + c] * S_dot[i, b, c]
                    after.S[i, b, c] += weigh * change
                    stage.S[i, b, c] = now.S[i, b, c] + look * change
    for i in range(n_states):
        for c in range(m):
            now.x[i, c] = after.x[i, c]
        for b in range(n_columns):
            for c in range(m):
                now.S[i, b, c] = after.S[i, b, c]


@kernel
def add_sample(normal, now, scaled, residual, measured, weights, sample, first, m):
    """Add one sample of m segments to the normal equations; return its chi-square."""
    n_states, n_columns = now.x.shape[0], now.S.shape[1]
    chi2 = 0.0
    for i in range(n_states):
        for c in range(m):
            s = first + c
            normal.states[sample, i, s] = now.x[i, c]
            residual[c] = (measured[sample, i, s] - now.x[i, c]) * weights[sample, i, s]
            chi2 += residual[c] * residual[c]
        for b in range(n_columns):
            for c in range(m):
                scaled[b, c] = now.S[i, b, c] * weights[sample, i, first + c]
        for b in range(n_states):
            for c in range(m):
                normal.start_gradient[b, first + c] += scaled[b, c] * residual[c]
            for d in range(b, n_states):
                for c in range(m):
                    normal.start_start[b, d, first + c] += scaled[b, c] * scaled[d, c]
            for d in range(n_states, n_columns):
                for c in range(m):
                    normal.start_parameter[b, d - n_states, first + c] += scaled[b, c] * scaled[d, c]
        for b in range(n_states, n_columns):
            total = 0.0
            for c in range(m):
                total += scaled[b, c] * residual[c]
            normal.parameter_gradient[b - n_states] += total
            for d in range(b, n_columns):
                total = 0.0
                for c in range(m):
                    total += scaled[b, c] * scaled[d, c]
                normal.parameter_parameter[b - n_states, d - n_states] += total
    return chi2


@kernel
def within(box, x, c):
    """Return whether all states of column c lie in the box; a NaN does not."""
    inside = True
    for i in range(x.shape[0]):
        inside = inside and abs(x[i, c] - box.centre[i]) <= box.reach[i]
    return inside


@kernel
def shoot_block(flow, grid, buffer, starts, n_substeps, measured, weights, box, first, last, normal):
    """Integrate the segments [first, last) and add them to `normal`; return their chi-square."""
    n_states, n_columns = starts.shape[0], starts.shape[0] + normal.parameter_gradient.size
    now = Sensitive(np.zeros((n_states, WIDTH)), np.zeros((n_states, n_columns, WIDTH)))
    stage = Sensitive(np.zeros((n_states, WIDTH)), np.zeros((n_states, n_columns, WIDTH)))
    after = Sensitive(np.zeros((n_states, WIDTH)), np.zeros((n_states, n_columns, WIDTH)))
    S_dot, scaled, residual = np.zeros_like(now.S), np.zeros((n_columns, WIDTH)), np.zeros(WIDTH)
    for i in range(n_states):
        now.S[i, i, :] = 1.0
        for c in range(last - first):
            now.x[i, c] = starts[i, first + c]
    chi2, share = 0.0, 1.0 / n_substeps
    for sample in range(grid.lengths[first]):
        m = count_running(grid.lengths, sample, first, last)
        for k in range(n_substeps if sample > 0 else 0):
            sensitive_step(flow, grid, buffer, now, stage, after, S_dot, sample - 1, k * share, share, first, m)
        for c in range(m):
            if not within(box, now.x, c):
                return np.inf
        chi2 += add_sample(normal, now, scaled, residual, measured, weights, sample, first, m)
    return chi2


@kernel
def shoot(flow, grid, parameters, starts, n_substeps, measured, weights, box):
    """Integrate all segments with their sensitivities and return the normal equations of the fit.

    `starts` (n_states, n_segments) are the initial states; `measured` and `weights` (one over the standard
    error; zero where nothing was measured) have shape (n_samples, n_states, n_segments); a state
    outside the box makes chi2 infinite and ends the work at once.
    RK4 with `n_substeps` equal steps in every sampling interval.
    """
    n_states, n_segments = starts.shape
    n_parameters, n_inputs = parameters.size, grid.inputs.shape[1]
    H, g = np.zeros((n_parameters, n_parameters)), np.zeros(n_parameters)
    A, B = np.zeros((n_states, n_states, n_segments)), np.zeros((n_states, n_parameters, n_segments))
    a, states = np.zeros((n_states, n_segments)), np.full(measured.shape, np.nan)
    normal = Normal(0.0, A, B, H, a, g, states)
    buffer = new_buffer(flow, n_states + n_inputs + n_parameters, n_states, n_inputs, parameters)
    chi2 = 0.0
    for first in range(0, n_segments, WIDTH):
        last = min(first + WIDTH, n_segments)
        chi2 += shoot_block(flow, grid, buffer, starts, n_substeps, measured, weights, box, first, last, normal)
        if not np.isfinite(chi2):
            return Normal(np.inf, A, B, H, a, g, states)
    return Normal(chi2, A, B, H, a, g, states)


@kernel
def dp5_stages(flow, grid, buffer, x, trial, K, interval, theta, share, first, m):
    """Fill K (N_DP5, n_states, WIDTH), whose first stage is known, and the order-five result `trial`."""
    n_states = x.shape[0]
    for k in range(1, N_DP5):
        for i in range(n_states):
            for c in range(m):
                total = 0.0
                for before in range(k):
                    total += DP5_STAGES[k, before] * K[before, i, c]
                trial[i, c] = x[i, c] + share * grid.steps[interval, first + c] * total
        run_rates(flow, grid, buffer, trial, interval, theta + DP5_NODES[k] * share, first, m)
        for i in range(n_states):
            for c in range(m):
                K[k, i, c] = buffer[flow.rates[i], c]


@kernel
def dp5_error(grid, x, trial, K, interval, share, rtol, atol, alive, errors, first, m):
    """Write every segment's error over its tolerance into `errors`; return the largest among the living."""
    errors[:m] = 0.0
    for i in range(x.shape[0]):
        for c in range(m):
            total = 0.0
            for k in range(N_DP5):
                total += DP5_ERROR[k] * K[k, i, c]
            size = max(abs(x[i, c]), abs(trial[i, c]))
            error = abs(total * share * grid.steps[interval, first + c]) / (atol[i] + rtol * size)
            if not error <= errors[c]:
                errors[c] = error if np.isfinite(error) else np.inf
    worst = 0.0
    for c in range(m):
        if alive[c] and errors[c] > worst:
            worst = errors[c]
    return worst


@kernel
def bury(box, x, errors, largest, alive, m):
    """Mark the segments as dead that left the box or whose error is above `largest`; return whether any lives."""
    any_alive = False
    for c in range(m):
        alive[c] = alive[c] and errors[c] <= largest and within(box, x, c)
        any_alive = any_alive or alive[c]
    return any_alive


@kernel
def cross_interval(flow, grid, buffer, block, interval, share, tolerance, box, first, m, n_left):
    """Take a block's x over one sampling interval in adaptive steps.

    Returns the last step's share of the interval, how many steps are left, and whether the far end was reached.
    """
    x, trial, K, alive, errors = block
    rtol, atol = tolerance
    theta = 0.0
    run_rates(flow, grid, buffer, x, interval, 0.0, first, m)
    for i in range(x.shape[0]):
        for c in range(m):
            K[0, i, c] = buffer[flow.rates[i], c]
    while theta < 1.0 and n_left > 0:
        n_left -= 1
        last = theta + share >= 1.0 - 1e-12
        step = 1.0 - theta if last else share
        dp5_stages(flow, grid, buffer, x, trial, K, interval, theta, step, first, m)
        error = dp5_error(grid, x, trial, K, interval, step, rtol, atol, alive, errors, first, m)
        if error > 1.0 and step > SMALLEST_STEP:
            share = step * max(0.1, 0.9 * error ** (-0.2))
            continue
        if not bury(box, trial, errors, 1.0, alive, m):
            break
        if error > 1.0:
            continue  # the culprits are dead now; the others repeat the step
        theta = 1.0 if last else theta + step
        for i in range(x.shape[0]):
            for c in range(m):
                x[i, c] = trial[i, c]
                K[0, i, c] = K[N_DP5 - 1, i, c]
        grown = step * min(5.0, 0.9 * max(error, 1e-10) ** (-0.2))
        share = max(share, grown) if last else grown
    return min(share, 1.0), n_left, theta >= 1.0


@kernel
def integrate(flow, grid, parameters, starts, rtol, atol, box, max_steps):
    """Integrate all segments by Dormand–Prince 5(4) and return the states at their samples.

    `starts` (n_states, n_segments) are the initial states, `atol` (n_states,) the absolute tolerance of each
    state. The result (n_samples, n_states, n_segments) is NaN past a segment's end, from where a state left
    the box, and from where the block of segments had taken `max_steps` steps.
    """
    n_states, n_segments = starts.shape
    n_parameters, n_inputs = parameters.size, grid.inputs.shape[1]
    n_samples = grid.lengths[0] if n_segments else 0
    states = np.full((n_samples, n_states, n_segments), np.nan)
    buffer = new_buffer(flow, n_states + n_inputs + n_parameters, n_states, n_inputs, parameters)
    x, trial, K = np.zeros((n_states, WIDTH)), np.zeros((n_states, WIDTH)), np.zeros((N_DP5, n_states, WIDTH))
    alive, errors = np.ones(WIDTH, np.bool_), np.zeros(WIDTH)
    for first in range(0, n_segments, WIDTH):
        last = min(first + WIDTH, n_segments)
        for i in range(n_states):
            for c in range(last - first):
                x[i, c] = starts[i, first + c]
        alive[:], errors[:] = True, 0.0
        complete, share, n_left = bury(box, x, errors, 1.0, alive, last - first), 0.1, max_steps
        for sample in range(grid.lengths[first]):
            m = count_running(grid.lengths, sample, first, last)
            if sample > 0 and complete:
                share, n_left, complete = cross_interval(
                    flow,
                    grid,
                    buffer,
                    (x, trial, K, alive, errors),
                    sample - 1,
                    share,
                    (rtol, atol),
                    box,
                    first,
                    m,
                    n_left,
                )
            for c in range(m if complete else 0):
                if alive[c]:
                    states[sample, :, first + c] = x[:, c]
    return states
