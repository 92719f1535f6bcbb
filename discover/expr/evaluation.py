"""What an expression is worth: on samples, slowly and plainly, and over ranges."""

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.errors import ExpressionError
from discover.expr.expression import VARIABLE, Expr, fold
from discover.expr.intervals import EMPTY, Interval, inner
from discover.expr.operators import Operator
from discover_kernels import opcodes

ROUNDING = 4 * float(np.finfo(float).eps)
"""How far, relatively, each bound is pushed outward: NumPy's functions are good to an ulp or so."""


def evaluate(expr: Expr, X: ArrayLike) -> NDArray[np.float64]:
    """Return the value at every sample, in plain NumPy: the reference that the kernels are held against.

    A sample with a non-finite intermediate is NaN, whatever follows: 1/(1/0) is not 0.

    Args:
        expr: what to evaluate; without D, which needs neighbouring samples.
        X: variables, shape (n_variables, n_samples).

    Returns:
        Values, shape (n_samples,).

    Raises:
        ExpressionError: where X is not two-dimensional or lacks a variable, or the expression holds a D.

    >>> from discover.expr import variable
    >>> evaluate(variable(0) * variable(1), [[1.0, 2.0], [3.0, 4.0]])
    array([3., 8.])
    """
    samples = _samples(expr, X)

    def leaf(kind: int, value: Any) -> NDArray[np.float64]:
        return samples[value] if kind == VARIABLE else np.full(samples.shape[1], value)

    def branch(row: Operator, argument: Any, children: tuple[NDArray[np.float64], ...]) -> NDArray[np.float64]:
        if not row.is_pointwise:
            raise ExpressionError(
                f'"{row.name}" has no value at a single sample; evaluate its operand and differentiate.'
            )
        value = row.meaning(np, *children, *row.arguments(argument))
        return np.where(np.logical_and.reduce([np.isfinite(child) for child in children]), value, np.nan)

    with np.errstate(all="ignore"):
        return np.array(fold(expr, leaf, branch))


def _samples(expr: Expr, X: ArrayLike) -> NDArray[np.float64]:
    samples = np.asarray(X, dtype=np.float64)
    if samples.ndim != 2:
        raise ExpressionError(f"X must have the shape (n_variables, n_samples), got {samples.shape}.")
    if expr.variables and expr.variables[-1] >= len(samples):
        raise ExpressionError(f"The expression uses x{expr.variables[-1]}, and X has {len(samples)} variables.")
    return samples


def interval(expr: Expr, lows: Sequence[float], highs: Sequence[float]) -> Interval:
    """Return bounds of every finite value that the expression takes in a box.

    They are certain but need not be tight, since a variable that occurs twice counts as two. Empty,
    (nan, nan), where the expression has no value anywhere in the box.

    Args:
        expr: what to bound.
        lows, highs: range of each variable, shape (n_variables,).

    Raises:
        ExpressionError: where a range is missing or upside down.

    >>> from discover.expr import variable
    >>> interval(variable(0) ** 2, [-1.0], [2.0])
    Interval(low=0.0, high=4.0000000000000036)
    """
    leaf = _ranges(expr, lows, highs)

    def branch(row: Operator, argument: Any, children: tuple[Interval, ...]) -> Interval:
        if any(child.is_empty for child in children):
            return EMPTY
        return _outward(row.interval(*children, *row.arguments(argument)))

    return fold(expr, leaf, branch)


def interval_throughout(expr: Expr, lows: Sequence[float], highs: Sequence[float]) -> Interval:
    """Return bounds of an expression that certainly has a finite value at every point of a box; else empty.

    `interval` leaves out the points where there is no value, so sin(1/x) is in [-1, 1] around 0; this does not. Every
    intermediate must be bounded, and every operand lie where its operator has a value.

    Args:
        expr: what to bound.
        lows, highs: range of each variable, shape (n_variables,).

    Raises:
        ExpressionError: where a range is missing or upside down.

    >>> from discover.expr import parse
    >>> interval_throughout(parse("sin(1/x)", ["x"]), [-1.0], [2.0]).is_empty
    True
    >>> interval_throughout(parse("sqrt(x)", ["x"]), [0.0], [4.0]).low
    0.0
    """
    leaf = _ranges(expr, lows, highs)

    def branch(row: Operator, argument: Any, children: tuple[Interval, ...]) -> Interval:
        if any(child.is_empty for child in children) or not _has_values(row, argument, children):
            return EMPTY
        found = _outward(row.interval(*children, *row.arguments(argument)))
        return found if math.isfinite(found.low) and math.isfinite(found.high) else EMPTY

    return fold(expr, leaf, branch)


def _has_values(row: Operator, argument: Any, children: tuple[Interval, ...]) -> bool:
    """Return whether an operator has a value wherever its operands lie in these bounds.

    Domains are intervals of each operand, so the corners tell, but for zeros below a line and for powers of what may
    be negative; around a pole the bounds are infinite, which the caller sees.
    """
    if row.opcode == opcodes.DIV and children[1].low <= 0.0 <= children[1].high:
        return False
    if row.opcode == opcodes.POW and children[0].low < 0.0:
        exponent = children[1]
        if exponent.low != exponent.high or not float(exponent.low).is_integer():
            return False
    if row.opcode == opcodes.D:
        return False
    with np.errstate(all="ignore"):
        corners = (row.meaning(np, *map(np.float64, ends), *row.arguments(argument)) for ends in product(*children))
        return all(np.isfinite(corner) for corner in corners)


def _ranges(expr: Expr, lows: Sequence[float], highs: Sequence[float]) -> Callable[[int, Any], Interval]:
    """Return what bounds a leaf, the ranges checked."""
    n_needed = expr.variables[-1] + 1 if expr.variables else 0
    if len(lows) != len(highs) or len(lows) < n_needed:
        raise ExpressionError(f"{n_needed} variables need a range, got {len(lows)} lows and {len(highs)} highs.")
    for index, (low, high) in enumerate(zip(lows, highs, strict=True)):
        if not low <= high:
            raise ExpressionError(f"The range of variable {index} is upside down: {low} to {high}.")

    def leaf(kind: int, value: Any) -> Interval:
        return Interval(float(lows[value]), float(highs[value])) if kind == VARIABLE else Interval(value, value)

    return leaf


def _outward(bounds: Interval) -> Interval:
    low, high = bounds if bounds.is_empty else inner(bounds)
    wider_low = low - ROUNDING * abs(low) if math.isfinite(low) else low
    return Interval(wider_low, high + ROUNDING * abs(high) if math.isfinite(high) else high)
