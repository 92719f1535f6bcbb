"""Problem and Block: all that an engine ever sees of the data.

A block is what fits in memory: one gap-free stretch of one trajectory. Its *samples* are the
measured values; its *rows* are what is regressed: integrals of the samples against test functions
(weak form), or local values and derivatives (strong form). `Stencil` says which.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from discover.expr import Dimension, Expr, Library

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Errors = Literal["additive", "relative"]

LEAST_NOISE = 0.02
"""Of its root mean square: no sample is trusted more than fifty times as much as the typical one."""

WELL_KNOWN = 0.1
"""Relative error of a noise level up to which it is taken at its word."""


@dataclass(frozen=True, slots=True, eq=False)
class Stencil:
    """How the samples of one block become rows, as linear functionals of the samples.

    Row k of D^m(g), the m-th derivative by time of a function g of the variables, is
    Σ_j weights[m, shape[k], j] · g(X[:, start[k] + j]). In weak form weights[m] is the m-th derivative of a
    test function times quadrature weights, with the sign of integration by parts; in strong form it is the
    filter of a local polynomial for its m-th derivative (its value for m = 0).

    Attributes:
        start: first sample of each row's window, shape (n_rows,), increasing.
        shape: which line of weights a row uses, shape (n_rows,); one for all on a uniform grid.
        weights: shape (n_orders, n_shapes, width); weights[0] in time units (weak) or unitless (strong), and
            one time unit less for each order more.
        time: centre of each row's window, shape (n_rows,).
    """

    start: Index
    shape: Index
    weights: Array
    time: Array

    @property
    def width(self) -> int:
        """Samples that a row sees."""
        return self.weights.shape[2]

    @property
    def n_rows(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """Test functions along one axis of a field.

    Attributes:
        points: coordinates of the samples, shape (n_points,), increasing.
        centres: of the test functions, shape (n_queries,).
        weights: D^order of each test function times quadrature weights, with the sign of integration by
            parts, shape (n_orders, n_queries, n_points).
        half_width: in samples.
    """

    points: Array
    centres: Array
    weights: Array
    half_width: int


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """How the samples of a field become rows: a test function is a product of one an axis, time first.

    Attributes:
        axes: time, then space.
        kept: which combinations of query points are rows, increasing, shape (n_rows,): those whose window misses
            every gap in the data; None where that is all of them.
        missing: where a value is missing, shape (n_t, n_x, …); None where none is.
    """

    axes: tuple[Axis, ...]
    kept: Index | None = None
    missing: NDArray[np.bool_] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """How many query points each axis has; they are combined with the last axis fastest."""
        return tuple(len(axis.centres) for axis in self.axes)

    @property
    def n_queries(self) -> int:
        """Combinations of query points."""
        return int(np.prod(self.shape))

    @property
    def n_rows(self) -> int:
        return self.n_queries if self.kept is None else len(self.kept)

    def rows(self, values: Array) -> Array:
        """Return the rows among values (…, n_queries) at all combinations of query points."""
        return values if self.kept is None else np.ascontiguousarray(values[..., self.kept])

    def contract(self, values: Array, orders: tuple[int, ...], first: int = 0) -> Array:
        """Return rows of shape `shape`: values (n_t, n_x, …) against D^orders of the test functions.

        `first` is the number of the first time sample in `values`, for a field that comes in tiles.
        """
        for k in range(len(self.axes) - 1, 0, -1):
            values = np.moveaxis(np.tensordot(self.axes[k].weights[orders[k]], values, axes=(1, k)), 0, k)
        weights = self.axes[0].weights[orders[0]][:, first : first + len(values)]
        return np.asarray(np.tensordot(weights, values, axes=(1, 0)), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A gap-free stretch of one trajectory, or one recording of a field.

    Attributes:
        X: measured values, shape (n_variables, n_samples), of a field (n_variables, n_t, n_x, …); finite everywhere.
            Of a field larger than memory it is what reads slices of time from the file.
        Y: the left-hand side of every row, shape (n_targets, n_rows).
        time: shape (n_samples,), increasing.
        trajectory: label of the trajectory it was cut from.
        fold: the fold of every row, shape (n_rows,): hold-out and bootstrap resample folds.
        X_smooth: the samples after local polynomial smoothing, shape of X: where slopes are taken.
        stencil: how samples become rows; a Grid on a field.
        chance: variance that chance itself, not the measurement, adds to each row's left-hand side, shape of Y:
            noise in the steps of a map, diffusion; None where there is none.
        X_dot: derivatives by time of the same local polynomials, from the first on, shape (n_derivatives,
            n_variables, n_samples); for products such as x·x′, which no test function can take them from.
        precision: one over the variance of the errors of each row's left-hand side, shape of Y, up to a factor unless
            the problem knows its errors; None where all are equal.
        known: what was computed from the samples of a field and is kept, since every reading of a file counts; a
            block made by `replace` starts without.
    """

    X: Array
    Y: Array
    time: Array
    trajectory: str
    fold: Index
    X_smooth: Array
    stencil: Stencil | Grid
    chance: Array | None = None
    X_dot: Array = field(default_factory=lambda: np.empty((0, 0, 0)))
    precision: Array | None = None
    known: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def n_samples(self) -> int:
        return prod(self.X.shape[1:])

    @property
    def n_rows(self) -> int:
        return self.Y.shape[1]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Data made ready for a search: names, dimensions, targets and blocks.

    Attributes:
        names: every variable an expression may use, states first, then inputs.
        n_states: how many of them are states, that is, have an equation of their own.
        targets: the variables whose left-hand sides the rows of Y are, in that order.
        units: text of each variable's unit, None where unknown.
        dimensions: its dimension, None where unknown.
        time: name of the independent variable, `time_unit` and `time_dimension` its unit.
        formulation: "weak", "strong", "discrete" or "stochastic".
        half_width: half-width of the stencils in samples: the time scale on which rows see the data.
        noise: estimated standard deviation of the noise on each variable, shape (n_variables,).
        relative: the noise on each state as a share of its value, shape (n_states,), where it grows with
            the value and all values are positive; else None.
        noise_error: relative standard error of that estimate.
        scale: spread of each variable (standard deviation), shape (n_variables,).
        blocks: the data.
        space: names of the space coordinates, empty for trajectories; `space_units` their units.
        orders: how often each left-hand side is differentiated by time, 2 for x″; empty for once each.
        clock: the variable that is the time itself, the last input; None where no term needs it.
        cases: labels of the cases that share one form with coefficients of their own; their indicators, 1 in the
            case and 0 elsewhere, are the last variables. `by` is what the cases are called after.
        diffusion: terms on offer for g² of a stochastic equation; None for those of its drift.
        case_noise: the noise of each case over `noise`, shape (n_cases, n_variables); None where all have the same.
        growing: a and b of the variance a² + b²x² of the noise, each (n_variables,), where it grows with the size
            of values that change their sign; else None. `noise` is then its root mean square.
        knows_errors: whether somebody said how large the errors of the target are, so that chi-square means something.
        notes: what the reader should be told about how the data were prepared.
        constraints: what a law must obey, each a `discover.contract.Constraint`.
    """

    names: tuple[str, ...]
    n_states: int
    targets: tuple[str, ...]
    units: tuple[str | None, ...]
    dimensions: tuple[Dimension | None, ...]
    time: str
    time_unit: str | None
    time_dimension: Dimension | None
    formulation: str
    half_width: int
    noise: Array
    relative: Array | None
    noise_error: float
    scale: Array
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    space: tuple[str, ...] = ()
    space_units: tuple[str | None, ...] = ()
    orders: tuple[int, ...] = ()
    clock: int | None = None
    cases: tuple[str, ...] = ()
    by: str = ""
    case_noise: Array | None = None
    diffusion: Library | None = None
    growing: tuple[Array, Array] | None = None
    knows_errors: bool = False
    constraints: tuple[Any, ...] = ()

    def __iter__(self) -> Iterator[Block]:
        return iter(self.blocks)

    @property
    def n_variables(self) -> int:
        return len(self.names)

    @property
    def order(self) -> int:
        """How often a left-hand side is differentiated by time at most."""
        return max(self.orders, default=1)

    def order_of(self, target: int) -> int:
        """Return how often the left-hand side of a target, by its number, is differentiated by time."""
        return self.orders[target] if self.orders else 1

    @property
    def measured(self) -> tuple[str, ...]:
        """The variables but for coordinates and the indicators of cases."""
        clock = [] if self.clock is None else [self.clock]
        return self.names[: min([len(self.names) - len(self.cases), *clock, *self.coordinates])]

    @property
    def n_plain(self) -> int:
        """How many variables are no indicators of cases."""
        return len(self.names) - len(self.cases)

    @property
    def coordinates(self) -> dict[int, int]:
        """The variables that are coordinates themselves, and the number of their axis, time first."""
        axes = (self.time, *self.space)
        return {v: axes.index(name) for v, name in enumerate(self.names) if v >= self.n_states and name in axes}

    @property
    def is_weak_field(self) -> bool:
        """Whether rows are integrals over space and time."""
        return bool(self.space) and self.formulation == "weak"

    def is_absent(self, term: Expr, block: Block) -> bool:
        """Return whether a term is that of another case, and so nothing but zeros on a block."""
        return bool(self.cases) and any(not block.X[v].flat[0] for v in term.variables if v >= self.n_plain)

    @property
    def n_rows(self) -> int:
        return sum(block.n_rows for block in self.blocks)

    @property
    def n_folds(self) -> int:
        return 1 + max((int(block.fold.max()) for block in self.blocks if block.n_rows), default=-1)

    @property
    def n_samples(self) -> int:
        return sum(block.n_samples for block in self.blocks)

    @property
    def errors(self) -> Errors:
        return "additive" if self.relative is None else "relative"

    def loudness(self, block: Block) -> Array:
        """Return by what the noise of a block's case differs from `noise`, shape (n_variables,)."""
        if self.case_noise is None:
            return np.ones(len(self.names))
        return self.case_noise[int(np.argmax([block.X[v].flat[0] for v in range(self.n_plain, len(self.names))]))]

    def noise_on(self, block: Block) -> Array:
        """Return the standard deviation of the noise on every sample of a block, (n_variables, n_samples).

        A share of the value is trusted near zero only where it is well known.
        """
        noise = np.repeat((self.noise * self.loudness(block))[:, None], block.n_samples, axis=1)
        if self.relative is not None and self.noise_error < WELL_KNOWN:
            noise[: self.n_states] = self.relative[:, None] * np.abs(block.X_smooth[: self.n_states])
        if self.growing is not None:
            base, share = (part[:, None] for part in self.growing)
            m = len(base)  # variables that were added for the time or for cases have no noise
            squares = np.pad(block.X_smooth[:m] ** 2, ((0, 0), (1, 1)), mode="edge")
            local = (squares[:, :-2] + squares[:, 1:-1] + squares[:, 2:]) / 3.0  # never zero where a value crosses it
            grown = np.sqrt(base**2 + share**2 * local) * self.loudness(block)[:m, None]
            noise[:m] = np.maximum(grown, LEAST_NOISE * noise[:m])
        return noise

    @property
    def is_random(self) -> bool:
        """Whether chance moves the states themselves, so that no trajectory of a law can follow them."""
        return self.formulation == "stochastic" or any(b.chance is not None and b.chance.any() for b in self.blocks)

    def reference(self, i: int) -> float:
        """Return what R² of target i compares with: no change, or for the next value of a map the mean of all."""
        if self.formulation != "discrete":
            return 0.0
        return float(np.average([np.mean(b.Y[i]) for b in self.blocks], weights=[b.n_rows for b in self.blocks]))

    def target_index(self, target: str) -> int:
        """Return which variable `target` is."""
        return self.names.index(target)
