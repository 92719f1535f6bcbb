"""What can be known to be wrong with a plan before anything runs: missing engines, and data that do not fit."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from discover.batch.call import arguments, engine_of, library_of, loaded
from discover.batch.mistakes import Mistake, PlanError, line_of
from discover.batch.plan import Job, Plan, drafted
from discover.batch.requirements import objections, states_of
from discover.batch.schema import KEYS
from discover.data.formulate import left_orders
from discover.data.observations import observations
from discover.data.several import each
from discover.errors import DiscoverError, InputError, did_you_mean
from discover.find import ENGINES, LAW_ENGINES

LARGEST = 2**25
"""Bytes of the files of a job up to which they are read by the check; larger ones only have to be there."""

Observe = Callable[[str, float], None]
Objection = tuple[str, str]
"""The key that something is wrong with, and what."""


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
    mistakes += [mistake for job in plan.jobs if (mistake := _engine(plan, job))]
    unclear = {place[: 1 if place[0] == "defaults" else 2] for place, _ in found if place[-1] in _TO_LOAD}
    entries: dict[Any, list[Job]] = {}
    for job in plan.jobs:
        entries.setdefault(job.places["data"], []).append(job)
    seen: dict[Any, list[Objection]] = {}
    told: list[str] = []
    for done, (place, jobs) in enumerate(entries.items()):
        observe("checking the data", done / len(entries))
        if place[:2] in unclear or ("defaults",) in unclear:
            continue  # what is wrong there already would be told once more, in other words
        refused = {job.name: wrong for job in jobs if (wrong := _refused(job, seen))}
        if len(refused) == len(jobs):
            mistakes += _mistakes(plan, jobs, refused)
        else:
            told += [f"{name} will fail: {sentence}" for name, wrong in refused.items() for _, sentence in wrong]
    if mistakes:
        raise PlanError(plan.path.name, mistakes)
    return plan, tuple(told)


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


def _engine(plan: Plan, job: Job) -> Mistake | None:
    """Return the mistake of a job whose engine is not known or not here, or None."""
    engines = LAW_ENGINES if "target" in job.settings else ENGINES
    name = job.settings.get("engine", "auto")
    if name == "auto":
        sentence = ""
    elif name not in engines:
        kind = "formulas" if engines is LAW_ENGINES else "equations of motion"
        sentence = f'There is no engine "{name}" for {kind}.{did_you_mean(name, ["auto", *engines])}'
    else:
        needs: Callable[[], str | None] = getattr(engines[name], "missing", lambda: None)
        sentence = needs() or ""
    if not sentence:
        try:
            engine_of(job.settings)
        except InputError as error:
            sentence = str(error)
    place = job.places.get("engine") or next((job.places[key] for key in job.settings if _is_symbolic(key)), ("jobs",))
    return Mistake(line_of(place, plan.lines), "engine", sentence) if sentence else None


def _is_symbolic(key: str) -> bool:
    return KEYS[key].use == "symbolic"


def _refused(job: Job, seen: dict[Any, list[Objection]]) -> list[Objection]:
    """Return why a job cannot be done on its data; jobs that share data and what is said of them are looked at once."""
    said = {name: value for name, value in job.settings.items() if name in _OF_DATA}
    if "require" in said:
        said["engine"] = job.settings.get("engine")
    key = (job.data, repr(sorted(said.items())))
    if key not in seen:
        seen[key] = _objections(job)
    return seen[key]


_TO_LOAD = frozenset(("data", "target", *(key.name for key in KEYS.values() if key.use in ("load", "table"))))
_OF_TERMS = {key.name for key in KEYS.values() if key.use == "library"}
_OF_DATA = _TO_LOAD | _OF_TERMS | {"order", "form", "require"}
"""Settings that decide whether data can be read, and with the terms and requirements whether they can be used."""


def _objections(job: Job) -> list[Objection]:
    if sum(_size(Path(file)) for file in job.data) > LARGEST:
        return []
    about = "data"
    try:
        settings = job.settings
        if "target" in settings:
            told = arguments(settings, "table", "law")
            known = ("columns", "units", "sigma", "weights")
            dataset = observations(job.data[0], settings["target"], **{k: v for k, v in told.items() if k in known})
            return [("require", sentence) for sentence in objections(settings, dataset)]
        dataset = loaded(job)
        about = "order"
        left_orders(settings.get("order", 1), states_of(dataset))
        about = next((name for name in ("terms", "library", "denominator") if name in settings), "data")
        uses_time = _uses_time(job, dataset)
    except DiscoverError as error:
        named = next((key for key in job.settings if f"{key}=" in str(error)), about)
        return [(named, str(error))]
    return [("require", sentence) for sentence in objections(job.settings, dataset, uses_time)]


def _uses_time(job: Job, dataset: Any) -> bool:
    """Return whether terms hold the time; raises where they name what the data do not hold."""
    library = library_of(job.settings, dataset)
    over = getattr(library, "over", None)
    if over is None or each(dataset)[0].attrs.get("space") or "by" in job.settings:
        return False
    names = [str(name) for name in dataset.data_vars]
    time = str(dataset["time"].attrs.get("long_name", "time"))
    terms = over(names, (time,), () if time in names else (time,))
    return any(index >= len(names) for term in terms for index in term.variables)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
    return path.stat().st_size if path.exists() else 0
