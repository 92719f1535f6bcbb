"""What forms are fitted to and ranked by: least squares, with errors that are known or only relative to each other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from discover.inference.description import FLOOR
from discover.inference.forms import Form, fitted, values
from discover.problem import Array

FIT_ROWS = 1000
"""Rows that constants are fitted to while the search goes on; every form is then measured on all."""


class Criterion(Protocol):
    """What a search fits forms to."""

    def fit(self, forms: Sequence[Form], n_iterations: int, sampled: bool = False) -> list[tuple[Form, float]]:
        """Return each form with its constants fitted, and what it leaves: 0 for nothing, 1 for as much as zero would.

        With `sampled` a few rows may do, and only whether the number is finite is looked at.
        """
        ...

    def nats(self, left: float, n_free: int) -> float:
        """Return the length of what a form of n_free constants leaves, without that of the form."""
        ...

    def residual(self, form: Form) -> Array:
        """Return what a form leaves, of equal variance where its errors are as assumed, shape (n_rows,)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """Weighted least squares.

    Attributes:
        X, y, weights: the data, shapes (n_variables, n_rows), (n_rows,), (n_rows,).
        known: whether the weights are one over the variance of the errors, and not only relative to each other.

    >>> from discover.expr import parse
    >>> x = np.linspace(1.0, 2.0, 50)[None]
    >>> ((form, left),) = Squares(x, 3 * x[0], np.ones(50)).fit([Form(parse("a*x", ["x", "a"]), 1, (1.0,))], 20)
    >>> round(form.start[0], 9), left < 1e-20
    (3.0, True)
    """

    X: Array
    y: Array
    weights: Array
    known: bool = False

    @property
    def scale(self) -> float:
        """Weighted mean square of y: what errors are relative to."""
        return float(np.mean(self.weights * self.y**2)) or 1.0

    def fit(self, forms: Sequence[Form], n_iterations: int, sampled: bool = False) -> list[tuple[Form, float]]:
        """Return each form fitted, and its weighted mean squared error relative to the mean square of y."""
        X, y, weights = sample(self.X, self.y, self.weights) if sampled else (self.X, self.y, self.weights)
        size = len(y) * self.scale
        return [(form, max(sse / size, 0.0)) for form, sse in fitted(forms, X, y, weights, n_iterations)]

    def nats(self, left: float, n_free: int) -> float:
        """Return ½ χ² where errors are known, else ½ (N - p) ln of the mean squared error."""
        n = len(self.y)
        if self.known:
            return 0.5 * n * left * self.scale
        return 0.5 * max(n - n_free, 1) * math.log(max(left, FLOOR))

    def residual(self, form: Form) -> Array:
        """Return √w (y - f), shape (n_rows,)."""
        return (self.y - values(form, self.X)) * np.sqrt(self.weights)


def sample(X: Array, y: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Return at most FIT_ROWS rows of the data, evenly spread."""
    if len(y) <= FIT_ROWS:
        return X, y, weights
    rows = np.linspace(0, len(y) - 1, FIT_ROWS).astype(int)
    return np.ascontiguousarray(X[:, rows]), y[rows], weights[rows]
