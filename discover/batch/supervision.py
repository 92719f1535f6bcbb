"""A process for one job, held to its limits of time and memory, and ended when it is not wanted any more."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from discover.batch.manifest import Answer, answer_from
from discover.batch.plan import Job
from discover.batch.schema import duration, memory

PATIENCE = 0.2
"""Seconds between two looks at a process."""

GRACE = 10.0
"""Seconds that a process has to write down its best so far once it is asked to end."""

ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
"""What keeps libraries from taking threads of their own: the jobs beside each other use the machine already."""

Observe = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Task:
    """A job, and where its files go."""

    job: Job
    folder: str


def supervise(
    task: Task, observe: Observe = lambda step, share: None, unwanted: Callable[[], int] = lambda: 0
) -> Answer:
    """Start a process for a job, wait for it, and return what it came to; it never outlives this call.

    Args:
        task: what to do.
        observe: told the step and the share done.
        unwanted: asked several times a second; at 1 the process is asked to end, and made to after a grace, at 2 it
            is ended at once.
    """
    settings, started = task.job.settings, time.monotonic()
    limits = _Limits(
        duration(settings["time_limit"]) if "time_limit" in settings else None,
        memory(settings["memory_limit"]) if "memory_limit" in settings else None,
    )
    with tempfile.TemporaryFile() as trouble, _process(task, limits, trouble) as process:
        watch = _Watch(process, limits, started)
        answer = watch.answer(observe, unwanted)
        if answer is None:
            answer = Answer(
                "interrupted" if watch.is_unwanted else "failed", watch.reason or _last_words(process, trouble)
            )
        elif watch.reason:
            answer = replace(answer, status="failed", error=f"{watch.reason}{_kept(answer)}")
    if answer.status == "interrupted" and not answer.error:
        answer = replace(answer, error=f"Interrupted.{_kept(answer)}")
    return replace(answer, seconds=round(time.monotonic() - started, 3), memory=watch.peak)


def _kept(answer: Answer) -> str:
    return " The best so far was written." if answer.files else ""


@dataclass(frozen=True, slots=True)
class _Limits:
    seconds: float | None
    memory: int | None


@contextmanager
def _process(task: Task, limits: _Limits, trouble: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the process of a job; however the block is left, the process is gone then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "discover.batch.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=trouble,
        env={**os.environ, **dict.fromkeys(ONE_THREAD, "1")},
        start_new_session=os.name == "posix",  # Ctrl-C is for whoever waits, who then tells the process
    )
    job = task.job
    order = {"job": job.name, "data": job.data, "settings": dict(job.settings), "folder": task.folder}
    try:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # one that died at once is told of by its exit code
            process.stdin.write(json.dumps(order | {"memory": limits.memory}).encode() + b"\n")
            process.stdin.flush()
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


@dataclass(slots=True)
class _Watch:
    """Listens to a process and holds it to its limits."""

    process: subprocess.Popen[bytes]
    limits: _Limits
    started: float
    reason: str = ""
    is_unwanted: bool = False
    peak: int = 0
    ends_by: float | None = None

    def answer(self, observe: Observe, unwanted: Callable[[], int]) -> Answer | None:
        """Return the last word of the process, or None where it ended without one."""
        lines: queue.Queue[bytes | None] = queue.Queue()
        assert self.process.stdout is not None
        threading.Thread(target=_listen, args=(self.process.stdout, lines), daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=PATIENCE)
            except queue.Empty:
                line = b""
            if line is None:
                with suppress(subprocess.TimeoutExpired):  # its exit code is told a moment later
                    self.process.wait(GRACE)
                return None
            message = _parsed(line)
            if "answer" in message:
                return answer_from(message["answer"])
            if "step" in message:
                observe(str(message["step"]), float(message["share"]))
            self._hold(unwanted)

    def _hold(self, unwanted: Callable[[], int]) -> None:
        now = time.monotonic()
        self.peak = max(self.peak, resident(self.process.pid))
        if self.limits.memory is not None and self.peak > self.limits.memory:
            self.reason = f"It took more than its limit of {_amount(self.limits.memory)} of memory, and was ended."
            self.process.kill()
        urgency = unwanted()
        self.is_unwanted |= bool(urgency)
        if urgency == 2 or (self.ends_by is not None and now > self.ends_by):
            self.process.kill()
        elif self.ends_by is not None:
            return
        elif urgency:
            self._ask_to_end(now)
        elif self.limits.seconds is not None and now - self.started > self.limits.seconds:
            self.reason = f"It took longer than its limit of {self.limits.seconds:g} s, and was ended."
            self._ask_to_end(now)

    def _ask_to_end(self, now: float) -> None:
        self.ends_by = now + GRACE
        self.process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)


def _listen(pipe: IO[bytes], lines: "queue.Queue[bytes | None]") -> None:
    with suppress(OSError, ValueError):
        for line in pipe:
            lines.put(line)
    lines.put(None)


def _parsed(line: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _last_words(process: subprocess.Popen[bytes], trouble: IO[bytes]) -> str:
    """Return what is known of a process that ended without an answer."""
    code = process.returncode
    how = f"ended with exit code {code}"
    if code is not None and code < 0:
        with suppress(ValueError):
            how = f"was killed by {signal.Signals(-code).name}"
        if code == -getattr(signal, "SIGKILL", 9):
            how += ", as happens where the machine runs out of memory"
    trouble.seek(max(0, trouble.seek(0, os.SEEK_END) - 2000))
    lines = trouble.read().decode("utf-8", "replace").strip().splitlines()
    last = f" Its last line: {lines[-1].strip()}" if lines else ""
    return f"Its process {how}.{last}"


def _amount(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.3g} GB"


def resident(pid: int) -> int:
    """Return the resident memory of a process in bytes, 0 where it cannot be told."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        pass
    if sys.platform != "darwin":
        return 0
    done = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return int(done.stdout.strip() or 0) * 1024
