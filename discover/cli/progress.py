"""The progress line: on standard error, only on a terminal, only once a second has passed."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0
"""Seconds of silence: what is answered by then needs no line."""

COMPILING = "compiling kernels, once per installation"


def kernels_are_compiled() -> bool:
    """Return whether any compiled kernel of this version lies in the cache folder."""
    from discover_kernels.kernel import CACHE

    return any(CACHE.rglob("*.nbi"))


@contextmanager
def progress(first: str) -> Iterator[Callable[[str, float], None]]:
    """Show `first`, then what the observer it yields is told: a step and the share done, 0 to 1.

    Until the first kernels are compiled every step says so: they take about a minute, not the data.
    """
    if not sys.stderr.isatty():
        yield lambda step, share: None
        return
    suffix = "" if kernels_are_compiled() else f" ({COMPILING})"
    with _patient_line() as line:
        task = line.add_task(first + suffix, total=1.0)
        yield lambda step, share: line.update(task, description=step + suffix, completed=share)


def _patient_line() -> "Progress":
    # A class in a function: rich must not be imported by `discover --help`.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.text import Text

    shown_from = time.monotonic() + PATIENCE

    class PatientProgress(Progress):
        def get_renderable(self):
            return super().get_renderable() if time.monotonic() >= shown_from else Text("")

    columns = (BarColumn(bar_width=24), TimeElapsedColumn(), TextColumn("{task.description}"))
    return PatientProgress(*columns, console=Console(stderr=True), transient=True)
