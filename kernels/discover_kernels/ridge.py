"""Ridge and sequentially thresholded least squares (STLSQ) on Gram matrices.

Source: Brunton, Proctor, Kutz (2016), doi:10.1073/pnas.1517384113.
"""

import numpy as np

from discover_kernels.kernel import kernel

SINGULAR = 1e-14
"""Share of a column's own square below which what is left of it, given those before, is rounding."""


@kernel
def cholesky(A, n):
    """Factor the leading n × n block of symmetric A in place (lower triangle); False if not positive definite."""
    for i in range(n):
        row = A[i]
        for j in range(i):
            other = A[j]
            total = 0.0
            for k in range(j):
                total += row[k] * other[k]
            row[j] = (row[j] - total) / other[j]
        total = 0.0
        for k in range(i):
            total += row[k] * row[k]
        pivot = row[i] - total
        if not pivot > SINGULAR * row[i] or not row[i] > 0.0:
            return False
        row[i] = np.sqrt(pivot)
    return True


@kernel
def cholesky_solve(A, n, b):
    """Solve with the factor that `cholesky` left in A; b (n,) is overwritten."""
    for i in range(n):
        total = 0.0
        for k in range(i):
            total += A[i, k] * b[k]
        b[i] = (b[i] - total) / A[i, i]
    for i in range(n - 1, -1, -1):
        b[i] /= A[i, i]
        for k in range(i):
            b[k] -= A[i, k] * b[i]


@kernel
def ridge(G, target, active, alpha, work, coefficients):
    """Solve (G_SS + alpha I) w = G_S,target over the active set S; False if singular.

    G is (P + n_targets,) squared, target the row of the left-hand side, active (P,) bool,
    work (P, P) scratch, coefficients (P,) is overwritten, zero outside S.
    """
    P = len(active)
    index = np.empty(P, np.int64)
    n = 0
    for p in range(P):
        coefficients[p] = 0.0
        if active[p]:
            index[n] = p
            n += 1
    b = np.empty(n)
    for i in range(n):
        b[i] = G[index[i], target]
        for j in range(i + 1):
            work[i, j] = G[index[i], index[j]]
        work[i, i] += alpha
    if not cholesky(work, n):
        return False
    cholesky_solve(work, n, b)
    for i in range(n):
        coefficients[index[i]] = b[i]
    return True


@kernel
def stlsq_path(G, n_targets, thresholds, alpha, max_iter, out):
    """Write out[h, i, p], the STLSQ coefficients at each threshold, increasing, each started from the last.

    G is (P + n_targets,) squared; out is (n_thresholds, n_targets, P). As in the reference
    implementation every iteration is a ridge of strength alpha and the survivors are refitted without it;
    copies of a column keep the ridge, which shares the coefficient among them.
    """
    P = G.shape[0] - n_targets
    work, w = np.empty((P, P)), np.empty(P)
    everything = np.ones(P, np.bool_)
    full = np.zeros((n_targets, P))
    factored = ridge(G, P, everything, alpha, work, full[0])
    if not factored:
        for p in range(P):
            alpha = max(alpha, 1e-10 * G[p, p])
        factored = ridge(G, P, everything, alpha, work, full[0])
    for i in range(n_targets if factored else 0):
        for p in range(P):
            full[i, p] = G[p, P + i]
        cholesky_solve(work, P, full[i])
    for i in range(n_targets):
        active = np.ones(P, np.bool_)
        w[:] = full[i]
        for h in range(len(thresholds)):
            for _ in range(max_iter):
                n_before = active.sum()
                for p in range(P):
                    if active[p] and not abs(w[p]) >= thresholds[h]:
                        active[p] = False
                n_after = active.sum()
                if n_after == n_before or n_after == 0:
                    break
                ridge(G, P + i, active, alpha, work, w)
            out[h, i] = 0.0
            if active.any() and not ridge(G, P + i, active, 0.0, work, out[h, i]):
                ridge(G, P + i, active, alpha, work, out[h, i])
