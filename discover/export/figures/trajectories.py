"""The measured trajectories, and the law's simulation through them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from discover.equation import Law, Stretch
from discover.export.figures.curves import curves
from discover.export.figures.drawing import (
    INK,
    LAW,
    MUTED,
    Picture,
    draw,
    grid,
    label,
    legend_on_top,
    plain,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PANELS = 24
"""Panels of one figure; up to three stretches stand side by side, fewer where there are many variables."""

MOST_JUMPS = 120
"""Samples of a map that are drawn: more would be a thicket of lines."""

MOST_POINTS = 400
"""Measured points drawn in one panel; more would cover each other."""


def trajectories(law: Law) -> Picture | None:
    """Draw one panel per variable and stretch; None where the law carries no data."""
    stretches = [_beginning(law, stretch) for stretch in law.evidence.stretches if len(stretch.time)]
    if not stretches or law.kind in ("stochastic", "algebraic"):
        return None
    n_rows = len(law.measured)
    shown = stretches[: max(1, min(3, MOST_PANELS // n_rows))]
    with style():
        figure = grid(n_rows, len(shown), row=2.2 if n_rows == 1 else 1.25, gap=0.16, between=0.2)
        panels = figure.subplots(n_rows, len(shown), sharex="col", sharey="row", squeeze=False)
        for column, stretch in enumerate(shown):
            _column(list(panels[:, column]), law, stretch, len(shown))
            panels[0, column].set_title(plain(stretch.trajectory, 24) if len(stretches) > 1 else "")
        for name, unit, axes in zip(law.names, law.units, panels[:, 0], strict=False):
            axes.set_ylabel(label(name, unit, limit=18, between="\n"))
            axes.yaxis.set_label_coords(-0.5 / axes.bbox.width * figure.dpi, 0.5)
        legend_on_top(figure, panels.ravel())
        return draw(figure, "trajectories", _caption(law, shown, len(stretches)))


def _beginning(law: Law, stretch: Stretch) -> Stretch:
    """Return a stretch as it is; of a map, which jumps from sample to sample, only the beginning."""
    if law.kind != "map" or len(stretch.time) <= MOST_JUMPS:
        return stretch
    first = slice(None, MOST_JUMPS)
    return Stretch(stretch.trajectory, stretch.time[first], stretch.measured[:, first], stretch.simulated[:, first])


def _column(panels: "Sequence[Axes]", law: Law, stretch: Stretch, n_columns: int) -> None:
    """Draw every variable of one stretch, the states with their simulation."""
    from matplotlib.ticker import MaxNLocator

    t, X = curves(law, stretch)
    every = _every(stretch)
    for row, axes in enumerate(panels):
        x = stretch.measured[row]
        axes.plot(
            stretch.time[::every], x[::every], ".", color=INK, markersize=_dot(stretch), label="measured", zorder=2
        )
        if row >= len(law.states):
            axes.plot(stretch.time, x, color=MUTED, linewidth=0.7)
        elif np.isfinite(X[row]).any():
            axes.plot(t, X[row], color=LAW, linewidth=1.5, label="the law, simulated", zorder=3)
    panels[-1].xaxis.set_major_locator(MaxNLocator(nbins=9 // n_columns + 1, steps=[1, 2, 5, 10]))
    panels[-1].set_xlabel(label(law.time, law.time_unit))


def _every(stretch: Stretch) -> int:
    return -(-len(stretch.time) // MOST_POINTS)


def _dot(stretch: Stretch) -> float:
    return 4.5 if len(stretch.time) <= 80 else 2.4 if len(stretch.time) <= 600 else 1.4


def _caption(law: Law, shown: list[Stretch], n_stretches: int) -> str:
    of = f", {len(shown)} of {n_stretches} stretches" if n_stretches > len(shown) else ""
    every = max(_every(stretch) for stretch in shown)
    points = "points" if every == 1 else f"points, at least one of {every} drawn"
    words = f"Measured values ({points}) of {', '.join(law.measured)} against {law.time}{of}"
    longest = max(len(stretch.time) for stretch in shown)
    if not any(np.isfinite(stretch.simulated).any() for stretch in shown):
        words += ". There is no simulation to show: none follows the data."
    elif 0 < law.evidence.segment < longest:
        words += f", and the law simulated, afresh every {law.evidence.segment} samples (lines)."
    else:
        words += ", and the law simulated from its start (lines)."
    inputs = law.measured[len(law.states) :]
    return words + (f" Inputs, which have no equation: {', '.join(inputs)}." if inputs else "")
