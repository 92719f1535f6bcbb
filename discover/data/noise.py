"""How noisy is a column? High-order differences see the noise and hardly the signal.

The divided difference of order 8 over nine neighbouring samples annihilates every polynomial of
degree 7; scaled to unit norm its variance is that of the noise. It assumes white noise and a
signal sampled well enough (some ten points a period): `roughness` says when it is not.
"""

from collections.abc import Sequence

import numpy as np

from discover.problem import Array, Errors

ORDER = 8
TRUNCATION = 2.5
"""Differences beyond this many standard deviations are bursts of the signal and are left out."""

TRUNCATED_VARIANCE = 0.9112564
"""Variance of a standard normal variable given that it lies within ±TRUNCATION."""

CORRELATION = 3.6
"""Σ ρ² over the lags of an order-8 difference of white noise: neighbours repeat each other."""

LEVEL_ORDER, LEVEL_EVIDENCE = 4, 1.5
"""Order of the differences that tell relative from constant noise, and the log-likelihood it takes (per neighbour)."""

ROUNDING = 1e-12
"""Differences relative to the value that are no more than what numbers of 16 digits leave."""

Stretches = Sequence[tuple[Array, Array]]
"""Gap-free pieces as (time (n_samples,), values (n_variables, n_samples))."""


def difference_stencils(windows: Array) -> Array:
    """Return the unit-norm weights of the divided difference over each window of times, both (n_windows, order + 1)."""
    order = windows.shape[1] - 1
    scaled = (windows - windows[:, :1]) / (windows[:, -1:] - windows[:, :1])
    gaps = scaled[:, :, None] - scaled[:, None, :]
    gaps[:, np.arange(order + 1), np.arange(order + 1)] = 1.0
    weights = 1.0 / gaps.prod(axis=2)
    return weights / np.linalg.norm(weights, axis=1, keepdims=True)


def _differences(stretches: Stretches, order: int, limit: int = 20_000, relative: bool = False) -> Array:
    """Return unit-norm differences of all stretches, (n_variables, n_differences), at most about `limit`.

    `relative` divides each by the mean of the samples it is taken over.
    """
    step = max(1, sum(len(time) for time, _ in stretches) // limit)
    parts = []
    for time, values in stretches:
        if len(time) > order:
            weights = difference_stencils(np.lib.stride_tricks.sliding_window_view(time, order + 1)[::step])
            windows = np.lib.stride_tricks.sliding_window_view(values, order + 1, axis=1)[:, ::step]
            found = np.einsum("vkj,kj->vk", windows, weights)
            parts.append(found / windows.mean(axis=2) if relative else found)
    return np.concatenate(parts, axis=1) if parts else np.empty((stretches[0][1].shape[0], 0))


def robust_scale(differences: Array) -> Array:
    """Return the standard deviation of each row of (n_variables, n), bursts left out; 0 where n is."""
    if not differences.size:
        return np.zeros(len(differences))
    magnitude = np.abs(differences)
    sigma = np.median(magnitude, axis=1) / 0.6744898
    for _ in range(2):
        kept = magnitude <= TRUNCATION * sigma[:, None]
        squares = np.where(kept, differences**2, 0.0).sum(axis=1)
        sigma = np.sqrt(squares / np.maximum(kept.sum(axis=1), 1) / TRUNCATED_VARIANCE)
    return sigma


def noise_level(stretches: Stretches, relative: bool = False) -> tuple[Array, float]:
    """Return the noise's standard deviation, shape (n_variables,), and the estimate's relative standard error.

    `relative` gives it as a share of the local value.

    Source: von Neumann (1941) for differences as noise estimates, doi:10.1214/aoms/1177731677.
    """
    differences = _differences(stretches, ORDER, relative=relative)
    n_variables, n = differences.shape
    if n < 2:
        return np.zeros(n_variables), 1.0
    error = float(np.sqrt(0.55 * CORRELATION / n / n_variables))
    return robust_scale(differences), min(1.0, error)


def roughness(stretches: Stretches) -> Array:
    """Return, per variable, the noise level seen by order 6 over that seen by order 8 (1 where that sees nothing).

    White noise gives 1. Clearly more means that order 6 still sees the signal, and so may order 8:
    the sampling is too coarse to tell noise from signal, or the noise is coloured.
    """
    low, high = robust_scale(_differences(stretches, 6)), robust_scale(_differences(stretches, ORDER))
    return np.divide(low, high, out=np.ones_like(low), where=high > 0.0)


def error_model(stretches: Stretches) -> Errors:
    """Return whether the noise is "relative": its size follows the value, and all values are positive.

    Differences of order 4 are compared by likelihood under a constant size and under one in proportion
    to the local mean; stretches hold the states only, values (n_states, n_samples).
    """
    if any((values <= 0.0).any() for _, values in stretches):
        return "additive"
    constant, scaled = _differences(stretches, LEVEL_ORDER), _differences(stretches, LEVEL_ORDER, relative=True)
    moving = np.abs(scaled) > ROUNDING
    if constant.shape[1] < 2 or not moving.any(axis=1).all():
        return "additive"
    levels = np.log(np.abs(constant), where=moving, out=np.zeros_like(constant)) - np.log(
        np.abs(scaled), where=moving, out=np.zeros_like(scaled)
    )
    n = constant.shape[1]
    gain = float(np.sum(n * np.log(constant.std(axis=1) / scaled.std(axis=1)) - levels.sum(axis=1)))
    return "relative" if gain > CORRELATION * LEVEL_EVIDENCE else "additive"
