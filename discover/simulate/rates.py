"""The rates of change that a law gives measured values, derivatives taken from the values around."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from discover.equation import Law
from discover.simulate.differences import derivative_matrix
from discover.simulate.gridprogram import grid_program

Array = NDArray[np.float64]


def axes_of_derivatives(law: Law) -> tuple[int, ...]:
    """Return which axes the right-hand sides differentiate along: 0 for time, then space.

    >>> from discover.export.specimen import specimen
    >>> axes_of_derivatives(specimen()[0])
    ()
    """
    orders = [order for equation in law.equations for term in equation.terms for order in term.expr.orders]
    return tuple(sorted({axis for order in orders for axis, count in enumerate(order) if count}))


def rates_over(law: Law, fields: Sequence[Array], coordinates: Sequence[Array]) -> Array:
    """Return every right-hand side on a grid, shape (n_states, n_t, n_x, …).

    Derivatives are those of local polynomials of fourth order, one-sided at the ends; a gap (NaN) spreads
    to the values whose derivatives need it.

    Args:
        law: any law.
        fields: values of every variable, states first, each of shape (n_t, n_x, …); further dimensions may follow.
        coordinates: along each axis that the law differentiates along, in the order of `law.axes`; others may be empty.

    Raises:
        SettingError: where an axis has too few points for a derivative.

    >>> from discover.export.specimen import specimen
    >>> law, _ = specimen()
    >>> rates_over(law, [np.array([30.0]), np.array([4.0])], [np.array([1900.0])]).round(3).tolist()
    [[13.086], [-0.308]]
    """

    def derive(_part: int, values: Array, orders: tuple[int, ...]) -> Array:
        for axis, order in enumerate(orders):
            if order:
                matrix = derivative_matrix(np.asarray(coordinates[axis], dtype=np.float64), order, "open")
                front = np.moveaxis(values, axis, 0)
                flat = matrix @ front.reshape(len(front), -1)
                values = np.moveaxis(flat.reshape(front.shape), 0, axis)
        return values

    program = grid_program([equation.rhs for equation in law.equations], len(law.names))
    with np.errstate(all="ignore"):
        found = program.evaluate(list(fields), derive)
    rates = np.stack([np.broadcast_to(values, fields[0].shape) for values in found])
    return np.where(np.isfinite(rates), rates, np.nan)
