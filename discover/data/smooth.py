"""Local polynomials: smoothed states, and the rows of the strong form.

Source: Savitzky and Golay (1964), doi:10.1021/ac60214a047, here for uneven sampling too.
"""

import numpy as np

from discover.problem import Array, Index
from discover_kernels.stencil import contract


def is_uniform(time: Array) -> bool:
    """Return whether the steps of time (n_samples,) agree to a millionth of a step."""
    steps = np.diff(time)
    return bool(np.ptp(steps) <= 1e-6 * steps.mean() + 8 * np.finfo(float).eps * np.abs(time).max())


def _fit_weights(offsets: Array, degree: int) -> tuple[Array, Array]:
    """Return weights (n, width) for value and slope at 0 of the polynomial fitted at offsets (n, width)."""
    scale = np.abs(offsets).max(axis=1, keepdims=True)
    powers = (offsets / scale)[:, :, None] ** np.arange(degree + 1)
    inverse = np.linalg.pinv(powers)
    return np.ascontiguousarray(inverse[:, 0]), inverse[:, 1] / scale


def local_filters(time: Array, half_width: int, degree: int) -> tuple[Index, Index, Array, Array]:
    """Return the local-polynomial filters at every sample.

    Args:
        time: sample times, shape (n_samples,).
        half_width: samples on either side; windows are shifted inwards at the ends.
        degree: of the polynomial, lowered where the window is too short.

    Returns:
        start (n_samples,), shape (n_samples,), value and slope weights (n_shapes, width).
    """
    n = len(time)
    width = min(2 * half_width + 1, n)
    start = np.clip(np.arange(n) - half_width, 0, n - width)
    position = np.arange(n) - start
    degree = min(degree, width - 1)
    if is_uniform(time):
        step = (time[-1] - time[0]) / (n - 1)
        offsets = (np.arange(width)[None, :] - np.arange(width)[:, None]) * step
        return start, position, *_fit_weights(offsets, degree)
    offsets = time[start[:, None] + np.arange(width)] - time[:, None]
    return start, np.arange(n), *_fit_weights(offsets, degree)


def smoothed(time: Array, X: Array, half_width: int, degree: int = 4) -> Array:
    """Return X (n_variables, n_samples) after local polynomial smoothing."""
    start, shape, value, _ = local_filters(time, half_width, degree)
    out = np.empty_like(X)
    contract(start, shape, value, np.ascontiguousarray(X), out)
    return out
