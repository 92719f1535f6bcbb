"""A batch from its plan to its manifest: what is to be done, who does it, and what became of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from discover.batch.check import checked
from discover.batch.local import Step, cores, on_this_machine
from discover.batch.lock import locked
from discover.batch.manifest import (
    LAW,
    MANIFEST,
    Answer,
    Ledger,
    Record,
    cut_off,
    digest_of,
    fingerprint,
    is_unchanged,
    read,
)
from discover.batch.plan import Job, Plan
from discover.batch.stopping import Stop, listening
from discover.batch.supervision import Task
from discover.discovery import load_law
from discover.errors import InputError, SettingError

if TYPE_CHECKING:
    import pandas as pd

OUT = Path("out")


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch came to.

    Attributes:
        folder: where everything was written.
        records: of every job of the plan, in its order.
        kept: names of the jobs that were complete already.
        interrupted: whether jobs are left because somebody stopped it.
    """

    folder: Path
    records: tuple[Record, ...]
    kept: tuple[str, ...]
    interrupted: bool

    @property
    def failed(self) -> tuple[Record, ...]:
        """The jobs that failed."""
        return tuple(record for record in self.records if record.answer.status == "failed")

    def table(self) -> "pd.DataFrame":
        """Return one row a job: job, data, engine, status, verdict, law, fit, seconds, memory, error."""
        from discover.batch.summary import table

        return table(self.records)


class Watcher(Protocol):
    """Told how a batch goes on."""

    def begins(self, n_left: int, n_kept: int, told: Sequence[str]) -> None:
        """Hear how many jobs are to be done, how many are complete already, and what else there is to tell."""
        ...

    def step(self, job: str, what: str, share: float) -> None:
        """Hear what a job is at; called from several threads."""
        ...

    def ends(self, record: Record) -> None:
        """Hear what a job came to."""
        ...


class Silence:
    """A watcher that keeps it to itself."""

    def begins(self, n_left: int, n_kept: int, told: Sequence[str]) -> None:
        """Hear it."""

    def step(self, job: str, what: str, share: float) -> None:
        """Hear it."""

    def ends(self, record: Record) -> None:
        """Hear it."""


def run_batch(
    plan: str | Path,
    *,
    output: str | Path | None = None,
    n_jobs: int | None = None,
    cluster: str | None = None,
    resume: bool = False,
    watcher: Watcher | None = None,
    observe: Callable[[str, float], None] = lambda step, share: None,
) -> Batch:
    """Find the laws of all data sets that a plan names, each in a process of its own, and write them into a folder.

    A job that fails is recorded with its reason, and the others go on.

    Args:
        plan: a TOML file; `discover batch --example` prints one with every key explained.
        output: the folder; by default what the plan says, or out/ and the name of the plan.
        n_jobs: how many processes at once; None takes one for each core.
        cluster: address of a Dask scheduler, "tcp://host:8786"; the jobs become its tasks.
        resume: go on with what lies in the folder: complete jobs whose data and settings are unchanged are kept.
        watcher: told how it goes on.
        observe: told how the check of the plan goes on.

    Raises:
        PlanError: for everything that is wrong with the plan, before anything runs.
        SettingError: where the folder is in use, or holds a batch already and `resume` is not asked for.
        InputError: where the manifest cannot be written.
    """
    if n_jobs is not None and cluster is not None:
        raise SettingError("n_jobs= is for one machine; a cluster runs as many jobs as its workers have threads.")
    if n_jobs is not None and n_jobs < 1:
        raise SettingError(f"n_jobs must be a whole number from 1 on, got {n_jobs}.")
    laid_out, told = checked(plan, observe)
    folder = Path(output) if output is not None else laid_out.output or OUT / laid_out.path.stem
    watcher = watcher or Silence()
    with locked(folder), listening() as stop:
        before = _before(folder, resume)
        left = {job.name: why for job in laid_out.jobs if (why := again(job, before.get(job.name), folder))}
        kept = tuple(job.name for job in laid_out.jobs if job.name not in left)
        watcher.begins(len(left), len(kept), (*told, *_reasons(left)))
        records = _begun(laid_out, before, left)
        ledger = Ledger(folder)
        ledger.add(*(one for one in records.values() if before.get(one.job) != one), *_dropped(laid_out, before))
        tasks = [Task(job, str((folder / job.name).absolute())) for job in laid_out.jobs if job.name in left]
        hands = _hands(tasks, n_jobs, cluster, _noting(ledger, records, watcher.step), stop)
        for task, answer in hands:
            record = _record(task.job, answer)
            records[record.job] = record
            ledger.add(record)
            watcher.ends(record)
        return Batch(folder, tuple(records.values()), kept, bool(stop()))


def _hands(
    tasks: Sequence[Task], n_jobs: int | None, cluster: str | None, step: Step, stop: Stop
) -> Iterable[tuple[Task, Answer]]:
    if not tasks:
        return ()
    if cluster is not None:
        from discover.batch.cluster import on_cluster

        return on_cluster(cluster, tasks, step, stop)
    return on_this_machine(tasks, min(n_jobs or cores(), len(tasks)), step, stop)


def _noting(ledger: Ledger, records: dict[str, Record], step: Step) -> Step:
    """Return what hears the steps of jobs and writes down, once for each, that it runs."""
    begun: set[str] = set()

    def note(job: str, what: str, share: float) -> None:
        if job not in begun:
            begun.add(job)
            ledger.add(replace(records[job], at=_now(), answer=Answer("running")))
        step(job, what, share)

    return note


def _before(folder: Path, resume: bool) -> dict[str, Record]:
    records = read(folder) if (folder / MANIFEST).exists() else {}
    if not resume and any(record.answer.status != "waiting" for record in records.values()):
        raise SettingError(f"{folder} holds a batch already; go on with it by --resume, or name another --output.")
    return {name: cut_off(record) for name, record in records.items()}


def again(job: Job, record: Record | None, folder: Path) -> str | None:
    """Return why a job has to be done, or None where what lies in the folder is complete and valid."""
    if record is None or record.answer.status in ("waiting", "running"):
        return "new"
    if record.answer.status not in ("done", "dropped") or not record.answer.files:
        return f"{record.answer.status} before"
    if record.fingerprint != fingerprint(job):
        return "its settings have changed"
    inputs = record.answer.inputs
    if len(inputs) != len(job.data) or not all(map(is_unchanged, inputs, job.data)):
        return "its data have changed"
    for name, digest in record.answer.files:
        if digest_of(folder / job.name / name) != digest:
            return f"its {name} is missing or damaged"
    try:
        load_law(folder / job.name / LAW)
    except InputError as error:
        return f"its law cannot be read ({error})"
    return None


def _reasons(left: Mapping[str, str]) -> Iterator[str]:
    yield from (f"{name} is done again: {why}" for name, why in left.items() if why != "new")


def _begun(plan: Plan, before: Mapping[str, Record], left: Mapping[str, str]) -> dict[str, Record]:
    """Return the records to begin with: those of complete jobs, and for the others that they wait."""
    records = {}
    for job in plan.jobs:
        old = before.get(job.name)
        if old is not None and job.name not in left:
            status = replace(old.answer, status="done") if old.answer.status == "dropped" else old.answer
            records[job.name] = replace(old, answer=status)
        else:
            records[job.name] = _record(job, Answer("waiting"))
    return records


def _dropped(plan: Plan, before: Mapping[str, Record]) -> Iterator[Record]:
    """Yield the records of jobs that the plan does not hold any more."""
    names = {job.name for job in plan.jobs}
    for name, record in before.items():
        if name not in names and record.answer.status != "dropped":
            yield replace(record, answer=replace(record.answer, status="dropped"))


def _record(job: Job, answer: Answer) -> Record:
    return Record(job.name, job.data, dict(job.settings), fingerprint(job), _now(), answer)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
