"""An algebraic law against its data: predicted over measured values, and what is left."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.equation import Law
from discover.export.figures.drawing import INK, LAW, MUTED, Picture, canvas, draw, plain, style

Array = NDArray[np.float64]

MOST_POINTS = 1500


def parity(law: Law) -> Picture | None:
    """Draw the formula's values over the measured ones, and the difference below; None for laws of another kind."""
    if law.kind != "algebraic" or not law.evidence.stretches:
        return None
    stretch = law.evidence.stretches[0]
    every, n = -(-stretch.measured.shape[1] // MOST_POINTS), len(law.states)
    with style():
        figure = canvas(max(5.4, 3.6 * n), 5.4)
        panels = figure.subplots(2, n, height_ratios=[3, 1], sharex="col", squeeze=False)
        for at in range(n):
            _one(law, at, stretch.measured[at, ::every], stretch.simulated[at, ::every], panels[:, at])
        caption = f"{', '.join(law.states)} by the formula over its measured value, and what the formula leaves."
        return draw(figure, "parity", caption)


def _one(law: Law, at: int, measured: Array, found: Array, panels: Any) -> None:
    """Draw one target, its two panels one above the other."""
    above, below = panels
    name, unit = plain(law.states[at], 20), law.units[at]
    bracketed = f" [{plain(unit, 12)}]" if unit else ""
    shown = np.isfinite(found)
    ends = np.array([measured.min(), measured.max(), *found[shown]])
    ends = np.array([ends.min(), ends.max()])
    above.plot(ends, ends, color=LAW, linewidth=1.2, label="equal", zorder=1)
    above.plot(measured, found, ".", color=INK, markersize=3.0, label="observations", zorder=2)
    above.set_ylabel(f"{name} by the formula{bracketed}")
    if at == 0:
        above.legend(loc="upper left")
    below.axhline(0.0, color=LAW, linewidth=1.2, zorder=1)
    below.plot(measured, measured - found, ".", color=MUTED, markersize=3.0, zorder=2)
    below.set_ylabel(f"left over{bracketed}")
    below.set_xlabel(f"{name} measured{bracketed}")
