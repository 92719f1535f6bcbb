"""The jobs of a batch as tasks of a Dask cluster, which schedules them and begins those of a lost worker again.

A worker starts the same process for a job as one machine does, in a folder of its own, and hands back the files:
workers need to see the data, not the folder of the batch.
"""

import contextlib
import re
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover.batch.child import distribution
from discover.batch.local import Step
from discover.batch.manifest import Answer
from discover.batch.plan import Job
from discover.batch.stopping import Stop
from discover.batch.supervision import GRACE, Task, supervise
from discover.errors import SettingError, UnavailableError
from discover.export.atomic import write_text

if TYPE_CHECKING:
    from distributed import Client

CONNECTING = 10.0
"""Seconds that a scheduler, and the first worker, have to answer."""
PATIENCE = 0.2
OFTEN = 1.0
"""Seconds between two words of a worker on one job."""

_ADDRESS = re.compile(r"[a-z]+://[^\s/]+:\d+")

MISSING = "A cluster needs Dask, which is not installed here: pip install 'discover-equations[dask]'."


def on_cluster(address: str, tasks: Sequence[Task], step: Step, stop: Stop) -> Iterator[tuple[Task, Answer]]:
    """Yield every task with what it came to, in the order in which they end.

    Raises:
        UnavailableError: where Dask is not installed.
        SettingError: where there is no cluster at the address, or its workers run no or another discover.
    """
    with connected(address) as client:
        from distributed import as_completed

        running: set[str] = set()
        topic = f"discover-{uuid.uuid4().hex}"

        def heard(event: tuple[Any, Any]) -> None:
            name, what, share = event[1]
            running.add(name)
            step(name, what, share)

        client.subscribe_topic(topic, heard)
        futures = {client.submit(perform, task.job, topic, key=f"{topic}-{n}"): task for n, task in enumerate(tasks)}
        ended = as_completed(list(futures), loop=client.loop)
        try:
            while ended.count() and not stop():
                for future in ended.next_batch(block=False):
                    task = futures.pop(future)
                    running.discard(task.job.name)
                    yield task, _received(future, task)
                time.sleep(PATIENCE)
        finally:
            client.unsubscribe_topic(topic)
            client.cancel(list(futures), force=True)
        for task in futures.values():
            if task.job.name in running:
                yield task, Answer("interrupted", "Interrupted.")


@contextlib.contextmanager
def connected(address: str) -> "Iterator[Client]":
    """Yield a client of the cluster at an address whose workers run the same discover as this machine.

    Raises:
        UnavailableError: where Dask is not installed.
        SettingError: where there is no cluster, or it is of no use.
    """
    try:
        from distributed import Client
    except ImportError:
        raise UnavailableError(MISSING) from None
    if not _ADDRESS.fullmatch(address):
        raise SettingError(f'cluster= takes the address of a Dask scheduler, "tcp://host:8786", got "{address}".')
    try:
        client = Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SettingError(f'No Dask scheduler answers at "{address}": {" ".join(str(error).split())[:200]}') from None
    with client:
        _check_workers(client, address)
        yield client


def _check_workers(client: "Client", address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECTING)
    except TimeoutError:
        raise SettingError(f"The cluster has no worker; start some with: dask worker {address}") from None
    try:
        releases: Any = client.run(distribution)
    except ImportError as error:
        raise SettingError(f"Workers of the cluster cannot import discover ({error}); install it there.") from None
    others = {worker: release for worker, release in releases.items() if release != distribution()}
    for worker, release in others.items():
        raise SettingError(f"The worker {worker} runs discover {release}, and here it is {distribution()}.")


def perform(job: Job, topic: str) -> tuple[Answer, dict[str, str]]:
    """Do a job on a worker, and return what it came to with the files it wrote; runs as a task."""
    from distributed import get_worker

    worker = get_worker()
    with tempfile.TemporaryDirectory(prefix="discover-") as folder:
        said = _Sayer(lambda what, share: worker.log_event(topic, (job.name, what, share)))
        said("starting", 0.0)
        answer = supervise(Task(job, folder), said, _is_cancelled(worker))
        places = [place for place in Path(folder).iterdir() if not place.name.startswith(".")]
        return answer, {place.name: place.read_text(encoding="utf-8") for place in places}


class _Sayer:
    """Passes on a step when it is new, or when the last word was a while ago."""

    def __init__(self, say: Callable[[str, float], None]) -> None:
        self.say, self.last, self.at = say, "", 0.0

    def __call__(self, what: str, share: float) -> None:
        now = time.monotonic()
        if what != self.last or now - self.at > OFTEN:
            self.say(what, share)
            self.last, self.at = what, now


def _is_cancelled(worker: Any) -> Callable[[], int]:
    """Return what tells whether nobody waits for the current task any more; the scheduler has then taken it back."""
    key = worker.get_current_task()

    def cancelled() -> int:
        task = worker.state.tasks.get(key)
        return 2 if task is None or task.state not in ("executing", "long-running") else 0

    return cancelled


def _received(future: Any, task: Task) -> Answer:
    """Return the answer of a task that has ended, once its files are written."""
    if future.status == "cancelled":
        return Answer("interrupted", "The cluster took the job back, or lost it.")
    try:
        answer, files = future.result(timeout=GRACE)
    except Exception as error:  # whatever went wrong on the cluster is this job's failure, not the batch's
        return Answer("failed", f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
    folder = Path(task.folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        write_text(folder / name, text)
    return answer
