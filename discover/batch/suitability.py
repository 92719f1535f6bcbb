"""Whether the settings of a job go with its data: found out by reading them, and by leaving out one piece at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from discover.batch.call import arguments, library_of, loaded
from discover.batch.plan import Job
from discover.batch.requirements import UNTAUGHT, objections, states_of, subject_of
from discover.data.formulate import left_orders
from discover.data.observations import observations
from discover.data.several import each
from discover.errors import DiscoverError
from discover.physics.augmentation import copies

Objection = tuple[str, str]
"""The key that something is wrong with, and what."""

Stage = Literal["read", "order", "terms", "augment"]

KEYS_OF: Mapping[Stage, tuple[str, ...]] = {
    "read": ("time", "group", "by", "space", "inputs", "columns", "units", "sigma", "weights"),
    "order": ("order",),
    "terms": ("terms", "library", "denominator"),
    "augment": ("augment",),
}
"""What may be to blame where a stage refuses."""

NAMING = frozenset(("time", "space", "columns", "target", "data"))
"""Keys without which it is not known what the variables are called, so that nothing more can be said."""

MOST = 20
"""Objections to one job, which end the looking for more."""


def unsuited(job: Job) -> list[Objection]:
    """Return why a job cannot be done on its data: everything that is wrong, as far as it can be told apart.

    Where something is refused, the piece of the settings at fault is the one without which the refusal changes; it
    is left out, and the rest is looked at again.
    """
    settings, found = dict(job.settings), list(at_odds(job.settings))
    settings = {name: value for name, value in settings.items() if name not in {key for key, _ in found}}
    while len(found) < MOST:
        seen = _seen(Job(job.name, job.data, settings))
        if not isinstance(seen, _Refusal):
            dataset, uses_time = seen
            return found + [("require", sentence) for sentence in objections(settings, dataset, uses_time)]
        key, smaller = _blamed(job, settings, seen)
        if found and key == "data":
            return found  # what leaving a piece out has brought about is no mistake of the plan
        found.append((key, seen.sentence))
        if smaller is None or (key in NAMING and _smaller_refusal(job, smaller) is None):
            return found
        settings = smaller
    return found


def at_odds(settings: Mapping[str, Any]) -> Iterator[Objection]:
    """Yield the keys that cannot stand beside others, whatever the data.

    >>> list(at_odds({"nondimensionalise": True, "by": "run"}))
    [('by', 'It speaks of what has units; leave by out, or nondimensionalise.')]
    """
    formula = "target" in settings
    if settings.get("nondimensionalise"):
        for name in ("form", "guesses", "require") if formula else ("by", "require"):
            if name in settings:
                yield name, f"It speaks of what has units; leave {name} out, or nondimensionalise."
    elif formula and settings.get("engine", "symbolic") not in ("symbolic", "auto"):
        for name in ("form", "guesses"):
            if name in settings:
                yield name, f'It is for engine = "symbolic", got "{settings["engine"]}"; leave {name} out.'
    if "augment" in settings and ("by" in settings or settings.get("form") == "stochastic"):
        yield "augment", "It is for one case under a law without chance; leave it out, or by and the stochastic form."
    elif "augment" in settings and settings.get("engine") in UNTAUGHT:
        yield "augment", f'The engine {settings["engine"]} takes no symmetries; take engine = "sparse".'


@dataclass(frozen=True, slots=True)
class _Refusal:
    stage: Stage
    sentence: str


def _seen(job: Job) -> tuple[Any, bool] | _Refusal:
    """Return the data of a job and whether its terms hold the time, or what is refused."""
    stage: Stage = "read"
    settings = job.settings
    try:
        if "target" in settings:
            told = {k: v for k, v in arguments(settings, "table", "law").items() if k in KEYS_OF["read"]}
            return observations(job.data[0], settings["target"], **told), False
        dataset = loaded(job)
        stage = "order"
        left_orders(settings.get("order", 1), states_of(dataset))
        stage = "terms"
        uses_time = _uses_time(job, dataset)
        stage = "augment"
        subject = subject_of(settings, dataset, uses_time)
        for words in _listed(settings.get("augment", [])):
            copies(words, subject)
    except DiscoverError as error:
        return _Refusal(stage, str(error))
    return dataset, uses_time


def _blamed(job: Job, settings: dict[str, Any], refused: _Refusal) -> tuple[str, dict[str, Any] | None]:
    """Return the key at fault, and the settings without the piece of it; None where it is the data themselves."""
    for key in KEYS_OF[refused.stage]:
        for piece, smaller in _without_a_piece(settings, key):
            after = _seen(Job(job.name, job.data, smaller))
            named = f"{key}=" in refused.sentence or any(f'"{word}"' in refused.sentence for word in piece)
            if after != refused and (named or refused.stage != "read" or not isinstance(after, _Refusal)):
                return key, smaller
    return "target" if refused.stage == "read" and _speaks_of_target(settings, refused) else "data", None


def _smaller_refusal(job: Job, settings: dict[str, Any]) -> _Refusal | None:
    """Return what is refused next where that is about reading too; what comes after it would be guesswork."""
    seen = _seen(Job(job.name, job.data, settings))
    return seen if isinstance(seen, _Refusal) and seen.stage == "read" else None


def _speaks_of_target(settings: Mapping[str, Any], refused: _Refusal) -> bool:
    return any(f'"{name}"' in refused.sentence for name in _listed(settings.get("target", [])))


def _without_a_piece(settings: dict[str, Any], key: str) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Yield the settings without one piece of a key, and the words of that piece; the whole of it comes last."""
    value = settings.get(key)
    if value is None:
        return
    if isinstance(value, list) and len(value) > 1:
        for at, one in enumerate(value):
            yield [str(one)], settings | {key: value[:at] + value[at + 1 :]}
    elif isinstance(value, dict) and len(value) > 1:
        for name, one in value.items():
            yield [name, str(one)], settings | {key: {k: v for k, v in value.items() if k != name}}
    words = [*value, *value.values()] if isinstance(value, dict) else _listed(value)
    yield [str(word) for word in words], {name: one for name, one in settings.items() if name != key}


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


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
