"""Grams of libraries where the derivatives are given, as few numbers a fold as the library allows.

The Gram of monomials holds every moment of the data many times over: with ten variables and degree three its
41 041 entries are 8 008 moments. Each is summed once. A moment of degree 2d, as a sorted list of 2d
variables (the constant being one of them), is its lower half times its upper half; the monomials whose
largest variable is v, times those whose smallest is v or more, give each moment exactly once, and make a
dense product. Other libraries keep the upper triangle.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import comb

import numpy as np
from threadpoolctl import threadpool_limits

from discover.expr import Expr, Polynomial, Program, compile_program, exponents
from discover.problem import Array, Index
from discover_kernels.gram import accumulate, accumulate_products, mirror

STRETCHES = 8
"""Pieces that threads share where there are fewer folds; fixed, so that the sums do not depend on the threads."""

SHORTEST = 4096
"""Samples below which a stretch is not cut further."""

WORTHWHILE = 60
"""Monomials from which on moments are cheaper than the Gram itself."""

START = 600.0
"""What beginning one more dense product costs, in sums."""

CHUNK = 16
"""Terms whose products with all others are looked up at once."""

GRAIN = 8
"""Rows and columns of a dense product are paid for in multiples of so many."""


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """One Gram a fold, every distinct entry kept once.

    Attributes:
        values: shape (n_folds, n_values).
        index: which value each entry of a Gram is, shape (n_terms + n_targets,) squared, symmetric.
    """

    values: Array
    index: Index

    @property
    def n_folds(self) -> int:
        return len(self.values)

    def gram(self, weights: Array | None = None) -> Array:
        """Return Σ weight · Gram over the folds, (n_terms + n_targets,) squared; without weights the plain sum."""
        total = self.values.sum(axis=0) if weights is None else np.asarray(weights, dtype=float) @ self.values
        return np.take(total, self.index)


def derivative_gram(
    X: Array, X_dot: Array, terms: Sequence[Expr], n_folds: int = 1, n_jobs: int | None = None
) -> Array:
    """Return the Gram of a library where the derivatives are given, streamed over contiguous folds.

    Args:
        X: states, shape (n_variables, n_samples).
        X_dot: their derivatives, shape (n_targets, n_samples).
        terms: the library.
        n_folds: how many contiguous stretches of samples get a Gram of their own.
        n_jobs: threads, None for one a core; the sums are in the same order at any number of them.

    Returns:
        shape (n_folds, n_terms + n_targets, n_terms + n_targets), symmetric.

    >>> import numpy as np
    >>> from discover.expr import Polynomial
    >>> X = np.array([[1.0, 2.0, 3.0]])
    >>> derivative_gram(X, 2 * X, Polynomial(1).build(["x"]))[0]
    array([[ 3.,  6., 12.],
           [ 6., 14., 28.],
           [12., 28., 56.]])
    """
    one = folded_gram(X, X_dot, terms, n_folds, n_jobs)
    return np.take(one.values, one.index, axis=1)


def folded_gram(X: Array, X_dot: Array, terms: Sequence[Expr], n_folds: int = 1, n_jobs: int | None = None) -> Folded:
    """Return what `derivative_gram` does, every distinct entry once: what `bagged` needs and no more.

    >>> import numpy as np
    >>> from discover.expr import Polynomial
    >>> X = np.random.default_rng(0).standard_normal((4, 500))
    >>> few = folded_gram(X, X, Polynomial(4).build("abcd"), n_folds=10)
    >>> few.values.shape, few.gram().shape
    ((10, 1621), (74, 74))
    """
    plan = _moments(terms, len(X), len(X_dot)) or _triangle(terms, len(X), len(X_dot))
    n = X.shape[1]
    n_stretches = n_folds * max(1, min(STRETCHES // n_folds, n // SHORTEST))
    edges = np.linspace(0, n, n_stretches + 1).astype(int)

    def summed(stretch: int) -> Array:
        part = slice(edges[stretch], edges[stretch + 1])
        return plan.sums(np.ascontiguousarray(X[:, part]), np.ascontiguousarray(X_dot[:, part]))

    values = np.zeros((n_folds, plan.n_values))
    # Many small products gain nothing from threads inside BLAS, which wait for each other on a busy machine.
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(n_jobs or os.cpu_count()) as pool:
        for stretch, sums in enumerate(pool.map(summed, range(n_stretches))):
            values[stretch * n_folds // n_stretches] += sums
    return Folded(values, plan.index)


@dataclass(frozen=True, slots=True, eq=False)
class _Triangle:
    """The upper triangle of the Gram of any library."""

    program: Program
    index: Index
    n_values: int

    def sums(self, X: Array, Y: Array) -> Array:
        q = len(self.index)
        G, program = np.zeros((1, q, q)), self.program
        accumulate(program.code, program.constants, len(X), program.n_rows, program.roots, X, Y, G[0])
        mirror(G)
        return G[0][np.triu_indices(q)]


def _triangle(terms: Sequence[Expr], n_variables: int, n_targets: int) -> "_Triangle":
    q = len(terms) + n_targets
    index = np.empty((q, q), dtype=np.int64)
    upper = np.triu_indices(q)
    index[upper] = index.T[upper] = np.arange(len(upper[0]))
    return _Triangle(compile_program(terms, n_variables), index, len(upper[0]))


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """Dense products that give every moment of a polynomial library once.

    Attributes:
        program: all monomials up to the degree.
        by_largest, by_smallest: their order by largest variable, and by smallest, the largest first.
        products: first and last row (by largest) and number of columns (by smallest) of each product.
    """

    program: Program
    by_largest: Index
    by_smallest: Index
    products: Index
    index: Index
    n_values: int

    def sums(self, X: Array, Y: Array) -> Array:
        program, out = self.program, np.zeros(self.n_values)
        rows, columns = program.roots[self.by_largest], program.roots[self.by_smallest]
        accumulate_products(
            program.code, program.constants, len(X), program.n_rows, rows, columns, self.products, X, Y, out
        )
        return out


def _moments(terms: Sequence[Expr], n_variables: int, n_targets: int) -> _Moments | None:
    """Return the plan for a library of all or most monomials up to a degree, None for others and for small ones."""
    found = [exponents(term) for term in terms] if len(terms) >= WORTHWHILE else [None]
    if None in found:
        return None
    powers = np.array([[one.get(v, 0) for v in range(n_variables)] for one in found if one is not None])
    degree = int(powers.sum(axis=1).max())
    n_all = comb(n_variables + degree, degree)
    if not degree or n_all > 1.5 * len(terms):
        return None
    names = [f"v{v}" for v in range(n_variables)]
    every = Polynomial(degree).build(names)
    told = [exponents(term) or {} for term in every]
    full = _homogeneous(np.array([[one.get(v, 0) for v in range(n_variables)] for one in told]), degree)
    largest = full.shape[1] - 1 - np.argmax(full[:, ::-1] > 0, axis=1)
    smallest = np.argmax(full > 0, axis=1)
    by_largest, by_smallest = np.argsort(largest, kind="stable"), np.argsort(-smallest, kind="stable")
    first = np.searchsorted(largest[by_largest], np.arange(full.shape[1] + 1))
    width = np.array([np.sum(smallest >= v) for v in range(full.shape[1])])
    products = _grouped(first, width)
    index, n_values = _entries(_homogeneous(powers, degree), full, by_largest, by_smallest, products, n_targets)
    return _Moments(compile_program(every, n_variables), by_largest, by_smallest, products, index, n_values)


def _homogeneous(powers: Index, degree: int) -> Index:
    """Return exponents with that of the constant before them, so that all have the same degree."""
    return np.column_stack([degree - powers.sum(axis=1), powers])


def _grouped(first: Index, width: Index) -> Index:
    """Return dense products (first row, last row, n_columns) that cover all variables at the least cost."""
    n = len(width)
    cost, cut = [0.0] + [np.inf] * n, [0] * (n + 1)
    for b in range(1, n + 1):
        for a in range(b):
            rows, columns = -(-(first[b] - first[a]) // GRAIN), -(-width[a] // GRAIN)
            price = cost[a] + float(rows * columns) * GRAIN**2 + START
            if price < cost[b]:
                cost[b], cut[b] = price, a
    found, b = [], n
    while b:
        found.append((first[cut[b]], first[b], width[cut[b]]))
        b = cut[b]
    return np.array(found[::-1], dtype=np.int64)


def _entries(
    powers: Index, full: Index, by_largest: Index, by_smallest: Index, products: Index, n_targets: int
) -> tuple[Index, int]:
    """Return which value each entry of the Gram is, and how many values there are."""
    degree, n_terms, n_all = int(full[0].sum()), len(powers), len(full)
    place = _Places(full)
    row_of, column_of = np.argsort(by_largest), np.argsort(by_smallest)
    sizes = (products[:, 1] - products[:, 0]) * products[:, 2]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    index = np.empty((n_terms + n_targets,) * 2, dtype=np.int64)
    for first in range(0, n_terms, CHUNK):  # few pairs at a time: this must not need more than the Grams
        last = min(first + CHUNK, n_terms)
        both = (powers[first:last, None] + powers[None]).reshape(-1, full.shape[1])
        lower = np.diff(np.minimum(np.cumsum(both, axis=1), degree), axis=1, prepend=0)
        rows, columns = row_of[place.of(lower)], column_of[place.of(both - lower)]
        which = np.searchsorted(products[:, 1], rows, side="right")
        values = offsets[which] + (rows - products[which, 0]) * products[which, 2] + columns
        index[first:last, :n_terms] = values.reshape(last - first, n_terms)
    mine, q = row_of[place.of(powers)], n_all + n_targets
    for t in range(n_targets):
        start = offsets[-1] + t * q
        index[n_terms + t, :n_terms] = index[:n_terms, n_terms + t] = start + mine
        index[n_terms + t, n_terms + t :] = index[n_terms + t :, n_terms + t] = start + np.arange(n_all + t, q)
    return index, int(offsets[-1]) + n_targets * q


class _Places:
    """Where each monomial stands in a list of them, found by a number that stands for its exponents."""

    def __init__(self, full: Index) -> None:
        # Odd numbers of 63 bits, sums of which wrap around: of a thousand monomials no two meet in 10^12 libraries.
        self.base = np.random.default_rng(full.shape).integers(0, 2**62, full.shape[1]) * 2 + 1
        numbers = full @ self.base
        self.order = np.argsort(numbers)
        self.numbers = numbers[self.order]

    def of(self, powers: Index) -> Index:
        """Return the place of each line of exponents, which has to be in the list."""
        return self.order[np.searchsorted(self.numbers, powers @ self.base)]
