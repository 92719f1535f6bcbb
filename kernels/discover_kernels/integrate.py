"""Batch Runge–Kutta integration of a compiled system.

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


class Box(NamedTuple):
    """Where states may go: no further than `reach` (n_states,) from `centre` (n_states,)."""

    centre: Array
    reach: Array


def new_buffer(flow: Flow, n_inputs: int, parameters: Array) -> Array:
    """Return a buffer (n_rows, WIDTH) with the parameters (n_parameters,) and the constants in their rows."""
    buffer = np.zeros((flow.n_rows, WIDTH))
    first = len(flow.rates) + n_inputs
    given = np.concatenate([parameters, flow.constants])
    buffer[first : first + len(given)] = given[:, None]
    return buffer


def block_of(grid: Grid, columns: slice) -> Grid:
    """Return the part of a grid that some of its segments need, contiguous.

    The kernels index columns from zero, never with an offset: an index that might be negative makes the compiler
    guard its vector loop with a test of addresses, and then the last bits depend on where arrays happen to lie.
    """
    contiguous = np.ascontiguousarray
    return Grid(
        contiguous(grid.steps[:, columns]),
        contiguous(grid.lengths[columns]),
        contiguous(grid.inputs[:, :, columns]),
        contiguous(grid.slopes[:, :, columns]),
    )


@kernel
def run_rates(flow, grid, buffer, x, interval, theta, m):
    """Run the tape at states x (n_states, WIDTH), at share theta of the sampling interval."""
    n_states = x.shape[0]
    for i in range(n_states):
        for c in range(m):
            buffer[i, c] = x[i, c]
    rest = 1.0 - theta
    for u in range(grid.inputs.shape[1]):
        for c in range(m):
            h = grid.steps[interval, c]
            left = (1.0 + 2.0 * theta) * rest * rest * grid.inputs[interval, u, c]
            left += theta * rest * rest * h * grid.slopes[interval, u, c]
            right = theta * theta * (3.0 - 2.0 * theta) * grid.inputs[interval + 1, u, c]
            right -= theta * theta * rest * h * grid.slopes[interval + 1, u, c]
            buffer[n_states + u, c] = left + right
    run_block(flow.code, buffer, m)


@kernel
def count_running(lengths, sample):
    """Return how many segments reach `sample`; `lengths` fall."""
    m = 0
    while m < lengths.size and lengths[m] > sample:
        m += 1
    return m


@kernel
def within(box, x, c):
    """Return whether all states of column c lie in the box; a NaN does not."""
    inside = True
    for i in range(x.shape[0]):
        inside = inside and abs(x[i, c] - box.centre[i]) <= box.reach[i]
    return inside


@kernel
def dp5_stages(flow, grid, buffer, x, trial, K, interval, theta, share, m):
    """Fill K (N_DP5, n_states, WIDTH), whose first stage is known, and the order-five result `trial`."""
    n_states = x.shape[0]
    for k in range(1, N_DP5):
        for i in range(n_states):
            for c in range(m):
                total = 0.0
                for before in range(k):
                    total += DP5_STAGES[k, before] * K[before, i, c]
                trial[i, c] = x[i, c] + share * grid.steps[interval, c] * total
        run_rates(flow, grid, buffer, trial, interval, theta + DP5_NODES[k] * share, m)
        for i in range(n_states):
            for c in range(m):
                K[k, i, c] = buffer[flow.rates[i], c]


@kernel
def dp5_error(grid, x, trial, K, interval, share, rtol, atol, alive, errors, m):
    """Write every segment's error over its tolerance into `errors`; return the largest among the living."""
    for c in range(m):
        errors[c] = 0.0
    for i in range(x.shape[0]):
        for c in range(m):
            total = 0.0
            for k in range(N_DP5):
                total += DP5_ERROR[k] * K[k, i, c]
            size = max(abs(x[i, c]), abs(trial[i, c]))
            error = abs(total * share * grid.steps[interval, c]) / (atol[i] + rtol * size)
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
def cross_interval(flow, grid, buffer, block, interval, share, tolerance, box, m, n_left):
    """Take a block's x over one sampling interval in adaptive steps.

    Returns the last step's share of the interval, how many steps are left, and whether the far end was reached.
    """
    x, trial, K, alive, errors = block
    rtol, atol = tolerance
    theta = 0.0
    run_rates(flow, grid, buffer, x, interval, 0.0, m)
    for i in range(x.shape[0]):
        for c in range(m):
            K[0, i, c] = buffer[flow.rates[i], c]
    while theta < 1.0 and n_left > 0:
        n_left -= 1
        last = theta + share >= 1.0 - 1e-12
        step = 1.0 - theta if last else share
        dp5_stages(flow, grid, buffer, x, trial, K, interval, theta, step, m)
        error = dp5_error(grid, x, trial, K, interval, step, rtol, atol, alive, errors, m)
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
def integrate_block(flow, grid, buffer, block, starts, tolerance, box, max_steps, states):
    """Integrate one block of segments from `starts` into `states` (n_samples, n_states, n_segments)."""
    x, _, _, alive, errors = block
    n_states, n_segments = starts.shape
    for c in range(n_segments):
        alive[c], errors[c] = True, 0.0
        for i in range(n_states):
            x[i, c] = starts[i, c]
    complete, share, n_left = bury(box, x, errors, 1.0, alive, n_segments), 0.1, max_steps
    for sample in range(grid.lengths[0]):
        m = count_running(grid.lengths, sample)
        if sample > 0 and complete:
            share, n_left, complete = cross_interval(
                flow, grid, buffer, block, sample - 1, share, tolerance, box, m, n_left
            )
        for c in range(m if complete else 0):
            for i in range(n_states if alive[c] else 0):
                states[sample, i, c] = x[i, c]


def integrate(
    flow: Flow, grid: Grid, parameters: Array, starts: Array, rtol: float, atol: Array, box: Box, max_steps: int
) -> Array:
    """Integrate all segments by Dormand–Prince 5(4) and return the states at their samples.

    `starts` (n_states, n_segments) are the initial states, `atol` (n_states,) the absolute tolerance of each
    state. The result (n_samples, n_states, n_segments) is NaN past a segment's end, from where a state left
    the box, and from where the block of segments had taken `max_steps` steps.
    """
    n_states, n_segments = starts.shape
    states = np.full((len(grid.inputs), n_states, n_segments), np.nan)
    buffer = new_buffer(flow, grid.inputs.shape[1], parameters)
    x, trial, K = np.zeros((n_states, WIDTH)), np.zeros((n_states, WIDTH)), np.zeros((N_DP5, n_states, WIDTH))
    block = (x, trial, K, np.ones(WIDTH, dtype=np.bool_), np.zeros(WIDTH))
    for first in range(0, n_segments, WIDTH):
        columns = slice(first, first + WIDTH)
        part, begin = np.ascontiguousarray(states[:, :, columns]), np.ascontiguousarray(starts[:, columns])
        integrate_block(flow, block_of(grid, columns), buffer, block, begin, (rtol, atol), box, max_steps, part)
        states[:, :, columns] = part
    return states
