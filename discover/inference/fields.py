"""Weak-form rows of a field, and the covariance that noise in its samples gives them.

A term is D^a(h): the derivative moves onto the test function, so its rows are h contracted with D^a of
the test functions, one axis after the other. The residual of a candidate moves with the noise e of
variable l by Σ_a D^aφ · S_al e_l, with S_al = Σ w ∂h/∂u_l: what that does to rows stands in `field_covariance`.
"""

from collections.abc import Sequence

from discover.errors import ExpressionError
from discover.expr import Expr, add, constant, differentiate, multiply, simplify
from discover.expr import variable as term_of
from discover.inference.contraction import contracted
from discover.inference.field_covariance import Part, Slopes, covariance_of, overlaps
from discover.problem import Array, Block, Grid, Problem
from discover_kernels import opcodes

Orders = tuple[int, ...]

N_MOMENTS = 3
"""Terms of the correction for the mean effect of noise."""


def split(term: Expr, n_axes: int) -> tuple[Orders, Expr]:
    """Return (a, h) with term = D^a(h), a of length n_axes.

    Raises:
        ExpressionError: where a derivative stands inside another term; the weak form cannot move it.

    >>> from discover.expr import derivative, variable
    >>> split(derivative(variable(0) ** 2, (0, 1)), 2)
    ((0, 1), Expr(x0**2))
    """
    orders, inner = (), term
    if term.tape[-1][0] == opcodes.D:
        orders, inner = term.orders[-1], Expr(term.tape[:-1], term.constants, term.orders[:-1])
    if any(opcode == opcodes.D for opcode, _ in inner.tape):
        raise ExpressionError(f"The weak form takes terms D(f) of a function f of the fields, not {term}.")
    return (*orders, *(0,) * (n_axes - len(orders))), inner


def unbiased(function: Expr, noise: Array) -> Expr:
    """Return the function whose mean over the noise is `function` of the true values.

    E[f(u + e)] is f plus ½σ²f″ and more, so a cubic term would bring a linear one along. The inverse,
    exp(-½ Σ σ_l² ∂_l²) f, is exact for polynomials to degree 7; noise is (n_variables,).

    >>> import numpy as np
    >>> from discover.expr import variable
    >>> unbiased(variable(0) ** 3, np.array([2.0]))
    Expr(-12*x0 + x0**3)
    """
    for v, sigma in enumerate(noise):
        total, curve, weight = function, function, 1.0
        for k in range(1, N_MOMENTS + 1):
            curve, weight = differentiate(differentiate(curve, v), v), -0.5 * weight * float(sigma) ** 2 / k
            if curve == constant(0.0):
                break
            total = add(total, multiply(constant(weight), curve))
        function = simplify(total)
    return function


def field_rows(terms: Sequence[Expr], block: Block, grid: Grid, noise: Array) -> Array:
    """Return the library's rows, shape (n_terms, n_rows), tile by tile along time; noise is (n_variables,)."""
    parts = [split(term, len(grid.axes)) for term in terms]
    return contracted([(orders, unbiased(inner, noise)) for orders, inner in parts], block.X, grid)


def field_slopes(block: Block, grid: Grid, noise: Array) -> Slopes:
    """Return the slopes of a block, none computed yet; noise is (n_variables,)."""
    return Slopes(block.X, grid, overlaps(grid), noise)


def field_covariance(
    slopes: Slopes, problem: Problem, variable: int, terms: Sequence[Expr], coefficients: Array
) -> Array:
    """Return the covariance of a candidate's residual rows, shape (n_rows, n_rows).

    Args:
        slopes: of the block.
        problem: for the noise.
        variable: whose time derivative stands on the left.
        terms, coefficients: the candidate.
    """
    n_axes = len(slopes.grid.axes)
    weights: dict[Part, float] = {((1, *(0,) * (n_axes - 1)), term_of(variable)): 1.0}
    for term, weight in zip(terms, coefficients, strict=True):
        if term not in slopes.parts:
            orders, inner = split(term, n_axes)
            slopes.parts[term] = orders, unbiased(inner, problem.noise)
        part = slopes.parts[term]
        weights[part] = weights.get(part, 0.0) - float(weight)
    return covariance_of(slopes, list(weights), list(weights.values()))
