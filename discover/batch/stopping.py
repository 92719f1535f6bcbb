"""Ctrl-C and a polite kill, as a wish that is asked for instead of an exception that may strike anywhere."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Stop:
    """How urgently the end is wished for: 0 not at all, 1 once what runs has written its best, 2 at once."""

    urgency: int = 0

    def __call__(self) -> int:
        return self.urgency

    def ask(self) -> None:
        """Wish for the end, or for a sooner one."""
        self.urgency = min(2, self.urgency + 1)


@contextmanager
def listening() -> Iterator[Stop]:
    """Yield a wish to stop that Ctrl-C and SIGTERM make more urgent while the block lasts.

    Only the main thread hears signals; elsewhere, and where Ctrl-C is ignored on purpose, nothing changes.
    """
    stop, before = Stop(), {}

    def heard(number: int, frame: Any) -> None:
        stop.ask()

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, heard)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
