"""Symmetries: fewer columns, where the slopes of a surface through the data obey a linear relation.

A function of x/y has x ∂x + y ∂y = 0, one of x - y has ∂x + ∂y = 0, one of x² + y² has ∂x / x = ∂y / y; a factor
xᵏ shows as x ∂x z = k z. Units are such relations too, and known ones. What the slopes propose, the evidence
of a surface over fewer columns disposes.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr
from discover.symbolic.node import Node, raised
from discover.symbolic.products import factors, sum_of, times
from discover.symbolic.surface import MOST_ROWS, Surface, other_surface, sample_rows, surface
from discover.symbolic.units import Units

Array = NDArray[np.float64]

UNKNOWN = Units()
IRRELEVANT = 0.1
"""Share of the target's spread that follows a column, below which it may not matter at all."""

PROPOSED, ROUNDED = 0.35, 0.3
"""Relative misfit of a relation, and distance of its exponents from halves, up to which it is tried."""

TRIED, ENOUGH = 6, 3
"""Proposals of one step whose evidence is asked for, and how many at least where one of them is believed."""

HALF, STEEP = 4.0, 1.5
"""Nats for an exponent that is not whole, and for each one more than 1."""

PREFERRED = 8.0
"""Nats that sums and differences are ahead of scalings: these can follow them, they cannot follow these."""

LOSS = 3.0
"""Nats of evidence that a reduction may cost: it is simpler, and the surface is no more than a surface."""

NOISY = 0.03
"""Noise relative to the target from which on twice the rows are looked at."""

MOST_STEPS = 12
MOST_COLUMNS = 14
MOST_EXPONENT = 4.0
LEAST_PART = 0.01
"""Share of a relation that each of its members must make up."""

PER_COLUMN = 0.03
"""Misfit that a relation is charged for each further column."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A node, and the surface over its columns."""

    node: Node
    surface: Surface
    evidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Reduction:
    """What symmetries make of a node.

    Attributes:
        nodes: with ever fewer columns, all believed, the first one step from where it began.
        left: weighted mean squared error that a smooth surface leaves.
    """

    nodes: tuple[Node, ...]
    left: float


def reduced(node: Node, units: Units = UNKNOWN, seed: int = 0) -> Reduction:
    """Return the chain of nodes that symmetries lead to.

    Args:
        node: where to begin.
        units: of the variables; columns that break them are not made, and those that are known go first.
        seed: of the rows that are looked at.
    """
    if not 1 <= node.n_columns <= MOST_COLUMNS or node.z.std() == 0:
        return Reduction((), math.inf)
    rows = sample_rows(node.n_rows, seed=seed)
    step = _step(node, rows, None, 0.0)
    if step.surface.noise > NOISY and node.n_rows > len(rows):
        rows = sample_rows(node.n_rows, 2 * MOST_ROWS, seed)
        step = _step(node, rows, None, 0.0)
    first, found = step.surface.left, []
    without = _relevant(step, rows)
    if without is not None:
        step = without
        found.append(step)
    for _ in range(MOST_STEPS):  # sums and differences first: dividing by a column would hide them
        better = _best_of(_proposals(step, rows, units, sums_only=True), step, rows)
        if better is None:
            break
        step = better
        found.append(step)
    known = _without_units(step, rows, units)
    if known is not None:
        step = known
        found.append(step)
    for _ in range(MOST_STEPS):
        better = _best_of(_proposals(step, rows, units), step, rows)
        if better is None:
            break
        step = better
        found.append(step)
    return Reduction(tuple(one.node for one in found), min(first, step.surface.left))


def _step(node: Node, rows: NDArray[np.int64], like: Surface | None, shift: float) -> Step:
    """Return a node with its surface; `shift` makes the evidence one of the first node's target."""
    seen = surface(node.values[:, rows], node.z[rows], node.weights[rows], like) if node.n_columns else None
    if seen is None:
        return Step(node, _flat(node, rows), shift + _flat(node, rows).evidence)
    return Step(node, seen, seen.evidence + shift)


def _flat(node: Node, rows: NDArray[np.int64]) -> Surface:
    """Return the surface over no columns: a constant."""
    z = node.z[rows]
    spread = max(float(z.std()), 1e-5 * abs(float(z.mean())), 1e-300)
    n = len(z)
    evidence = -0.5 * n * (np.log(2 * np.pi) + 1.0) - n * np.log(spread)
    return Surface(float(evidence), np.empty(0), 1.0, spread**2, np.full(n, z.mean()), np.empty((0, n)), (False, False))


def _relevant(step: Step, rows: NDArray[np.int64]) -> Step | None:
    """Return the step without the columns that do not matter, None where all do."""
    effect = np.sqrt(np.mean(step.surface.slopes**2, axis=1)) * step.node.values[:, rows].std(axis=1)
    share = effect / max(float(step.node.z[rows].std()), 1e-300)
    idle = [k for k in np.argsort(share, kind="stable").tolist() if share[k] < IRRELEVANT]
    while idle:
        node = step.node
        for k in sorted(idle, reverse=True):
            node = node.without(k, 0.0)
        without = _step(node, rows, None, step.evidence - step.surface.evidence)
        if without.evidence > step.evidence - LOSS:
            return without
        idle = idle[:-1]
    return None


def _best_of(nodes: list[tuple[float, Node]], step: Step, rows: NDArray[np.int64]) -> Step | None:
    """Return the proposal of highest evidence, None where all lose."""
    found: list[tuple[float, Step]] = []
    shift = step.evidence - step.surface.evidence
    for k, (bonus, node) in enumerate(nodes):
        ratio = step.node.z[rows] / node.z[rows]
        if not (np.isfinite(node.values).all() and np.isfinite(node.z).all() and (ratio > 0).all()):
            continue
        one = _step(node, rows, step.surface, shift - float(np.log(ratio).sum()))
        if one.evidence + min(bonus, 0.0) > step.evidence - LOSS:
            found.append((bonus + one.evidence, one))
        if k >= ENOUGH and found:
            break
    if not found:
        return None
    best = max(found, key=lambda pair: pair[0])[1]
    again = _step(best.node, rows, None, best.evidence - best.surface.evidence)
    return again if again.evidence > best.evidence else best


def _proposals(step: Step, rows: NDArray[np.int64], units: Units, sums_only: bool = False) -> list[tuple[float, Node]]:
    """Return reduced nodes and the nats they are ahead, the best relation of the slopes first."""
    node = step.node
    other = other_surface(node.values[:, rows], node.z[rows], node.weights[rows], step.surface)
    every: list[tuple[float, float, Node]] = []
    for view in (step,) if other is None else (step, replace(step, surface=other)):
        every += [one for one in _merges(view, rows) if one[1] > 0 or not sums_only]
        every += [] if sums_only else _scalings(view, rows)
    every.sort(key=lambda one: one[0])
    found: list[tuple[float, Node]] = []
    seen: set[tuple[Expr, ...]] = set()
    for _, bonus, node in every:
        key = (*node.columns, *(() if node.prefactor is None else (node.prefactor,)))
        if key in seen:
            continue
        seen.add(key)
        if _plain(node) and all(units.hold(expr) for expr in node.columns):
            found.append((bonus, node))
        if len(found) == TRIED:
            break
    return found


def _scalings(step: Step, rows: NDArray[np.int64]) -> Iterator[tuple[float, float, Node]]:
    """Yield (misfit, nats ahead, node) for x_j ∂_j z = Σ c_i x_i ∂_i z + k z, with up to three other columns."""
    node, X, z = step.node, step.node.values[:, rows], step.surface.values
    root = np.sqrt(np.minimum(node.weights[rows], 100 * np.median(node.weights[rows])))
    E = np.concatenate([X * step.surface.slopes, z[None]]) * root
    G = E @ E.T
    d = node.n_columns
    positive = node.values.min(axis=1) > 0
    for j in range(d):
        if G[j, j] <= 0 or (node.values[j] == 0).any():
            continue
        for chosen in _companions(d, j):
            relation = _relation(G, j, chosen)
            if relation is None:
                continue
            misfit, c = relation
            if positive[j] or all(value == round(value) for value in c):
                exponents = {i: value for i, value in zip(chosen, c, strict=True) if i < d}
                bonus = (0.0 if exponents else PREFERRED) - _oddness(c)
                reduced_to = scaled(node, j, exponents, c[-1] if chosen[-1] == d else 0.0)
                yield misfit + PER_COLUMN * len(exponents), bonus, reduced_to


def _companions(d: int, j: int) -> Iterator[list[int]]:
    """Yield what column j of d may be bound to: up to three others, with or without the target, which is number d."""
    yield [d]
    for size in (1, 2, 3):
        for others in combinations([i for i in range(d) if i != j], size):
            yield [*others, d]
            yield [*others]


def _relation(G: Array, j: int, chosen: list[int]) -> tuple[float, list[float]] | None:
    """Return the misfit and the exponents, rounded to halves, of what column j is by others; None where it is not."""
    A, b = G[np.ix_(chosen, chosen)], G[chosen, j]
    size = np.sqrt(np.diag(A))
    if not (size > 0).all():
        return None
    try:
        c = np.linalg.solve(A / np.outer(size, size) + 1e-9 * np.eye(len(b)), b / size) / size
    except np.linalg.LinAlgError:
        return None
    rounded = np.round(2 * c) / 2
    if (rounded == 0).any() or np.abs(c - rounded).max() > ROUNDED or np.abs(rounded).max() > MOST_EXPONENT:
        return None
    whole = np.sqrt(G[j, j]) + float(np.abs(rounded) @ size)
    rest = G[j, j] - 2 * rounded @ b + rounded @ A @ rounded
    if (np.abs(rounded) * size).min() < LEAST_PART * whole:
        return None
    misfit = 2 * float(np.sqrt(max(rest, 0.0))) / float(whole)
    return (misfit, rounded.tolist()) if misfit < PROPOSED else None


def _oddness(exponents: Sequence[float]) -> float:
    """Return the nats that exponents other than ±1 are charged: they are many, and one may fit by chance."""
    return sum(HALF * (a != round(a)) + STEEP * max(abs(a) - 1.0, 0.0) for a in exponents)


def _plain(node: Node) -> bool:
    """Return whether no base has an exponent of thirds or quarters, or a high one."""
    products = [*node.columns, *(() if node.prefactor is None else (node.prefactor,))]
    exponents = [a for expr in products for a in factors(expr).values()]
    return all(a.denominator <= 2 and abs(a) <= MOST_EXPONENT for a in exponents)


def scaled(node: Node, j: int, exponents: dict[int, float], k: float) -> Node:
    """Return the node without column j, column i times x_j to its exponent, and z divided by x_j to the power k.

    >>> from discover.expr import text
    >>> from discover.symbolic.node import root
    >>> X = np.random.default_rng(0).uniform(1.0, 2.0, (2, 9))
    >>> node = scaled(root(X, X[0] ** 2 / X[1], np.ones(9), [0, 1]), 1, {0: -1.0}, 1.0)
    >>> [text(expr, ["x", "y"]) for expr in node.columns], text(node.prefactor, ["x", "y"])
    (['x/y'], 'y')
    """
    columns, values = list(node.columns), node.values.copy()
    for i, c in exponents.items():
        columns[i] = times(columns[i], node.columns[j], c)
        with np.errstate(all="ignore"):
            values[i] = values[i] * node.values[j] ** c
    prefactor = times(node.prefactor, node.columns[j], k) if k else node.prefactor
    return replace(replace(node, columns=tuple(columns), values=values).without(j, k), prefactor=prefactor)


TRANSFORMS: tuple[tuple[Callable[[Expr], Expr], Callable[[Array], Array], Callable[[Array], Array], bool], ...] = (
    (lambda a: a, lambda v: v, np.ones_like, False),
    (lambda a: raised(a, 2.0), lambda v: v**2, lambda v: 2 * v, False),
    (lambda a: 1 / a, lambda v: 1 / v, lambda v: -1 / v**2, True),
)
"""What two columns may be added as: expression, values, derivative, and whether zero is forbidden."""


def _merges(step: Step, rows: NDArray[np.int64]) -> Iterator[tuple[float, float, Node]]:
    """Yield (misfit, nats ahead, node) for two columns that enter as T(x) ± S(y)."""
    node, X = step.node, step.node.values[:, rows]
    root = np.sqrt(np.minimum(node.weights[rows], 100 * np.median(node.weights[rows])))
    for i, j in combinations(range(node.n_columns), 2):
        for a, (spell_a, of_a, slope_a, apart_a) in enumerate(TRANSFORMS):
            for b, (spell_b, of_b, slope_b, apart_b) in enumerate(TRANSFORMS):
                if (apart_a and (X[i] == 0).any()) or (apart_b and (X[j] == 0).any()):
                    continue
                with np.errstate(all="ignore"):
                    p = step.surface.slopes[i] / slope_a(X[i]) * root
                    q = step.surface.slopes[j] / slope_b(X[j]) * root
                size = float(np.linalg.norm(p) + np.linalg.norm(q))
                if not (np.isfinite(size) and size > 0):
                    continue
                plus, minus = float(np.linalg.norm(p - q)), float(np.linalg.norm(p + q))
                misfit, sign = (plus, 1.0) if plus < minus else (minus, -1.0)
                if 2 * misfit / size < PROPOSED:
                    A, B = spell_a(node.columns[i]), spell_b(node.columns[j])
                    u, v = of_a(node.values[i]), of_b(node.values[j])
                    expr, value = sum_of(A, B, sign), u + sign * v
                    charge = PER_COLUMN * (1 + (a > 0) + (b > 0) + (a != b))
                    bonus = PREFERRED if a == b == 0 else 0.0
                    yield 2 * misfit / size + charge, bonus, node.merged(i, j, expr, value, "merged")


def _without_units(step: Step, rows: NDArray[np.int64], units: Units) -> Step | None:
    """Return the step over dimensionless columns, None where units are not known or the evidence is against it."""
    mine = [units.of(expr) for expr in step.node.columns]
    if units.target is None or any(one is None for one in mine):
        return None
    names = sorted({name for one in (*mine, units.target) if one is not None for name, _ in one.exponents})
    A = np.array([[float(dict(one.exponents).get(u, 0)) for u in names] for one in mine if one is not None])
    b = np.array([float(dict(units.target.exponents).get(u, 0)) for u in names])
    node = step.node
    while A.size and np.abs(A).max() > 1e-9:
        j, u = _base(A, node)
        a = A[j, u]
        if a == 0.0:  # no column that carries the unit is positive everywhere
            return None
        exponents = {i: -A[i, u] / a for i in range(len(A)) if i != j and A[i, u]}
        k = b[u] / a
        if not all(_allowed(node, j, value) for value in (*exponents.values(), k)):
            return None
        node = scaled(node, j, exponents, k)
        B = A - np.outer(A[:, u] / a, A[j])
        b = b - k * A[j]
        A = np.delete(B, j, axis=0)
    if np.abs(b).max(initial=0.0) > 1e-9:
        return None
    ratio = step.node.z[rows] / node.z[rows]
    if not (np.isfinite(node.values).all() and (ratio > 0).all()):
        return None
    found = _step(node, rows, None, step.evidence - step.surface.evidence - float(np.log(ratio).sum()))
    return found if found.evidence > step.evidence - LOSS else None


def _base(A: Array, node: Node) -> tuple[int, int]:
    """Return the column and unit by which the others become simplest: whole exponents, few and small."""
    best, at = np.inf, (0, 0)
    for u in range(A.shape[1]):
        for j in range(len(A)):
            if abs(A[j, u]) > 1e-9 and (node.values[j] > 0).all():
                c = np.delete(A[:, u], j) / A[j, u]
                cost = float(np.abs(c).sum() + 4 * (np.abs(c - np.round(c)) > 1e-9).sum() + (c != 0).sum())
                if cost < best - 1e-9:
                    best, at = cost, (j, u)
    return at


def _allowed(node: Node, j: int, exponent: float) -> bool:
    """Return whether column j may be raised to this power on every row."""
    whole = exponent == round(exponent)
    return bool((node.values[j] > 0).all()) or (whole and bool((node.values[j] != 0).all()))
