"""Derivatives on any rectilinear grid as sparse matrices, by local polynomials: of fourth order on even ones."""

from collections.abc import Sequence
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from discover.errors import SettingError
from discover.simulate.grid import Grid

Array = NDArray[np.float64]
Edge = Literal["periodic", "open", "mirror"]
"""What lies beyond the last point: the first one, nothing (one-sided stencils), or the mirror image."""

ACCURACY = 4


def weights(nodes: Array, at: float, order: int) -> Array:
    """Return the weights of values at `nodes` in the derivative of their polynomial at a point.

    By Fornberg's recursion (1988, doi:10.1090/S0025-5718-1988-0935077-0).

    >>> weights(np.array([-1.0, 0.0, 1.0]), 0.0, 2).tolist()
    [1.0, -2.0, 1.0]
    """
    n = len(nodes)
    table = np.zeros((n, order + 1))
    table[0, 0], before, offset = 1.0, 1.0, nodes[0] - at
    for i in range(1, n):
        scale, previous, offset = 1.0, offset, nodes[i] - at
        for j in range(i):
            gap = nodes[i] - nodes[j]
            scale *= gap
            if j == i - 1:
                for k in range(min(i, order), -1, -1):
                    lower = k * table[i - 1, k - 1] if k else 0.0
                    table[i, k] = before * (lower - previous * table[i - 1, k]) / scale
            for k in range(min(i, order), -1, -1):
                lower = k * table[j, k - 1] if k else 0.0
                table[j, k] = (offset * table[j, k] - lower) / gap
        before = scale
    return table[:, order]


def half_width(order: int) -> int:
    """Return how many neighbours on either side a central difference of this order reads."""
    return (order + 1) // 2 - 1 + ACCURACY // 2


def derivative_matrix(x: Array, order: int, edge: Edge) -> sparse.csr_array:
    """Return the matrix of the derivative of some order along one axis, shape (n, n).

    Args:
        x: coordinates, increasing, shape (n,); evenly spaced where the edge is periodic.
        order: from 1.
        edge: what lies beyond the last point.

    Raises:
        SettingError: where the axis has too few points for the order.

    >>> x = np.linspace(0.0, 1.0, 11)
    >>> (derivative_matrix(x, 2, "open") @ x**3)[1:4].round(6).tolist()
    [0.6, 1.2, 1.8]
    """
    n, reach = len(x), half_width(order)
    if n < max(order + ACCURACY, 2 * reach + 1):
        raise SettingError(
            f"A derivative of order {order} needs at least {max(order + ACCURACY, 2 * reach + 1)} points along its "
            f"axis, and this one has {n}."
        )
    rows, columns, values = [], [], []
    for i in range(n):
        places, nodes = _stencil(x, i, order, reach, edge)
        rows += [i] * len(places)
        columns += places
        values += weights(nodes, x[i], order).tolist()
    matrix = sparse.coo_array((values, (rows, columns)), shape=(n, n))  # entries of one place are summed
    return sparse.csr_array(matrix)


def _stencil(x: Array, i: int, order: int, reach: int, edge: Edge) -> tuple[list[int], Array]:
    """Return the points that stand in for the neighbours of point i, and where these neighbours lie."""
    n = len(x)
    if edge == "open" and not reach <= i < n - reach:
        width = order + ACCURACY
        first = 0 if i < reach else n - width
        return list(range(first, first + width)), x[first : first + width]
    places = np.arange(i - reach, i + reach + 1)
    if edge == "periodic":
        period = (x[-1] - x[0]) * n / (n - 1)
        return (places % n).tolist(), x[places % n] + period * (places // n)
    reflected = np.abs(places)
    reflected = np.where(reflected >= n, 2 * (n - 1) - reflected, reflected)
    nodes = np.where(places < 0, 2 * x[0] - x[reflected], np.where(places >= n, 2 * x[-1] - x[reflected], x[reflected]))
    return reflected.tolist(), nodes


def grid_matrix(grid: Grid, orders: tuple[int, ...], edges: Sequence[Edge]) -> sparse.csr_array:
    """Return the matrix of a mixed derivative over all points of a grid, flattened, shape (n_points, n_points).

    `orders` has the order along each space axis; axes at the end may be left out.
    """
    factors = []
    for axis, (along, edge) in enumerate(zip(grid.coordinates, edges, strict=True)):
        order = orders[axis] if axis < len(orders) else 0
        factors.append(derivative_matrix(along, order, edge) if order else sparse.eye_array(len(along), format="csr"))
    return sparse.csr_array(reduce(lambda a, b: sparse.kron(a, b, format="csr"), factors))
