"""Library rows and their Gram matrices, straight from a tape; the library is never stored.

Z holds, for one tile, the library terms and then the left-hand sides, one a row; what is kept is
G = Z Zᵀ summed over tiles. Only the upper triangle is accumulated, by panels of rows, which
halves the multiplications of a full product; `mirror` completes it once at the end.
"""

import numpy as np

from discover_kernels.kernel import kernel
from discover_kernels.tape import run_block

TILE = 512
"""Samples a tile: the buffer of a thousand-term library then still fits in L2."""

PANEL = 64


@kernel
def add_outer(Z, n, G):
    """Add Z[:, :n] Z[:, :n]ᵀ to the upper block triangle of G; Z is (q, width), G is (q, q)."""
    q = Z.shape[0]
    for first in range(0, q, PANEL):
        last = min(first + PANEL, q)
        if n == Z.shape[1]:
            G[first:last, first:] += np.dot(Z[first:last], Z[first:].T)
        else:
            part = np.ascontiguousarray(Z[first:, :n])
            G[first:last, first:] += np.dot(part[: last - first], part.T)


@kernel
def mirror(G):
    """Copy the upper triangle of each (q, q) matrix of G (n, q, q) onto the lower."""
    for b in range(G.shape[0]):
        for i in range(G.shape[1]):
            for j in range(i):
                G[b, i, j] = G[b, j, i]


@kernel
def accumulate(code, constants, n_variables, n_buffer, roots, X, Y, G):
    """Add the Gram matrix of [θ(X); Y] to G.

    X is (n_variables, n_samples), Y (n_targets, n_samples), G (n_terms + n_targets,) squared;
    only the upper block triangle of G is filled.
    """
    n_terms, n_targets, n_samples = len(roots), Y.shape[0], X.shape[1]
    buffer = np.empty((n_buffer, TILE))
    for c in range(len(constants)):
        buffer[n_variables + c] = constants[c]
    Z = np.empty((n_terms + n_targets, TILE))
    for first in range(0, n_samples, TILE):
        n = min(TILE, n_samples - first)
        for v in range(n_variables):
            buffer[v, :n] = X[v, first : first + n]
        run_block(code, buffer, n)
        for p in range(n_terms):
            Z[p, :n] = buffer[roots[p], :n]
        for i in range(n_targets):
            Z[n_terms + i, :n] = Y[i, first : first + n]
        add_outer(Z, n, G)


@kernel
def stencil_rows(code, constants, n_variables, n_buffer, roots, X, start, shape, phi, out):
    """Write out[p, k] = Σ_j phi[shape[k], j] θ_p(X[:, start[k] + j]), one banded contraction.

    X is (n_variables, n_samples), start and shape (n_rows,) with start increasing,
    phi (n_shapes, width), out (n_terms, n_rows). Memory is one tile of samples and its halo.
    """
    n_rows, width, n_terms = len(start), phi.shape[1], len(roots)
    span = TILE + width
    buffer = np.empty((n_buffer, span))
    for c in range(len(constants)):
        buffer[n_variables + c] = constants[c]
    first = 0
    while first < n_rows:
        begin = start[first]
        last = first
        while last < n_rows and start[last] + width - begin <= span:
            last += 1
        end = start[last - 1] + width
        for v in range(n_variables):
            buffer[v, : end - begin] = X[v, begin:end]
        run_block(code, buffer, end - begin)
        for p in range(n_terms):
            theta = buffer[roots[p]]
            for k in range(first, last):
                offset = start[k] - begin
                weights = phi[shape[k]]
                total = 0.0
                for j in range(width):
                    total += weights[j] * theta[offset + j]
                out[p, k] = total
        first = last


@kernel
def accumulate_products(code, constants, n_variables, n_buffer, rows, columns, products, X, Y, out):
    """Add some dense products of library terms, and those of targets with all terms and targets, to out.

    Args:
        code, constants, n_variables, n_buffer: the program, as for `accumulate`.
        rows, columns: buffer rows of the terms in two orders, shape (n_terms,) each.
        products: shape (n_products, 3): first and one past the last of `rows`, and how many of `columns`.
        X, Y: shape (n_variables, n_samples) and (n_targets, n_samples).
        out: the products one after another, each by rows; then Y [rows; Y]ᵀ, by rows.
    """
    n_terms, n_targets, n_samples = len(rows), Y.shape[0], X.shape[1]
    buffer = np.empty((n_buffer, TILE))
    for c in range(len(constants)):
        buffer[n_variables + c] = constants[c]
    Z, W = np.empty((n_terms + n_targets, TILE)), np.empty((n_terms, TILE))
    for first in range(0, n_samples, TILE):
        n = min(TILE, n_samples - first)
        if n < TILE:
            Z, W = np.empty((n_terms + n_targets, n)), np.empty((n_terms, n))
        for v in range(n_variables):
            buffer[v, :n] = X[v, first : first + n]
        run_block(code, buffer, n)
        for p in range(n_terms):
            Z[p] = buffer[rows[p], :n]
            W[p] = buffer[columns[p], :n]
        for i in range(n_targets):
            Z[n_terms + i] = Y[i, first : first + n]
        at = 0
        for k in range(len(products)):
            top, bottom, width = products[k, 0], products[k, 1], products[k, 2]
            part = np.dot(Z[top:bottom], W[:width].T)
            size = (bottom - top) * width
            out[at : at + size] += part.reshape(size)
            at += size
        part = np.dot(Z[n_terms:], Z.T)
        out[at:] += part.reshape(part.size)
