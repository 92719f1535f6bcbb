"""`discover batch` and `discover summary`: many data sets by a plan, and a page of what became of them."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from discover.cli.exits import INTERRUPTED, SOME_FAILED, WRONG_INPUT, ends_well, say
from discover.errors import SettingError

if TYPE_CHECKING:
    from discover.batch.manifest import Record
    from discover.batch.run import Batch
    from discover.cli.batch_progress import Bars, Lines

PlanFile = Annotated[
    Path | None, Argument(metavar="PLAN.toml", help="The plan; --example prints one.", show_default=False)
]
Processes = Annotated[int | None, Option(metavar="N", min=1, help="Processes at once; by default one for each core.")]
Cluster = Annotated[str | None, Option(metavar="ADDRESS", help="A Dask scheduler, tcp://host:8786, instead.")]
Output = Annotated[
    Path | None, Option(metavar="DIR", help="Folder of the laws; by default what the plan says, or out/ and its name.")
]
Resume = Annotated[bool, Option("--resume", help="Go on in that folder: keep what is complete, do the rest.")]
Example = Annotated[bool, Option("--example", help="Print a plan in which every key is explained, and stop.")]
Folder = Annotated[Path, Argument(metavar="DIR", help="A folder that discover batch wrote.", show_default=False)]


@ends_well
def batch(
    plan: PlanFile = None,
    jobs: Processes = None,
    cluster: Cluster = None,
    output: Output = None,
    resume: Resume = False,
    example: Example = False,
) -> int:
    """Find the laws of many data sets as a plan says, a process each.

    Exit codes: 0 every job was done, 4 some failed (the others are written), 2 wrong input, 130 interrupted.
    """
    if example:
        from discover.batch.example import example as printed

        print(printed(), end="")
        return 0
    if plan is None:
        raise SettingError("Name a plan, or print one to begin with: discover batch --example > plan.toml")
    from discover.batch.mistakes import PlanError
    from discover.batch.run import run_batch

    try:
        with _watching() as watcher:
            done = run_batch(
                plan,
                output=output,
                n_jobs=jobs,
                cluster=cluster,
                resume=resume,
                watcher=watcher,
                observe=watcher.checks,
            )
    except PlanError as error:
        n = len(error.mistakes)
        say(f"discover: {plan} has {n} mistake{'s' if n > 1 else ''}, and nothing was run.")
        for mistake in error.mistakes:
            say(f"  {' '.join(str(mistake).split())}")
        return WRONG_INPUT
    return _told(done)


@ends_well
def summary(folder: Folder) -> int:
    """Write a page and a CSV of what became of a batch's jobs."""
    from discover.batch.summary import summary as written

    for path in written(folder):
        print(path)
    return 0


def _told(done: "Batch") -> int:
    """Print what a batch came to, and return its exit code."""
    counts = Counter(_word(record) for record in done.records)
    print(f"{len(done.records)} jobs: {', '.join(f'{count} {word}' for word, count in counts.most_common())}")
    for record in done.failed:
        print(f"failed: {record.job}: {record.answer.error}")
    print(f"written to {done.folder}; a page of it all: discover summary {done.folder}")
    if done.interrupted:
        say(f"discover: interrupted; go on with: discover batch … --output {done.folder} --resume")
        return INTERRUPTED
    return SOME_FAILED if done.failed else 0


def _word(record: "Record") -> str:
    return record.answer.verdict if record.answer.status == "done" else record.answer.status


@contextmanager
def _watching() -> "Iterator[Lines | Bars]":
    """Yield what shows how a batch goes on: bars on a terminal, else a line a job."""
    from discover.cli.batch_progress import Bars, Lines

    if not sys.stderr.isatty():
        yield Lines()
        return
    with Bars() as bars:
        yield bars
