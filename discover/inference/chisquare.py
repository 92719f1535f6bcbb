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

from discover.inference.errors_in_terms import left_part, row_noise, symmetric_solve, taken_off
from discover.inference.fields import field_covariance
from discover.inference.restriction import Restriction, alone
from discover.inference.rows import Rows
from discover.inference.whitening import Dense, Whitening, banded, dense
from discover.problem import Array, Grid, Stencil
from discover_kernels.whiten import band_covariance, update_triangle

N_REWEIGHTINGS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Obeyed:
    """How the coefficients of one equation may move under constraints.

    Attributes:
        bread: shape (n_terms, n_terms), see `Estimate.bread`.
        information: what is known beforehand, the inverse of its covariance, shape (n_terms, n_terms).
        n_free: numbers that were fitted; those of equations that are tied together are shared out among them.
    """

    bread: Array
    information: Array
    n_free: int


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Coefficients of one support by generalised least squares, and how well it does.

    Attributes:
        support: indices of the terms, increasing.
        coefficients: shape (n_terms,).
        triangle: R of the whitened [θ_S, y], shape (n_terms + 1,) squared.
        chi2: whitened residual sum of squares, about n_rows at the truth.
        n_rows: rows it was computed on.
        noise: what noise in the terms adds to triangleᵀ triangle and was taken off it; None where nothing was.
        obeyed: how constraints let the coefficients move; None where there are none.
    """

    support: tuple[int, ...]
    coefficients: Array
    triangle: Array
    chi2: float
    n_rows: int
    noise: Array | None = None
    obeyed: Obeyed | None = None

    @property
    def n_free(self) -> int:
        """How many numbers were fitted."""
        return len(self.support) if self.obeyed is None else self.obeyed.n_free

    def covariance(self) -> Array:
        """Return the covariance of the coefficients if the noise level is right, (n_terms, n_terms)."""
        if self.noise is None or self.obeyed is not None:
            return self.bread()
        spread = self.triangle[:, : len(self.support)] @ self.bread()
        return spread.T @ spread

    def bread(self) -> Array:
        """Return by what the sums of terms times residuals move the coefficients, (n_terms, n_terms)."""
        k = len(self.support)
        if self.obeyed is not None:
            return self.obeyed.bread
        if self.noise is not None:
            return symmetric_solve(self.triangle[:, :k].T @ self.triangle[:, :k] - self.noise[:k, :k], np.eye(k))
        norms = _norms(self.triangle[:k, :k])
        inverse = np.linalg.pinv(self.triangle[:k, :k] / norms) / norms[:, None]
        return inverse @ inverse.T

    def drift(self) -> Array:
        """Return what noise in the terms adds to the sum over rows of terms times residuals, (n_terms,)."""
        k = len(self.support)
        return np.zeros(k) if self.noise is None else self.noise[:k] @ np.append(-self.coefficients, 1.0)


def _norms(columns: Array) -> Array:
    """Return the norm of each column, 1 for a column of zeros: terms may differ by any power of their units."""
    norms = np.linalg.norm(columns, axis=0)
    norms[norms == 0.0] = 1.0
    return norms


def _solve(triangle: Array, noise: Array | None = None) -> Array:
    """Return the least-squares coefficients of a triangle of [θ, y], less what noise adds, columns scaled first."""
    k = len(triangle) - 1
    if noise is not None:
        A = triangle.T @ triangle - noise
        return symmetric_solve(A[:k, :k], A[:k, k])
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
    if problem.formulation == "strong":
        return rows.jets(b).covariance(variable, terms, coefficients)
    return field_covariance(rows.field_slopes(b), problem, variable, terms, coefficients)


def stacked(rows: Rows, target: int, support: Sequence[int], b: int) -> Array:
    """Return [θ_S; y] of block b, shape (n_terms + 1, n_rows), freshly allocated."""
    return np.concatenate([rows.theta[b][list(support)], rows.blocks[b].Y[target : target + 1]])


def triangle(rows: Rows, target: int, support: Sequence[int], whitening: list[Whitening] | None) -> Array:
    """Return the R of [θ_S, y] over all blocks, whitened where factors are given."""
    k = len(support)
    R = np.zeros((k + 1, k + 1))
    for b, block in enumerate(rows.blocks):
        columns = stacked(rows, target, support, b)
        here = np.array([not rows.problem.is_absent(rows.terms[p], block) for p in support] + [True])
        part = columns if here.all() else columns[here]
        if whitening is not None:
            whitening[b].apply(part)
        if not here.all():  # terms of other cases are zeros here: what is left of the rows is a small triangle
            small, wide = np.zeros((len(part), len(part))), np.zeros((k + 1, len(part)))
            update_triangle(small, part)
            wide[here] = small.T
            part = wide
        update_triangle(R, part)
    return R


def estimate(rows: Rows, target: int, support: Sequence[int]) -> Estimate:
    """Fit one support by iteratively reweighted generalised least squares under its own covariance.

    Over space, where noise is often large, what it adds to the normal equations is taken off them. Constraints
    that speak of this equation alone are obeyed; where no coefficients do, or one is zero, chi-square is infinite.
    """
    if rows.problem.constraints:
        limits = alone(rows.problem, target, [rows.terms[p] for p in support])
        return _obedient(rows, target, tuple(support), limits)
    R, noise = triangle(rows, target, support, None), None
    for _ in range(N_REWEIGHTINGS + 1):
        whitening = factors(rows, target, support, _solve(R, noise))
        R = triangle(rows, target, support, whitening)
        noise = _noise_in_terms(rows, target, support, whitening, R)
    k = len(support)
    coefficients = _solve(R, noise)
    chi2 = float(np.sum((R[:, k] - R[:, :k] @ coefficients) ** 2))
    return Estimate(tuple(support), coefficients, R, chi2 if np.isfinite(chi2) else np.inf, rows.n_rows, noise)


def _obedient(rows: Rows, target: int, support: tuple[int, ...], limits: Restriction | None) -> Estimate:
    """Fit one support under constraints."""
    k, noise = len(support), None
    R = triangle(rows, target, support, None)
    fit = None if limits is None or not np.isfinite(R).all() else limits.fit(*quiet(R, noise))
    for _ in range(N_REWEIGHTINGS + 1):
        if limits is None or fit is None:
            break
        whitening = factors(rows, target, support, fit.coefficients)
        R = triangle(rows, target, support, whitening)
        noise = _noise_in_terms(rows, target, support, whitening, R)
        fit = limits.fit(*quiet(R, noise)) if np.isfinite(R).all() else None
    if fit is None:
        return Estimate(support, np.zeros(k), R, np.inf, rows.n_rows)
    w = fit.coefficients
    chi2 = float(np.sum((R[:, k] - R[:, :k] @ w) ** 2)) + fit.penalty
    whole = np.isfinite(chi2) and (w != 0.0).all()
    own = fit.restriction
    obeyed = Obeyed(own.bread(quiet(R, noise)[0]), own.information(), own.n_free)
    return Estimate(support, w, R, chi2 if whole else np.inf, rows.n_rows, noise, obeyed)


def quiet(R: Array, noise: Array | None) -> tuple[Array, Array]:
    """Return whitened terms (n, k) and left-hand side (n,) as least squares has them, what noise adds taken off."""
    if noise is None:
        return R[:, :-1], R[:, -1]
    values, vectors = np.linalg.eigh(R.T @ R - noise)
    root = np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T
    return root[:, :-1], root[:, -1]


def _noise_in_terms(
    rows: Rows, target: int, support: Sequence[int], whitening: Sequence[Whitening], R: Array
) -> Array | None:
    """Return what is to be taken off the Gram of whitened [θ_S, y], None where rows are not integrals over space."""
    problem = rows.problem
    if not problem.is_weak_field or not support or not np.isfinite(R).all():
        return None
    left = left_part(problem.target_index(problem.targets[target]), 1 + len(problem.space))
    terms, N = [rows.terms[p] for p in support], np.zeros_like(R)
    for b, factor in enumerate(whitening):
        if isinstance(factor, Dense):
            N += row_noise(rows.field_slopes(b), left, terms, factor)
    return taken_off(R.T @ R, N, rows.n_rows)


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
