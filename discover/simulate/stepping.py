"""Step after step of û′ = L û + N(t, û), as long as the error asks for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.simulate.batch import GROWTH
from discover.simulate.exponentials import Complex, Scheme, product, scheme
from discover.simulate.spectral import Spectral

Array = NDArray[np.float64]

CALM = 0.02
"""Share of the tolerance below which the next step is twice as long; its error then grows sixteenfold."""

FINEST = 36
"""Times that a sampling interval may be halved."""

KEPT_SCHEMES = 24


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """One step tried: the modes at its end, N there, and its error as a share of the tolerance."""

    modes: Complex
    rate: Complex
    error: float


class March:
    """Marches through one simulation; it holds what the steps share: schemes, tolerance, steps left."""

    def __init__(self, system: Spectral, start: Array, rtol: float, max_steps: int) -> None:
        self.system, self.rtol, self.n_left = system, rtol, max_steps
        self.floor = self.size(system.to_modes(start))
        self.reach = GROWTH * (1.0 + np.abs(start).max(initial=0.0))
        self.schemes: dict[float, Scheme] = {}
        self.level = 4

    def size(self, modes: Complex) -> Array:
        """Return the size of every state, about its root mean square; a small one counts as a tenth of the largest."""
        total = np.sqrt(np.sum(np.abs(modes) ** 2, axis=tuple(range(1, modes.ndim))))
        return np.maximum(np.maximum(total, 0.1 * total.max()) / self.system.grid.n_points, 1e-30)

    def scheme(self, step: float) -> Scheme:
        """Return the scheme of a step; spacings that differ by rounding share one."""
        key = float(f"{step:.12e}")
        if key not in self.schemes:
            if len(self.schemes) >= KEPT_SCHEMES:
                self.schemes.clear()
            self.schemes[key] = scheme(self.system.linear, key)
        return self.schemes[key]

    def attempt(self, t: float, step: float, modes: Complex, rate: Complex) -> Attempt:
        """Return one step of ETDRK4 from `modes`, where N is `rate`.

        The error is that of the third-order scheme that takes N at the step's end for its last stage.
        """
        one, shape = self.scheme(step), modes.shape
        flat = (len(modes), -1)

        def times(matrices: Complex, values: Complex) -> Complex:
            return product(matrices, values.reshape(flat)).reshape(shape)

        halfway = times(one.half, modes)
        a = halfway + times(one.stage, rate)
        rate_a = self.system.nonlinear(t + step / 2, a)
        b = halfway + times(one.stage, rate_a)
        rate_b = self.system.nonlinear(t + step / 2, b)
        c = times(one.half, a) + times(one.stage, 2 * rate_b - rate)
        rate_c = self.system.nonlinear(t + step, c)
        end = times(one.whole, modes) + times(one.first, rate)
        end += times(one.middle, rate_a + rate_b) + times(one.last, rate_c)
        rate_end = self.system.nonlinear(t + step, end)
        change = times(one.last, rate_end - rate_c)
        error = np.sqrt(np.sum(np.abs(change) ** 2, axis=tuple(range(1, change.ndim)))) / self.system.grid.n_points
        tolerance = self.rtol * np.maximum(self.floor, self.size(end))
        return Attempt(end, rate_end, float(np.max(error / tolerance)))

    def across(self, t: float, span: float, modes: Complex, rate: Complex) -> tuple[Complex, Complex] | str:
        """Return modes and N after one sampling interval, or why it could not be crossed.

        Steps are the interval halved `level` times, so that the schemes of few lengths serve all.
        """
        done = 0  # in units of the finest step
        while done < 1 << FINEST:
            if self.n_left <= 0:
                return "needed more steps than allowed"
            if self.level > FINEST:
                return "left the finite numbers"
            length, self.n_left = 1 << (FINEST - self.level), self.n_left - 1
            tried = self.attempt(t + span * done / (1 << FINEST), span / (1 << self.level), modes, rate)
            if not tried.error <= 1.0:  # NaN too
                self.level += 1
                continue
            modes, rate, done = tried.modes, tried.rate, done + length
            is_aligned = done % (2 * length) == 0
            self.level -= int(self.level > 0 and is_aligned and tried.error < CALM)
        return modes, rate


def march(system: Spectral, start: Array, t: Array, rtol: float, max_steps: int) -> tuple[Array, str | None]:
    """Return the fields at the times t, shape (n_states, n_samples, n_x, …), and why they end early, or None.

    `start` has shape (n_states, n_x, …). What could not be reached is NaN.
    """
    fields = np.full((len(start), len(t), *start.shape[1:]), np.nan)
    fields[:, 0] = start
    with np.errstate(all="ignore"):
        walker, modes = March(system, start, rtol, max_steps), system.to_modes(start)
        rate = system.nonlinear(float(t[0]), modes)
        for k, span in enumerate(np.diff(t)):
            found = walker.across(float(t[k]), float(span), modes, rate)
            if isinstance(found, str):
                return fields, f"{found} after {t[k]:.6g}; it is NaN from there on"
            modes, rate = found
            fields[:, k + 1] = system.to_fields(modes)
            if not (np.abs(fields[:, k + 1]) <= walker.reach).all():
                fields[:, k + 1] = np.nan
                return fields, f"left the finite numbers after {t[k]:.6g}; it is NaN from there on"
    return fields, None
