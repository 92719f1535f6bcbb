"""Drift and squared noise of one state as functions, with what follows from them: potential and density."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from discover.equation import Equation, Law
from discover.export.figures.drawing import INK, LAW, MUTED, Picture, canvas, draw, label, style
from discover.export.notation import left_typeset
from discover.expr import compile_program

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

N_POINTS = 201
N_BINS = 40
NORMAL_95 = 1.959964


def functions(law: Law) -> Picture | None:
    """Draw f, g², the potential and the stationary density of a law of one state; None for any other."""
    if law.kind != "stochastic" or len(law.states) != 1 or law.inputs or not law.evidence.stretches:
        return None
    measured = np.concatenate([stretch.measured[0] for stretch in law.evidence.stretches])
    x = np.linspace(measured.min(), measured.max(), N_POINTS)
    drift, low, high = band(law.equations[0], x)
    squared, below, above = band(law.diffusion[0], x)
    with style():
        figure = canvas(4.6)
        panels = figure.subplots(2, 2, sharex=True)
        _curve(panels[0, 0], x, (drift, low, high), left_typeset(law.equations[0]))
        _curve(panels[0, 1], x, (squared, below, above), left_typeset(law.diffusion[0]))
        potential = -_integral(x, drift)
        panels[1, 0].plot(x, potential - potential.min(), color=LAW, linewidth=1.5)
        panels[1, 0].set_title("potential, minus the integral of the drift")
        _density(panels[1, 1], x, drift, squared, measured)
        for axes in panels[1]:
            axes.set_xlabel(label(law.states[0], law.units[0]))
        return draw(figure, "functions", _CAPTION)


_CAPTION = (
    "Drift and squared noise as functions of the state over the range of the data, with 95 % bands; the potential "
    "whose slope the drift is; and the stationary density that the two imply (line) beside how often the record was "
    "where (bars). A record that visits its states too seldom need not look like the density yet."
)


def band(equation: Equation, x: Array) -> tuple[Array, Array, Array]:
    """Return an equation's right-hand side at x (n,) and the ends of its 95 % band, shapes (n,)."""
    if not equation.terms:
        return np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    theta = compile_program([term.expr for term in equation.terms], 1).evaluate(x[None])
    value = np.array([term.value for term in equation.terms]) @ theta
    covariance = np.array(equation.covariance) if equation.covariance else np.zeros((len(theta), len(theta)))
    half = NORMAL_95 * np.sqrt(np.maximum(np.einsum("in,ij,jn->n", theta, covariance, theta), 0.0))
    return value, value - half, value + half


def density(x: Array, drift: Array, squared: Array) -> Array | None:
    """Return the stationary density ∝ exp(∫ 2 f/g²) / g² on x (n,), None where g² is not positive.

    Source: Risken (1989), The Fokker-Planck Equation, doi:10.1007/978-3-642-61544-3, section 5.2.

    >>> x = np.linspace(-6.0, 6.0, 1201)
    >>> p = density(x, -x, np.full(1201, 2.0))  # Ornstein-Uhlenbeck of variance 1
    >>> round(float(p[600] * np.sqrt(2 * np.pi)), 4)
    1.0
    """
    if not (squared > 0.0).all():
        return None
    exponent = _integral(x, 2.0 * drift / squared) - np.log(squared)
    weight = np.exp(exponent - exponent.max())
    return weight / _integral(x, weight)[-1]


def _integral(x: Array, y: Array) -> Array:
    """Return the trapezoidal integral from the first point, shape of x."""
    return np.concatenate([[0.0], np.cumsum(0.5 * (y[1:] + y[:-1]) * np.diff(x))])


def _curve(axes: "Axes", x: Array, curve: tuple[Array, Array, Array], title: str) -> None:
    value, low, high = curve
    axes.fill_between(x, low, high, color=LAW, alpha=0.2, linewidth=0.0)
    axes.plot(x, value, color=LAW, linewidth=1.5)
    axes.axhline(0.0, color=MUTED, linewidth=0.7)
    axes.set_title(title)


def _density(axes: "Axes", x: Array, drift: Array, squared: Array, measured: Array) -> None:
    axes.hist(measured, bins=N_BINS, density=True, color=INK, alpha=0.25, label="measured")
    p = density(x, drift, squared)
    if p is not None:
        axes.plot(x, p, color=LAW, linewidth=1.5, label="the law, in the long run")
    axes.set_title("density")
    axes.legend(loc="best")
