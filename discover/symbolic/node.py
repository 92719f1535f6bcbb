"""A node: a reduced problem, y = prefactor · z, with z to be found over named columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr, multiply, power, variable
from discover.inference.forms import Form
from discover.symbolic.limits import USUAL, Limits
from discover.symbolic.views import View, views

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A reduced problem.

    Attributes:
        n_variables: of the data; free constants are the variables behind them.
        prefactor: expression over the data, None for 1.
        z: the target, shape (n_rows,).
        columns: expressions over the data.
        values: of the columns, shape (n_columns, n_rows).
        weights: of z, shape (n_rows,): one over the variance of its errors, up to a factor.
        steps: what was done, in words.
        limits: what a formula may be made of.
    """

    n_variables: int
    prefactor: Expr | None
    z: Array
    columns: tuple[Expr, ...]
    values: Array
    weights: Array
    steps: tuple[str, ...] = ()
    limits: Limits = USUAL

    @property
    def n_columns(self) -> int:
        return len(self.columns)

    @property
    def n_rows(self) -> int:
        return len(self.z)

    def constant(self, k: int) -> Expr:
        """Return free constant number k."""
        return variable(self.n_variables + k)

    def form(self, body: Expr, start: Sequence[float]) -> Form:
        """Return the form of y for an expression of z whose free constants begin at `start`."""
        whole = body if self.prefactor is None else multiply(body, self.prefactor)
        return Form(whole, self.n_variables, tuple(float(value) for value in start))

    def linear(self, view: View, features: Sequence[Expr | None], coefficients: Sequence[float]) -> Form:
        """Return the form of y with g(z) = Σ coefficient · feature, a feature None being the constant 1."""
        total: Expr | None = None
        for k, feature in enumerate(features):
            term = self.constant(k) if feature is None else self.constant(k) * feature
            total = term if total is None else total + term
        assert total is not None
        return self.form(view.inverse(total), coefficients)

    def views(self) -> list[View]:
        """Return the views of z whose inverse may be written."""
        return [view for view in views(self.z) if self.limits.may(view.inverse)]

    def weights_in(self, view: View) -> Array:
        """Return the weights (n_rows,) of the errors of a view, the largest ones held at 1e6 times the median."""
        with np.errstate(all="ignore"):
            weights = self.weights / np.maximum(view.slope, 1e-150) ** 2
        weights = np.where(np.isfinite(weights), weights, 0.0)
        return np.minimum(weights, 1e6 * np.median(weights)) if np.median(weights) > 0 else weights

    def without(self, k: int, exponent: float) -> "Node":
        """Return the node with z divided by column k to an exponent, and the column left out."""
        factor = raised(self.columns[k], exponent) if exponent else None
        prefactor = self.prefactor
        if factor is not None:
            prefactor = factor if prefactor is None else multiply(prefactor, factor)
        x = self.values[k] ** exponent
        kept = [i for i in range(self.n_columns) if i != k]
        return replace(
            self,
            prefactor=prefactor,
            z=self.z / x,
            columns=tuple(self.columns[i] for i in kept),
            values=self.values[kept],
            weights=self.weights * x**2,
            steps=(
                *self.steps,
                f"divided by column {k} to the power {exponent:g}" if exponent else f"without column {k}",
            ),
        )

    def merged(self, i: int, j: int, expr: Expr, values: Array, name: str) -> "Node":
        """Return the node with columns i and j replaced by one."""
        kept = [k for k in range(self.n_columns) if k not in (i, j)]
        return replace(
            self,
            columns=(expr, *(self.columns[k] for k in kept)),
            values=np.concatenate([values[None], self.values[kept]]),
            steps=(*self.steps, name),
        )


def raised(expr: Expr, exponent: float) -> Expr:
    """Return an expression to a power, itself for the exponent 1."""
    return expr if exponent == 1 else power(expr, exponent)


def root(X: Array, y: Array, weights: Array, columns: Sequence[int], limits: Limits = USUAL) -> Node:
    """Return the node of the whole problem: X (n_variables, n_rows), y and weights (n_rows,), the columns to use."""
    values = np.ascontiguousarray(X[list(columns)])
    return Node(len(X), None, y, tuple(variable(v) for v in columns), values, weights, limits=limits)
