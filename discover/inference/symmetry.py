"""A change of variables that a law may not notice, in the form that physics names and data are asked about.

Source: Lasserre and Pauwels (2019), doi:10.1007/s10444-019-09673-1, for the support of data by Christoffel's function.
"""

from dataclasses import dataclass

import numpy as np

from discover.contract import Constraint
from discover.problem import Array, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """X becomes matrix X + shift, and the rates at the new place are `factor` times the rates changed alike.

    Attributes:
        matrix: shape (n_variables, n_variables).
        shift: shape (n_variables,).
        factor: -1 where time runs backwards, a power of the scale where time is scaled.
    """

    matrix: Array
    shift: Array
    factor: float = 1.0

    def of(self, X: Array) -> Array:
        """Return where points X (n_variables, n) go, in the same shape."""
        return np.ascontiguousarray(self.matrix @ X + self.shift[:, None])

    def key(self) -> tuple[tuple[float, ...], float]:
        """Return what tells it from others, up to rounding."""
        return tuple((np.round(self.matrix, 9) + 0.0).ravel().tolist()), self.factor

    def after(self, first: "Image") -> "Image":
        """Return this change made after another."""
        return Image(self.matrix @ first.matrix, self.matrix @ first.shift + self.shift, self.factor * first.factor)


@dataclass(frozen=True, slots=True, eq=False)
class Symmetry:
    """One that could be suggested.

    Attributes:
        text: the requirement that would ask for it, in the grammar of `discover.physics`.
        constraints: what the text means.
        images: what it does; of a continuous one a few of its changes.
        implied: the discrete changes that come with a continuous one.
        is_discrete: whether the one image and its repetitions are all of it.
    """

    text: str
    constraints: tuple[Constraint, ...]
    images: tuple[Image, ...]
    implied: tuple[Image, ...] = ()
    is_discrete: bool = True


N_POINTS = 2000
EDGE = 0.98
"""Share of the measured points that count as among the others."""

FLAT = 1e-3
"""Spread in a direction, relative to the widest, below which the data count as having none."""


def measured_points(problem: Problem, most: int = N_POINTS) -> Array:
    """Return smoothed measured values, at most about `most` spread evenly over the record, shape (n_variables, n)."""
    X = np.concatenate([np.reshape(np.asarray(b.X_smooth), (problem.n_variables, -1)) for b in problem], axis=1)
    return X[:, :: max(1, X.shape[1] // most)].copy()


def covered(image: Image, X: Array) -> float:
    """Return the share of points X (n_variables, n) that a change of variables takes among the others.

    Among them is where Christoffel's function of degree two is no smaller than at 98 % of the points themselves.

    >>> x = np.linspace(-1.0, 1.0, 101)[None]
    >>> mirror = Image(-np.eye(1), np.zeros(1))
    >>> covered(mirror, x) > 0.95, covered(mirror, x + 2.0)
    (True, 0.0)
    """
    moving = np.ptp(X, axis=1) > 0.0
    centre, scale = X.mean(axis=1, keepdims=True), X.std(axis=1, keepdims=True)
    scale[~moving] = 1.0

    def features(points: Array) -> Array:
        Z = ((points - centre) / scale)[moving | (np.abs(image.matrix - np.eye(len(X))).sum(axis=1) > 0)]
        upper = np.triu_indices(len(Z))
        return np.concatenate([np.ones((1, Z.shape[1])), Z, Z[upper[0]] * Z[upper[1]]])

    here = features(X)
    values, vectors = np.linalg.eigh(here @ here.T / here.shape[1])
    root = vectors / np.sqrt(np.maximum(values, FLAT * FLAT * values[-1]))
    leverage = np.sum((root.T @ here) ** 2, axis=0)
    limit = np.quantile(leverage, EDGE)
    return float(np.mean(np.sum((root.T @ features(image.of(X))) ** 2, axis=0) <= limit * (1.0 + 1e-9)))
