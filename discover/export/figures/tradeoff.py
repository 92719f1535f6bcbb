"""The front of choices: what each further bit of complexity buys."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from discover.equation import Law
from discover.export.choices import ChoiceRow, choices, equation_of
from discover.export.figures.drawing import (
    ACCENT,
    INK,
    LAW,
    MUTED,
    Picture,
    draw,
    grid,
    legend_on_top,
    log_y,
    plain,
    style,
    symlog_y,
)
from discover.export.notation import left_typeset
from discover.front import Front

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def tradeoff(law: Law, front: Front) -> Picture | None:
    """Draw loss and score against complexity for every target; None for an empty front."""
    rows = choices(law, front)
    if not rows:
        return None
    with style():
        figure = grid(len(front.targets), 2, row=1.5, gap=0.5, between=0.9)
        panels = figure.subplots(len(front.targets), 2, squeeze=False)
        for target, (left, right) in zip(front.targets, panels, strict=True):
            _row(left, right, [row for row in rows if row.target == target])
            equation = equation_of(law, target)
            left.set_title(left_typeset(equation, plain(equation.target)))
        for axes in panels[-1]:
            axes.set_xlabel("complexity")
        legend_on_top(figure, panels.ravel())
        return draw(figure, "tradeoff", _CAPTION)


NEAR = 10.0
"""Differences of score up to this are drawn to scale, larger ones logarithmically: rivals are told apart near 0."""

_CAPTION = (
    "Every candidate that the search kept: its loss, and how far its score lies behind the best, against its "
    "complexity. Lower is better in both; large differences of score are drawn logarithmically. The ring marks the "
    "chosen row, crosses mark rows that a constraint refuses, and the line joins the best at each complexity."
)


def _row(left: "Axes", right: "Axes", rows: Sequence[ChoiceRow]) -> None:
    """Draw one target: its losses on the left, its scores on the right."""
    losses, scores = [row.candidate.loss for row in rows], _behind(rows)
    _points(left, rows, losses)
    _points(right, rows, scores)
    known = [loss for loss in losses if np.isfinite(loss)]
    if known and min(known) > 0:
        log_y(left, known)
    if any(np.isfinite(score) and abs(score) > 10 * NEAR for score in scores):
        symlog_y(right, NEAR)
    left.set_ylabel("loss")
    right.set_ylabel("score behind best")
    for axes in (left, right):
        _frame(axes, rows)


def _frame(axes: "Axes", rows: Sequence[ChoiceRow]) -> None:
    """Whole numbers across, and room around a single point."""
    from matplotlib.ticker import MaxNLocator

    sizes = [row.candidate.complexity for row in rows] or [0]
    room = max(1.0, 0.06 * (max(sizes) - min(sizes)))
    axes.set_xlim(min(sizes) - room, max(sizes) + room)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.margins(y=0.12)
    if not axes.collections:
        axes.set_yticks([])
        axes.text(0.5, 0.5, "nothing to show", transform=axes.transAxes, ha="center", color=MUTED)


def _behind(rows: Sequence[ChoiceRow]) -> list[float]:
    kept = [row.candidate.score for row in rows if not row.candidate.refusal and np.isfinite(row.candidate.score)]
    best = min(kept, default=0.0)
    return [row.candidate.score - best for row in rows]


def _points(axes: "Axes", rows: Sequence[ChoiceRow], values: Sequence[float]) -> None:
    points = [(row, (row.candidate.complexity, y)) for row, y in zip(rows, values, strict=True) if np.isfinite(y)]
    kept = [point for row, point in points if not row.candidate.refusal]
    refused = [point for row, point in points if row.candidate.refusal]
    chosen = [point for row, point in points if row.chosen]
    lowest: dict[int, float] = {}
    for complexity, y in kept:
        lowest[complexity] = min(y, lowest.get(complexity, y))
    axes.plot(list(lowest), list(lowest.values()), color=MUTED, linewidth=0.9, zorder=1)
    for marks, settings in (
        (kept, {"marker": "o", "s": 16, "color": INK, "label": "candidate", "zorder": 2}),
        (refused, {"marker": "x", "s": 26, "color": ACCENT, "linewidths": 1.3, "label": "refused", "zorder": 2}),
        (
            chosen,
            {"marker": "o", "s": 110, "facecolors": "none", "edgecolors": LAW, "linewidths": 2, "label": "chosen"},
        ),
    ):
        if marks:
            axes.scatter(*zip(*marks, strict=True), **settings)
