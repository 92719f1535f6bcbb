"""What the terms of a law over space are written in beside the measured fields: coordinates, derivatives of inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.errors import ExpressionError
from discover.expr import Expr, text
from discover.expr.byparts import Leaves, Orders, Parts, by_parts, lifted
from discover.problem import Array, Block, Grid, Problem

KNOWN = 1e-3
"""Noise relative to the spread up to which an input is differentiated: that multiplies the noise by some ten."""

Derived = list[tuple[int, Orders]]
"""Variable and orders of each derivative of an input that some term needs."""


@dataclass(frozen=True, slots=True, eq=False)
class Spanned:
    """The samples of a field with more variables behind them, put together a slice of time at a time.

    Attributes:
        X: measured samples, (n_measured, n_t, n_x, …), an array or what reads slices of time from a file.
        more: further variables, each broadcast to (n_t, n_x, …).
    """

    X: Array
    more: tuple[Array, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.X.shape[0] + len(self.more), *self.X.shape[1:])

    @property
    def chunk(self) -> int:
        """Snapshots that the file keeps together."""
        return getattr(self.X, "chunk", 1)

    def __getitem__(self, key: tuple[slice, slice]) -> Array:
        """Return the samples of all variables in a slice of time."""
        part = np.asarray(self.X[:, key[1]], dtype=np.float64)
        return np.concatenate([part, np.stack([values[key[1]] for values in self.more])])[key[0]]


def leaves_of(problem: Problem) -> Leaves:
    """Return what the variables of a problem over space stand for."""
    n = len(problem.measured)
    quiet = problem.noise[:n] <= KNOWN * problem.scale[:n]
    known = frozenset(v for v in range(problem.n_states, n) if quiet[v])
    return Leaves(1 + len(problem.space), problem.coordinates, known)


def moved(terms: Sequence[Expr], problem: Problem) -> tuple[list[Parts], Derived]:
    """Return each term as a sum of D^a(f), and the derivatives of inputs that stand as new variables in the f.

    Raises:
        ExpressionError: where a term has no such form; it says what else can be done.
    """
    leaves = leaves_of(problem)
    parts = [_parts(term, problem, leaves) for term in terms]
    for term, mine in zip(terms, parts, strict=True):
        _check_orders(term, mine, problem)
    functions, derived = lifted([f for mine in parts for _, f in mine], problem.n_variables)
    plain = iter(functions)
    return [tuple((orders, next(plain)) for orders, _ in mine) for mine in parts], derived


def _parts(term: Expr, problem: Problem, leaves: Leaves) -> Parts:
    try:
        return by_parts(term, leaves)
    except ExpressionError:
        told = text(term, problem.names, (problem.time, *problem.space))
        every = frozenset(range(problem.n_states, len(problem.measured)))
        noisy = [problem.names[v] for v in sorted(every - leaves.known) if v in term.variables]
        if noisy and _is_moved(term, Leaves(leaves.n_axes, leaves.coordinates, every)):
            raise ExpressionError(
                f'"{told}" would need derivatives of {", ".join(noisy)}, measured with noise; put it inside the '
                f"derivative, as in D({noisy[0]}*f, …), which is integrated as it is."
            ) from None
        raise ExpressionError(
            f'"{told}" is not a sum of derivatives of functions, so the weak form cannot take it; fit it in strong '
            "form, with form=Strong()."
        ) from None


def _check_orders(term: Expr, parts: Parts, problem: Problem) -> None:
    """Raise an ExpressionError where a term has more derivatives than test functions have."""
    axes = (problem.time, *problem.space)
    for block in problem.blocks:
        grid = block.stencil
        for k, axis in enumerate(grid.axes if isinstance(grid, Grid) else ()):
            most, asked = len(axis.weights) - 1, max((orders[k] for orders, _ in parts), default=0)
            if asked > most:
                raise ExpressionError(
                    f'"{text(term, problem.names, axes)}" has {asked} derivatives along {axes[k]}, and the test '
                    f"functions have {most} there; offer terms with fewer."
                )


def _is_moved(term: Expr, leaves: Leaves) -> bool:
    try:
        by_parts(term, leaves)
    except ExpressionError:
        return False
    return True


def spanned(block: Block, grid: Grid, problem: Problem, derived: Derived) -> Array | Spanned:
    """Return the samples of a block with the coordinates and derivatives that terms need, in the terms' order."""
    if not problem.coordinates and not derived:
        return block.X
    shape = tuple(len(axis.points) for axis in grid.axes)
    more = [_along(grid.axes[k].points, k, shape) for k in problem.coordinates.values()]
    more += [_derivative(np.asarray(block.X[v : v + 1, :])[0], grid, orders) for v, orders in derived]
    return Spanned(block.X, tuple(more))


def _along(points: Array, axis: int, shape: tuple[int, ...]) -> Array:
    """Return a coordinate at every sample, as a view."""
    return np.broadcast_to(points.reshape([-1 if k == axis else 1 for k in range(len(shape))]), shape)


def _derivative(values: Array, grid: Grid, orders: Orders) -> Array:
    """Return a derivative of an input without noise, axis by axis."""
    from discover.simulate.differences import derivative_matrix

    for k, order in enumerate(orders):
        if order:
            matrix = derivative_matrix(grid.axes[k].points, order, "open")
            along = np.moveaxis(values, k, 0)
            values = np.moveaxis((matrix @ along.reshape(len(along), -1)).reshape(along.shape), 0, k)
    return values
