"""Does noise move a term in proportion? Covariances of candidates are linear in the noise, and some terms are not.

Near a pole or an edge of its domain a term is moved so far by noise that its own covariance excuses any misfit, so
that it would win by saying nothing.
"""

from collections.abc import Sequence

import numpy as np

from discover.expr import Expr, compile_program, has_derivative
from discover.front import Candidate
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


EXCUSED, AS_CLOSE = 20.0, 3.0
"""Implied variance over that of the candidates whose residual is nearly the smallest, and how near that is."""


def without_excused(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates but for made-up ones that noise would have to move far more than others fitting as well.

    What is left over chi-square is the noise that a candidate implies: where its slopes are steep enough, it excuses
    any misfit. Candidates of a library, which cost nothing extra, always stay.

    >>> true = Candidate("x", (), (), (), 1.0, 0.0, 0.999, surcharge=(3.0,))
    >>> steep = Candidate("x", (), (), (), 1e-9, -5.0, 0.9, surcharge=(3.0,))
    >>> without_excused([true, steep]) == [true]
    True
    """
    moving = [c for c in candidates if np.isfinite(c.loss) and np.isfinite(c.r2)]
    least = min((1.0 - c.r2 for c in moving), default=0.0)
    near = [c for c in moving if 1.0 - c.r2 <= AS_CLOSE * least + 1e-12]
    usual = min(((1.0 - c.r2) / max(c.loss, 1e-300) for c in near), default=np.inf)
    return [c for c in candidates if not any(c.surcharge) or 1.0 - c.r2 <= EXCUSED * usual * c.loss + 1e-12]
