"""The rows of the weak and the strong form, as stencils on the samples of one stretch."""

from dataclasses import dataclass
from math import perm

import numpy as np

from discover.data.smooth import is_uniform, local_filters
from discover.errors import SettingError
from discover.problem import Array, Stencil

ROWS_PER_WIDTH = 4
"""Rows overlap: one every quarter of a half-width loses no information."""

EXACT = 5
"""Degree of the polynomials that rows integrate by parts exactly, where the window holds enough samples: with a
tenth of the samples missing and 1 % noise, chi-square per row of true laws is 1.0 to 1.5, and 2 to 5 with degree 1."""

NARROWEST, DEGREE = 3, 4
PER_SMOOTHING = 4
"""Half-widths of a test function to one of a local polynomial: wider ones bend the states (measured: at the
full width no true law is found even in clean data, at a quarter its chi-square is 1 per row at 1 % noise)."""


@dataclass(frozen=True, slots=True)
class Weak:
    """The weak form: rows are integrals against φ(u) = (1 - u²)^order, so that no data are differentiated.

    Attributes:
        half_width: of the test functions, in samples; None chooses it from the data's spectrum.
        order: power of the test function; its first `order - 1` derivatives vanish at its ends.

    Source: Messenger and Bortz (2021), doi:10.1137/20M1343166.

    >>> Weak(half_width=12)
    Weak(half_width=12, order=8)
    """

    half_width: int | None = None
    order: int = 8

    def __post_init__(self) -> None:
        _check_half_width(self.half_width, least=2)  # φ vanishes at both ends: with 1 sample no slope is left
        if self.order < 2:
            raise SettingError(f"Weak(order=…) must be 2 or more, got {self.order}.")

    def width(self, spectral: int) -> int:
        """Return the half-width to use, given that of the data's spectrum."""
        return self.half_width or spectral

    def smoothing(self, half_width: int) -> tuple[int, int]:
        """Return half-width and degree of the polynomials that smooth the states where slopes are taken."""
        return max(NARROWEST, half_width // PER_SMOOTHING), DEGREE

    def stencil(self, time: Array, half_width: int, derivatives: int = 1) -> Stencil:
        """Return the rows over time (n_samples,), with weights for that many derivatives."""
        stride = max(1, half_width // ROWS_PER_WIDTH)
        if is_uniform(time):
            return _uniform_weak(time, half_width, stride, self.order, derivatives)
        return _uneven_weak(time, half_width, stride, self.order, derivatives)


@dataclass(frozen=True, slots=True)
class Strong:
    """The strong form: rows are derivatives of a local polynomial, for clean or very short data.

    Attributes:
        half_width: of the polynomial's window, in samples; None chooses it from the data's spectrum.
        degree: of the polynomial.

    Source: Savitzky and Golay (1964), doi:10.1021/ac60214a047.

    >>> Strong(degree=4)
    Strong(half_width=None, degree=4)
    """

    half_width: int | None = None
    degree: int = DEGREE

    def __post_init__(self) -> None:
        _check_half_width(self.half_width, least=1)
        if self.degree < 1:
            raise SettingError(f"Strong(degree=…) must be 1 or more, got {self.degree}.")

    def width(self, spectral: int) -> int:
        """Return the half-width to use: narrow, because a polynomial follows the data less far than a law does."""
        return self.half_width or max(NARROWEST, spectral // PER_SMOOTHING)

    def smoothing(self, half_width: int) -> tuple[int, int]:
        """Return half-width and degree of the smoothing of the states: that of the rows themselves."""
        return half_width, self.degree

    def stencil(self, time: Array, half_width: int, derivatives: int = 1) -> Stencil:
        """Return the rows over time (n_samples,), with weights for that many derivatives."""
        stride = max(1, half_width // ROWS_PER_WIDTH)
        start, shape, weights = local_filters(time, half_width, self.degree, derivatives)
        rows = np.arange(half_width, len(time) - half_width, stride)
        return Stencil(start[rows], shape[rows], weights, time[rows])


def _check_half_width(half_width: int | None, least: int) -> None:
    if half_width is not None and (not isinstance(half_width, int) or half_width < least):
        raise SettingError(f"half_width must be a whole number of samples, {least} or more, got {half_width!r}.")


def _test_function(u: Array, power: int, derivatives: int) -> list[Array]:
    """Return (1 - u²)^power and its derivatives by u, zero outside [-1, 1]."""
    bump = np.polynomial.Polynomial([1.0, 0.0, -1.0]) ** power
    inside = np.clip(1.0 - u**2, 0.0, None)
    # The powers of 1 - u² are multiplied out only as far as they must: near the ends they cancel.
    found = [inside**power, -2.0 * power * u * inside ** (power - 1)]
    for m in range(2, derivatives + 1):
        rest = (bump.deriv(m)) // (np.polynomial.Polynomial([1.0, 0.0, -1.0]) ** (power - m))
        found.append(rest(u) * inside ** (power - m))
    return found[: derivatives + 1]


def _uniform_weak(time: Array, half_width: int, stride: int, power: int, derivatives: int) -> Stencil:
    """Trapezoidal weights: spectrally accurate, because φ vanishes smoothly at both ends.

    Narrow windows are not there yet (by parts, a straight line is off by 11 % at a half-width of 2
    samples, by 0.4 % at 3), so the derivatives are corrected as on uneven samples.
    """
    step = (time[-1] - time[0]) / (len(time) - 1)
    u = np.arange(-half_width, half_width + 1)[None] / half_width
    start = np.arange(0, len(time) - 2 * half_width, stride)
    return Stencil(
        start=start,
        shape=np.zeros(len(start), np.int64),
        weights=_weights(u, half_width * step, np.full_like(u, step), power, derivatives, half_width),
        time=time[start + half_width],
    )


def _weights(u: Array, reach: float, quadrature: Array, power: int, derivatives: int, half_width: int) -> Array:
    """Return the weights (derivatives + 1, n_rows, width) of windows with lags u, in units of their reach."""
    values = _test_function(u, power, derivatives)
    phi = values[0] * quadrature
    raw = [(-1.0 / reach) ** m * values[m] * quadrature for m in range(1, derivatives + 1)]
    # Each window holds at least half_width samples.
    degree = max(min(EXACT, half_width - 1), derivatives)
    return np.array([phi, *(_by_parts(phi, line, u, reach, degree, m + 1) for m, line in enumerate(raw))])


def quadrature_weights(time: Array) -> Array:
    """Return weights (n_samples,) that integrate the local quintic through uneven samples exactly."""
    n = len(time)
    width = min(6, n)
    first = np.clip(np.arange(n - 1) - width // 2 + 1, 0, n - width)
    index = first[:, None] + np.arange(width)
    left, right = time[:-1, None], time[1:, None]
    scale = (time[index[:, -1]] - time[index[:, 0]])[:, None]
    nodes = (time[index] - left) / scale
    power = np.arange(width)
    moments = ((right - left) / scale) ** (power + 1) / (power + 1)
    vandermonde = nodes[:, None, :] ** power[None, :, None]
    weights = np.linalg.solve(vandermonde, moments[:, :, None])[:, :, 0] * scale
    total = np.zeros(n)
    np.add.at(total, index, weights)
    return total


def _uneven_weak(time: Array, half_width: int, stride: int, power: int, derivatives: int) -> Stencil:
    """Windows of equal duration; each row has weights of its own.

    Their half-width counts mean steps, as the spectrum's does. Quadrature on uneven samples is not
    exact, so the derivatives are corrected to integrate polynomials by parts exactly.
    """
    step = float(time[-1] - time[0]) / (len(time) - 1)
    reach = half_width * step
    centres = np.arange(time[0] + reach, time[-1] - reach + 1e-9 * reach, stride * step)
    first = np.searchsorted(time, centres - reach, side="left")
    last = np.searchsorted(time, centres + reach, side="right")
    enough = last - first >= half_width
    centres, first, last = centres[enough], first[enough], last[enough]
    width = int((last - first).max(initial=1))
    start = np.minimum(first, len(time) - width)
    start = np.maximum.accumulate(start)
    u = (time[start[:, None] + np.arange(width)] - centres[:, None]) / reach
    quadrature = quadrature_weights(time)[start[:, None] + np.arange(width)]
    weights = _weights(u, reach, quadrature, power, derivatives, half_width)
    return Stencil(start, np.arange(len(start)), weights, centres)


def _by_parts(phi: Array, line: Array, u: Array, reach: float, degree: int, order: int) -> Array:
    """Return line plus |phi| times a polynomial in u, such that Σ line·x = Σ phi·D^order(x) for x of that degree.

    All are (n_rows, width), and u is the lag from the window's centre in units of its reach. A row is right as
    soon as its two sums balance on the data's own shape; how good an integral each of them is matters less.
    """
    weight, powers = np.abs(phi), range(degree + 1)
    moments = [np.sum(weight * u**p, axis=1) for p in range(2 * degree + 1)]
    gram = np.array([[moments[p + q] for q in powers] for p in powers]).transpose(2, 0, 1)
    factors = [perm(p, order) / reach**order for p in powers]
    wanted = np.array([c * np.sum(phi * u ** max(p - order, 0), axis=1) for p, c in zip(powers, factors, strict=True)])
    missing = wanted - np.array([np.sum(line * u**p, axis=1) for p in powers])
    inverse = np.linalg.pinv(gram, rcond=1e-12, hermitian=True)  # all samples may lie at a window's very edge
    a = np.einsum("kpq,qk->kp", inverse, missing)
    return np.ascontiguousarray(line + weight * np.polynomial.polynomial.polyval(u.T, a.T, tensor=False).T)
