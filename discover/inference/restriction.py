"""What constraints leave of the coefficients of some terms: ξ = ξ₀ + N z, inequalities, and what is known beforehand.

Every estimate goes through here: least squares under a candidate's own covariance, sandwich intervals, and the fit
to trajectories, whose parameters are then z. So an equality holds in all of them as exactly as N is written down, and
z are some of the coefficients themselves.

Source: Lawson and Hanson (1974), Solving Least Squares Problems, doi:10.1137/1.9781611971217, chapters 20 and 23.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from discover.expr import Expr
from discover.problem import Array, Problem

Libraries = tuple[tuple[Expr, ...], ...]
"""The terms of every target, in the problem's order of targets."""

TINY = 1e-10
"""Entries below this share of their row count as zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """What the coefficients ξ (n,) of some terms may be: start + N z with lower ≤ C ξ ≤ upper, and P ξ about mean.

    Attributes:
        start: shape (n,).
        N: shape (n, n_free); of each column's coefficients one is z itself.
        free: which coefficients are z, shape (n_free,).
        C: inequalities, shape (n_inequalities, n), written as C ξ ≥ d.
        d: shape (n_inequalities,).
        P: known combinations, shape (n_known, n); `mean` and `std` what is known of them, each (n_known,).
    """

    start: Array
    N: Array
    free: np.ndarray
    C: Array
    d: Array
    P: Array
    mean: Array
    std: Array

    @property
    def n(self) -> int:
        return len(self.start)

    @property
    def n_free(self) -> int:
        return self.N.shape[1]

    @property
    def is_nothing(self) -> bool:
        """Whether every coefficient is free and nothing is known of any."""
        return self.n_free == self.n and not len(self.d) and not len(self.mean)

    @property
    def dead(self) -> np.ndarray:
        """Whether each coefficient can only be zero, shape (n,)."""
        return ~self.N.any(axis=1) & (self.start == 0.0)

    def within(self, values: Array) -> Array:
        """Return z (n_free,) for coefficients (n,) that obey the equalities, or nearly do."""
        return values[self.free]

    def full(self, z: Array) -> Array:
        """Return the coefficients (n,) for z (n_free,)."""
        return z if self.n_free == self.n else self.start + self.N @ z

    def spread(self, covariance: Array) -> Array:
        """Return the covariance (n, n) of the coefficients for that of z."""
        return covariance if self.n_free == self.n else self.N @ covariance @ self.N.T

    def broken(self, values: Array) -> list[int]:
        """Return which inequalities coefficients (n,) break, the worst first."""
        short = (self.d - self.C @ values) / np.maximum(np.abs(self.C) @ np.abs(values) + np.abs(self.d), 1e-300)
        return [int(k) for k in np.argsort(-short) if _misses(self.C, values, self.d)[k]]

    def with_equal(self, active: Sequence[int]) -> "Restriction | None":
        """Return the restriction with some of its inequalities as equalities; None where they contradict."""
        if not len(active):
            return self
        k = list(active)
        found = _echelon(np.concatenate([self.C[k] @ self.N]), self.d[k] - self.C[k] @ self.start)
        if found is None:
            return None
        start, N, free = found
        return replace(self, start=self.full(start), N=self.N @ N, free=self.free[free])

    def bread(self, R: Array) -> Array:
        """Return N (Nᵀ(RᵀR + information)N)⁻¹ Nᵀ for whitened terms R (n_rows, n): shape (n, n)."""
        E = np.concatenate([R @ self.N, self.prior_rows()[0]])
        norms = np.linalg.norm(E, axis=0)
        norms[norms == 0.0] = 1.0
        inverse = np.linalg.pinv(E / norms, rcond=1e-14) / norms[:, None]
        return self.spread(inverse @ inverse.T)

    def information(self) -> Array:
        """Return what is known beforehand as the inverse of a covariance, shape (n, n)."""
        rows = self.P / self.std[:, None]
        return rows.T @ rows

    def prior_rows(self) -> tuple[Array, Array]:
        """Return what is known as rows of unit noise on z: (n_known, n_free) and (n_known,)."""
        rows = (self.P @ self.N) / self.std[:, None]
        return rows, (self.mean - self.P @ self.start) / self.std

    def fit(self, R: Array, y: Array) -> "Restricted | None":
        """Return the coefficients that minimise |R ξ - y|² + |(P ξ - mean)/std|² and obey; None where none do.

        R is (n_rows, n), y (n_rows,), both of unit noise.
        """
        E, f = R @ self.N, y - R @ self.start
        if len(self.mean):
            known, values = self.prior_rows()
            E, f = np.concatenate([E, known]), np.concatenate([f, values])
        norms = np.linalg.norm(E, axis=0)
        norms[norms == 0.0] = 1.0
        w = np.linalg.lstsq(E / norms, f, rcond=1e-14)[0] if self.n_free else np.zeros(0)
        z, active = w / norms, ()
        if len(self.d) and _misses(self.C, self.full(z), self.d).any():
            found = _least_distance(E / norms, f, self.C @ self.N / norms, self.d - self.C @ self.start)
            if found is None:
                return None
            active = tuple(found)
            tight = self.with_equal(active)
            if tight is None:
                return None
            return replace(tight, C=self.C[:0], d=self.d[:0])._tight(R, y, active)
        return Restricted(self.full(z), self, active)

    def _tight(self, R: Array, y: Array, active: tuple[int, ...]) -> "Restricted | None":
        again = self.fit(R, y)
        return None if again is None else Restricted(again.coefficients, self, active)


@dataclass(frozen=True, slots=True, eq=False)
class Restricted:
    """A fit: coefficients (n,), the restriction in which inequalities that it lies on are equalities, and which."""

    coefficients: Array
    restriction: Restriction
    active: tuple[int, ...]

    @property
    def penalty(self) -> float:
        """Chi-square of what is known beforehand."""
        one = self.restriction
        return float(np.sum(((one.P @ self.coefficients - one.mean) / one.std) ** 2))


def _misses(C: Array, values: Array, d: Array, share: float = 1e-12) -> np.ndarray:
    """Return which of C ξ ≥ d do not hold, but for rounding."""
    return C @ values < d - share * (np.abs(C) @ np.abs(values) + np.abs(d))


def _least_distance(E: Array, f: Array, G: Array, h: Array) -> list[int] | None:
    """Return which of G z ≥ h hold as equalities where |E z - f| is least; None where no z obeys.

    By non-negative least squares on the dual (Lawson and Hanson, algorithm LSI).
    """
    from scipy.optimize import nnls

    n = E.shape[1]
    if n == 0:
        return None
    Q, R = np.linalg.qr(np.concatenate([E, 1e-9 * np.eye(n)]))
    target = Q.T @ np.concatenate([f, np.zeros(n)])
    A = np.linalg.solve(R.T, G.T).T
    rest = h - A @ target
    size = np.linalg.norm(A, axis=1)
    if (rest[size <= 1e-14] > 1e-10 * np.maximum(1.0, np.abs(h[size <= 1e-14]))).any():
        return None
    keep = np.flatnonzero(size > 1e-14)
    stretch = max(1.0, float(np.abs(rest[keep] / size[keep]).max(initial=0.0)))
    dual = np.concatenate([(A[keep] / size[keep, None]).T, (rest[keep] / size[keep] / stretch)[None]])
    u, left = nnls(dual, np.append(np.zeros(n), 1.0), maxiter=30 * max(10, len(keep)))
    if left < 1e-10:
        return None
    return [int(k) for k in keep[u > 1e-12 * max(1.0, u.max(initial=0.0))]]


def _echelon(A: Array, b: Array) -> tuple[Array, Array, np.ndarray] | None:
    """Return start (n,), N (n, n_free) and the free coordinates of A ξ = b by elimination; None where none solve it.

    Elimination keeps small whole numbers as they are, so that N says what a person would have written.
    """
    n = A.shape[1]
    M = np.concatenate([A, b[:, None]], axis=1).astype(np.float64)
    size = np.abs(M[:, :n]).max(axis=1, initial=0.0)
    if (np.abs(M[size == 0.0, n]) > TINY).any():
        return None
    M = M[size > 0.0] / size[size > 0.0, None]
    pivots: list[int] = []
    for r in range(len(M)):
        rest = np.abs(M[r:, :n])
        if not rest.size or rest.max() <= TINY:
            M[r:, :n] = 0.0
            break
        best = rest.max()
        column = int(np.flatnonzero((rest >= 0.5 * best).any(axis=0))[-1])  # the last: earlier ones stay free
        row = r + int(np.argmax(rest[:, column]))
        M[[r, row]] = M[[row, r]]
        M[r] /= M[r, column]
        others = [k for k in range(len(M)) if k != r]
        M[others] -= np.outer(M[others, column], M[r])
        M[np.abs(M) < TINY] = 0.0
        pivots.append(column)
    if (np.abs(M[len(pivots) :, n]) > 1e-9).any():
        return None
    free = np.array([j for j in range(n) if j not in pivots], dtype=np.int64)
    start, N = np.zeros(n), np.zeros((n, len(free)))
    N[free, np.arange(len(free))] = 1.0
    for r, column in enumerate(pivots):
        start[column] = M[r, n]
        N[column] = -M[r, free]
    return start, N, free


@lru_cache(maxsize=256)
def unlimited(n: int) -> Restriction:
    """Return what lets n coefficients be anything."""
    none, nothing = np.zeros((0, n)), np.zeros(0)
    return Restriction(np.zeros(n), np.eye(n), np.arange(n), none, nothing, none, nothing, nothing)


def among(one: Restriction, places: np.ndarray, n: int) -> Restriction:
    """Return the restriction of n parameters of which those at `places` (n_coefficients,) are its coefficients."""
    others = np.setdiff1d(np.arange(n), places)
    N = np.zeros((n, one.n_free + len(others)))
    N[np.ix_(places, np.arange(one.n_free))] = one.N
    N[others, one.n_free + np.arange(len(others))] = 1.0

    def wide(rows: Array) -> Array:
        whole = np.zeros((len(rows), n))
        whole[:, places] = rows
        return whole

    start = np.zeros(n)
    start[places] = one.start
    free = np.concatenate([places[one.free], others]).astype(np.int64)
    order = np.argsort(free)  # so that N is the identity where nothing is asked
    return replace(one, start=start, N=N[:, order], free=free[order], C=wide(one.C), P=wide(one.P))


def restriction(constraints: Sequence[Any], libraries: Libraries) -> Restriction | None:
    """Return what constraints leave of the coefficients of these terms, None where no coefficients obey them.

    Args:
        constraints: that answer `rows` and `prior`; see `discover.contract.Constraint`.
        libraries: terms of every target; coefficients are counted target by target.
    """
    return _restriction(tuple(constraints), tuple(tuple(terms) for terms in libraries))


@lru_cache(maxsize=4096)
def _restriction(constraints: tuple[Any, ...], libraries: Libraries) -> Restriction | None:
    n = sum(map(len, libraries))
    rows = [one for constraint in constraints if (one := constraint.rows(libraries)) is not None]
    known = [one for constraint in constraints if (one := constraint.prior(libraries)) is not None]
    A = np.concatenate([np.zeros((0, n)), *(one.A for one in rows)])
    lower = np.concatenate([np.zeros(0), *(one.lower for one in rows)])
    upper = np.concatenate([np.zeros(0), *(one.upper for one in rows)])
    equal = lower == upper
    found = _echelon(A[equal], lower[equal])
    if found is None:
        return None
    below, above = ~equal & np.isfinite(lower), ~equal & np.isfinite(upper)
    C, d = np.concatenate([A[below], -A[above]]), np.concatenate([lower[below], -upper[above]])
    start, N, free = found
    P = np.concatenate([np.zeros((0, n)), *(one.A for one in known)])
    mean = np.concatenate([np.zeros(0), *(one.mean for one in known)])
    std = np.concatenate([np.zeros(0), *(one.std for one in known)])
    made = Restriction(start, N, free, C, d, P, mean, std)
    return made if _possible(made) else None


def _possible(one: Restriction) -> bool:
    """Return whether any coefficients obey the inequalities too."""
    if not len(one.d):
        return True
    fit = replace(one, P=one.P[:0], mean=one.mean[:0], std=one.std[:0]).fit(1e-6 * np.eye(one.n), np.zeros(one.n))
    return fit is not None and not _misses(one.C, fit.coefficients, one.d, 1e-9).any()


def groups(constraints: Sequence[Any], n_targets: int) -> list[tuple[int, ...]]:
    """Return the targets that constraints tie together, each group in increasing order; most hold one."""
    found = [{i} for i in range(n_targets)]
    for constraint in constraints:
        for tied in constraint.ties(n_targets):
            touched = [group for group in found if group & set(tied)]
            found = [group for group in found if not group & set(tied)] + [set().union(*touched)]
    return sorted(tuple(sorted(group)) for group in found)


def is_tied(problem: Problem, target: int) -> bool:
    """Return whether the coefficients of a target hang on those of others."""
    return any(target in group and len(group) > 1 for group in groups(problem.constraints, len(problem.targets)))


def alone(problem: Problem, target: int, terms: Sequence[Expr]) -> Restriction | None:
    """Return what constraints that speak of one target alone leave of the coefficients of its terms; None for nothing.

    Those that tie it to others are left to whoever fits the targets together.
    """
    mine = [c for c in problem.constraints if not any(target in tied for tied in c.ties(len(problem.targets)))]
    libraries = tuple(tuple(terms) if i == target else () for i in range(len(problem.targets)))
    return restriction([c for c in mine if c.speaks_of(target)], libraries)
