"""What noise in the samples does to the rows: a banded covariance, its factor, and whitened rows.

Row k is a linear functional of the samples, so its residual moves with the noise e of variable l at sample j
by Σ_a weights[a, k, j] A[a, l, j]: A[0] holds the slopes of the right-hand side, A[1] those of what it
differentiates once, and so on. Rows share samples only with their neighbours: the covariance is banded.
It is stored by rows: C[k, d] is the covariance of row k with row k - d.
"""

import numpy as np

from discover_kernels.kernel import kernel


@kernel
def bandwidth(start, width):
    """Return how many earlier rows, at most, share a sample with a row; start (n_rows,) increasing."""
    band = 0
    first = 0
    for k in range(len(start)):
        while start[first] + width <= start[k]:
            first += 1
        band = max(band, k - first)
    return band


@kernel
def band_covariance(start, shape, weights, orders, products, C):
    """Fill C (n_rows, band + 1) for rows given by start, shape (n_rows,) and weights (n_orders, n_shapes, width).

    The residual moves with the noise e_l by Σ_a Σ_j weights[orders[a], shape, j] A_a[l, j] e_l[j]; orders is
    (n,), and products (n, n, n_samples) is Σ_l σ_l² A_a[l] A_b[l].
    """
    n_rows, width, n = len(start), weights.shape[2], len(orders)
    moved = np.empty((n, width))
    for k in range(n_rows):
        begin = start[k]
        for b in range(n):
            line = moved[b]
            for a in range(n):
                f, product = weights[orders[a], shape[k]], products[a, b]
                if a == 0:
                    for j in range(width):
                        line[j] = product[begin + j] * f[j]
                else:
                    for j in range(width):
                        line[j] += product[begin + j] * f[j]
        for d in range(C.shape[1]):
            other = k - d
            total = 0.0
            if other >= 0:
                shift = begin - start[other]
                for b in range(n):
                    line, g = moved[b], weights[orders[b], shape[other]]
                    for j in range(width - shift):
                        total += line[j] * g[j + shift]
            C[k, d] = total


@kernel
def band_cholesky(C, floor):
    """Factor C in place, after adding floor times its mean diagonal; returns how many pivots had to be lifted."""
    n_rows, n_bands = C.shape
    ridge = 0.0
    for k in range(n_rows):
        ridge += C[k, 0]
    ridge = floor * ridge / n_rows + 1e-300
    lifted = 0
    for k in range(n_rows):
        C[k, 0] += ridge
        for d in range(min(n_bands - 1, k), -1, -1):
            total = C[k, d]
            other = C[k - d]
            for e in range(d + 1, min(n_bands, k + 1)):
                total -= C[k, e] * other[e - d]
            if d > 0:
                C[k, d] = total / other[0]
            else:
                if not total > ridge * 1e-3:
                    total = ridge
                    lifted += 1
                C[k, 0] = np.sqrt(total)
    return lifted


@kernel
def band_solve(C, rows):
    """Replace each row vector of `rows` (n_columns, n_rows) by L⁻¹ times it, L the factor in C."""
    n_rows, n_bands = C.shape
    for c in range(rows.shape[0]):
        r = rows[c]
        for k in range(n_rows):
            total = r[k]
            for d in range(1, min(n_bands, k + 1)):
                total -= C[k, d] * r[k - d]
            r[k] = total / C[k, 0]


@kernel
def update_triangle(R, rows):
    """Fold more rows into the R of a QR factorisation by Householder reflections.

    R is (q, q) upper triangular, rows (q, n), one column of the regression a row; both are overwritten.
    Afterwards RᵀR equals the old RᵀR plus rows rowsᵀ, without ever squaring the condition number.
    """
    q, n = rows.shape
    for j in range(q):
        column = rows[j]
        tail = 0.0
        for k in range(n):
            tail += column[k] * column[k]
        if tail > 0.0:
            norm = np.sqrt(R[j, j] * R[j, j] + tail)
            head = R[j, j] + norm if R[j, j] >= 0.0 else R[j, j] - norm
            scale = 2.0 / (head * head + tail)
            for c in range(j, q):
                other = rows[c]
                dot = head * R[j, c]
                for k in range(n):
                    dot += column[k] * other[k]
                dot *= scale
                R[j, c] -= dot * head
                if c > j:
                    for k in range(n):
                        other[k] -= dot * column[k]
