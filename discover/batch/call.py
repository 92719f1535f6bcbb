"""From a job's settings to the call that finds its law: the one place through which plans reach the toolkit."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from discover.batch.plan import Job
from discover.batch.schema import KEYS, Use, form
from discover.data import load
from discover.data.libraries import asked_library
from discover.errors import SettingError
from discover.find import dynamics, law
from discover.symbolic import Symbolic

if TYPE_CHECKING:
    from discover.discovery import Discovery

ONE_THREAD: dict[str, Any] = {"n_jobs": 1}
"""Unless a plan says otherwise: other jobs use the other cores, and the law is the same with any number."""

Observe = Callable[[str, float], None]


def found_in(job: Job, observe: Observe) -> "Discovery":
    """Return what a job finds.

    Raises:
        DiscoverError: where data or settings cannot be used.
    """
    settings = job.settings
    if "target" in settings:
        told = arguments(settings, "table", "law", "find", "form") | {"engine": engine_of(settings), "observe": observe}
        if "max_evals" in told:
            told.setdefault("budget", None)  # both would make the answer depend on the machine
        return law(job.data[0], settings["target"], **ONE_THREAD | told)
    told = arguments(settings, "dynamics", "find") | {"engine": engine_of(settings), "observe": observe}
    if "form" in settings:
        told["form"] = form(settings["form"])
    dataset = loaded(job)
    library = library_of(settings, dataset)
    return dynamics(dataset, library=library, by=settings.get("by"), **ONE_THREAD | told)


def engine_of(settings: Mapping[str, Any]) -> Any:
    """Return the engine of a job: its name, or the symbolic one as the settings say.

    Raises:
        SettingError: for settings of the symbolic engine that it does not take, or that another engine is given.

    >>> engine_of({"engine": "sparse"}), engine_of({"target": "y"}), engine_of({"target": "y", "maxsize": 9}).maxsize
    ('sparse', 'symbolic', 9)
    """
    name, told = settings.get("engine", "auto"), symbolic_settings(settings)
    if "target" in settings and name == "auto":
        name = "symbolic"
    if told and name != "symbolic":
        raise SettingError(f'{next(iter(told))} is for engine = "symbolic", got "{name}"; leave one of them out.')
    return Symbolic(**told) if told else name


def symbolic_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return those settings that configure the symbolic engine."""
    return arguments(settings, "symbolic")


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
    """Return the terms on offer; None leaves the choice to the engine."""
    return asked_library(dataset, **arguments(settings, "library"), order=settings.get("order", 1))
