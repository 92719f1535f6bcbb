"""The front of choices: what each further bit of complexity buys."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from discover.equation import Law
from discover.export.choices import ChoiceRow, choices
from discover.export.figures.drawing import (
    ACCENT,
    INK,
    LAW,
    MUTED,
    WIDTH,
    Picture,
    canvas,
    draw,
    log_y,
    plain,
    style,
)
from discover.front import Front

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def tradeoff(law: Law, front: Front) -> Picture | None:
    """Draw loss and score against complexity for every target; None for an empty front."""
    rows = choices(law, front)
    if not rows:
        return None
    with style():
        figure = canvas(2.1 * len(front.targets) + 0.5, WIDTH)
        panels = figure.subplots(len(front.targets), 2, squeeze=False)
        for target, (left, right) in zip(front.targets, panels, strict=True):
            mine = [row for row in rows if row.target == target]
            _points(left, mine, [row.candidate.loss for row in mine])
            _points(right, mine, _behind(mine))
            left.set_title(f"{plain(target)}′")
            left.set_ylabel("loss")
            right.set_ylabel("score behind the best")
            if all(row.candidate.loss > 0 for row in mine):
                log_y(left)
            for axes in (left, right):
                axes.margins(0.06, 0.12)
                axes.xaxis.get_major_locator().set_params(integer=True)
        for axes in panels[-1]:
            axes.set_xlabel("complexity")
        named = _legend(panels)
        figure.legend(list(named.values()), list(named), loc="outside upper right", ncols=3)
        return draw(figure, "tradeoff", _CAPTION)


_CAPTION = (
    "Every candidate that the search kept: its loss, and how far its score lies behind the best, against its "
    "complexity. Lower is better in both. The ring marks the chosen row, crosses mark rows that a constraint refuses, "
    "and the line joins the best at each complexity."
)


def _behind(rows: Sequence[ChoiceRow]) -> list[float]:
    kept = [row.candidate.score for row in rows if not row.candidate.refusal and np.isfinite(row.candidate.score)]
    best = min(kept, default=0.0)
    return [row.candidate.score - best for row in rows]


def _points(axes: "Axes", rows: Sequence[ChoiceRow], values: Sequence[float]) -> None:
    kept = [(row.candidate.complexity, y) for row, y in zip(rows, values, strict=True) if not row.candidate.refusal]
    refused = [(row.candidate.complexity, y) for row, y in zip(rows, values, strict=True) if row.candidate.refusal]
    chosen = [(row.candidate.complexity, y) for row, y in zip(rows, values, strict=True) if row.chosen]
    lowest: dict[int, float] = {}
    for complexity, y in kept:
        lowest[complexity] = min(y, lowest.get(complexity, y))
    axes.plot(list(lowest), list(lowest.values()), color=MUTED, linewidth=0.9, zorder=1)
    for points, settings in (
        (kept, {"marker": "o", "s": 16, "color": INK, "label": "candidate", "zorder": 2}),
        (refused, {"marker": "x", "s": 26, "color": ACCENT, "linewidths": 1.3, "label": "refused", "zorder": 2}),
        (
            chosen,
            {"marker": "o", "s": 110, "facecolors": "none", "edgecolors": LAW, "linewidths": 2, "label": "chosen"},
        ),
    ):
        if points:
            axes.scatter(*zip(*points, strict=True), **settings)


def _legend(panels: np.ndarray) -> dict[str, Any]:
    """One entry for each kind of mark that occurs in any panel."""
    named: dict[str, Any] = {}
    for axes in panels.ravel():
        for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
            named.setdefault(name, handle)
    return named
