"""Columns: features of the states, each contracted by the test functions to rows, as a library's terms are.

A test function integrates any function of the data, so that a whole bank of expressions becomes the columns of a
regression for the price of one contraction each; so does a grid over a constant inside a template.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr, opened, simplify, variable
from discover.inference.description import PER_TOKEN, n_tokens
from discover.inference.fractions import points, summed
from discover.inference.rows import row_function, row_slice, stencil_of
from discover.inference.tameness import BENT, REACH
from discover.problem import Array, Block, Problem
from discover.symbolic.features import ARITHMETIC, EXPONENTIAL, TRIGONOMETRIC, Bank, Operators, bank
from discover_kernels import enumeration, opcodes

Index = NDArray[np.int64]

MOST_POINTS = 1500
"""Samples that features are looked at on."""

MOST_FEATURES, MOST_VALUES = 6000, 6_000_000
"""Features of one set of operators, and values of them that are held at a time."""

DEEPEST = 8
SIGNED = Operators("signed", (opcodes.SQUARE, opcodes.ABS))
PLAIN = (opcodes.SQUARE, enumeration.ONE_MINUS, enumeration.ONE_PLUS)
"""Operators of one argument that may stand within each other."""

SUMS = (opcodes.ADD, opcodes.SUB, enumeration.ONE_MINUS, enumeration.ONE_PLUS)
"""What joins features that stand in the bank by themselves: as columns they would say nothing new."""

SETS = (ARITHMETIC, SIGNED, TRIGONOMETRIC, EXPONENTIAL)

FREE = 10_000
"""Number from which on variables stand for the constants inside a feature while its tokens are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """What may stand in an equation before its coefficient, with the constants inside to begin with.

    Attributes:
        expr: over the problem's variables.
        places: which of its constants are to be fitted.
        saved: tokens that a name of its own would save: x/(K + x) is one function of x and K in the field's eyes.
    """

    expr: Expr
    places: tuple[int, ...] = ()
    saved: int = 0

    @property
    def surcharge(self) -> float:
        """What it costs to write down, on the scale of -2 ln(probability)."""
        form = opened(self.expr, self.places, FREE) if self.places else self.expr
        return 2.0 * PER_TOKEN * (n_tokens(form) - self.saved)


Allowed = Callable[[Feature], bool] | None
"""Whether a feature obeys the units; None where none are known."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Features and what rows make of them.

    Attributes:
        values: rows of every feature, all blocks one after the other, (n_columns, n_rows).
        group: columns that differ in constants inside alone share a number, (n_columns,).
        price: of writing each down, without what its constants cost, (n_columns,).
        n_inner: fitted constants inside each, (n_columns,).
        make: the feature of a column.
    """

    values: Array
    group: Index
    price: Array
    n_inner: Index
    make: Callable[[int], Feature]

    def __len__(self) -> int:
        return len(self.group)


def stretches(problem: Problem, seed: int) -> tuple[Block, ...]:
    """Return the blocks, or one stretch of each, drawn from the seed, that hold about `MOST_POINTS` samples."""
    blocks = [block for block in problem.blocks if block.n_rows]
    share = MOST_POINTS / max(1, sum(block.n_samples for block in blocks))
    if share >= 1.0:
        return tuple(blocks)
    found = []
    for k, block in enumerate(blocks):
        n = min(block.n_rows, max(10, int(share * block.n_rows)))
        first = int(np.random.default_rng([seed, k]).integers(0, block.n_rows - n + 1))
        found.append(row_slice(block, first, first + n))
    order = np.random.default_rng([seed, len(blocks)]).permutation(len(found))
    kept, total = [], 0
    for k in order.tolist():
        if total and total + found[k].n_samples > 2 * MOST_POINTS:
            break
        kept.append(k)
        total += found[k].n_samples
    return tuple(found[k] for k in sorted(kept))


def contracted(problem: Problem, blocks: Sequence[Block], values: Array) -> Array:
    """Return the rows (n, n_rows) of values (n, n_points) at the points of all blocks, one after the other."""
    found, at = [], 0
    for block in blocks:
        n = points(block, problem).shape[1]
        found.append(summed(block, problem, values[:, at : at + n]))
        at += n
    return np.concatenate(found, axis=1)


def at_points(problem: Problem, blocks: Sequence[Block]) -> Array:
    """Return the variables where features are evaluated, all blocks one after the other, (n_variables, n_points)."""
    return np.ascontiguousarray(np.concatenate([points(block, problem) for block in blocks], axis=1))


def given(problem: Problem, blocks: Sequence[Block], features: Sequence[Feature], prices: Sequence[float]) -> Columns:
    """Return the columns of features that are at hand, those that are not finite left out."""
    rows = row_function(problem, [feature.expr for feature in features])
    with np.errstate(all="ignore"):
        values = np.concatenate([rows(block) for block in blocks], axis=1)
    kept = np.flatnonzero(np.isfinite(values).all(axis=1) & (np.abs(values).max(axis=1) > 0))
    return Columns(
        values[kept],
        np.arange(len(kept)),
        np.array(prices, dtype=np.float64)[kept],
        np.array([len(features[k].places) for k in kept.tolist()], dtype=np.int64),
        lambda i: features[int(kept[i])],
    )


def enumerated(problem: Problem, blocks: Sequence[Block], operators: Operators, allowed: Allowed, seed: int) -> Columns:
    """Return the columns of all small expressions over the variables, by one set of operators."""
    X = at_points(problem, blocks)
    used = range(len(problem.measured))
    most = max(200, min(MOST_FEATURES, MOST_VALUES // X.shape[1]))
    found = bank([variable(v) for v in used], X[list(used)], operators, most, DEEPEST, seed=seed)
    features: dict[int, Feature] = {}

    def make(i: int) -> Feature:
        if i not in features:
            features[i] = Feature(simplify(found.expr(i)))
        return features[i]

    sound = _tame(found, X, _shifts(problem, blocks)) & (_nesting(found) <= 1)
    every = np.flatnonzero(sound & ~np.isin(found.op, SUMS))
    kept = np.array([i for i in every.tolist() if allowed is None or allowed(make(i))], dtype=np.int64)
    values = contracted(problem, blocks, np.ascontiguousarray(found.values[kept]))
    return Columns(
        values,
        np.arange(len(kept)),
        2.0 * PER_TOKEN * found.complexity[kept].astype(np.float64),
        np.zeros(len(kept), dtype=np.int64),
        lambda i: make(int(kept[i])),
    )


def _shifts(problem: Problem, blocks: Sequence[Block]) -> Array:
    """Return how far noise moves the variables where features are evaluated, (n_variables, n_points)."""
    found = []
    for block in blocks:
        noise = problem.noise_on(block)
        if problem.formulation == "strong":
            noise = noise[:, np.searchsorted(block.time, stencil_of(block).time)]
        found.append(REACH * noise)
    return np.concatenate(found, axis=1)


def _tame(found: Bank, X: Array, shifts: Array) -> NDArray[np.bool_]:
    """Return which features noise moves about in proportion, (n_features,); see `inference.tameness`."""
    n = len(found)
    kept, bent = np.ones(n, dtype=bool), np.zeros(n)
    size = np.abs(found.values).max(axis=1, initial=0.0)
    for v in range(X.shape[0]):
        if shifts[v].any():
            moved = [X.copy(), X.copy()]
            moved[0][v] += shifts[v]
            moved[1][v] -= shifts[v]
            up, down = (all_values(found, one) for one in moved)
            with np.errstate(all="ignore"):
                change = np.abs(up + down - 2.0 * found.values).max(axis=1, initial=0.0)
            kept &= np.isfinite(change)
            bent = np.maximum(bent, np.where(np.isfinite(change), change, np.inf))
    return kept & (bent <= BENT * np.ptp(found.values, axis=1) + 1e-12 * size)


def _steps(found: Bank) -> Iterator[tuple[int, int, int]]:
    """Yield how each feature is made, operands first."""
    yield from zip(found.op.tolist(), found.left.tolist(), found.right.tolist(), strict=True)


def all_values(found: Bank, X: Array) -> Array:
    """Return every feature of a bank for other values of its variables (n_variables, n_points); NaN where undefined."""
    V = np.empty((len(found), X.shape[1]))
    for i, (op, left, right) in enumerate(_steps(found)):
        if op == enumeration.LEAF:
            V[i] = X[left]
        elif right < 0:
            if not enumeration.one(op, V[left], V[i], len(V[i])):
                V[i] = np.nan
        else:
            enumeration.two(op, V[left], V[right], V[i], len(V[i]))
    return V


def _nesting(found: Bank) -> Index:
    """Return how many functions stand within each other in every feature at most, squares not counted."""
    count = np.zeros(len(found), dtype=np.int64)
    for i, (op, left, right) in enumerate(_steps(found)):
        if op != enumeration.LEAF:
            count[i] = max(count[left], count[right] if right >= 0 else 0) + (right < 0 and op not in PLAIN)
    return count


def joined(parts: Sequence[Columns]) -> Columns:
    """Return all columns as one, those that are another's multiple left out, the cheaper one kept."""
    ends = np.cumsum([0, *(len(part) for part in parts)])
    shifts = np.cumsum([0, *(int(part.group.max(initial=-1)) + 1 for part in parts)])
    values = np.concatenate([part.values for part in parts])
    group = np.concatenate([part.group + shift for part, shift in zip(parts, shifts, strict=False)])
    price = np.concatenate([part.price for part in parts])
    n_inner = np.concatenate([part.n_inner for part in parts])
    kept = _distinct(values, price + n_inner)

    def make(i: int) -> Feature:
        k = int(kept[i])
        part = int(np.searchsorted(ends, k, side="right")) - 1
        return parts[part].make(k - int(ends[part]))

    return Columns(np.ascontiguousarray(values[kept]), group[kept], price[kept], n_inner[kept], make)


def _distinct(values: Array, cost: Array) -> Index:
    """Return which lines to keep so that none is another's multiple, the cheapest of each kind."""
    norms = np.linalg.norm(values, axis=1)
    usable = np.flatnonzero(np.isfinite(norms) & (norms > 0))
    projections = np.random.default_rng(0).standard_normal((values.shape[1], 3))
    marks = (values[usable] / norms[usable, None]) @ projections
    marks *= np.sign(marks[:, :1])
    order = np.argsort(cost[usable], kind="stable")
    _, first = np.unique(np.round(marks[order] * 1e7).astype(np.int64), axis=0, return_index=True)
    return usable[np.sort(order[first])]
