"""The jobs of a batch on this machine: so many processes at once, one a job."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from discover.batch.manifest import Answer
from discover.batch.stopping import Stop
from discover.batch.supervision import Task, supervise

Step = Callable[[str, str, float], None]
"""Told the name of a job, its step and the share done."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def on_this_machine(tasks: Sequence[Task], n_jobs: int, step: Step, stop: Stop) -> Iterator[tuple[Task, Answer]]:
    """Yield every task with what it came to, in the order in which they end; none is begun once `stop` is asked.

    Whoever leaves early ends the processes at once.
    """
    waiting = iter(tasks)
    running: dict[Future[Answer], Task] = {}

    def begin(pool: ThreadPoolExecutor) -> None:
        task = next(waiting, None) if not stop() else None
        if task is not None:
            name = task.job.name
            step(name, "starting", 0.0)
            running[pool.submit(supervise, task, lambda what, share: step(name, what, share), stop)] = task

    with ThreadPoolExecutor(n_jobs) as pool:
        try:
            for _ in range(n_jobs):
                begin(pool)
            while running:
                ended, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    yield running.pop(future), future.result()
                    begin(pool)
        finally:
            if running:
                stop.urgency = 2
