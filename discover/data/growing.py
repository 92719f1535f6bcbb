"""Does the noise grow with the signal, though the signal changes its sign?

A gain that fluctuates, or an error quoted in per cent of the reading, makes noise of the variance a² + b²x²: large
at the crests and small near zero. Taken for noise of one size it leaves terms that only describe the noise.
"""

import numpy as np

from discover.data.noise import CORRELATION, ORDER, TRUNCATION, Stretches, difference_stencils, robust_scale
from discover.problem import Array

EVIDENCE, BESIDE = 3.0, 0.5
"""Log-likelihood, per independent difference, that noise of two parts has to gain over noise of one size; the second
number where another variable's noise grows already, for one instrument mostly measures them all."""

SHARES = np.concatenate([[0.0], np.linspace(0.1, 0.9, 9), 1.0 - np.geomspace(0.05, 1e-4, 8)])
"""Shares of the variance, at the typical size of the signal, that are tried for the part that grows."""

LEAST = 30
"""Differences below which nothing is concluded."""


def growing_noise(stretches: Stretches, limit: int = 20_000) -> tuple[Array, Array]:
    """Return a and b of the variance a² + b²x² of each variable's noise, both (n_variables,); b is 0 without evidence.

    >>> time, rng = np.linspace(0.0, 20.0, 800), np.random.default_rng(0)
    >>> wave = np.sin(time) * (1.0 + 0.05 * rng.standard_normal(800))
    >>> base, share = growing_noise([(time, wave[None])])
    >>> bool(base[0] < 0.01), round(float(share[0]), 2)
    (True, 0.05)
    """
    differences, squares = _seen(stretches, limit)
    n_variables, n = differences.shape
    base, share = robust_scale(differences), np.zeros(n_variables)
    if n < LEAST:
        return base, share
    typical = squares.mean(axis=1)
    alive = np.flatnonzero((base > 0.0) & (typical > 0.0))
    fits = {v: [_fit(differences[v], 1.0 - part + part * squares[v] / typical[v]) for part in SHARES] for v in alive}
    best = {v: int(np.argmax([likelihood for likelihood, _ in fits[v]])) for v in alive}
    gain = {v: (fits[v][best[v]][0] - fits[v][0][0]) / CORRELATION for v in alive}
    needed = BESIDE if max(gain.values(), default=0.0) > EVIDENCE else EVIDENCE
    for v in alive:
        if gain[v] > needed:
            sigma, part = fits[v][best[v]][1], SHARES[best[v]]
            base[v], share[v] = sigma * np.sqrt(1.0 - part), sigma * np.sqrt(part / typical[v])
    return base, share


def _seen(stretches: Stretches, limit: int) -> tuple[Array, Array]:
    """Return unit-norm differences, and the mean square of the signal under their weights, (n_variables, n) each."""
    step = max(1, sum(len(time) for time, _ in stretches) // limit)
    differences, squares = [], []
    for time, values in stretches:
        if len(time) > ORDER:
            weights = difference_stencils(np.lib.stride_tricks.sliding_window_view(time, ORDER + 1)[::step])
            windows = np.lib.stride_tricks.sliding_window_view(values, ORDER + 1, axis=1)[:, ::step]
            seen = np.einsum("vkj,kj->vk", windows, weights)
            # What is left of a window is independent of its difference: noise alone does not seem to grow with itself.
            rest = windows - seen[:, :, None] * weights
            differences.append(seen)
            squares.append(np.einsum("vkj,kj->vk", rest**2, weights**2))
    if not differences:
        nothing = np.empty((len(stretches[0][1]), 0))
        return nothing, nothing
    return np.concatenate(differences, axis=1), np.concatenate(squares, axis=1)


def _fit(differences: Array, variance: Array) -> tuple[float, float]:
    """Return the log-likelihood of differences (n,) with these relative variances, and the scale that goes with it.

    A burst of the signal counts as much as the largest difference that noise makes.
    """
    even = differences / np.sqrt(np.maximum(variance, 1e-12))
    sigma = float(robust_scale(even[None])[0])
    if not sigma > 0.0:
        return -np.inf, 0.0
    squares = np.minimum((even / sigma) ** 2, TRUNCATION**2)
    logs = np.log(np.maximum(variance, 1e-12))
    return float(-0.5 * np.sum(squares + logs) - len(even) * np.log(sigma)), sigma
