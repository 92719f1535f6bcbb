"""The phase portrait of a law of second order: velocity against position, along its simulation."""

import numpy as np
from numpy.typing import NDArray

from discover.equation import Law
from discover.export.figures.curves import broken
from discover.export.figures.drawing import INK, LAW, WIDTH, Picture, canvas, draw, label, legend_on_top, plain, style

Array = NDArray[np.float64]

MOST_PANELS = 3


def orbit(law: Law) -> Picture | None:
    """Draw x′ over x for up to three states of second order; None where there is none, or no simulation."""
    second = [at for at, equation in enumerate(law.equations) if equation.order == 2]
    stretches = [stretch for stretch in law.evidence.stretches if np.isfinite(stretch.simulated).any()]
    if not second or not stretches:
        return None
    shown = second[:MOST_PANELS]
    with style():
        figure = canvas(4.6 if len(shown) == 1 else 3.4, 6.6 if len(shown) == 1 else WIDTH)
        panels = figure.subplots(1, len(shown), squeeze=False)[0]
        for axes, at in zip(panels, shown, strict=True):
            for number, stretch in enumerate(stretches):
                t, X = broken(stretch.time, stretch.simulated, law.evidence.segment)
                v = slopes(t, X[at])
                first = int(np.argmax(np.isfinite(v)))
                axes.plot(X[at], v, color=LAW, linewidth=1.3, label=None if number else "the law, simulated")
                axes.plot(X[at, first], v[first], "o", color=INK, markersize=4, label=None if number else "start")
            axes.set_xlabel(label(law.names[at], law.units[at], limit=24))
            axes.set_ylabel(f"{plain(law.names[at], 18)}′")
        legend_on_top(figure, panels[:1])
        return draw(figure, "portrait", _caption(law, shown, len(second)))


def slopes(t: Array, x: Array) -> Array:
    """Return dx/dt along pieces that NaN parts, both (n,); NaN in a piece of a single sample.

    >>> slopes(np.array([0.0, 1.0, 2.0, np.nan, 5.0, 7.0]), np.array([0.0, 2.0, 4.0, np.nan, 1.0, 0.0])).tolist()
    [2.0, 2.0, 2.0, nan, -0.5, -0.5]
    """
    found = np.full(len(t), np.nan)
    known = np.isfinite(t) & np.isfinite(x)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False]))))
    for first, last in edges.reshape(-1, 2):
        if last - first > 1:
            found[first:last] = np.gradient(x[first:last], t[first:last])
    return found


def _caption(law: Law, shown: list[int], n_second: int) -> str:
    pairs = ", ".join(f"{law.names[at]}′ against {law.names[at]}" for at in shown)
    words = f"Phase portrait: {pairs}, along the law's simulation; no velocity was measured."
    return words + (f" {len(shown)} of {n_second} states are shown." if n_second > len(shown) else "")
