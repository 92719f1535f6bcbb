"""The front while a search for formulas goes on: a table on a terminal, now and then a line elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from discover.cli.exits import say
from discover.cli.progress import COMPILING, PATIENCE, kernels_are_compiled

if TYPE_CHECKING:
    from rich.console import Group

    from discover.contract import Choice

EVERY, EVERY_LINE = 0.5, 5.0
"""Seconds between two tables, and between two lines."""

MOST_ROWS = 12


@dataclass(slots=True)
class Shown:
    """What was shown last.

    Attributes:
        limit: seconds that the search may take, None for no limit.
        stage, share: what the search does, and the share done.
        rows: the front.
        best: formulas that lead, as they were told last in a line.
        began: when; `said` when something was shown last.
    """

    limit: float | None
    stage: str = "reading"
    share: float = 0.0
    rows: "Sequence[Choice]" = ()
    best: tuple[str, ...] = ()
    began: float = field(default_factory=lambda: time.monotonic())
    said: float = field(default_factory=lambda: time.monotonic())

    def told(self, step: str, share: float, every: float) -> bool:
        """Take in a step, and return whether it is time to show it."""
        self.stage, self.share = step, share
        now = time.monotonic()
        if now - self.said < every or now - self.began < PATIENCE:
            return False
        self.said = now
        front = getattr(step, "front", None)
        self.rows = front() if front is not None else self.rows
        return True

    @property
    def heading(self) -> str:
        """The stage and the time, and how much of it is left."""
        gone = time.monotonic() - self.began
        if self.limit is None:
            return f"{self.stage} · {gone:.0f} s"
        return f"{self.stage} · {gone:.0f} s, {max(self.limit - gone, 0.0):.0f} s left"


@contextmanager
def live(limit: float | None) -> Iterator[Callable[[str, float], None]]:
    """Show what the observer that it yields is told: the stage, the time left, and the best formula of every size.

    Args:
        limit: seconds that the search may take, None for no limit.
    """
    shown = Shown(limit)
    if sys.stderr.isatty():
        with _table(shown) as observe:
            yield observe
        return
    yield lambda step, share: _line(shown, step, share)


def _line(shown: Shown, step: str, share: float) -> None:
    """Say the formulas that lead, where they are others than at the last time."""
    if not shown.told(step, share, EVERY_LINE):
        return
    best = tuple(f"{row.target} = {row.formula}" for row in shown.rows if row.is_best)
    if best != shown.best:
        shown.best = best
        said = "; ".join(f"{text} (loss {row.loss:.2g})" for text, row in zip(best, _leading(shown.rows), strict=True))
        say(f"discover: {shown.heading}: {said}")


def _leading(rows: "Sequence[Choice]") -> "list[Choice]":
    return [row for row in rows if row.is_best]


@contextmanager
def _table(shown: Shown) -> Iterator[Callable[[str, float], None]]:
    from rich.console import Console
    from rich.live import Live

    note = "" if kernels_are_compiled() else f" ({COMPILING})"
    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as screen:

        def observe(step: str, share: float) -> None:
            if shown.told(step, share, EVERY):
                screen.update(drawn(shown, note, screen.console.width), refresh=True)

        yield observe


def drawn(shown: Shown, note: str, width: int) -> "Group":
    """Return the heading and the front as a table, the longest formulas shortened to a width in characters."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("", no_wrap=True)
    for name in ("complexity", "loss"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("formula", no_wrap=True)
    for row in thinned(shown.rows):
        text = f"{row.target} = {row.formula}"
        most = max(width - 28, 20)
        text = text if len(text) <= most else text[: most - 1] + "…"
        style = "bold" if row.is_best else ""
        mark = "→" if row.is_best else ""
        table.add_row(mark, f"{row.complexity:g}", f"{row.loss:.3g}", Text(text), style=style)
    return Group(Text(f"{shown.heading}{note} · Ctrl-C ends it with the best so far", style="dim"), table)


def thinned(rows: "Sequence[Choice]") -> "list[Choice]":
    """Return at most some rows of a front: those that lead, and those beside them."""
    if len(rows) <= MOST_ROWS:
        return list(rows)
    lead = [at for at, row in enumerate(rows) if row.is_best] or [len(rows) - 1]
    near = sorted(range(len(rows)), key=lambda at: (min(abs(at - one) for one in lead), at))[:MOST_ROWS]
    return [rows[at] for at in sorted(near)]
