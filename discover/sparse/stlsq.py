"""Sequentially thresholded least squares, one model or a bag of them, from the Grams alone.

Source: Brunton, Proctor, Kutz (2016), doi:10.1073/pnas.1517384113; Fasel et al. (2022), doi:10.1098/rspa.2021.0904.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from discover.problem import Array, Index
from discover.sparse.constrained import Equalities
from discover.sparse.moments import Folded
from discover.sparse.thresholding import constrained_stlsq
from discover_kernels.ridge import stlsq_path

TOGETHER = 5
"""Bootstrap models that are mixed at once: few enough that their Grams stay small beside those of the folds."""


def stlsq(
    G: Array,
    n_targets: int,
    thresholds: Sequence[float],
    alpha: float = 0.05,
    max_iter: int = 20,
    equalities: Equalities | None = None,
) -> Array:
    """Return STLSQ coefficients at every threshold, in the units of the data.

    Args:
        G: one Gram of [θ; Y], shape (n_terms + n_targets,) squared.
        n_targets: how many of its last rows are left-hand sides.
        thresholds: smallest magnitude that survives; each starts from what the next smaller one left.
        alpha: strength of the ridge while thresholding.
        max_iter: most rounds of thresholding.
        equalities: what the coefficients obey exactly.

    Returns:
        shape (n_thresholds, n_targets, n_terms), in the order of the thresholds.

    >>> import numpy as np
    >>> from discover.expr import Polynomial
    >>> from discover.sparse.moments import derivative_gram
    >>> X = np.linspace(-1.0, 1.0, 50)[None]
    >>> G = derivative_gram(X, -2.0 * X, Polynomial(2).build(["x"]))
    >>> stlsq(G[0], 1, [0.1]).round(6)
    array([[[ 0., -2.,  0.]]])
    """
    if equalities is not None:
        return constrained_stlsq(G, n_targets, thresholds, alpha, max_iter, equalities)
    steps = np.asarray(thresholds, dtype=float)
    order = np.argsort(steps, kind="stable")
    out = np.empty((len(steps), n_targets, len(G) - n_targets))
    stlsq_path(np.ascontiguousarray(G), n_targets, steps[order], float(alpha), max_iter, out)
    return out[np.argsort(order)]


def bagged(
    G: Array | Folded,
    n_targets: int,
    threshold: float,
    n_models: int = 100,
    alpha: float = 0.05,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Array:
    """Return the STLSQ coefficients of bootstrap models that resample whole folds.

    Args:
        G: one Gram a fold, shape (n_folds, n_terms + n_targets, n_terms + n_targets), or what `folded_gram` returns.
        n_targets, threshold, alpha: as for `stlsq`.
        n_models: how many resamples.
        seed: of the resampling.
        n_jobs: threads, None for one a core; the answer does not depend on it.

    Returns:
        shape (n_models, n_targets, n_terms); the share of models in which a coefficient is not zero
        is its inclusion probability under resampling.
    """
    folds = G if isinstance(G, Folded) else Folded(np.ascontiguousarray(G).reshape(len(G), -1), _places(G.shape[1]))
    n_folds, q = folds.n_folds, len(folds.index)
    counts = np.random.default_rng(seed).multinomial(n_folds, np.full(n_folds, 1.0 / n_folds), n_models)
    models = np.empty((n_models, n_targets, q - n_targets))
    step = np.array([threshold])

    def fit(first: int) -> None:
        # One product for several models reads the Grams once for all of them.
        mixed = counts[first : first + TOGETHER].astype(float) @ folds.values
        for m, one in enumerate(mixed, start=first):
            stlsq_path(np.take(one, folds.index), n_targets, step, float(alpha), 20, models[m : m + 1])

    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(n_jobs or os.cpu_count()) as pool:
        list(pool.map(fit, range(0, n_models, TOGETHER)))
    return models


def _places(q: int) -> Index:
    """Return where the entries of a Gram stand when it is kept whole."""
    return np.arange(q * q).reshape(q, q)
