"""Weak-form rows of a field, and the covariance that noise in its samples gives them.

A term is D^a(h): the derivative moves onto the test function, so its rows are h contracted with D^a of
the test functions, one axis after the other. The residual of a candidate moves with the noise e of
variable l by Σ_a D^aφ · S_al e_l, with S_al = Σ w ∂h/∂u_l. Test functions are products, so the
covariance of two rows is a product of axis-wise overlaps weighted by S_al S_a'l, and comes out of one
small contraction an axis: in milliseconds, for any number of axes.

Under heavy noise the slopes are averages over noisy samples, and the next order of the noise counts
too: ½ σ⁴ (∂²h)² (Hermite expansion).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

import numpy as np

from discover.errors import ExpressionError
from discover.expr import Expr, add, compile_program, constant, differentiate, multiply, simplify
from discover.inference.contraction import contracted
from discover.problem import Array, Block, Grid, Index, Problem
from discover_kernels import opcodes

Orders = tuple[int, ...]

CELLS = 8
"""Cells a half-width on which slopes are averaged for the covariance."""

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


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Pairs of test functions of one axis that share samples, on cells.

    Attributes:
        left, right: which two, shape (n_pairs,).
        weights: D^order of every test function on cells, shape (n_orders, n_queries, n_cells), such that
            the sum over cells of a product of two is the sum over samples.
    """

    left: Index
    right: Index
    weights: Array

    def products(self, a: int, b: int) -> Array:
        """Return D^a φ_left · D^b φ_right on the cells, shape (n_pairs, n_cells)."""
        return self.weights[a][self.left] * self.weights[b][self.right]


def _cells(n: int, half_width: int) -> int:
    return max(1, half_width // CELLS)


def overlaps(grid: Grid) -> list[Overlaps]:
    """Return the overlapping pairs of every axis."""
    found = []
    for axis in grid.axes:
        width = _cells(len(axis.points), axis.half_width)
        n_cells = len(axis.points) // width
        inside = axis.weights[..., : n_cells * width]
        cells = inside.reshape(*inside.shape[:2], n_cells, width)
        weights = np.sqrt(width) * cells.mean(axis=3)
        meet = (np.abs(weights[0]) > 0).astype(float)
        left, right = np.nonzero(meet @ meet.T)
        found.append(Overlaps(left.astype(np.int64), right.astype(np.int64), weights))
    return found


def averaged(values: Array, grid: Grid) -> Array:
    """Return values (…, n_t, n_x, …) averaged over the cells of every axis."""
    n_axes = len(grid.axes)
    for k, axis in enumerate(grid.axes):
        place = values.ndim - n_axes + k
        width = _cells(len(axis.points), axis.half_width)
        n_cells = len(axis.points) // width
        values = np.moveaxis(values, place, -1)[..., : n_cells * width]
        values = values.reshape(*values.shape[:-1], n_cells, width).mean(axis=-1)
        values = np.moveaxis(values, -1, place)
    return values


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """First and second derivatives of the functions inside the terms, averaged over cells, when asked for."""

    block: Block
    grid: Grid
    pairs: list[Overlaps]
    noise: Array
    _known: dict[Expr, tuple[Array, Array]] = field(default_factory=dict, repr=False)

    def of(self, inner: Expr) -> tuple[Array, Array]:
        """Return ∂h (n_variables, cells…) and ∂²h (n_pairs of variables, cells…)."""
        if inner not in self._known:
            n, mean = len(self.block.X), unbiased(inner, self.noise)
            first = [differentiate(mean, v) for v in range(n)]
            second = [differentiate(first[v], w) for v, w in combinations_with_replacement(range(n), 2)]
            self._known[inner] = (self._averaged(first), self._averaged(second))
        return self._known[inner]

    def _averaged(self, exprs: list[Expr]) -> Array:
        X = self.block.X
        program = compile_program(exprs, len(X))
        return averaged(program.evaluate(X.reshape(len(X), -1)).reshape(len(exprs), *X.shape[1:]), self.grid)


def field_slopes(block: Block, grid: Grid, noise: Array) -> Slopes:
    """Return the slopes of a block, none computed yet; noise is (n_variables,)."""
    return Slopes(block, grid, overlaps(grid), noise)


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
    n, noise = problem.n_variables, problem.noise
    lhs = (1, *(0,) * (len(slopes.grid.axes) - 1))
    shape = tuple(pair.weights.shape[2] for pair in slopes.pairs)
    first: dict[Orders, Array] = {lhs: np.zeros((n, *shape))}
    first[lhs][variable] = 1.0
    second: dict[Orders, Array] = {}
    for term, weight in zip(terms, coefficients, strict=True):
        orders, inner = split(term, len(slopes.grid.axes))
        slope, curve = slopes.of(inner)
        first[orders] = first.get(orders, 0.0) - weight * slope
        second[orders] = second.get(orders, 0.0) - weight * curve
    pairs = list(combinations_with_replacement(range(n), 2))
    scale2 = np.array([noise[v] ** 2 * noise[w] ** 2 * (0.5 if v == w else 1.0) for v, w in pairs])
    C = _sandwich(slopes, first, noise**2)
    return C + _sandwich(slopes, second, scale2) if second else C


def _sandwich(slopes: Slopes, fields: dict[Orders, Array], scale: Array) -> Array:
    """Return Σ over pairs of derivative orders of the overlaps weighted by the product of their fields."""
    pairs, sizes = slopes.pairs, slopes.grid.shape
    total = np.zeros(tuple(len(pair.left) for pair in pairs))
    for a in fields:
        for b in fields:
            weighted = np.tensordot(scale, fields[a] * fields[b], axes=(0, 0))
            for k, pair in enumerate(pairs):  # the contracted axis goes to the end, so the next one is always first
                weighted = np.tensordot(weighted, pair.products(a[k], b[k]), axes=(0, 1))
            total += weighted
    C = np.zeros((*sizes, *sizes))
    index = np.ix_(*(np.arange(len(pair.left)) for pair in pairs))
    left = tuple(pair.left[i] for pair, i in zip(pairs, index, strict=True))
    right = tuple(pair.right[i] for pair, i in zip(pairs, index, strict=True))
    C[(*left, *right)] = total
    K = slopes.grid.n_rows
    return C.reshape(K, K)
