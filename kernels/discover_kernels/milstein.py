"""Paths of stochastic differential equations with noise of its own in each state, by Milstein's scheme.

    x̂ = x + f(x) h + N,    x ← x + ½ (f(x) + f(x̂)) h + N,    N = g √h Z + ¼ (g²)' h (Z² - 1),

(g²)' the derivative by the state itself; paths in the columns of the tape's buffer. Averaging the drift makes
it of second order in what it does to expectations where g is constant (with the first alone, a process of
relaxation time 1 in steps of 0.03 has 1 % too much drift and noise). Normal numbers come from outside, so that
a path depends on its seed only.

Source: Milstein (1974), doi:10.1137/1119062; Kloeden and Platen (1992), doi:10.1007/978-3-662-12616-5, section 15.1.
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
    before = np.empty((n_states, m))
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
                noise = 0.0 * size
                if size > 0.0:
                    noise += math.sqrt(size * h[c]) * z + 0.25 * buffer[dg2, c] * h[c] * (z * z - 1.0)
                before[i, c] = buffer[f, c]
                x[i, c] = x[i, c] + buffer[f, c] * h[c] + noise
        for i in range(n_states):
            for c in range(m):
                buffer[i, c] = x[i, c]
        run_block(code, buffer, m)
        for i in range(n_states):
            f = drift[i]
            for c in range(m):
                x[i, c] = x[i, c] + 0.5 * (buffer[f, c] - before[i, c]) * h[c]


def new_columns(n_rows, constants, first, width):
    """Return a buffer (n_rows, width) with the tape's constants in their rows, from row `first` on."""
    buffer = np.zeros((n_rows, width))
    buffer[first : first + len(constants)] = np.asarray(constants)[:, None]
    return buffer
