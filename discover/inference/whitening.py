"""The factor of a covariance of rows, banded on trajectories and dense on fields, behind one method."""

from dataclasses import dataclass

import numpy as np

from discover.problem import Array
from discover_kernels.whiten import band_cholesky, band_solve

BAND_JITTER, DENSE_JITTER = 1e-10, 1e-8
"""Added to the diagonal, relative to it: rounding must not make a covariance indefinite."""


@dataclass(frozen=True, slots=True, eq=False)
class Banded:
    """Cholesky factor by rows, shape (n_rows, band + 1)."""

    factor: Array

    def apply(self, columns: Array) -> None:
        """Whiten each line of columns (n_columns, n_rows) in place."""
        band_solve(self.factor, columns)


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """Lower Cholesky factor (n_rows, n_rows) of the correlation, and the standard deviations (n_rows,)."""

    factor: Array
    deviation: Array

    def apply(self, columns: Array) -> None:
        """Whiten each line of columns (n_columns, n_rows) in place."""
        from scipy.linalg import solve_triangular

        columns[:] = solve_triangular(self.factor, (columns / self.deviation).T, lower=True, check_finite=False).T


Whitening = Banded | Dense


def banded(C: Array) -> Banded:
    """Return the factor of a covariance in the banded layout of `discover_kernels.whiten`; C is overwritten."""
    band_cholesky(C, BAND_JITTER)
    return Banded(C)


def dense(C: Array) -> Dense:
    """Return the factor of a covariance (n_rows, n_rows); C is overwritten."""
    deviation = np.sqrt(np.maximum(np.diag(C), 1e-300))
    C /= deviation
    C /= deviation[:, None]
    jitter = DENSE_JITTER
    while True:
        try:
            return Dense(np.asarray(np.linalg.cholesky(C + jitter * np.eye(len(C))), dtype=np.float64), deviation)
        except np.linalg.LinAlgError:
            jitter *= 10.0
