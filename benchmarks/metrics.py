"""How right is a law? Support, coefficients, intervals and probabilities against the truth.

An answer is `{(target, term): value}` with the terms as text; a term that it leaves out has the value 0.
"""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

Coefficients = Mapping[tuple[str, str], float]
Labelled = Sequence[tuple[float, bool]]


def missing(found: Coefficients, truth: Coefficients) -> list[str]:
    """Return the true terms that were not found, as "target: term".

    >>> missing({("x", "y"): 1.0}, {("x", "y"): 1.0, ("x", "1"): 2.0})
    ['x: 1']
    """
    return [f"{target}: {term}" for target, term in truth if (target, term) not in found]


def extra(found: Coefficients, truth: Coefficients) -> list[str]:
    """Return the terms found that are not true."""
    return missing(truth, found)


def largest_error(found: Coefficients, truth: Coefficients) -> float:
    """Return max |found - true| / |true| over the true terms; one that is missing counts 1.

    >>> largest_error({("x", "y"): 1.1}, {("x", "y"): 1.0, ("x", "z"): 2.0})
    1.0
    """
    return max(abs(found.get(key, 0.0) - value) / abs(value) for key, value in truth.items())


def spectral_error(found: Coefficients, truth: Coefficients) -> float:
    """Return ‖Ξ - Ξ*‖₂ / ‖Ξ*‖₂ in the spectral norm, over all terms of either.

    >>> spectral_error({("x", "y"): 3.0}, {("x", "y"): 2.0})
    0.5
    """
    targets = sorted({target for target, _ in (*found, *truth)})
    terms = sorted({term for _, term in (*found, *truth)})

    def matrix(coefficients: Coefficients) -> np.ndarray:
        return np.array([[coefficients.get((target, term), 0.0) for term in terms] for target in targets])

    return float(np.linalg.norm(matrix(found) - matrix(truth), 2) / np.linalg.norm(matrix(truth), 2))


def true_positive_rate(found: Coefficients, truth: Coefficients) -> float:
    """Return TP / (TP + FP + FN) of the terms."""
    return len(set(found) & set(truth)) / len(set(found) | set(truth))


def brier(labelled: Labelled) -> float:
    """Return the mean of (probability - outcome)², 0 where the probabilities are certain and right.

    >>> brier([(1.0, True), (0.5, False)])
    0.125
    """
    return float(np.mean([(probability - happened) ** 2 for probability, happened in labelled]))


def reliability(labelled: Labelled, edges: Sequence[float]) -> list[tuple[float, float, int, float, float]]:
    """Return for each bin of probability: its edges, its count, the mean probability and the share that happened.

    A bin [low, high) is left out where nothing fell into it; the last one holds its upper edge as well.

    >>> reliability([(0.2, False), (0.9, True), (1.0, True)], [0.0, 0.5, 1.0])
    [(0.0, 0.5, 1, 0.2, 0.0), (0.5, 1.0, 2, 0.95, 1.0)]
    """
    bins = []
    for low, high in itertools.pairwise(edges):
        mine = [(p, t) for p, t in labelled if low <= p < high or (high == edges[-1] and p == high)]
        if mine:
            p, t = np.array(mine, dtype=float).T
            bins.append((low, high, len(mine), round(float(p.mean()), 12), float(t.mean())))
    return bins


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share, by Wilson's score.

    >>> [round(edge, 3) for edge in wilson(9, 10)]
    [0.596, 0.982]
    """
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))
