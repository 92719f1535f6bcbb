"""Constants of expressions by Levenberg–Marquardt, a batch of tapes at a time.

A tape is a tree in postfix order, so its values go forwards and its slopes backwards over the same
array of nodes, in blocks of rows that stay in the first-level cache. Nothing is compiled for an
expression; each fit needs some ten passes over its rows.

Source: Marquardt (1963), doi:10.1137/0111030; reverse accumulation after Linnainmaa (1976), doi:10.1007/BF01931367.
"""

import math

import numpy as np

from discover_kernels import elementary, opcodes
from discover_kernels.kernel import kernel
from discover_kernels.ridge import cholesky, cholesky_solve
from discover_kernels.tape import cosine, integer_power, sine

WIDTH = 64
"""Rows in a block: with 30 nodes, values and slopes take 30 KB."""

MOST_NODES = 120
MOST_TRIES = 8
"""Dampings tried before a fit is taken to have converged."""

CONVERGED = 1e-11
"""Relative decrease of the sum of squares below which a fit ends."""

EXACT = 1e-28
"""Sum of squares relative to that of y at which only rounding is left."""


@kernel
def link(op, arg, n, n_free, left, right, moves):
    """Find the children of every node, and whether a free constant stands below it; returns whether it is a tree.

    op, arg: the tape, int32, shape (n,); a VARIABLE's argument is its row, a CONSTANT's its number, free ones first.
    left, right, moves: filled, shape (at least n,).
    """
    stack = np.empty(MOST_NODES, np.int32)
    top = 0
    for k in range(n):
        left[k] = right[k] = -1
        moves[k] = op[k] == opcodes.CONSTANT and arg[k] < n_free
        if op[k] in (opcodes.VARIABLE, opcodes.CONSTANT):
            pass
        elif op[k] in (opcodes.ADD, opcodes.SUB, opcodes.MUL, opcodes.DIV, opcodes.POW):
            if top < 2:
                return False
            right[k], left[k] = stack[top - 1], stack[top - 2]
            moves[k] = moves[left[k]] or moves[right[k]]
            top -= 2
        else:
            if top < 1:
                return False
            left[k] = stack[top - 1]
            moves[k] = moves[left[k]]
            top -= 1
        stack[top] = k
        top += 1
    return top == 1


@kernel
def forwards(op, arg, n, left, right, c, X, first, m, V):
    """Fill V[k, :m] with every node's values on rows first to first + m of X (n_variables, n_rows)."""
    for k in range(n):
        o, a, b = op[k], left[k], right[k]
        if o == opcodes.VARIABLE:
            for j in range(m):
                V[k, j] = X[arg[k], first + j]
        elif o == opcodes.CONSTANT:
            for j in range(m):
                V[k, j] = c[arg[k]]
        elif o == opcodes.ADD:
            for j in range(m):
                V[k, j] = V[a, j] + V[b, j]
        elif o == opcodes.SUB:
            for j in range(m):
                V[k, j] = V[a, j] - V[b, j]
        elif o == opcodes.MUL:
            for j in range(m):
                V[k, j] = V[a, j] * V[b, j]
        elif o == opcodes.DIV:
            for j in range(m):
                V[k, j] = V[a, j] / V[b, j] + 0.0 * V[b, j]
        elif o == opcodes.SQUARE:
            for j in range(m):
                V[k, j] = V[a, j] * V[a, j]
        elif o == opcodes.EXP:
            for j in range(m):
                V[k, j] = elementary.exp(V[a, j]) + 0.0 * V[a, j]
        elif o == opcodes.POW:
            for j in range(m):
                V[k, j] = elementary.power(V[a, j], V[b, j])
        else:
            forwards_unary(o, arg[k], V, k, a, m)


@kernel
def forwards_unary(o, n, V, k, a, m):
    """Fill V[k, :m] for the operators of one operand that are not in `forwards` itself."""
    if o == opcodes.SIN:
        sine(V, k, a, m)
    elif o == opcodes.COS:
        cosine(V, k, a, m)
    else:
        for j in range(m):
            x = V[a, j]
            if o == opcodes.NEG:
                y = -x
            elif o == opcodes.CUBE:
                y = x * x * x
            elif o == opcodes.IPOW:
                y = integer_power(x, n)
            elif o == opcodes.INV:
                y = 1.0 / x
            elif o == opcodes.SQRT:
                y = math.sqrt(x)
            elif o == opcodes.LOG:
                y = elementary.log(x)
            elif o == opcodes.TANH:
                y = elementary.tanh(x)
            elif o == opcodes.ABS:
                y = abs(x)
            elif o == opcodes.CBRT:
                y = np.cbrt(x)
            elif o == opcodes.TAN:
                y = math.tan(x)
            elif o == opcodes.ASIN:
                y = math.asin(x)
            elif o == opcodes.ACOS:
                y = math.acos(x)
            elif o == opcodes.ATAN:
                y = math.atan(x)
            elif o == opcodes.SINH:
                y = math.sinh(x)
            elif o == opcodes.COSH:
                y = math.cosh(x)
            else:
                y = math.nan
            V[k, j] = y + 0.0 * x


@kernel
def backwards(op, arg, n, n_free, left, right, moves, m, V, A, J):
    """Fill J[p, :m] with the root's derivative by each free constant; V as `forwards` left it, A scratch like V."""
    for p in range(n_free):
        for j in range(m):
            J[p, j] = 0.0
    for j in range(m):
        A[n - 1, j] = 1.0
    for k in range(n - 1, -1, -1):
        if not moves[k]:
            continue
        o, a, b = op[k], left[k], right[k]
        if o == opcodes.CONSTANT:
            for j in range(m):
                J[arg[k], j] += A[k, j]
        elif o == opcodes.ADD or o == opcodes.SUB:
            sign = 1.0 if o == opcodes.ADD else -1.0
            for j in range(m):
                A[a, j] = A[k, j]
                A[b, j] = sign * A[k, j]
        elif o == opcodes.MUL:
            for j in range(m):
                A[a, j] = A[k, j] * V[b, j]
                A[b, j] = A[k, j] * V[a, j]
        elif o == opcodes.DIV:
            for j in range(m):
                A[a, j] = A[k, j] / V[b, j]
                A[b, j] = -A[k, j] * V[k, j] / V[b, j]
        elif o == opcodes.POW:
            for j in range(m):
                A[a, j] = A[k, j] * V[b, j] * V[k, j] / V[a, j]
                A[b, j] = A[k, j] * V[k, j] * elementary.log(abs(V[a, j])) if moves[b] else 0.0
        else:
            backwards_unary(o, arg[k], V, A, k, a, m)


@kernel
def backwards_unary(o, n, V, A, k, a, m):
    """Fill A[a, :m] from A[k, :m] for the operators of one operand."""
    for j in range(m):
        x, y = V[a, j], V[k, j]
        if o == opcodes.SQUARE:
            slope = 2.0 * x
        elif o == opcodes.EXP:
            slope = y
        elif o == opcodes.SIN:
            slope = math.cos(x)
        elif o == opcodes.COS:
            slope = -math.sin(x)
        elif o == opcodes.NEG:
            slope = -1.0
        elif o == opcodes.CUBE:
            slope = 3.0 * x * x
        elif o == opcodes.IPOW:
            slope = n * integer_power(x, n - 1)
        elif o == opcodes.INV:
            slope = -y * y
        elif o == opcodes.SQRT:
            slope = 0.5 / y
        elif o == opcodes.LOG:
            slope = 1.0 / x
        elif o == opcodes.TANH:
            slope = 1.0 - y * y
        elif o == opcodes.ABS:
            slope = 1.0 if x >= 0.0 else -1.0
        elif o == opcodes.CBRT:
            slope = 1.0 / (3.0 * y * y)
        elif o == opcodes.TAN:
            slope = 1.0 + y * y
        elif o == opcodes.ASIN:
            slope = 1.0 / math.sqrt(1.0 - x * x)
        elif o == opcodes.ACOS:
            slope = -1.0 / math.sqrt(1.0 - x * x)
        elif o == opcodes.ATAN:
            slope = 1.0 / (1.0 + x * x)
        elif o == opcodes.SINH:
            slope = math.cosh(x)
        else:
            slope = math.sinh(x)
        A[a, j] = A[k, j] * slope


@kernel
def normal_equations(op, arg, n, n_free, left, right, moves, c, X, y, w, n_rows, V, A, J, H, g):
    """Return Σ w (y - f)² over the first n_rows rows, and fill H = Σ w J Jᵀ and g = Σ w J (y - f)."""
    total = 0.0
    for p in range(n_free):
        g[p] = 0.0
        for q in range(n_free):
            H[p, q] = 0.0
    for first in range(0, n_rows, WIDTH):
        m = min(WIDTH, n_rows - first)
        forwards(op, arg, n, left, right, c, X, first, m, V)
        backwards(op, arg, n, n_free, left, right, moves, m, V, A, J)
        for j in range(m):
            A[0, j] = w[first + j] * (y[first + j] - V[n - 1, j])
            total += A[0, j] * (y[first + j] - V[n - 1, j])
        for p in range(n_free):
            for j in range(m):
                g[p] += J[p, j] * A[0, j]
            for j in range(m):
                A[1, j] = J[p, j] * w[first + j]
            for q in range(p + 1):
                for j in range(m):
                    H[p, q] += A[1, j] * J[q, j]
    for p in range(n_free):
        for q in range(p):
            H[q, p] = H[p, q]
    return total


@kernel
def loss(op, arg, n, left, right, c, X, y, w, V, limit):
    """Return Σ w (y - f)²; the sum may stop early once it is above `limit`."""
    total, n_rows = 0.0, len(y)
    for first in range(0, n_rows, WIDTH):
        m = min(WIDTH, n_rows - first)
        forwards(op, arg, n, left, right, c, X, first, m, V)
        for j in range(m):
            total += w[first + j] * (y[first + j] - V[n - 1, j]) ** 2
        if not total <= limit:
            return math.inf
    return total


@kernel
def step(H, g, n_free, damping, work, change):
    """Fill `change` with the damped step of the normal equations scaled to unit diagonal; False if singular."""
    for p in range(n_free):
        if not H[p, p] > 0.0:
            return False
    for p in range(n_free):
        for q in range(n_free):
            work[p, q] = H[p, q] / math.sqrt(H[p, p]) / math.sqrt(H[q, q])
        work[p, p] = 1.0 + damping
        change[p] = g[p] / math.sqrt(H[p, p])
    if not cholesky(work, n_free):
        return False
    cholesky_solve(work, n_free, change)
    for p in range(n_free):
        change[p] /= math.sqrt(H[p, p])
    return True


@kernel
def fit_one(
    op, arg, n, n_free, c, X, y, w, scale, n_iterations, left, right, moves, V, A, J, H, g, work, change, trial
):
    """Improve the free constants c[:n_free] in place; return Σ w (y - f)², infinite where f is not finite."""
    if not link(op, arg, n, n_free, left, right, moves):
        return math.inf
    if n_free == 0:
        return loss(op, arg, n, left, right, c, X, y, w, V, math.inf)
    for k in range(len(c)):
        trial[k] = c[k]
    sse = normal_equations(op, arg, n, n_free, left, right, moves, c, X, y, w, len(y), V, A, J, H, g)
    if not sse < math.inf:
        return math.inf
    damping = 1e-3
    for _ in range(n_iterations):
        before, better = sse, False
        if sse <= EXACT * scale:
            break
        for _ in range(MOST_TRIES):
            if step(H, g, n_free, damping, work, change):
                for p in range(n_free):
                    trial[p] = c[p] + change[p]
                found = loss(op, arg, n, left, right, trial, X, y, w, V, sse)
                if found < sse:
                    better = True
                    break
            damping *= 8.0
        if not better:
            break
        damping = max(1e-10, damping * 0.1)
        for p in range(n_free):
            c[p] = trial[p]
        sse = normal_equations(op, arg, n, n_free, left, right, moves, c, X, y, w, len(y), V, A, J, H, g)
        if before - sse <= CONVERGED * before:
            break
    return sse


@kernel
def fit_batch(op, arg, first, n_free, c, first_c, X, y, w, n_iterations, sse):
    """Fit the constants of many tapes to the same rows.

    Args:
        op, arg: all tapes one after the other, int32; a CONSTANT's argument counts within its own tape.
        first: where each begins, and the end of the last, shape (n_tapes + 1,).
        n_free: free constants of each, shape (n_tapes,); they come first among its constants.
        c, first_c: all constants, improved in place, and where those of each tape begin, shape (n_tapes + 1,).
        X, y, w: shapes (n_variables, n_rows), (n_rows,), (n_rows,).
        n_iterations: most steps of each.
        sse: filled with Σ w (y - f)², infinite where a value is not finite; shape (n_tapes,).
    """
    most = 1
    for i in range(len(n_free)):
        most = max(most, first_c[i + 1] - first_c[i])
    V, A = np.empty((MOST_NODES, WIDTH)), np.empty((MOST_NODES, WIDTH))
    J, H, work = np.empty((most, WIDTH)), np.empty((most, most)), np.empty((most, most))
    g, change, trial = np.empty(most), np.empty(most), np.empty(most)
    left, right, moves = np.empty(MOST_NODES, np.int32), np.empty(MOST_NODES, np.int32), np.empty(MOST_NODES, np.bool_)
    scale = 0.0
    for j in range(len(y)):
        scale += w[j] * y[j] * y[j]
    for i in range(len(n_free)):
        n = first[i + 1] - first[i]
        if n > MOST_NODES:
            sse[i] = math.inf
            continue
        tape, arguments, mine = (
            op[first[i] : first[i + 1]],
            arg[first[i] : first[i + 1]],
            c[first_c[i] : first_c[i + 1]],
        )
        sse[i] = fit_one(
            tape, arguments, n, n_free[i], mine, X, y, w, scale, n_iterations,
            left, right, moves, V, A, J, H, g, work, change, trial,
        )  # fmt: skip
