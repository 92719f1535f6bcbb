"""What does each term contribute? Exact Shapley values of R² on the Gram of an equation's rows.

R² of a set of terms is 1 - RSS/Σy²: "nothing changes" explains nothing. The Shapley value of a term
is its gain in R², averaged over all orders in which the terms can enter; the values sum to the R²
of the equation. With at most some 14 terms all subsets are solved, so nothing is sampled.

Source: Shapley (1953); Grömping (2007), doi:10.1198/000313007X188252, for R².
"""

from collections.abc import Sequence
from math import factorial

import numpy as np

from discover.problem import Array

MAX_EXACT = 16
"""Largest number of terms whose 2^k subsets are all solved."""


Groups = Sequence[tuple[int, ...]]
"""Terms that take part together, by their indices; every term is in one group."""


def explained(G: Array, groups: Groups | None = None) -> Array:
    """Return R² of every subset of terms, shape (2^k,); bit i of the index says whether term i is in.

    G is the Gram of the terms and then the left-hand side; where groups are given, the bits speak of these.
    """
    players = [(i,) for i in range(len(G) - 1)] if groups is None else list(groups)
    k, n = len(players), len(G) - 1
    values = np.zeros(1 << k)
    total = G[n, n]
    if total <= 0.0:
        return values
    norms = np.sqrt(np.maximum(np.diag(G)[:n], 1e-300))
    A, b = G[:n, :n] / norms / norms[:, None], G[:n, n] / norms
    members = [[j for i in range(k) if (s >> i) & 1 for j in players[i]] for s in range(1 << k)]
    for size in sorted({len(inside) for inside in members} - {0}):
        subsets = [s for s in range(1 << k) if len(members[s]) == size]
        index = np.array([members[s] for s in subsets])
        blocks = A[index[:, :, None], index[:, None, :]] + 1e-12 * np.eye(size)
        right = b[index]
        solved = np.linalg.solve(blocks, right[:, :, None])[:, :, 0]
        values[subsets] = np.einsum("sk,sk->s", solved, right) / total
    return values


def shapley(G: Array, groups: Groups | None = None) -> tuple[Array, Array]:
    """Return each term's Shapley share of R² and the R² lost when it is left out, both (n_terms,).

    G is the Gram (n_terms + 1,) squared of the terms and then the left-hand side. Where terms come in groups, a
    group has one share, which its terms divide by the size of what each adds; what is lost is the group's.

    >>> import numpy as np
    >>> share, drop = shapley(np.diag([1.0, 1.0, 2.0]) + np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]]))
    >>> share.round(3), drop.round(3)
    (array([0.5, 0.5]), array([0.5, 0.5]))
    """
    players = [(i,) for i in range(len(G) - 1)] if groups is None else list(groups)
    k = len(players)
    if k > MAX_EXACT:
        raise ValueError(f"Exact Shapley values need 2^k fits; {k} terms are more than {MAX_EXACT}.")
    values = explained(G, players)
    subsets = np.arange(1 << k)
    sizes = np.array([int(s).bit_count() for s in subsets])
    weight = np.array([factorial(s) * factorial(k - s - 1) / factorial(k) if s < k else 0.0 for s in range(k + 1)])
    share, drop, size = np.zeros(len(G) - 1), np.zeros(len(G) - 1), _sizes(G)
    for i, mine in enumerate(players):
        without = subsets[(subsets >> i) & 1 == 0]
        whole = np.sum(weight[sizes[without]] * (values[without | (1 << i)] - values[without]))
        part = size[list(mine)]
        share[list(mine)] = whole * (part / part.sum() if part.sum() > 0 else 1.0 / len(mine))
        drop[list(mine)] = values[-1] - values[(1 << k) - 1 - (1 << i)]
    return share, drop


def _sizes(G: Array) -> Array:
    """Return the square of what each term adds to the fit of all, (n_terms,)."""
    n = len(G) - 1
    norms = np.sqrt(np.maximum(np.diag(G)[:n], 1e-300))
    fitted = np.linalg.lstsq(G[:n, :n] / norms / norms[:, None], G[:n, n] / norms, rcond=1e-12)[0] if n else norms
    return np.asarray(fitted**2, dtype=np.float64)


def held_out_r2(R: Array, n_groups: int = 5, total: float | None = None) -> float:
    """Return R² on stretches that the coefficients were not fitted to.

    Args:
        R: one triangle a fold, RᵀR being the Gram of the terms and then the left-hand side, shape
            (n_folds, k + 1, k + 1); consecutive folds are neighbours in time and are held out together.
        n_groups: how many groups of folds are held out in turn.
        total: sum of squares that the residual is compared with; that of the left-hand side where None.
    """
    k, n_folds = R.shape[2] - 1, len(R)
    total = float(np.sum(R[:, :, k] ** 2)) if total is None else total
    groups = np.arange(n_folds) * min(n_groups, n_folds) // n_folds
    residual = 0.0
    for group in np.unique(groups):
        held, rest = (R[mine].reshape(-1, k + 1) for mine in (groups == group, groups != group))
        norms = np.linalg.norm(rest[:, :k], axis=0)
        norms[norms == 0.0] = 1.0
        w = np.linalg.lstsq(rest[:, :k] / norms, rest[:, k], rcond=1e-14)[0] / norms
        residual += float(np.sum((held[:, k] - held[:, :k] @ w) ** 2))
    return 1.0 - residual / total if total > 0 else 0.0
