"""Does an expression vanish somewhere in a box? Proved by interval arithmetic where it does not."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from discover.expr.evaluation import evaluate, interval
from discover.expr.expression import Expr
from discover.expr.intervals import Interval

MOST_BOXES = 2000
"""Boxes looked at before the question is left open."""


@dataclass(frozen=True, slots=True)
class Zero:
    """Whether an expression vanishes in a box.

    Attributes:
        found: "no" (proved), "yes" (its sign changes next to `point`), or "open": neither could be shown.
        point: values of the variables, empty unless found.
    """

    found: Literal["no", "yes", "open"]
    point: tuple[float, ...] = ()


def zero_in(expr: Expr, box: Sequence[Interval]) -> Zero:
    """Return whether an expression vanishes in a box, by halving it until bounds or signs decide.

    Args:
        expr: without D.
        box: the range of every variable.

    >>> from discover.expr import parse
    >>> box = [Interval(-1.0, 2.0), Interval(0.5, 1.0)]
    >>> zero_in(parse("1 + x**2*y", ["x", "y"]), box).found
    'no'
    >>> near = zero_in(parse("x - y", ["x", "y"]), box)
    >>> near.found, abs(near.point[0] - near.point[1]) < 1e-3
    ('yes', True)
    """
    ends = np.array([[side.low, side.high] for side in box]).reshape(len(box), 2)
    sign = _signs(expr, ends.mean(axis=1, keepdims=True))[0]
    widths, queue = np.diff(ends, axis=1)[:, 0], deque([ends])
    for _ in range(MOST_BOXES):
        if not queue:
            return Zero("no")
        part = queue.popleft()
        bounds = interval(expr, part[:, 0].tolist(), part[:, 1].tolist())
        if bounds.is_empty or bounds.low > 0.0 or bounds.high < 0.0:
            continue
        middle = part.mean(axis=1, keepdims=True)
        corners = np.concatenate([part, middle], axis=1)
        other = np.flatnonzero(_signs(expr, corners) != sign)
        if len(other):
            return Zero("yes", _between(expr, ends.mean(axis=1), corners[:, other[0]], sign))
        used = list(expr.variables)
        longest = max(used, key=lambda v: (part[v, 1] - part[v, 0]) / (widths[v] or 1.0), default=0)
        for half in ((part[longest, 0], middle[longest, 0]), (middle[longest, 0], part[longest, 1])):
            smaller = part.copy()
            smaller[longest] = half
            queue.append(smaller)
    return Zero("open")


def _signs(expr: Expr, points: np.ndarray) -> np.ndarray:
    return np.sign(evaluate(expr, points))


def _between(expr: Expr, inside: np.ndarray, outside: np.ndarray, sign: float) -> tuple[float, ...]:
    """Return the point on the way from `inside` to `outside` where the sign is no longer that of `inside`."""
    for _ in range(40):
        middle = (inside + outside) / 2
        if _signs(expr, middle[:, None])[0] == sign:
            inside = middle
        else:
            outside = middle
    return tuple(outside.tolist())
