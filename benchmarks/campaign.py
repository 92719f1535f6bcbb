"""Campaign: runs a suite's cases, counts what fails, shows how far it is, and resumes where it stopped."""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.plan import Record

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Case:
    """One run: a key that no other case of the suite has, and the arguments of the function that runs it."""

    key: str
    arguments: tuple[object, ...]


@dataclass(slots=True)
class Campaign:
    """Runs cases and keeps their records.

    Attributes:
        jobs: cases run at the same time; each job is a process with one BLAS thread.
        deadline: `time.monotonic()` after which no case is started, None for never.
        keep: called with all records whenever some are new, so that a run can resume.
        records: what has been measured, by key; filled from a file to resume.
        interrupted: whether a keyboard interrupt ended it.
    """

    jobs: int = 1
    deadline: float | None = None
    keep: Callable[[Mapping[str, Record]], None] = lambda records: None
    records: dict[str, Record] = field(default_factory=dict)
    interrupted: bool = False

    def run(self, name: str, function: Callable[..., Record], cases: Sequence[Case]) -> dict[str, Record]:
        """Return the records of the cases by key; a case that was not finished has none.

        A case that raises, or whose process dies, is recorded with its error, never dropped.
        """
        if len({case.key for case in cases}) != len(cases):
            raise ValueError(f"Two cases of {name} have the same key.")
        waiting = [case for case in cases if case.key not in self.records]
        with _progress(name, len(cases), len(cases) - len(waiting)) as advance:
            for case, record in self._outcomes(function, waiting):
                self.records[case.key] = record
                self.keep(self.records)
                advance()
        return {case.key: self.records[case.key] for case in cases if case.key in self.records}

    def here(self, key: str, measure: Callable[[], Record]) -> Record:
        """Return the record of one measurement that needs this process to itself, measured unless it is known.

        Unlike `run` it lets errors out: a measurement of speed that fails leaves nothing to tabulate.
        """
        if key not in self.records:
            self.records[key] = measure()
            self.keep(self.records)
        return self.records[key]

    def _outcomes(self, function: Callable[..., Record], cases: Sequence[Case]) -> Iterator[tuple[Case, Record]]:
        """Yield records as they come; at most `jobs` cases are under way, so that nothing queued is lost."""
        todo = list(reversed(cases))
        with one_thread_children():
            while todo and not self._over():
                pool = ProcessPoolExecutor(self.jobs, multiprocessing.get_context("spawn"))
                try:
                    yield from self._until_broken(pool, function, todo)
                except KeyboardInterrupt:
                    self.interrupted = True
                finally:
                    pool.shutdown(wait=not self.interrupted, cancel_futures=True)

    def _until_broken(
        self, pool: ProcessPoolExecutor, function: Callable[..., Record], todo: list[Case]
    ) -> Iterator[tuple[Case, Record]]:
        running: dict[Future[Record], Case] = {}
        broken = False
        while running or (todo and not broken and not self._over()):
            while todo and len(running) < self.jobs and not broken and not self._over():
                case = todo.pop()
                running[pool.submit(_guarded, function, case.arguments)] = case
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                error = future.exception()
                broken = broken or isinstance(error, BrokenProcessPool)
                yield (
                    running.pop(future),
                    future.result() if error is None else {"error_text": f"process died: {error}"},
                )

    def _over(self) -> bool:
        return self.interrupted or (self.deadline is not None and time.monotonic() >= self.deadline)


def _guarded(function: Callable[..., Record], arguments: tuple[object, ...]) -> Record:
    try:
        return function(*arguments)
    except Exception as error:  # a benchmark counts every failure, whatever its kind
        return {"error_text": f"{type(error).__name__}: {error}"}


@contextmanager
def one_thread_children() -> Iterator[None]:
    """Let the processes started inside use one BLAS thread each, so that jobs do not fight for cores."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _progress(name: str, total: int, done: int) -> Iterator[Callable[[], None]]:
    """Yield what is called after every case; the bar is drawn on standard error, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=total, completed=done)
        yield lambda: bar.advance(task)
