"""Features with a constant inside, over a grid of that constant: columns that say where its fit should begin."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from discover.expr import Expr, call, closed, compile_program, constant, divide, multiply, power, simplify, variable
from discover.inference.description import PER_TOKEN, n_tokens
from discover.problem import Array, Block, Problem
from discover.symbolic.columns import Allowed, Columns, Feature, at_points, contracted

N_GRID = 24
HIGHEST = 5
"""Exponent of a Hill function up to which it is tried."""

MOST_COLUMNS = 15_000
NAMED = 4
"""Tokens that the logistic function takes less by its name than written out."""

LARGEST, FLAT = 1e6, 1e-6
"""Largest magnitude relative to the median of a column's values, and the range below which it is flat."""

CLOSEST = 0.02
"""Distance of a pole from the data, relative to their range."""

Grid = Callable[[Array], Array]
"""Values u (n_points,) -> constants to try, (n_constants, n_grid)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One way a constant may stand inside.

    Attributes:
        build: from the argument u and the constants c to an expression.
        grid: the constants to try.
        kind: which arguments and factors it takes: "wave", "growth", "pole", "hill", "switch" or "power".
    """

    build: Callable[[Expr, Sequence[Expr]], Expr]
    grid: Grid
    kind: str


def _span(u: Array) -> float:
    return float(np.ptp(u)) or 1.0


def _frequencies(u: Array) -> Array:
    return np.geomspace(0.5, 20.0, N_GRID)[None] / _span(u)


def _rates(u: Array) -> Array:
    sizes = np.geomspace(0.3, 15.0, N_GRID // 2) / _span(u)
    return np.concatenate([-sizes, sizes])[None]


def _offsets(u: Array) -> Array:
    """Return c for which c + u has no zero near the data."""
    low, high = float(u.min()), float(u.max())
    margin = CLOSEST * (high - low)
    scale = max(abs(low), abs(high))
    sizes = scale * np.geomspace(0.01, 30.0, N_GRID)
    c = np.concatenate([sizes, -sizes]) if low < 0 or high > 0 else sizes
    return c[(c + low > margin) | (c + high < -margin)][None]


def _exponents(u: Array) -> Array:
    c = np.arange(-2.25, 3.6, 0.25)
    return c[c != np.round(c)][None] if u.min() > 0 else np.empty((1, 0))


def _switches(u: Array) -> Array:
    middle = np.quantile(u, [0.05, 0.25, 0.5, 0.75, 0.95])
    sizes = np.geomspace(2.0, 40.0, 7) / _span(u)
    c = np.array([(s, -s * m) for s, m in product(np.concatenate([-sizes, sizes]), middle)])
    return c.T


SHAPES = (
    Shape(lambda u, c: call("sin", multiply(c[0], u)), _frequencies, "wave"),
    Shape(lambda u, c: call("cos", multiply(c[0], u)), _frequencies, "wave"),
    Shape(lambda u, c: call("exp", multiply(c[0], u)), _rates, "growth"),
    Shape(lambda u, c: call("tanh", multiply(c[0], u)), lambda u: np.abs(_rates(u))[:, N_GRID // 2 :], "growth"),
    Shape(lambda u, c: c[0] + u, _offsets, "pole"),
    Shape(lambda u, c: call("log", c[0] + u), _offsets, "growth"),
    Shape(lambda u, c: divide(constant(1.0), 1 + call("exp", multiply(c[0], u) + c[1])), _switches, "switch"),
    Shape(lambda u, c: power(u, c[0]), _exponents, "power"),
)


def gridded(problem: Problem, blocks: Sequence[Block], allowed: Allowed) -> Iterator[Columns]:
    """Yield the columns of every shape, over its arguments, factors and grid."""
    X, n = at_points(problem, blocks), problem.n_variables
    for shape in SHAPES:
        values, groups, prices, sources = [], [], [], []
        for number, (argument, factor) in enumerate(_pairs(shape.kind, len(problem.measured), X)):
            u = _values(argument, X)
            grid = shape.grid(u) if np.isfinite(u).all() else np.empty((1, 0))
            constants = [variable(n + k) for k in range(len(grid))]
            inside = shape.build(argument, constants)
            form = divide(factor, inside) if shape.kind == "pole" else _times(factor, inside)
            saved = _saved(shape.kind, argument, factor)
            price = 2.0 * PER_TOKEN * (n_tokens(form) - saved)
            if not grid.size or (allowed is not None and not allowed(_feature(form, n, grid[:, 0], 0))):
                continue
            F = _over_grid(form, X, grid)
            for k in np.flatnonzero(_sound(F)).tolist():
                values.append(F[k])
                groups.append(number)
                prices.append(price)
                sources.append((form, grid[:, k], saved))
            if len(values) >= MOST_COLUMNS:
                break
        if values:
            yield _columns(problem, blocks, np.array(values), groups, prices, sources)


def _columns(
    problem: Problem,
    blocks: Sequence[Block],
    values: Array,
    groups: Sequence[int],
    prices: Sequence[float],
    sources: Sequence[tuple[Expr, Array, int]],
) -> Columns:
    return Columns(
        contracted(problem, blocks, values),
        np.array(groups, dtype=np.int64),
        np.array(prices, dtype=np.float64),
        np.full(len(values), len(sources[0][1]), dtype=np.int64),
        lambda i: _feature(sources[i][0], problem.n_variables, *sources[i][1:]),
    )


def _feature(form: Expr, n: int, constants: Array, saved: int) -> Feature:
    return Feature(*closed(form, n, constants.tolist()), saved)


def _saved(kind: str, argument: Expr, factor: Expr) -> int:
    """Return the tokens that are saved by naming what the field has a name for: Hill's and the logistic function."""
    if kind == "switch":
        return NAMED
    if kind != "pole" or set(argument.variables) & set(simplify(divide(factor, argument)).variables):
        return 0
    return n_tokens(argument) + 1


def _times(factor: Expr | None, inside: Expr) -> Expr:
    return inside if factor is None or factor.value == 1.0 else multiply(factor, inside)


def _values(expr: Expr, X: Array) -> Array:
    with np.errstate(all="ignore"):
        return compile_program([expr], len(X)).evaluate(X)[0]


def _over_grid(form: Expr, X: Array, grid: Array) -> Array:
    """Return a form's values at every point for each column of constants, (n_grid, n_points)."""
    n_points = X.shape[1]
    with np.errstate(all="ignore"):
        program = compile_program([form], len(X) + len(grid))
        return np.array(
            [program.evaluate(np.concatenate([X, np.repeat(c[:, None], n_points, axis=1)]))[0] for c in grid.T]
        )


def _sound(F: Array) -> Array:
    """Return which lines are finite, neither flat nor with a pole among the data."""
    size = np.abs(F).max(axis=1)
    with np.errstate(all="ignore"):
        typical = np.median(np.abs(F), axis=1)
        return np.isfinite(F).all(axis=1) & (np.ptp(F, axis=1) > FLAT * size) & (size < LARGEST * typical)


def _pairs(kind: str, d: int, X: Array) -> Iterator[tuple[Expr, Expr]]:
    """Yield (argument, factor) for shapes of a kind over d variables."""
    one, every = constant(1.0), [variable(v) for v in range(d)]
    products = [multiply(a, b) for a, b in combinations(every, 2)]
    squares = [power(a, 2) for a in every]
    small = [one, *every, *products, *squares]
    if kind == "wave":
        yield from product([*every, *_differences(every)], [one, *every])
    elif kind == "growth":
        yield from product(every, small)
    elif kind == "power":
        yield from ((u, w) for u, w in product(every, [one, *every]) if u != w)
    elif kind == "switch":
        yield from product(every, [one, *every])
    else:
        for u, m in product(every, range(1, HIGHEST + 1)):
            raised = u if m == 1 else power(u, m)
            above = small if m < 3 else [one, raised, *(multiply(raised, v) for v in every if v != u)]
            yield from ((raised, w) for w in dict.fromkeys([*above, raised]))


def _differences(every: Sequence[Expr]) -> list[Expr]:
    return [found for a, b in combinations(every, 2) for found in (a - b, a + b)]
