"""gplearn's genetic programming behind our contract: it proposes formulas, our description length ranks them.

Source: Stephens (2015), https://gplearn.readthedocs.io; Koza (1992), Genetic Programming, ISBN 978-0-262-11170-6.
"""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from discover.contract import Budget, Constraint, Observer
from discover.errors import SettingError, did_you_mean
from discover.expr import SYMBOLS, Expr, constant, evaluate, variable
from discover.front import Front
from discover.peers.random_state import global_seed
from discover.peers.translation import front
from discover.problem import Array, Problem

INSTALL = 'it is not installed here; pip install "discover-equations[gplearn]"'

OPERATORS = ("add", "sub", "mul", "div", "sqrt", "exp", "log", "sin", "cos", "neg", "inv")
KNOWN = (*OPERATORS, "abs", "tan")
"""Those of gplearn that our language has, and exp, which it takes as a function of ours."""

HIGHEST = 50.0
"""Where exp is cut off for gplearn, which allows no value to be infinite; our reading of the formula is not."""

PROTECTED = ("sqrt", "log")
"""What gplearn takes of the absolute value."""


@dataclass(frozen=True, slots=True)
class GPLearn:
    """Formulas bred by gplearn, their constants fitted afterwards, ranked by our description length.

    Attributes:
        operators: the functions it may use, by gplearn's names, and "exp".
        population_size: programs of a generation.
        generations: most of them, whatever the budget.
        parsimony_coefficient: gplearn's own price of a node.

    Raises:
        SettingError: for an operator that is not known, and for numbers that are too small.

    >>> GPLearn().name
    'gplearn'
    """

    operators: tuple[str, ...] = OPERATORS
    population_size: int = 1000
    generations: int = 1000
    parsimony_coefficient: float = 0.001

    def __post_init__(self) -> None:
        for name in self.operators:
            if name not in KNOWN:
                raise SettingError(f'gplearn has no operator "{name}" that could be read.{did_you_mean(name, KNOWN)}')
        for name, limit in (("population_size", 10), ("generations", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < limit:
                raise SettingError(f"{name} must be a whole number from {limit} on, got {value!r}.")
        if not self.parsimony_coefficient >= 0:
            raise SettingError(f"parsimony_coefficient must be 0 or more, got {self.parsimony_coefficient!r}.")

    @property
    def name(self) -> str:
        return "gplearn"

    @staticmethod
    def missing() -> str | None:
        """Return what to do before this engine can run here, or None."""
        return None if find_spec("gplearn") else INSTALL

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
        """Return the best program of every length that any generation held, constants fitted."""
        if constraints:
            raise SettingError("The gplearn engine takes no constraints.")
        with threadpool_limits(limits=1, user_api="blas"), warnings.catch_warnings(), global_seed(seed):
            warnings.simplefilter("ignore")
            return _search(self, problem, budget, seed, observe or (lambda step, share: None))


def _search(engine: GPLearn, problem: Problem, budget: Budget, seed: int, observe: Observer) -> Front:
    (block,) = problem.blocks
    X = block.X[problem.n_states :]
    model, best = _model(engine, seed), dict[int, list[Any]]()
    n_generations, interrupted = 0, False
    try:
        while not n_generations or _goes_on(engine, budget, n_generations):
            n_generations += 1
            model.set_params(generations=n_generations)
            model.fit(np.ascontiguousarray(X.T), block.Y[0])
            _remember(best, model._programs[-1])
            done = max(n_generations / engine.generations, budget.share(_evals(engine, n_generations)))
            observe(f"generation {n_generations}", min(0.99, done))
        observe("constants", 1.0)
    except KeyboardInterrupt:
        if not best:
            raise
        interrupted = True
    columns = [variable(v) for v in range(problem.n_states, problem.n_variables)]
    exprs = [expr for known in best.values() for one in known for expr in _read(one.program, columns, block.X)]
    return front(problem, exprs, _evals(engine, n_generations), _note(engine, n_generations), interrupted)


def _goes_on(engine: GPLearn, budget: Budget, n_generations: int) -> bool:
    return n_generations < engine.generations and not budget.spent(_evals(engine, n_generations))


def _evals(engine: GPLearn, n_generations: int) -> int:
    return n_generations * engine.population_size


def _model(engine: GPLearn, seed: int) -> Any:
    from gplearn.functions import make_function  # pyright: ignore[reportMissingImports]
    from gplearn.genetic import SymbolicRegressor  # pyright: ignore[reportMissingImports]

    exp = make_function(function=_exp, name="exp", arity=1, wrap=False)
    return SymbolicRegressor(
        population_size=engine.population_size,
        function_set=[exp if name == "exp" else name for name in engine.operators],
        parsimony_coefficient=engine.parsimony_coefficient,
        warm_start=True,
        low_memory=True,
        random_state=seed % 2**32,
    )


def _exp(x: Array) -> Array:
    return np.exp(np.minimum(x, HIGHEST))


def _remember(best: dict[int, list[Any]], programs: Iterable[Any]) -> None:
    """Keep what was the best program of its length for a while: fitted constants may change the order."""
    for one in programs:
        if one is not None and np.isfinite(one.raw_fitness_):
            known = best.setdefault(one.length_, [])
            if not known or one.raw_fitness_ < known[-1].raw_fitness_:
                known.append(one)


def _read(program: Sequence[Any], columns: Sequence[Expr], X: Array) -> Iterable[Expr]:
    """Yield a program, a list in prefix order, as an expression, and the same times a constant to be fitted.

    gplearn takes roots and logarithms of absolute values; where the values are not negative, that is left out.
    """
    stack: list[Expr] = []
    for node in reversed(program):
        if isinstance(node, int | np.integer):
            stack.append(columns[int(node)])
        elif isinstance(node, float):
            stack.append(constant(float(node)))
        else:
            operands = [stack.pop() for _ in range(node.arity)]
            if node.name in PROTECTED and not (np.asarray(evaluate(operands[0], X)) >= 0).all():
                operands = [abs(operands[0])]
            stack.append(getattr(SYMBOLS, node.name)(*operands))
    (whole,) = stack
    yield whole
    yield constant(1.1) * whole


def _note(engine: GPLearn, n_generations: int) -> str:
    from importlib.metadata import version

    return (
        f"gplearn {version('gplearn')} proposed the formulas: {n_generations} generations of "
        f"{engine.population_size}; constants were fitted afterwards, and the description length chose."
    )
