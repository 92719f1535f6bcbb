"""Any solver on Grams under block bootstrap and library bagging: which terms stay whatever is drawn?

Source: Fasel et al. (2022), doi:10.1098/rspa.2021.0904; folds are resampled whole, because neighbouring rows
are correlated.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from discover.errors import SettingError
from discover.problem import Array
from discover.sparse.constrained import Equalities

Solver = Callable[[Array, Equalities | None], Array]
"""From one Gram (n_terms + n_targets,) squared and equalities to coefficients (n_targets, n_terms)."""


@dataclass(frozen=True, slots=True, eq=False)
class Bag:
    """Models of one library on resampled folds, on resampled terms, or both.

    Attributes:
        models: coefficients, shape (n_models, n_targets, n_terms); zero where a term was not on offer.
        offered: which terms each model was offered, shape (n_models, n_terms).
    """

    models: Array
    offered: np.ndarray

    @property
    def inclusion(self) -> Array:
        """Share of the models offered a term in which its coefficient is not zero, (n_targets, n_terms)."""
        n_offered = np.maximum(self.offered.sum(axis=0), 1)
        return np.count_nonzero(self.models, axis=0) / n_offered

    @property
    def median(self) -> Array:
        """Median coefficient over the models offered a term, (n_targets, n_terms): "bragging"."""
        hidden = np.where(self.offered[:, None, :], self.models, np.nan)
        return np.nan_to_num(np.nanmedian(hidden, axis=0)) if len(hidden) else np.zeros(self.models.shape[1:])


def resampled(
    G: Array,
    n_targets: int,
    solver: Solver,
    n_models: int = 100,
    left_out: int = 0,
    bootstrap: bool = True,
    equalities: Equalities | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Bag:
    """Return models that a solver finds on resampled folds (block bootstrap) and on parts of the library.

    Args:
        G: one Gram a fold, shape (n_folds, n_terms + n_targets, n_terms + n_targets).
        n_targets: how many of the last rows are left-hand sides.
        solver: what is run on each resample, such as `lambda G, e: sr3(G, n_targets, [0.1], equalities=e)[0]`.
        n_models: how many.
        left_out: terms withheld from each model (library bagging); those that equalities speak of are never.
        bootstrap: whether folds are resampled; else every model sees all of them.
        equalities: what the coefficients of every model obey exactly.
        seed: of the resampling.
        n_jobs: threads, None for one a core; the answer does not depend on it.

    Raises:
        SettingError: where more terms are to be left out than may be.

    >>> import numpy as np
    >>> from discover.expr import Polynomial
    >>> from discover.sparse import derivative_gram, stlsq
    >>> X = np.linspace(-1.0, 1.0, 60)[None]
    >>> G = derivative_gram(X, -2.0 * X, Polynomial(3).build(["x"]), n_folds=6)
    >>> bag = resampled(G, 1, lambda G, e: stlsq(G, 1, [0.1], equalities=e)[0], n_models=20, left_out=1)
    >>> float(bag.inclusion[0, 1])
    1.0
    """
    n_folds, q = G.shape[:2]
    n_terms = q - n_targets
    bound = np.zeros(n_terms, bool) if equalities is None else equalities.A.any(axis=(0, 1))
    if not 0 <= left_out < n_terms - bound.sum() + (1 if bound.any() else 0):
        raise SettingError(
            f"left_out must be from 0 to less than the {n_terms - int(bound.sum())} terms that no equality speaks of, "
            f"got {left_out}."
        )
    rng = np.random.default_rng([seed, n_models, left_out])
    even = np.full(n_folds, 1.0 / n_folds)
    counts = rng.multinomial(n_folds, even, n_models) if bootstrap else np.ones((n_models, n_folds))
    offered = np.ones((n_models, n_terms), bool)
    for line in offered:
        line[rng.choice(np.flatnonzero(~bound), left_out, replace=False)] = False
    models = np.zeros((n_models, n_targets, n_terms))

    def fit(m: int) -> None:
        columns = np.flatnonzero(offered[m])
        index = np.concatenate([columns, np.arange(n_terms, q)])
        mixed = np.tensordot(counts[m].astype(float), G, axes=1)[np.ix_(index, index)]
        part = None if equalities is None else Equalities(equalities.A[:, :, columns], equalities.b)
        models[m][:, columns] = solver(np.ascontiguousarray(mixed), part)

    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(n_jobs or os.cpu_count()) as pool:
        list(pool.map(fit, range(n_models)))
    return Bag(models, offered)
