"""Operators that a user gives, written as an expression of those there are: 1/(1 + exp(-x)) by the name of sigmoid.

Laws hold them written out, so that whoever reads a law needs nothing beside it. Where such an operator stands in an
expression is found by its values at a few points, not by its spelling, which algebra may have changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.errors import ExpressionError, SettingError
from discover.expr import FUNCTION_NAMES, VARIABLE, Expr, Operator, evaluate, fold, mentions, parse, substitute

Array = NDArray[np.float64]
Uses = dict[int, tuple[int, int]]
"""Number of the node that is a use -> (which operator, number of the node that it is applied to)."""

N_POINTS = 8
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Given:
    """An operator with a name and a body over variable 0."""

    name: str
    body: Expr

    @classmethod
    def of(cls, name: str, body: str) -> "Given":
        """Return the operator that a text spells; it mentions one name, which is its argument.

        Raises:
            SettingError: where the name is no name, or the body no function of one argument.

        >>> Given.of("sigmoid", "1/(1 + exp(-x))")
        Given(name='sigmoid', body=Expr(1/(1 + exp(-x0))))
        """
        if not isinstance(name, str) or not name.isidentifier() or name in FUNCTION_NAMES:
            raise SettingError(f"operators= gives each operator a new name such as sigmoid, got {name!r}.")
        try:
            names, calls = mentions(body)
        except ExpressionError as error:
            raise SettingError(f'The operator "{name}" cannot be read: {error}') from None
        if calls:
            raise SettingError(f'The operator "{name}" is written with {next(iter(calls))}, which is not known.')
        if len(names) != 1:
            said = ", ".join(names) or "none"
            raise SettingError(f'The operator "{name}" must be a function of one argument, "{body}" has {said}.')
        return cls(name, parse(body, names))

    def over(self, operand: Expr) -> Expr:
        """Return the operator applied to an expression, written out."""
        return substitute(self.body, [operand])

    def values(self, u: Array) -> Array:
        """Return its value for every element of u, NaN where there is none."""
        return evaluate(self.body, np.reshape(u, (1, -1))).reshape(np.shape(u))


def uses(expr: Expr, given: Sequence[Given]) -> Uses:
    """Return where the operators, or what is 1 over them, stand in an expression; the outermost and longest first.

    >>> sigmoid = Given.of("sigmoid", "1/(1 + exp(-x))")
    >>> uses(parse("x/(exp(-2*x) + 1)", ["x"]), [sigmoid])
    {6: (0, 3)}
    """
    values, spans = _nodes(expr)
    found: Uses = {}
    for which, one in enumerate(given):
        plain, turned = one.values(values), one.values(-values)
        with np.errstate(all="ignore"):
            meant = np.concatenate([plain, turned, 1 / plain, 1 / turned])
        n = len(values)
        for k in range(n):
            size = np.abs(values[k]) + np.abs(meant)
            with np.errstate(invalid="ignore"):
                same = (np.abs(meant - values[k]) <= SAME * size).all(axis=1) & np.isfinite(meant).all(axis=1)
            inside = [int(j) for j in np.flatnonzero(same) if spans[k] <= int(j) % n < k]
            if inside and np.ptp(values[k]) > 0:
                # The operand itself rather than its negative, and then the largest.
                best = max(inside, key=lambda j: (j // n % 2 == 0, j % n - spans[j % n]))
                found.setdefault(k, (which, best % n))
    return found


def _nodes(expr: Expr) -> tuple[Array, list[int]]:
    """Return the values of every node at some points, (n_nodes, n_points), and where the part below each begins."""
    values: list[Array] = []
    spans: list[int] = []

    def leaf(kind: int, value: Any) -> int:
        values.append(_points(value) if kind == VARIABLE else np.full(N_POINTS, float(value)))
        spans.append(len(spans))
        return len(spans) - 1

    def branch(row: Operator, argument: Any, children: tuple[int, ...]) -> int:
        values.append(row.meaning(np, *(values[child] for child in children), *row.arguments(argument)))
        spans.append(min(spans[child] for child in children))
        return len(spans) - 1

    with np.errstate(all="ignore"):
        fold(expr, leaf, branch)
    return np.array(values), spans


@cache
def _points(index: int) -> Array:
    """Return the values of a variable that parts are compared at."""
    return np.random.default_rng(index).uniform(0.3, 1.7, N_POINTS)
