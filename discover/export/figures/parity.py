"""An algebraic law against its data: predicted over measured values, and what is left."""

import numpy as np

from discover.equation import Law
from discover.export.figures.drawing import INK, LAW, MUTED, Picture, canvas, draw, plain, style

MOST_POINTS = 1500


def parity(law: Law) -> Picture | None:
    """Draw the formula's values over the measured ones, and the difference below; None for laws of another kind."""
    if law.kind != "algebraic" or not law.evidence.stretches:
        return None
    stretch = law.evidence.stretches[0]
    every = -(-stretch.measured.shape[1] // MOST_POINTS)
    measured, found = stretch.measured[0, ::every], stretch.simulated[0, ::every]
    name, unit = plain(law.states[0], 20), law.units[0]
    bracketed = f" [{plain(unit, 12)}]" if unit else ""
    ends = np.array([min(measured.min(), found.min()), max(measured.max(), found.max())])
    with style():
        figure = canvas(5.4, 5.4)
        above, below = figure.subplots(2, 1, height_ratios=[3, 1], sharex=True)
        above.plot(ends, ends, color=LAW, linewidth=1.2, label="equal", zorder=1)
        above.plot(measured, found, ".", color=INK, markersize=3.0, label="observations", zorder=2)
        above.set_ylabel(f"{name} by the formula{bracketed}")
        above.legend(loc="upper left")
        below.axhline(0.0, color=LAW, linewidth=1.2, zorder=1)
        below.plot(measured, measured - found, ".", color=MUTED, markersize=3.0, zorder=2)
        below.set_ylabel(f"left over{bracketed}")
        below.set_xlabel(f"{name} measured{bracketed}")
        caption = f"{law.states[0]} by the formula over its measured value, and what the formula leaves."
        return draw(figure, "parity", caption)
