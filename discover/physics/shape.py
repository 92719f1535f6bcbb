"""Bounds and shape over a box: finite, bounded, rising or falling, convex or concave.

Bounds of intervals prove it where they can, the box being halved again and again; where they cannot, points spread
over the box test it, and the law says which it was.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import cast

import numpy as np

from discover.contract import Constraint
from discover.errors import ExpressionError, SettingError
from discover.expr import Expr, differentiate, interval, interval_throughout
from discover.physics.relation import line_of, operators, tree_of
from discover.physics.requirement import Requirement
from discover.physics.samples import box_of, points, rates, spread_over
from discover.physics.subject import Subject
from discover.physics.wording import names_of, number, split
from discover.problem import Array, Problem

MOST_BOXES = 2000
"""Boxes looked at in a proof."""

ROUNDING = 1e-9

Box = tuple[tuple[int, float, float], ...]


@dataclass(frozen=True, slots=True)
class Shape(Requirement):
    """A derivative of a right-hand side lies between two bounds all over a box.

    Attributes:
        target: whose right-hand side.
        by: the variables that it is differentiated by, none for the right-hand side itself.
        low, high: bounds of it; infinite for finite everywhere.
        box: variable, least and largest value, where they are not those measured.
    """

    target: int
    by: tuple[int, ...]
    low: float
    high: float
    box: Box = ()

    @property
    def is_checked(self) -> bool:
        """Whether only `refuse` can tell: it is no matter of single coefficients."""
        return True

    def speaks_of(self, target: int) -> bool:
        """Return whether it is the target's right-hand side."""
        return target == self.target

    def refuse(self, system: Sequence[Expr], problem: Problem) -> str | None:
        """Return where in the box it does not hold; None where it does at every point looked at."""
        found = self._expression(system)
        if found is None:
            return None
        low, high = self._ends(problem)
        X = self._points(problem, low, high)
        values = rates([found], X)[0]
        size = np.max(np.abs(values[np.isfinite(values)]), initial=1e-300)
        bad = ~np.isfinite(values) | (values < self.low - ROUNDING * size) | (values > self.high + ROUNDING * size)
        return self._where(found, X[:, bad][:, 0], float(values[bad][0])) if bad.any() else None

    def held(self, system: Sequence[Expr], problem: Problem) -> str:
        """Return whether it is proven, or on how many points tested."""
        found = self._expression(system)
        if found is None:
            return "not looked at: it differentiates values that are differentiated already"
        low, high = self._ends(problem)
        if proven(found, low, high, self.low, self.high):
            return "proven by interval arithmetic over the box"
        return f"tested on {self._points(problem, low, high).shape[1]} points of the box; no proof"

    def _expression(self, system: Sequence[Expr]) -> Expr | None:
        """Return what lies between the bounds; None where it cannot be differentiated."""
        expr = system[self.target]
        try:
            for v in self.by:
                expr = differentiate(expr, v)
        except ExpressionError:
            return None
        return None if expr.orders else expr

    def _ends(self, problem: Problem) -> tuple[Array, Array]:
        low, high = box_of(problem)
        for v, least, largest in self.box:
            low[v], high[v] = least, largest
        return low, high

    def _points(self, problem: Problem, low: Array, high: Array) -> Array:
        inside = points(problem)
        inside = inside[:, ((inside >= low[:, None]) & (inside <= high[:, None])).all(axis=0)]
        return np.concatenate([spread_over(low, high), inside], axis=1)

    def _where(self, expr: Expr, x: Array, value: float) -> str:
        """Return where it does not hold, in words."""
        at = ", ".join(f"{self.subject.names[v]} = {x[v]:.4g}" for v in sorted({*expr.variables, *self.by}))
        what = "it" if not self.by else "its slope" if len(self.by) == 1 else "its curvature"
        if not np.isfinite(value):
            return f"{what} is not finite at {at}"
        bound, side = (self.low, "below") if value < self.low else (self.high, "above")
        return f"{what} is {value:.4g}, {side} {bound:g}, at {at}" if at else f"{what} is {value:.4g}, {side} {bound:g}"


def proven(expr: Expr, low: Array, high: Array, least: float, largest: float) -> bool:
    """Return whether bounds of intervals show an expression to lie between two numbers all over a box.

    It has to have a value at every point: sin(1/x) around 0 is not proven, though it never leaves [-1, 1].

    >>> from discover.expr import variable
    >>> x = variable(0)
    >>> proven(x * x - x + 1.0, np.array([0.0]), np.array([1.0]), 0.5, 2.0)
    True
    """
    moving = [v for v in expr.variables if high[v] > low[v]]
    boxes, n = [(low, high)], 0
    while boxes:
        lower, upper = boxes.pop()
        n += 1
        found = interval_throughout(expr, lower.tolist(), upper.tolist())
        if found.low >= least and found.high <= largest:
            continue
        if interval(expr, lower.tolist(), upper.tolist()).is_empty:  # no value anywhere in it
            return False
        if n + len(boxes) >= MOST_BOXES or not moving:
            return False
        widths = [(upper[v] - lower[v]) / (high[v] - low[v]) for v in moving]
        v = moving[int(np.argmax(widths))]
        if max(widths) < 1e-6:
            return False
        middle = 0.5 * (lower[v] + upper[v])
        left, right = upper.copy(), lower.copy()
        left[v], right[v] = middle, middle
        boxes += [(lower, left), (right, upper)]
    return True


def _boxed(about: str, text: str, subject: Subject) -> tuple[str, Box]:
    """Return what stands before "for x in [0, 10], …", and the box."""
    words, _, given = about.partition(" for ")
    found = []
    for piece in split(given) if given else ():
        name, _, ends = piece.partition(" in ")
        ends = ends.strip()
        pair = split(ends[1:-1]) if ends.startswith("[") and ends.endswith("]") else []
        if len(pair) != 2:
            raise SettingError(f'"{text}" should name a box like "for {subject.names[0]} in [0, 10]".')
        low, high = (number(text, end) for end in pair)
        if not low < high:
            raise SettingError(f'"{text}" has a box from {low:g} to {high:g}; the first end must be the smaller.')
        found.append((subject.variable(name.strip(" `"), text), low, high))
    return words.strip(), tuple(found)


def _target(words: str, text: str, subject: Subject) -> int:
    """Return the target that a name or a left-hand side stands for."""
    if subject.is_formula:
        return subject.target(words.strip("` "), text)
    line = line_of(words, subject)
    if line.plain in line.lefts:
        return line.lefts[line.plain]
    return subject.target(words.strip("` "), text)


def read_slope(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "increasing: y in x", "decreasing: y in x", "convex: y in x", "concave: y in x", each with its box.

    Raises:
        SettingError: for names that are not there.
    """
    word = text.split(":")[0].strip().lower()
    words, box = _boxed(about, text, subject)
    left, _, right = words.partition(" in ")
    if not right:
        raise SettingError(f'"{text}" should read like "{word}: {subject.targets[0]} in {subject.names[-1]}".')
    target = _target(left.strip(), text, subject)
    order = 2 if word in ("convex", "concave") else 1
    low, high = (0.0, inf) if word in ("increasing", "convex") else (-inf, 0.0)
    found = list[Constraint]()
    for name in names_of(text, right, subject, f"{word}: y in x"):
        v = subject.variable(name, text)
        found.append(Shape(text, subject, target, (v,) * order, low, high, box))
    return found


def read_finite(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "finite" or "finite: y for x in [0, 10]".

    Raises:
        SettingError: for names that are not there.
    """
    words, box = _boxed(f" {about} ", text, subject)
    targets = range(subject.n_targets) if not words else [_target(piece, text, subject) for piece in split(words)]
    return [Shape(text, subject, target, (), -inf, inf, box) for target in targets]


def read_positive(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "positive: y" of a formula, with its box.

    Raises:
        SettingError: for names that are not there.
    """
    words, box = _boxed(about, text, subject)
    targets = range(subject.n_targets) if not words else [_target(piece, text, subject) for piece in split(words)]
    return [Shape(text, subject, target, (), 0.0, inf, box) for target in targets]


def read_bounds(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "0 <= y <= 10" of a formula, or "dS/dt <= 0" of a right-hand side, each with its box.

    Raises:
        SettingError: where it is no comparison with numbers.
    """
    words, box = _boxed(about or text, text, subject)
    line = line_of(words, subject)
    tree = tree_of(line)
    compare = cast("ast.Compare", tree)
    if not isinstance(tree, ast.Compare) or not set(operators(compare)) <= {"<", "<=", ">", ">="}:
        raise SettingError(f'"{text}" should compare with numbers, such as "0 <= {subject.targets[0]} <= 10".')
    sides, signs = [compare.left, *compare.comparators], operators(compare)
    middle = [k for k, side in enumerate(sides) if isinstance(side, ast.Name)]
    if len(middle) != 1:
        raise SettingError(f'"{text}" should compare one thing with numbers.')
    name = cast("ast.Name", sides[middle[0]]).id
    target = line.lefts[name] if name in line.lefts else subject.target(line.name(name), text)
    low, high = -inf, inf
    for k, sign in enumerate(signs):
        is_left = k + 1 == middle[0]
        value = number(text, line.written(sides[k] if is_left else sides[k + 1]))
        above = (sign in ("<", "<=")) == is_left
        low, high = (max(low, value), high) if above else (low, min(high, value))
    return [Shape(text, subject, target, (), low, high, box)]
