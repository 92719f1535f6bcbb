"""The symmetries that a law is asked about when nobody required any: mirrors, turns, shifts, scales, time run back.

A few hundred changes are compared with the right-hand sides at measured values, loosely; those that are left are
written in the grammar of requirements, so what is suggested can be required word for word. Which powers of scale a
law allows is read off the exponents of its terms, the null space of a small matrix.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations
from math import gcd, lcm

import numpy as np

from discover.errors import ExpressionError, SettingError
from discover.expr import Expr, has_derivative, variable
from discover.expr.expansion import expand
from discover.inference.symmetry import Image, Symmetry
from discover.physics.grammar import statements
from discover.physics.samples import points, rates
from discover.physics.subject import Subject, subject_of
from discover.problem import Array, Problem

UNLIKE = 0.5
"""Share of the rates by which a change may miss at measured values and still be asked about: errors may be large."""

MOST_STATES = 6
"""States up to which changes of several of them are counted out; beyond, only those of all or of one."""

FACTOR = 1.3
"""Factor of the changes of scale that stand for all of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """A requirement, what it does, and which discrete changes come with a continuous one."""

    text: str
    images: tuple[Image, ...]
    implied: tuple[Image, ...] = ()
    is_discrete: bool = True


def symmetries(problem: Problem, system: Sequence[Expr]) -> Iterator[Symmetry]:
    """Yield the symmetries that right-hand sides, one a target, may have, the simplest first.

    Args:
        problem: whose variables and measured values.
        system: the right-hand sides.
    """
    subject = subject_of(problem)
    fits = _comparison(problem, system)
    for one in _changes(problem, subject, system):
        if all(map(fits, one.images)):
            try:
                constraints = statements([one.text], subject)
            except (SettingError, ExpressionError):  # of a kind that laws of this formulation cannot be held to
                continue
            yield Symmetry(one.text, constraints, one.images, one.implied, one.is_discrete)


def _comparison(problem: Problem, system: Sequence[Expr]) -> Callable[[Image], bool]:
    """Return what says whether a change leaves the right-hand sides roughly as they are."""
    if any(has_derivative(one) for one in system):
        return lambda image: True
    X = points(problem, 500)
    here, n = rates(system, X), len(system)
    own = [problem.target_index(name) for name in problem.targets] if problem.formulation != "algebraic" else []
    size = np.sqrt(np.mean(here**2, axis=1))

    def fits(image: Image) -> bool:
        with np.errstate(all="ignore"):
            there = rates(system, image.of(X))
            M = image.matrix[np.ix_(own, own)] if own else np.eye(n)
            off = np.sqrt(np.mean((there - image.factor * (M @ here)) ** 2, axis=1))
        return bool((off <= UNLIKE * np.maximum(size, np.sqrt(np.mean(there**2, axis=1)))).all())

    return fits


def _changes(problem: Problem, subject: Subject, system: Sequence[Expr]) -> Iterator[Change]:
    n = problem.n_states
    plain = [v for v in range(len(problem.measured)) if v not in problem.coordinates]
    if not problem.space:
        yield from _turns(problem, subject, n)
        yield from _scales(problem, subject, system)
    yield from _shifts(problem, subject, n)
    yield from _mirrors(subject, plain, "symmetric", 1.0)
    yield from _exchanges(problem, subject, n)
    if not problem.space:
        yield from _thirds(problem, subject, n)
    if problem.formulation != "discrete" and set(problem.orders or (1,)) == {1}:
        yield from _mirrors(subject, plain, "reversible", -1.0)


def _mirrors(subject: Subject, plain: Sequence[int], word: str, factor: float) -> Iterator[Change]:
    n = len(subject.names)
    sizes = range(1, len(plain) + 1) if len(plain) <= MOST_STATES else (1, len(plain))
    for size in sizes:
        for some in combinations(plain, size):
            matrix = np.eye(n)
            matrix[some, some] = -1.0
            yield Change(_mapping(subject, word, {v: -variable(v) for v in some}), (_linear(matrix, factor),))


def _exchanges(problem: Problem, subject: Subject, n: int) -> Iterator[Change]:
    for order in _orders(n):
        moved = {v: w for v, w in enumerate(order) if v != w}
        if all(_alike(problem, v, w) for v, w in moved.items()):
            matrix = np.eye(len(subject.names))
            for v, w in moved.items():
                matrix[v, v], matrix[v, w] = 0.0, 1.0
            images = {v: variable(w) for v, w in moved.items()}
            yield Change(_mapping(subject, "symmetric", images), (_linear(matrix),))


def _orders(n: int) -> Iterator[tuple[int, ...]]:
    """Return orders of the states, those that move few first; of many states swaps, pairs of swaps and circles only."""
    if n <= 4:
        every = [order for order in permutations(range(n)) if order != tuple(range(n))]
        yield from sorted(every, key=lambda order: sum(v != w for v, w in enumerate(order)))
        return
    swaps = list(combinations(range(n), 2))
    yield from (_swapped(n, [pair]) for pair in swaps)
    if n <= MOST_STATES:
        yield from (_swapped(n, [a, b]) for a, b in combinations(swaps, 2) if not set(a) & set(b))
    yield from (tuple((v + step) % n for v in range(n)) for step in range(1, n) if n % step == 0)
    yield tuple(reversed(range(n)))


def _swapped(n: int, pairs: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    order = list(range(n))
    for a, b in pairs:
        order[a], order[b] = b, a
    return tuple(order)


def _pairs(problem: Problem, n: int) -> list[list[tuple[int, int]]]:
    """Return single pairs of states, then two pairs at a time."""
    if n > MOST_STATES:
        return []
    pairs = [pair for pair in combinations(range(n), 2) if _alike(problem, *pair)]
    return [[pair] for pair in pairs] + [[a, b] for a, b in combinations(pairs, 2) if not set(a) & set(b)]


def _turns(problem: Problem, subject: Subject, n: int) -> Iterator[Change]:
    for some in _pairs(problem, n):
        told = ", ".join(f"({_name(subject, a)}, {_name(subject, b)})" for a, b in some)
        images, parts = (
            tuple(_linear(_turned(subject, some, angle)) for angle in angles)
            for angles in ((0.9, 2.2), (np.pi, np.pi / 2.0, 2.0 * np.pi / 3.0))
        )
        yield Change(f"rotation: {told}", images, parts, False)


def _thirds(problem: Problem, subject: Subject, n: int) -> Iterator[Change]:
    """Return turns by a third of a circle, where not every angle would do."""
    for some in _pairs(problem, n):
        named = [(_name(subject, a), _name(subject, b)) for a, b in some]
        before = ", ".join(f"{a}, {b}" for a, b in named)
        after = ", ".join(f"-{a}/2 - sqrt(3)/2*{b}, sqrt(3)/2*{a} - {b}/2" for a, b in named)
        image = _linear(_turned(subject, some, 2.0 * np.pi / 3.0))
        yield Change(f"symmetric: ({before}) -> ({after})", (image,))


def _turned(subject: Subject, pairs: Sequence[tuple[int, int]], angle: float) -> Array:
    matrix, c, s = np.eye(len(subject.names)), np.cos(angle), np.sin(angle)
    for a, b in pairs:
        matrix[np.ix_((a, b), (a, b))] = [[c, -s], [s, c]]
    return matrix


def _shifts(problem: Problem, subject: Subject, n: int) -> Iterator[Change]:
    sizes = (1, 2, n) if n <= MOST_STATES else (1, n)
    identity = np.eye(len(subject.names))
    for size in sorted({min(size, n) for size in sizes}):
        for some in combinations(range(n), size):
            if all(_alike(problem, some[0], v) for v in some):
                step = 0.5 * max(problem.scale[v] for v in some)
                shifts = [np.where(np.isin(np.arange(len(identity)), some), sign * step, 0.0) for sign in (1.0, -1.0)]
                told = ", ".join(_name(subject, v) for v in some)
                yield Change(f"translation: {told}", tuple(Image(identity, shift) for shift in shifts), (), False)


def _scales(problem: Problem, subject: Subject, system: Sequence[Expr]) -> Iterator[Change]:
    """Return the changes of scale that the exponents of all terms allow."""
    n, order = len(problem.measured), max(problem.orders, default=1)
    for powers in _weights(problem, system, n):
        told = [f"{_name(subject, v)} = {power}" for v, power in enumerate(powers[:n]) if power]
        time = powers[n]
        if not told or (time and problem.formulation == "discrete"):
            continue
        told += [f"t = {time}"] if time else []
        images = [_scaled(subject, powers, order, factor) for factor in (FACTOR, 1.0 / FACTOR)]
        mirror = _scaled(subject, powers, order, -1.0)  # whole powers of -1 leave the terms in place too
        yield Change(f"scaling: {', '.join(told)}", tuple(images), (mirror,), False)


def _scaled(subject: Subject, powers: Sequence[int], order: int, factor: float) -> Image:
    scale = np.ones(len(subject.names))
    scale[: len(powers) - 1] = [factor**power for power in powers[:-1]]
    return _linear(np.diag(scale), factor ** (-powers[-1] * order))


def _weights(problem: Problem, system: Sequence[Expr], n: int) -> list[tuple[int, ...]]:
    """Return whole powers of one factor, for n variables and the time, that leave every term of a law in place."""
    rows: list[list[Fraction]] = []
    inside: set[int] = set()
    order, discrete = max(problem.orders, default=1), problem.formulation == "discrete"
    for i, expr in enumerate(system):
        for monomial in expand(expr):
            row = [Fraction(0)] * (n + 1)
            row[n] = Fraction(0 if discrete else order)
            row[problem.target_index(problem.targets[i])] -= 1
            for atom, power in monomial:
                if atom.size == 1 and float(power).is_integer() and atom.variables[0] < n:
                    row[atom.variables[0]] += int(power)
                else:
                    inside |= set(atom.variables)
            rows.append(row)
    if any(v >= n for v in inside):
        return []
    rows += [[Fraction(int(k == v)) for k in range(n + 1)] for v in inside]
    return [_whole(vector) for vector in _null_space(rows, n + 1)]


def _null_space(rows: list[list[Fraction]], n: int) -> list[list[Fraction]]:
    """Return a basis of the vectors (n,) that all rows are orthogonal to, exactly."""
    rows, pivots = [list(row) for row in rows], list[int]()
    for column in range(n):
        k = next((k for k in range(len(pivots), len(rows)) if rows[k][column]), None)
        if k is None:
            continue
        at = len(pivots)
        rows[at], rows[k] = rows[k], rows[at]
        rows[at] = [value / rows[at][column] for value in rows[at]]
        for j, row in enumerate(rows):
            if j != at and row[column]:
                rows[j] = [a - row[column] * b for a, b in zip(row, rows[at], strict=True)]
        pivots.append(column)
    found = []
    for free in (column for column in range(n) if column not in pivots):
        vector = [Fraction(int(column == free)) for column in range(n)]
        for at, column in enumerate(pivots):
            vector[column] = -rows[at][free]
        found.append(vector)
    return found


def _whole(vector: Sequence[Fraction]) -> tuple[int, ...]:
    below = lcm(*(value.denominator for value in vector))
    whole = [int(value * below) for value in vector]
    sign = 1 if next(value for value in whole if value) > 0 else -1
    return tuple(sign * value // gcd(*whole) for value in whole)


def _alike(problem: Problem, v: int, w: int) -> bool:
    """Return whether two variables may change places: their dimensions are the same, or one is unknown."""
    a, b = problem.dimensions[v], problem.dimensions[w]
    return a is None or b is None or a == b


def _linear(matrix: Array, factor: float = 1.0) -> Image:
    return Image(matrix, np.zeros(len(matrix)), factor)


def _name(subject: Subject, v: int) -> str:
    return subject.spelled(variable(v))


def _mapping(subject: Subject, word: str, images: dict[int, Expr]) -> str:
    """Return "word: (x, y) -> (-x, -y)"."""
    before = [_name(subject, v) for v in images]
    after = [subject.spelled(image) for image in images.values()]
    if len(before) == 1:
        return f"{word}: {before[0]} -> {after[0]}"
    return f"{word}: ({', '.join(before)}) -> ({', '.join(after)})"
