"""The measured trajectories, and the law's simulation through them."""

import numpy as np
from numpy.typing import NDArray

from discover.equation import Law, Stretch
from discover.export.figures.drawing import (
    INK,
    LAW,
    MUTED,
    WIDTH,
    Picture,
    canvas,
    draw,
    label,
    plain,
    style,
)

Array = NDArray[np.float64]

MOST_COLUMNS = 3
"""Stretches side by side: more would be too narrow to read."""


def trajectories(law: Law) -> Picture | None:
    """Draw one panel per variable and stretch; None where the law carries no data."""
    stretches = [stretch for stretch in law.evidence.stretches if len(stretch.time)]
    if not stretches:
        return None
    shown = stretches[:MOST_COLUMNS]
    with style():
        n_rows = len(law.names)
        figure = canvas(max(1.35 * n_rows + 0.6, 2.4), WIDTH)
        panels = figure.subplots(n_rows, len(shown), sharex="col", sharey="row", squeeze=False)
        for row in range(n_rows):
            for column, stretch in enumerate(shown):
                _panel(panels[row, column], law, stretch, row)
            panels[row, 0].set_ylabel(label(law.names[row], law.units[row]))
        for column, stretch in enumerate(shown):
            panels[0, column].set_title(plain(stretch.trajectory, 24) if len(stretches) > 1 else "")
            panels[-1, column].set_xlabel(label(law.time, law.time_unit))
        figure.align_ylabels(panels[:, 0])
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=3)
        return draw(figure, "trajectories", _caption(law, shown, len(stretches)))


def _panel(axes, law: Law, stretch: Stretch, row: int) -> None:
    axes.plot(
        stretch.time,
        stretch.measured[row],
        ".",
        color=INK,
        markersize=_dot(stretch),
        label="measured",
        rasterized=False,
    )
    if row < len(stretch.simulated):
        t, x = broken(stretch.time, stretch.simulated[row], law.evidence.segment)
        axes.plot(t, x, color=LAW, linewidth=1.6, label="the law, simulated")
    elif row >= len(law.equations):
        axes.plot(stretch.time, stretch.measured[row], color=MUTED, linewidth=0.7)


def _dot(stretch: Stretch) -> float:
    return 4.5 if len(stretch.time) <= 80 else 2.4 if len(stretch.time) <= 600 else 1.4


def broken(t: Array, x: Array, segment: int) -> tuple[Array, Array]:
    """Put a gap (NaN) wherever the simulation starts afresh from the data, every `segment` samples.

    >>> broken(np.array([0.0, 1.0, 2.0]), np.array([5.0, 6.0, 9.0]), 2)
    (array([ 0.,  1., nan,  2.]), array([ 5.,  6., nan,  9.]))
    """
    starts = np.arange(segment, len(t), segment) if segment > 0 else np.array([], dtype=np.int64)
    return np.insert(t, starts, np.nan), np.insert(x, starts, np.nan)


def _caption(law: Law, shown: list[Stretch], n_stretches: int) -> str:
    n_panels = f"{len(shown)} of {n_stretches} stretches" if n_stretches > len(shown) else "the data"
    simulated = any(np.isfinite(stretch.simulated).any() for stretch in shown)
    words = [f"Measured values (points) of {', '.join(law.names)} against {law.time}, for {n_panels}"]
    longest = max(len(stretch.time) for stretch in shown)
    if simulated and 0 < law.evidence.segment < longest:
        words.append(f"and the law simulated from the data, afresh every {law.evidence.segment} samples (lines)")
    elif simulated:
        words.append("and the law simulated from its start (lines)")
    else:
        words.append("without a simulation: the law could not be followed from here")
    inputs = f" Inputs, which have no equation: {', '.join(law.inputs)}." if law.inputs else ""
    return f"{', '.join(words)}.{inputs}"
