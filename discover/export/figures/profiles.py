"""Profiles of a field along its one space axis at a few moments: data as points, the law as lines."""

from typing import TYPE_CHECKING

import numpy as np

from discover.equation import Law, Patch
from discover.export.figures.drawing import INK, LAW, Picture, draw, grid, label, legend_on_top, style
from discover.export.figures.movie import is_simulated, key_frames, moment_text, n_shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 200
"""Measured points drawn in one panel; more would cover each other."""


def profiles(law: Law) -> Picture | None:
    """Draw a few moments of the first patch; None where the law has no field along one space axis."""
    if not law.evidence.fields or len(law.space) != 1 or not law.evidence.fields[0].measured.size:
        return None
    patch = law.evidence.fields[0]
    moments = key_frames(patch)
    with style():
        figure = grid(n_shown(law), len(moments), row=1.5, gap=0.2, between=0.2)
        panels = figure.subplots(n_shown(law), len(moments), sharex=True, sharey="row", squeeze=False)
        for state, row in enumerate(panels):
            for axes, moment in zip(row, moments, strict=True):
                _profile(axes, patch, state, moment)
            row[0].set_ylabel(label(law.names[state], law.units[state], 18, "\n"))
        for axes, top, moment in zip(panels[-1], panels[0], moments, strict=True):
            axes.set_xlabel(label(law.space[0], law.axis_units[1], 18))
            top.set_title(moment_text(law, patch.coordinates[0][moment]))
        legend_on_top(figure, panels.ravel())
        return draw(figure, "profiles", _caption(law, patch))


def _profile(axes: "Axes", patch: Patch, state: int, moment: int) -> None:
    from matplotlib.ticker import MaxNLocator

    x, every = patch.coordinates[1], -(-len(patch.coordinates[1]) // MOST_POINTS)
    measured, simulated = patch.measured[state, moment], patch.simulated[state, moment]
    axes.plot(x[::every], measured[::every], ".", color=INK, markersize=2.6, label="measured", zorder=2)
    if np.isfinite(simulated).any():
        axes.plot(x, simulated, color=LAW, linewidth=1.4, label="the law, simulated", zorder=3)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))


def _caption(law: Law, patch: Patch) -> str:
    shown = ", ".join(law.states[: n_shown(law)])
    words = f"Profiles of {shown} along {law.space[0]} at {len(key_frames(patch))} moments: measured as points"
    return words + (", the law simulated as lines." if is_simulated(patch) else "; there is no simulation to show.")
