"""Records -> cells: counts with what they were counted of, and a mark where a cell was not finished."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

from benchmarks.plan import UNFINISHED, Record, Table


def failed(records: Iterable[Record | None]) -> int:
    """Return how many raised instead of answering."""
    return sum(record is not None and "error_text" in record for record in records)


def failures(records: Mapping[str, Record]) -> Table:
    """Return what every failed case said."""
    rows = [(key, record["error_text"][:200]) for key, record in records.items() if "error_text" in record]
    return Table("Cases that failed", ("case", "error"), tuple(rows))


def answered(records: Iterable[Record | None]) -> list[Record]:
    """Return the records that hold an answer."""
    return [record for record in records if record is not None and "error_text" not in record]


def count(records: Sequence[Record | None], hit: Callable[[Record], bool]) -> str:
    """Return "hits/finished"; failures count as misses, and unfinished cases are told.

    >>> count([{"ok": 1}, {"error_text": "boom"}, None], lambda record: bool(record["ok"]))
    '1/2 (1 failed, 1 unfinished)'
    """
    finished = [record for record in records if record is not None]
    n_failed, n_unfinished = failed(finished), len(records) - len(finished)
    if not finished:
        return UNFINISHED
    remarks = [f"{n} {what}" for n, what in ((n_failed, "failed"), (n_unfinished, UNFINISHED)) if n]
    hits = sum(hit(record) for record in answered(finished))
    return f"{hits}/{len(finished)}" + (f" ({', '.join(remarks)})" if remarks else "")


def percent(hits: int, n: int) -> str:
    """Return a share in per cent with its count, "–" where there is nothing to divide by.

    >>> percent(3, 4), percent(0, 0)
    ('75 % of 4', '–')
    """
    return f"{100 * hits / n:.0f} % of {n}" if n else "–"


def middle(records: Sequence[Record | None], key: str, form: str = "{:.2g}") -> str:
    """Return the median of a number over the records that answered, "–" where none did."""
    values = [record[key] for record in answered(records)]
    return form.format(median(values)) if values else "–"


def largest(records: Sequence[Record | None], key: str, form: str = "{:.2g}") -> str:
    """Return the largest of a number over the records that answered, "–" where none did."""
    values = [record[key] for record in answered(records)]
    return form.format(max(values)) if values else "–"
