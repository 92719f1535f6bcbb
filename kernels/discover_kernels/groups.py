"""Best path of whole groups of columns on a Gram matrix: forward, backward and swaps, by the sweep operator.

The columns of a group enter together or not at all, so what is compared is how much a whole block lowers the
residual sum of squares: bᵀ A⁻¹ b with A and b the block's part of the swept Gram (`subset.py`). Columns that are
combinations of those inside do not enter, and add nothing to their group.

Source: Goodnight (1979), doi:10.1080/00031305.1979.10482685, for the sweep; Yuan and Lin (2006),
doi:10.1111/j.1467-9868.2005.00532.x, for groups of coefficients that stand for one factor.
"""

import numpy as np

from discover_kernels.kernel import kernel
from discover_kernels.subset import FLOOR, PIVOT, sweep

FULL_LIMIT = 120
"""Most columns for which elimination also starts from the full model."""


@kernel
def group_gain(A, first, last, work):
    """Return how much columns first to last lower the residual if they enter together; none of them is inside.

    A is the swept Gram (P + 1, P + 1), work a buffer of at least (m + 1, m + 1) for m columns.
    """
    m, P = last - first, A.shape[0] - 1
    for i in range(m):
        for j in range(m):
            work[i, j] = A[first + i, first + j]
        work[i, m] = A[first + i, P]
    gain = 0.0
    for i in range(m):
        pivot = work[i, i]
        if pivot > PIVOT:
            gain += work[i, m] * work[i, m] / pivot
            for k in range(i + 1, m):
                factor = work[k, i] / pivot
                for j in range(i + 1, m + 1):
                    work[k, j] -= factor * work[i, j]
    return gain


@kernel
def _enter(A, edges, g, columns):
    """Sweep in the columns of group g that are no combination of those inside."""
    for j in range(edges[g], edges[g + 1]):
        if A[j, j] > PIVOT:
            sweep(A, j)
            columns[j] = True


@kernel
def _leave(A, edges, g, columns):
    for j in range(edges[g], edges[g + 1]):
        if columns[j]:
            sweep(A, j)
            columns[j] = False


@kernel
def _refreshed(G, edges, inside, columns):
    """Return G swept afresh on the groups inside, and mark their columns."""
    A = G.copy()
    columns[:] = False
    for g in range(len(inside)):
        if inside[g]:
            _enter(A, edges, g, columns)
    return A


@kernel
def _best_entry(A, edges, inside, work):
    best, most = -1, 0.0
    for g in range(len(inside)):
        if not inside[g]:
            gain = group_gain(A, edges[g], edges[g + 1], work)
            if gain > most:
                best, most = g, gain
    return best, most


@kernel
def _best_exit(A, edges, inside, columns):
    """Return the group inside whose removal leaves the smallest residual; A comes back as it was, up to rounding."""
    P = A.shape[0] - 1
    best, least = -1, np.inf
    for g in range(len(inside)):
        if inside[g]:
            B, trial = A.copy(), columns.copy()
            _leave(B, edges, g, trial)
            if B[P, P] < least:
                best, least = g, B[P, P]
    return best


@kernel
def _swap_to_convergence(A, edges, inside, columns, work, n_passes):
    P = A.shape[0] - 1
    for _ in range(n_passes):
        improved = False
        for g in range(len(inside)):
            if inside[g]:
                before = A[P, P]
                B, trial = A.copy(), columns.copy()
                _leave(B, edges, g, trial)
                inside[g] = False
                other, gain = _best_entry(B, edges, inside, work)
                inside[g] = True
                if other >= 0 and other != g and B[P, P] - gain < before * (1.0 - 1e-9) - FLOOR:
                    _enter(B, edges, other, trial)
                    inside[g], inside[other] = False, True
                    A[:], columns[:] = B, trial
                    improved = True
        if not improved:
            break


@kernel
def _settle(G, edges, inside, columns, work, n_passes):
    """Return G swept on the groups that swaps lead to from those inside, without the rounding of the way."""
    A = _refreshed(G, edges, inside, columns)
    _swap_to_convergence(A, edges, inside, columns, work, n_passes)
    return _refreshed(G, edges, inside, columns)


@kernel
def _record(A, edges, inside, columns, residuals, supports):
    """Keep a choice that is the best of its number so far; groups that say nothing new do not count as chosen."""
    P, k = A.shape[0] - 1, inside.sum()
    for g in range(len(inside)):
        if inside[g] and not columns[edges[g] : edges[g + 1]].any():
            return
    residual = max(A[P, P], FLOOR)
    if k < len(residuals) and residual < residuals[k]:
        residuals[k] = residual
        supports[k] = inside


@kernel
def group_path(G, edges, k_max, n_passes):
    """Return residuals (k_max + 1,) and supports (k_max + 1, n_groups) of the best groups found of each number.

    Args:
        G: augmented Gram (P + 1, P + 1) with unit diagonal, the target last, the columns of a group side by side.
        edges: first column of each group, and P at the end, shape (n_groups + 1,).
        k_max: most groups.
        n_passes: rounds of swaps.

    Numbers that could not be reached have an infinite residual.
    """
    P, n_groups = G.shape[0] - 1, len(edges) - 1
    widest = 0
    for g in range(n_groups):
        widest = max(widest, edges[g + 1] - edges[g])
    work = np.empty((widest + 1, widest + 1))
    residuals, supports = np.full(k_max + 1, np.inf), np.zeros((k_max + 1, n_groups), np.bool_)
    residuals[0] = G[P, P]
    inside, columns = np.zeros(n_groups, np.bool_), np.zeros(P, np.bool_)
    A = G.copy()
    for _ in range(k_max):
        g, _ = _best_entry(A, edges, inside, work)
        if g < 0:
            break
        inside[g] = True
        A = _settle(G, edges, inside, columns, work, n_passes)
        _record(A, edges, inside, columns, residuals, supports)
    if P <= FULL_LIMIT:
        inside[:] = True
        A = _refreshed(G, edges, inside, columns)
    for _ in range(inside.sum() - 1):
        g = _best_exit(A, edges, inside, columns)
        inside[g] = False
        A = _refreshed(G, edges, inside, columns)
        if inside.sum() <= k_max:
            A = _settle(G, edges, inside, columns, work, n_passes)
            _record(A, edges, inside, columns, residuals, supports)
    return residuals, supports
