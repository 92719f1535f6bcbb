"""The process of one job: `python -m discover.batch.child` reads it from standard input and answers in lines of JSON.

It ends by itself when standard input closes, so that nothing goes on where nobody waits for it any more.
"""

import json
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover.batch.manifest import LAW, REPORT, TRACE, Answer, digest_of, input_of
from discover.batch.plan import Job
from discover.errors import DiscoverError

if TYPE_CHECKING:
    from discover.discovery import Discovery

ORPHANED = 70
"""Exit code where whoever started the process is gone."""

RESERVED = 2**30
"""Bytes that threads and libraries may reserve beside what a job uses."""

Tell = Callable[[dict[str, Any]], None]


def main() -> None:
    """Do the job that standard input describes, and answer on standard output."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a background shell starts
    tell = _line_out()
    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    limit_memory(order["memory"])
    job = Job(order["job"], tuple(order["data"]), order["settings"])
    tell({"answer": asdict(performed(job, Path(order["folder"]), tell))})


def _line_out() -> Tell:
    """Return what writes a line to the parent; whatever else is printed goes to standard error."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    return tell


def _end_with_parent() -> None:
    # os.read and not sys.stdin: a thread that holds a buffer's lock would stop the interpreter from ending.
    while os.read(0, 4096):
        pass
    os._exit(ORPHANED)


def limit_memory(n_bytes: int | None) -> None:
    """Make single allocations far beyond a limit fail with MemoryError, where the system can.

    The parent holds the limit, by what is resident. Here there is room for what is reserved and never touched: where
    OpenBLAS gets no buffer it does not fail, it asks again for ever.
    """
    if n_bytes is not None:
        with suppress(ImportError, AttributeError, ValueError, OSError):
            import resource

            room = 2 * n_bytes + RESERVED
            resource.setrlimit(resource.RLIMIT_DATA, (room, room))


def performed(job: Job, folder: Path, tell: Tell) -> Answer:
    """Do a job, write its law and its report into a folder, and return what it came to; it raises nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in (*folder.glob(".*.tmp"), *(folder / name for name in (LAW, REPORT, TRACE))):
            old.unlink(missing_ok=True)  # what a failure leaves must not pass for its answer
        return _performed(job, folder, tell)
    except KeyboardInterrupt:
        return Answer("interrupted")
    except DiscoverError as error:
        return Answer("failed", " ".join(str(error).split()))
    except MemoryError:
        return Answer("failed", "It ran out of memory.")
    except OSError as error:
        return Answer("failed", f"{error.strerror or error}: {error.filename or folder}.")
    except Exception as error:
        with suppress(OSError):
            (folder / TRACE).write_text(traceback.format_exc(), encoding="utf-8")
        return Answer("failed", f"{type(error).__name__}: {error} (a fault of discover; see {TRACE}).")


def _performed(job: Job, folder: Path, tell: Tell) -> Answer:
    tell({"step": "reading", "share": 0.0})
    inputs = tuple(input_of(file) for file in job.data)
    tell({"step": "starting", "share": 0.0})
    from discover.batch.call import found_in

    found = found_in(job, lambda step, share: tell({"step": step, "share": share}))
    tell({"step": "writing", "share": 1.0})
    found.save(folder / LAW)
    found.report(folder / REPORT)
    files = tuple((name, digest_of(folder / name) or "") for name in (LAW, REPORT))
    return Answer(
        status="interrupted" if found.front.interrupted else "done",
        verdict=found.verdict.word,
        equations=equation_texts(found),
        fit=_fit(found),
        inputs=inputs,
        versions=(("python", sys.version.split()[0]), *found.law.provenance.versions),
        files=files,
        host=socket.gethostname(),
    )


def equation_texts(found: "Discovery") -> tuple[str, ...]:
    """Return every equation as a line of text."""
    from discover.export.cases import form
    from discover.export.text import equation_text

    return tuple(equation_text(equation) for equation in form(found.law).all_equations)


def _fit(found: "Discovery") -> float | None:
    """Return the smallest share of the variance explained on held-out data, or on all where none were held out."""
    shares = [
        equation.held_out_r2 if equation.held_out_r2 == equation.held_out_r2 else equation.r2
        for equation in found.law.equations
    ]
    finite = [share for share in shares if abs(share) < float("inf")]
    return min(finite, default=None)


def distribution() -> str:
    """Return which release of discover runs here."""
    return version("discover-equations")


if __name__ == "__main__":
    main()
