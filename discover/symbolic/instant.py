"""Instant models: monomials, polynomials in a view of the target, and sums of two or three monomials."""

import math
from collections.abc import Iterator
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr, multiply, power, variable
from discover.inference.forms import Form, fitted
from discover.symbolic.node import Node, raised
from discover.symbolic.regression import solve, sparse
from discover.symbolic.views import View

Array = NDArray[np.float64]
Index = NDArray[np.int64]

MOST_TERMS, MOST_EXACT_TERMS = 6, 12
MOST_COLUMNS = 300
HIGHEST_DEGREE = 4
HIGH_DEGREE_VIEWS = ("identity", "inverse", "square", "inverse square")

POSY_ROWS, POSY_STARTS, POSY_ITERATIONS = 256, 16, 60
POSY_VIEWS = ("identity", "inverse", "square", "inverse square", "logarithm")
POSY_MOST_COLUMNS = 6


def instant(node: Node) -> Iterator[list[Form]]:
    """Yield batches of forms that need no search: monomials first, then polynomials in every view."""
    if not node.n_columns:
        yield [node.form(node.constant(0), [float(np.average(node.z, weights=node.weights))])]
        return
    yield monomials(node)
    yield from polynomials(node)


def monomials(node: Node) -> list[Form]:
    """Return y = c · Π x^a by regression of logarithms, exponents snapped to halves, to sixths, and free."""
    positive = [k for k in range(node.n_columns) if (node.values[k] > 0).all()]
    size = np.abs(node.z)
    if not positive or size.max() == 0:
        return []
    clear = size > 0.05 * np.median(size)
    L = np.concatenate([np.ones((1, node.n_rows)), np.log(node.values[positive])])
    weights = node.weights * size**2
    c, _ = solve(L[:, clear], np.log(size[clear]), weights[clear])
    sign = math.copysign(1.0, float(np.median(node.z)))
    scale = sign * math.exp(min(float(c[0]), 300.0))
    forms = [
        node.form(product(node.constant(0), node, positive, snapped), [scale])
        for snapped in (np.round(c[1:] * 2) / 2, np.round(c[1:] * 6) / 6)
    ]
    if len(positive) <= 2:
        free = node.constant(0)
        for i, k in enumerate(positive):
            free = multiply(free, power(node.columns[k], node.constant(1 + i)))
        forms.append(node.form(free, [scale, *c[1:]]))
    return forms


def product(first: Expr, node: Node, columns: list[int], exponents: Array) -> Expr:
    """Return first · Π column^exponent, exponents of 0 left out."""
    total = first
    for k, a in zip(columns, exponents.tolist(), strict=True):
        if a:
            total = multiply(total, raised(node.columns[k], a))
    return total


def polynomials(node: Node) -> Iterator[list[Form]]:
    """Yield sparse polynomials of degree 1 to 4 in every view of the target."""
    for degree in range(1, HIGHEST_DEGREE + 1):
        n_terms = math.comb(node.n_columns + degree, degree)
        if n_terms > min(MOST_COLUMNS, node.n_rows // 3):
            return
        terms, F = powers(node, degree)
        forms = []
        for view in node.views():
            if degree <= 2 or view.name in HIGH_DEGREE_VIEWS:
                forms += linear(node, view, terms, F)
        yield forms


def powers(node: Node, degree: int) -> tuple[list[Expr | None], Array]:
    """Return all monomials of the columns up to a degree, None for 1, and their values (n_terms, n_rows)."""
    terms: list[Expr | None] = [None]
    rows = [np.ones(node.n_rows)]
    for d in range(1, degree + 1):
        for factors in combinations_with_replacement(range(node.n_columns), d):
            expr: Expr | None = None
            for k in dict.fromkeys(factors):
                n = factors.count(k)
                factor = node.columns[k] if n == 1 else power(node.columns[k], n)
                expr = factor if expr is None else multiply(expr, factor)
            terms.append(expr)
            rows.append(np.prod(node.values[list(factors)], axis=0))
    return terms, np.array(rows)


def linear(node: Node, view: View, terms: list[Expr | None], F: Array) -> list[Form]:
    """Return the sparse linear model of a view on features F (n_terms, n_rows), or nothing."""
    weights = node.weights_in(view)
    chosen = sparse(F, view.values, weights, MOST_TERMS)
    if not chosen or len(chosen) > MOST_EXACT_TERMS:
        return []
    c, _ = solve(F[chosen], view.values, weights)
    return [node.linear(view, [terms[i] for i in chosen], c.tolist())]


def posynomials(node: Node, rng: np.random.Generator) -> Iterator[list[Form]]:
    """Yield sums of two or three monomials with exponents found by least squares, snapped to halves."""
    if not 1 <= node.n_columns <= POSY_MOST_COLUMNS or not (node.values > 0).all():
        return
    rows = rng.permutation(node.n_rows)[:POSY_ROWS]
    L = np.ascontiguousarray(np.log(node.values[:, rows]))
    for n_terms in (2, 3):
        forms: list[Form] = []
        for view in node.views():
            if view.name in POSY_VIEWS:
                forms += _posynomial(node, view, L, rows, n_terms, rng)
        yield forms


def _posynomial(node: Node, view: View, L: Array, rows: Index, n_terms: int, rng: np.random.Generator) -> list[Form]:
    d, t = node.n_columns, view.values[rows]
    weights = node.weights_in(view)[rows]
    scale = math.sqrt(float(np.average(t**2, weights=weights))) or 1.0
    body = _exponentials(d, n_terms)
    starts = []
    for _ in range(POSY_STARTS):
        start = [0.0]
        for _ in range(n_terms):
            exponents = rng.integers(-2, 3, d) * rng.uniform(0.5, 1.0, d)
            size = np.exp(np.clip(exponents @ L, -50, 50)).mean()
            start += [rng.uniform(0.2, 1.0) / size, *exponents]
        starts.append(Form(body, d, tuple(start)))
    found = sorted(fitted(starts, L, t / scale, weights, POSY_ITERATIONS), key=lambda pair: pair[1])
    forms = []
    for form, sse in found[:2]:
        if math.isfinite(sse):
            exponents = np.array(form.start[1:]).reshape(n_terms, d + 1)[:, 1:]
            forms += _snapped(node, view, np.round(exponents * 2) / 2)
    return forms


def _exponentials(d: int, n_terms: int) -> Expr:
    """Return c0 + Σ c exp(Σ a·L) over the d logarithms L, the constants in that order."""
    total = variable(d)
    for k in range(n_terms):
        first = d + 1 + k * (d + 1)
        inside: Expr | None = None
        for i in range(d):
            part = variable(first + 1 + i) * variable(i)
            inside = part if inside is None else inside + part
        assert inside is not None
        total = total + variable(first) * _exp(inside)
    return total


def _exp(inside: Expr) -> Expr:
    from discover.expr import call

    return call("exp", inside)


def _snapped(node: Node, view: View, exponents: Array) -> list[Form]:
    """Return the linear model on the monomials with these exponents, with and without a constant."""
    every = list(range(node.n_columns))
    distinct = {tuple(line): None for line in exponents.tolist() if any(line)}
    if not distinct or np.abs(exponents).max() > 8:
        return []
    terms: list[Expr | None] = [None]
    rows = [np.ones(node.n_rows)]
    for line in distinct:
        terms.append(monomial(node, every, np.array(line)))
        rows.append(np.prod(node.values ** np.array(line)[:, None], axis=0))
    F = np.array(rows)
    if not np.isfinite(F).all():
        return []
    return linear(node, view, terms, F) + linear(node, view, terms[1:], F[1:])


def monomial(node: Node, columns: list[int], exponents: Array) -> Expr:
    """Return Π column^exponent, exponents of 0 left out; one must not be."""
    total: Expr | None = None
    for k, a in zip(columns, exponents.tolist(), strict=True):
        if a:
            factor = raised(node.columns[k], a)
            total = factor if total is None else multiply(total, factor)
    assert total is not None
    return total
