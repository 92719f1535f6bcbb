"""Operon's genetic programming behind our contract: it proposes formulas, our description length ranks them.

Source: Burlacu, Kronberger and Kommenda (2020), doi:10.1145/3377929.3398099.
"""

import math
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from discover.contract import Budget, Constraint, Observer
from discover.errors import ExpressionError, SettingError, did_you_mean
from discover.expr import Expr, multiply, parse, substitute, variable
from discover.front import Front
from discover.peers.translation import front
from discover.problem import Array, Problem

INSTALL = 'it is not installed here; pip install "discover-equations[operon]"'

OPERATORS = ("add", "sub", "mul", "div", "square", "sqrt", "exp", "log", "sin", "cos")
KNOWN = (*OPERATORS, "pow", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "cbrt", "abs")
"""Those of Operon that our language has."""

LEAST_ITERATIONS = 5
"""Of its local search on every new individual: with none, its laws are much worse than it can do."""

STEP = 2
"""Seconds (whole ones, Operon counts no others) after which the front is looked at and an interrupt is heard."""

STEP_GENERATIONS = 5
DIGITS = 17


@dataclass(frozen=True, slots=True)
class Operon:
    """Formulas bred by pyoperon (NSGA-II on R² and length), ranked by our description length.

    Attributes:
        operators: the functions it may use, by Operon's names.
        maxsize: most nodes of a formula.
        population_size: individuals of a generation.
        generations: most of them, whatever the budget.
        optimizer_iterations: steps of Levenberg-Marquardt on every new individual, five or more.
        n_jobs: threads; None uses one a core. They change nothing but the time.

    Raises:
        SettingError: for an operator that is not known, and for numbers that are too small.

    >>> Operon().name
    'operon'
    """

    operators: tuple[str, ...] = OPERATORS
    maxsize: int = 30
    population_size: int = 1000
    generations: int = 1000
    optimizer_iterations: int = 8
    n_jobs: int | None = None

    def __post_init__(self) -> None:
        for name in self.operators:
            if name not in KNOWN:
                raise SettingError(f'Operon has no operator "{name}" that could be read.{did_you_mean(name, KNOWN)}')
        least = {
            "maxsize": 1,
            "population_size": 10,
            "generations": 1,
            "optimizer_iterations": LEAST_ITERATIONS,
            "n_jobs": 1,
        }
        for name, limit in least.items():
            value = getattr(self, name)
            if not (name == "n_jobs" and value is None) and (not isinstance(value, int) or value < limit):
                raise SettingError(f"{name} must be a whole number from {limit} on, got {value!r}.")

    @property
    def name(self) -> str:
        return "operon"

    @staticmethod
    def missing() -> str | None:
        """Return what to do before this engine can run here, or None."""
        return None if find_spec("pyoperon") else INSTALL

    def supports(self, problem: Problem) -> str | None:
        """Return why this engine cannot take the problem, or None."""
        if problem.formulation != "algebraic":
            return "it searches algebraic laws only, those of discover.law"
        if any(block.precision is not None for block in problem.blocks):
            return "it takes neither sigma nor weights"
        return "there are no observations" if not problem.n_rows else self.missing()

    def search(
        self,
        problem: Problem,
        constraints: Sequence[Constraint] = (),
        budget: Budget = Budget(),  # noqa: B008  frozen, and read only
        seed: int = 0,
        observe: Observer | None = None,
    ) -> Front:
        """Return the Pareto front of Operon, its constants fitted again in double precision."""
        if constraints:
            raise SettingError("The operon engine takes no constraints.")
        with threadpool_limits(limits=1, user_api="blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _search(self, problem, budget, seed, observe or (lambda step, share: None))


def _search(engine: Operon, problem: Problem, budget: Budget, seed: int, observe: Observer) -> Front:
    (block,) = problem.blocks
    columns = range(problem.n_states, problem.n_variables)
    scales = [_power_of_two(block.X[v]) for v in columns]
    table = np.array([block.X[v] / scale for v, scale in zip(columns, scales, strict=True)]).T
    y = block.Y[0] / _power_of_two(block.Y[0])
    exprs: dict[Expr, None] = {}
    model, n_generations, interrupted = _model(engine), 0, False
    try:
        while not n_generations or _goes_on(engine, budget, n_generations):
            model.set_params(random_state=(seed + n_generations) % 2**31, **_step(engine, budget, n_generations))
            model.fit(table, y)
            n_generations += max(1, model.stats_["generations"])
            scaled = [multiply(1.0 / s, variable(v)) for v, s in zip(columns, scales, strict=True)]
            exprs |= dict.fromkeys(_read(model, scaled))
            observe(f"generation {n_generations}", _share(engine, budget, n_generations))
        observe("constants", 1.0)
    except KeyboardInterrupt:
        if not exprs:
            raise
        interrupted = True
    n_evals = n_generations * engine.population_size
    return front(problem, exprs, n_evals, _note(engine, n_generations), interrupted)


def _model(engine: Operon) -> Any:
    from pyoperon.sklearn import SymbolicRegressor  # pyright: ignore[reportMissingImports]

    return SymbolicRegressor(
        allowed_symbols=",".join((*engine.operators, "constant", "variable")),
        objectives=["r2", "length"],
        optimizer_iterations=engine.optimizer_iterations,
        max_length=engine.maxsize,
        population_size=engine.population_size,
        max_evaluations=10**9,
        n_threads=engine.n_jobs or os.cpu_count() or 1,
        warm_start=True,
    )


def _goes_on(engine: Operon, budget: Budget, n_generations: int) -> bool:
    return n_generations < engine.generations and not budget.spent(n_generations * engine.population_size)


def _step(engine: Operon, budget: Budget, n_generations: int) -> dict[str, int]:
    """Return how far the next run goes: a few generations, or as many as fit into the step's seconds."""
    left = engine.generations - n_generations
    if budget.seconds is None:
        if budget.max_evals is not None:
            left = min(left, max(1, -(-budget.max_evals // engine.population_size) - n_generations))
        return {"generations": min(left, STEP_GENERATIONS), "max_time": 10**6}
    return {"generations": left, "max_time": max(1, min(STEP, round(budget.seconds)))}


def _share(engine: Operon, budget: Budget, n_generations: int) -> float:
    done = budget.share(n_generations * engine.population_size)
    return min(0.99, max(done, n_generations / engine.generations))


def _power_of_two(values: Array) -> float:
    """Return the power of two nearest to the size of values, so that scaling by it is exact."""
    size = float(np.sqrt(np.mean(values**2)))
    return 2.0 ** round(math.log2(size)) if size > 0 and math.isfinite(size) else 1.0


def _read(model: Any, columns: Sequence[Expr]) -> list[Expr]:
    """Return the formulas of the front over our variables."""
    names = [f"x{k}" for k in range(len(columns))]
    found = []
    for one in model.pareto_front_:
        spelled = model.get_model_string(one["tree"], precision=DIGITS, names=names).replace("^", "**")
        try:
            found.append(substitute(parse(spelled, names), columns))
        except ExpressionError:  # a tree with nan or inf in it
            continue
    return found


def _note(engine: Operon, n_generations: int) -> str:
    from importlib.metadata import version

    return (
        f"pyoperon {version('pyoperon')} proposed the formulas: {n_generations} generations of "
        f"{engine.population_size}, {engine.optimizer_iterations} steps of local search each; constants were "
        "fitted again in double precision, and the description length chose."
    )
