"""What units say to a search: which expressions may be, and what dimension the columns of a node have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.errors import UnitError
from discover.expr import Dimension, Expr, dimension_of

TWELFTHS = 12
"""Exponents of units are kept in twelfths: halves, thirds and quarters are whole then."""


@dataclass(frozen=True, slots=True)
class Units:
    """Dimensions of the variables and of the target, None where unknown.

    >>> metre, second = Dimension.of({"m": 1}), Dimension.of({"s": 1})
    >>> units = Units((metre, second), metre / second)
    >>> from discover.expr import variable
    >>> x, t, k = (variable(i) for i in range(3))
    >>> units.allow(x / t), units.allow(k * x), units.allow(2 * x), units.allow(x + t)
    (True, True, False, False)
    """

    variables: tuple[Dimension | None, ...] = ()
    target: Dimension | None = None

    def allow(self, expr: Expr) -> bool:
        """Return whether an expression obeys the units of its variables and has that of the target.

        Free constants may have any unit, numbers that belong to the form have none.
        """
        try:
            found = self.of(expr)
        except UnitError:
            return False
        return found is None or self.target is None or found == self.target

    def hold(self, expr: Expr) -> bool:
        """Return whether an expression obeys the units of its variables, whatever it has itself."""
        try:
            self.of(expr)
        except UnitError:
            return False
        return True

    def of(self, expr: Expr) -> Dimension | None:
        """Return the dimension of an expression, None where unknown; raises UnitError where it breaks units."""
        if not self.variables:
            return None
        n_free = max(0, max(expr.variables, default=-1) + 1 - len(self.variables))
        return dimension_of(expr, (*self.variables, *(None,) * n_free), dimensionless_constants_only=True)

    def columns(self, exprs: Sequence[Expr]) -> NDArray[np.int16] | None:
        """Return the dimensions of columns in twelfths of base units, (n_columns, n_units); None where unknown."""
        found = [self.of(expr) if self.hold(expr) else None for expr in exprs]
        if not found or any(one is None for one in found):
            return None
        every = [dict(one.exponents) for one in found if one is not None]
        names = sorted({name for one in every for name in one})
        twelfths = [[one.get(name, 0) * TWELFTHS for name in names] for one in every]
        if any(value != round(value) for line in twelfths for value in line):
            return None
        return np.array(twelfths, dtype=np.int16).reshape(len(every), len(names))


def lawful(dimensions: Sequence[Dimension | None], target: Dimension | None) -> Callable[[Expr], bool]:
    """Return what says whether an expression obeys the units of its variables and has that of the target."""
    return Units(tuple(dimensions), target).allow
