"""The phase portrait: pairs of states against each other, and the flow where two states are all there is."""

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from discover.equation import Law
from discover.export.figures.curves import curves
from discover.export.figures.drawing import (
    ACCENT,
    INK,
    LAW,
    MUTED,
    THIRD,
    WIDTH,
    Picture,
    canvas,
    draw,
    label,
    legend_on_top,
    plain,
    style,
)
from discover.export.figures.orbit import orbit
from discover.expr import compile_program

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

MOST_PAIRS = 3
_ARROWS, _FINE = 17, 121


def portrait(law: Law) -> Picture | None:
    """Draw up to three pairs of states, or velocities over positions; None where there is only one or no data."""
    stretches = [stretch for stretch in law.evidence.stretches if len(stretch.time)]
    n_states = len(law.states)
    if any(equation.order == 2 for equation in law.equations):
        return orbit(law)
    if n_states < 2 or not stretches:
        return None
    pairs = list(combinations(range(n_states), 2))
    shown = pairs if len(pairs) <= MOST_PAIRS else [(at, at + 1) for at in range(MOST_PAIRS)]
    has_flow = n_states == 2 and not law.inputs and _is_flow(law) and _is_finite(law)
    with style():
        figure = canvas(4.6 if len(shown) == 1 else 3.4, 6.6 if len(shown) == 1 else WIDTH)
        panels = figure.subplots(1, len(shown), squeeze=False)[0]
        for axes, pair in zip(panels, shown, strict=True):
            _panel(axes, law, pair)
        if has_flow:
            _flow(panels[0], law)
        legend_on_top(figure, panels[:1])
        return draw(figure, "portrait", _caption(law, shown, len(pairs), has_flow))


def _panel(axes: "Axes", law: Law, pair: tuple[int, int]) -> None:
    """Data as points and simulation as lines, every stretch; only the first is named in the legend."""
    across, up = pair
    size = 4.5 if sum(len(stretch.time) for stretch in law.evidence.stretches) <= 80 else 1.6
    for at, stretch in enumerate(law.evidence.stretches):
        name = None if at else "measured"
        axes.plot(stretch.measured[across], stretch.measured[up], ".", color=INK, markersize=size, label=name, zorder=3)
        _, X = curves(law, stretch)
        if np.isfinite(X).any():
            name = None if at else "the law, simulated"
            axes.plot(X[across], X[up], color=LAW, linewidth=1.3, label=name, zorder=4)
    axes.set_xlabel(label(law.names[across], law.units[across], limit=24))
    axes.set_ylabel(label(law.names[up], law.units[up], limit=24))


def _is_flow(law: Law) -> bool:
    """Return whether the states alone say where they go next, as those of maps and second orders do not."""
    return law.kind == "derivative" and all(equation.order == 1 for equation in law.equations)


def _is_finite(law: Law) -> bool:
    return all(math.isfinite(term.value) for equation in law.equations for term in equation.terms)


def _flow(axes: "Axes", law: Law) -> None:
    """The direction of the flow as arrows of one length, and where each rate is zero as lines."""
    program = compile_program([equation.rhs for equation in law.equations], 2)
    x, y = _frame(axes.get_xlim(), _ARROWS), _frame(axes.get_ylim(), _ARROWS)
    rates = _on_grid(program, x, y)
    # One length on the page: so scale by the panel's own ranges before taking directions.
    u, v = rates[0] / np.ptp(x), rates[1] / np.ptp(y)
    length = np.hypot(u, v)
    moving = np.isfinite(length) & (length > 0)
    u, v = (
        np.divide(u, length, where=moving, out=np.full_like(u, np.nan)),
        np.divide(v, length, where=moving, out=np.full_like(v, np.nan)),
    )
    axes.quiver(
        x, y, u, v, color=MUTED, alpha=0.55, scale=26, width=0.0022, headwidth=4.5, pivot="mid", angles="uv", zorder=1
    )
    fine_x, fine_y = _frame(axes.get_xlim(), _FINE), _frame(axes.get_ylim(), _FINE)
    for values, colour, dashes, name in zip(
        _on_grid(program, fine_x, fine_y), (ACCENT, THIRD), ("--", ":"), law.states, strict=True
    ):
        _nullcline(axes, fine_x, fine_y, values, colour, dashes, f"{plain(name, 14)}′ = 0")


def _frame(limits: tuple[float, float], n: int) -> Array:
    return np.linspace(*limits, n)


def _on_grid(program, x: Array, y: Array) -> Array:
    """Values of both rates, shape (2, len(y), len(x))."""
    X, Y = np.meshgrid(x, y)
    return program.evaluate(np.stack([X.ravel(), Y.ravel()])).reshape(2, len(y), len(x))


def _nullcline(axes: "Axes", x: Array, y: Array, values: Array, colour: str, dashes: str, name: str) -> None:
    known = values[np.isfinite(values)]
    if not len(known) or known.min() >= 0 or known.max() <= 0:
        return
    shown = np.ma.masked_invalid(values)
    axes.contour(x, y, shown, levels=[0.0], colors=[colour], linestyles=[dashes], linewidths=1.4, zorder=2)
    axes.plot([], [], color=colour, linestyle=dashes, linewidth=1.4, label=name)


def _caption(law: Law, shown: list[tuple[int, int]], n_pairs: int, has_flow: bool) -> str:
    pairs = ", ".join(f"{law.names[up]} against {law.names[across]}" for across, up in shown)
    words = f"Phase portrait: {pairs}. Points are measured"
    simulated = any(np.isfinite(stretch.simulated).any() for stretch in law.evidence.stretches)
    words += ", lines are the law simulated." if simulated else "; there is no simulation to show."
    if n_pairs > len(shown):
        words += f" {len(shown)} of {n_pairs} pairs of states are shown."
    if has_flow:
        words += " Arrows show the direction of the law's flow; broken lines show where a rate of change is zero."
    return words
