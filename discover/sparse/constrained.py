"""Least squares on a Gram under linear equalities A ξ = b, kept exactly by the null space of A.

Every solver on Grams asks here for the fit of a support, so that equalities hold after thresholding, in
every bootstrap model, and where terms are left out. An equality may speak of the coefficients of
several targets at once; targets that equalities tie together are solved together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from discover.errors import SettingError
from discover.problem import Array, Index

SINGULAR = 1e-12
"""Singular values below this share of the largest count as zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Equalities:
    """Linear equalities Σ A[r, i, p] Ξ[i, p] = b[r] over the coefficients of all targets.

    Attributes:
        A: shape (n_equalities, n_targets, n_terms).
        b: shape (n_equalities,).

    Raises:
        SettingError: where shapes do not fit or a number is not finite.

    >>> import numpy as np
    >>> momentum = np.zeros((1, 2, 3))
    >>> momentum[0, :, 1] = 1.0
    >>> Equalities(momentum, np.zeros(1)).n_equalities
    1
    """

    A: Array
    b: Array

    def __post_init__(self) -> None:
        if self.A.ndim != 3 or self.b.shape != (len(self.A),):
            raise SettingError(
                f"Equalities need A of shape (n_equalities, n_targets, n_terms) and one number b for each, "
                f"got {self.A.shape} and {self.b.shape}."
            )
        if not (np.isfinite(self.A).all() and np.isfinite(self.b).all()):
            raise SettingError("Equalities must be finite numbers.")

    @property
    def n_equalities(self) -> int:
        return len(self.b)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Coefficients of one support, and the residual sum of squares that they leave."""

    coefficients: Array
    residual: float


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """Normal equations of one target, or of several that are tied together, with columns of unit norm.

    Attributes:
        unknowns: which coefficients it is about, as target · n_terms + term, shape (n,).
        G: shape (n, n), unit diagonal.
        c: columns times left-hand side, shape (n,).
        yy: sum of squares of the left-hand sides.
        columns: norms of the columns in the units of the data, shape (n,).
        norms: those divided by that of the left-hand side: what a coefficient is multiplied by, shape (n,).
        A: equalities on the coefficients of unit-norm columns, shape (n_equalities, n).
        b: shape (n_equalities,).
    """

    unknowns: Index
    G: Array
    c: Array
    yy: float
    columns: Array
    norms: Array
    A: Array
    b: Array

    @property
    def n(self) -> int:
        return len(self.unknowns)

    def null_space(self, support: Sequence[int]) -> tuple[Array, Array] | None:
        """Return a solution of the equalities on a support and what may be added to it; None where there is none.

        The solution is (n_support,), the directions (n_support, n_free).
        """
        if not len(self.A):
            return np.zeros(len(support)), np.eye(len(support))
        A = self.A[:, list(support)]
        U, s, Vt = np.linalg.svd(A, full_matrices=True)
        rank = int(np.sum(s > SINGULAR * max(1.0, s[0] if len(s) else 0.0)))
        start = Vt[:rank].T @ ((U[:, :rank].T @ self.b) / s[:rank])
        if np.abs(A @ start - self.b).max() > 1e-9 * max(1.0, np.abs(self.b).max()):
            return None
        return start, Vt[rank:].T

    def feasible(self, support: Sequence[int]) -> bool:
        """Return whether the equalities can hold with no other coefficients than these."""
        return self.null_space(support) is not None

    def fit(self, support: Sequence[int], ridge: Array | None = None) -> Fit | None:
        """Return the least-squares fit of a support under the equalities; None where they cannot hold.

        `ridge` is its strength on each coefficient of a unit-norm column, shape (n,).
        """
        space = self.null_space(support)
        if space is None:
            return None
        start, N = space
        S = list(support)
        G, c = self.G[np.ix_(S, S)], self.c[S]
        w = start
        if N.shape[1]:
            R = G if ridge is None else G + np.diag(ridge[S])
            w = start + N @ np.linalg.lstsq(N.T @ R @ N, N.T @ (c - R @ start), rcond=1e-14)[0]
        coefficients = np.zeros(self.n)
        coefficients[S] = w
        return Fit(coefficients, float(self.yy - 2 * c @ w + w @ G @ w))

    def rises(self, support: Sequence[int]) -> Array:
        """Return what the residual rises by when each of a support's coefficients is set to zero, (n_support,).

        A coefficient that the equalities determine by themselves gives infinity.
        """
        fit, space = self.fit(support), self.null_space(support)
        if fit is None or space is None:
            return np.full(len(support), np.inf)
        S, N = list(support), space[1]
        H = N.T @ self.G[np.ix_(S, S)] @ N
        variance = np.einsum("ij,jk,ik->i", N, np.linalg.pinv(H, rcond=1e-14, hermitian=True), N)
        w = fit.coefficients[S]
        fixed = variance <= 1e-14
        return np.where(fixed, np.where(np.abs(w) > 1e-12, np.inf, 0.0), w**2 / np.where(fixed, 1.0, variance))

    def in_units(self, coefficients: Array) -> Array:
        """Return coefficients of unit-norm columns in the units of the data."""
        return coefficients / self.norms


def regressions(
    G: Array, n_targets: int, equalities: Equalities | None = None, whitened: bool = False
) -> list[Regression]:
    """Return the regressions that a Gram holds: one a target, or one for all that equalities tie together.

    Left-hand sides are divided by their norms, so that none counts more for its unit; whitened ones are not.

    Args:
        G: Gram of [θ; Y], shape (n_terms + n_targets,) squared.
        n_targets: how many of its last rows are left-hand sides.
        equalities: what the coefficients must obey exactly.
        whitened: whether all rows have noise of variance one.

    Raises:
        SettingError: where the equalities are of another shape, or contradict each other.
    """
    n_terms = len(G) - n_targets
    norms = np.sqrt(np.maximum(np.diag(G), 0.0))
    norms[norms == 0.0] = 1.0
    if whitened:
        norms[n_terms:] = 1.0
    if equalities is None:
        equalities = Equalities(np.zeros((0, n_targets, n_terms)), np.zeros(0))
    if equalities.A.shape[1:] != (n_targets, n_terms):
        raise SettingError(
            f"The equalities speak of {equalities.A.shape[1:]} (targets, terms), the Gram of {(n_targets, n_terms)}."
        )
    found = [_joined(G, norms, equalities, targets, n_terms) for targets in _tied(equalities.A)]
    silent = ~equalities.A.any(axis=(1, 2))
    for one in found:
        if equalities.b[silent].any() or not one.feasible(range(one.n)):
            raise SettingError("The equalities contradict each other: no coefficients obey them all.")
    return found


def _joined(G: Array, norms: Array, equalities: Equalities, targets: Sequence[int], n_terms: int) -> Regression:
    """Return the regression of some targets side by side; each is divided by its own norm."""
    library = slice(0, n_terms)
    column = norms[library]
    block = G[library, library] / column / column[:, None]
    scales = [norms[n_terms + i] for i in targets]
    c = [G[library, n_terms + i] / column / scale for i, scale in zip(targets, scales, strict=True)]
    ratio = np.concatenate([column / scale for scale in scales])
    speaking = np.flatnonzero(equalities.A[:, list(targets)].any(axis=(1, 2)))
    A = equalities.A[speaking][:, list(targets)].reshape(len(speaking), len(ratio)) / ratio
    size = np.linalg.norm(A, axis=1)
    return Regression(
        unknowns=np.concatenate([np.arange(i * n_terms, (i + 1) * n_terms) for i in targets]),
        G=np.asarray(np.kron(np.eye(len(targets)), block), dtype=np.float64),
        c=np.concatenate(c),
        yy=float(sum(G[n_terms + i, n_terms + i] / scale**2 for i, scale in zip(targets, scales, strict=True))),
        columns=np.tile(column, len(targets)),
        norms=ratio,
        A=A / size[:, None],
        b=equalities.b[speaking] / size,
    )


def _tied(A: Array) -> list[tuple[int, ...]]:
    """Return the groups of targets that equalities tie together, each in increasing order."""
    groups = [{i} for i in range(A.shape[1])]
    for row in A:
        mine = set(np.flatnonzero(row.any(axis=1)).tolist())
        touched = [group for group in groups if group & mine]
        groups = [group for group in groups if not group & mine] + ([set().union(*touched)] if touched else [])
    return sorted(tuple(sorted(group)) for group in groups)


def assembled(parts: Iterable[tuple[Regression, Array]], n_targets: int, n_terms: int) -> Array:
    """Return the coefficients of all targets in the units of the data, (n_targets, n_terms)."""
    out = np.zeros(n_targets * n_terms)
    for regression, coefficients in parts:
        out[regression.unknowns] = regression.in_units(coefficients)
    return out.reshape(n_targets, n_terms)


def without_small(regression: Regression, active: Sequence[int], small: Iterable[int]) -> list[int]:
    """Return the active coefficients without the small ones, smallest first, as far as the equalities allow."""
    left = list(active)
    for j in small:
        fewer = [p for p in left if p != j]
        if not len(regression.A) or regression.feasible(fewer):
            left = fewer
    return left
