"""Fields beside their simulation: whole movies along one space axis as images, key frames in a plane."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from discover.equation import Law, Patch
from discover.export.figures.drawing import WIDTH, Picture, canvas, draw, label, plain, style
from discover.export.rounding import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

MOST_STATES = 3
KEY_FRAMES = 4

UNKNOWN = "#b8bec6"
"""The grey of what was not measured, or could not be simulated."""


def movie(law: Law) -> Picture | None:
    """Draw the first patch of a law over space; None where the law carries no field."""
    if not law.evidence.fields or not law.evidence.fields[0].measured.size:
        return None
    patch = law.evidence.fields[0]
    with style():
        figure = _images(law, patch) if len(patch.axes) == 2 else _frames(law, patch)
        return draw(figure, "movie", _caption(law, patch))


def n_shown(law: Law) -> int:
    """Return how many states of a law are drawn.

    >>> from discover.export.specimen import specimen
    >>> n_shown(specimen()[0])
    2
    """
    return min(len(law.states), MOST_STATES)


def is_simulated(patch: Patch) -> bool:
    """Return whether there is any simulation to show."""
    return bool(np.isfinite(patch.simulated).any())


def key_frames(patch: Patch) -> list[int]:
    """Return the numbers of a few frames, from the first to the last, evenly apart.

    >>> t, u = np.arange(10.0), np.zeros((1, 10, 3))
    >>> key_frames(Patch("a", ("t", "x"), (t, np.arange(3.0)), u, u))
    [0, 3, 6, 9]
    """
    n = len(patch.coordinates[0])
    return sorted(set(np.linspace(0, n - 1, min(n, KEY_FRAMES)).round().astype(int).tolist()))


def _images(law: Law, patch: Patch) -> "Figure":
    """Draw time across and space up: measured, simulated, and their difference."""
    titles = ["measured", "the law, simulated", "measured − simulated"] if is_simulated(patch) else ["measured"]
    figure = canvas(2.5 * n_shown(law) + 0.3, WIDTH if len(titles) > 1 else 0.6 * WIDTH)
    panels = figure.subplots(n_shown(law), len(titles), squeeze=False, sharex=True, sharey=True)
    t, x = patch.coordinates
    for state, row in enumerate(panels):
        measured, simulated = patch.measured[state], patch.simulated[state]
        shades = _shades([measured, simulated])
        images = [
            _paint(axes, t, x, values.T, shades) for axes, values in zip(row[:2], (measured, simulated), strict=False)
        ]
        _bar(figure, images[0], row[:2], label(law.names[state], law.units[state], 24))
        if len(titles) > 1:
            apart = measured - simulated
            image = _paint(row[2], t, x, apart.T, _about_zero([apart]))
            _bar(figure, image, row[2:], label("difference", law.units[state], 24))
        row[0].set_ylabel(label(law.space[0], law.axis_units[1], 18))
    for axes, title in zip(panels[0], titles, strict=True):
        axes.set_title(title)
    for axes in panels[-1]:
        axes.set_xlabel(label(law.time, law.time_unit, 18))
    return figure


def _frames(law: Law, patch: Patch) -> "Figure":
    """Draw a few moments, each with what was measured over what was simulated."""
    moments, kinds = key_frames(patch), ["measured", "simulated"] if is_simulated(patch) else ["measured"]
    n_rows = n_shown(law) * len(kinds)
    figure = canvas(1.95 * n_rows + 0.4, WIDTH)
    panels = figure.subplots(n_rows, len(moments), squeeze=False, sharex=True, sharey=True)
    x, y = patch.coordinates[1:3]
    for state in range(n_shown(law)):
        rows = panels[state * len(kinds) : (state + 1) * len(kinds)]
        seen = [_plane(getattr(patch, kind)[state]) for kind in kinds]
        shades = _shades(seen)
        images = []
        for row, kind, values in zip(rows, kinds, seen, strict=True):
            images += [_paint(axes, x, y, values[moment].T, shades) for axes, moment in zip(row, moments, strict=True)]
            row[0].set_ylabel(f"{kind}\n{label(law.space[1], law.axis_units[2], 16)}")
        _bar(figure, images[0], rows.ravel(), label(law.names[state], law.units[state], 24))
    for axes, moment in zip(panels[0], moments, strict=True):
        axes.set_title(moment_text(law, patch.coordinates[0][moment]))
    for axes in panels[-1]:
        axes.set_xlabel(label(law.space[0], law.axis_units[1], 16))
    return figure


def moment_text(law: Law, time: float) -> str:
    """Return a moment with its unit.

    >>> from discover.export.specimen import specimen
    >>> moment_text(specimen()[0], 1901.5)
    'year = 1902'
    """
    unit = f" {plain(law.time_unit, 8)}" if law.time_unit and law.time_unit != law.time else ""
    return f"{plain(law.time, 10)} = {number(time)}{unit}"


def _plane(values: Array) -> Array:
    """Return the field over time and two axes of space, cut through the middle of all further ones."""
    while values.ndim > 3:
        values = values[..., values.shape[-1] // 2]
    return values


def _shades(fields: Sequence[Array]) -> dict[str, Any]:
    """Return colours that all of some fields share: about zero where they swing to either side of it."""
    known = np.concatenate([values[np.isfinite(values)] for values in fields])
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if min(-low, high) > 0.25 * max(-low, high):
        return _about_zero(fields)
    # A simulation that runs away must not wash out the data.
    first = fields[0][np.isfinite(fields[0])]
    if first.size and np.ptp(first) > 0:
        low = max(low, float(first.min() - np.ptp(first)))
        high = min(high, float(first.max() + np.ptp(first)))
    return {"cmap": "viridis", "vmin": low, "vmax": high if high > low else low + 1.0}


def _about_zero(fields: Sequence[Array]) -> dict[str, Any]:
    known = np.abs(fields[0][np.isfinite(fields[0])])
    reach = float(known.max()) if known.size and known.max() > 0 else 1.0
    return {"cmap": "RdBu_r", "vmin": -reach, "vmax": reach}


def _paint(axes: "Axes", across: Array, up: Array, values: Array, shades: dict[str, Any]) -> Any:
    """Draw values (n_up, n_across) as an image on any rectilinear grid; what is not known stays grey."""
    axes.set_facecolor(UNKNOWN)
    axes.grid(visible=False)
    shown = np.ma.masked_invalid(values)
    return axes.pcolormesh(across, up, shown, shading="nearest", rasterized=True, **shades)


def _bar(figure: "Figure", image: Any, panels: Any, words: str) -> None:
    bar = figure.colorbar(image, ax=list(panels), aspect=18, pad=0.02, fraction=0.08)
    bar.outline.set_visible(False)
    if bar.solids is not None:  # one picture, not a path for each of its shades
        bar.solids.set_rasterized(True)
    bar.set_label(words)


def _caption(law: Law, patch: Patch) -> str:
    """Say what is seen, for every reader."""
    shown = ", ".join(law.states[: n_shown(law)])
    axes = ", ".join(patch.axes)
    kind = f"against {axes}, as images" if len(patch.axes) == 2 else f"over {', '.join(patch.axes[1:])} at key moments"
    words = f"The measured field {shown} {kind}"
    if is_simulated(patch):
        words += f", beside the law simulated from the first frame. {difference_text(law, patch)}"
    else:
        words += ". There is no simulation to show."
    if len(patch.axes) == 4:
        words += f" A cut through the middle of {patch.axes[3]}."
    if len(law.evidence.fields) > 1:
        words += f" One of {len(law.evidence.fields)} recordings: {patch.trajectory}."
    if len(law.states) > MOST_STATES:
        words += f" {MOST_STATES} of {len(law.states)} fields are shown."
    return words + _grey(patch)


def difference_text(law: Law, patch: Patch) -> str:
    """Return how far the simulation is from the data, a sentence for each state.

    Both as a root mean square, and as a share of the field's own scatter about its mean.
    """
    n = n_shown(law)
    told = []
    for name, unit, x, z in zip(law.states, law.units, patch.measured[:n], patch.simulated[:n], strict=False):
        both = np.isfinite(x) & np.isfinite(z)
        if not both.any():
            continue
        error, spread = float(np.sqrt(np.mean((x - z)[both] ** 2))), float(np.std(x[both]))
        share = f", {number(100 * error / spread, 2)} % of its scatter" if spread > 0 else ""
        told.append(f"{name} differs by {number(error, 2)}{f' {unit}' if unit else ''} (root mean square{share})")
    return "; ".join(told) + "." if told else ""


def _grey(patch: Patch) -> str:
    if np.isfinite(patch.measured).all() and (np.isfinite(patch.simulated).all() or not is_simulated(patch)):
        return ""
    return " Grey is what was not measured, or what the simulation did not reach."
