"""Sample paths of a stochastic law beside the measured one, in the band that most of its paths stay in."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from discover.equation import Law, Stretch
from discover.errors import InputError
from discover.export.figures.drawing import INK, LAW, MUTED, Picture, draw, grid, label, legend_on_top, plain, style
from discover.simulate import simulate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

MOST_SAMPLES = 400
"""Samples of the record that paths are drawn beside."""

N_PATHS, N_SHOWN, SEED = 200, 2, 0
LOW, HIGH = 0.05, 0.95


def paths(law: Law) -> Picture | None:
    """Draw the beginning of the first records, a panel per state; None for laws without noise of their own."""
    stretches = [stretch for stretch in law.evidence.stretches if len(stretch.time) > 1]
    if law.kind != "stochastic" or not stretches:
        return None
    shown = stretches[: max(1, min(3, 12 // len(law.states)))]
    with style():
        figure = grid(len(law.states), len(shown), row=2.4 if len(law.states) == 1 else 1.5, gap=0.18, between=0.2)
        panels = figure.subplots(len(law.states), len(shown), sharex="col", sharey="row", squeeze=False)
        for column, stretch in enumerate(shown):
            _column(list(panels[:, column]), law, stretch)
            panels[0, column].set_title(plain(stretch.trajectory, 24) if len(stretches) > 1 else "")
        for name, unit, axes in zip(law.states, law.units, panels[:, 0], strict=False):
            axes.set_ylabel(label(name, unit, limit=18, between="\n"))
        legend_on_top(figure, panels.ravel())
        return draw(figure, "paths", _caption(law))


def _column(panels: "list[Axes]", law: Law, stretch: Stretch) -> None:
    time, measured = stretch.time[:MOST_SAMPLES], stretch.measured[:, :MOST_SAMPLES]
    ensemble = _ensemble(law, time, measured)
    for row, axes in enumerate(panels):
        if ensemble is not None:
            low, high = np.nanquantile(ensemble[:, row], [LOW, HIGH], axis=0)
            axes.fill_between(
                time, low, high, color=LAW, alpha=0.16, linewidth=0.0, label="nine paths in ten", zorder=1
            )
            for path in ensemble[:N_SHOWN, row]:
                axes.plot(time, path, color=LAW, linewidth=0.7, alpha=0.8, label="the law, sample paths", zorder=2)
        axes.plot(time, measured[row], color=INK, linewidth=0.9, label="measured", zorder=3)
        axes.axhline(0.0, color=MUTED, linewidth=0.4, zorder=0)
    panels[-1].set_xlabel(label(law.time, law.time_unit))


def _ensemble(law: Law, time: Array, measured: Array) -> Array | None:
    """Return paths from the first measured state, shape (n_paths, n_states, n_samples); None where none can be run."""
    d = len(law.states)
    inputs = {name: measured[d + at] for at, name in enumerate(law.inputs)}
    try:
        run = simulate(law, measured[:d, 0], time, inputs, seed=SEED, n_paths=N_PATHS)
    except InputError:
        return None
    found = np.stack([run[name].values.reshape(N_PATHS, len(time)) for name in law.states], axis=1)
    return found if np.isfinite(found).all(axis=(1, 2)).sum() > N_PATHS / 2 else None


def _caption(law: Law) -> str:
    return (
        f"The measured path of {', '.join(law.states)} against {law.time} (its first {MOST_SAMPLES} samples at most), "
        f"beside {N_SHOWN} paths of the law from the same start and the band that holds nine in ten of {N_PATHS}. No "
        "path of the law follows the measured one: it should look like one of them."
    )
