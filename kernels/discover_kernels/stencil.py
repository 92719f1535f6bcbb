"""Banded contraction of sampled values against stencils: smoothing, derivatives, weak left-hand sides."""

from discover_kernels.kernel import kernel


@kernel
def contract(start, shape, weights, X, out):
    """Write out[v, k] = Σ_j weights[shape[k], j] X[v, start[k] + j]; X (n_variables, n_samples)."""
    for v in range(X.shape[0]):
        values = X[v]
        for k in range(len(start)):
            line, begin = weights[shape[k]], start[k]
            total = 0.0
            for j in range(len(line)):
                total += line[j] * values[begin + j]
            out[v, k] = total
