"""Best-subset path on a Gram matrix by the sweep operator: forward, backward and swaps.

The augmented Gram A is (P + 1) square: P library columns of unit norm, then the target. Sweeping
column k moves it into the model; afterwards A[j, P] is its coefficient for j in the model,
A[j, P]² / A[j, j] the drop of the residual sum of squares for j outside, and A[P, P] that sum.
The search is a heuristic: it certifies nothing beyond "no single swap improves".

Source: Goodnight, J. H. (1979), A tutorial on the sweep operator, doi:10.1080/00031305.1979.10482685.
"""

import numpy as np

from discover_kernels.kernel import kernel

PIVOT = 1e-12
"""Smallest pivot that may enter: 1 - R² of a column on the model's columns."""

FLOOR = 1e-18
FULL_LIMIT = 120
"""Largest library for which elimination also starts from the full model (it costs P sweeps of P²)."""


@kernel
def sweep(A, k):
    """Sweep symmetric A on pivot k, in place: in if it was out, out if it was in."""
    n = A.shape[0]
    pivot = A[k, k]
    for i in range(n):
        if i != k:
            factor = A[i, k] / pivot
            if factor != 0.0:
                row, top = A[i], A[k]
                kept = row[k]
                for j in range(n):
                    row[j] -= factor * top[j]
                row[k] = kept
    for j in range(n):
        if j != k:
            A[k, j] /= pivot
            A[j, k] = A[k, j]
    A[k, k] = -1.0 / pivot


@kernel
def _best_entry(A, inside):
    """Return the column outside that lowers the residual most, and by how much (-1 for none)."""
    P = len(inside)
    best, gain = -1, 0.0
    for j in range(P):
        if not inside[j] and A[j, j] > PIVOT:
            value = A[j, P] * A[j, P] / A[j, j]
            if value > gain:
                best, gain = j, value
    return best, gain


@kernel
def _best_exit(A, inside):
    """Return the column inside whose removal raises the residual least."""
    P = len(inside)
    best, loss = -1, np.inf
    for j in range(P):
        if inside[j]:
            value = A[j, P] * A[j, P] / -A[j, j]
            if value < loss:
                best, loss = j, value
    return best


@kernel
def _best_swap(A, inside, i):
    """Return the best replacement of i and the residual it would give, without touching A.

    Only row i enters: the rank-one update of the two numbers each candidate needs costs O(P), not O(P²).
    """
    P = len(inside)
    pivot = A[i, i]
    base = A[P, P] - A[P, i] * A[i, P] / pivot
    best, residual = -1, base
    for j in range(P):
        if not inside[j]:
            diagonal = A[j, j] - A[j, i] * A[i, j] / pivot
            if diagonal > PIVOT:
                slope = A[j, P] - A[j, i] * A[i, P] / pivot
                value = base - slope * slope / diagonal
                if value < residual:
                    best, residual = j, value
    return best, residual


@kernel
def _swap_to_convergence(A, inside, n_passes):
    P = len(inside)
    for _ in range(n_passes):
        improved = False
        for i in range(P):
            if inside[i]:
                j, residual = _best_swap(A, inside, i)
                if j >= 0 and residual < A[P, P] * (1.0 - 1e-9) - FLOOR:
                    sweep(A, i)
                    sweep(A, j)
                    inside[i], inside[j] = False, True
                    improved = True
        if not improved:
            break


@kernel
def _refreshed(G, inside):
    """Return G swept afresh on `inside`, so that rounding does not pile up along the path."""
    A = G.copy()
    for j in range(len(inside)):
        if inside[j]:
            sweep(A, j)
    return A


@kernel
def _record(A, inside, k, residuals, supports):
    P = len(inside)
    residual = max(A[P, P], FLOOR)
    if residual < residuals[k]:
        residuals[k] = residual
        supports[k] = inside


@kernel
def _forward(G, residuals, supports, n_passes):
    k_max, P = len(residuals) - 1, G.shape[0] - 1
    A, inside = G.copy(), np.zeros(P, np.bool_)
    for k in range(1, k_max + 1):
        j, _ = _best_entry(A, inside)
        if j < 0:
            return k - 1
        sweep(A, j)
        inside[j] = True
        _swap_to_convergence(A, inside, n_passes)
        A = _refreshed(G, inside)
        _record(A, inside, k, residuals, supports)
    return k_max


@kernel
def _backward(G, top, residuals, supports, n_passes):
    inside = supports[top].copy()
    A = _refreshed(G, inside)
    for k in range(top - 1, 0, -1):
        j = _best_exit(A, inside)
        sweep(A, j)
        inside[j] = False
        _swap_to_convergence(A, inside, n_passes)
        A = _refreshed(G, inside)
        _record(A, inside, k, residuals, supports)
        inside = supports[k].copy()
        A = _refreshed(G, inside)


@kernel
def _from_full(G, residuals, supports, n_passes):
    """Eliminate from the full model; a whisper of ridge lets a collinear library be swept at all."""
    k_max, P = len(residuals) - 1, G.shape[0] - 1
    A, inside = G.copy(), np.ones(P, np.bool_)
    for j in range(P):
        A[j, j] += 1e-9
    for j in range(P):
        sweep(A, j)
    for k in range(P - 1, 0, -1):
        j = _best_exit(A, inside)
        sweep(A, j)
        inside[j] = False
        if k <= k_max:
            B, trial = _refreshed(G, inside), inside.copy()
            _swap_to_convergence(B, trial, n_passes)
            _record(_refreshed(G, trial), trial, k, residuals, supports)


@kernel
def subset_path(G, k_max, n_passes):
    """Return residuals (k_max + 1,) and supports (k_max + 1, P) of the best subset found of each size.

    G is the (P + 1, P + 1) augmented Gram with unit diagonal. Sizes that could not be reached
    (every column left is a combination of those inside) have an infinite residual.
    """
    P = G.shape[0] - 1
    residuals = np.full(k_max + 1, np.inf)
    supports = np.zeros((k_max + 1, P), np.bool_)
    residuals[0] = G[P, P]
    top = _forward(G, residuals, supports, n_passes)
    if top > 1:
        _backward(G, top, residuals, supports, n_passes)
    if P <= FULL_LIMIT:
        _from_full(G, residuals, supports, n_passes)
    return residuals, supports
