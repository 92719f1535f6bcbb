"""Weak-form rows of a field, and the covariance that noise in its samples gives them.

A term is a sum of D^a(h): the derivatives move onto the test function, so its rows are h contracted with D^a of
the test functions, one axis after the other. The residual of a candidate moves with the noise e of
variable l by Σ_a D^aφ · S_al e_l, with S_al = Σ w ∂h/∂u_l: what that does to rows stands in `field_covariance`.
"""

from collections.abc import Hashable, Sequence

import numpy as np

from discover.data.contraction import row_sums, stream
from discover.expr import Expr, add, constant, differentiate, multiply, simplify
from discover.expr import variable as term_of
from discover.inference.field_covariance import Part, Slopes, covariance_of, overlaps
from discover.inference.surroundings import moved, spanned
from discover.problem import Array, Block, Grid, Problem

N_MOMENTS = 3
"""Terms of the correction for the mean effect of noise."""


def unbiased(function: Expr, noise: Array) -> Expr:
    """Return the function whose mean over the noise is `function` of the true values.

    E[f(u + e)] is f plus ½σ²f″ and more, so a cubic term would bring a linear one along. The inverse,
    exp(-½ Σ σ_l² ∂_l²) f, is exact for polynomials to degree 7; noise is (n_variables,).

    >>> import numpy as np
    >>> from discover.expr import variable
    >>> unbiased(variable(0) ** 3, np.array([2.0]))
    Expr(-12*x0 + x0**3)
    """
    for v in (v for v in function.variables if v < len(noise) and noise[v] > 0.0):
        sigma = noise[v]
        total, curve, weight = function, function, 1.0
        for k in range(1, N_MOMENTS + 1):
            curve, weight = differentiate(differentiate(curve, v), v), -0.5 * weight * float(sigma) ** 2 / k
            if curve == constant(0.0):
                break
            total = add(total, multiply(constant(weight), curve))
        function = simplify(total)
    return function


def field_rows(terms: Sequence[Expr], block: Block, grid: Grid, problem: Problem, n_jobs: int | None = None) -> Array:
    """Return the library's rows on a block of a field, shape (n_terms, n_rows); what was computed before is kept.

    Of a field in a file the slopes of the terms are found in the same pass, since they will be asked for.
    """
    known = block.known.setdefault(("rows", *_circumstances(problem)), {})
    new = [term for term in dict.fromkeys(terms) if term not in known]
    if new:
        known.update(zip(new, _new_rows(new, block, grid, problem, n_jobs), strict=True))
    return np.array([known[term] for term in terms]).reshape(len(terms), grid.n_rows)


def _circumstances(problem: Problem) -> tuple[Hashable, ...]:
    """Return what the rows of a term depend on beside the samples."""
    return problem.names, problem.noise.tobytes(), problem.scale.tobytes()


def _new_rows(terms: Sequence[Expr], block: Block, grid: Grid, problem: Problem, n_jobs: int | None) -> Array:
    parts, derived = moved(terms, problem)
    wanted = [(orders, unbiased(f, problem.noise)) for mine in parts for orders, f in mine]
    X = spanned(block, grid, problem, derived)
    jobs, rows = row_sums(wanted, X.shape[0], grid)
    if isinstance(block.X, np.ndarray):
        stream(jobs, X, n_jobs)
    else:
        more, keep = field_slopes(terms, block, grid, problem, n_jobs).work([f for _, f in wanted])
        stream([*jobs, *more], X, n_jobs)
        keep()
    if any(len(mine) != 1 for mine in parts):
        owner = np.repeat(np.arange(len(terms)), [len(mine) for mine in parts])
        whole = np.zeros((len(terms), rows.shape[1]))
        np.add.at(whole, owner, rows)
        rows = whole
    return grid.rows(rows)


def field_slopes(
    terms: Sequence[Expr], block: Block, grid: Grid, problem: Problem, n_jobs: int | None = None
) -> Slopes:
    """Return the slopes of a block for what the terms are made of; those computed before are kept."""
    parts, derived = moved(terms, problem)
    key = ("slopes", *_circumstances(problem), tuple(derived))
    if key not in block.known:
        noise = problem.noise[: len(problem.measured)]
        block.known[key] = Slopes(spanned(block, grid, problem, derived), grid, overlaps(grid), noise, n_jobs)
    slopes: Slopes = block.known[key]
    for term, mine in zip(terms, parts, strict=True):
        if term not in slopes.parts:
            slopes.parts[term] = tuple((orders, unbiased(f, problem.noise)) for orders, f in mine)
    return slopes


def field_covariance(
    slopes: Slopes, problem: Problem, variable: int, terms: Sequence[Expr], coefficients: Array
) -> Array:
    """Return the covariance of a candidate's residual rows, shape (n_rows, n_rows).

    Args:
        slopes: of the block, for these terms among others.
        problem: for the number of axes.
        variable: whose time derivative stands on the left.
        terms, coefficients: the candidate.
    """
    weights: dict[Part, float] = {((1, *(0,) * len(problem.space)), term_of(variable)): 1.0}
    for term, weight in zip(terms, coefficients, strict=True):
        for part in slopes.parts[term]:
            weights[part] = weights.get(part, 0.0) - float(weight)
    C = covariance_of(slopes, list(weights), list(weights.values()))
    kept = slopes.grid.kept
    return C if kept is None else np.ascontiguousarray(C[np.ix_(kept, kept)])
