"""From a job's settings to the call that finds its law: the one place through which plans reach the toolkit."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from discover.batch.plan import Job
from discover.batch.schema import KEYS, Use
from discover.data import load
from discover.find import dynamics, law

if TYPE_CHECKING:
    from discover.discovery import Discovery

Observe = Callable[[str, float], None]


def found_in(job: Job, observe: Observe) -> "Discovery":
    """Return what a job finds.

    Raises:
        DiscoverError: where data or settings cannot be used.
    """
    settings = job.settings
    if "target" in settings:
        spent = arguments(settings, "find")
        if "max_evals" in spent:
            spent.setdefault("budget", None)  # both would make the answer depend on the machine
        if spent.get("engine") == "auto":
            del spent["engine"]
        named = arguments(settings, "table", "law")
        return law(job.data[0], settings["target"], observe=observe, **named, **spent)
    dataset = loaded(job)
    named = arguments(settings, "dynamics", "find")
    offered = library_of(settings, dataset)
    by = settings.get("by")
    return dynamics(dataset, library=offered, by=by, observe=observe, **named)


def arguments(settings: Mapping[str, Any], *uses: Use) -> dict[str, Any]:
    """Return the settings that go to one of these uses, as keyword arguments.

    >>> arguments({"seed": 3, "time": "t", "budget": "2min"}, "find")
    {'seed': 3, 'budget': 120.0}
    """
    keys = ((KEYS[name], value) for name, value in settings.items())
    return {key.keyword: key.read(value) for key, value in keys if key.use in uses}


def loaded(job: Job) -> Any:
    """Return the data of a job of motion, as `discover.load` reads them."""
    return load(job.data[0] if len(job.data) == 1 else list(job.data), **arguments(job.settings, "load", "table"))


def library_of(settings: Mapping[str, Any], dataset: Any) -> Any:
    """Return the terms on offer; None leaves the choice to the engine, which knows how many the data can tell apart."""
    offered = arguments(settings, "library")
    degree, denominator = offered.get("degree"), offered.get("denominator")
    library, more = offered.get("library"), offered.get("terms")
    if library is None and (degree is not None or more is not None):
        library = _polynomial(degree, settings.get("order", 1), dataset)
    if more is not None:
        library = library + more
    if denominator is None:
        return library
    from discover.expr import Polynomial, Rational, Terms

    above = _polynomial(None, 1, dataset) + Terms("1") if library is None else library
    return Rational(above, Polynomial(denominator))


def _polynomial(degree: int | None, order: Any, dataset: Any) -> Any:
    from discover.expr import Polynomial, TimeDerivatives, default_library

    states = [str(name) for name, column in dataset.data_vars.items() if column.attrs.get("role") != "input"]
    polynomial = default_library(len(states)) if degree is None else Polynomial(degree)
    moving = tuple(name for name in states if (order if isinstance(order, int) else order.get(name)) == 2)
    return TimeDerivatives(polynomial, moving) if moving else polynomial
