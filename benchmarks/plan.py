"""Plan and Table: what a suite is told, and what it answers with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Record = dict[str, Any]
"""What one case measured, in JSON's types; a case that raised holds the one key "error_text"."""

UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to run, and on what.

    Attributes:
        tier: "fast" (minutes) or "full" (hours).
        seed: the first seed of every case; fresh by default.
        n_seeds: repeats of every case, None for the suite's own number.
        peers: names of the peers to run beside.
        data: folder of prepared data that are not part of the repository.
        only: run only cases whose key contains this text.
        jobs: cases run at the same time, each in a process of its own.
        clock: what budgets count, "wall" or "cpu": the latter for a machine that others use too.
    """

    tier: str = "fast"
    seed: int = 0
    n_seeds: int | None = None
    peers: tuple[str, ...] = ()
    data: Path | None = None
    only: str = ""
    jobs: int = 1
    clock: str = "wall"

    @property
    def full(self) -> bool:
        return self.tier == "full"

    def seeds(self, usual: int) -> range:
        """Return the seeds of a suite that usually takes `usual` of them.

        >>> Plan(seed=7).seeds(3), Plan(seed=7, n_seeds=1).seeds(3)
        (range(7, 10), range(7, 8))
        """
        return range(self.seed, self.seed + (self.n_seeds or usual))


@dataclass(frozen=True, slots=True)
class Table:
    """Figures with a heading: every cell is text, and a note says what it means."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f'"{self.title}" has {len(self.columns)} columns, and a row of {len(row)}: {row}')

    def markdown(self) -> str:
        """Return the table as Markdown, under its title.

        >>> print(Table("T", ("a", "b"), (("1", "2"),), "n").markdown())
        **T**
        <BLANKLINE>
        | a | b |
        |---|---|
        | 1 | 2 |
        <BLANKLINE>
        n
        """
        lines = [_line(self.columns), "|" + "---|" * len(self.columns), *map(_line, self.rows)]
        return "\n".join([f"**{self.title}**", "", *lines, *(["", self.note] if self.note else [])])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
