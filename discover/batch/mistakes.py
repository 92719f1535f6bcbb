"""What is wrong with a plan, all of it at once, each with the line where it stands."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from discover.errors import SettingError

Place = tuple[str | int, ...]
"""Where a value stands: ("jobs", 1, "matrix", "engine") is that key of the second [[jobs]]."""

_TABLE = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?$")
_ENTRY = re.compile(r"\s*\[\[([^\[\]]+)\]\]\s*(#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong with a plan.

    >>> str(Mistake(3, "engine", 'There is no engine "sparze".'))
    'line 3, engine: There is no engine "sparze".'
    """

    line: int | None
    key: str
    sentence: str

    def __str__(self) -> str:
        where = f"line {self.line}, " if self.line is not None else ""
        return f"{where}{self.key}: {self.sentence}"


class PlanError(SettingError):
    """A plan that cannot be run; `mistakes` are all that is wrong with it."""

    def __init__(self, path: str, mistakes: Iterable[Mistake]) -> None:
        self.path = path
        self.mistakes = tuple(sorted(set(mistakes), key=lambda one: (one.line or 0, one.key, one.sentence)))
        super().__init__("\n".join(f"{path}, {mistake}" for mistake in self.mistakes))


def key_lines(text: str) -> dict[Place, int]:
    """Return the line, from 1 on, of every table and key of a TOML text.

    Values that span lines are not parsed, so a line of one that looks like a key counts as one; nothing worse than a
    line number hangs on it.

    >>> key_lines("[defaults]\\nseed = 1\\n[[jobs]]\\nmatrix.seed = [1, 2]\\n")[("jobs", 0, "matrix", "seed")]
    4
    """
    lines: dict[Place, int] = {}
    table: Place = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if entry := _ENTRY.match(line):
            name = entry[1].strip()
            counts[name] = counts.get(name, -1) + 1
            table = (name, counts[name])
            lines[table] = number
        elif header := _TABLE.match(line):
            first, *rest = _parts(header[1])
            table = (first, counts[first], *rest) if first in counts else (first, *rest)
            lines[table] = number
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def _parts(dotted: str) -> Iterator[str]:
    return (part.strip().strip("\"'") for part in dotted.split("."))


def line_of(place: Place, lines: Mapping[Place, int]) -> int | None:
    """Return the line of a place, or of the innermost table around it that has one."""
    while place:
        if place in lines:
            return lines[place]
        if any(len(known) > len(place) and known[: len(place)] == place for known in lines):
            return min(line for known, line in lines.items() if known[: len(place)] == place)
        place = place[:-1]
    return None
