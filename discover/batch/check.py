"""What can be known to be wrong with a plan before anything runs: missing engines, and data that do not fit."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from discover.batch.call import engine_of, symbolic_settings
from discover.batch.mistakes import Mistake, Place, PlanError, line_of
from discover.batch.plan import Job, Plan, drafted
from discover.batch.schema import KEYS
from discover.batch.suitability import Objection, at_odds, unsuited
from discover.errors import InputError, did_you_mean
from discover.find import ENGINES, LAW_ENGINES

LARGEST = 2**25
"""Bytes of the files of a job up to which they are read by the check; larger ones only have to be there."""

Observe = Callable[[str, float], None]


def checked(path: str | Path, observe: Observe = lambda step, share: None) -> tuple[Plan, tuple[str, ...]]:
    """Read a plan, look at the engines and the data of every job, and return it with what is to be told beforehand.

    A data set that cannot be used is a mistake of the plan where no data set of its [[jobs]] can; where others can,
    its job will fail and the rest go on, which a line says.

    Raises:
        PlanError: for everything that is wrong, all at once.
        SettingError: where there is no such file.
    """
    plan, found = drafted(path)
    mistakes = [mistake for _, mistake in found]
    mistakes += [mistake for job in plan.jobs for mistake in _engine(plan, job)]
    unclear = [place for place, _ in found if place[-1] in _TO_LOAD]
    entries: dict[Any, list[Job]] = {}
    for job in plan.jobs:
        entries.setdefault(job.places["data"], []).append(job)
    seen: dict[Any, list[Objection]] = {}
    told: list[str] = []
    for done, (place, jobs) in enumerate(entries.items()):
        observe("checking the data", done / len(entries))
        if any(_hides(one, place, jobs[0]) for one in unclear):
            continue  # what is wrong there already would be told once more, in other words
        refused = {job.name: wrong for job in jobs if (wrong := _refused(job, seen))}
        if len(refused) == len(jobs):
            mistakes += _mistakes(plan, jobs, refused)
        else:
            told += [f"{name} will fail: {sentence}" for name, wrong in refused.items() for _, sentence in wrong]
    if mistakes:
        raise PlanError(plan.path.name, mistakes)
    return plan, tuple(told)


def _hides(mistaken: Place, data: Place, job: Job) -> bool:
    """Return whether a mistake keeps the data of a [[jobs]] from being read as they are meant."""
    here = mistaken[: 1 if mistaken[0] == "defaults" else 2] in (("defaults",), data[:2])
    return here and not ("target" in job.settings and KEYS[str(mistaken[-1])].use == "load")


def _mistakes(plan: Plan, jobs: list[Job], refused: dict[str, list[Objection]]) -> Iterator[Mistake]:
    """Yield the mistakes of one [[jobs]] none of whose jobs can be done, at the keys that they are about."""
    by_key: dict[str, list[str]] = {}
    for key, sentence in (one for wrong in refused.values() for one in wrong):
        by_key.setdefault(key, []).append(sentence)
    for key, sentences in by_key.items():
        line = line_of(jobs[0].places.get(key, jobs[0].places["data"]), plan.lines)
        yield from (Mistake(line, key, sentence) for sentence in _few(sentences))


def _few(sentences: list[str]) -> Iterator[str]:
    """Yield three sentences at most: a column that no file has is one mistake, not one a file."""
    sentences = list(dict.fromkeys(sentences))
    yield from sentences[:3]
    if len(sentences) > 3:
        yield f"{sentences[2]} (And so for {len(sentences) - 3} more files.)"


def _engine(plan: Plan, job: Job) -> Iterator[Mistake]:
    """Yield the mistakes of a job whose engine is not known or not here, or takes other settings."""
    engines = LAW_ENGINES if "target" in job.settings else ENGINES
    name = job.settings.get("engine", "auto")
    if name != "auto" and name not in engines:
        kind = "formulas" if engines is LAW_ENGINES else "equations of motion"
        found = {"engine": f'There is no engine "{name}" for {kind}.{did_you_mean(name, ["auto", *engines])}'}
    else:
        needs: Callable[[], str | None] = getattr(engines.get(name), "missing", lambda: None)
        missing = needs()
        found = {"engine": missing} if missing else _unfit(job)
    for key, sentence in found.items():
        yield Mistake(line_of(job.places.get(key, ("jobs",)), plan.lines), key, sentence)


def _unfit(job: Job) -> dict[str, str]:
    """Return what is wrong with the settings of the symbolic engine, by key: each on its own, then all together."""
    told = symbolic_settings(job.settings)
    alone = {"engine": "symbolic"} | ({"target": ""} if "target" in job.settings else {})
    found = {key: said for key in told if (said := _said(alone | {key: job.settings[key]}))}
    together = "" if found else _said(job.settings)
    return found or ({next(iter(told), "engine"): together} if together else {})


def _said(settings: Mapping[str, Any]) -> str:
    try:
        engine_of(settings)
    except InputError as error:
        return str(error)
    return ""


def _refused(job: Job, seen: dict[Any, list[Objection]]) -> list[Objection]:
    """Return why a job cannot be done on its data; jobs that share data and what is said of them are looked at once."""
    said = {name: value for name, value in job.settings.items() if name in _OF_DATA}
    if any(name in said for name in _SPEAKING_OF_ENGINES):
        said["engine"] = job.settings.get("engine")
    key = (job.data, repr(sorted(said.items())))
    if key not in seen:
        seen[key] = _objections(job)
    return seen[key]


_TO_LOAD = frozenset(("data", "target", *(key.name for key in KEYS.values() if key.use in ("load", "table"))))
_OF_TERMS = {key.name for key in KEYS.values() if key.use == "library"}
_OF_DATA = _TO_LOAD | _OF_TERMS | {"order", "form", "require", "augment", "guesses", "nondimensionalise"}
"""Settings that decide whether data can be read, and with the terms and requirements whether they can be used."""

_SPEAKING_OF_ENGINES = ("require", "augment", "guesses", "form")


def _objections(job: Job) -> list[Objection]:
    return list(at_odds(job.settings)) if sum(_size(Path(file)) for file in job.data) > LARGEST else unsuited(job)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
    return path.stat().st_size if path.exists() else 0
