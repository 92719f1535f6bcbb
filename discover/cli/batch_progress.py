"""How a batch goes on: a bar for it and a line for every job at work on a terminal, else a plain line a job."""

import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from discover.cli.exits import say

if TYPE_CHECKING:
    from discover.batch.manifest import Record


def opening(n_left: int, n_kept: int, told: Sequence[str]) -> list[str]:
    """Return the lines that a batch begins with.

    >>> opening(3, 2, ["b is done again: failed before"])
    ['3 jobs to do, 2 complete already', 'note: b is done again: failed before']
    """
    kept = f", {n_kept} complete already" if n_kept else ""
    return [f"{n_left} {'job' if n_left == 1 else 'jobs'} to do{kept}", *(f"note: {line}" for line in told)]


def closing(record: "Record") -> str:
    """Return the line of a job that has ended."""
    answer = record.answer
    word = answer.verdict if answer.status == "done" else f"{answer.status}: {answer.error}"
    return f"{record.job}: {word} ({answer.seconds:.1f} s)"


class Lines:
    """A line for every job that ends, on standard error."""

    def __init__(self) -> None:
        self.n, self.done = 0, 0

    def begins(self, n_left: int, n_kept: int, told: Sequence[str]) -> None:
        """Say how many jobs there are to do."""
        self.n = n_left
        for line in opening(n_left, n_kept, told):
            say(line)

    def step(self, job: str, what: str, share: float) -> None:
        """Say nothing: a log is no place for steps."""

    def ends(self, record: "Record") -> None:
        """Say what a job came to."""
        self.done += 1
        say(f"[{self.done}/{self.n}] {closing(record)}")

    def checks(self, what: str, share: float) -> None:
        """Say nothing while the plan is checked."""


class Bars:
    """A bar for the batch, and under it a line for every job at work; for a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (BarColumn(bar_width=24), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
        self.progress = Progress(*columns, console=Console(file=sys.stderr), transient=True)
        self.turn = threading.Lock()
        self.whole = self.progress.add_task("checking the plan", total=1.0)
        self.at_work: dict[str, Any] = {}

    def __enter__(self) -> "Bars":
        self.progress.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.progress.stop()

    def checks(self, what: str, share: float) -> None:
        """Show how far the check of the plan is."""
        self.progress.update(self.whole, description=what, completed=share)

    def begins(self, n_left: int, n_kept: int, told: Sequence[str]) -> None:
        """Show a bar over all jobs."""
        first, *others = opening(n_left, n_kept, told)
        for line in others:
            self._print(line)
        self.progress.update(self.whole, description=first, total=max(n_left, 1), completed=0)

    def step(self, job: str, what: str, share: float) -> None:
        """Show what a job is at."""
        with self.turn:
            if job not in self.at_work:
                self.at_work[job] = self.progress.add_task(job, total=1.0)
            self.progress.update(self.at_work[job], description=f"{job}: {what}", completed=share)

    def ends(self, record: "Record") -> None:
        """Print what a job came to above the bars, and take its line away."""
        self._print(closing(record))
        with self.turn:
            if record.job in self.at_work:
                self.progress.remove_task(self.at_work.pop(record.job))
        self.progress.advance(self.whole)

    def _print(self, line: str) -> None:
        self.progress.console.print(line, markup=False, highlight=False)
