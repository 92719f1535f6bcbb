"""Paths of supports on a Gram matrix: by number of terms, and by threshold."""

import numpy as np

from discover.inference.candidates import Support
from discover.problem import Array
from discover_kernels.ridge import stlsq_path as _stlsq_path
from discover_kernels.subset import subset_path as _subset_path

N_PASSES = 4
"""Rounds of swaps at each size; more were never needed to converge."""


def normalised(G: Array, n_terms: int, target: int) -> tuple[Array, Array]:
    """Return the augmented Gram of one target with unit diagonal, and the norms it was divided by.

    G is (n_terms + n_targets,) squared; the result is (n_terms + 1,) squared. Columns without any
    spread get norm 1 and stay zero, so they never enter a model.
    """
    index = [*range(n_terms), n_terms + target]
    augmented = G[np.ix_(index, index)]
    norms = np.sqrt(np.maximum(np.diag(augmented), 0.0))
    norms[norms == 0.0] = 1.0
    return augmented / norms / norms[:, None], norms


def subset_path(G: Array, n_terms: int, target: int, max_terms: int) -> list[Support]:
    """Return the best support found of each size, 1 to max_terms, by forward, backward and swap steps.

    It is a heuristic: no size is certified optimal.
    """
    augmented, _ = normalised(G, n_terms, target)
    _, supports = _subset_path(np.ascontiguousarray(augmented), min(max_terms, n_terms), N_PASSES)
    return [tuple(np.flatnonzero(line).tolist()) for line in supports if line.any()]


def threshold_path(G: Array, n_terms: int, target: int, thresholds: Array, alpha: float = 1e-6) -> list[Support]:
    """Return the distinct supports that STLSQ passes through as its threshold grows.

    Thresholds are relative to the largest normalised coefficient possible, so they have no unit.
    """
    augmented, _ = normalised(G, n_terms, target)
    out = np.empty((len(thresholds), 1, n_terms))
    _stlsq_path(np.ascontiguousarray(augmented), 1, thresholds, alpha, 20, out)
    found = {tuple(np.flatnonzero(line[0]).tolist()): None for line in out}
    return [support for support in found if support]
