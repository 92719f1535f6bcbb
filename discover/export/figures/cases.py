"""The coefficients that differ from case to case, against the case or the number that it is labelled with."""

from typing import TYPE_CHECKING

import numpy as np

from discover.equation import Law
from discover.export.cases import Comparison, coefficient_names, comparisons, label_numbers
from discover.export.figures.drawing import ACCENT, INK, LAW, MUTED, Picture, draw, grid, label, plain, style
from discover.export.notation import left_typeset, written_names
from discover.export.text import term_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PANELS, ABREAST = 9, 3
NAMED = 8
"""Cases that are named one by one below the axis; more are counted."""


def cases(law: Law) -> Picture | None:
    """Draw each coefficient that differs, with its 95 % intervals; None where the law has no cases or none differs."""
    differing = [one for one in comparisons(law) if not one.is_shared] if law.cases else []
    if not differing:
        return None
    names, shown = coefficient_names(law), differing[:MOST_PANELS]
    n_columns = min(ABREAST, len(shown))
    n_rows = -(-len(shown) // n_columns)
    with style():
        figure = grid(n_rows, n_columns, row=1.9, gap=0.75, between=0.75)
        panels = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for axes, one, name in zip(panels, shown, names, strict=False):
            _panel(axes, law, one, name)
        for axes in panels[len(shown) :]:
            axes.set_visible(False)
        return draw(figure, "cases", _caption(law, len(shown), len(differing)))


def _panel(axes: "Axes", law: Law, one: Comparison, name: str) -> None:
    numbers = label_numbers(law.cases)
    x = np.arange(len(law.cases), dtype=float) if numbers is None else np.array(numbers)
    values = np.array([term.value for term in one.terms])
    low, high = (np.array([getattr(term, end) for term in one.terms]) for end in ("low", "high"))
    mean = _weighted_mean(values, np.array([term.std for term in one.terms]))
    if np.isfinite(mean):
        axes.axhline(mean, color=ACCENT, linewidth=1.0, linestyle="--", zorder=1)
    known = np.isfinite(low) & np.isfinite(high)
    axes.vlines(x[known], low[known], high[known], color=LAW, linewidth=2.0, zorder=2)
    axes.plot(x, values, "o", color=INK, markersize=4.0, zorder=3)
    if numbers is None:
        every = -(-len(x) // NAMED)
        axes.set_xticks(x[::every], [plain(text, 12) for text in law.cases[::every]])
        axes.set_xlim(-0.5, len(x) - 0.5)
    axes.set_xlabel(plain(law.by))
    term = plain(term_text(one.expr, written_names(one.equation), one.equation.axes), 16)
    axes.set_title(f"{plain(name, 18)} of {term} in {left_typeset(one.equation, plain(one.equation.target, 12))}")
    unit = one.terms[0].unit
    axes.set_ylabel(label("", unit, 24) if unit else "", color=MUTED)


def _weighted_mean(values: np.ndarray, std: np.ndarray) -> float:
    known = np.isfinite(std) & (std > 0)
    return float(np.average(values[known], weights=std[known] ** -2.0)) if known.any() else float("nan")


def _caption(law: Law, n_shown: int, n_differing: int) -> str:
    more = f" ({n_shown} of {n_differing} drawn)" if n_differing > n_shown else ""
    return (
        f"Coefficients that differ by {law.by}{more}: the estimate of each case with its 95 % interval. The dashed "
        "line is the mean over the cases, weighted by their precision; where a coefficient were one for all, nearly "
        "every interval would cross it."
    )
