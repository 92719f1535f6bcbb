"""Reductions: a node with fewer columns, where the data show that one may go or two are one.

Each test compares the residual of a polynomial in what the reduced problem would see with that of the
same polynomial when the column in question may bend it. A true reduction gains nothing from it.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr
from discover.inference.whiteness import polynomial_features
from discover.symbolic.node import Node

Array = NDArray[np.float64]

TEST_ROWS = 700
MOST_FEATURES = 130
EXPONENTS = np.arange(-8, 9) / 2

STRIP, MERGE = 1.25, 1.15
"""Residual variance of the reduced fit over that of the bent one, up to which a reduction is believed."""

EXPLAINS = 0.5
"""Share of the variance that may be left for a strip to be believed."""

RIDGE = 1e-10
MOST_MERGES = 3
TRIED = 4
"""Merges that fit best are tested for what bending gains."""

Join = Callable[[Array, Array], Array]
Spell = Callable[[Expr, Expr], Expr]
MERGES: tuple[tuple[str, bool, Join, Spell], ...] = (
    ("difference", True, lambda a, b: a - b, lambda a, b: a - b),
    ("sum", True, lambda a, b: a + b, lambda a, b: a + b),
    ("product", True, lambda a, b: a * b, lambda a, b: a * b),
    ("ratio", True, lambda a, b: a / b, lambda a, b: a / b),
    ("sum of squares", True, lambda a, b: a**2 + b**2, lambda a, b: a**2 + b**2),
    ("difference of squares", True, lambda a, b: a**2 - b**2, lambda a, b: a**2 - b**2),
    ("difference of inverses", True, lambda a, b: 1 / a - 1 / b, lambda a, b: 1 / a - 1 / b),
    ("square times", False, lambda a, b: a**2 * b, lambda a, b: a**2 * b),
    ("square over", False, lambda a, b: a**2 / b, lambda a, b: a**2 / b),
    ("over square", False, lambda a, b: a / b**2, lambda a, b: a / b**2),
)
"""Name, whether the order of the two does not matter, values, expression."""


def residual_variance(F: Array, z: Array, weights: Array) -> float:
    """Return the residual variance of z (n_rows,) on features F (n_features, n_rows), degrees of freedom counted."""
    root = np.sqrt(weights / weights.mean())
    A, b = F * root, z * root
    G = A @ A.T
    G[np.diag_indices(len(G))] += RIDGE * np.trace(G) / len(G)
    try:
        c = np.linalg.solve(G, A @ b)
    except np.linalg.LinAlgError:
        return np.inf
    rest = b - c @ A
    return float(rest @ rest) / max(len(z) - len(F), 1)


def _head(node: Node) -> tuple[Array, Array, Array]:
    """Return the rows that tests look at: values, target and weights."""
    rows = slice(0, TEST_ROWS)
    weights = node.weights[rows]
    return node.values[:, rows], node.z[rows], np.minimum(weights, 1e3 * np.median(weights))


def stripped(node: Node) -> Node | None:
    """Return the node with every column divided out that enters as a power factor only, None where none does."""
    reduced = node
    while reduced.n_columns:
        found = _power_factor(reduced)
        if found is None:
            break
        reduced = reduced.without(*found)
    return reduced if reduced.n_columns < node.n_columns else None


def _power_factor(node: Node) -> tuple[int, float] | None:
    """Return the column and exponent of the clearest power factor."""
    X, z, weights = _head(node)
    variance = float(np.average((z - np.average(z, weights=weights)) ** 2, weights=weights))
    best: tuple[float, int, float] | None = None
    for k in range(node.n_columns):
        if (node.values[k] <= 0).any():
            continue
        others = np.delete(X, k, axis=0)
        P = polynomial_features(others, 6, min(MOST_FEATURES, len(z) // 4)) if len(others) else np.ones((1, len(z)))
        rest, exponent = min((residual_variance(P * X[k] ** a, z, weights), abs(a), a) for a in EXPONENTS.tolist())[::2]
        u = X[k] / X[k].mean() - 1.0
        Q = P[: 1 + 2 * len(others)]
        power = X[k] ** exponent
        bent = residual_variance(
            np.concatenate([P * power, Q * power * u, Q[: 1 + len(others)] * power * u**2]), z, weights
        )
        ratio = rest / max(bent, 1e-300)
        alone = node.n_columns > 1 or rest < 1e-6 * variance or ratio < 1.02
        if ratio < STRIP and rest < EXPLAINS * variance and alone and (best is None or ratio < best[0]):
            best = (ratio, k, exponent)
    return None if best is None else best[1:]


def merged(node: Node) -> list[Node]:
    """Return nodes in which two columns have become one, one after the other, each stripped where it can be."""
    found, current = [], node
    for _ in range(MOST_MERGES):
        step = _merge(current) if current.n_columns > 1 else None
        if step is None:
            break
        current = stripped(step) or step
        found.append(current)
    return found


def _merge(node: Node) -> Node | None:
    X, z, weights = _head(node)
    full = residual_variance(polynomial_features(X, 6, MOST_FEATURES), z, weights)
    tried = []
    for number, (_, symmetric, join, _) in enumerate(MERGES):
        for i in range(node.n_columns):
            for j in range(i + 1 if symmetric else 0, node.n_columns):
                with np.errstate(all="ignore"):
                    v = join(X[i], X[j])
                if i == j or not np.isfinite(v).all() or v.std() == 0 or np.abs(v).max() > 1e6 * np.abs(v).mean():
                    continue
                Z = np.concatenate([v[None], np.delete(X, [i, j], axis=0)])
                rest = residual_variance(polynomial_features(Z, 7, MOST_FEATURES), z, weights)
                tried.append((rest, number, i, j))
    for rest, number, i, j in sorted(tried)[:TRIED]:
        name, _, join, spell = MERGES[number]
        Z = np.concatenate([join(X[i], X[j])[None], np.delete(X, [i, j], axis=0)])
        P = polynomial_features(Z, 7, MOST_FEATURES)
        u = (X[i] - X[i].mean()) / X[i].std()
        Q = P[: 1 + 2 * len(Z)]
        bent = residual_variance(np.concatenate([P, Q * u, Q * u**2]), z, weights)
        if rest < MERGE * bent and rest < full:
            values = join(node.values[i], node.values[j])
            if np.isfinite(values).all():
                return node.merged(i, j, spell(node.columns[i], node.columns[j]), values, name)
    return None


def reductions(node: Node) -> list[Node]:
    """Return the reduced nodes of a node, the one with the fewest columns first."""
    base = stripped(node)
    found = ([base] if base is not None else []) + merged(base or node)
    return sorted(found, key=lambda one: one.n_columns)


def lighter(node: Node, factor: Expr, values: Array) -> Node:
    """Return the node with z divided by a factor of the bank; its columns stay."""
    prefactor = factor if node.prefactor is None else factor * node.prefactor
    return replace(
        node, prefactor=prefactor, z=node.z / values, weights=node.weights * values**2, steps=(*node.steps, "factor")
    )
