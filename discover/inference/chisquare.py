"""How well does a candidate explain the rows, given what noise in the samples does to them?

The residual of a candidate f is linear in the noise e of the samples, to first order:
r[k] = Σ_m Σ_j weights[m, k, j] Σ_l A_m[l, j] e_l[j], where A of the left-hand side's own order is 1 for its
variable, A_0 = -∂f/∂x on the smoothed states, and what f differentiates by time adds to the others. So every
candidate has a covariance C of its own, and its chi-square rᵀ C⁻¹ r is about the number of rows at
the truth. The log-determinant is left out on purpose: with it, supports are rewarded that fit f with
a smaller J, and wrong ones win (measured: 52 % instead of 93 % exact at 5 % noise). The functional
errors-in-variables likelihood, in which the true states are parameters, has none.

Source: Bortz, Messenger, Dukic (2023), doi:10.1007/s11538-023-01208-6, for the covariance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma, log

import numpy as np

from discover.inference.fields import field_covariance
from discover.inference.rows import Rows
from discover.inference.whitening import Whitening, banded, dense
from discover.problem import Array, Grid, Stencil
from discover_kernels.whiten import band_covariance, update_triangle

N_REWEIGHTINGS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Coefficients of one support by generalised least squares, and how well it does.

    Attributes:
        support: indices of the terms, increasing.
        coefficients: shape (n_terms,).
        triangle: R of the whitened [θ_S, y], shape (n_terms + 1,) squared.
        chi2: whitened residual sum of squares, about n_rows at the truth.
        n_rows: rows it was computed on.
    """

    support: tuple[int, ...]
    coefficients: Array
    triangle: Array
    chi2: float
    n_rows: int

    def covariance(self) -> Array:
        """Return the covariance of the coefficients if the noise level is right, (n_terms, n_terms)."""
        k = len(self.support)
        norms = _norms(self.triangle[:k, :k])
        inverse = np.linalg.pinv(self.triangle[:k, :k] / norms) / norms[:, None]
        return inverse @ inverse.T


def _norms(columns: Array) -> Array:
    """Return the norm of each column, 1 for a column of zeros: terms may differ by any power of their units."""
    norms = np.linalg.norm(columns, axis=0)
    norms[norms == 0.0] = 1.0
    return norms


def _solve(triangle: Array) -> Array:
    """Return the least-squares coefficients of a triangle of [θ, y], columns scaled first."""
    k = len(triangle) - 1
    norms = _norms(triangle[:k, :k])
    return np.linalg.lstsq(triangle[:k, :k] / norms, triangle[:k, k], rcond=1e-14)[0] / norms


def factors(rows: Rows, target: int, support: Sequence[int], coefficients: Array) -> list[Whitening]:
    """Return what whitens each block's rows under a candidate's own covariance."""
    return [
        dense(_field_covariance(rows, b, target, support, coefficients))
        if isinstance(block.stencil, Grid)
        else banded(_covariance(rows, b, block.stencil, target, support, coefficients))
        for b, block in enumerate(rows.blocks)
    ]


def _covariance(
    rows: Rows, b: int, stencil: Stencil, target: int, support: Sequence[int], coefficients: Array
) -> Array:
    """Return a block's covariance, shape (n_rows, band + 1)."""
    problem, block = rows.problem, rows.blocks[b]
    variable = problem.target_index(problem.targets[target])
    variance = problem.noise_on(block) ** 2
    left = problem.order_of(target)
    fields = {0: np.zeros_like(block.X), left: np.zeros_like(block.X)}
    fields[left][variable] = 1.0
    for weight, slopes in zip(coefficients, rows.slopes(support), strict=True):
        for order, slope in slopes[b].items():
            fields[order] = fields[order] - weight * slope if order in fields else -weight * slope
    orders = np.array(list(fields), dtype=np.int64)
    products = np.array([[np.sum(variance * fields[m] * fields[k], axis=0) for k in fields] for m in fields])
    C = np.empty((block.n_rows, rows.band[b] + 1))
    band_covariance(stencil.start, stencil.shape, stencil.weights, orders, products, C)
    if block.chance is not None:
        C[:, 0] += block.chance[target]
    return C


def _field_covariance(rows: Rows, b: int, target: int, support: Sequence[int], coefficients: Array) -> Array:
    """Return a recording's covariance, shape (n_rows, n_rows)."""
    problem = rows.problem
    variable = problem.target_index(problem.targets[target])
    terms = [rows.terms[p] for p in support]
    return field_covariance(rows.field_slopes(b), problem, variable, terms, coefficients)


def stacked(rows: Rows, target: int, support: Sequence[int], b: int) -> Array:
    """Return [θ_S; y] of block b, shape (n_terms + 1, n_rows), freshly allocated."""
    return np.concatenate([rows.theta[b][list(support)], rows.blocks[b].Y[target : target + 1]])


def triangle(rows: Rows, target: int, support: Sequence[int], whitening: list[Whitening] | None) -> Array:
    """Return the R of [θ_S, y] over all blocks, whitened where factors are given."""
    k = len(support)
    R = np.zeros((k + 1, k + 1))
    for b in range(len(rows.blocks)):
        columns = stacked(rows, target, support, b)
        if whitening is not None:
            whitening[b].apply(columns)
        update_triangle(R, columns)
    return R


def estimate(rows: Rows, target: int, support: Sequence[int]) -> Estimate:
    """Fit one support by iteratively reweighted generalised least squares under its own covariance."""
    R = triangle(rows, target, support, None)
    for _ in range(N_REWEIGHTINGS + 1):
        coefficients = _solve(R)
        R = triangle(rows, target, support, factors(rows, target, support, coefficients))
    k = len(support)
    coefficients = _solve(R)
    chi2 = float(np.sum((R[:, k] - R[:, :k] @ coefficients) ** 2))
    return Estimate(tuple(support), coefficients, R, chi2 if np.isfinite(chi2) else np.inf, rows.n_rows)


def penalty(k: int, n: int, n_library: int, n_chosen: int | None = None) -> float:
    """Return the extended BIC price of k terms out of n_library on n observations: k ln n + 2 ln (choices).

    Where terms come in groups, `n_library` counts the groups and `n_chosen` those that the k terms make up.

    The number of choices is not let fall again past half the library, where C(P, k) does: with few
    terms on offer the full model would otherwise cost next to nothing.

    Source: Chen and Chen (2008), doi:10.1093/biomet/asn034.

    >>> penalty(6, 15, 6) > penalty(3, 15, 6) > penalty(2, 15, 6)
    True
    """
    j = min(k if n_chosen is None else n_chosen, n_library // 2)
    return k * log(n) + 2.0 * (lgamma(n_library + 1) - lgamma(j + 1) - lgamma(n_library - j + 1))
