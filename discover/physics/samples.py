"""Points of the kind that was measured, and right-hand sides there: what cannot be proven is tested on them."""

from collections.abc import Sequence

import numpy as np

from discover.expr import Expr, compile_program
from discover.problem import Array, Problem

N_POINTS = 2000
BOX_POINTS = 2000
ACROSS = 3.0
"""Standard deviations of the noise that an end of the box may lie beyond zero without being meant."""


def points(problem: Problem, most: int = N_POINTS) -> Array:
    """Return smoothed measured values, at most about `most` spread evenly over the record, shape (n_variables, n)."""
    every = [np.reshape(np.asarray(block.X_smooth), (problem.n_variables, -1)) for block in problem if block.n_samples]
    X = np.concatenate(every, axis=1)
    step = max(1, X.shape[1] // most)
    return X[:, ::step].copy()


def box_of(problem: Problem) -> tuple[Array, Array]:
    """Return the least and the largest value of every variable, each (n_variables,).

    An end that noise alone carries across zero is zero: a concentration that is measured as -0.01 is none.
    """
    X = points(problem, 1_000_000)
    low, high = X.min(axis=1), X.max(axis=1)
    noise = ACROSS * problem.noise
    low = np.where((low < 0.0) & (low > -noise) & (high > -low), 0.0, low)
    return low, np.where((high > 0.0) & (high < noise) & (low < -high), 0.0, high)


def spread_over(low: Array, high: Array, n: int = BOX_POINTS) -> Array:
    """Return points spread over a box, its corners first, always the same, shape (n_variables, n + corners)."""
    from itertools import islice, product

    corners = np.array(list(islice(product(*zip(low, high, strict=True)), 1024))).T
    inside = np.random.default_rng([n, len(low)]).uniform(low[:, None], high[:, None], (len(low), n))
    return np.concatenate([corners, inside], axis=1)


def rates(exprs: Sequence[Expr], X: Array) -> Array:
    """Return expressions at points X (n_variables, n), shape (n_expressions, n); what is not finite stays so."""
    return compile_program(exprs, len(X)).evaluate(X)
