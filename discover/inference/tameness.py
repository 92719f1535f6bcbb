"""Does noise move a term in proportion? Covariances of candidates are linear in the noise, and some terms are not.

Near a pole or an edge of its domain a term is moved so far by noise that its own covariance excuses any misfit, so
that it would win by saying nothing.
"""

import numpy as np

from discover.expr import Expr, compile_program, has_derivative
from discover.problem import Problem

REACH = 2.5
"""Standard deviations of the noise that samples are moved by."""

BENT = 0.5
"""Curvature over that distance, relative to the range of the term, up to which it counts as linear."""


def is_tame(term: Expr, problem: Problem) -> bool:
    """Return whether a term of trajectories is finite on the data and about linear over what noise moves them by.

    Terms with derivatives by time are taken at their word.
    """
    if has_derivative(term) or not term.variables:
        return True
    program = compile_program([term], problem.n_variables)
    bent, low, high = 0.0, np.inf, -np.inf
    with np.errstate(all="ignore"):
        for block in problem:
            X = np.ascontiguousarray(block.X_smooth)
            noise = REACH * problem.noise_on(block)
            middle = program.evaluate(X)[0]
            low, high = min(low, float(middle.min())), max(high, float(middle.max()))
            measured = program.evaluate(np.ascontiguousarray(block.X))[0]
            if not (np.isfinite(middle).all() and np.isfinite(measured).all()):
                return False
            for v in term.variables:
                moved = X.copy()
                moved[v] = X[v] + noise[v]
                above = program.evaluate(moved)[0]
                moved[v] = X[v] - noise[v]
                bent = max(bent, float(np.max(np.abs(above + program.evaluate(moved)[0] - 2.0 * middle))))
    return bool(np.isfinite(bent) and bent <= BENT * (high - low) + 1e-12 * max(abs(low), abs(high)))
