"""One search a target: in threads, in a fixed order, under a shared budget."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from discover.contract import Budget, Observer
from discover.inference.candidates import Stop

T = TypeVar("T")


def share_of(budget: Budget, n_targets: int) -> Budget:
    """Return the budget of each target; evaluations are divided evenly, so that threads cannot race for them."""
    return budget if budget.max_evals is None else replace(budget, max_evals=max(1, budget.max_evals // n_targets))


def over_targets(
    one: Callable[[int, Stop], T],
    n_targets: int,
    n_jobs: int | None,
    share: Budget,
    observe: Observer,
) -> tuple[list[T], bool]:
    """Search all targets in threads, in a fixed order; an interrupt makes each return what it has."""
    interrupted = threading.Event()

    def run(target: int) -> T:
        return one(target, lambda n_fits: interrupted.is_set() or share.spent(n_fits))

    found: list[T] = []
    with ThreadPoolExecutor(max_workers=min(n_targets, n_jobs or os.cpu_count() or 1)) as pool:
        pending = [pool.submit(run, target) for target in range(n_targets)]
        for done, future in enumerate(pending, start=1):
            try:
                found.append(future.result())
                observe("candidates", done / n_targets)
            except KeyboardInterrupt:
                interrupted.set()
                found[done - 1 :] = [future.result()]
    return found, interrupted.is_set()
