"""A conserved quantity along each trajectory: its values, its level, and the band that noise alone would fill."""

from typing import TYPE_CHECKING

from discover.export.figures.drawing import INK, LAW, MUTED, Picture, draw, grid, label, legend_on_top, plain, style
from discover.export.rounding import rounded
from discover.export.text import value_text
from discover.inference.quantities import Quantity, Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PANELS, ABREAST = 6, 3
"""Trajectories that are drawn, and how many of them stand side by side."""


def levels(one: Quantity, time: str, time_unit: str | None) -> Picture:
    """Draw how a quantity departs from its level along each trajectory, all on one scale; titles tell the levels."""
    shown = one.traces[:MOST_PANELS]
    n_columns = min(ABREAST, len(shown))
    n_rows = -(-len(shown) // n_columns)
    with style():
        figure = grid(n_rows, n_columns, row=1.9, gap=0.45, between=0.2)
        panels = figure.subplots(n_rows, n_columns, sharey=True, squeeze=False)
        for at, axes in enumerate(panels.ravel()):
            if at < len(shown):
                _panel(axes, shown[at], plain(shown[at].trajectory, 12) if len(one.traces) > 1 else "")
            else:
                axes.set_visible(False)
        for at in range(n_columns):
            panels[(len(shown) - 1 - at) // n_columns, at].set_xlabel(label(time, time_unit))
        for axes in panels[:, 0]:
            axes.set_ylabel(f"{one.name} − its level")
        legend_on_top(figure, [panels[0, 0]])
        caption = (
            f"{one.name} at the measured states of each trajectory, less its level there, and two standard deviations "
            "of what noise of the measurement alone makes of it."
        )
        return draw(figure, f"levels-{one.name}", caption)


def _panel(axes: "Axes", trace: Trace, title: str) -> None:
    band = 2.0 * trace.noise
    axes.fill_between(trace.time, -band, band, color=MUTED, alpha=0.25, linewidth=0, label="noise alone")
    axes.plot(trace.time, trace.values - trace.level, ".", color=INK, markersize=2.6, label="measured")
    axes.axhline(0.0, color=LAW, linewidth=1.2, label="level")
    level = value_text(rounded(trace.level, trace.error))
    axes.set_title(f"{title}: {level}" if title else f"level {level}")
