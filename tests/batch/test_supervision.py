"""Real processes, held to their limits: killed, too slow, too large, not wanted any more."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from discover.batch import schema
from discover.batch.manifest import LAW, Answer
from discover.batch.plan import Job
from discover.batch.supervision import Task, resident, supervise
from tests.batch.conftest import children, endless, is_alive


@pytest.fixture
def slow(tmp_path: Path) -> Task:
    """Return a task that reads for hours."""
    return Task(Job("slow", (str(endless(tmp_path / "slow.csv")),), {}), str(tmp_path / "slow"))


def in_background(task: Task, **options: object) -> tuple[threading.Thread, list[Answer], list[int]]:
    """Start to supervise a task in a thread, and return once its process is at work."""
    answers: list[Answer] = []
    at_work = threading.Event()
    before = set(children(os.getpid()))
    thread = threading.Thread(
        target=lambda: answers.append(supervise(task, lambda step, share: at_work.set(), **options))  # pyright: ignore
    )
    thread.start()
    assert at_work.wait(60)
    return thread, answers, sorted(set(children(os.getpid())) - before)


def test_a_killed_process_is_a_failure_with_a_reason(slow: Task) -> None:
    thread, answers, (pid,) = in_background(slow)
    os.kill(pid, signal.SIGKILL)
    thread.join()
    (answer,) = answers
    assert answer.status == "failed"
    assert answer.error.startswith(
        "Its process was killed by SIGKILL, as happens where the machine runs out of memory."
    )
    assert answer.seconds > 0


def test_what_is_not_wanted_any_more_ends(slow: Task) -> None:
    wish = [0]
    thread, answers, (pid,) = in_background(slow, unwanted=lambda: wish[0])
    wish[0] = 1
    thread.join()
    assert answers[0].status == "interrupted"
    assert answers[0].error == "Interrupted."
    assert not is_alive(pid)


def test_a_limit_of_time_ends_a_process(slow: Task) -> None:
    job = Job("slow", slow.job.data, {"time_limit": "1s"})
    started = time.monotonic()
    answer = supervise(Task(job, slow.folder))
    assert answer.status == "failed"
    assert answer.error == "It took longer than its limit of 1 s, and was ended."
    assert time.monotonic() - started < 30
    assert answer.memory > 10**7


def test_a_limit_of_memory_ends_a_process(slow: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "LEAST_MEMORY", 0)
    answer = supervise(Task(Job("slow", slow.job.data, {"memory_limit": 15_000_000}), slow.folder))
    assert answer.status == "failed"
    assert "memory" in answer.error


def test_data_that_are_gone_are_a_failure_with_their_name(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    folder.mkdir()
    (folder / LAW).write_text("of yesterday")
    answer = supervise(Task(Job("a", (str(tmp_path / "gone.csv"),), {}), str(folder)))
    assert answer.status == "failed"
    assert "gone.csv" in answer.error
    assert list(folder.iterdir()) == [], "what an earlier run left must not pass for the answer of this one"


def test_the_memory_of_a_process_is_known_while_it_lives() -> None:
    assert resident(os.getpid()) > 10**7
    assert resident(2**22 + 1) == 0
