"""Strong-form rows of a field: products of derivatives such as u·u_xx and u_x², and what noise does to them.

Values and derivatives at a query point are filters of the samples, z_i = Σ F_i e. A term T(z) is taken at these; noise
shifts its mean by ½ Σ Cov(z_i, z_j) ∂²T, which is taken off, and moves it by Σ ∂T/∂z_i F_i e. Filters are products of
one an axis, so the covariance of two rows is Σ_ij ∂T/∂z_i ∂T/∂z_j times products of overlaps along the axes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from discover.data.contraction import contracted
from discover.errors import ExpressionError
from discover.expr import VARIABLE, Expr, Operator, call, compile_program, constant, differentiate, fold, variable
from discover.expr.byparts import Leaves, Orders, along, lifted
from discover.problem import Array, Block, Grid, Problem

ZERO = constant(0.0)


def chained(term: Expr, leaves: Leaves) -> Expr:
    """Return a term with every D worked out by the chain rule down to derivatives of single variables.

    >>> from discover.expr import derivative
    >>> chained(derivative(variable(0) ** 2, (0, 1)), Leaves(2))
    Expr(2*x0*D(x0, "x", 1))
    """

    def leaf(kind: int, value: Any) -> Expr:
        return variable(value) if kind == VARIABLE else constant(value)

    def branch(row: Operator, argument: Any, children: tuple[Expr, ...]) -> Expr:
        if row.name != "D":
            return call(row.name, *children, *row.arguments(argument))
        inner = children[0]
        for axis, count in enumerate(argument):
            for _ in range(count):
                inner = along(inner, axis, leaves)
        return inner

    return fold(term, leaf, branch)


@dataclass(frozen=True, slots=True, eq=False)
class Jets:
    """Filtered values and derivatives of a block at its query points, and how noise correlates them.

    Attributes:
        grid: filters of each axis.
        problem: for names and noise.
        fields: (variable, orders) of each row of Z that is measured; coordinates stand behind.
        Z: shape (n_fields + n_coordinates, n_rows).
        exprs: term -> the term over the rows of Z.
    """

    grid: Grid
    problem: Problem
    fields: tuple[tuple[int, Orders], ...]
    Z: Array
    exprs: dict[Expr, Expr]
    _slopes: dict[Expr, dict[int, Array]] = field(default_factory=dict, repr=False)
    _overlaps: dict[tuple[Orders, Orders], Array] = field(default_factory=dict, repr=False)

    def overlap(self, a: Orders, b: Orders) -> Array:
        """Return Σ over samples of two filters at every two query points, (n_rows, n_rows)."""
        if (a, b) not in self._overlaps:
            factors = [axis.weights[i] @ axis.weights[j].T for axis, i, j in zip(self.grid.axes, a, b, strict=True)]
            whole, kept = reduce(np.kron, factors), self.grid.kept
            self._overlaps[a, b] = whole if kept is None else whole[np.ix_(kept, kept)]
        return self._overlaps[a, b]

    def slopes(self, term: Expr) -> dict[int, Array]:
        """Return ∂T/∂z_i at every query point, by the number of the field, for those it depends on."""
        if term not in self._slopes:
            inner = self.exprs[term]
            parts = [(i, differentiate(inner, i)) for i in inner.variables if i < len(self.fields)]
            values = self._at([slope for _, slope in parts])
            self._slopes[term] = {i: value for (i, _), value in zip(parts, values, strict=True)}
        return self._slopes[term]

    def rows(self, terms: Sequence[Expr]) -> Array:
        """Return terms at the query points less the mean effect of noise, (n_terms, n_rows)."""
        found = self._at([self.exprs[term] for term in terms])
        for p, term in enumerate(terms):
            inner = self.exprs[term]
            mine = [i for i in inner.variables if i < len(self.fields)]
            for i, j in combinations_with_replacement(mine, 2):
                if self.fields[i][0] != self.fields[j][0]:
                    continue
                curve = differentiate(differentiate(inner, i), j)
                if curve != ZERO:
                    shared = np.diag(self.overlap(self.fields[i][1], self.fields[j][1]))
                    weight = (0.5 if i == j else 1.0) * self.problem.noise[self.fields[i][0]] ** 2
                    found[p] -= weight * shared * self._at([curve])[0]
        return found

    def covariance(self, target: int, terms: Sequence[Expr], coefficients: Array) -> Array:
        """Return the covariance of a candidate's residual rows, (n_rows, n_rows); `target` is a variable."""
        lhs = (1, *(0,) * len(self.problem.space))
        n = self.grid.n_rows
        moves: dict[tuple[int, Orders], Array] = {(target, lhs): np.ones(n)}
        for term, weight in zip(terms, coefficients, strict=True):
            for i, slope in self.slopes(term).items():
                moves[self.fields[i]] = moves.get(self.fields[i], np.zeros(n)) - weight * slope
        C = np.zeros((n, n))
        for (v, a), mine in moves.items():
            for (w, b), other in moves.items():
                if v == w:
                    C += self.problem.noise[v] ** 2 * self.overlap(a, b) * np.outer(mine, other)
        return C

    def _at(self, exprs: Sequence[Expr]) -> Array:
        return compile_program(list(exprs), len(self.Z)).evaluate(self.Z)


def jets_of(terms: Sequence[Expr], block: Block, grid: Grid, problem: Problem) -> Jets:
    """Return what strong-form rows of some terms are made of on one block.

    Raises:
        ExpressionError: for more derivatives of a field than filters take.
    """
    n = len(problem.measured)
    leaves = Leaves(1 + len(problem.space), problem.coordinates, frozenset(range(n)))
    plain, derived = lifted([chained(term, leaves) for term in terms], problem.n_variables)
    nothing = (0,) * leaves.n_axes
    padded = [(v, (*orders, *nothing[len(orders) :])) for v, orders in derived]
    _check(padded, grid, problem)
    fields = (*((v, nothing) for v in range(n)), *padded)
    values = contracted([(orders, variable(v)) for v, orders in fields], block.X, grid)
    lines = np.meshgrid(*(axis.centres for axis in grid.axes), indexing="ij")
    coordinates = [lines[axis].ravel() for axis in problem.coordinates.values()]
    place = [*range(n), *(len(fields) + k for k in range(len(coordinates))), *range(n, len(fields))]
    moved = [_renumbered(expr, place) for expr in plain]
    Z = grid.rows(np.concatenate([values, *(line[None] for line in coordinates)]))
    return Jets(grid, problem, fields, np.ascontiguousarray(Z), dict(zip(terms, moved, strict=True)))


def _renumbered(expr: Expr, place: Sequence[int]) -> Expr:
    return fold(
        expr,
        lambda kind, value: variable(place[value]) if kind == VARIABLE else constant(value),
        lambda row, argument, children: call(row.name, *children, *row.arguments(argument)),
    )


def _check(fields: Sequence[tuple[int, Orders]], grid: Grid, problem: Problem) -> None:
    """Raise an ExpressionError where a derivative is of a higher order than filters take."""
    axes = (problem.time, *problem.space)
    for v, orders in fields:
        for name, order, axis in zip(axes, orders, grid.axes, strict=True):
            if order >= len(axis.weights):
                raise ExpressionError(
                    f"The library has a derivative of {problem.names[v]} of order {order} along {name}; the strong "
                    f"form takes at most {len(axis.weights) - 1} there. Lower the order, or fit in weak form."
                )
