"""The coefficients with their intervals, and what each term is worth."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from discover.equation import Equation, Law, Term
from discover.export.figures.drawing import (
    ACCENT,
    INK,
    LAW,
    MUTED,
    WIDTH,
    Picture,
    canvas,
    draw,
    plain,
    style,
)
from discover.export.importance import coefficients, label
from discover.export.notation import left_typeset, written_names
from discover.export.rounding import rounded
from discover.export.text import value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW, _FRAME = 0.26, 0.72
"""Inches for one term, and for what surrounds the terms of one equation."""

WIDEST = 3.0
"""Intervals reaching further from the estimate than this many estimates are cut off, with an arrow."""


def forest(law: Law) -> Picture | None:
    """Draw every 95 % interval as a multiple of its estimate; None where no interval is known."""
    equations = [equation for equation in law.all_equations if any(_is_known(term) for term in coefficients(equation))]
    if not equations:
        return None
    with style():
        figure = _stack(equations)
        panels = figure.subplots(len(equations), 1, squeeze=False, sharex=True, height_ratios=_heights(equations))
        for equation, axes in zip(equations, panels[:, 0], strict=True):
            _intervals(axes, equation)
        panels[-1, 0].set_xlabel("interval, as a multiple of the estimate")
        return draw(figure, "forest", _FOREST)


_FOREST = (
    "95 % intervals of the coefficients, each divided by its own estimate so that all can be compared: the point is "
    "the estimate, and an interval that reaches the line at 0 leaves it open whether the term belongs to the law. "
    "An arrow marks an interval that goes on beyond the frame."
)


def importance(law: Law) -> Picture | None:
    """Draw share and loss when dropped for every term; None where neither is known."""
    equations = [
        equation
        for equation in law.all_equations
        if any(math.isfinite(term.share) or math.isfinite(term.drop) for term in coefficients(equation))
    ]
    if not equations:
        return None
    with style():
        figure = _stack(equations)
        panels = figure.subplots(len(equations), 2, squeeze=False, sharey="row", height_ratios=_heights(equations))
        for equation, (left, right) in zip(equations, panels, strict=True):
            _bars(left, equation, [term.share for term in coefficients(equation)], LAW)
            _bars(right, equation, [term.drop for term in coefficients(equation)], ACCENT)
            left.set_title(left_typeset(equation, plain(equation.target)))
        panels[-1, 0].set_xlabel("share of the variance explained (Shapley)")
        panels[-1, 1].set_xlabel("loss of R² when the term is dropped")
        return draw(figure, "importance", _IMPORTANCE)


_IMPORTANCE = (
    "What each term is worth. Left: its Shapley share of the variance explained; the shares of an equation sum to its "
    "R². Right: how much R² is lost when the term is left out and the others are fitted again."
)


def _stack(equations: Sequence[Equation]) -> "Figure":
    return canvas(sum(_heights(equations)) + 0.35, WIDTH)


def _heights(equations: Sequence[Equation]) -> list[float]:
    return [_FRAME + _ROW * max(len(coefficients(equation)), 1) for equation in equations]


def _is_known(term: Term) -> bool:
    return math.isfinite(term.low) and math.isfinite(term.high) and term.value != 0


def _names(axes: "Axes", equation: Equation) -> None:
    names = [plain(label(term, equation, written_names(equation)), 34) for term in coefficients(equation)]
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


def _intervals(axes: "Axes", equation: Equation) -> None:
    _names(axes, equation)
    axes.set_title(left_typeset(equation, plain(equation.target)))
    axes.axvline(0.0, color=ACCENT, linewidth=1.2, linestyle="--")
    axes.axvline(1.0, color=MUTED, linewidth=0.8)
    side = axes.secondary_yaxis("right")
    side.set_yticks(range(len(coefficients(equation))), [_value(term) for term in coefficients(equation)])
    side.tick_params(axis="y", length=0)
    side.spines["right"].set_visible(False)
    for at, term in enumerate(coefficients(equation)):
        if _is_known(term):
            _interval(axes, at, term)


def _interval(axes: "Axes", at: int, term: Term) -> None:
    ends = sorted((term.low / term.value, term.high / term.value))
    low, high = max(ends[0], 1 - WIDEST), min(ends[1], 1 + WIDEST)
    axes.plot([low, high], [at, at], color=LAW, linewidth=2.2, solid_capstyle="butt")
    for end, cut, marker in ((ends[0], low, "<"), (ends[1], high, ">")):
        axes.plot([cut], [at], marker=marker if end != cut else "|", color=LAW, markersize=7, markeredgewidth=1.6)
    axes.plot([1.0], [at], "o", color=INK, markersize=4.5)


def _value(term: Term) -> str:
    unit = f" [{plain(term.unit, 26)}]" if term.unit else ""
    return value_text(rounded(term.value, term.std)) + unit


def _bars(axes: "Axes", equation: Equation, values: Sequence[float], colour: str) -> None:
    _names(axes, equation)
    known = np.array([value if math.isfinite(value) else 0.0 for value in values])
    axes.barh(range(len(values)), known, color=colour, height=0.62)
    axes.axvline(0.0, color=MUTED, linewidth=0.8)
    for at, value in enumerate(values):
        text = f"{value:.3f}" if math.isfinite(value) else "unknown"
        end = (max(known[at], 0.0), at)
        axes.annotate(text, end, xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_xlim(min(known.min(initial=0.0) * 1.15, 0.0), max(known.max(initial=0.0) * 1.18, 0.05))
