"""`discover conserved`: a table of measured trajectories in, the quantities that they conserve out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from discover.cli import options
from discover.cli.answer import check_folders
from discover.cli.exits import FOUND, INTERRUPTED, NOTHING_FOUND, ends_well, say
from discover.cli.progress import progress
from discover.errors import InputError

if TYPE_CHECKING:
    from discover.conservation import Conserved

Terms = Annotated[
    list[str] | None, Option(metavar="TERM", help='One more term on offer, "1/sqrt(x**2 + y**2)"; may be repeated.')
]
Most = Annotated[int | None, Option(metavar="N", help="Quantities at most; by default one less than there are states.")]
Save = Annotated[Path | None, Option(metavar="FILE", help="Write the quantities with their evidence, a JSON file.")]


@ends_well
def conserved(
    data: options.Data,
    time: options.Time = None,
    group: options.Group = None,
    inputs: options.Inputs = None,
    columns: options.Columns = None,
    units: options.Units = None,
    degree: options.Degree = None,
    terms: Terms = None,
    library: options.Library = None,
    most: Most = None,
    report: options.Report = None,
    save: Save = None,
    as_json: options.AsJson = False,
) -> int:
    """Find what trajectories conserve, such as an energy: sums of few terms.

    With --json the document is what --save writes, with require (a list of text for --require) and files beside it.
    Exit codes: 0 quantities were found, 3 none was, 2 wrong input, 130 interrupted.
    """
    from discover.cli.run import check_terms, items, pairs

    check_folders(report, save)
    check_terms(degree, None, library)
    loading = {"time": time, "group": group, "inputs": items(inputs)}
    loading |= {"columns": items(columns) or None, "units": pairs(units) or None}
    with progress("reading") as observe:
        import discover
        from discover.data.libraries import asked_library

        dataset = discover.load(data if len(data) > 1 else data[0], **loading)
        offered = asked_library(dataset, library=library, degree=degree)
        found = discover.conserved(dataset, library=offered, terms=terms or (), most=most, observe=observe)
    return deliver(found, report, save, as_json)


def deliver(found: "Conserved", report: Path | None, save: Path | None, as_json: bool) -> int:
    """Write the files asked for, print the answer whatever becomes of them, and return the exit code."""
    files: dict[str, str] = {}
    failures: list[InputError] = []
    for what, path, write in (("quantities", save, found.save), ("report", report, found.report)):
        if path is not None:
            try:
                write(path)
                files[what] = str(path)
            except InputError as failure:
                failures.append(failure)
    if as_json:
        print(json.dumps(_document(found, files), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        lines = [f"{what}: {path}" for what, path in files.items()]
        print("\n".join([repr(found), "", *lines] if lines else [repr(found)]))
    if failures:
        raise failures[0]
    if found.found.interrupted:
        say("discover: interrupted; these are the quantities found until then.")
        return INTERRUPTED
    return NOTHING_FOUND if found.verdict.word == "none" else FOUND


def _document(found: "Conserved", files: dict[str, str]) -> dict[str, Any]:
    from discover.export.conservedfile import document

    return {**document(found.found), "require": found.require, "files": files}
