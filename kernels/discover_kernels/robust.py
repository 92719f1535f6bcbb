"""Constants of expressions under losses that a few wild rows cannot bend: reweighted Levenberg–Marquardt.

A loss is a sum of squares whose weights depend on what is left, so each round is a weighted fit.
Source: Huber (1981), Robust Statistics, chapter 7, doi:10.1002/0471725250; for quantiles Koenker and
Bassett (1978), doi:10.2307/1913643, by majorisation after Hunter and Lange (2000), doi:10.1080/10618600.2000.10474866.
"""

import math

import numpy as np

from discover_kernels.fit import MOST_NODES, WIDTH, fit_one, forwards, link
from discover_kernels.kernel import kernel

HUBER, QUANTILE = 0, 1

SETTLED = 1e-7
"""Relative decrease of the loss below which the rounds end."""

SHARPNESS = 1e-4
"""Residual relative to the mean one below which the corner of a quantile's loss is rounded."""

SCALE_ROUNDS = 60


@kernel
def left_over(op, arg, n, left, right, c, X, y, V, r):
    """Fill r (n_rows,) with y less the value of a tape; returns whether all are finite."""
    sound = True
    for first in range(0, len(y), WIDTH):
        m = min(WIDTH, len(y) - first)
        forwards(op, arg, n, left, right, c, X, first, m, V)
        for j in range(m):
            r[first + j] = y[first + j] - V[n - 1, j]
            sound = sound and abs(r[first + j]) < math.inf
    return sound


@kernel
def huber(r, w, k, fixed, u):
    """Fill u with the weights of the next fit; returns N s², or 2 Σ ρ where the scale s is `fixed` at 1.

    The scale is that of Huber's second proposal: the mean of min(|r|/s, k)² is what a normal law makes of it. Wild
    rows add the same however wild they are, which the scale of highest likelihood would not have it.
    """
    n, s = len(r), 1.0
    if not fixed:
        inside = math.erf(k / math.sqrt(2.0))
        normal = inside - k * math.sqrt(2.0 / math.pi) * math.exp(-0.5 * k * k) + k * k * (1.0 - inside)
        total = 0.0
        for j in range(n):
            total += math.sqrt(w[j]) * abs(r[j])
        s = max(1.2533 * total / n, 1e-300)
        for _ in range(SCALE_ROUNDS):
            total, before = 0.0, s
            for j in range(n):
                z = min(math.sqrt(w[j]) * abs(r[j]), k * s)
                total += z * z
            s = max(math.sqrt(total / n / normal), 1e-300)
            if abs(s - before) <= 1e-6 * s:
                break
    rho = 0.0
    for j in range(n):
        z = math.sqrt(w[j]) * abs(r[j]) / s
        rho += 0.5 * z * z if z <= k else k * z - 0.5 * k * k
        u[j] = w[j] if z <= k else w[j] * k / z
    return 2.0 * rho if fixed else n * s * s


@kernel
def quantile(r, w, tau, u):
    """Fill u with the weights of the next fit; returns N times (twice the mean loss)²."""
    n, total, size = len(r), 0.0, 0.0
    for j in range(n):
        z = math.sqrt(w[j]) * r[j]
        total += tau * z if z >= 0.0 else (tau - 1.0) * z
        size += abs(z)
    least = max(SHARPNESS * size / n, 1e-300)
    for j in range(n):
        z = math.sqrt(w[j]) * r[j]
        u[j] = w[j] * (tau if z >= 0.0 else 1.0 - tau) / max(abs(z), least)
    return 4.0 * total * total / n


@kernel
def fit_robust(
    op, arg, first, n_free, c, first_c, X, y, w, first_w, kind, parameter, fixed, n_rounds, n_iterations, lost
):
    """Fit the constants of many tapes to the same rows under a robust loss.

    Args:
        op, arg, first, n_free, c, first_c, X, y, w: as `discover_kernels.fit.fit_batch` takes them.
        first_w: weights of the first round, shape (n_rows,).
        kind: HUBER or QUANTILE; `parameter` is its threshold in standard deviations, or which quantile.
        fixed: whether w is one over the variance of the errors, so that no scale is found.
        n_rounds, n_iterations: most rounds, and steps of each; without rounds the constants stay as they are.
        lost: filled with N times the square of the scale of what is left, shape (n_tapes,).
    """
    most = 1
    for i in range(len(n_free)):
        most = max(most, first_c[i + 1] - first_c[i])
    V, A = np.empty((MOST_NODES, WIDTH)), np.empty((MOST_NODES, WIDTH))
    J, H, work = np.empty((most, WIDTH)), np.empty((most, most)), np.empty((most, most))
    g, change, trial, kept = np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    left, right, moves = np.empty(MOST_NODES, np.int32), np.empty(MOST_NODES, np.int32), np.empty(MOST_NODES, np.bool_)
    r, u = np.empty(len(y)), np.empty(len(y))
    for i in range(len(n_free)):
        n = first[i + 1] - first[i]
        lost[i] = math.inf
        if n > MOST_NODES:
            continue
        tape, arguments = op[first[i] : first[i + 1]], arg[first[i] : first[i + 1]]
        mine = c[first_c[i] : first_c[i + 1]]
        if not link(tape, arguments, n, n_free[i], left, right, moves):
            continue
        for j in range(len(y)):
            u[j] = first_w[j]
        for turn in range(n_rounds + 1):
            if n_rounds > 0 and n_free[i] > 0:
                scale = 0.0
                for j in range(len(y)):
                    scale += u[j] * y[j] * y[j]
                for p in range(len(mine)):
                    kept[p] = mine[p]
                fit_one(
                    tape, arguments, n, n_free[i], mine, X, y, u, scale, n_iterations,
                    left, right, moves, V, A, J, H, g, work, change, trial,
                )  # fmt: skip
            if not left_over(tape, arguments, n, left, right, mine, X, y, V, r):
                break
            found = huber(r, w, parameter, fixed, u) if kind == HUBER else quantile(r, w, parameter, u)
            change_of = abs(found - lost[i])
            if kind == QUANTILE and found > lost[i]:  # each round lowers the loss, but for rounding at its corner
                for p in range(len(mine)):
                    mine[p] = kept[p]
                break
            lost[i] = found
            if (turn > 0 and change_of <= SETTLED * found) or n_free[i] == 0:
                break
