"""Intervals for coefficients where no trajectory could be fitted: the block sandwich.

Neighbouring rows are correlated, and the noise model may be wrong; a sandwich over folds (long
stretches of rows) assumes neither. Percentile bootstraps were measured to cover 3 to 10 points too
little here, so they are not used.

Source: Liang and Zeger (1986), doi:10.1093/biomet/73.1.13.
"""

import numpy as np

from discover.inference.chisquare import Estimate, factors, stacked
from discover.inference.rows import Rows
from discover.problem import Array

FEW_FOLDS = 10


def t_quantile(dof: float, probability: float = 0.975) -> float:
    """Return the Student quantile, that of the normal where dof is infinite.

    >>> round(t_quantile(float("inf")), 3)
    1.96
    """
    from scipy.special import ndtri, stdtrit

    return float(ndtri(probability) if np.isinf(dof) else stdtrit(dof, probability))


def wald(values: Array, covariance: Array) -> float:
    """Return how far values (n,) are from zero, squared, in units of their covariance (n, n): chi-square if they are 0.

    >>> round(wald(np.array([2.0, 1.0]), np.diag([1.0, 4.0])), 2)
    4.25
    """
    std = np.sqrt(np.diag(covariance))
    scaled = values / std
    return float(scaled @ np.linalg.lstsq(covariance / std / std[:, None], scaled, rcond=1e-12)[0])


def sandwich(rows: Rows, target: int, one: Estimate) -> tuple[Array, float]:
    """Return the covariance of an estimate's coefficients over folds, and its degrees of freedom.

    Args:
        rows: the regression.
        target: which left-hand side.
        one: the estimate, fitted on these rows.
    """
    support, k = one.support, len(one.support)
    n_folds = 1 + max(int(block.fold.max()) for block in rows.blocks)
    scores, counts = np.zeros((n_folds, k)), np.zeros(n_folds, int)
    for b, whitening in enumerate(factors(rows, target, support, one.coefficients)):
        columns = stacked(rows, target, support, b)
        whitening.apply(columns)
        residual = columns[k] - one.coefficients @ columns[:k]
        np.add.at(scores, rows.blocks[b].fold, (columns[:k] * residual).T)
        np.add.at(counts, rows.blocks[b].fold, 1)
    scores -= np.outer(counts / max(counts.sum(), 1), one.drift())
    scores = scores[counts > 0]
    B = len(scores)
    bread = one.bread()
    influence = scores @ bread  # squared afterwards: rounding must not make a variance negative
    covariance = influence.T @ influence * (B / max(B - 1, 1))
    if one.obeyed is not None:  # what is known beforehand is as uncertain as it says
        covariance += bread @ one.obeyed.information @ bread.T
    if B < FEW_FOLDS:  # too few folds to estimate a covariance from: never report less than the noise model does
        floor = one.covariance() * max(1.0, one.chi2 / max(one.n_rows - k, 1))
        covariance += np.diag(np.clip(np.diag(floor) - np.diag(covariance), 0.0, None))
    return covariance, float(max(B - 1, 1))
