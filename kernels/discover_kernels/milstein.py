"""Paths of stochastic differential equations with noise of its own in each state, by Milstein's scheme.

    x ← x + f h + g √h Z + ¼ (g²)' h (Z² - 1),    (g²)' the derivative by the state itself,

paths in the columns of the tape's buffer, up to `WIDTH` of them at once. Where g depends on its own
state alone the scheme is of strong order 1, else it is Euler-Maruyama's order with the part that can be had.
Normal numbers come from outside, so that a path depends on its seed only.

Source: Milstein (1974), doi:10.1137/1119062.
"""

import math

import numpy as np

from discover_kernels.kernel import kernel
from discover_kernels.tape import run_block


@kernel
def march(code, buffer, drift, squared, slope, x, inputs, h, Z):
    """Take x (n_states, m) over one sampling interval.

    Args:
        code: the tape; `buffer` (n_rows, WIDTH) with its constants in place.
        drift, squared, slope: buffer rows of f, g² and (g²)' of every state, shape (n_states,).
        x: states of the m paths, overwritten.
        inputs: at both ends of the interval, shape (2, n_inputs, m).
        h: length of one step, shape (m,).
        Z: standard normal numbers, shape (n_steps, n_states, m).
    """
    n_states, m = x.shape
    n_steps = Z.shape[0]
    for k in range(n_steps):
        share = k / n_steps
        for i in range(n_states):
            for c in range(m):
                buffer[i, c] = x[i, c]
        for u in range(inputs.shape[1]):
            for c in range(m):
                buffer[n_states + u, c] = inputs[0, u, c] + share * (inputs[1, u, c] - inputs[0, u, c])
        run_block(code, buffer, m)
        for i in range(n_states):
            f, g2, dg2 = drift[i], squared[i], slope[i]
            for c in range(m):
                z = Z[k, i, c]
                size = buffer[g2, c]
                jump = math.sqrt(size * h[c]) * z if size > 0.0 else 0.0 * size
                bend = 0.25 * buffer[dg2, c] * h[c] * (z * z - 1.0) if size > 0.0 else 0.0
                x[i, c] = x[i, c] + buffer[f, c] * h[c] + jump + bend


def new_columns(n_rows, constants, first, width):
    """Return a buffer (n_rows, width) with the tape's constants in their rows, from row `first` on."""
    buffer = np.zeros((n_rows, width))
    buffer[first : first + len(constants)] = np.asarray(constants)[:, None]
    return buffer
