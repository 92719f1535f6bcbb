"""The two engines as scikit-learn regressors, for pipelines, grid searches and all that speaks `fit` and `predict`.

They find formulas y = f(x) as `discover.law` does, by the same engines and the same judge; `law_` is the Discovery.
"""

from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from discover.contract import Budget, Engine
from discover.data.observations import LEAST_ROWS, formulate_observations, observations
from discover.discovery import Discovery
from discover.equation import Provenance
from discover.errors import DataError
from discover.expr import Library
from discover.find import origin_of, seconds
from discover.judge import conclude_formula
from discover.problem import Array
from discover.sparse import Sparse
from discover.symbolic import Symbolic

TARGET = "y"


class _Regressor(RegressorMixin, BaseEstimator):
    """What both have in common: rows that are alike are one row of more weight, so weights count as repeats do.

    Attributes:
        law_: the Discovery: equations with intervals, verdict, report, export.
        equations_: its table of choices, a DataFrame; `law_.choose` takes another row.
        n_features_in_, feature_names_in_: as scikit-learn has them.
    """

    budget: float | str | None
    max_evals: int | None
    random_state: Any

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> "_Regressor":
        """Find the formula of y (n_samples,) over X (n_samples, n_features).

        Args:
            X: features; the names of a DataFrame's columns are those of the variables.
            y: the target.
            sample_weight: how much each row counts, (n_samples,); rows of weight 0 count nothing.

        Raises:
            DataError: a ValueError, for fewer than five rows that differ.
        """
        rows, target = validate_data(self, cast("Any", X), cast("Any", y), dtype=np.float64, y_numeric=True)
        return self._fitted(*_merged(cast("Array", rows), cast("Array", target), sample_weight))

    def _fitted(self, X: Array, y: Array, weights: Array | None) -> "_Regressor":
        if len(y) < LEAST_ROWS:
            raise DataError(f"n_samples={len(y)} rows are too few; at least {LEAST_ROWS} are needed.")
        names = [str(name) for name in getattr(self, "feature_names_in_", [f"x{k}" for k in range(X.shape[1])])]
        self._kept = np.flatnonzero(np.ptp(X, axis=0) > 0.0)
        if not len(self._kept):
            raise DataError("No feature changes from row to row, so nothing can be learned from them.")
        target = next(name for name in (TARGET, f"{TARGET}_", f"{TARGET}__") if name not in names)
        table = {target: y, **{names[k]: X[:, k] for k in self._kept}}
        dataset = observations(table, target, [names[k] for k in self._kept], weights=weights)
        problem = formulate_observations(dataset)
        seed = int(check_random_state(self.random_state).randint(2**31))
        front = self._engine().search(problem, budget=Budget(seconds(self.budget), self.max_evals), seed=seed)
        told = {name: value for name, value in self.get_params().items() if value is not None}
        origin: Provenance = origin_of(dataset, problem, front.notes, told, seed, "law")
        self.law_ = Discovery(conclude_formula(problem, front, origin), front)
        self.equations_ = self.law_.table()
        return self

    def predict(self, X: ArrayLike) -> Array:
        """Return the formula's value at every row of X (n_samples, n_features), shape (n_samples,)."""
        check_is_fitted(self)
        rows = cast("Array", validate_data(self, cast("Any", X), dtype=np.float64, reset=False))
        return np.asarray(self.law_.function()(rows[:, self._kept]))[:, 0]

    def _engine(self) -> Engine:
        raise NotImplementedError


class SymbolicRegressor(_Regressor):
    """A formula found by searching expressions themselves.

    Args:
        binary_operators, unary_operators, maxsize, loss: of `discover.Symbolic`, None for its own.
        budget: seconds, or text such as "10s". With a budget in seconds a slower machine may find less.
        max_evals: most formulas fitted; with budget=None the same answer on every machine.
        random_state: seed, or a RandomState.
        n_jobs: threads.

    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(1.0, 3.0, (60, 2))
    >>> model = SymbolicRegressor(budget=None, max_evals=2000).fit(X, X[:, 0] / X[:, 1] ** 2)
    >>> repr(model.law_).splitlines()[0], round(model.score(X, X[:, 0] / X[:, 1] ** 2), 6)
    ('y = x0/x1²', 1.0)
    """

    def __init__(
        self,
        binary_operators: tuple[str, ...] | None = None,
        unary_operators: tuple[str, ...] | None = None,
        maxsize: int | None = None,
        loss: str | None = None,
        budget: float | str | None = "1s",
        max_evals: int | None = None,
        random_state: Any = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.binary_operators = binary_operators
        self.unary_operators = unary_operators
        self.maxsize = maxsize
        self.loss = loss
        self.budget = budget
        self.max_evals = max_evals
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _engine(self) -> Engine:
        names = ("binary_operators", "unary_operators", "maxsize", "loss", "n_jobs")
        return Symbolic(**{name: getattr(self, name) for name in names if getattr(self, name) is not None})


class SparseRegressor(_Regressor):
    """A formula of a few terms of a library.

    Args:
        library: terms on offer, such as `Polynomial(2) + Terms("exp(-x0)")`; None takes polynomials of a degree that
            the data can tell apart.
        max_terms: longest formula considered.
        budget: seconds, or text such as "10s"; None for no limit.
        max_evals: most candidates fitted.
        random_state: seed, or a RandomState.
        n_jobs: threads.

    >>> X = np.random.default_rng(0).uniform(-1.0, 1.0, (80, 2))
    >>> model = SparseRegressor().fit(X, 2.0 * X[:, 0] * X[:, 1] - 1.0)
    >>> [round(term.value, 9) for term in model.law_.equations["y"].terms]
    [-1.0, 2.0]
    """

    def __init__(
        self,
        library: Library | None = None,
        max_terms: int = 14,
        budget: float | str | None = None,
        max_evals: int | None = None,
        random_state: Any = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.library = library
        self.max_terms = max_terms
        self.budget = budget
        self.max_evals = max_evals
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _engine(self) -> Engine:
        return Sparse(library=self.library, max_terms=self.max_terms, n_jobs=self.n_jobs)


def _merged(X: Array, y: Array, sample_weight: ArrayLike | None) -> tuple[Array, Array, Array | None]:
    """Return the rows that differ, in increasing order, and their weights; None where all are the same.

    Where next to none differ, the rows stay as they are.
    """
    weights = np.ones(len(y)) if sample_weight is None else _checked(sample_weight, len(y))
    counted = weights > 0.0
    rows = np.column_stack([X, y])[counted]
    differing, number = np.unique(rows, axis=0, return_inverse=True)
    total: Array = np.bincount(number.reshape(-1), weights=weights[counted], minlength=len(differing)).astype(
        np.float64
    )
    if len(differing) < LEAST_ROWS:
        return X[counted], y[counted], weights[counted]
    equal = np.ptp(total) <= 1e-12 * total.max()
    return differing[:, :-1], differing[:, -1], None if equal else total


def _checked(sample_weight: ArrayLike, n_rows: int) -> Array:
    weights = np.asarray(sample_weight, dtype=np.float64)
    weights = np.full(n_rows, float(weights)) if weights.ndim == 0 else weights
    if weights.shape != (n_rows,):
        raise DataError(f"sample_weight must have the shape ({n_rows},), got {weights.shape}.")
    if not np.isfinite(weights).all() or (weights < 0.0).any() or not weights.any():
        raise DataError("Each weight of sample_weight must be a finite number from zero on, and not all may be zero.")
    return weights


__all__ = ["SparseRegressor", "SymbolicRegressor"]
