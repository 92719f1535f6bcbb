"""Constants of many expressions by variable projection, from several starts each, the best of which go on.

Constants in which an expression is linear come first among its own; they are solved for whenever the others
change, so that a fit searches the others only. All starts are solved once on a few rows, the best of them
improved there, the best of these on all rows: successive halving.

Source: Golub & Pereyra (1973), doi:10.1137/0710036; Jamieson & Talwalkar (2016), arXiv:1502.07943.
"""

import math

import numpy as np

from discover_kernels.fit import EXACT, MOST_NODES, WIDTH, link, normal_equations, step
from discover_kernels.kernel import kernel

MOST_TRIES = 6
"""Dampings tried before a fit is taken to have converged."""

ROUGHLY, WELL = 1e-2, 1e-4
"""Relative decrease of the sum of squares below which a fit ends, on a few rows and on all."""

HELD = 1e-10
"""Damping of the linear constants."""


@kernel
def settled(op, arg, n, n_linear, left, right, linear, c, X, y, w, n_rows, V, A, J, H, g, work, change):
    """Solve for the first n_linear constants in place; return Σ w (y - f)², infinite where that fails."""
    sse = normal_equations(op, arg, n, n_linear, left, right, linear, c, X, y, w, n_rows, V, A, J, H, g)
    if not sse < math.inf or not step(H, g, n_linear, HELD, work, change):
        return math.inf
    for p in range(n_linear):
        c[p] += change[p]
        sse -= g[p] * change[p]
    return max(sse, 0.0)


@kernel
def improved(
    op, arg, n, n_linear, n_free, left, right, linear, moves, c, X, y, w, n_rows, scale, n_iterations, tolerance,
    V, A, J, H, g, Hl, gl, work, change, trial,
):  # fmt: skip
    """Improve the constants c[:n_free] in place on the first n_rows rows; return Σ w (y - f)²."""
    sse = settled(op, arg, n, n_linear, left, right, linear, c, X, y, w, n_rows, V, A, J, Hl, gl, work, change)
    if not sse < math.inf:
        return math.inf
    damping = 1e-2
    for _ in range(n_iterations):
        if sse <= EXACT * scale:
            break
        normal_equations(op, arg, n, n_free, left, right, moves, c, X, y, w, n_rows, V, A, J, H, g)
        before, better = sse, False
        for _ in range(MOST_TRIES):
            if step(H, g, n_free, damping, work, change):
                for p in range(n_free):
                    trial[p] = c[p] + change[p]
                found = settled(
                    op, arg, n, n_linear, left, right, linear, trial, X, y, w, n_rows, V, A, J, Hl, gl, work, change
                )
                if found < sse:
                    sse, better = found, True
                    break
            damping *= 8.0
        if not better:
            break
        damping = max(1e-10, damping * 0.1)
        for p in range(n_free):
            c[p] = trial[p]
        if before - sse <= tolerance * before:
            break
    return sse


@kernel
def best_start(
    op, arg, n, n_linear, n_free, left, right, linear, moves, starts, first_c, X, y, w, n_few, scale, n_kept, n_short,
    V, A, J, H, g, Hl, gl, work, change, trial, mine, tried,
):  # fmt: skip
    """Leave in `mine` the constants that are best on the few rows; return their Σ w (y - f)² there."""
    for s in range(len(starts)):
        for p in range(n_free):
            mine[p] = starts[s, first_c + p]
        tried[s] = settled(
            op, arg, n, n_linear, left, right, linear, mine, X, y, w, n_few, V, A, J, Hl, gl, work, change
        )
        if n_free == n_linear:
            return tried[s]
        for p in range(n_free):
            starts[s, first_c + p] = mine[p]
    best, at = math.inf, -1
    for _ in range(n_kept):
        s = 0
        for r in range(1, len(starts)):
            if tried[r] < tried[s]:
                s = r
        if not tried[s] < math.inf:
            break
        tried[s] = math.inf
        for p in range(n_free):
            mine[p] = starts[s, first_c + p]
        found = improved(
            op, arg, n, n_linear, n_free, left, right, linear, moves, mine, X, y, w, n_few, scale, n_short, ROUGHLY,
            V, A, J, H, g, Hl, gl, work, change, trial,
        )  # fmt: skip
        for p in range(n_free):
            starts[s, first_c + p] = mine[p]
        if found < best:
            best, at = found, s
    for p in range(n_free if at >= 0 else 0):
        mine[p] = starts[at, first_c + p]
    return best


@kernel
def race(op, arg, first, n_linear, n_free, first_c, starts, X, y, w, n_few, n_kept, n_short, n_long, limit, c, sse):
    """Fit many expressions, each from all of its starts.

    Args:
        op, arg: all tapes one after the other, int32; a CONSTANT's argument counts within its own tape.
        first: where each begins, and the end of the last, shape (n_tapes + 1,).
        n_linear, n_free: constants of each in which it is linear, and all of them, shape (n_tapes,).
        first_c: where the constants of each begin, shape (n_tapes + 1,).
        starts: overwritten, shape (n_starts, n_constants).
        X, y, w: shapes (n_variables, n_rows), (n_rows,), (n_rows,).
        n_few: rows, the first ones, that starts are compared on.
        n_kept, n_short: starts that are improved there, and the most steps of each.
        n_long: most steps on all rows.
        limit: sum of squares on the few rows above which an expression is not fitted to all, shape (n_tapes,).
        c: filled with the constants, shape (n_constants,).
        sse: filled with Σ w (y - f)², in proportion where only the few rows were seen; infinite where f is not finite.
    """
    most = 1
    for i in range(len(n_free)):
        most = max(most, first_c[i + 1] - first_c[i])
    V, A, J = np.empty((MOST_NODES, WIDTH)), np.empty((MOST_NODES, WIDTH)), np.empty((most, WIDTH))
    H, Hl, work = np.empty((most, most)), np.empty((most, most)), np.empty((most, most))
    g, gl, change = np.empty(most), np.empty(most), np.empty(most)
    trial, mine, tried = np.empty(most), np.empty(most), np.empty(len(starts))
    left, right = np.empty(MOST_NODES, np.int32), np.empty(MOST_NODES, np.int32)
    linear, moves = np.empty(MOST_NODES, np.bool_), np.empty(MOST_NODES, np.bool_)
    scale = 0.0
    for j in range(len(y)):
        scale += w[j] * y[j] * y[j]
    for i in range(len(n_free)):
        sse[i] = math.inf
        begin, n, z, m, k = first[i], first[i + 1] - first[i], first_c[i], n_free[i], n_linear[i]
        if n > MOST_NODES:
            continue
        tape, arguments = op[begin : begin + n], arg[begin : begin + n]
        if not link(tape, arguments, n, m, left, right, moves) or not link(tape, arguments, n, k, left, right, linear):
            continue
        best = best_start(
            tape, arguments, n, k, m, left, right, linear, moves, starts, z, X, y, w, n_few, scale, n_kept, n_short,
            V, A, J, H, g, Hl, gl, work, change, trial, mine, tried,
        )  # fmt: skip
        if not best < math.inf:
            continue
        sse[i] = best / n_few * len(y)
        if best <= limit[i]:
            sse[i] = improved(
                tape, arguments, n, k, m, left, right, linear, moves, mine, X, y, w, len(y), scale, n_long, WELL,
                V, A, J, H, g, Hl, gl, work, change, trial,
            )  # fmt: skip
        for p in range(m):
            c[z + p] = mine[p]
