"""Expressions from the bottom up, each value kept once: observational equivalence on a sample of rows.

Level n holds expressions of complexity n, made of lower ones. A candidate that is not finite on some
row, or nearly constant, or a multiple of an earlier one, never enters; what enters first is the
simplest. Keys are two random projections over the sum of magnitudes, so that they vectorise, and a
factor or a sign does not change them.
"""

import math

import numpy as np

from discover_kernels import elementary, opcodes
from discover_kernels.kernel import kernel

LEAF = -1
ONE_MINUS, ONE_PLUS, REVERSED_DIV = 101, 102, 103
"""1 - x, 1 + x and y / x, which are one step here and two nodes in a tape."""

LARGEST, SMALLEST = 1e12, 1e-9
"""Sum of magnitudes over the rows outside of which a feature is left out."""

FLAT = 1e-7
"""Range relative to the largest magnitude below which a feature counts as constant."""

GRAIN = 1073741824.0
"""Steps of the key's projections: 2^30, coarse beside rounding and fine beside what tells features apart."""

MOST_ARGUMENT = 40.0
"""Largest magnitude that an exponential may take."""


@kernel
def mixed(a, b):
    """Return a 64-bit hash of two whole numbers, never 0."""
    h = (a * np.int64(-7046029254386353131)) ^ (b * np.int64(-4417276706812531889))
    h ^= h >> np.int64(29)
    h *= np.int64(-49064778989728563)
    h ^= h >> np.int64(32)
    return h if h != 0 else np.int64(1)


@kernel
def key(v, n, first, second):
    """Return the key of v (n,), the same for any multiple of it; 0 where v is out of range or not finite."""
    size = p = q = 0.0
    for j in range(n):
        size += abs(v[j])
        p += first[j] * v[j]
        q += second[j] * v[j]
    if not (size < LARGEST and size > SMALLEST):
        return np.int64(0)
    p, q = p / size, q / size
    if p < 0.0:
        p, q = -p, -q
    return mixed(np.int64(p * GRAIN + 0.5), np.int64(q * GRAIN + 4.0 * GRAIN + 0.5))


@kernel
def centred_key(v, n, first, second, work):
    """Return the key of v less its mean: the same for any a·v + b; 0 where nothing is left of v."""
    mean = top = 0.0
    for j in range(n):
        mean += v[j]
        top = max(top, abs(v[j]))
    mean /= n
    size = 0.0
    for j in range(n):
        work[j] = v[j] - mean
        size += abs(work[j])
    if not size > 1e-6 * top * n:
        return np.int64(0)
    p = q = 0.0
    for j in range(n):
        p += first[j] * work[j]
        q += second[j] * work[j]
    p, q = p / size, q / size
    if p < 0.0:
        p, q = -p, -q
    return mixed(np.int64(p * 0.25 * GRAIN + 0.5), np.int64(q * 0.25 * GRAIN + GRAIN + 0.5))


@kernel
def found(keys, rows, mask, h):
    """Return what was put under h, or -1."""
    i = h & mask
    while keys[i] != 0:
        if keys[i] == h:
            return rows[i]
        i = (i + 1) & mask
    return -1


@kernel
def put(keys, rows, mask, h, row):
    """Put a row under h; False where h was there before."""
    i = h & mask
    while keys[i] != 0:
        if keys[i] == h:
            return False
        i = (i + 1) & mask
    keys[i], rows[i] = h, row
    return True


@kernel
def varies(v, n):
    """Return whether v is finite and no constant."""
    low, high, total = v[0], v[0], 0.0
    for j in range(n):
        total += v[j]
        low, high = min(low, v[j]), max(high, v[j])
    return abs(total) < 1e14 and high - low > FLAT * max(abs(high), abs(low))


@kernel
def one(op, x, v, n):
    """Fill v with a function of x (n,); False where it is not defined on some row."""
    if op == opcodes.SQUARE:
        for j in range(n):
            v[j] = x[j] * x[j]
    elif op == opcodes.CUBE:
        for j in range(n):
            v[j] = x[j] * x[j] * x[j]
    elif op == opcodes.INV:
        for j in range(n):
            v[j] = 1.0 / x[j]
    elif op == ONE_MINUS:
        for j in range(n):
            v[j] = 1.0 - x[j]
    elif op == ONE_PLUS:
        for j in range(n):
            v[j] = 1.0 + x[j]
    elif op == opcodes.ABS:
        for j in range(n):
            v[j] = abs(x[j])
    else:
        return transcendental(op, x, v, n)
    return True


@kernel
def transcendental(op, x, v, n):
    """Fill v with a root, an exponential, a logarithm or a wave of x (n,); False where it is not defined."""
    low, high = x[0], x[0]
    for j in range(n):
        low, high = min(low, x[j]), max(high, x[j])
    if op == opcodes.SQRT:
        if low < 0.0:
            return False
        for j in range(n):
            v[j] = math.sqrt(x[j])
    elif op == opcodes.EXP:
        if max(high, -low) > MOST_ARGUMENT:
            return False
        for j in range(n):
            v[j] = elementary.exp(x[j])
    elif op == opcodes.LOG:
        if low <= 0.0:
            return False
        for j in range(n):
            v[j] = elementary.log(x[j])
    elif max(high, -low) > elementary.TRIGONOMETRIC_LIMIT:
        return False
    elif op == opcodes.SIN:
        for j in range(n):
            v[j] = elementary.sin(x[j])
    elif op == opcodes.COS:
        for j in range(n):
            v[j] = elementary.cos(x[j])
    else:
        for j in range(n):
            v[j] = elementary.tanh(x[j])
    return True


@kernel
def two(op, x, y, v, n):
    """Fill v with x ∘ y, both (n,)."""
    if op == opcodes.ADD:
        for j in range(n):
            v[j] = x[j] + y[j]
    elif op == opcodes.SUB:
        for j in range(n):
            v[j] = x[j] - y[j]
    elif op == opcodes.MUL:
        for j in range(n):
            v[j] = x[j] * y[j]
    elif op == opcodes.DIV:
        for j in range(n):
            v[j] = x[j] / y[j]
    else:
        for j in range(n):
            v[j] = y[j] / x[j]


@kernel
def bound(op, a, b, dims, out):
    """Fill `out` with the dimension of a ∘ b (b = -1: of a function of a), in twelfths; False where it has none."""
    for k in range(dims.shape[1]):
        mine = dims[a, k]
        if op == opcodes.MUL:
            out[k] = mine + dims[b, k]
        elif op == opcodes.DIV:
            out[k] = mine - dims[b, k]
        elif op == REVERSED_DIV:
            out[k] = dims[b, k] - mine
        elif op == opcodes.ADD or op == opcodes.SUB:
            if mine != dims[b, k]:
                return False
            out[k] = mine
        elif op == opcodes.SQUARE:
            out[k] = 2 * mine
        elif op == opcodes.CUBE:
            out[k] = 3 * mine
        elif op == opcodes.INV:
            out[k] = -mine
        elif op == opcodes.ABS:
            out[k] = mine
        elif op == opcodes.SQRT:
            if mine % 2 != 0:
                return False
            out[k] = mine // 2
        else:
            if mine != 0:
                return False
            out[k] = 0
    return True


@kernel
def redundant(outer, inner):
    """Return whether a function of a function is another spelling, or too wild to be worth a place."""
    if outer == inner and outer not in (opcodes.SQRT, opcodes.SQUARE):
        return True
    if (outer == opcodes.SQRT and inner == opcodes.SQUARE) or (outer == opcodes.SQUARE and inner == opcodes.SQRT):
        return True
    if (outer == opcodes.LOG and inner == opcodes.EXP) or (outer == opcodes.EXP and inner == opcodes.LOG):
        return True
    if outer in (ONE_MINUS, ONE_PLUS) and inner in (ONE_MINUS, ONE_PLUS):
        return True
    waves = (opcodes.SIN, opcodes.COS, opcodes.EXP, opcodes.TANH)
    return outer in waves and inner in waves


@kernel
def enumerate_features(V, op, left, right, dims, level, n, keys, rows, unary, binary, first, second, counts):
    """Fill the library level by level; returns (features, the last level that is complete).

    Args:
        V: values, shape (n_most, n_rows); the first n are the leaves.
        op, left, right: how each was made, shape (n_most,); LEAF for leaves.
        dims: their dimensions in twelfths, shape (n_most, n_units).
        level: where level c begins, shape (n_levels + 2,); level[1] = 0 and level[2] = n are set.
        n: leaves.
        keys, rows: the table of keys, a power of two of slots, the leaves in it.
        unary, binary: opcodes.
        first, second: random projections, shape (n_rows,).
        counts: counts[0] grows by the candidates that were looked at.
    """
    n_most, n_rows = V.shape
    mask = len(keys) - 1
    v, dimension = np.empty(n_rows), np.zeros(dims.shape[1], dims.dtype)
    complete = 1
    for c in range(2, len(level) - 1):
        for i in range(level[c - 1], level[c]):
            for u in unary:
                if redundant(u, op[i]) or not bound(u, i, -1, dims, dimension):
                    continue
                counts[0] += 1
                if one(u, V[i], v, n_rows) and varies(v, n_rows):
                    h = key(v, n_rows, first, second)
                    if h != 0 and put(keys, rows, mask, h, n):
                        n = entered(V, op, left, right, dims, n, v, u, i, -1, dimension)
                        if n == n_most:
                            return n, complete
        for c1 in range((c - 1) // 2, 0, -1):
            c2 = c - 1 - c1
            if c2 < 1:
                continue
            for i in range(level[c2], level[c2 + 1]):
                for j in range(level[c1], level[c1 + 1]):
                    if c1 == c2 and j > i:
                        break
                    for b in binary:
                        if not bound(b, i, j, dims, dimension):
                            continue
                        counts[0] += 1
                        two(b, V[i], V[j], v, n_rows)
                        h = key(v, n_rows, first, second)
                        if h != 0 and varies(v, n_rows) and put(keys, rows, mask, h, n):
                            n = entered(V, op, left, right, dims, n, v, b, i, j, dimension)
                            if n == n_most:
                                return n, complete
        level[c + 1] = n
        complete = c
    return n, complete


@kernel
def entered(V, op, left, right, dims, n, v, o, a, b, dimension):
    """Write feature number n, and return how many there are now."""
    for j in range(len(v)):
        V[n, j] = v[j]
    for k in range(len(dimension)):
        dims[n, k] = dimension[k]
    op[n], left[n], right[n] = o, a, b
    return n + 1


@kernel
def meet(T, V, n, keys, rows, first, second, out):
    """Look up T[q] / V[i], · , - and + in a table of centred keys; returns how many hits were written.

    out: filled with (q, i, operator, partner), int32, shape (n_most, 4). An operator undoes what a hit
    means: T = V ∘ (a + b·partner).
    """
    n_views, n_rows = T.shape
    mask, n_hits = len(keys) - 1, 0
    v, work = np.empty(n_rows), np.empty(n_rows)
    for q in range(n_views):
        for i in range(n):
            for o in (opcodes.MUL, opcodes.DIV, opcodes.ADD, opcodes.SUB):
                inverse = opcodes.DIV if o == opcodes.MUL else opcodes.MUL
                if o == opcodes.ADD:
                    inverse = opcodes.SUB
                elif o == opcodes.SUB:
                    inverse = opcodes.ADD
                two(inverse, T[q], V[i], v, n_rows)
                h = centred_key(v, n_rows, first, second, work)
                if h == 0:
                    continue
                partner = found(keys, rows, mask, h)
                if partner >= 0:
                    out[n_hits, 0], out[n_hits, 1], out[n_hits, 2], out[n_hits, 3] = q, i, o, partner
                    n_hits += 1
                    if n_hits == len(out):
                        return n_hits
    return n_hits


@kernel
def centred_table(V, n, keys, rows, first, second):
    """Put the first n features into a table of centred keys."""
    work = np.empty(V.shape[1])
    for i in range(n):
        h = centred_key(V[i], V.shape[1], first, second, work)
        if h != 0:
            put(keys, rows, len(keys) - 1, h, i)


@kernel
def best_partners(G, C, row, penalty, score, partner):
    """For rows of a Gram tile, find the partner with which each feature explains every view best.

    Args:
        G: correlations of features row to row + n_tile with all earlier ones, float32, (n_tile, n_features).
        C: correlation of every feature with every view, float32, (n_views, n_features).
        row: the first feature of the tile.
        penalty: factor on the unexplained share that a feature costs, (n_features,).
        score, partner: filled, (n_views, n_features): (1 - R²) · penalty of the partner, and which it is.
    """
    for r in range(G.shape[0]):
        i = row + r
        for q in range(C.shape[0]):
            mine, best, at = C[q, i], np.float32(1e30), -1
            for j in range(i):
                g, its = G[r, j], C[q, j]
                alone = np.float32(1.0) - g * g
                gain = (mine * mine + its * its - np.float32(2.0) * g * mine * its) / alone
                rest = (np.float32(1.0) - gain) * penalty[j] if alone > np.float32(2e-4) else np.float32(1e30)
                if rest < best and gain <= np.float32(1.0001):
                    best, at = rest, j
            score[q, i], partner[q, i] = best, at
