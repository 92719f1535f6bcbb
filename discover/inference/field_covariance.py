"""What noise in the samples does to the rows of a field.

The residual of a candidate moves with the noise e of variable l by Σ_p c_p Σ D^aφ · S_pl e_l over the parts
D^a(h_p) of its terms, with S_pl = ∂h_p/∂u_l. Test functions are products, so the covariance of two rows is a product
of axis-wise overlaps weighted by S_pl S_ql, and comes out of one small contraction an axis. It is a quadratic form in
the coefficients: what a pair of parts contributes is computed once, and candidates share it.

Under heavy noise the slopes are averages over noisy samples, and the next order of the noise counts too: ½ σ⁴ (∂²h)²
(Hermite expansion).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

import numpy as np

from discover.data.contraction import Cells, Job, Orders, cell_means, stream
from discover.data.smooth import is_uniform
from discover.expr import Expr, differentiate
from discover.inference.surroundings import Spanned
from discover.problem import Array, Axis, Grid, Index

CELLS = (8, 6, 4, 3, 2)
"""Cells a half-width on which slopes are averaged for the covariance: the first that is not too many in all."""

MOST_CELLS = 2**19
"""Cells in all on which the slopes of one function are kept."""

REMEMBERED = 2**25
"""Numbers kept of what pairs of parts contribute (256 MiB), the latest ones."""

Part = tuple[Orders, Expr]
"""(a, h) of D^a(h), as the mean over the noise has it."""


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Pairs of test functions of one axis that share samples, on cells.

    Attributes:
        left, right: which two, shape (n_pairs,); along time left is not before right, since a covariance is symmetric.
        weights: D^order of every test function on cells, shape (n_orders, n_queries, n_cells), such that
            the sum over cells of a product of two is the sum over samples.
        cells: those that some test function reaches into.
    """

    left: Index
    right: Index
    weights: Array
    cells: Cells

    def products(self, a: int, b: int) -> Array:
        """Return D^a φ_left · D^b φ_right on the cells, shape (n_pairs, n_cells)."""
        return self.weights[a][self.left] * self.weights[b][self.right]


def overlaps(grid: Grid) -> list[Overlaps]:
    """Return the overlapping pairs of every axis."""
    found = list[Overlaps]()
    for per_width in CELLS:
        found = [_overlaps(axis, _width(axis, per_width), k > 0) for k, axis in enumerate(grid.axes)]
        if math.prod(len(pair.cells.used) for pair in found) <= MOST_CELLS:
            break
    return found


def _width(axis: Axis, per_width: int) -> int:
    """Return samples in a cell: one on an uneven axis, whose uneven weights squared an average would lose."""
    return max(1, axis.half_width // per_width) if is_uniform(axis.points) else 1


def _overlaps(axis: Axis, width: int, both_ways: bool) -> Overlaps:
    n_cells = len(axis.points) // width
    inside = axis.weights[..., : n_cells * width]
    cells = inside.reshape(*inside.shape[:2], n_cells, width)
    weights = np.sqrt(width) * cells.mean(axis=3)
    used = np.flatnonzero((weights != 0.0).any(axis=(0, 1)))
    weights = np.ascontiguousarray(weights[:, :, used])
    meet = (np.abs(weights[0]) > 0).astype(float)
    both = meet @ meet.T
    left, right = np.nonzero(both if both_ways else np.tril(both))
    return Overlaps(left.astype(np.int64), right.astype(np.int64), weights, Cells(width, used.astype(np.int64)))


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """First and second derivatives of the functions inside the terms, averaged over cells, when asked for.

    Attributes:
        X: samples of the block, (n_variables, n_t, n_x, …), and what else the terms need.
        grid: its test functions.
        pairs: which of them overlap, axis by axis.
        noise: standard deviation on each variable, (n_variables,).
        n_jobs: threads over the samples, None for one a core.
        parts: what the terms met so far are parts of, so that each is worked out once.
    """

    X: Array | Spanned
    grid: Grid
    pairs: list[Overlaps]
    noise: Array
    n_jobs: int | None = None
    parts: dict[Expr, tuple[Part, ...]] = field(default_factory=dict, repr=False)
    _known: dict[Expr, tuple[Array, Array]] = field(default_factory=dict, repr=False)
    _shared: dict[tuple[Part, Part], Array] = field(default_factory=dict, repr=False)
    _place: list[Index] = field(default_factory=list, repr=False)

    def prepare(self, functions: Sequence[Expr]) -> None:
        """Compute the slopes of functions that are not known yet, all in one pass over the samples."""
        jobs, keep = self.work(functions)
        stream(jobs, self.X, self.n_jobs)
        keep()

    def work(self, functions: Sequence[Expr]) -> tuple[list[Job], Callable[[], None]]:
        """Return the work of `prepare`, to be done in a pass that others share, and what is to be called after it."""
        new = [function for function in dict.fromkeys(functions) if function not in self._known]
        n, exprs = len(self.noise), list[Expr]()
        for function in new:
            first = [differentiate(function, v) for v in range(n)]
            exprs += first
            exprs += [differentiate(first[v], w) for v, w in combinations_with_replacement(range(n), 2)]
        jobs, values = cell_means(exprs, self.X.shape, [pair.cells for pair in self.pairs])
        each = n + n * (n + 1) // 2

        def keep() -> None:
            for f, function in enumerate(new):
                mine = values[f * each : (f + 1) * each]
                self._known[function] = (mine[:n], mine[n:])

        return jobs, keep

    def of(self, function: Expr) -> tuple[Array, Array]:
        """Return ∂f (n_variables, cells…) and ∂²f (n_pairs of variables, cells…) of a function that was prepared."""
        return self._known[function]

    def scales(self) -> tuple[Array, Array]:
        """Return by what slopes and curvatures are multiplied: σ, and √½ σ² or σσ′ by pairs of variables."""
        s, n = self.noise, len(self.noise)
        pairs = combinations_with_replacement(range(n), 2)
        return s, np.array([s[v] * s[w] * (np.sqrt(0.5) if v == w else 1.0) for v, w in pairs])

    def shared(self, p: Part, q: Part) -> Array:
        """Return what two parts contribute to the covariance, both ways round, (n_combinations of pairs,)."""
        if (p, q) not in self._shared:
            found = self._overlap(p, q)
            if p != q:
                found += self._overlap(q, p)
            if (len(self._shared) + 1) * found.size > REMEMBERED:
                self._shared.pop(next(iter(list(self._shared)), (p, q)), None)
            self._shared[p, q] = found
        return self._shared[p, q]

    def _overlap(self, p: Part, q: Part) -> Array:
        """Return the overlaps of D^a φ and D^b φ weighted by the slopes of two functions."""
        (a, f), (b, g) = p, q
        (slope, curve), (other, its_curve) = self._known[f], self._known[g]
        first, second = self.scales()
        weighted = np.einsum("v,v...,v...->...", first**2, slope, other)
        weighted += np.einsum("v,v...,v...->...", second**2, curve, its_curve)
        for k, pair in enumerate(self.pairs):  # the contracted axis goes to the end, so the next one is always first
            weighted = np.tensordot(weighted, pair.products(a[k], b[k]), axes=(0, 1))
        return weighted.ravel()

    def place(self) -> tuple[Index, Index]:
        """Return the rows that each combination of pairs along the axes stands for, both (n_combinations,)."""
        if not self._place:
            row = column = np.zeros(1, dtype=np.int64)
            for pair, n in zip(self.pairs, self.grid.shape, strict=True):
                row = (row[:, None] * n + pair.left).ravel()
                column = (column[:, None] * n + pair.right).ravel()
            self._place[:] = [row, column]
        row, column = self._place
        return row, column


def covariance_of(slopes: Slopes, parts: Sequence[Part], weights: Sequence[float]) -> Array:
    """Return the covariance of the residual Σ weight · D^a(h), shape (n_rows, n_rows).

    Args:
        slopes: of the block.
        parts: of the residual, the left-hand side with weight 1 among them; each at most once.
        weights: one number a part.
    """
    from scipy.linalg import get_blas_funcs

    slopes.prepare([function for _, function in parts])
    total = np.zeros(math.prod(len(pair.left) for pair in slopes.pairs))
    (add_multiple,) = get_blas_funcs(("axpy",), (total,))
    for i, j in combinations_with_replacement(range(len(parts)), 2):
        add_multiple(slopes.shared(parts[i], parts[j]), total, a=weights[i] * weights[j])
    n = slopes.grid.n_queries
    row, column = slopes.place()
    C = np.zeros((n, n))
    C[row, column] = total
    C[column, row] = total
    return C
