"""What became of all jobs of a batch: one page that sorts without a network, and a CSV."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from discover.batch.lock import is_free
from discover.batch.manifest import LAW, REPORT, Record, cut_off, read
from discover.export.atomic import write_text

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Template

PAGE, TABLE = "summary.html", "summary.csv"

COLUMNS: tuple[str, ...] = (
    "job",
    "data",
    "target",
    "engine",
    "status",
    "verdict",
    "law",
    "fit",
    "seconds",
    "memory",
    "error",
    "report",
)
"""Of the CSV: fit is the smallest share of the variance that an equation explains on held-out data, memory in bytes."""

ORDER = {"failed": 0, "interrupted": 1, "running": 2, "waiting": 3, "done": 4}
"""Of the states, those first that somebody has to look at."""


@dataclass(frozen=True, slots=True)
class Row:
    """One job as the page shows it."""

    record: Record
    data: str
    engine: str
    varied: str
    report: str
    law: str

    @property
    def state(self) -> str:
        """What became of it: the verdict where there is one, else the status."""
        answer = self.record.answer
        return answer.verdict if answer.status == "done" else answer.status


def summary(folder: str | Path) -> tuple[Path, Path]:
    """Write `summary.html` and `summary.csv` into the folder of a batch, and return where they are.

    Raises:
        InputError: where the folder holds no batch, or they cannot be written.
    """
    place = Path(folder)
    records = [record for record in read(place).values() if record.answer.status != "dropped"]
    if is_free(place):
        records = [cut_off(record) for record in records]
    write_text(place / PAGE, page(records, place))
    write_text(place / TABLE, as_csv(records, place))
    return place / PAGE, place / TABLE


def page(records: Sequence[Record], folder: Path) -> str:
    """Return the page of a batch as HTML text."""
    shared = _shared(records)
    rows = [_row(record, folder, shared) for record in records]
    counts = Counter(row.state for row in rows)
    words = ("law", "several", "none", "failed", "interrupted", "running", "waiting")
    return _template().render(
        rows=rows,
        counts=[(word, counts[word]) for word in words if counts[word]],
        folder=folder.resolve().name,
        shared=sorted((name, _text(value)) for name, value in shared.items()),
        seconds=sum(record.answer.seconds for record in records),
        csv=TABLE,
    )


def as_csv(records: Iterable[Record], folder: Path) -> str:
    """Return the table of a batch as CSV, one row a job."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow({name: _harmless(value) for name, value in _cells(record, folder).items()})
    return text.getvalue()


def table(records: Iterable[Record]) -> "pd.DataFrame":
    """Return the table of a batch, one row a job."""
    import pandas as pd

    names = [name for name in COLUMNS if name != "report"]
    return pd.DataFrame([_cells(record, Path()) for record in records], columns=names)


def _cells(record: Record, folder: Path) -> dict[str, Any]:
    answer = record.answer
    return {
        "job": record.job,
        "data": "; ".join(record.data),
        "target": record.settings.get("target", ""),
        "engine": _engine(record),
        "status": answer.status,
        "verdict": answer.verdict,
        "law": "; ".join(answer.equations),
        "fit": answer.fit,
        "seconds": answer.seconds,
        "memory": answer.memory,
        "error": answer.error,
        "report": f"{record.job}/{REPORT}" if _has(record, REPORT, folder) else "",
    }


def _harmless(value: Any) -> Any:
    """Return text that a spreadsheet does not take for a formula: names of files come from strangers."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value


def _row(record: Record, folder: Path, shared: dict[str, Any]) -> Row:
    names = [Path(file).name for file in record.data]
    varied = {name: value for name, value in record.settings.items() if name not in shared and name != "engine"}
    return Row(
        record,
        names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more",
        _engine(record),
        ", ".join(f"{name} {_text(value)}" for name, value in sorted(varied.items())),
        quote(f"{record.job}/{REPORT}") if _has(record, REPORT, folder) else "",
        quote(f"{record.job}/{LAW}") if _has(record, LAW, folder) else "",
    )


def _engine(record: Record) -> str:
    return str(record.settings.get("engine", "symbolic" if "target" in record.settings else "auto"))


def _has(record: Record, name: str, folder: Path) -> bool:
    return name in dict(record.answer.files) and (folder / record.job / name).exists()


def _shared(records: Sequence[Record]) -> dict[str, Any]:
    """Return the settings that all jobs have alike, which are told once."""
    if not records:
        return {}
    first, *others = (record.settings for record in records)
    return {
        name: value
        for name, value in first.items()
        if name != "engine" and all(name in other and other[name] == value for other in others)
    }


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(one)}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _seconds(value: float) -> str:
    """Return a time as people read it.

    >>> _seconds(4.21), _seconds(75.0), _seconds(7260.0)
    ('4.2 s', '1 min 15 s', '2 h 1 min')
    """
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@lru_cache(maxsize=1)
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("discover.batch", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["seconds"] = _seconds
    environment.globals["order"] = ORDER
    return environment.get_template("summary.html")
