"""Surfaces that trajectories stay on: relations Σ v_j m_j(x) = 0 of few terms, to within what the noise can show.

A trajectory on a closed orbit, on a straight line, or one of which a sum is conserved, never leaves a surface. Every
law may then be changed by whatever vanishes there. The distance of a state from a surface f = 0 is |f| / |∇f|, so
relations are fitted by Taubin's quotient: the vector that makes Σ f² least for a given Σ |σ∇f|², σ being the noise.

Source: Taubin (1991), doi:10.1109/34.103273.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from discover.expr import Expr, compile_program, differentiate
from discover.expr.monomials import without_common_factor
from discover.problem import Array, Index

MOST_TERMS, MOST_SUBSETS = 6, 60_000
"""Terms of a relation at most, and how many combinations of them are looked at."""

N_TRIED = 12
"""Combinations of each size that are looked at closely."""

STEEPEST = 1e-3
"""Of the largest slope of a relation: no sample weighs more than a thousand times as much as the one there."""

NOWHERE = 1e-9
"""Of the largest summand: a relation that is left by no more than this away from the data is an identity."""

FURTHER = 2.0
"""How many times as far from their mean as the data identities are tried."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """Σ coefficient · term = 0 on the data, the largest summand having coefficient 1.

    Attributes:
        terms: what is added up.
        coefficients: their numbers.
        distance: sum over the samples of the squared distance of the surface, in standard errors of the noise.
    """

    terms: tuple[Expr, ...]
    coefficients: tuple[float, ...]
    distance: float


@dataclass(frozen=True, slots=True, eq=False)
class Surfaces:
    """The terms on the states: values (n_terms, n_samples) and slopes times noise (n_terms, n_variables, n_samples)."""

    values: Array
    moved: Array

    def fit(self, chosen: Sequence[int]) -> tuple[Array, float]:
        """Return the coefficients of the nearest relation of these terms, and its distance from the samples."""
        index = list(chosen)
        values, moved = self.values[index], self.moved[index]
        norms = np.linalg.norm(values, axis=1)
        weights, v = np.ones(values.shape[1]), np.zeros(len(index))
        for _ in range(3):
            v = np.linalg.svd((values / norms[:, None] * weights).T, full_matrices=False)[2][-1] / norms
            spread = np.sqrt(np.sum(np.tensordot(v, moved, axes=1) ** 2, axis=0))
            if not spread.max() > 0.0:  # the noise moves no state off the surface
                return v, np.inf
            weights = 1.0 / np.maximum(spread, STEEPEST * spread.max())
        return v, float(np.sum((v @ values * weights) ** 2))


def invariants(terms: Sequence[Expr], X: Array, noise: Array, allowance: float) -> list[Invariant]:
    """Return the relations of fewest terms that states satisfy as exactly as their noise can show, simplest first.

    Args:
        terms: what relations may be made of.
        X: states and inputs, free of noise or nearly so, shape (n_variables, n_samples).
        noise: standard deviation of the measurement of each, (n_variables, n_samples).
        allowance: sum of squared distances, in standard errors, up to which a surface counts as never left.

    Identities, such as that of sin² and cos², are no relations of the data and not returned.

    >>> from discover.expr import Polynomial
    >>> t = np.linspace(0.0, 10.0, 200)
    >>> X = np.array([np.cos(t), np.sin(t)])
    >>> [found] = invariants(Polynomial(2).build(["x", "y"]), X, np.full(X.shape, 0.01), 10.0)
    >>> found.terms, np.round(found.coefficients, 6).tolist()
    ((Expr(1), Expr(x0**2), Expr(x1**2)), [-1.0, 1.0, 1.0])
    """
    surfaces = _surfaces(terms, X, noise)
    known = np.flatnonzero(np.isfinite(surfaces.values).all(axis=1) & (np.abs(surfaces.values).max(axis=1) > 0.0))
    found: list[tuple[frozenset[int], Invariant]] = []
    for size in range(1, min(MOST_TERMS, len(known)) + 1):
        for chosen in _nearest(surfaces, known, size):
            if any(own <= set(chosen) for own, _ in found):
                continue
            v, distance = surfaces.fit(chosen)
            if distance <= allowance:
                found.append((frozenset(chosen), _relation(terms, surfaces, chosen, v, distance)))
    relations = {one.terms: one for _, one in reversed(found) if not _is_identity(one, X, noise)}
    return sorted(relations.values(), key=lambda one: (len(one.terms), sum(term.complexity for term in one.terms)))


def _surfaces(terms: Sequence[Expr], X: Array, noise: Array) -> Surfaces:
    P, (n, N) = len(terms), X.shape
    slopes = [differentiate(term, v) for term in terms for v in range(n)]
    with np.errstate(all="ignore"):
        values = compile_program([*terms, *slopes], n).evaluate(np.ascontiguousarray(X))
    return Surfaces(values[:P], values[P:].reshape(P, n, N) * noise)


def _nearest(surfaces: Surfaces, known: Index, size: int) -> list[tuple[int, ...]]:
    """Return the combinations of terms that pass nearest to the samples, by Taubin's quotient on Gram matrices."""
    values, moved = surfaces.values[known], surfaces.moved[known]
    norms = np.linalg.norm(values, axis=1)
    values, moved = values / norms[:, None], moved / norms[:, None, None]
    G = values @ values.T + 1e-15 * np.eye(len(known))
    C = np.einsum("pvn,qvn->pq", moved, moved)
    subsets = combinations_of(len(known), size)
    if not len(subsets):
        return []
    at = (subsets[:, :, None], subsets[:, None, :])
    quotients = np.abs(np.linalg.eigvals(np.linalg.solve(G[at], C[at]))).max(axis=1)
    best = np.argsort(-quotients, kind="stable")[:N_TRIED]
    return [tuple(int(k) for k in known[subsets[b]]) for b in best]


def combinations_of(n: int, size: int, most: int = MOST_SUBSETS) -> Index:
    """Return all combinations of n numbers, (n_combinations, size), none where they would be more than `most`."""
    count = 1
    for k in range(size):
        count = count * (n - k) // (k + 1)
    if count > most:
        return np.empty((0, size), dtype=np.int64)
    return np.array(list(combinations(range(n), size)), dtype=np.int64).reshape(-1, size)


def _relation(terms: Sequence[Expr], surfaces: Surfaces, chosen: Sequence[int], v: Array, distance: float) -> Invariant:
    sizes = np.abs(v) * np.abs(surfaces.values[list(chosen)]).max(axis=1)
    v = v / v[np.flatnonzero(sizes > (1.0 - 1e-6) * sizes.max())[-1]]
    return Invariant(without_common_factor([terms[p] for p in chosen]), tuple(v.tolist()), distance)


def _is_identity(one: Invariant, X: Array, noise: Array) -> bool:
    """Return whether a relation holds away from the data as well."""
    middle = X.mean(axis=1, keepdims=True)
    size = np.maximum(X.std(axis=1), np.maximum(0.5 * np.abs(middle[:, 0]), 10.0 * noise.max(axis=1)))
    points = middle + FURTHER * size[:, None] * np.random.default_rng(0).uniform(-1.0, 1.0, (len(X), 64))
    with np.errstate(all="ignore"):
        summands = compile_program(one.terms, len(X)).evaluate(points) * np.array(one.coefficients)[:, None]
    summands = summands[:, np.isfinite(summands).all(axis=0)]
    return bool(summands.size) and bool(
        np.max(np.abs(summands.sum(axis=0))) < NOWHERE * np.max(np.abs(summands)) * len(summands)
    )
