"""Functions of a field contracted along time against narrow test functions, straight from a tape.

Time goes first: the functions are evaluated once, in the first-level cache, and nothing larger than what is left
after the contraction is ever stored. Derivatives along space come later, on arrays that are shorter by as much as
there are fewer test functions than samples.
"""

import numpy as np

from discover_kernels.kernel import kernel
from discover_kernels.tape import run_block

STEPS, POINTS = 4, 128
"""Times and points evaluated together: four products share one load and one store of the sum."""


@kernel
def time_rows(code, constants, n_variables, n_buffer, roots, orders, X, start, begin, weights, spans, out):
    """Add Σ_t weights[orders[c], k, t] f_c(X[:, start + t, begin + s]) to out[k, c, s].

    X is (n_variables, n_times, n_points), roots and orders (n_channels,), weights (n_orders, n_queries, n_steps);
    spans (n_queries, 2) are the first step with a weight and one past the last; out (n_queries, n_channels, n_out).
    """
    n_steps, n_out = weights.shape[2], out.shape[2]
    buffer = np.empty((n_buffer, STEPS * POINTS))
    for i in range(len(constants)):
        for j in range(STEPS * POINTS):
            buffer[n_variables + i, j] = constants[i]
    for first in range(0, n_out, POINTS):
        n = min(POINTS, n_out - first)
        for t in range(0, n_steps, STEPS):
            m = min(STEPS, n_steps - t)
            for v in range(n_variables):
                for j in range(m):
                    for s in range(n):
                        buffer[v, j * n + s] = X[v, start + t + j, begin + first + s]
            run_block(code, buffer, m * n)
            for k in range(out.shape[0]):
                if spans[k, 0] < t + m and spans[k, 1] > t:
                    for c in range(len(roots)):
                        add_steps(buffer[roots[c]], n, m, weights[orders[c], k], t, out[k, c], first)


@kernel
def add_steps(values, n, m, weights, t, out, first):
    """Add Σ_j weights[t + j] values[j n + s] to out[first + s], over m steps of n points."""
    if m == STEPS:
        a, b, c, d = weights[t], weights[t + 1], weights[t + 2], weights[t + 3]
        for s in range(n):
            out[first + s] += (a * values[s] + b * values[n + s]) + (c * values[2 * n + s] + d * values[3 * n + s])
    else:
        for j in range(m):
            for s in range(n):
                out[first + s] += weights[t + j] * values[j * n + s]
