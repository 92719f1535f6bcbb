"""Laws over space on periodic grids, as equations for their Fourier modes: û′ = L û + N(t, û)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from discover.expr import Expr, add, constant, multiply
from discover.simulate.exponentials import Complex, Linear, linear_part
from discover.simulate.field import VectorField
from discover.simulate.grid import Grid
from discover.simulate.gridprogram import GridProgram, grid_program
from discover.simulate.known import Known, between
from discover.simulate.sums import additive, linear_form, outermost

Array = NDArray[np.float64]
Orders = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Modes:
    """The Fourier modes of real fields on a periodic grid.

    Attributes:
        shape: of the modes of one field: half of them along the last axis (the rest are their conjugates).
        even, odd: i k along each axis, broadcast over the modes, for derivatives of even and of odd order. The
            fastest mode of an even number of points has no phase, and so no odd derivative.
        kept: which modes lie below two thirds of the highest: quadratic products leave these free of aliases.
    """

    shape: tuple[int, ...]
    even: tuple[Complex, ...]
    odd: tuple[Complex, ...]
    kept: NDArray[np.bool_]

    def factor(self, orders: Orders) -> Complex | float:
        """Return what a derivative multiplies the modes by; `orders` counts along space."""
        total: Complex | float = 1.0
        for even, odd, order in zip(self.even, self.odd, orders, strict=False):
            if order:
                total = total * (odd if order % 2 else even) ** order
        return total


def modes_of(grid: Grid) -> Modes:
    """Return the modes of a grid that is even along every axis.

    >>> modes = modes_of(Grid(("x",), (np.arange(8) * np.pi / 4,)))
    >>> modes.shape, modes.factor((1,)).imag.tolist(), modes.factor((2,)).real.tolist()
    ((5,), [0.0, 1.0, 2.0, 3.0, 0.0], [0.0, -1.0, -4.0, -9.0, -16.0])
    """
    even, odd, kept = [], [], []
    for axis, n in enumerate(grid.shape):
        is_last = axis == len(grid.shape) - 1
        cycles = fft.rfftfreq(n, 1 / n) if is_last else fft.fftfreq(n, 1 / n)
        k = 2j * np.pi / grid.period(axis) * cycles
        along = [-1 if at == axis else 1 for at in range(len(grid.shape))]
        even.append(k.reshape(along))
        odd.append(np.where(2 * np.abs(cycles) == n, 0.0, k).reshape(along))
        kept.append((np.abs(cycles) < n / 3).reshape(along))
    low = np.ones(np.broadcast_shapes(*(k.shape for k in even)), dtype=np.bool_)
    for part in kept:
        low = low & part
    return Modes(low.shape, tuple(even), tuple(odd), low)


@dataclass(frozen=True, slots=True, eq=False)
class Spectral:
    """û′ = L û + N(t, û) for the Fourier modes of a law over a periodic grid.

    Attributes:
        grid: evenly spaced along every axis.
        modes: wavenumbers, and the modes that products may fill.
        linear: the linear part.
        program: the rest, one expression for every entry of `parts`.
        parts: (state, multi-index in space) that each expression is added to, differentiated.
        known: the inputs at any time.
    """

    grid: Grid
    modes: Modes
    linear: Linear
    program: GridProgram
    parts: tuple[tuple[int, Orders], ...]
    known: Known

    def to_modes(self, values: Array) -> Complex:
        """Return the Fourier modes of fields (…, n_x, …)."""
        return np.asarray(fft.rfftn(values, axes=self._axes))

    def to_fields(self, modes: Complex) -> Array:
        """Return the fields of Fourier modes."""
        return np.asarray(fft.irfftn(modes, s=self.grid.shape, axes=self._axes))

    @property
    def _axes(self) -> tuple[int, ...]:
        return tuple(range(-len(self.grid.shape), 0))

    def nonlinear(self, t: float, modes: Complex) -> Complex:
        """Return N(t, û), shape of û: (n_states, *modes.shape)."""
        total, kept = np.zeros_like(modes), self.modes.kept
        if not self.parts:
            return total
        states = modes * kept
        fields = [*self.to_fields(states), *self.known(t)]
        spectra: dict[int, Complex] = dict(enumerate(states))

        def derive(part: int, values: Array, orders: Orders) -> Array:
            if part not in spectra:
                spectra[part] = self.to_modes(values) * kept
            return self.to_fields(spectra[part] * self.modes.factor(orders[1:]))

        for (state, orders), values in zip(self.parts, self.program.evaluate(fields, derive), strict=True):
            full = values if np.ndim(values) else np.full(self.grid.shape, values)
            total[state] += self.to_modes(full) * self.modes.factor(orders)
        return total * kept


def spectral(field: VectorField, grid: Grid, t: Array, inputs: Sequence[Array]) -> Spectral:
    """Return a first-order law over space as equations for its Fourier modes."""
    modes, n_states = modes_of(grid), len(field.states)
    matrices = np.zeros((n_states, n_states, *modes.shape), dtype=np.complex128)
    rest: dict[tuple[int, Orders], Expr] = {}
    for state, expr in enumerate(field.expressions):
        for number, term in additive(expr):
            form = linear_form(term, n_states)
            if form is not None:
                matrices[state, form[0]] += number * modes.factor(form[1][1:])
                continue
            orders, inner = outermost(term)
            scaled = multiply(constant(number), inner)
            key = (state, orders[1:])
            rest[key] = add(rest[key], scaled) if key in rest else scaled
    return Spectral(
        grid=grid,
        modes=modes,
        linear=linear_part(matrices.reshape(n_states, n_states, -1)),
        program=grid_program(list(rest.values()), len(field.states) + len(field.inputs)),
        parts=tuple(rest),
        known=between(t, inputs),
    )
