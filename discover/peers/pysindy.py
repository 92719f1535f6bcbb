"""pysindy's optimisers on our rows: they propose terms, our chi-square chooses.

Source: de Silva et al. (2020), doi:10.21105/joss.02104; Kaptanoglu et al. (2022), doi:10.21105/joss.03994.
"""

import copy
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from discover.contract import Budget, Constraint, Observer
from discover.errors import SettingError, did_you_mean
from discover.expr import Library
from discover.front import Front
from discover.inference.candidates import Candidates, Stop, Support, kept
from discover.inference.denominators import terms_below
from discover.inference.offer import offer
from discover.inference.rows import MAX_ROWS, Rows, assemble
from discover.inference.targets import over_targets, share_of
from discover.peers.random_state import global_seed
from discover.problem import Array, Problem

INSTALL = 'it is not installed here; pip install "discover-equations[peers]"'

THRESHOLDS = tuple(np.geomspace(1e-3, 1.0, 13).tolist())
"""Smallest coefficients that survive, of terms and left-hand sides with a mean square of one."""

STRENGTHS: dict[str, tuple[str, tuple[float, ...]]] = {
    "STLSQ": ("threshold", THRESHOLDS),
    "SR3": ("reg_weight_lam", tuple(t**2 / 2 for t in THRESHOLDS)),
    "MIOSR": ("target_sparsity", tuple(range(1, 11))),
}
"""Optimisers by name: the setting that says how sparse, and the values that are tried."""

GREEDY = {"SSR": 1000, "FROLS": 14}
"""Optimisers that pass through all sizes by themselves, and how many steps they may take."""

NEEDS = {"MIOSR": "gurobipy"}
"""What pysindy does not bring along for them."""


@dataclass(frozen=True, slots=True)
class PySINDy:
    """Terms proposed by an optimiser of pysindy, judged by our chi-square.

    Attributes:
        library: terms on offer; None takes polynomials of a degree that the data can tell apart.
        optimizer: the name of one, such as "STLSQ", "SR3" or "MIOSR", or a configured optimiser.
        threshold: the optimiser's own setting for how sparse, in the units of the data, as pysindy takes it;
            None tries thirteen on terms and left-hand sides of unit size and lets the chi-square choose.
        max_terms: longest equation considered.
        n_jobs: threads over the targets while candidates are judged; None uses one a target.

    Raises:
        SettingError: for a name that is not known, and for a threshold beside a configured optimiser.

    >>> PySINDy().name
    'pysindy'
    """

    library: Library | None = None
    optimizer: Any = "STLSQ"
    threshold: float | None = None
    max_terms: int = 14
    n_jobs: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.optimizer, str):
            if self.optimizer not in (*STRENGTHS, *GREEDY):
                guess = did_you_mean(self.optimizer, (*STRENGTHS, *GREEDY))
                raise SettingError(
                    f'optimizer got "{self.optimizer}".{guess} Any other is given configured, as an object.'
                )
            if self.threshold is not None and self.optimizer in GREEDY:
                raise SettingError(f"{self.optimizer} passes through all sizes and takes no threshold.")
            if self.threshold is not None and not self.threshold > 0:
                raise SettingError(f"threshold must be positive, got {self.threshold}.")
        elif not callable(getattr(self.optimizer, "fit", None)):
            raise SettingError(f"optimizer must be a name or an optimiser of pysindy, got {self.optimizer!r}.")
        elif self.threshold is not None:
            raise SettingError("threshold belongs to an optimiser given by name; a configured one has its own.")

    @property
    def name(self) -> str:
        return "pysindy"

    @staticmethod
    def missing() -> str | None:
        """Return what to do before this engine can run here, or None."""
        return None if find_spec("pysindy") else INSTALL

    def supports(self, problem: Problem) -> str | None:
        """Return why this engine cannot take the problem, or None."""
        if not problem.n_rows:
            return "there is no stretch of data long enough for a single row"
        if self.missing():
            return self.missing()
        if problem.formulation == "stochastic":
            return "it fits one sum of terms an equation, not a drift and a diffusion"
        if problem.cases:
            return "it does not know terms that belong together, as those of several cases do"
        package = NEEDS.get(self.optimizer) if isinstance(self.optimizer, str) else None
        return (
            f"{self.optimizer} needs {package}, which is not installed" if package and not find_spec(package) else None
        )

    def search(
        self,
        problem: Problem,
        constraints: Sequence[Constraint] = (),
        budget: Budget = Budget(),  # noqa: B008  frozen, and read only
        seed: int = 0,
        observe: Observer | None = None,
    ) -> Front:
        """Return what the optimiser proposed for every target, each with its chi-square and score."""
        if constraints:
            raise SettingError("The pysindy engine takes no constraints.")
        with threadpool_limits(limits=1, user_api="blas"):
            return _search(self, problem, budget, seed, observe or (lambda step, share: None))


def _search(engine: PySINDy, problem: Problem, budget: Budget, seed: int, observe: Observer) -> Front:
    choices = offer(engine.library, problem)
    if any(terms_below(engine.library, problem)) or not all(menu.is_plain for menu in choices.menus):
        raise SettingError(
            "The engine pysindy takes sums of free terms only: leave out denominators, forced terms and groups, "
            'or take engine="sparse".'
        )
    observe("library", 0.0)
    rows = assemble(problem, choices.terms, MAX_ROWS, seed)
    longest = max(1, min(engine.max_terms, rows.n_rows // 3))
    n_targets = len(problem.targets)
    with global_seed(seed), warnings.catch_warnings():  # both belong to the process: no threads here
        warnings.simplefilter("ignore")
        proposed = [proposals(engine, rows, t, choices.menus[t].columns, budget) for t in range(n_targets)]

    def one(target: int, stop: Stop) -> Candidates:
        candidates = Candidates(rows, target)
        candidates.add([()], lambda n_fits: False)
        candidates.add((s for s in proposed[target] if len(s) <= longest), stop)
        return candidates

    found, interrupted = over_targets(one, n_targets, engine.n_jobs, share_of(budget, n_targets), observe)
    survivors = tuple(candidate for candidates in found for candidate in kept(candidates, problem.names))
    notes = (*choices.notes, _note(engine, rows))
    return Front(problem.targets, survivors, choices.n_choices, rows.n_rows, notes, interrupted)


def _note(engine: PySINDy, rows: Rows) -> str:
    from importlib.metadata import version

    optimizer = engine.optimizer if isinstance(engine.optimizer, str) else type(engine.optimizer).__name__
    return (
        f"{len(rows.terms)} library terms; pysindy {version('pysindy')} proposed supports by {optimizer}, "
        f"and the chi-square on {rows.n_rows} of {rows.problem.n_rows} rows chose among them."
    )


def proposals(engine: PySINDy, rows: Rows, target: int, columns: Sequence[int], budget: Budget) -> list[Support]:
    """Return the supports out of some columns that the optimiser passes through for one target, shortest first."""
    Theta = np.concatenate(rows.theta, axis=1).T
    y = np.concatenate([block.Y[target] for block in rows.blocks])
    sound = set(np.flatnonzero(np.isfinite(Theta).all(axis=0) & Theta.any(axis=0)).tolist())
    usable = np.array([p for p in sorted(columns) if p in sound], dtype=np.int64)
    Theta = Theta[:, usable]
    if not y.any() or not len(usable):
        return []
    if engine.threshold is None and isinstance(engine.optimizer, str):
        Theta, y = Theta / _size(Theta), y / _size(y)
    found: dict[Support, None] = {}
    for optimizer in _optimizers(engine, len(usable)):
        if budget.spent():
            break
        for coefficients in _visited(optimizer, Theta, y):
            found[tuple(usable[np.flatnonzero(coefficients)].tolist())] = None
    return sorted((support for support in found if support), key=lambda support: (len(support), support))


def _size(values: Array) -> Array:
    """Return the root mean square of every column."""
    return np.sqrt(np.mean(values**2, axis=0))


def _optimizers(engine: PySINDy, n_terms: int) -> Iterator[Any]:
    """Yield the optimiser at every strength asked for; a configured one as a copy, because fits leave traces."""
    if not isinstance(engine.optimizer, str):
        yield copy.deepcopy(engine.optimizer)
        return
    import pysindy

    make = getattr(pysindy, engine.optimizer)
    if engine.optimizer in GREEDY:
        yield make(max_iter=min(GREEDY[engine.optimizer], n_terms - 1))
        return
    setting, values = STRENGTHS[engine.optimizer]
    for value in values if engine.threshold is None else (type(values[0])(engine.threshold),):
        yield make(**{setting: min(value, n_terms) if isinstance(value, int) else value})


def _visited(optimizer: Any, Theta: Array, y: Array) -> Iterable[Array]:
    """Return the coefficients (n_terms,) that a fit ends with and those it passed; none where it breaks down."""
    try:
        optimizer.fit(Theta, y[:, None])
    except (ValueError, np.linalg.LinAlgError, FloatingPointError):
        return []
    passed = [np.asarray(step, dtype=float) for step in getattr(optimizer, "history_", [])]
    return [step.reshape(-1) for step in (np.asarray(optimizer.coef_), *passed) if step.size == Theta.shape[1]]
