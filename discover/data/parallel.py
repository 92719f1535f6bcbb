"""Work in threads whose results come in the order of the work, a bounded number of them waiting."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 32
"""Pieces of work that may be under way or done before the first of them is taken."""


def in_order(
    pool: ThreadPoolExecutor, function: Callable[[Item], Result], items: Iterable[Item], ahead: int = AHEAD
) -> Iterator[Result]:
    """Yield function(item) for every item, in their order, at most `ahead` of them at a time.

    Unlike `pool.map` it takes items as it needs them, so neither they nor the results have to fit in memory.

    >>> with ThreadPoolExecutor(2) as pool:
    ...     print(list(in_order(pool, abs, iter([-1, 2, -3]), ahead=2)))
    [1, 2, 3]
    """
    pending: deque[Future[Result]] = deque()
    for item in items:
        pending.append(pool.submit(function, item))
        if len(pending) >= ahead:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
