"""How long do the data take to change? The half-width of the test functions follows from it."""

import numpy as np

from discover.data.noise import Stretches
from discover.data.smooth import is_uniform
from discover.problem import Array

NARROWEST, WIDEST = 3, 60
FINALISTS = 8
"""Corners that are compared without cancellation."""

PER_CORNER = 0.6
"""Half-width times corner frequency (cycles a sample): where the test function's own spectrum ends."""


def _spectrum(stretches: Stretches, n_fft: int) -> tuple[Array, Array]:
    """Return frequencies (cycles a sample) and mean power (n_variables, n_frequencies) of windowed pieces."""
    window = np.hanning(n_fft)
    total, count = np.zeros((len(stretches[0][1]), n_fft // 2 + 1)), 0
    for time, values in stretches:
        if not is_uniform(time):  # for the spectrum only: no interpolated value is ever fitted
            even = np.linspace(time[0], time[-1], len(time))
            values = np.array([np.interp(even, time, value) for value in values])
        for first in range(0, values.shape[1] - n_fft + 1, max(1, n_fft // 2)):
            piece = values[:, first : first + n_fft]
            line = np.linspace(0.0, 1.0, n_fft)
            trend = np.polynomial.polynomial.polyfit(line, piece.T, 1)
            residual = piece - (trend[0][:, None] + trend[1][:, None] * line)
            total, count = total + np.abs(np.fft.rfft(window * residual, axis=1)) ** 2, count + 1
    return np.fft.rfftfreq(n_fft).astype(np.float64), total / max(count, 1)


def spectral_corner(amplitude: Array) -> int:
    """Return where two straight lines fit the cumulative amplitude (n_frequencies,) best."""
    n, y = len(amplitude), np.cumsum(amplitude)
    corners = np.arange(2, n - 2)
    if not len(corners):
        return 1
    roughly = _misfit(y)[corners] + _misfit(y[::-1])[n - 1 - corners]
    near = np.sort(corners[np.argsort(roughly, kind="stable")[:FINALISTS]])
    exact = [_exactly(y[: k + 1]) + _exactly(y[k:]) for k in near]  # sums of squares above cancel to some digits
    return int(near[np.argmin(exact)])


def _misfit(y: Array) -> Array:
    """Return for every k the squared misfit of y[: k + 1] to the line through its ends, by running sums."""
    j = np.arange(len(y), dtype=np.float64)
    d = y - y[0]
    slope = np.divide(d, j, out=np.zeros_like(d), where=j > 0)
    return np.cumsum(d**2) - 2.0 * slope * np.cumsum(j * d) + slope**2 * np.cumsum(j**2)


def _exactly(y: Array) -> float:
    """Return the squared misfit of y (n,) to the line through its ends."""
    return float(np.sum((y - np.linspace(y[0], y[-1], len(y))) ** 2))


def half_width(stretches: Stretches, noise: Array, scale: Array) -> int:
    """Return the half-width of the test functions in samples, from the corner of the data's spectrum.

    Args:
        stretches: pieces as (time (n_samples,), values (n_variables, n_samples)).
        noise, scale: noise level and spread of each variable, shape (n_variables,).

    Source: Messenger and Bortz (2021), doi:10.1016/j.jcp.2021.110525, appendix A, for the corner.
    """
    lengths = [len(time) for time, _ in stretches]
    n_fft = min(max(lengths), 2048)
    frequencies, power = _spectrum(stretches, n_fft)
    alive = np.flatnonzero(noise < 0.8 * scale)
    corners = [frequencies[spectral_corner(np.sqrt(power[v]))] for v in (alive if len(alive) else range(len(power)))]
    width = PER_CORNER / max(float(np.median(corners)), 1e-9)
    longest = max(NARROWEST, max(lengths) // 6)
    return int(np.clip(round(width), NARROWEST, min(WIDEST, longest)))
