"""Rows of a field in strong form: local polynomials along every axis, for values and derivatives at query points.

Source: Savitzky and Golay (1964), doi:10.1021/ac60214a047; here by tensor products, on uneven axes too.
"""

import numpy as np

from discover.data.stencils import PER_SMOOTHING
from discover.problem import Axis, Grid

HIGHEST = 4
"""Highest derivative that is taken of noisy values."""

LEAST_DEGREE, ABOVE = 4, 2
"""Degree of the polynomials, and by how much it exceeds the derivative that is taken of them."""


def strong_half_width(spectral: int, most: int) -> int:
    """Return the half-width of the polynomials from that of test functions: narrow, but with enough points.

    >>> strong_half_width(40, 100), strong_half_width(8, 100)
    (10, 4)
    """
    return min(max(spectral // PER_SMOOTHING, (HIGHEST + ABOVE + 2) // 2), most)


def strong_grid(plain: Grid) -> Grid:
    """Return a grid of the same query points with filters: weights[m] of an axis gives the m-th derivative there."""
    orders = [1, *(HIGHEST,) * (len(plain.axes) - 1)]
    return Grid(tuple(_filters(axis, order) for axis, order in zip(plain.axes, orders, strict=True)))


def _filters(axis: Axis, most: int) -> Axis:
    """Return an axis of the same query points with the filters of local polynomials, up to derivatives of an order."""
    points, half_width = axis.points, axis.half_width
    n, width = len(points), 2 * half_width + 1
    weights = np.zeros((most + 1, len(axis.centres), n))
    for q, centre in enumerate(axis.centres):
        first = int(np.clip(np.argmin(np.abs(points - centre)) - half_width, 0, n - width))
        offsets = points[first : first + width] - centre
        scale = np.abs(offsets).max()
        for order in range(most + 1):
            powers = (offsets / scale)[:, None] ** np.arange(max(LEAST_DEGREE, order + ABOVE) + 1)
            factorial = float(np.prod(np.arange(1, order + 1)))
            weights[order, q, first : first + width] = np.linalg.pinv(powers)[order] * factorial / scale**order
    return Axis(points=points, centres=axis.centres, weights=weights, half_width=half_width)
