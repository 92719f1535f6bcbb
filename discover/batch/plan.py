"""A plan: TOML in, one job for every data set and every combination of a matrix out."""

import glob
import itertools
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from discover.batch.mistakes import Mistake, Place, PlanError, key_lines, line_of
from discover.batch.schema import FORMS, KEYS, form, refusal
from discover.errors import SettingError, did_you_mean

OUTSIDE = ("output", "defaults", "jobs")
NOT_FOR_ALL = ("name", "data")
"""Keys of [[jobs]] only."""

NOT_VARIED = ("name", "data", "together", "matrix")
"""Keys that no matrix goes over."""

MOST_JOBS = 100_000

_UNSAFE = re.compile(r"[^\w.+=-]+")


@dataclass(frozen=True, slots=True)
class Job:
    """One data set, or several that share one law, and how a law is sought in it.

    Attributes:
        name: of the job and of its folder.
        data: paths of the files.
        settings: key of a plan -> value as it stands there.
        places: key -> where in the plan its value stands.
    """

    name: str
    data: tuple[str, ...]
    settings: Mapping[str, Any]
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, expanded.

    Attributes:
        path: of the file.
        jobs: in the order of the plan.
        output: the folder that the plan names, from the folder of the plan; None where it names none.
        lines: place -> line of the file.
    """

    path: Path
    jobs: tuple[Job, ...]
    output: Path | None
    lines: Mapping[Place, int] = field(default_factory=dict, compare=False, repr=False)


def read_plan(path: str | Path) -> Plan:
    """Read a plan and expand it; nothing of the data is read, only which files there are.

    Raises:
        PlanError: for everything that is wrong with the text, all at once; `check` looks at engines and data too.
        SettingError: where there is no such file.

    >>> import tempfile
    >>> text = '[[jobs]]\\ndata = "a.csv"\\nmatrix.seed = [0, 1]\\n'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.csv").write_text("t,x")
    ...     _ = Path(folder, "plan.toml").write_text(text)
    ...     [job.name for job in read_plan(Path(folder, "plan.toml")).jobs]
    ['a-seed0', 'a-seed1']
    """
    plan, mistakes = drafted(path)
    if mistakes:
        raise PlanError(plan.path.name, (mistake for _, mistake in mistakes))
    return plan


def drafted(path: str | Path) -> tuple[Plan, list[tuple[Place, Mistake]]]:
    """Return a plan as far as it can be read, and what is wrong with it, each with its place.

    Raises:
        PlanError: where it is no TOML.
        SettingError: where there is no such file.
    """
    path = Path(path)
    text = _text(path)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(path.name, [Mistake(None, "TOML", f"{error}.")]) from None
    reader = _Reader(path, content, key_lines(text))
    jobs, output = reader.jobs(), content.get("output")
    folder = path.parent / output if isinstance(output, str) else None
    return Plan(path, jobs, folder, reader.lines), reader.mistakes


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingError(f"There is no plan {path}; discover batch --example prints one to begin with.") from None
    except UnicodeDecodeError:
        raise SettingError(f"{path} is no plan: it is not UTF-8 text.") from None
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from None


@dataclass(slots=True)
class _Reader:
    """Goes over a plan once and collects what is wrong."""

    path: Path
    content: dict[str, Any]
    lines: Mapping[Place, int]
    mistakes: list[tuple[Place, Mistake]] = field(default_factory=list)

    def tell(self, place: Place, sentence: str) -> None:
        key = ".".join(str(part) for part in place if not isinstance(part, int))
        self.mistakes.append((place, Mistake(line_of(place, self.lines), key, sentence)))

    def jobs(self) -> tuple[Job, ...]:
        """Return the jobs; those of entries with mistakes are left out."""
        for name in self.content:
            if name not in OUTSIDE:
                self.tell((name,), f'A plan has no "{name}".{did_you_mean(name, OUTSIDE)}{_belongs(name)}')
        if "output" in self.content and not isinstance(self.content["output"], str):
            self.tell(("output",), "It takes the name of a folder.")
        defaults = self._table(("defaults",), self.content.get("defaults", {}))
        entries = self.content.get("jobs", [])
        if not isinstance(entries, list) or not entries:
            self.tell(("jobs",), "A plan holds at least one [[jobs]], with its data; two brackets each.")
            return ()
        found: list[tuple[Place, Job]] = []
        for at, entry in enumerate(entries):
            table = self._table(("jobs", at), entry)
            if table is not None and defaults is not None:
                found += (((("jobs", at)), job) for job in self._entry(("jobs", at), table, defaults))
        self._check_names(found)
        return tuple(job for _, job in found)

    def _table(self, place: Place, table: Any) -> dict[str, Any] | None:
        """Return the values of a table that are right, with `matrix` as a table of lists; tell the others."""
        if not isinstance(table, dict):
            self.tell(place, "It takes a table of keys and values.")
            return None
        good: dict[str, Any] = {}
        for name, value in table.items():
            if name == "matrix":
                good["matrix"] = self._matrix((*place, "matrix"), value)
            elif name not in KEYS or (place == ("defaults",) and name in NOT_FOR_ALL):
                known = [key for key in (*KEYS, "matrix") if place != ("defaults",) or key not in NOT_FOR_ALL]
                self.tell((*place, name), f'There is no key "{name}" here.{did_you_mean(name, known)}')
            elif wrong := refusal(KEYS[name], value):
                self.tell((*place, name), wrong)
            else:
                good[name] = value
        return good

    def _matrix(self, place: Place, table: Any) -> dict[str, list[Any]]:
        if not isinstance(table, dict):
            self.tell(place, 'It takes lists by key, such as matrix.engine = ["sparse", "pysindy"].')
            return {}
        good: dict[str, list[Any]] = {}
        for name, values in table.items():
            if name not in KEYS or name in NOT_VARIED:
                known = [key for key in KEYS if key not in NOT_VARIED]
                self.tell((*place, name), f'A matrix has no key "{name}".{did_you_mean(name, known)}')
            elif not isinstance(values, list) or not values:
                self.tell((*place, name), "A matrix takes a list of values, each of which gives a job of its own.")
            else:
                wrong = [sentence for value in values if (sentence := refusal(KEYS[name], value))]
                for sentence in wrong:
                    self.tell((*place, name), sentence)
                if not wrong:
                    good[name] = values
        return good

    def _entry(self, place: Place, table: dict[str, Any], defaults: dict[str, Any]) -> Iterator[Job]:
        """Yield the jobs of one [[jobs]]: every data set with every combination of its matrix."""
        if "data" not in self.content["jobs"][place[1]]:
            self.tell(place, 'It has no data; name a file or a glob, such as data = "runs/*.csv".')
        groups = self._data(place, table)
        both = {**defaults.get("matrix", {}), **table.get("matrix", {})}
        fixed = {**defaults, **table}
        is_law = "target" in fixed or "target" in both
        self._check_use(place, table, is_law)
        varied = {name: values for name, values in both.items() if name not in table or name in table.get("matrix", {})}
        varied = {name: values for name, values in varied.items() if _applies(name, is_law)}
        settings = {
            name: value
            for name, value in fixed.items()
            if name not in (*NOT_VARIED, *varied)
            and _applies(name, is_law)
            and not (is_law and name == "form" and name not in table and value in FORMS)
        }
        self._check_library(place, settings, varied)
        places = {name: (*place, name) if name in table else ("defaults", name) for name in settings}
        places |= {
            name: (*place, "matrix", name) if name in table.get("matrix", {}) else ("defaults", "matrix", name)
            for name in varied
        }
        places["data"] = (*place, "data")
        for (label, data), combination in itertools.product(groups, itertools.product(*varied.values())):
            chosen = dict(zip(varied, combination, strict=True))
            parts = (label, *(_label(name, value, varied[name]) for name, value in chosen.items()))
            yield Job("-".join(parts), data, settings | chosen, places)

    def _data(self, place: Place, table: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
        """Return what the data sets are called, with their files."""
        patterns = table.get("data", [])
        files: list[str] = []
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            matched = self._matched(pattern)
            if not matched:
                self.tell((*place, "data"), self._nothing_there(pattern))
            files += [one for one in matched if one not in files]
        if not files:
            return []
        name = table.get("name")
        if table.get("together"):
            return [(_safe(name or Path(files[0]).stem), tuple(files))]
        labels = _told_apart(files)
        if name is None:
            return [(label, (file,)) for label, file in zip(labels, files, strict=True)]
        alone = len(files) == 1 and isinstance(patterns, str) and not glob.has_magic(patterns)
        names = [_safe(name)] if alone else [f"{_safe(name)}-{label}" for label in labels]
        return [(label, (file,)) for label, file in zip(names, files, strict=True)]

    def _matched(self, pattern: str) -> list[str]:
        """Return the files that a glob or a path names, sorted."""
        whole = os.path.abspath(self.path.parent / Path(pattern).expanduser())
        if Path(whole).exists():
            return [whole]
        return sorted(one for one in glob.glob(whole, recursive=True) if not Path(one).name.startswith("."))

    def _nothing_there(self, pattern: str) -> str:
        whole = self.path.parent / Path(pattern).expanduser()
        if glob.has_magic(pattern):
            return f'No file matches "{pattern}", seen from {self.path.parent.resolve()}.'
        if not whole.parent.is_dir():
            return f'There is no file "{pattern}", nor a folder {whole.parent}.'
        near = did_you_mean(whole.name, [one.name for one in whole.parent.iterdir()])
        return f'There is no file "{pattern}".{near if near.startswith(" Did") else ""}'

    def _check_use(self, place: Place, table: dict[str, Any], is_law: bool) -> None:
        """Tell keys of one kind of law that stand with the other; in [defaults] they are for those they fit."""
        for name in (*table, *table.get("matrix", {})):
            if name in KEYS and not _applies(name, is_law):
                self.tell(
                    (*place, "matrix", name) if name in table.get("matrix", {}) else (*place, name),
                    f"With a target a formula of a column is sought, which {name} has no part in; leave one out."
                    if is_law
                    else f"It is for a formula of a column; say which with target, or leave {name} out.",
                )
        if not is_law and "form" in {*table, *table.get("matrix", {})}:
            self._check_form(place, table)
        if is_law and table.get("together"):
            self.tell((*place, "together"), "A formula is sought in one table; join the files first.")

    def _check_form(self, place: Place, table: dict[str, Any]) -> None:
        varied = table.get("matrix", {}).get("form")
        for name in varied or [table["form"]]:
            try:
                form(name)
            except SettingError as error:
                self.tell((*place, "matrix", "form") if varied else (*place, "form"), str(error))

    def _check_library(self, place: Place, settings: dict[str, Any], varied: dict[str, Any]) -> None:
        given = {*settings, *varied}
        if {"library", "degree"} <= given:
            self.tell((*place, "degree"), "The library says which terms there are, and so does degree; leave one out.")

    def _check_names(self, found: list[tuple[Place, Job]]) -> None:
        first: dict[str, Place] = {}
        for place, job in found:
            key = job.name.casefold()  # some file systems take both for one
            if key in first:
                self.tell(place, f'Two jobs are called "{job.name}"; give one of their [[jobs]] another name.')
            first.setdefault(key, place)
        if len(found) > MOST_JOBS:
            self.tell(("jobs",), f"The plan makes {len(found)} jobs, more than {MOST_JOBS}; split it.")


def _applies(name: str, is_law: bool) -> bool:
    return KEYS[name].use not in ({"load", "library", "dynamics"} if is_law else {"law"})


def _belongs(name: str) -> str:
    return f" {name} belongs into [defaults] or [[jobs]]." if name in KEYS else ""


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text).strip("._") or "job"


def _label(name: str, value: Any, values: list[Any]) -> str:
    """Return what a value of a matrix adds to the name of a job."""
    if isinstance(value, str) and len(value) <= 20 and _UNSAFE.search(value) is None:
        return value
    if isinstance(value, int | float):
        return f"{name}{value}"
    return f"{name}{values.index(value) + 1}"


def _told_apart(files: list[str]) -> list[str]:
    """Return a name for every file: its stem, with as many folders before it as it takes.

    >>> _told_apart(["a/run.csv", "b/run.csv"]), _told_apart(["a/x.csv", "b/y.csv"])
    (['a_run', 'b_run'], ['x', 'y'])
    """
    for depth in range(1, 1 + max(len(Path(file).parts) for file in files)):
        names = [_safe("_".join((*Path(f).parts[-depth:-1], Path(f).stem))) for f in files]
        if len({name.casefold() for name in names}) == len(files):
            return names
    return [_safe("_".join((*Path(f).parts[:-1], Path(f).name))) for f in files]
