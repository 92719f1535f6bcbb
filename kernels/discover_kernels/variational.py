"""The variational equations of a compiled system, and the normal equations of a multiple-shooting fit.

Along with the states x of every segment go their sensitivities S = dx/d(initial state, parameters),
dS/dt = J·S + [0, df/dp], by the same Runge–Kutta steps, so that S is the exact derivative of what is computed.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from discover_kernels.integrate import WIDTH, Box, Flow, Grid, block_of, count_running, new_buffer, run_rates, within
from discover_kernels.kernel import kernel

Array = NDArray[np.float64]

# Classical Runge–Kutta of order four: where a stage looks, and what it weighs.
RK4_NODES = np.array([0.0, 0.5, 0.5, 1.0])
RK4_WEIGHTS = np.array([1.0, 2.0, 2.0, 1.0]) / 6.0
N_RK4 = 4


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


class Sensitive(NamedTuple):
    """A block of states and their sensitivities.

    Attributes:
        x: shape (n_states, WIDTH).
        S: derivatives by initial states, then parameters, shape (n_states, n_states + n_parameters, WIDTH).
    """

    x: Array
    S: Array


class Workspace(NamedTuple):
    """What a block is computed in.

    Attributes:
        now, stage, after: at the beginning of a step, at a stage, at its end.
        S_dot: shape of S.
        scaled: sensitivities of one state over its noise, shape (n_states + n_parameters, WIDTH).
        residual: shape (WIDTH,).
    """

    now: Sensitive
    stage: Sensitive
    after: Sensitive
    S_dot: Array
    scaled: Array
    residual: Array


@kernel
def sensitivity_rates(flow, buffer, S, S_dot, n_states, m):
    """S_dot = J·S + [0, df/dp]: the variational equations, S of shape (n_states, n_states + n_parameters, WIDTH)."""
    n_columns = S.shape[1]
    for i in range(n_states):
        for b in range(n_columns):
            for c in range(m):
                S_dot[i, b, c] = 0.0
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
def sensitive_step(flow, grid, buffer, work, interval, theta, share, m):
    """Take `work.now` one RK4 step further, from share `theta` of the sampling interval over another `share`."""
    now, stage, after, S_dot = work.now, work.stage, work.after, work.S_dot
    n_states, n_columns = now.x.shape[0], now.S.shape[1]
    for i in range(n_states):
        for c in range(m):
            stage.x[i, c] = after.x[i, c] = now.x[i, c]
        for b in range(n_columns):
            for c in range(m):
                stage.S[i, b, c] = after.S[i, b, c] = now.S[i, b, c]
    for k in range(N_RK4):
        run_rates(flow, grid, buffer, stage.x, interval, theta + RK4_NODES[k] * share, m)
        sensitivity_rates(flow, buffer, stage.S, S_dot, n_states, m)
        weigh = RK4_WEIGHTS[k] * share
        look = RK4_NODES[k + 1] * share if k + 1 < N_RK4 else 0.0
        for i in range(n_states):
            row = flow.rates[i]
            for c in range(m):
                h = grid.steps[interval, c]
                after.x[i, c] += weigh * h * buffer[row, c]
                stage.x[i, c] = now.x[i, c] + look * h * buffer[row, c]
            for b in range(n_columns):
                for c in range(m):
                    change = grid.steps[interval, c] * S_dot[i, b, c]
                    after.S[i, b, c] += weigh * change
                    stage.S[i, b, c] = now.S[i, b, c] + look * change
    for i in range(n_states):
        for c in range(m):
            now.x[i, c] = after.x[i, c]
        for b in range(n_columns):
            for c in range(m):
                now.S[i, b, c] = after.S[i, b, c]


@kernel
def sensitive_iterate(flow, grid, buffer, work, interval, m):
    """Take `work.now` from one sample to the next of a map: x becomes f(x), S becomes J·S + [0, df/dp]."""
    now, after = work.now, work.after
    n_states, n_columns = now.x.shape[0], now.S.shape[1]
    run_rates(flow, grid, buffer, now.x, interval, 0.0, m)
    sensitivity_rates(flow, buffer, now.S, after.S, n_states, m)
    for i in range(n_states):
        row = flow.rates[i]
        for c in range(m):
            now.x[i, c] = buffer[row, c]
        for b in range(n_columns):
            for c in range(m):
                now.S[i, b, c] = after.S[i, b, c]


@kernel
def add_sample(normal, work, measured, weights, sample, m):
    """Add one sample of m segments to the normal equations; return its chi-square."""
    now, scaled, residual = work.now, work.scaled, work.residual
    n_states, n_columns = now.x.shape[0], now.S.shape[1]
    chi2 = 0.0
    for i in range(n_states):
        for c in range(m):
            normal.states[sample, i, c] = now.x[i, c]
            residual[c] = (measured[sample, i, c] - now.x[i, c]) * weights[sample, i, c]
            chi2 += residual[c] * residual[c]
        for b in range(n_columns):
            for c in range(m):
                scaled[b, c] = now.S[i, b, c] * weights[sample, i, c]
        for b in range(n_states):
            for c in range(m):
                normal.start_gradient[b, c] += scaled[b, c] * residual[c]
            for d in range(b, n_states):
                for c in range(m):
                    normal.start_start[b, d, c] += scaled[b, c] * scaled[d, c]
            for d in range(n_states, n_columns):
                for c in range(m):
                    normal.start_parameter[b, d - n_states, c] += scaled[b, c] * scaled[d, c]
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
def shoot_block(flow, grid, buffer, work, starts, n_substeps, measured, weights, box, normal):
    """Take one block of segments from `starts` to their ends and add it to `normal`; return its chi-square."""
    now = work.now
    n_states, n_columns = now.x.shape[0], now.S.shape[1]
    for i in range(n_states):
        for c in range(starts.shape[1]):
            now.x[i, c] = starts[i, c]
            for b in range(n_columns):
                now.S[i, b, c] = 1.0 if b == i else 0.0
    chi2, share = 0.0, 1.0 / max(n_substeps, 1)
    for sample in range(grid.lengths[0]):
        m = count_running(grid.lengths, sample)
        if sample > 0 and n_substeps == 0:
            sensitive_iterate(flow, grid, buffer, work, sample - 1, m)
        for k in range(n_substeps if sample > 0 else 0):
            sensitive_step(flow, grid, buffer, work, sample - 1, k * share, share, m)
        for c in range(m):
            if not within(box, now.x, c):
                return np.inf
        chi2 += add_sample(normal, work, measured, weights, sample, m)
    return chi2


def shoot(
    flow: Flow,
    grid: Grid,
    parameters: Array,
    starts: Array,
    n_substeps: int,
    measured: Array,
    weights: Array,
    box: Box,
) -> Normal:
    """Integrate all segments with their sensitivities and return the normal equations of the fit.

    `starts` (n_states, n_segments) are the initial states; `measured` and `weights` (one over the standard
    error; zero where nothing was measured) have shape (n_samples, n_states, n_segments). A state outside the
    box makes chi2 infinite and ends the work at once. RK4 with `n_substeps` equal steps in every interval;
    with none the flow is a map, and its rates are the next states.
    """
    n_states, n_segments, n_parameters = *starts.shape, len(parameters)
    work, buffer = _workspace(n_states, n_states + n_parameters), new_buffer(flow, grid.inputs.shape[1], parameters)
    whole = _nothing(len(measured), n_states, n_parameters, n_segments)
    chi2 = 0.0
    for first in range(0, n_segments, WIDTH):
        columns = slice(first, first + WIDTH)
        begin, data, scale = (np.ascontiguousarray(a[..., columns]) for a in (starts, measured, weights))
        part = _nothing(len(data), n_states, n_parameters, begin.shape[1])
        chi2 += shoot_block(flow, block_of(grid, columns), buffer, work, begin, n_substeps, data, scale, box, part)
        if not np.isfinite(chi2):
            return whole._replace(chi2=np.inf)
        whole.parameter_parameter[:] += part.parameter_parameter
        whole.parameter_gradient[:] += part.parameter_gradient
        for all_columns, some in ((whole.start_start, part.start_start), (whole.start_parameter, part.start_parameter)):
            all_columns[..., columns] = some
        whole.start_gradient[:, columns], whole.states[:, :, columns] = part.start_gradient, part.states
    # Next to a pole the states may stay finite while their sensitivities do not: no step can be taken from there.
    derivatives = (whole.parameter_parameter, whole.start_parameter, whole.start_start)
    finite = all(np.isfinite(part).all() for part in derivatives)
    return whole._replace(chi2=float(chi2) if finite else np.inf)


def _nothing(n_samples: int, n_states: int, n_parameters: int, n_segments: int) -> Normal:
    return Normal(
        chi2=0.0,
        start_start=np.zeros((n_states, n_states, n_segments)),
        start_parameter=np.zeros((n_states, n_parameters, n_segments)),
        parameter_parameter=np.zeros((n_parameters, n_parameters)),
        start_gradient=np.zeros((n_states, n_segments)),
        parameter_gradient=np.zeros(n_parameters),
        states=np.full((n_samples, n_states, n_segments), np.nan),
    )


def _workspace(n_states: int, n_columns: int) -> Workspace:
    now, stage, after = (
        Sensitive(np.zeros((n_states, WIDTH)), np.zeros((n_states, n_columns, WIDTH))) for _ in range(3)
    )
    return Workspace(now, stage, after, np.zeros_like(now.S), np.zeros((n_columns, WIDTH)), np.zeros(WIDTH))
