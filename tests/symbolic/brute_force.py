"""All expressions of so many nodes by recursion, nothing left out: the twin of the compiled exhaustion."""

import numpy as np


def expressions_of(n, X, unary, known):
    """Return the values of every expression of n nodes over the rows of X, equal ones as often as they are written."""
    if n not in known:
        made = [np.array(x) for x in X] if n == 1 else []
        functions = {"sqrt": np.sqrt, "exp": np.exp, "sin": np.sin, "cos": np.cos, "log": np.log, "tanh": np.tanh}
        for name in unary if n > 1 else ():
            made += [functions[name](v) for v in expressions_of(n - 1, X, unary, known)]
        for k in range(1, n - 1):
            for a in expressions_of(k, X, unary, known):
                for b in expressions_of(n - 1 - k, X, unary, known):
                    made += [a + b, a - b, a * b, a / b]
        known[n] = [v for v in made if np.isfinite(v).all()]
    return known[n]


def least_errors(X, y, weights, unary, most):
    """Return for 1 to `most` nodes the least weighted mean square that y = c0 + c1 f leaves."""
    found, known, root = [], {}, np.sqrt(weights)
    with np.errstate(all="ignore"):
        for n in range(1, most + 1):
            F = np.array(expressions_of(n, X, unary, known))
            centred = (F - (F @ weights / weights.sum())[:, None]) * root
            target = (y - y @ weights / weights.sum()) * root
            size = np.sum(centred**2, axis=1)
            share = np.where(size > 1e-12 * np.sum(F**2, axis=1), (centred @ target) ** 2 / size, 0.0)
            found.append((target @ target - np.nanmax(share)) / len(y))
    return found
