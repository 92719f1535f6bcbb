"""Local polynomials: smoothed states, and the rows of the strong form.

Source: Savitzky and Golay (1964), doi:10.1021/ac60214a047, here for uneven sampling too.
"""

from math import factorial

import numpy as np

from discover.problem import Array, Index
from discover_kernels.stencil import contract


def is_uniform(time: Array) -> bool:
    """Return whether the steps of time (n_samples,) agree to a millionth of a step."""
    steps = np.diff(time)
    return bool(np.ptp(steps) <= 1e-6 * steps.mean() + 8 * np.finfo(float).eps * np.abs(time).max())


def _fit_weights(offsets: Array, degree: int, order: int) -> Array:
    """Return weights (order + 1, n, width) for value and derivatives at 0 of the polynomial fitted at offsets."""
    scale = np.abs(offsets).max(axis=1, keepdims=True)
    powers = (offsets / scale)[:, :, None] ** np.arange(degree + 1)
    inverse = np.linalg.pinv(powers)
    found = [inverse[:, m] * (factorial(m) / scale**m) for m in range(min(order, degree) + 1)]
    found += [np.zeros_like(found[0])] * (order + 1 - len(found))
    return np.array(found)


def local_filters(time: Array, half_width: int, degree: int, order: int = 1) -> tuple[Index, Index, Array]:
    """Return the local-polynomial filters at every sample.

    Args:
        time: sample times, shape (n_samples,).
        half_width: samples on either side; windows are shifted inwards at the ends.
        degree: of the polynomial, lowered where the window is too short.
        order: highest derivative wanted.

    Returns:
        start (n_samples,), shape (n_samples,), weights (order + 1, n_shapes, width) of value and derivatives.
    """
    n = len(time)
    width = min(2 * half_width + 1, n)
    start = np.clip(np.arange(n) - half_width, 0, n - width)
    position = np.arange(n) - start
    degree = min(degree, width - 1)
    if is_uniform(time):
        step = (time[-1] - time[0]) / (n - 1)
        offsets = (np.arange(width)[None, :] - np.arange(width)[:, None]) * step
        return start, position, _fit_weights(offsets, degree, order)
    offsets = time[start[:, None] + np.arange(width)] - time[:, None]
    return start, np.arange(n), _fit_weights(offsets, degree, order)


def smoothed(time: Array, X: Array, half_width: int, degree: int = 4) -> Array:
    """Return X (n_variables, n_samples) after local polynomial smoothing."""
    return local_derivatives(time, X, half_width, degree, 0)[0]


def local_derivatives(time: Array, X: Array, half_width: int, degree: int, order: int) -> Array:
    """Return X (n_variables, n_samples) after local polynomial smoothing, and its derivatives up to `order`.

    The shape is (order + 1, n_variables, n_samples).
    """
    start, shape, weights = local_filters(time, half_width, degree, order)
    X, out = np.ascontiguousarray(X), np.empty((order + 1, *X.shape))
    for line, values in zip(weights, out, strict=True):
        contract(start, shape, np.ascontiguousarray(line), X, values)
    return out
