"""The noise's own part of a Gram matrix of field rows, and a Gram with that part taken off.

Every column of a library, and the left-hand side, holds noise, and it is the same noise. Least squares then prefers
terms with little of it over the right ones: in a spiral of reaction and diffusion at 10 % noise the single term v
leaves a smaller sum of squares than the true seven do. What the noise adds to a Gram is known to second order,
E[NᵀN], from the slopes of the functions inside the terms; without it the right terms are the smallest residual again.

All of it must not be taken off: the Gram is one draw, and would turn indefinite. As much as leaves it positive is, as
in limited-information maximum likelihood and its relatives.

Source: Fuller (1987), Measurement Error Models, doi:10.1002/9780470316665, section 2.2; Fuller (1977),
doi:10.2307/1912683, for taking off a little less.
"""

from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np

from discover.expr import Expr
from discover.inference.chisquare import Estimate, factors
from discover.inference.errors_in_terms import at_queries, left_part, removable
from discover.inference.field_covariance import Overlaps, Part, Slopes
from discover.inference.rows import Rows
from discover.inference.whitening import Dense
from discover.problem import Array

SHARE = 0.97
"""Part of the noise that is taken off, of what leaves the Gram positive: with 0.9 to 0.99 the path is the same."""


def without_noise(G: Array, N: Array) -> Array:
    """Return G less as much of N as leaves it positive definite, at most once; both (n_terms + 1,) squared.

    >>> G = np.array([[2.0, 1.0], [1.0, 1.0]])
    >>> bool(np.linalg.eigvalsh(without_noise(G, np.eye(2)))[0] > 0.0)
    True
    """
    return G - SHARE * removable(G, N) * N


def noise_gram(rows: Rows, target: int, winner: Estimate | None = None) -> Array:
    """Return what the noise is expected to add to the Gram of the library and one left-hand side.

    Args:
        rows: of a field.
        target: which left-hand side.
        winner: under whose covariance the rows are whitened; None for rows as they are.

    Returns:
        shape (n_terms + 1, n_terms + 1), the target last.
    """
    P = len(rows.terms)
    total = np.zeros((P + 1, P + 1))
    whitening: list[Dense | None] = [None] * len(rows.blocks)
    if winner is not None:
        found = factors(rows, target, winner.support, winner.coefficients)
        whitening = [factor for factor in found if isinstance(factor, Dense)]
    v = rows.problem.target_index(rows.problem.targets[target])
    left = left_part(v, 1 + len(rows.problem.space))
    for b, factor in enumerate(whitening):
        slopes = rows.field_slopes(b)
        members = [*(slopes.parts[term] for term in rows.terms), (left,)]
        parts = list(dict.fromkeys(part for mine in members for part in mine))
        owner = np.zeros((P + 1, len(parts)))
        for p, mine in enumerate(members):
            for part in mine:
                owner[p, parts.index(part)] += 1.0
        total += owner @ _of_parts(slopes, parts, _inverse(slopes, factor)) @ owner.T
    return total


def _inverse(slopes: Slopes, factor: Dense | None) -> Array:
    """Return the inverse of the covariance that rows were whitened with, (n_queries, n_queries), 0 where no row is."""
    return at_queries(slopes.grid, np.eye(slopes.grid.n_rows) if factor is None else factor.inverse())


def _of_parts(slopes: Slopes, parts: Sequence[Part], Q: Array) -> Array:
    """Return E[Σ_kl Q_kl n_pk n_ql] for the noise n of every two parts, (n_parts, n_parts)."""
    slopes.prepare([function for _, function in parts])
    row, column = slopes.place()
    shape = tuple(len(pair.left) for pair in slopes.pairs)
    T = Q[row, column].reshape(shape)
    later = slopes.pairs[0].left > slopes.pairs[0].right  # along time each pair stands once
    turned = T * later.reshape(-1, *(1,) * (len(shape) - 1))
    found = np.zeros((len(parts), len(parts)))
    orders = list(dict.fromkeys(order for order, _ in parts))
    members = [[p for p, (order, _) in enumerate(parts) if order == mine] for mine in orders]
    functions = list(dict.fromkeys(function for _, function in parts))
    every = _weighted(slopes, functions)
    values = [every[[functions.index(parts[p][1]) for p in mine]] for mine in members]
    for i, j in combinations_with_replacement(range(len(orders)), 2):
        a, b = orders[i], orders[j]
        weight = (_spread(T, slopes.pairs, a, b) + _spread(turned, slopes.pairs, b, a)).ravel()
        n = len(members[i])
        block = (values[i].reshape(n, -1, len(weight)) * weight).reshape(n, -1) @ values[j].T
        found[np.ix_(members[i], members[j])] = block
        found[np.ix_(members[j], members[i])] = block.T
    return found


def _spread(T: Array, pairs: Sequence[Overlaps], a: Sequence[int], b: Sequence[int]) -> Array:
    """Return Σ over pairs of T D^a φ D^b φ on every cell: the adjoint of what makes a covariance."""
    for k, pair in enumerate(pairs):  # the contracted axis goes to the end, so the next one is always first
        T = np.tensordot(T, pair.products(a[k], b[k]), axes=(0, 0))
    return T


def _weighted(slopes: Slopes, functions: Sequence[Expr]) -> Array:
    """Return slopes times σ and curvatures times σ² of every function, (n_functions, n_kinds · n_cells)."""
    scales = [scale.reshape(-1, *(1,) * len(slopes.pairs)) for scale in slopes.scales()]
    found = []
    for function in functions:
        kinds = zip(scales, slopes.of(function), strict=True)
        found.append(np.concatenate([scale * values for scale, values in kinds]).ravel())
    return np.array(found)
