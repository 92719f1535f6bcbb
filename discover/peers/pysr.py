"""PySR behind our contract: SymbolicRegression.jl proposes formulas, our description length ranks them.

Importing `pysr` starts Julia, and fetches it where it is missing; so nothing here imports it before a search. What it
finds is read from the table that it writes as it goes, by our own parser, so that an interrupt loses nothing.

Source: Cranmer (2023), doi:10.48550/arXiv.2305.01582.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from discover.contract import Budget, Constraint, Observer
from discover.errors import DataError, SettingError, UnavailableError
from discover.expr import Dimension, Expr, substitute, variable
from discover.front import Front
from discover.peers.hall_of_fame import TABLE, read_hall_of_fame
from discover.peers.translation import front
from discover.problem import Block, Problem

INSTALL = 'it is not installed here; pip install "discover-equations[pysr]"'
JULIA = (
    "pysr is installed, but there is no Julia here: get it from https://julialang.org/install, or run "
    '`python -c "import pysr"` once with access to the network, which fetches it'
)

BINARY = ("+", "-", "*", "/", "^")
UNARY = ("exp", "log", "sqrt", "sin", "cos")
NO_LIMIT = 10_000_000
"""Iterations of a search that its budget ends."""

SI = ("kg", "m", "s", "A", "K", "mol", "cd")
"""Base units that DynamicQuantities.jl knows; others are left out."""


@dataclass(frozen=True, slots=True)
class PySR:
    """Formulas evolved by PySR in Julia, read by our parser, ranked by our description length.

    Attributes:
        binary_operators, unary_operators: by PySR's names.
        maxsize: most nodes of a formula.
        options: any other settings of `pysr.PySRRegressor`, such as {"nested_constraints": {"sin": {"cos": 0}}}.
        n_jobs: Julia's threads; None uses one a core. A budget in evaluations is run on one, to repeat bit by bit.

    Raises:
        SettingError: for a maxsize below 3, and options that the engine sets itself.

    >>> PySR().name
    'pysr'
    """

    binary_operators: tuple[str, ...] = BINARY
    unary_operators: tuple[str, ...] = UNARY
    maxsize: int = 30
    options: Mapping[str, Any] = field(default_factory=dict)
    n_jobs: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.maxsize, int) or self.maxsize < 3:
            raise SettingError(f"maxsize must be a whole number from 3 on, got {self.maxsize!r}.")
        for name in self.options:
            if name in _OURS:
                raise SettingError(f'options= may not hold "{name}": {_OURS[name]}.')

    def __hash__(self) -> int:
        return hash((self.binary_operators, self.unary_operators, self.maxsize, str(self.options), self.n_jobs))

    @property
    def name(self) -> str:
        return "pysr"

    @staticmethod
    def missing() -> str | None:
        """Return what to do before this engine can run here, or None; Julia is looked for, and not started."""
        if find_spec("pysr") is None:
            return INSTALL
        return None if _julia() else JULIA

    def supports(self, problem: Problem) -> str | None:
        """Return why this engine cannot take the problem, or None."""
        if problem.formulation != "algebraic":
            return "it searches algebraic laws only, those of discover.law"
        if len(problem.targets) != 1:
            return "it searches for one target at a time"
        return "there are no observations" if not problem.n_rows else self.missing()

    def search(
        self,
        problem: Problem,
        constraints: Sequence[Constraint] = (),
        budget: Budget = Budget(),  # noqa: B008  frozen, and read only
        seed: int = 0,
        observe: Observer | None = None,
    ) -> Front:
        """Return PySR's hall of fame, its constants fitted again in double precision.

        Raises:
            UnavailableError: where Julia cannot be started.
        """
        if constraints:
            raise SettingError("The pysr engine takes no constraints of ours; say them to it by options=.")
        observe = observe or (lambda step, share: None)
        observe("Julia", 0.0)
        with tempfile.TemporaryDirectory() as folder:
            interrupted = _run(self, problem, budget, seed, folder)
            columns = [variable(v) for v in range(problem.n_states, problem.n_variables)]
            exprs, refused = _proposed(Path(folder), columns)
        observe("constants", 1.0)
        return front(problem, exprs, max(1, len(exprs)), _note(self, refused), interrupted)


_OURS = {
    "output_directory": "the engine reads what is written there",
    "run_id": "the engine reads what is written there",
    "random_state": "it is the seed",
    "timeout_in_seconds": "it is the budget",
    "max_evals": "it is the budget",
    "X_units": "units come with the data",
    "y_units": "units come with the data",
    "model_selection": "the judge chooses",
}


def _julia() -> str | None:
    """Return where a Julia is that pysr would take, None where it would have to fetch one."""
    told = os.environ.get("PYTHON_JULIACALL_EXE", "")
    fetched = Path(sys.prefix) / "julia_env" / "pyjuliapkg" / "install" / "bin" / "julia"
    found = [told, shutil.which("julia") or "", str(fetched), str(Path.home() / ".juliaup" / "bin" / "julia")]
    return next((path for path in found if path and Path(path).exists()), None)


def settings(engine: PySR, problem: Problem, budget: Budget, seed: int) -> dict[str, Any]:
    """Return what PySRRegressor is made with: one thread and deterministic where the budget is in evaluations."""
    told: dict[str, Any] = {
        "binary_operators": list(engine.binary_operators),
        "unary_operators": list(engine.unary_operators),
        "maxsize": engine.maxsize,
        "niterations": NO_LIMIT,
        "random_state": seed % 2**31,
        "precision": 64,
        "progress": False,
        "verbosity": 0,
    }
    if budget.seconds is not None:
        told["timeout_in_seconds"] = max(1.0, budget.seconds)
    if budget.max_evals is not None:
        told |= {"max_evals": int(budget.max_evals), "deterministic": True, "parallelism": "serial"}
    if budget.seconds is None and budget.max_evals is None:
        told["niterations"] = 100
    return told | dict(engine.options)


def units(problem: Problem) -> dict[str, Any]:
    """Return the units of columns and target for PySR, nothing where any is unknown or not of the SI.

    >>> import discover
    >>> from discover.data.observations import formulate_observations, observations
    >>> table = {"m [kg]": [1, 2, 3, 4, 5], "g [m/s2]": [9, 8, 7, 6, 5], "F [N]": [9, 16, 21, 24, 25]}
    >>> units(formulate_observations(observations(table, "F")))
    {'X_units': ['kg', 'm s^-2'], 'y_units': 'kg m s^-2'}
    """
    spelled = [_unit(dimension) for dimension in problem.dimensions]
    if any(unit is None for unit in spelled):
        return {}
    return {"X_units": spelled[problem.n_states :], "y_units": spelled[0]}


def _unit(dimension: Dimension | None) -> str | None:
    if dimension is None:
        return None
    powers = dict(dimension.exponents)
    if any(name not in SI or power.denominator != 1 for name, power in powers.items()):
        return None
    spelled = [name if powers[name] == 1 else f"{name}^{powers[name]}" for name in SI if name in powers]
    return " ".join(spelled) or "1"


def _run(engine: PySR, problem: Problem, budget: Budget, seed: int, folder: str) -> bool:
    """Let PySR write its hall of fame into a folder; return whether somebody stopped it."""
    if engine.n_jobs is not None:
        os.environ.setdefault("PYTHON_JULIACALL_THREADS", str(engine.n_jobs))
    try:
        regressor = import_module("pysr").PySRRegressor
    except Exception as error:  # juliacall raises whatever fetching and starting Julia ends in
        raise UnavailableError(f"pysr could not start Julia ({type(error).__name__}: {error}); {JULIA}.") from error
    (block,) = problem.blocks
    model = regressor(output_directory=folder, run_id="search", **settings(engine, problem, budget, seed))
    try:
        model.fit(_table(problem, block), block.Y[0], weights=_weights(block), **units(problem))
    except KeyboardInterrupt:
        if not (Path(folder) / "search" / TABLE).exists():
            raise
        return True
    return False


def _table(problem: Problem, block: Block) -> np.ndarray:
    return np.ascontiguousarray(block.X[problem.n_states :].T)


def _weights(block: Block) -> np.ndarray | None:
    return None if block.precision is None else block.precision[0]


def _proposed(folder: Path, columns: Sequence[Expr]) -> tuple[list[Expr], tuple[str, ...]]:
    """Return the formulas of the hall of fame over our variables, and what could not be read."""
    names = [f"x{k}" for k in range(len(columns))]
    rows, refused = read_hall_of_fame(folder / "search", names)
    if not rows:
        raise DataError(f"PySR left no formula that could be read ({'; '.join(refused) or 'it wrote none'}).")
    return [substitute(row.expr, columns) for row in rows], refused


def _note(engine: PySR, refused: Sequence[str]) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        of = f"pysr {version('pysr')}"
    except PackageNotFoundError:
        of = "pysr"
    lost = f" {len(refused)} of its formulas could not be read: {refused[0]}" if refused else ""
    return (
        f"{of} proposed the formulas; constants were fitted again in double precision, and the description length "
        f"chose.{lost}"
    )
