"""The return plot of a map of one state: each next value over the present one, and the map as a line."""

import numpy as np

from discover.equation import Law
from discover.export.figures.drawing import INK, LAW, MUTED, Picture, canvas, draw, plain, style
from discover.export.figures.functions import N_POINTS, band
from discover.export.notation import NEXT, NOW

MOST_POINTS = 1500


def returns(law: Law) -> Picture | None:
    """Draw x[n+1] over x[n]; None for laws of another kind, of several states, or with inputs."""
    stretches = [stretch for stretch in law.evidence.stretches if len(stretch.time) > 1]
    if law.kind != "map" or len(law.states) != 1 or law.inputs or not stretches:
        return None
    pairs = np.concatenate([[s.measured[0, :-1], s.measured[0, 1:]] for s in stretches if _is_whole(s.time)], axis=1)
    every = -(-pairs.shape[1] // MOST_POINTS)
    name = plain(law.states[0], 20)
    x = np.linspace(pairs[0].min(), pairs[0].max(), N_POINTS)
    value, low, high = band(law.equations[0], x)
    with style():
        figure = canvas(3.6, 5.4)
        axes = figure.subplots()
        axes.plot(*pairs[:, ::every], ".", color=INK, markersize=2.6, label="measured", zorder=2)
        axes.fill_between(x, low, high, color=LAW, alpha=0.25, linewidth=0.0, zorder=3)
        axes.plot(x, value, color=LAW, linewidth=1.5, label="the map", zorder=4)
        axes.plot(x, x, color=MUTED, linewidth=0.8, linestyle="--", label="no change", zorder=1)
        axes.set_xlabel(f"{name}[{NOW}]")
        axes.set_ylabel(f"{name}[{NEXT}]")
        axes.legend(loc="best")
        return draw(figure, "returns", f"Each next value of {law.states[0]} over the one before it, and the map.")


def _is_whole(time: np.ndarray) -> bool:
    """Return whether no sample between the first and the last was left out."""
    steps = np.diff(time)
    return bool(steps.max() < 1.5 * steps.min())
