"""Interval rules: bounds of an operator's value from the bounds of its operands.

The bounds hold every *finite* value that exists: where an operand leaves the domain, only the part
inside counts, and where nothing is left the interval is empty, (nan, nan). Around a pole it is
(-inf, inf). Infinite ends are limits that are never attained, hence 0 · inf = 0 here.
"""

import math
import sys
from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """All numbers from `low` to `high`; (nan, nan) holds none."""

    low: float
    high: float

    @property
    def is_empty(self) -> bool:
        return math.isnan(self.low) or math.isnan(self.high)


EMPTY = Interval(math.nan, math.nan)
REAL = Interval(-math.inf, math.inf)
IntervalRule = Callable[..., Interval]


def inner(a: Interval) -> Interval:
    """Pull an end that overflowed the wrong way back to the largest double, which no finite value exceeds."""
    return Interval(min(a.low, sys.float_info.max), max(a.high, -sys.float_info.max))


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0.0 or b == 0.0 else a * b


def _raise(a: float, n: float) -> float:
    with np.errstate(all="ignore"):
        return float(np.power(np.float64(a), n))


def add(a: Interval, b: Interval) -> Interval:
    """Bounds of a + b."""
    return Interval(_sum(a.low, b.low, -math.inf), _sum(a.high, b.high, math.inf))


def _sum(a: float, b: float, otherwise: float) -> float:
    total = a + b
    return otherwise if math.isnan(total) else total


def negate(a: Interval) -> Interval:
    """Bounds of -a."""
    return Interval(-a.high, -a.low)


def subtract(a: Interval, b: Interval) -> Interval:
    """Bounds of a - b."""
    return add(a, negate(b))


def multiply(a: Interval, b: Interval) -> Interval:
    """Bounds of a · b."""
    corners = [_times(p, q) for p, q in product(a, b)]
    return Interval(min(corners), max(corners))


def invert(a: Interval) -> Interval:
    """Bounds of 1 / a."""
    if a.low == 0.0 == a.high:
        return EMPTY
    if a.low < 0.0 < a.high:
        return REAL
    low = -math.inf if a.high == 0.0 else 1.0 / a.high
    high = math.inf if a.low == 0.0 else 1.0 / a.low
    return inner(Interval(low, high))


def divide(a: Interval, b: Interval) -> Interval:
    """Bounds of a / b."""
    inverse = invert(b)
    return EMPTY if inverse.is_empty else multiply(a, inverse)


def absolute(a: Interval) -> Interval:
    """Bounds of |a|."""
    low = 0.0 if a.low <= 0.0 <= a.high else min(abs(a.low), abs(a.high))
    return Interval(low, max(abs(a.low), abs(a.high)))


def integer_power(a: Interval, n: int) -> Interval:
    """Bounds of a**n."""
    if n == 0:
        return Interval(1.0, 1.0)
    if n < 0:
        return invert(integer_power(a, -n))
    inside = a if n % 2 else absolute(a)
    return Interval(_raise(inside.low, n), _raise(inside.high, n))


def real_power(a: Interval, b: Interval) -> Interval:
    """Bounds of a**b, monotone in each operand while a is not negative, so found at the corners."""
    if a.low < 0.0:
        if b.low == b.high and b.low != int(b.low if math.isfinite(b.low) else 0):
            return EMPTY if a.high < 0.0 else real_power(Interval(0.0, a.high), b)
        largest = real_power(absolute(a), b).high
        return Interval(-largest, largest)
    corners = [_raise(p, q) for p, q in product(a, b)]
    return Interval(min(corners), max(corners))


def fixed_power(n: int) -> IntervalRule:
    """The rule of a power with a fixed integer exponent."""
    return lambda a: integer_power(a, n)


def monotone(function: Callable[[float], float], low: float = -math.inf, high: float = math.inf) -> IntervalRule:
    """The rule of a function that rises, or falls, all over its domain from `low` to `high`."""

    def rule(a: Interval) -> Interval:
        if a.high < low or a.low > high:
            return EMPTY
        with np.errstate(all="ignore"):
            ends = [float(function(np.float64(min(max(end, low), high)))) for end in a]
        return Interval(min(ends), max(ends))

    return rule


def sine(a: Interval) -> Interval:
    """Bounds of sin(a)."""
    return _wave(a, np.sin, math.pi / 2)


def cosine(a: Interval) -> Interval:
    """Bounds of cos(a)."""
    return _wave(a, np.cos, 0.0)


def _wave(a: Interval, function: Callable[[float], float], crest: float) -> Interval:
    if not (a.high - a.low < 2 * math.pi) or max(abs(a.low), abs(a.high)) > 1e8:
        return Interval(-1.0, 1.0)
    ends = [float(function(end)) for end in a]
    low = -1.0 if _holds(a, crest + math.pi, 2 * math.pi) else min(ends)
    high = 1.0 if _holds(a, crest, 2 * math.pi) else max(ends)
    return Interval(low, high)


def _holds(a: Interval, point: float, period: float) -> bool:
    """Whether point + k · period lies in the interval for some integer k, with room for rounding."""
    slack = 1e-9
    return math.ceil((a.low - point) / period - slack) <= (a.high - point) / period + slack


def tangent(a: Interval) -> Interval:
    """Bounds of tan(a)."""
    if not (a.high - a.low < math.pi) or max(abs(a.low), abs(a.high)) > 1e8 or _holds(a, math.pi / 2, math.pi):
        return REAL
    return Interval(math.tan(a.low), math.tan(a.high))


def hyperbolic_cosine(a: Interval) -> Interval:
    """Bounds of cosh(a), even and rising away from zero."""
    return monotone(np.cosh)(absolute(a))


def anything(*children: object) -> Interval:
    """No bound can be given: a derivative."""
    return REAL
