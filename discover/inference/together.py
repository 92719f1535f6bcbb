"""Equations that constraints tie together, fitted together: one least squares, each under its own covariance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from discover.expr import Expr
from discover.inference.chisquare import Estimate, Obeyed, factors, quiet, stacked, triangle
from discover.inference.restriction import Restriction, restriction
from discover.inference.rows import Rows
from discover.problem import Array, Problem

N_REWEIGHTINGS = 2

Supports = Mapping[int, Sequence[int]]
"""Columns of the library for each target that takes part."""


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Estimates of the equations that are tied together, by target, and what they have in common.

    Attributes:
        estimates: of each target; the price of its free coefficients is in `n_free` here, not there.
        limits: what the constraints leave of the coefficients, target by target.
        bread: shape (n_coefficients, n_coefficients).
        chi2: of all of them, with that of what is known beforehand.
        n_free: numbers that were fitted.
    """

    estimates: dict[int, Estimate]
    limits: Restriction
    bread: Array
    chi2: float
    n_free: int

    @property
    def coefficients(self) -> Array:
        """All coefficients, target by target."""
        return np.concatenate([one.coefficients for one in self.estimates.values()])


def limits_on(problem: Problem, terms: Mapping[int, Sequence[Expr]]) -> Restriction | None:
    """Return what constraints leave of the coefficients of these terms, counted target by target; None for nothing.

    What they say of other targets is left out.
    """
    libraries = tuple(tuple(terms.get(i, ())) for i in range(len(problem.targets)))
    mine = [c for c in problem.constraints if any(c.speaks_of(i) for i in terms)]
    return restriction(mine, libraries)


def estimate_together(rows: Rows, supports: Supports) -> Together | None:
    """Fit the equations of some targets at once; None where no coefficients obey the constraints.

    Args:
        rows: library rows that all of them share.
        supports: columns for each target, targets in increasing order.
    """
    limits = limits_on(rows.problem, {i: [rows.terms[p] for p in mine] for i, mine in supports.items()})
    if limits is None:
        return None
    whitening, fit, triangles = dict.fromkeys(supports), None, {}
    for _ in range(N_REWEIGHTINGS + 2):
        triangles = {i: triangle(rows, i, mine, whitening[i]) for i, mine in supports.items()}
        pieces = [quiet(R, None) for R in triangles.values()]
        if not all(np.isfinite(R).all() for R in triangles.values()):
            return None
        fit = limits.fit(_side_by_side([E for E, _ in pieces]), np.concatenate([y for _, y in pieces]))
        if fit is None:
            return None
        for i, w in zip(supports, _split(fit.coefficients, supports), strict=True):
            whitening[i] = factors(rows, i, supports[i], w)
    assert fit is not None
    own = fit.restriction
    bread, information = own.bread(_side_by_side([R[:, :-1] for R in triangles.values()])), own.information()
    estimates, first = {}, 0
    for (i, R), w in zip(triangles.items(), _split(fit.coefficients, supports), strict=True):
        cut = slice(first, first + len(w))
        first += len(w)
        chi2 = float(np.sum((R[:, -1] - R[:, :-1] @ w) ** 2))
        obeyed = Obeyed(bread[cut, cut], information[cut, cut], len(w))
        estimates[i] = Estimate(tuple(supports[i]), w, R, chi2, rows.n_rows, None, obeyed)
    total = sum(one.chi2 for one in estimates.values()) + fit.penalty
    return Together(estimates, own, bread, total if np.isfinite(total) else np.inf, own.n_free)


def _side_by_side(blocks: Sequence[Array]) -> Array:
    """Return a matrix with these blocks along its diagonal."""
    whole = np.zeros((sum(len(block) for block in blocks), sum(block.shape[1] for block in blocks)))
    row = column = 0
    for block in blocks:
        whole[row : row + len(block), column : column + block.shape[1]] = block
        row, column = row + len(block), column + block.shape[1]
    return whole


def _split(values: Array, supports: Supports) -> list[Array]:
    edges = np.cumsum([len(mine) for mine in supports.values()])[:-1]
    return np.split(values, edges)


def sandwich_together(rows: Rows, whole: Together) -> tuple[Array, float]:
    """Return the covariance over folds of all coefficients that were fitted together, and its degrees of freedom."""
    n_folds = 1 + max(int(block.fold.max()) for block in rows.blocks)
    scores = np.zeros((n_folds, len(whole.bread)))
    counts, first = np.zeros(n_folds, int), 0
    for i, one in whole.estimates.items():
        k = len(one.support)
        for b, whitening in enumerate(factors(rows, i, one.support, one.coefficients)):
            columns = stacked(rows, i, one.support, b)
            whitening.apply(columns)
            residual = columns[k] - one.coefficients @ columns[:k]
            np.add.at(scores[:, first : first + k], rows.blocks[b].fold, (columns[:k] * residual).T)
            np.add.at(counts, rows.blocks[b].fold, 1)
        first += k
    influence = scores[counts > 0] @ whole.bread
    B = len(influence)
    covariance = influence.T @ influence * (B / max(B - 1, 1))
    return covariance + whole.bread @ whole.limits.information() @ whole.bread.T, float(max(B - 1, 1))
