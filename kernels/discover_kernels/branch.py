"""Best subset by branch and bound: the support of a given size with the least residual, and a proof of it.

A node of the tree has columns that are in and columns that are free. The residual of all of them together
is a bound on every support below the node: where it is no better than the best support known, the node
is closed. S is the Gram of the free columns given those inside (a Schur complement), and V its inverse:
S says what a column, or a pair, takes off the residual when it enters, V what the residual rises by when one
leaves. Columns whose leaving would close the node must be in; the last two places are filled by looking
at all pairs, so that a support of k columns costs a tree of depth k - 2.

The ridge makes the problem strictly convex, so that no pivot vanishes; it is part of what is minimised.

Source: Furnival and Wilson (1974), doi:10.1080/00401706.1974.10489231, for bounds from larger models;
Bertsimas and Gurnee (2023), doi:10.1007/s11071-022-08178-9, for certified optimality in this field.
"""

import numpy as np

from discover_kernels.kernel import kernel
from discover_kernels.ridge import cholesky

CLOSE_ENOUGH = 1e-6
"""Relative improvement of the residual that is not worth proving."""


@kernel
def _invert(S, n, V):
    """Write the inverse of S[:n, :n] to V[:n, :n]; False where S is not positive definite."""
    L = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            L[i, j] = S[i, j]
    if not cholesky(L, n):
        return False
    for i in range(n):  # the inverse of L, row by row, in place
        L[i, i] = 1.0 / L[i, i]
        for j in range(i):
            total = 0.0
            for k in range(j, i):
                total += L[i, k] * L[k, j]
            L[i, j] = -total * L[i, i]
    for i in range(n):
        for j in range(i + 1):
            total = 0.0
            for k in range(i, n):
                total += L[k, i] * L[k, j]
            V[i, j] = V[j, i] = total
    return True


@kernel
def _drop(S, V, b, w, free, j, n):
    """Take entry j out of the n free ones: the last takes its place."""
    last = n - 1
    if j != last:
        S[j, :n] = S[last, :n]
        S[:n, j] = S[:n, last]
        V[j, :n] = V[last, :n]
        V[:n, j] = V[:n, last]
        b[j], w[j], free[j] = b[last], w[last], free[last]


@kernel
def _enter(S, b, j, n):
    """Condition the n free columns on column j, in place; return what it takes off the residual."""
    pivot, entry = S[j, j], b[j]
    for i in range(n):
        if i != j:
            factor = S[i, j] / pivot
            row, top = S[i], S[j]
            for p in range(n):
                if p != j:
                    row[p] -= factor * top[p]
            b[i] -= factor * entry
    return entry * entry / pivot


@kernel
def _leave(V, w, j, n):
    """Take column j out of the full model of the n free ones, in place; return what the residual rises by."""
    pivot, entry = V[j, j], w[j]
    for i in range(n):
        if i != j:
            factor = V[i, j] / pivot
            row, top = V[i], V[j]
            for p in range(n):
                if p != j:
                    row[p] -= factor * top[p]
            w[i] -= factor * entry
    return entry * entry / pivot


@kernel
def _record(value, inside, values, supports):
    """Put a support into the list of the best, which is kept in order; one that is there already is left out."""
    n = len(values)
    if not value < values[n - 1]:
        return
    for i in range(n):
        same = True
        for p in range(len(inside)):
            if supports[i, p] != inside[p]:
                same = False
                break
        if same and values[i] < np.inf:
            return
    at = n - 1
    while at > 0 and value < values[at - 1]:
        values[at] = values[at - 1]
        supports[at] = supports[at - 1]
        at -= 1
    values[at] = value
    supports[at] = inside


@kernel
def _fill_one(S, b, free, n, residual, inside, values, supports):
    """Record the supports that one more column completes."""
    for j in range(n):
        value = residual - b[j] * b[j] / S[j, j]
        if value < values[-1]:
            inside[free[j]] = True
            _record(value, inside, values, supports)
            inside[free[j]] = False


@kernel
def _fill_two(S, b, free, n, residual, inside, values, supports):
    """Record the supports that two more columns complete: all pairs are looked at."""
    for i in range(n - 1):
        bi, si, row = b[i], S[i, i], S[i]
        needed = residual - values[-1]
        best = 0.0
        for j in range(i + 1, n):
            sij, sj, bj = row[j], S[j, j], b[j]
            gain = (bi * bi * sj - 2.0 * bi * bj * sij + bj * bj * si) / (si * sj - sij * sij)
            best = max(best, gain)
        if best > needed:
            for j in range(i + 1, n):
                sij, sj, bj = row[j], S[j, j], b[j]
                gain = (bi * bi * sj - 2.0 * bi * bj * sij + bj * bj * si) / (si * sj - sij * sij)
                if residual - gain < values[-1]:
                    inside[free[i]] = inside[free[j]] = True
                    _record(residual - gain, inside, values, supports)
                    inside[free[i]] = inside[free[j]] = False


@kernel
def _open(S, V, b, w, n, residual):
    """Fit the model of all free columns: fill V and w, and return its residual.

    Where S is singular it returns -inf, and V and w are such that no column is worth anything.
    """
    if not _invert(S, n, V):
        for i in range(n):
            w[i] = 0.0
            for j in range(n):
                V[i, j] = 1.0 if i == j else 0.0
        return -np.inf
    full = residual
    for i in range(n):
        total = 0.0
        for p in range(n):
            total += V[i, p] * b[p]
        w[i] = total
        full -= total * b[i]
    return full


@kernel
def full_model(G, ridge, S, V, b, w, free):
    """Fill S, V (P, P), b, w (P,) and free (P,) with the model of all usable columns: the root of every tree.

    G is the augmented Gram with unit diagonal, (P + 1) squared, the target last. Returns how many columns are
    usable, and what all of them leave (-inf where even the ridge cannot tell them apart).
    """
    P = G.shape[0] - 1
    n = 0
    for p in range(P):
        if G[p, p] > 0.0:
            free[n] = p
            n += 1
    for i in range(n):
        b[i] = G[free[i], P]
        for j in range(n):
            S[i, j] = G[free[i], free[j]]
        S[i, i] += ridge
    return n, _open(S, V, b, w, n, G[P, P])


@kernel
def best_subsets(yy, n, all_leave, S0, V0, b0, w0, free0, k, values, supports, max_nodes):
    """Search the supports of size k with the least |y - Θw|² + ridge |w|²; return nodes seen and a bound.

    Args:
        yy: sum of squares of the target.
        n, all_leave, S0, V0, b0, w0, free0: what `full_model` returned and filled; left as they are.
        k: size of the support, at least 1 and at most n.
        values: the best residuals known, increasing, shape (n_best,); infinite where none is known.
        supports: what they belong to, shape (n_best, P) bool; both are improved in place.
        max_nodes: most nodes opened.

    Returns:
        Nodes opened, and a bound from below on the residual of every support that was not looked at;
        where it reaches the last of `values`, these are the best there are.
    """
    P, n_frames = len(free0), max(1, k - 1)
    S, V = np.empty((n_frames, n, n)), np.empty((n_frames, n, n))
    b, w = np.empty((n_frames, n)), np.empty((n_frames, n))
    free, inside = np.empty((n_frames, n), np.int64), np.zeros((n_frames, P), np.bool_)
    n_free, left = np.zeros(n_frames, np.int64), np.zeros(n_frames, np.int64)
    residual, full = np.empty(n_frames), np.empty(n_frames)
    S[0], V[0], b[0], w[0], free[0] = S0[:n, :n], V0[:n, :n], b0[:n], w0[:n], free0[:n]
    n_free[0], left[0], residual[0], full[0] = n, k, yy, all_leave
    n_nodes, d = 1, 0
    while d >= 0:
        n, m, limit = n_free[d], left[d], values[-1] * (1.0 - CLOSE_ENOUGH)
        if n < m or full[d] >= limit:
            d -= 1
            continue
        if m <= 2:
            if m == 1:
                _fill_one(S[d], b[d], free[d], n, residual[d], inside[d], values, supports)
            else:
                _fill_two(S[d], b[d], free[d], n, residual[d], inside[d], values, supports)
            d -= 1
            continue
        if n_nodes >= max_nodes:
            break
        at, rise = 0, -1.0
        for j in range(n):
            value = w[d, j] * w[d, j] / V[d, j, j]
            if value > rise:
                at, rise = j, value
        if n == m or full[d] + rise >= limit:  # without it nothing below can be better
            residual[d] -= _enter(S[d], b[d], at, n)
            inside[d, free[d, at]] = True
            _drop(S[d], V[d], b[d], w[d], free[d], at, n)
            n_free[d], left[d] = n - 1, m - 1
            continue
        n_nodes += 1
        e = d + 1
        S[e, :n, :n], b[e, :n], free[e, :n], inside[e] = S[d, :n, :n], b[d, :n], free[d, :n], inside[d]
        residual[e] = residual[d] - _enter(S[e], b[e], at, n)
        inside[e, free[e, at]] = True
        _drop(S[e], V[e], b[e], w[e], free[e], at, n)
        n_free[e], left[e] = n - 1, m - 1
        full[e] = full[d] if m <= 3 else _open(S[e], V[e], b[e], w[e], n - 1, residual[e])
        full[d] += _leave(V[d], w[d], at, n)
        _drop(S[d], V[d], b[d], w[d], free[d], at, n)
        n_free[d] = n - 1
        d = e
    bound = values[-1]
    for i in range(d + 1):
        bound = min(bound, full[i])
    return n_nodes, bound
