"""Sequentially thresholded least squares, one model or a bag of them, from the Grams alone.

Source: Brunton, Proctor, Kutz (2016), doi:10.1073/pnas.1517384113; Fasel et al. (2022), doi:10.1098/rspa.2021.0904.
"""

from collections.abc import Sequence

import numpy as np

from discover.problem import Array
from discover_kernels.ridge import stlsq_path


def stlsq(G: Array, n_targets: int, thresholds: Sequence[float], alpha: float = 0.05, max_iter: int = 20) -> Array:
    """Return STLSQ coefficients at every threshold, in the units of the data.

    Args:
        G: one Gram of [θ; Y], shape (n_terms + n_targets,) squared.
        n_targets: how many of its last rows are left-hand sides.
        thresholds: smallest magnitude that survives; each starts from what the next smaller one left.
        alpha: strength of the ridge while thresholding.
        max_iter: most rounds of thresholding.

    Returns:
        shape (n_thresholds, n_targets, n_terms), in the order of the thresholds.

    >>> import numpy as np
    >>> from discover.expr import Polynomial
    >>> from discover.sparse.gram import derivative_gram
    >>> X = np.linspace(-1.0, 1.0, 50)[None]
    >>> G = derivative_gram(X, -2.0 * X, Polynomial(2).build(["x"]))
    >>> stlsq(G[0], 1, [0.1]).round(6)
    array([[[ 0., -2.,  0.]]])
    """
    steps = np.asarray(thresholds, dtype=float)
    order = np.argsort(steps, kind="stable")
    out = np.empty((len(steps), n_targets, len(G) - n_targets))
    stlsq_path(np.ascontiguousarray(G), n_targets, steps[order], float(alpha), max_iter, out)
    return out[np.argsort(order)]


def bagged(
    G: Array, n_targets: int, threshold: float, n_models: int = 100, alpha: float = 0.05, seed: int = 0
) -> Array:
    """Return the STLSQ coefficients of bootstrap models that resample whole folds.

    Args:
        G: one Gram a fold, shape (n_folds, n_terms + n_targets, n_terms + n_targets).
        n_targets, threshold, alpha: as for `stlsq`.
        n_models: how many resamples.
        seed: of the resampling.

    Returns:
        shape (n_models, n_targets, n_terms); the share of models in which a coefficient is not zero
        is its inclusion probability under resampling.
    """
    n_folds = len(G)
    counts = np.random.default_rng(seed).multinomial(n_folds, np.full(n_folds, 1.0 / n_folds), n_models)
    models = np.empty((n_models, n_targets, G.shape[1] - n_targets))
    step = np.array([threshold])
    mixed = np.empty(G.shape[1:])
    for m, weights in enumerate(counts):
        np.dot(weights.astype(float), G.reshape(n_folds, -1), out=mixed.reshape(-1))
        stlsq_path(mixed, n_targets, step, float(alpha), 20, models[m : m + 1])
    return models
