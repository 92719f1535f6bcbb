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
        from scipy.linalg import get_lapack_funcs

        (solve,) = get_lapack_funcs(("trtrs",), (self.factor,))
        columns[:] = solve(self.factor, (columns / self.deviation).T, lower=1)[0].T

    def inverse(self) -> Array:
        """Return the inverse of the covariance, (n_rows, n_rows)."""
        from scipy.linalg import get_lapack_funcs

        (invert,) = get_lapack_funcs(("potri",), (self.factor,))
        lower = np.tril(invert(self.factor, lower=1)[0])
        whole = lower + np.tril(lower, -1).T
        return whole / self.deviation / self.deviation[:, None]


Whitening = Banded | Dense


def banded(C: Array) -> Banded:
    """Return the factor of a covariance in the banded layout of `discover_kernels.whiten`; C is overwritten."""
    band_cholesky(C, BAND_JITTER)
    return Banded(C)


def dense(C: Array) -> Dense:
    """Return the factor of a covariance (n_rows, n_rows); C is overwritten."""
    from scipy.linalg import get_lapack_funcs

    (decompose,) = get_lapack_funcs(("potrf",), (C,))
    deviation = np.sqrt(np.maximum(np.diag(C), 1e-300))
    C /= deviation
    C /= deviation[:, None]
    jitter = DENSE_JITTER
    while True:
        trial = C.copy()
        trial.flat[:: len(C) + 1] += jitter
        # Symmetric, so its transpose is itself in LAPACK's order; measured ten times faster than numpy.linalg.
        factor, fault = decompose(trial.T, lower=1, overwrite_a=1)
        if not fault or not np.isfinite(deviation).all():
            return Dense(factor, deviation)
        jitter *= 10.0
