"""Separation: y is a product, or in some view a sum, of functions of fewer columns, each of them sought by itself.

A smooth function of each half, fitted together, gives the values of either half at every row; halves are small
problems. What they become together is fitted to the target itself, so a half need not be known well, only its form.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from discover.expr import constant, substitute, variable
from discover.inference.criteria import Squares
from discover.inference.forms import Form
from discover.inference.whiteness import polynomial_features
from discover.symbolic.archive import Archive, Entry
from discover.symbolic.features import ALL, bank, inverting, within
from discover.symbolic.instant import instant, posynomials
from discover.symbolic.node import Node
from discover.symbolic.readable import readable
from discover.symbolic.reductions import residual_variance
from discover.symbolic.regression import solve
from discover.symbolic.screening import Screen, screens
from discover.symbolic.templates import templates
from discover.symbolic.views import View

Array = NDArray[np.float64]
Half = tuple[int, ...]

MOST_COLUMNS = 5
TEST_ROWS = 700
HIGHEST_DEGREE = 9
PER_FEATURE = 6
"""Rows for each feature of the smooth functions."""

BELIEVED = 1.5
"""Residual variance of the separate functions over that with what they share, up to which they are separate."""

EXPLAINS, CLEARLY = 0.02, 1e-5
"""Share of the variance that may be left where a smooth surface leaves less; share that is next to nothing."""

TRIED = 2
"""Separations that are sought, the best ones; a second one where the first leaves more than its smooth functions do."""

ROUGH = 1.3
KEPT = 10
"""Forms of a half that are kept, those with the shortest descriptions."""

SCALED = 5
"""Products that are tried with one constant fewer, the best ones."""

ALIKE = 1e-6
"""Relative difference of what two forms leave, from which on they are different forms."""

SUMS = ("identity", "inverse", "square", "inverse square")
"""Views in which halves are added; they are multiplied where their logarithms can be added."""

SEPARATED = 2
"""Number of the stage after which nothing else is asked of a half that can be halved again."""

LOW_DEGREE, N_ROUNDS = 4, 12
"""Degree of the functions that show whether a target that changes its sign is a product, and rounds to fit them."""

FAR, NEAR_ZERO = 600.0, 0.1
"""Largest logarithm of a factor; size, in medians of the other factor, below which a quotient by it is not taken."""

SOME_ROWS = 64
N_FEATURES, DEEPEST, N_ROWS, N_PAIRS = 1000, 7, 128, 300
DEPTH = 2


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """Two halves of a node.

    Attributes:
        halves: columns of either.
        left: residual variance in the units of the target's weights.
        parts: what either half is at every row, shape (2, n_rows): factors of the target, or addends of its view.
        weights: one over the variance of the errors of either, up to a factor, shape (2, n_rows).
        view: of the target in which they are added, None where they are multiplied.
    """

    halves: tuple[Half, Half]
    left: float
    parts: Array
    weights: Array
    view: View | None = None


def separated(node: Node, archive: Archive, seed: int, depth: int = DEPTH) -> Iterator[list[Form]]:
    """Yield forms whose halves depend on columns of their own; the consumer adds them to the archive.

    Args:
        node: two to five columns.
        archive: of what the node is to explain, for its data and its limits.
        seed: of the rows that are looked at.
        depth: how often halves may be halved.
    """
    if not 2 <= node.n_columns <= MOST_COLUMNS or depth == 0:
        return
    fits = archive.fits
    noise = archive.left * fits.scale if isinstance(fits, Squares) and math.isfinite(archive.left) else 0.0
    for found in sorted(_separations(node, noise), key=lambda one: one.left)[:TRIED]:
        first, second = (_sought(part, archive, seed, depth) for part in _nodes(node, found))
        some = archive.X[:, :SOME_ROWS]
        both = [readable(_together(node, found.view, a.form, b.form), some) for a in first for b in second]
        yield both
        if found.view is None:
            found_now = [archive.entries[form.expr] for form in both if form.expr in archive.entries]
            for entry in sorted(found_now, key=lambda one: one.length)[:SCALED]:
                yield list(_scaled(entry.form))
        best = archive.best
        if best is not None and isinstance(fits, Squares) and best.mse * fits.scale < ROUGH * found.left:
            break


def _scaled(form: Form) -> Iterator[Form]:
    """Yield the form with each of its constants 1: factors may both hold a scale, and one is enough."""
    n = form.n_variables
    for k in range(form.n_free):
        free = [variable(n + j - (j > k)) if j != k else constant(1.0) for j in range(form.n_free)]
        start = (*form.start[:k], *form.start[k + 1 :])
        yield Form(substitute(form.expr, [*(variable(v) for v in range(n)), *free]), n, start)


def _separations(node: Node, noise: float) -> Iterator[Separation]:
    """Yield the ways to halve the columns that the data do not contradict; `noise` is what a smooth surface leaves."""
    others = range(1, node.n_columns)
    halves = [
        ((0, *some), tuple(k for k in others if k not in some))
        for size in range(node.n_columns - 1)
        for some in combinations(others, size)
    ]
    signed = (node.z > 0).all() or (node.z < 0).all()
    for one in halves:
        P = [_smooth(node.values[list(half)]) for half in one]
        for view in node.views():
            if view.name in (*SUMS, "logarithm"):
                found = _added(node, view, one, P, noise)
                if found is not None:
                    yield found
        found = None if signed else _multiplied(node, one, P, noise)
        if found is not None:
            yield found


def _added(node: Node, view: View, halves: tuple[Half, Half], P: list[Array], noise: float) -> Separation | None:
    """Return two halves whose sum is a view of the target, None where they share more."""
    rows, z, weights = slice(0, TEST_ROWS), view.values, node.weights_in(view)
    if not weights.mean() > 0:
        return None
    apart = np.concatenate([P[0], P[1][1:]])
    low = [one[1 : 1 + 2 * len(half)] for one, half in zip(P, halves, strict=True)]
    shared = np.array([a * b for a in low[0] for b in low[1]])
    left = _left(apart[:, rows], shared[:, rows], z[rows], weights[rows], noise)
    if left is None:
        return None
    c, _ = solve(apart, z, weights)
    first, second = c[: len(P[0])] @ P[0], c[len(P[0]) :] @ P[1][1:]
    if view.name != "logarithm":
        return Separation(halves, left, np.array([z - second, z - first]), np.array([weights, weights]), view)
    factors = np.exp(np.clip([z - second, z - first], -FAR, FAR))
    return Separation(halves, left, factors, weights / factors**2)


def _left(apart: Array, shared: Array, z: Array, weights: Array, noise: float) -> float | None:
    """Return what separate functions leave of z, None where they leave much, or more than what they share."""
    variance = float(np.average((z - np.average(z, weights=weights)) ** 2, weights=weights))
    rest = residual_variance(apart, z, weights)
    if rest > CLEARLY * variance:
        bent = residual_variance(np.concatenate([apart, shared]), z, weights)
        if rest > BELIEVED * bent or rest > max(EXPLAINS * variance, 2.0 * noise / float(weights.mean())):
            return None
    return rest * float(weights.mean())


def _multiplied(node: Node, halves: tuple[Half, Half], P: list[Array], noise: float) -> Separation | None:
    """Return two halves whose product is a target that changes its sign, None where it is none."""
    z, weights = node.z, node.weights
    low = [one[: math.comb(LOW_DEGREE + len(half), LOW_DEGREE)] for one, half in zip(P, halves, strict=True)]
    products = np.array([a * b for a in low[0] for b in low[1]])
    if len(products) > node.n_rows // 2:
        return None
    c, _ = solve(products, z, weights)
    U, _, _ = np.linalg.svd(c.reshape(len(low[0]), len(low[1])))
    first, second = U[:, 0] @ low[0], np.ones_like(z)
    for _ in range(N_ROUNDS):  # either half by least squares, the other one held
        second = solve(P[1] * first, z, weights)[0] @ P[1]
        first = solve(P[0] * second, z, weights)[0] @ P[0]
    rows = slice(0, TEST_ROWS)
    apart = np.concatenate([P[1] * first, P[0] * second])  # what a small change of either half does
    left = _left(apart[:, rows], products[:, rows], z[rows], weights[rows], noise)
    if left is None:
        return None
    smooth = np.array([first, second])
    other = smooth[::-1]
    near = np.abs(other) < NEAR_ZERO * np.median(np.abs(other), axis=1, keepdims=True)
    parts = np.where(near, smooth, z / np.where(near, 1.0, other))
    return Separation(halves, left, parts, weights * other**2)


def _smooth(X: Array) -> Array:
    """Return a constant and polynomials of columns (n_columns, n_rows), on logarithmic scales where they are wide."""
    wide = (X.min(axis=1) > 0) & (X.max(axis=1) > 10 * X.min(axis=1))
    U = np.where(wide[:, None], np.log(np.where(wide[:, None], X, 1.0)), X)
    return polynomial_features(U, HIGHEST_DEGREE, max(X.shape[1] // (2 * PER_FEATURE), 4))


def _nodes(node: Node, found: Separation) -> Iterator[Node]:
    """Yield the halves as nodes of their own."""
    for half, z, weights in zip(found.halves, found.parts, found.weights, strict=True):
        yield replace(
            node,
            prefactor=None,
            z=z,
            columns=tuple(node.columns[k] for k in half),
            values=np.ascontiguousarray(node.values[list(half)]),
            weights=weights / weights.mean(),
        )


def _sought(part: Node, archive: Archive, seed: int, depth: int) -> list[Entry]:
    """Return the best forms of a half."""
    used = tuple(sorted({v for expr in part.columns for v in expr.variables}))
    own = Archive(archive.X, part.z, part.weights, used, price=archive.price)
    rng, n_before = np.random.default_rng([seed, depth]), 0
    stages: tuple[Callable[[], Iterator[list[Form]]], ...] = (
        lambda: instant(part),
        lambda: posynomials(part, rng),
        lambda: separated(part, own, seed, depth - 1),
        lambda: templates(part, rng),
        lambda: _banked(part, seed),
    )
    for number, stage in enumerate(stages):
        n_before = own.n_fits
        for forms in stage():
            own.add(forms)
        if own.exact is not None or (number == SEPARATED and (own.n_fits > n_before or part.n_columns > 2)):
            break
    kept: list[Entry] = []
    for entry in sorted(own.entries.values(), key=lambda one: one.length):
        if len(kept) < KEPT and all(abs(one.mse / entry.mse - 1.0) > ALIKE for one in kept if entry.mse > 0.0):
            kept.append(entry)
    return kept


def _banked(part: Node, seed: int) -> Iterator[list[Form]]:
    """Yield what a small bank of the columns finds."""
    rows = np.random.default_rng(seed).permutation(part.n_rows)[:N_ROWS]
    X = np.ascontiguousarray(part.values[:, rows])
    for operators in within(part.limits, [inverting(ALL)]):
        features = bank(part.columns, X, operators, N_FEATURES, DEEPEST, None, seed)
        yield from screens(Screen(part, features, rows, N_PAIRS, False))


def _together(node: Node, view: View | None, first: Form, second: Form) -> Form:
    """Return the form of y that two halves make."""
    n = node.n_variables
    shifted = [variable(n + first.n_free + k) for k in range(second.n_free)]
    other = substitute(second.expr, [*(variable(v) for v in range(n)), *shifted])
    if view is not None:
        body = view.inverse(first.expr + other)
    else:
        body = first.expr * other if node.z[0] > 0 else -(first.expr * other)
    return node.form(body, [*first.start, *second.start])
