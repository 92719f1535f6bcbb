"""The manifest: one line of JSON for whatever becomes of a job; the last line of a job counts.

Lines are added and never changed, so that a crash at any moment costs at most the line that was being written.
"""

import hashlib
import json
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import IO, Any, Literal, get_args

from discover.batch.plan import Job
from discover.batch.schema import SILENT
from discover.errors import InputError

MANIFEST = "manifest.jsonl"
LAW, REPORT, TRACE = "law.json", "report.html", "error.txt"

Status = Literal["waiting", "running", "done", "failed", "interrupted", "dropped"]
"""What a job can be; "dropped" is one that the plan does not hold any more."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file, or a folder such as a Zarr store, that a job read."""

    path: str
    size: int
    modified: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a job came to.

    Attributes:
        status: "done", "failed" with an `error`, or "interrupted".
        error: why it failed, in a sentence.
        seconds: wall-clock time of its process.
        memory: most resident memory of its process, bytes; 0 where it could not be measured.
        verdict: the word of the verdict; `equations` the law as text.
        fit: smallest share of the variance that an equation explains on held-out data; NaN is None.
        inputs: the files read.
        versions: of the packages, name and text.
        files: name of a file in the job's folder -> its SHA-256.
        host: the machine it ran on.
    """

    status: Status
    error: str = ""
    seconds: float = 0.0
    memory: int = 0
    verdict: str = ""
    equations: tuple[str, ...] = ()
    fit: float | None = None
    inputs: tuple[Input, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    host: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the manifest: a job, its settings, and what it came to."""

    job: str
    data: tuple[str, ...]
    settings: Mapping[str, Any]
    fingerprint: str
    at: str
    answer: Answer


def answer_from(content: Any) -> Answer:
    """Return an answer from JSON; raises ValueError, TypeError or KeyError where it is none."""
    known = {one.name for one in fields(Answer)}
    if not known >= set(content) or content["status"] not in get_args(Status):
        raise ValueError("no answer of a job")
    return Answer(
        **content
        | {
            "equations": tuple(map(str, content.get("equations", ()))),
            "inputs": tuple(Input(**one) for one in content.get("inputs", ())),
            "versions": tuple((str(name), str(text)) for name, text in content.get("versions", ())),
            "files": tuple((str(name), str(text)) for name, text in content.get("files", ())),
        }
    )


def fingerprint(job: Job) -> str:
    """Return the SHA-256 of everything but the data that the law depends on.

    >>> a, b = (Job("a", ("x/d.csv",), {"seed": 1, "time_limit": limit}) for limit in ("1s", "2s"))
    >>> fingerprint(a) == fingerprint(b), fingerprint(a) == fingerprint(Job("a", ("x/d.csv",), {"seed": 2}))
    (True, False)
    """
    telling = {name: value for name, value in job.settings.items() if name not in SILENT}
    names = [Path(file).name for file in job.data]
    return hashlib.sha256(json.dumps([names, telling], sort_keys=True).encode()).hexdigest()


def input_of(path: str) -> Input:
    """Return what tells a file, or the files of a folder, from others.

    Raises:
        OSError: where it cannot be read.
    """
    place = Path(path)
    parts = sorted(one for one in place.rglob("*") if one.is_file()) if place.is_dir() else [place]
    digest = hashlib.sha256()
    for part in parts:
        if part != place:
            digest.update(f"{part.relative_to(place).as_posix()}\0{part.stat().st_size}\0".encode())
        with part.open("rb") as file:
            while piece := file.read(2**22):
                digest.update(piece)
    return Input(path, *_stamp(parts), digest.hexdigest())


def _stamp(parts: Iterable[Path]) -> tuple[int, int]:
    stats = [part.stat() for part in parts]
    return sum(stat.st_size for stat in stats), max((stat.st_mtime_ns for stat in stats), default=0)


def is_unchanged(before: Input, path: str) -> bool:
    """Return whether a file holds what it held; it is read again only where its size or its date differ."""
    place = Path(path)
    try:
        parts = [one for one in place.rglob("*") if one.is_file()] if place.is_dir() else [place]
        if _stamp(parts) == (before.size, before.modified) and path == before.path:
            return True
        return input_of(path).sha256 == before.sha256
    except OSError:
        return False


def digest_of(path: Path) -> str | None:
    """Return the SHA-256 of a file, None where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The manifest of a folder, open for one batch to write in; several threads may."""

    folder: Path
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, *records: Record) -> None:
        """Write records at the end, and wait until they are on the disk.

        Raises:
            InputError: where they cannot be written; a line that was begun then counts as none.
        """
        lines = "".join(json.dumps(asdict(record)) + "\n" for record in records).encode()
        place = self.folder / MANIFEST
        try:
            with self._turn, place.open("ab+") as file:
                file.write(b"\n" * _is_torn(file) + lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InputError(
                f"The manifest {place} cannot be written: {reason}. What is finished stays; make room and run again "
                "with --resume."
            ) from error


def _is_torn(file: IO[bytes]) -> bool:
    """Return whether the last line of a file was cut off, by a crash or a full disk."""
    if not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def read(folder: Path) -> dict[str, Record]:
    """Return the last record of every job in a folder; lines that were torn by a crash are passed over.

    Raises:
        InputError: where the folder holds no manifest, or it cannot be read.
    """
    place = folder / MANIFEST
    try:
        text = place.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{folder} holds no batch: there is no {MANIFEST} in it; discover batch writes one.") from None
    except OSError as error:
        raise InputError(f"{place} cannot be read: {(error.strerror or str(error)).lower()}.") from None
    found: dict[str, Record] = {}
    for line in text.splitlines():
        record = _record(line)
        if record is not None:
            found[record.job] = record
    return found


def _record(line: str) -> Record | None:
    try:
        content = json.loads(line)
        answer = answer_from(content["answer"])
        return Record(**content | {"data": tuple(content["data"]), "answer": answer})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def cut_off(record: Record) -> Record:
    """Return the record of a job whose coordinator died while it ran, as an interrupted one; others as they are."""
    if record.answer.status != "running":
        return record
    told = "The batch ended without a word while this job ran."
    return replace(record, answer=replace(record.answer, status="interrupted", error=told))
