"""Where the constants of a skeleton begin: inherited from its parent, and drawn where it has none.

Constants outside of functions are solved for and need no start. Those inside are drawn on the scale of
what they stand before: a rate reaches a few e-folds over the data, a frequency some cycles, a logarithm or
a root begins where its argument is positive.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from discover.symbolic.skeletons import (
    COLUMN,
    FUNCTION,
    FUNCTIONS,
    POWER,
    SIN,
    Place,
    Sum,
    Tape,
    Term,
)

Array = NDArray[np.float64]

N_STARTS = 16
INHERITED = 4
"""Starts that begin at the parent's constants where there are any, all but the first of them moved a little."""

MOVED = 0.3
WEAKEST, STRONGEST = 0.3, 6.0
"""Standard deviations of its argument that a function's coefficient reaches."""

NARROWEST = 0.03
"""Width of a peak, relative to the range of the data."""

MOST_CYCLES = 10.0
LARGEST_EXPONENT = 3.0
MOST_BLOCKS = 50_000


@dataclass(slots=True, eq=False)
class Starts:
    """Draws starts over some data.

    Attributes:
        X: values of the columns, shape (n_columns, n_rows).
        seed: what draws depend on, beside their number.
        n_drawn: how many blocks were drawn.
    """

    X: Array
    seed: tuple[int, ...]
    n_drawn: int = 0
    _blocks: dict[tuple[int, Sum], Array] = field(default_factory=dict)
    _terms: dict[Term, Array] = field(default_factory=dict)

    def of(self, made: Tape, parent: "tuple[Tape, Array] | None" = None) -> Array:
        """Return starts (N_STARTS, n_free) of a tape, and of what it was made from where that is known."""
        found = np.zeros((N_STARTS, made.n_free))
        for k, (function, body, first, _) in enumerate(made.places):
            block = self._block(function, body)
            # Rolled by another number for every function, so that its draws meet different ones of the others.
            found[:, first : first + block.shape[1]] = np.roll(block, 3 * k, axis=0)
        for k, (_, first) in enumerate(made.powers):
            found[:, first] = np.roll(np.linspace(-LARGEST_EXPONENT, LARGEST_EXPONENT, N_STARTS), 5 * k)
        if parent is not None:
            _inherited(found, made, *parent)
        return found

    def _block(self, function: int, body: Sum) -> Array:
        known = self._blocks.get((function, body))
        if known is None:
            if len(self._blocks) >= MOST_BLOCKS:
                self._blocks.clear()
            self.n_drawn += 1
            known = self._drawn(function, body, np.random.default_rng([*self.seed, self.n_drawn]))
            self._blocks[function, body] = known
        return known

    def _drawn(self, function: int, body: Sum, rng: np.random.Generator) -> Array:
        """Return the constants of one function: the offset, where it has one, the coefficients, the exponent."""
        T = np.array([self._values(term) for term in body])
        with np.errstate(over="ignore"):  # what is out of range counts as 1
            spread = np.maximum(T.std(axis=1), 1e-3 * np.abs(T).max(axis=1))
        spread[~((spread > 0) & np.isfinite(spread))] = 1.0
        shape = (N_STARTS, len(body))
        if function == SIN:
            spread = np.maximum(np.ptp(T, axis=1), 1e-3 * np.abs(T).max(axis=1))
            spread[~((spread > 0) & np.isfinite(spread))] = 1.0
            cycles = (
                rng.permuted(np.tile(np.arange(N_STARTS), (len(body), 1)), axis=1).T + rng.random(shape)
            ) / N_STARTS
            cycles[:, 0] = np.sort(cycles[:, 0])
            b = 2 * math.pi * MOST_CYCLES * cycles**1.5 / spread
        else:
            size = np.exp(rng.uniform(math.log(WEAKEST), math.log(STRONGEST), shape))
            b = rng.choice([-1.0, 1.0], shape) * size / spread
            self._centred(body, b, rng)
        if not FUNCTIONS[function].offset:
            return b
        reach = b @ T
        if function == SIN:
            offset = rng.uniform(0.0, 2 * math.pi, N_STARTS)
        elif FUNCTIONS[function].argument == "positive":
            span = np.maximum(np.ptp(reach, axis=1), 1e-12)
            offset = span * np.exp(rng.uniform(math.log(0.02), math.log(5.0), N_STARTS)) - reach.min(axis=1)
        else:
            offset = -reach[np.arange(N_STARTS), rng.integers(0, T.shape[1], N_STARTS)]
        parts = [offset[:, None], b]
        if function == POWER:
            parts.append(rng.uniform(-LARGEST_EXPONENT, LARGEST_EXPONENT, (N_STARTS, 1)))
        return np.nan_to_num(np.concatenate(parts, axis=1), nan=0.0, posinf=0.0, neginf=0.0)

    def _centred(self, body: Sum, b: Array, rng: np.random.Generator) -> None:
        """Let every other start of x and x² be a square around a place within the data, of a width below theirs."""
        for k, term in enumerate(body):
            square = ((COLUMN, term[0][1], 4),)
            if term != ((COLUMN, term[0][1], 2),) or square not in body:
                continue
            x = self.X[term[0][1]]
            n = len(b[::2])
            width = float(np.ptp(x)) * np.exp(rng.uniform(math.log(NARROWEST), 0.0, n))
            curvature = rng.choice([-1.0, -1.0, 1.0], n) * 0.5 / np.maximum(width, 1e-300) ** 2
            b[::2, body.index(square)] = curvature
            b[::2, k] = -2.0 * curvature * rng.choice(x, n)

    def _values(self, term: Term) -> Array:
        """Return a term on all rows, functions in it taken to run from 0 to 1 and free exponents to be 1."""
        known = self._terms.get(term)
        if known is None:
            if len(self._terms) >= MOST_BLOCKS:
                self._terms.clear()
            known = np.ones(self.X.shape[1])
            with np.errstate(all="ignore"):
                for kind, which, rest in term:
                    if kind == FUNCTION:
                        known = known * np.linspace(0.0, 1.0, self.X.shape[1])
                    else:
                        known = known * self.X[which] ** (rest / 2 if kind == COLUMN else 1.0)
            self._terms[term] = known = np.nan_to_num(known, nan=0.0, posinf=0.0, neginf=0.0)
        return known


def _inherited(found: Array, made: Tape, before: Tape, constants: Array) -> None:
    """Write the parent's constants into the first rows of some starts, where its functions are the same or nearly."""
    rows = np.arange(INHERITED)
    moved = 1.0 + MOVED * np.linspace(-1.0, 1.0, INHERITED) * (rows > 0)
    taken: set[int] = set()
    for function, body, first, _ in made.places:
        like = _likest(function, body, before.places, taken)
        if like is None:
            continue
        taken.add(like)
        its, offset = before.places[like][2], FUNCTIONS[function].offset
        known = before.places[like][1]
        if offset:
            found[:INHERITED, first] = constants[its]
        for k, term in enumerate(body):
            at = known.index(term) if term in known else -1
            value = constants[its + offset + at] if at >= 0 else 0.0
            found[:INHERITED, first + offset + k] = value * moved
        if function == POWER:
            found[:INHERITED, first + 1 + len(body)] = constants[its + 1 + len(known)]
    for column, first in made.powers:
        for its_column, at in before.powers:
            if its_column == column:
                found[:INHERITED, first] = constants[at] * moved


def _likest(function: int, body: Sum, places: Sequence[Place], taken: set[int]) -> int | None:
    """Return which place not yet taken has the same function and shares most terms, None where none does."""
    best, at = 0, None
    for k, (its, known, _, _) in enumerate(places):
        shared = len(set(body) & set(known)) + (body == known) if its == function and k not in taken else 0
        if shared > best:
            best, at = shared, k
    return at
