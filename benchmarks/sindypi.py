"""SINDy-PI of pysindy on trajectories: every implicit column as the left-hand side, the best of them solved for x'."""

import warnings
from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np

from discover.expr import Expr, Library, evaluate, text

WEIGHTS = (1e-3, 1e-2, 1e-1)
"""Weights of the penalty that are tried."""

KEPT = 0.02
"""Share of the left-hand side that a term must contribute to stay: convex solvers leave no exact zeros."""

HELD_OUT = 0.2


def available() -> bool:
    """Return whether pysindy and CVXPY, which its SINDyPI needs, are installed."""
    return find_spec("pysindy") is not None and find_spec("cvxpy") is not None


def quotients(
    t: np.ndarray, measured: Sequence[np.ndarray], states: tuple[str, ...], above: Library, below: Library
) -> dict[str, str]:
    """Return the right-hand side of every state as text, "0" where nothing was found.

    Args:
        t: times, shape (n_samples,).
        measured: states of every trajectory, shape (n_states, n_samples).
        states: their names.
        above, below: terms on offer in numerator and denominator.
    """
    import pysindy as ps

    numerator, denominator = above.build(states), below.build(states)
    X = np.concatenate(measured, axis=1)
    slopes = np.concatenate([ps.SmoothedFiniteDifference()._differentiate(one.T, t).T for one in measured], axis=1)
    Theta = np.array([np.broadcast_to(evaluate(term, X), X.shape[1]) for term in numerator])
    G = np.array([np.broadcast_to(evaluate(term, X), X.shape[1]) for term in denominator])
    fit = np.arange(len(t)) < (1.0 - HELD_OUT) * len(t)
    rows = np.tile(fit, len(measured))
    return {
        name: _solved(np.concatenate([Theta, G * slopes[i]]), rows, numerator, denominator, states)
        for i, name in enumerate(states)
    }


def _solved(
    columns: np.ndarray, rows: np.ndarray, numerator: Sequence[Expr], denominator: Sequence[Expr], states: Sequence[str]
) -> str:
    import pysindy as ps

    scaled = columns / np.linalg.norm(columns, axis=1, keepdims=True).clip(1e-300)
    norms = np.linalg.norm(columns, axis=1).clip(1e-300)
    n, best, chosen = len(numerator), np.inf, None
    for weight in WEIGHTS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            optimizer = ps.SINDyPI(reg_weight_lam=weight, max_iter=20000, tol=1e-8)
            optimizer.fit(scaled[:, rows].T, scaled[:, rows].T)
        for j in range(n, len(columns)):
            w = np.where(np.abs(optimizer.coef_[j]) > KEPT, optimizer.coef_[j], 0.0)
            w[j] = 0.0
            held = scaled[:, ~rows]
            error = np.sum((held[j] - w @ held) ** 2) / np.sum(held[j] ** 2)
            if w[:n].any() and error < best:
                best, chosen = error, (j, w)
    if chosen is None:
        return "0"
    j, w = chosen
    implicit = -w / norms
    implicit[j] = 1.0 / norms[j]  # Σ implicit · column = 0
    top = " + ".join(f"{-c!r}*({text(f, states)})" for c, f in zip(implicit[:n].tolist(), numerator, strict=True) if c)
    low = " + ".join(f"{c!r}*({text(g, states)})" for c, g in zip(implicit[n:].tolist(), denominator, strict=True) if c)
    return f"({top})/({low})"
