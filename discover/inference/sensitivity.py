"""How the rows of terms on trajectories move with the samples: slopes, and what derivatives by time make of them.

What depends on x^(a) with slope K is integrated by parts until no derivative of the noise is left,
∫ W_k K e^(a) = Σ_b C(a, b) (-1)^(a - b) ∫ W_(k + b) D^(a - b)K e, where W_m are the weights of the m-th derivative.
"""

from collections.abc import Sequence
from math import comb

import numpy as np

from discover.data.smooth import local_derivatives
from discover.data.stencils import DEGREE, NARROWEST, PER_SMOOTHING
from discover.expr import TimePart, compile_program, constant, differentiate
from discover.problem import Array, Block, Problem

Sensitivity = dict[int, Array]
"""How a term's rows move with the samples: by Σ_m Σ_j weights[m, j] A_m[l, j] e_l[j], A_m (n_variables, n_samples)."""


def sensitivities(terms: Sequence[Sequence[TimePart]], block: Block, problem: Problem) -> list[Sensitivity]:
    """Return how each term's rows move, from its summands."""
    if not terms:
        return []
    depth = max(part.depth for parts in terms for part in parts)
    n, found = problem.n_variables, [dict[int, Array]() for _ in terms]
    each = [(mine, part) for mine, parts in zip(found, terms, strict=True) for part in parts]
    exact = constant(0.0)  # what is known exactly, such as the indicator of a case, moves no row
    exprs = [
        differentiate(part.function, v) if problem.noise[v % n] > 0.0 else exact
        for _, part in each
        for v in range((part.depth + 1) * n)
    ]
    values = compile_program(exprs, (depth + 1) * n).evaluate(jets(block, depth)).reshape(-1, n, block.n_samples)
    slopes = iter(values)
    for mine, part in each:
        for a in range(part.depth + 1):
            K = next(slopes)
            changes = local_derivatives(block.time, K, *narrow(problem), a) if a else K[None]
            for b in range(a + 1):
                moved = comb(a, b) * (-1.0) ** (a - b) * changes[a - b]
                mine[part.order + b] = mine[part.order + b] + moved if part.order + b in mine else moved
    return found


def narrow(problem: Problem) -> tuple[int, int]:
    """Return half-width and degree of the polynomials that slopes are differentiated with."""
    return max(NARROWEST, problem.half_width // PER_SMOOTHING), DEGREE


def jets(block: Block, depth: int) -> Array:
    """Return the smoothed states and their derivatives by time up to `depth`, ((depth + 1) n_variables, n_samples)."""
    return np.concatenate([block.X_smooth, *block.X_dot[:depth]])
