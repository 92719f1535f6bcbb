"""Variation: how a skeleton becomes another, and all small ones in order of size."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from discover.symbolic.skeletons import (
    COLUMN,
    FREE_POWER,
    FUNCTION,
    POWER,
    Factor,
    Sum,
    Term,
    canonical,
    size,
)

EXPONENTS = (-4, -2, -1, 1, 4, 6)
"""Twice the exponents that a column is given beside 1."""

Path = tuple[tuple[int, int], ...]
"""From the outermost sum down to one inside: (term, factor) at every function."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What skeletons are made of.

    Attributes:
        n_columns: how many columns there are.
        positive: those that are positive on every row, which may stand under roots and free powers.
        nonzero: those that are nowhere zero, which may be divided by.
        functions: numbers of the functions.
        powers: whether columns may have other exponents than 1.
        free_powers: whether exponents may be constants.
    """

    n_columns: int
    positive: frozenset[int]
    nonzero: frozenset[int]
    functions: tuple[int, ...]
    powers: bool = True
    free_powers: bool = True

    def exponents(self, column: int) -> list[int]:
        """Return twice the exponents that a column may have, 1 the first."""
        found = [2]
        if self.powers:
            found += [
                e for e in EXPONENTS if (e % 2 == 0 or column in self.positive) and (e > 0 or column in self.nonzero)
            ]
        return found


def small(alphabet: Alphabet, largest: int, most: int) -> Iterator[Sum]:
    """Yield all skeletons in order of size, at most so many.

    >>> from discover.symbolic.skeletons import EXP
    >>> x = Alphabet(1, frozenset(), frozenset(), (EXP,), free_powers=False)
    >>> [size(one) for one in small(x, 2, 100)]
    [1, 2, 2]
    """
    factors: dict[int, list[Factor]] = {}
    terms: dict[int, list[Term]] = {}
    sums: dict[int, list[Sum]] = {}
    n_yielded = 0
    for n in range(1, largest + 1):
        factors[n] = _factors(alphabet, n, sums)
        terms[n] = list(dict.fromkeys(_joined(factors, n, most)))
        found: dict[Sum, None] = {}
        for parts in _joined(terms, n, most):
            body = canonical(parts)
            if body is not None and size(body) == n:
                found[body] = None
        sums[n] = list(found)
        for body in found:
            yield body
            n_yielded += 1
            if n_yielded >= most:
                return


def _factors(alphabet: Alphabet, n: int, sums: dict[int, list[Sum]]) -> list[Factor]:
    found: list[Factor] = []
    for column in range(alphabet.n_columns):
        powers: list[Factor] = [(COLUMN, column, exponent) for exponent in alphabet.exponents(column)]
        found += [factor for factor in powers if size(((factor,),)) == n]
        if n == 2 and alphabet.free_powers and column in alphabet.positive:
            found.append((FREE_POWER, column, 0))
    for function in alphabet.functions:
        found += [(FUNCTION, function, body) for body in sums.get(n - 1 - (function == POWER), ())]
    return found


def _joined(parts: dict[int, list[Any]], n: int, most: int) -> Iterator[tuple[Any, ...]]:
    """Yield sorted tuples of parts whose sizes add up to n."""
    n_yielded = 0
    for sizes in _partitions(n, n):
        for chosen in _choices(parts, sizes):
            yield chosen
            n_yielded += 1
            if n_yielded >= most:
                return


def _partitions(n: int, largest: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways to write n as a sum of falling numbers."""
    if n == 0:
        yield ()
    for first in range(min(n, largest), 0, -1):
        for rest in _partitions(n - first, first):
            yield (first, *rest)


def _choices(parts: dict[int, list[Any]], sizes: tuple[int, ...]) -> Iterator[tuple[Any, ...]]:
    if not sizes:
        yield ()
        return
    n = sizes.count(sizes[0])
    for mine in combinations_with_replacement(parts.get(sizes[0], ()), n):
        for rest in _choices(parts, sizes[n:]):
            yield tuple(sorted((*mine, *rest)))


class Variation:
    """Makes skeletons out of skeletons, from one generator.

    Args:
        alphabet: what they are made of.
        rng: what every choice comes from.
        largest: size that they may have.
        deepest: functions inside each other that they may have.
    """

    def __init__(self, alphabet: Alphabet, rng: np.random.Generator, largest: int) -> None:
        self.alphabet, self.rng, self.largest = alphabet, rng, largest
        self.moves: tuple[tuple[float, Callable[[Sum, Sum], Sum]], ...] = (
            (3.0, self.with_term),
            (1.5, self.without_term),
            (3.0, self.times_factor),
            (1.5, self.without_factor),
            (1.5, self.other_exponent),
            (1.0, self.other_column),
            (2.0, self.wrapped_term),
            (1.5, self.wrapped),
            (1.0, self.unwrapped),
            (1.0, self.other_function),
            (3.0, self.crossed),
        )
        weights = np.array([weight for weight, _ in self.moves])
        self.cumulated = np.cumsum(weights / weights.sum())

    def child(self, body: Sum, mate: Sum) -> Sum | None:
        """Return a variation of a skeleton, None where it is none, or too large."""
        for _ in range(1 + (self.rng.random() < 0.3)):
            path = self.pick(list(paths(body)), 0.5)
            _, move = self.moves[int(np.searchsorted(self.cumulated, self.rng.random()))]
            made = canonical(replaced(body, path, move(at(body, path), mate)))
            if made is None or size(made) > self.largest:
                return None
            body = made
        return body

    def pick(self, options: Sequence[Any], first: float = 0.0) -> Any:
        """Return one of some options, the first one with at least this probability."""
        if first and self.rng.random() < first:
            return options[0]
        return options[int(self.rng.integers(len(options)))]

    def factor(self) -> Factor:
        """Return a small factor."""
        column = int(self.rng.integers(self.alphabet.n_columns))
        u = self.rng.random()
        if u < 0.45 or not self.alphabet.functions:
            return (COLUMN, column, self.pick(self.alphabet.exponents(column), 0.6))
        if u < 0.5 and self.alphabet.free_powers and column in self.alphabet.positive:
            return (FREE_POWER, column, 0)
        inside = [self.monomial()]
        if self.rng.random() < 0.25:
            inside.append(self.monomial())
        return (FUNCTION, self.pick(self.alphabet.functions), tuple(inside))

    def monomial(self) -> Term:
        """Return a product of one or two powers of columns."""
        found = []
        for _ in range(1 + (self.rng.random() < 0.3)):
            column = int(self.rng.integers(self.alphabet.n_columns))
            found.append((COLUMN, column, self.pick(self.alphabet.exponents(column), 0.6)))
        return tuple(found)

    def term(self) -> Term:
        """Return a product of one or two small factors."""
        return (self.factor(), self.factor()) if self.rng.random() < 0.35 else (self.factor(),)

    def with_term(self, body: Sum, mate: Sum) -> Sum:
        """Add a term."""
        return (*body, self.term())

    def without_term(self, body: Sum, mate: Sum) -> Sum:
        """Leave a term out."""
        k = int(self.rng.integers(len(body)))
        return (*body[:k], *body[k + 1 :])

    def times_factor(self, body: Sum, mate: Sum) -> Sum:
        """Multiply a term by a factor."""
        k = int(self.rng.integers(len(body)))
        return (*body[:k], (*body[k], self.factor()), *body[k + 1 :])

    def without_factor(self, body: Sum, mate: Sum) -> Sum:
        """Leave a factor out."""
        k = int(self.rng.integers(len(body)))
        i = int(self.rng.integers(len(body[k])))
        return (*body[:k], (*body[k][:i], *body[k][i + 1 :]), *body[k + 1 :])

    def other_exponent(self, body: Sum, mate: Sum) -> Sum:
        """Change the exponent of a column."""
        return self.exchanged(body, lambda kind: kind != FUNCTION, self._exponent)

    def _exponent(self, kind: int, which: int, rest: Any) -> Factor:
        if self.alphabet.free_powers and kind == COLUMN and which in self.alphabet.positive and self.rng.random() < 0.3:
            return (FREE_POWER, which, 0)
        return (COLUMN, which, self.pick(self.alphabet.exponents(which)))

    def other_column(self, body: Sum, mate: Sum) -> Sum:
        """Change a column."""
        return self.exchanged(body, lambda kind: kind != FUNCTION, self._column)

    def _column(self, kind: int, which: int, rest: Any) -> Factor:
        column = int(self.rng.integers(self.alphabet.n_columns))
        exponents = self.alphabet.exponents(column)
        return (COLUMN, column, rest if rest in exponents else 2)

    def other_function(self, body: Sum, mate: Sum) -> Sum:
        """Change a function."""
        if not self.alphabet.functions:
            return body
        return self.exchanged(
            body,
            lambda kind: kind == FUNCTION,
            lambda kind, which, rest: (kind, self.pick(self.alphabet.functions), rest),
        )

    def exchanged(self, body: Sum, fits: Callable[[int], bool], change: Callable[[int, int, Any], Factor]) -> Sum:
        """Return the sum with one of the factors that fit changed."""
        options = [(k, i) for k, term in enumerate(body) for i, factor in enumerate(term) if fits(factor[0])]
        if not options:
            return body
        k, i = self.pick(options)
        term = (*body[k][:i], change(*body[k][i]), *body[k][i + 1 :])
        return (*body[:k], term, *body[k + 1 :])

    def wrapped_term(self, body: Sum, mate: Sum) -> Sum:
        """Put one term, or a factor of it, into a function."""
        if not self.alphabet.functions:
            return body
        k = int(self.rng.integers(len(body)))
        function, term = self.pick(self.alphabet.functions), body[k]
        if len(term) > 1 and self.rng.random() < 0.5:
            i = int(self.rng.integers(len(term)))
            inside: Term = (*term[:i], (FUNCTION, function, ((term[i],),)), *term[i + 1 :])
        else:
            inside = ((FUNCTION, function, (term,)),)
        return (*body[:k], inside, *body[k + 1 :])

    def wrapped(self, body: Sum, mate: Sum) -> Sum:
        """Put the whole sum into a function."""
        return (((FUNCTION, self.pick(self.alphabet.functions), body),),) if self.alphabet.functions else body

    def unwrapped(self, body: Sum, mate: Sum) -> Sum:
        """Replace the term of a function by the terms inside of it."""
        options = [(k, i) for k, term in enumerate(body) for i, factor in enumerate(term) if factor[0] == FUNCTION]
        if not options:
            return body
        k, i = self.pick(options)
        rest = (*body[k][:i], *body[k][i + 1 :])
        inner: Sum = tuple((*term, *rest) for term in body[k][i][2])
        return (*body[:k], *inner, *body[k + 1 :])

    def crossed(self, body: Sum, mate: Sum) -> Sum:
        """Add, or multiply by, something of the mate's."""
        other = at(mate, self.pick(list(paths(mate)), 0.5))
        term = self.pick(other)
        u = self.rng.random()
        if u < 0.4:
            return (*body, term)
        if u < 0.7:
            k = int(self.rng.integers(len(body)))
            return (*body[:k], (*body[k], self.pick(term)), *body[k + 1 :])
        if u < 0.85:
            k = int(self.rng.integers(len(body)))
            return (*body[:k], term, *body[k + 1 :])
        return other


def paths(body: Sum) -> Iterator[Path]:
    """Yield the paths to all sums in a sum, itself the first."""
    yield ()
    for k, term in enumerate(body):
        for i, (kind, _, rest) in enumerate(term):
            if kind == FUNCTION:
                for path in paths(rest):
                    yield ((k, i), *path)


def at(body: Sum, path: Path) -> Sum:
    """Return the sum at a path."""
    for k, i in path:
        body = body[k][i][2]
    return body


def replaced(body: Sum, path: Path, by: Sum) -> Sum:
    """Return a sum with the one at a path replaced."""
    if not path:
        return by
    k, i = path[0]
    kind, which, rest = body[k][i]
    factor = (kind, which, replaced(rest, path[1:], by))
    term = (*body[k][:i], factor, *body[k][i + 1 :])
    return (*body[:k], term, *body[k + 1 :])
