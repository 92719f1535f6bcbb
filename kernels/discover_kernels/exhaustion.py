"""Every expression of a number of nodes, its value on all rows, and how well c0 + c1 · it fits.

Unlike `enumeration`, which keeps one of all multiples of a feature, this keeps what differs in any way, because
sin(x + x) is no multiple of sin(x): only so may be said that nothing was left out.
"""

import math

import numpy as np

from discover_kernels import elementary, opcodes
from discover_kernels.enumeration import GRAIN, mixed, put, two
from discover_kernels.kernel import kernel

FLAT = 1e-22
"""Variance relative to the square of the largest value up to which a feature is a constant and its rounding."""

FINE = 16777216.0
"""Steps of the logarithm of a feature's size in its key."""


@kernel
def exact_key(v, n, first, second):
    """Return the key of v (n,), 0 where it is not finite; what differs by a part in a million has another."""
    size = p = q = 0.0
    for j in range(n):
        size += abs(v[j])
        p += first[j] * v[j]
        q += second[j] * v[j]
    if not size < math.inf:
        return np.int64(0)
    if size == 0.0:
        return np.int64(1)
    direction = mixed(np.int64(p / size * GRAIN + 4.0 * GRAIN + 0.5), np.int64(q / size * GRAIN + 4.0 * GRAIN + 0.5))
    return mixed(direction, np.int64(math.log(size) * FINE + 0.5))


@kernel
def applied(op, x, v, n):
    """Fill v with a function of x (n,), NaN where it has none."""
    for j in range(n):
        if op == opcodes.SQUARE:
            v[j] = x[j] * x[j]
        elif op == opcodes.SQRT:
            v[j] = math.sqrt(x[j])
        elif op == opcodes.EXP:
            v[j] = elementary.exp(x[j])
        elif op == opcodes.LOG:
            v[j] = elementary.log(x[j])
        elif op == opcodes.SIN:
            v[j] = math.sin(x[j])
        elif op == opcodes.COS:
            v[j] = math.cos(x[j])
        elif op == opcodes.TANH:
            v[j] = elementary.tanh(x[j])
        elif op == opcodes.ABS:
            v[j] = abs(x[j])
        else:
            v[j] = math.nan


@kernel
def unexplained(v, n, w, wy, total_w, syy):
    """Return Σ w (y - c0 - c1 v)² at its least, for wy = w · (y - mean) and syy = Σ w (y - mean)²; NaN with v."""
    mean = top = 0.0
    for j in range(n):
        top = max(top, abs(v[j]))
        mean += w[j] * v[j]
    if not abs(mean) < math.inf:
        return math.nan
    if top == 0.0:
        return syy
    mean /= total_w
    svv = svy = 0.0
    for j in range(n):
        d = (v[j] - mean) / top
        svv += w[j] * d * d
        svy += wy[j] * d
    return syy if svv <= FLAT * total_w else max(syy - svy * svy / svv, 0.0)


@kernel
def tried(v, n_rows, w, wy, total_w, syy, key_parts, keys, mask, rows, V, made, n, kept, best, op, a, b):
    """Weigh one candidate, and keep it where it is new and wanted; return how many features there are now."""
    left = unexplained(v, n_rows, w, wy, total_w, syy)
    if math.isnan(left):
        return n
    if left < best[0]:
        best[0], best[1], best[2], best[3] = left, op, a, b
    if kept and n < len(V):
        h = exact_key(v, n_rows, key_parts[0], key_parts[1])
        if h != 0 and put(keys, rows, mask, h, n):
            for j in range(n_rows):
                V[n, j] = v[j]
            made[n, 0], made[n, 1], made[n, 2] = op, a, b
            return n + 1
    return n


@kernel
def level_of(c, V, made, level, n, keys, rows, unary, binary, key_parts, w, wy, total_w, syy, kept, best):
    """Try every expression of c nodes made of the features of fewer; return how many features there are now.

    Args:
        c: nodes.
        V: values of the features, shape (n_most, n_rows); those of k nodes are level[k] to level[k + 1].
        made: (operator, left, right) of each, right -1 for functions; shape (n_most, 3).
        level: shape (at least c + 2,); level[c + 1] is set.
        n: features so far.
        keys, rows: the table of their keys, a power of two of slots.
        unary, binary: opcodes.
        key_parts: random projections, shape (2, n_rows).
        w, wy, total_w, syy: as for `unexplained`.
        kept: whether features of this level are stored.
        best: filled with (least Σ w r², operator, left, right), shape (4,).
    """
    n_rows, mask = V.shape[1], len(keys) - 1
    v = np.empty(n_rows)
    for i in range(level[c - 1], level[c]):
        for u in unary:
            applied(u, V[i], v, n_rows)
            n = tried(v, n_rows, w, wy, total_w, syy, key_parts, keys, mask, rows, V, made, n, kept, best, u, i, -1)
    for c1 in range(1, c - 1):
        c2 = c - 1 - c1
        for i in range(level[c1], level[c1 + 1]):
            for j in range(level[c2], level[c2 + 1]):
                for o in binary:
                    commutes = o == opcodes.ADD or o == opcodes.MUL
                    if commutes and (c1 < c2 or (c1 == c2 and j > i)):
                        continue
                    two(o, V[i], V[j], v, n_rows)
                    n = tried(
                        v, n_rows, w, wy, total_w, syy, key_parts, keys, mask, rows, V, made, n, kept, best, o, i, j
                    )
    level[c + 1] = n
    return n
