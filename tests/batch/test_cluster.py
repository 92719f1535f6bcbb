"""Jobs as tasks of a real Dask cluster of two processes, one of which is killed."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from discover.batch.cluster import _received, on_cluster
from discover.batch.manifest import Answer
from discover.batch.plan import Job
from discover.batch.stopping import Stop
from discover.batch.supervision import Task
from discover.errors import SettingError
from tests.batch.conftest import children, endless

distributed = pytest.importorskip("distributed", reason="pip install 'discover-equations[dask]'")


@pytest.fixture
def address() -> Iterator[str]:
    """Return the address of a scheduler with two workers, each a process with one thread."""
    options: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    with distributed.LocalCluster(**options, silence_logs="CRITICAL") as cluster:
        yield cluster.scheduler_address


@pytest.mark.filterwarnings("ignore")  # of Dask's own, about a worker that we kill
def test_a_job_outlives_its_worker_and_ends_with_its_batch(address: str, tmp_path: Path) -> None:
    jobs = [Job("gone", (str(tmp_path / "gone.csv"),), {}), Job("slow", (str(endless(tmp_path / "s.csv")),), {})]
    begun: list[str] = []
    stop, answers = Stop(), dict[str, Answer]()

    def run() -> None:
        tasks = [Task(job, str(tmp_path / "out" / job.name)) for job in jobs]
        for task, answer in on_cluster(address, tasks, lambda job, what, share: begun.append(f"{job} {what}"), stop):
            answers[task.job.name] = answer

    batch = threading.Thread(target=run)
    batch.start()
    wait_for(lambda: "gone" in answers and "slow reading" in begun)
    worker, child = at_work()
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: begun.count("slow reading") == 2)
    wait_for(lambda: not Path(f"/proc/{child}").exists())
    _, child = at_work()
    stop.ask()
    batch.join(60)
    assert answers["gone"].status == "failed"
    assert "gone.csv" in answers["gone"].error
    assert answers["slow"].status == "interrupted"
    wait_for(lambda: not Path(f"/proc/{child}").exists())


def wait_for(holds: Any) -> None:
    end = time.monotonic() + 100
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def at_work() -> tuple[int, int]:
    """Return the worker that has a process of a job, and that process."""
    nannied = [pid for one in children(os.getpid()) for pid in (one, *children(one))]
    return next((pid, child) for pid in nannied for child in children(pid) if is_job(child))


def is_job(pid: int) -> bool:
    return b"discover.batch.child" in Path(f"/proc/{pid}/cmdline").read_bytes()


class Ended:
    """What Dask hands back for a task."""

    def __init__(self, status: str, outcome: Any) -> None:
        self.status, self.outcome = status, outcome

    def result(self, timeout: float) -> Any:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def test_files_come_back_with_the_answer(tmp_path: Path) -> None:
    task = Task(Job("a", (), {}), str(tmp_path / "deep" / "a"))
    answer = Answer("done", verdict="law")
    assert _received(Ended("finished", (answer, {"law.json": "{}"})), task) == answer
    assert (tmp_path / "deep" / "a" / "law.json").read_text() == "{}"


def test_what_goes_wrong_on_the_cluster_is_a_failure_of_the_job(tmp_path: Path) -> None:
    task = Task(Job("a", (), {}), str(tmp_path))
    failed = _received(Ended("error", RuntimeError("the worker died\nfour times")), task)
    assert (failed.status, failed.error) == ("failed", "RuntimeError: the worker died four times")
    assert _received(Ended("cancelled", None), task).status == "interrupted"


def test_an_address_of_no_scheduler_is_told() -> None:
    with pytest.raises(SettingError, match='"tcp://host:8786", got "here"'):
        next(iter(on_cluster("here", [], lambda job, what, share: None, Stop())))
