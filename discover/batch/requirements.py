"""What a plan requires of laws, held against the names of its data before anything runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from discover.data.fields import space_names, variable_names
from discover.data.formulate import left_orders
from discover.data.several import each
from discover.errors import SettingError
from discover.physics import Subject, statements

UNTAUGHT = ("operon", "gplearn", "pysr", "pysindy")
"""Engines that no requirement reaches."""


def objections(settings: Mapping[str, Any], dataset: Any, uses_time: bool = False) -> list[str]:
    """Return what is wrong with the requirements of a job, a sentence each; none where they can be asked for.

    Args:
        settings: of the job.
        dataset: its data, as `discover.load` reads them, or `observations` where it has a target.
        uses_time: whether terms hold the time, which requirements may then speak of too.
    """
    if "require" not in settings:
        return []
    if "by" in settings:
        return ["It is for one case at a time so far; leave by out, or require."]
    if settings.get("form") == "stochastic":
        return ['It is not for stochastic laws so far; leave form = "stochastic" out, or require.']
    if settings.get("engine") in UNTAUGHT:
        return [f'The engine {settings["engine"]} takes no requirements; leave them out, or take engine = "sparse".']
    asked = settings["require"]
    return _unreadable([asked] if isinstance(asked, str) else asked, subject_of(settings, dataset, uses_time))


def _unreadable(texts: Sequence[str], subject: Subject) -> list[str]:
    """Return why texts cannot be read; they are read together, because forms name constants that others speak of."""
    left, found = list(texts), []
    while sentence := _sentence(left, subject):
        found.append(sentence)
        wrong = [text for text in left if text in sentence or _sentence([text], subject) == sentence]
        if not wrong:
            break
        left.remove(max(wrong, key=len))
    return found


def _sentence(texts: Sequence[str], subject: Subject) -> str:
    try:
        statements(texts, subject)
    except SettingError as error:
        return str(error)
    return ""


def states_of(dataset: Any) -> tuple[str, ...]:
    """Return what has an equation: the states, or the targets of a table."""
    one = each(dataset)[0]
    return tuple(name for name in variable_names(one) if one[name].attrs.get("role") != "input")


def subject_of(settings: Mapping[str, Any], dataset: Any, uses_time: bool) -> Subject:
    """Return the names that requirements may speak of: those of the problem that the data will make."""
    one = each(dataset)[0]
    names = variable_names(one)
    targets = states_of(dataset)
    if "target" in settings:
        return Subject(names, targets, "row", formulation="algebraic")
    time = str(one["time"].attrs.get("long_name", "time"))
    return Subject(
        names=(*names, time) if uses_time and time not in names else names,
        targets=targets,
        time=time,
        space=space_names(one),
        orders=left_orders(settings.get("order", 1), targets),
        formulation="discrete" if settings.get("form") == "map" else "weak",
    )
