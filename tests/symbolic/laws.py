"""Small problems for the tests of the symbolic engine."""

import numpy as np

from discover.expr import evaluate, parse
from discover.symbolic.node import Node, root


def data(
    text: str, names: str, n_rows: int = 400, noise: float = 0.0, low: float = 1.0, high: float = 4.0, seed: int = 0
):
    """Return X (n_variables, n_rows) and y (n_rows,) of a law, `noise` relative to the root mean square of y."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(low, high, (len(names.split()), n_rows))
    y = np.broadcast_to(np.asarray(evaluate(parse(text, names.split()), X), dtype=float), n_rows).copy()
    return X, y + noise * np.sqrt(np.mean(y**2)) * rng.standard_normal(n_rows)


def node_of(text: str, names: str, **settings) -> Node:
    X, y = data(text, names, **settings)
    return root(X, y, np.ones(len(y)), range(len(X)))
