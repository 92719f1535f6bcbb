"""The whole way, from data to a Discovery, in one readable function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from discover.answers import Answer, answers
from discover.contract import Budget, Constraint, Engine, Observer
from discover.data import load
from discover.data.cases import with_cases
from discover.data.clock import with_clock
from discover.data.coordinates import with_coordinates
from discover.data.formulate import formulate
from discover.data.increments import Stochastic
from discover.data.observations import formulate_observations, observations
from discover.data.stencils import Strong, Weak
from discover.data.steps import Map
from discover.data.trust import brief
from discover.dimensionless import measure_of, restored, table_in_groups, trajectories_in_groups
from discover.discovery import Discovery
from discover.equation import Law
from discover.errors import DataError, SettingError, did_you_mean
from discover.expr import Library
from discover.front import Front
from discover.inference.losses import read_loss
from discover.inference.offer import terms_on_offer
from discover.inference.steps import calibrated
from discover.judge import checked, conclude, conclude_formula, with_demands, with_formula_demands, with_suggestions
from discover.peers import GPLearn, Operon, PySINDy, PySR
from discover.physics import augmented_note, augmenting, required, symmetries
from discover.problem import Problem
from discover.provenance import origin_of
from discover.sparse import Sparse
from discover.symbolic import Keeper, Symbolic

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from discover.data.several import Recordings

ENGINES: dict[str, Callable[..., Engine]] = {"sparse": Sparse, "symbolic": Symbolic, "pysindy": PySINDy}
"""Engines by name."""

LAW_ENGINES: dict[str, Callable[..., Engine]] = {
    "symbolic": Symbolic,
    "sparse": Sparse,
    "pysr": PySR,
    "operon": Operon,
    "gplearn": GPLearn,
}
"""Those of `law`."""

AUTOMATIC = ("sparse",)
"""Where "auto" looks for the first that supports the problem; peers are run only when asked for."""


def dynamics(
    data: "str | Path | pd.DataFrame | xr.Dataset | Mapping[str, Any] | Sequence[Any] | Recordings",
    *,
    engine: str | Engine = "auto",
    library: Library | None = None,
    form: Weak | Strong | Map | Stochastic | None = None,
    order: int | Mapping[str, int] = 1,
    by: str | None = None,
    require: "str | Constraint | Sequence[str | Constraint]" = (),
    augment: str | Sequence[str] = (),
    nondimensionalise: bool = False,
    budget: float | str | None = None,
    max_evals: int | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
    observe: Observer | None = None,
) -> Discovery:
    """Find the equations that govern measured trajectories.

    Args:
        data: what `discover.load` takes or returns: a path, DataFrame, Dataset or dict of arrays, or a list of these.
        engine: "sparse" picks few terms of a library, "symbolic" makes up expressions; "auto" takes the library
            first and, where it is left to choose that too, makes up expressions for what the library cannot explain.
            Or a configured one such as `Sparse(max_terms=5)`.
        library: terms on offer, such as `Polynomial(3) + Terms("sin(theta)")`; None chooses a degree.
        form: how rows are made, `Weak()` or `Strong()`, `Map()` for x[n+1] = f(x[n]), `Stochastic()` for
            dx = f dt + g dW; None is the weak form, width chosen from the data.
        order: how often each left-hand side is differentiated by time: 2 for x'' from positions alone, or a dict
            such as {"x": 2} where only some are. None of the velocities need be measured.
        by: labels of cases that share one form with coefficients of their own: "trajectory", or their column.
        require: what the law must obey, such as ["dS/dt + dI/dt + dR/dt == 0", "positive: S, I, R"]; see
            `discover.physics`.
        augment: symmetries whose copies of the trajectories are added, "(x, y) -> (-x, -y)" or "odd: theta"; the copies
            count as the same data as their originals.
        nondimensionalise: seek the law between dimensionless groups, `found.groups()`, and give it back in the units of
            the data; library and augment then speak of the groups.
        budget: seconds, or text such as "60s" or "2min"; None for no limit.
        max_evals: most candidates fitted; the same answer on every machine.
        seed: of everything that is drawn.
        n_jobs: threads; None uses one per equation.
        observe: told the step and the share done, for a progress bar.

    Raises:
        InputError: where data or settings cannot be used; the message says what to change.

    >>> import discover
    >>> found = discover.dynamics(discover.example("pelts"), library=discover.Polynomial(2))
    >>> [len(equation.terms) for equation in found.equations.values()]
    [2, 2]
    """
    _check(library, form, seed, n_jobs)
    dataset = load(data, by=by)
    if nondimensionalise:
        same = {"engine": engine, "library": library, "form": form, "order": order, "augment": augment}
        same |= {"budget": budget, "max_evals": max_evals, "seed": seed, "n_jobs": n_jobs, "observe": observe}
        return _in_groups(dataset, {"by": by, "require": require}, same)
    settings = {"engine": engine, "library": library, "form": form, "order": None if order == 1 else order, "by": by}
    settings |= {"budget": budget, "max_evals": max_evals}
    purse = Budget(seconds(budget), max_evals)
    observe = observe or (lambda step, share: None)
    problem = with_clock(formulate(dataset, form, order, observe, n_jobs), library or getattr(engine, "library", None))
    problem = with_coordinates(problem, library)
    if by is not None:
        problem = with_cases(problem, dataset, by)
    problem = _held(problem, require, augment)
    settings |= {"require": _listed(require), "augment": augment or None}
    searcher = engine_for(problem, engine, library, n_jobs)
    if problem.formulation == "discrete":
        problem = calibrated(problem, terms_on_offer(library or getattr(searcher, "library", None), problem))
    answer: Answer | None = None
    try:
        for better in answers(problem, searcher, purse, seed, observe, engine == "auto" and library is None):
            answer = better
    except KeyboardInterrupt:
        if answer is None:
            raise
        answer = replace(answer, front=replace(answer.front, interrupted=True))
    front, choice = (answer := cast("Answer", answer)).front, answer.choice
    asked, problem = problem, replace(problem, constraints=()) if front.is_hopeless else problem
    provenance = origin_of(dataset, problem, (*problem.notes, *front.notes), settings, seed)
    try:
        found = conclude(problem, front, choice, provenance, seed)
    except KeyboardInterrupt:  # what was found is worth the second that it takes to write it down
        front = replace(front, interrupted=True)
        found = conclude(problem, front, choice, provenance, seed)
    found = _asked_of(found, asked, replace(answer, front=front), searcher, purse, seed)
    return Discovery(found, front)


def _held(problem: Problem, require: Any, augment: str | Sequence[str]) -> Problem:
    """Return a problem whose laws must obey what is required, and what augmenting its data asks of them."""
    if augment:
        mirrored = augmenting(augment, problem)
        problem = replace(problem, notes=(*problem.notes, augmented_note(mirrored)))
        require = [*(_listed(require) or ()), *mirrored]
    return required(require, problem) if require else problem


def _asked_of(found: Law, problem: Problem, answer: Answer, searcher: Engine, purse: Budget, seed: int) -> Law:
    """Return a law that says what the data make of what was required, and which symmetries they suggest."""
    front, choice = answer.front, answer.choice
    if problem.constraints:

        def again(freed: Problem) -> Front:
            return searcher.search(freed, freed.constraints, purse, seed)

        found = with_demands(found, problem, front, choice, again, purse.spent, answer.free)
    if front.interrupted or front.is_hopeless or problem.cases or problem.is_random:
        return found
    possible = symmetries(problem, [equation.rhs for equation in found.equations])
    return with_suggestions(found, problem, choice, possible, purse.spent)


def _in_groups(dataset: Any, refused: dict[str, Any], same: dict[str, Any]) -> Discovery:
    """Seek equations of motion between dimensionless groups, and return them in the units of the data."""
    _refuse_in_groups(refused)
    problem = formulate(dataset, same["form"], same["order"])
    measure = measure_of(problem)
    found = dynamics(trajectories_in_groups(measure), **same)
    told: dict[str, object] = {
        name: same[name] or None for name in ("engine", "library", "form", "augment", "budget", "max_evals")
    }
    told |= {"order": None if same["order"] == 1 else same["order"], "nondimensionalise": True}
    origin = origin_of(dataset, problem, found.law.provenance.notes, told, same["seed"])
    return Discovery(*restored(found.law, found.front, measure, origin))


def law(
    data: "str | Path | pd.DataFrame | xr.Dataset | Mapping[str, Any]",
    target: str | Sequence[str],
    *,
    columns: Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    sigma: Any = None,
    weights: Any = None,
    form: str | Mapping[str, str] | None = None,
    guesses: Sequence[str] | None = None,
    require: "str | Constraint | Sequence[str | Constraint]" = (),
    nondimensionalise: bool = False,
    engine: str | Engine = "symbolic",
    library: Library | None = None,
    budget: float | str | None = "60s",
    max_evals: int | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
    observe: Observer | None = None,
    resume: str | Path | None = None,
) -> Discovery:
    """Find the formula that gives one measured quantity from others, y = f(x), by searching expressions themselves.

    Args:
        data: a table, one row an observation: a path, DataFrame, Dataset or dict of arrays.
        target: the column to be explained; several are explained one after the other, sharing the budget.
        columns: those that may explain it; None takes all other numeric ones.
        units: column -> unit, where the headers do not say it; formulas that break known units are not considered.
        sigma: standard deviation of the errors in the target: a column, a number, one number a row, or a dict of these
            by target. The fit, the ranking, the intervals and chi-square then use it.
        weights: how much each row counts, given like sigma.
        form: what the formula must look like. Names that are no columns are constants to be fitted, "a*exp(-b/T)"; an
            unknown function is sought, "a*exp(-f(T))". By target where there are several.
        guesses: formulas that are tried first, written like a form.
        require: what the formula must obey, such as ["0 <= y <= 1", "increasing: y in x", "even: x"].
        nondimensionalise: seek the formula between π-groups, products of powers of the columns that have no unit.
        engine: "symbolic", or a configured one such as `Symbolic(maxsize=20, unary_operators=["exp"], loss="huber")`;
            "sparse" for a sum of a few terms of a library; a peer by name.
        library: terms on offer to engine="sparse", such as `Polynomial(2) + Terms("exp(-x)")`.
        budget: seconds, or text such as "60s" or "2min"; None for no limit.
        max_evals: most formulas fitted; the same answer on every machine, where the budget is None.
        seed: of everything that is drawn.
        n_jobs: threads; None uses one a processor. The answer is the same with any number.
        observe: told the step and the share done, for a progress bar; `step.front()` gives the formulas so far.
        resume: a file in which the search keeps what it knows, and goes on from where the file is there.

    Raises:
        InputError: where data or settings cannot be used; the message says what to change.

    >>> import numpy as np, discover
    >>> m, a = np.random.default_rng(0).uniform(1.0, 5.0, (2, 100))
    >>> found = discover.law({"m": m, "a": a, "F": m * a}, target="F")
    >>> found.verdict.word, repr(found).splitlines()[0]
    ('law', 'F = m·a')
    """
    _check(library, None, seed, n_jobs)
    dataset = observations(data, target, columns, units, sigma, weights)
    problem = formulate_observations(dataset)
    if nondimensionalise:
        same = {"engine": engine, "library": library, "budget": budget, "max_evals": max_evals, "seed": seed}
        same |= {"n_jobs": n_jobs, "observe": observe}
        given = {"form": form, "guesses": guesses, "require": require, "resume": resume}
        return _formula_in_groups(dataset, problem, given, {"target": target, "columns": columns, "units": units}, same)
    problem = required(require, problem) if require else problem
    searcher = _of_formulas(problem, engine, {"form": form, "guesses": guesses}, n_jobs, library)
    asked = {"target": target, "columns": columns, "units": units, "sigma": brief(sigma), "weights": brief(weights)}
    identity = {"data": dataset.attrs["fingerprint"], **{k: str(v) for k, v in asked.items()}}
    of_threads = {"n_jobs": None} if hasattr(searcher, "n_jobs") else {}  # they change nothing
    identity |= {"engine": str(replace(cast("Any", searcher), **of_threads)), "seed": str(seed)}
    keeping = {} if resume is None else {"state": _keeper(searcher, resume, identity)}
    purse = Budget(seconds(budget), max_evals)
    observe = observe or (lambda step, share: None)
    front = cast("Any", searcher).search(problem, problem.constraints, purse, seed, observe, **keeping)
    front = checked(problem, front)
    settings = asked | {"require": _listed(require), "form": form, "guesses": guesses}
    settings |= {"engine": engine, "library": library, "budget": budget, "max_evals": max_evals}
    told = {name: value for name, value in settings.items() if value is not None}
    provenance = origin_of(dataset, problem, (*problem.notes, *front.notes), told, seed, "law")
    loss = read_loss(getattr(searcher, "loss", "squared"))
    try:
        found = conclude_formula(problem, front, provenance, loss)
    except KeyboardInterrupt:  # what was found is worth the second that it takes to write it down
        front = replace(front, interrupted=True)
        found = conclude_formula(problem, front, provenance, loss)
    return Discovery(with_formula_demands(found, problem, front) if require else found, front)


def _formula_in_groups(
    dataset: Any, problem: Problem, refused: dict[str, Any], asked: dict[str, Any], same: dict[str, Any]
) -> Discovery:
    """Seek a formula between π-groups, and return it in the units of the data."""
    _refuse_in_groups(refused)
    measure = measure_of(problem)
    table, trusted = table_in_groups(measure)
    found = law(table, list(problem.targets), **trusted, **same)
    told = {k: v for k, v in {**asked, **same, "nondimensionalise": True}.items() if v is not None and k != "observe"}
    seed = told.pop("seed")
    origin = origin_of(dataset, problem, found.law.provenance.notes, told, seed, "law")
    return Discovery(*restored(found.law, found.front, measure, origin))


def _refuse_in_groups(given: dict[str, Any]) -> None:
    for name, value in given.items():
        if value:
            raise SettingError(f"{name}= speaks of what has units; leave it out, or nondimensionalise=.")


def _listed(require: Any) -> list[Any] | None:
    """Return requirements as a list, None for none."""
    return ([require] if isinstance(require, str) else list(require)) or None


def _of_formulas(
    problem: Problem,
    engine: str | Engine,
    asked: dict[str, Any],
    n_jobs: int | None = None,
    library: Library | None = None,
) -> Engine:
    """Return the engine for a table, with a form and guesses where these were given."""
    if isinstance(engine, str):
        if engine not in LAW_ENGINES:
            raise SettingError(f'There is no engine "{engine}" for formulas.{did_you_mean(engine, LAW_ENGINES)}')
        engine = LAW_ENGINES[engine]()
    if library is not None and not isinstance(engine, Sparse):
        raise SettingError('library= is for engine="sparse"; leave it out, or take that engine.')
    searcher = _configured(problem, engine, library, None)
    told = {name: value for name, value in asked.items() if value is not None}
    if told and not isinstance(searcher, Symbolic):
        raise SettingError(f'{next(iter(told))}= is for engine="symbolic", got {searcher.name}; leave it out.')
    if problem.n_states > 1 and not isinstance(searcher, Symbolic | Sparse):
        raise SettingError(f"The engine {searcher.name} takes one target at a time, got {', '.join(problem.targets)}.")
    if n_jobs is not None and hasattr(searcher, "n_jobs"):
        told["n_jobs"] = n_jobs
    return cast("Engine", replace(cast("Any", searcher), **told))


def _keeper(searcher: Engine, path: str | Path, identity: dict[str, str]) -> Keeper:
    if not isinstance(searcher, Symbolic):
        raise SettingError(f'resume= is for engine="symbolic", got {searcher.name}; leave it out.')
    return Keeper.at(path, identity)


def _check(library: object, form: object, seed: object, n_jobs: object) -> None:
    """Refuse settings of another kind than what they are for."""
    if library is not None and not callable(getattr(library, "build", None)):
        raise SettingError(f'library must be one such as Polynomial(3) + Terms("sin(x)"), got {library!r}.')
    if form is not None and not isinstance(form, Weak | Strong | Map | Stochastic):
        raise SettingError(f"form must be Weak(), Strong(), Map() or Stochastic(), got {form!r}.")
    for name, value, least in (("seed", seed, 0), ("n_jobs", 1 if n_jobs is None else n_jobs, 1)):
        if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
            raise SettingError(f"{name} must be a whole number from {least} on, got {value!r}.")


def engine_for(problem: Problem, name: str | Engine, library: Library | None, n_jobs: int | None) -> Engine:
    """Return the engine of that name, configured, or the first that supports the problem for "auto"."""
    if not isinstance(name, str):
        return _configured(problem, name, library, n_jobs)
    if name != "auto" and name not in ENGINES:
        raise SettingError(f'There is no engine "{name}".{did_you_mean(name, ["auto", *ENGINES])}')
    reasons = []
    for key in AUTOMATIC if name == "auto" else [name]:
        searcher = ENGINES[key](library=library, n_jobs=n_jobs)
        reason = searcher.supports(problem)
        if reason is None:
            return searcher
        reasons.append(f"{key}: {reason}")
    raise DataError(f"No engine can take these data ({'; '.join(reasons)}).")


def _configured(problem: Problem, engine: Engine, library: Library | None, n_jobs: int | None) -> Engine:
    """Return an engine that somebody configured, with the library and threads asked for."""
    if not isinstance(engine, Engine) or isinstance(engine, type):
        raise SettingError(f"engine must be a name or a configured engine such as Sparse(max_terms=5), got {engine!r}.")
    told = {name: value for name, value in (("library", library), ("n_jobs", n_jobs)) if value is not None}
    engine = cast("Engine", replace(cast("Any", engine), **told))
    reason = engine.supports(problem)
    if reason is not None:
        raise DataError(f"No engine can take these data ({engine.name}: {reason}).")
    return engine


def seconds(budget: float | str | None) -> float | None:
    """Return a budget in seconds.

    >>> seconds("2min"), seconds(30), seconds(None)
    (120.0, 30.0, None)
    """
    if budget is None:
        return None
    text = str(budget).strip().lower()
    units = {"ms": 1e-3, "s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "": 1.0}
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = text[len(number) :].strip()
    try:
        value = float(number) * units[unit]
    except (ValueError, KeyError):
        raise SettingError(f'A budget is a time such as 60, "60s" or "2min", got {budget!r}.') from None
    if not 0 < value < float("inf"):
        raise SettingError(f"A budget must be a positive time, got {budget!r}.")
    return value
