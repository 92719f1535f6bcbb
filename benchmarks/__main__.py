"""`python -m benchmarks SUITE …`: run suites, print their tables, and keep what was measured as JSON."""

import argparse
import contextlib
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.campaign import Campaign
from benchmarks.machine import provenance
from benchmarks.plan import Plan, Record, Table

SUITES = (
    "speed",
    "tape",
    "simulate",
    "refinement",
    "recovery",
    "nothing",
    "coverage",
    "calibration",
    "subset",
    "stochastic",
    "ode",
    "pde",
    "rational",
    "motion",
    "families",
    "symbolic",
    "laws",
    "physics",
    "conserved",
    "symmetries",
)
"""Modules of this package, in the order they are run."""

SCRIPTS = ("tape", "simulate", "refinement")
"""Those that print their figures themselves, with settings of their own; the others have a `run(plan, campaign)`."""

SLOW = (
    "ode",
    "pde",
    "rational",
    "calibration",
    "motion",
    "subset",
    "families",
    "symbolic",
    "laws",
    "physics",
    "conserved",
    "symmetries",
)
"""Suites that run only when named."""

PEERS = ("pysindy", "operon", "gplearn")
SCHEMA = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suites asked for and return the exit code: 0, or 130 after an interrupt."""
    told = _parsed(arguments)
    document = _resumed(told) or {"schema": SCHEMA, **provenance(), "seed": _seed(told), "tier": told.tier}
    document.setdefault("clock", told.clock)
    suites: dict[str, Record] = document.setdefault("suites", {})
    print(f"seed {document['seed']}, tier {document['tier']}, commit {document['commit']}", file=sys.stderr)
    plan = Plan(
        document["tier"],
        document["seed"],
        told.seeds,
        tuple(told.peers),
        told.data,
        told.only,
        told.jobs,
        document["clock"],
    )
    deadline = time.monotonic() + told.budget if told.budget else None
    for name in told.suites or [suite for suite in SUITES if suite not in SLOW]:
        entry = suites.setdefault(name, {"records": {}})
        campaign = Campaign(plan.jobs, deadline, _keeper(told.output, document, entry), entry["records"])
        started = time.monotonic()
        tables = (
            _printed(name) if name in SCRIPTS else importlib.import_module(f"benchmarks.{name}").run(plan, campaign)
        )
        entry["seconds"] = round(entry.get("seconds", 0.0) + time.monotonic() - started, 1)
        entry["tables"] = [_plain(table) for table in tables]
        show(tables)
        if told.output:
            write(told.output, document)
        if campaign.interrupted:
            return INTERRUPTED
    return 0


def _printed(name: str) -> tuple[Table, ...]:
    """Run a script in a process of its own and return what it printed, a line a row."""
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines() or ["nothing was printed"]
    if done.returncode:
        lines.append(f"failed with {done.returncode}: {done.stderr.strip()[-300:]}")
    return (Table(name, ("output",), tuple((line,) for line in lines)),)


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description="Speed, recovery and calibration.")
    parser.add_argument(
        "suites", nargs="*", metavar="SUITE", help=f"{', '.join(SUITES)}; all but {' and '.join(SLOW)} by default"
    )
    parser.add_argument("--tier", choices=("fast", "full"), default="fast", help="minutes, or hours")
    parser.add_argument(
        "--peers", nargs="+", type=_names, default=[], help=f"run these beside, on the same data: {', '.join(PEERS)}"
    )
    parser.add_argument("--seed", type=int, help="first seed of every case; drawn from the clock by default")
    parser.add_argument("--seeds", type=int, metavar="N", help="repeats of every case")
    parser.add_argument("--only", default="", metavar="TEXT", help="run only cases whose key contains this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="cases run at the same time")
    parser.add_argument(
        "--clock", choices=("wall", "cpu"), default="wall", help="what the budgets of laws count; cpu on a busy machine"
    )
    parser.add_argument("--budget", type=float, metavar="SECONDS", help="start no case after this long")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of prepared data, for ode and pde")
    parser.add_argument("--output", type=Path, metavar="FILE.json", help="keep everything that was measured")
    parser.add_argument("--resume", action="store_true", help="go on where --output stopped, with its seed and tier")
    told = parser.parse_args(arguments)
    told.peers = [name for names in told.peers for name in names]
    for name in told.peers:
        if name not in PEERS:
            parser.error(f'there is no peer "{name}"; there are {", ".join(PEERS)}')
    for name in told.suites:
        if name not in SUITES:
            parser.error(f'there is no suite "{name}"; there are {", ".join(SUITES)}')
    if told.seeds is not None and told.seeds < 1:
        parser.error(f"--seeds must be 1 or more, got {told.seeds}")
    if told.jobs < 1:
        parser.error(f"--jobs must be 1 or more, got {told.jobs}")
    if told.resume and told.output is None:
        parser.error("--resume goes on from the file that --output names; name it")
    return told


def _names(told: str) -> list[str]:
    """Return names that stand between commas.

    >>> _names("operon,gplearn")
    ['operon', 'gplearn']
    """
    return [name.strip() for name in told.split(",") if name.strip()]


def _seed(told: argparse.Namespace) -> int:
    """Return the seed asked for, or a fresh one from the clock: a benchmark must not know its data."""
    return int(time.time()) if told.seed is None else told.seed


def _resumed(told: argparse.Namespace) -> Record | None:
    if not told.resume or not told.output.exists():
        return None
    document = json.loads(told.output.read_text(encoding="utf-8"))
    if document.get("schema") != SCHEMA:
        raise SystemExit(f"{told.output} has schema {document.get('schema')}, not {SCHEMA}; name another file.")
    now = provenance()
    document.setdefault("resumed", []).append({key: now[key] for key in ("commit", "changed_since", "created")})
    return document


def _keeper(output: Path | None, document: Record, entry: Record):
    """Return what writes the records that came in, at most every five seconds."""
    last = time.monotonic()

    def keep(records: Mapping[str, Record]) -> None:
        nonlocal last
        entry["records"] = dict(records)
        if output and time.monotonic() - last > 5.0:
            write(output, document)
            last = time.monotonic()

    return keep


def write(path: Path, document: Record) -> None:
    """Write the document in one piece: an interrupt leaves the old file or the new one."""
    part = path.with_suffix(path.suffix + ".part")
    try:
        part.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
        part.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def _plain(table: Table) -> Record:
    return {"title": table.title, "columns": table.columns, "rows": table.rows, "note": table.note}


def show(tables: Sequence[Table]) -> None:
    """Print tables: drawn on a terminal, as Markdown into a file or a pipe."""
    if not sys.stdout.isatty():
        print("\n\n".join(table.markdown() for table in tables), end="\n\n", flush=True)
        return
    from rich.console import Console
    from rich.table import Table as Drawn

    console = Console()
    for table in tables:
        drawn = Drawn(*table.columns, title=table.title, caption=table.note or None, title_justify="left")
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn, "")


if __name__ == "__main__":
    raise SystemExit(main())
