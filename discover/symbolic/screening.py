"""Meet in the middle: which one or two features of a bank explain a view of the target?

Clean data are looked up in a table of keys; any data are screened by correlation, with what every
model may contain anyway (a constant, the columns, their logarithms) projected out first. Screening
only proposes: forms are fitted to the target itself and ranked by the archive.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr, call, multiply
from discover.inference.forms import Form
from discover.symbolic.features import Bank
from discover.symbolic.instant import linear
from discover.symbolic.node import Node, raised
from discover.symbolic.regression import solve
from discover.symbolic.views import View
from discover_kernels import enumeration, opcodes

Array = NDArray[np.float64]
Index = NDArray[Any]
"""Whole numbers of any size."""

TOP = 20
"""Single features and pairs kept for each view."""

MOST_HITS = 40
TILE = 512
PENALTY = 3.0
"""Nats a node, over the number of screening rows, that the ranking charges a feature."""

SIMPLEST, SHORT = 2, 5
"""So many of the best features of each complexity up to SHORT are always tried: few rows rank badly."""

NUISANCE_VIEWS = ("identity", "inverse", "square", "inverse square", "logarithm")
MOST_NUISANCE_COLUMNS = 6
MOBIUS_VIEWS = ("identity", "square", "logarithm")
MOST_MOBIUS, MOBIUS_TRIED = 20_000, 6
GIVEN_UP = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """A node, a bank over its columns, and the rows that both are compared on.

    Attributes:
        n_pairs: the simplest features that are tried two at a time.
        clean: whether the data may be free of noise, so that values are worth looking up.
    """

    node: Node
    bank: Bank
    rows: Index
    n_pairs: int
    clean: bool

    def values(self, i: int) -> Array:
        """Return feature i on all rows, shape (n_rows,)."""
        return values_of(self.bank, i, self.node.values)


def values_of(bank: Bank, i: int, columns: Array) -> Array:
    """Return the expression of feature i of a bank for other values of its columns (n_columns, n_rows)."""
    known: dict[int, Array] = {}

    def of(k: int) -> Array:
        if k not in known:
            op, a, b = int(bank.op[k]), int(bank.left[k]), int(bank.right[k])
            if op == enumeration.LEAF:
                return columns[a] * bank.scales[a]
            v = np.empty(columns.shape[1])
            if b < 0:
                if not enumeration.one(op, of(a), v, len(v)):
                    v[:] = np.nan
            else:
                enumeration.two(op, of(a), of(b), v, len(v))
            known[k] = v
        return known[k]

    return of(i) / bank.factor(i)


def screens(screen: Screen) -> Iterator[list[Form]]:
    """Yield batches of forms, the surest kind first."""
    if not len(screen.bank):  # every column is beyond the range of values that a bank holds
        return
    views = screen.node.views()
    if screen.clean:
        yield _looked_up(screen, views)
    yield from _correlated(screen, views)
    yield _mobius(screen, views)


def _looked_up(screen: Screen, views: list[View]) -> list[Form]:
    """Return view = a ∘ (c0 + c1·b) for all features a, b whose centred keys meet: clean data only."""
    bank, node = screen.bank, screen.node
    n = len(bank)
    n_slots = 1 << int(np.ceil(np.log2(n * 2.2)))
    keys, rows = np.zeros(n_slots, np.int64), np.zeros(n_slots, np.int32)
    enumeration.centred_table(bank.values, n, keys, rows, bank.projections[0], bank.projections[1])
    T = np.array([view.values[screen.rows] for view in views])
    forms = _alone(screen, views, T, keys, rows)
    hits = np.zeros((4 * MOST_HITS, 4), np.int32)
    n_hits = enumeration.meet(T, bank.values, n, keys, rows, bank.projections[0], bank.projections[1], hits)
    costs = bank.complexity[hits[:n_hits, 1]] + bank.complexity[hits[:n_hits, 3]]
    for q, i, op, partner in hits[:n_hits][np.argsort(costs, kind="stable")][:MOST_HITS].tolist():
        forms += _joined(screen, views[q], i, op, partner)
    return [form for form in forms if form is not None and node.n_rows]


def _alone(screen: Screen, views: list[View], T: Array, keys: Index, rows: Index) -> list[Form]:
    """Return view = c0 + c1·b."""
    forms, work = [], np.empty(T.shape[1])
    for view, t in zip(views, T, strict=True):
        h = enumeration.centred_key(t, len(t), screen.bank.projections[0], screen.bank.projections[1], work)
        partner = enumeration.found(keys, rows, len(keys) - 1, h) if h else -1
        if partner >= 0:
            v = screen.values(partner)
            if np.isfinite(v).all():
                forms += linear(screen.node, view, [None, screen.bank.expr(partner)], np.array([np.ones_like(v), v]))
    return forms


def _joined(screen: Screen, view: View, i: int, op: int, partner: int) -> list[Form]:
    a, b = screen.values(i), screen.values(partner)
    A, B = screen.bank.expr(i), screen.bank.expr(partner)
    with np.errstate(all="ignore"):
        if op == opcodes.MUL:
            terms, F = [A, A * B], np.array([a, a * b])
        elif op == opcodes.DIV:  # t = (c0 + c1 b) / a
            terms, F = [1 / A, B / A], np.array([1 / a, b / a])
        else:
            terms, F = [A, None, B], np.array([a, np.ones_like(a), b])
    return linear(screen.node, view, list(terms), F) if np.isfinite(F).all() else []


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One way of screening: what is projected out, which target, which features.

    Attributes:
        kind: "linear", "columns", "products", "monomial" or "exponential".
        view: of the target, None for log|z|.
        target: its values on the screening rows, shape (n_rows,).
        root: square root of their weights, shape (n_rows,).
        Z: what every model may contain, shape (n_nuisance, n_rows).
        F: features, shape (n_features, n_rows); `ids` which they are.
        pairs: whether two at a time are tried.
    """

    kind: str
    view: View | None
    target: Array
    root: Array
    Z: Array
    F: Array
    ids: Index
    pairs: bool


def _tasks(screen: Screen, views: list[View]) -> Iterator[Task]:
    node, V, rows = screen.node, screen.bank.values, screen.rows
    every, ones = np.arange(len(V)), np.ones((1, len(rows)))
    columns = np.concatenate([ones, node.values[:, rows]])
    roots = {view.name: _root(node.weights_in(view)[rows]) for view in views}
    for view in views:
        yield Task("linear", view, view.values[rows], roots[view.name], ones, V, every, True)
    positive = [k for k in range(node.n_columns) if (node.values[k] > 0).all()]
    size = np.abs(node.z[rows])
    if positive and (size > 0).all():
        logs = np.concatenate([ones, np.log(node.values[positive][:, rows])])
        with np.errstate(all="ignore"):
            W = np.log(np.abs(V))
        defined = np.flatnonzero(np.isfinite(W).all(axis=1))
        root = _root(node.weights[rows] * size**2)
        yield Task("monomial", None, np.log(size), root, logs, W[defined], defined, True)
        yield Task("exponential", None, np.log(size), root, logs, V, every, True)
    if node.n_columns > MOST_NUISANCE_COLUMNS:
        return
    products = np.concatenate([columns, [_product(node, pair)[rows] for pair in _pairs(node)]])
    for kind, Z, least in (("columns", columns, 2 * len(columns) + 6), ("products", products, 2 * len(products))):
        for view in views:
            if view.name in NUISANCE_VIEWS and len(rows) > least:
                yield Task(kind, view, view.values[rows], roots[view.name], Z, V, every, False)


def _root(weights: Array) -> Array:
    """Return the square root of weights, their mean 1 and the largest ones held at a hundred times the median."""
    held = np.minimum(weights, 100.0 * np.median(weights)) if np.median(weights) > 0 else weights
    return np.sqrt(held / max(float(held.mean()), 1e-300))


def _pairs(node: Node) -> list[tuple[int, int]]:
    return list(combinations_with_replacement(range(node.n_columns), 2))


def _product(node: Node, pair: tuple[int, int]) -> Array:
    return node.values[pair[0]] * node.values[pair[1]]


def _projected(F: Array, Z: Array) -> Array:
    """Return what is left of each line of F after regression on the lines of Z."""
    Q, _ = np.linalg.qr((Z / np.linalg.norm(Z, axis=1, keepdims=True)).T)
    return F - (F @ Q) @ Q.T


def _correlated(screen: Screen, views: list[View]) -> Iterator[list[Form]]:
    complexity, n_rows = screen.bank.complexity, len(screen.rows)
    for task in _tasks(screen, views):
        rest = _projected(task.F * task.root, task.Z * task.root)
        norm, whole = np.linalg.norm(rest, axis=1), np.linalg.norm(task.F * task.root, axis=1)
        usable = np.flatnonzero(norm > 1e-6 * np.maximum(whole, 1e-300))
        rest, ids = rest[usable] / norm[usable, None], task.ids[usable]
        t = _projected((task.target * task.root)[None], task.Z * task.root)[0]
        c = rest @ (t / max(float(np.linalg.norm(t)), 1e-300))
        cost = PENALTY / n_rows * complexity[ids].astype(np.float64)
        found: list[tuple[int, ...]] = _singles(c, cost, complexity[ids])
        if task.pairs:
            n = screen.n_pairs
            found += _two_at_a_time(rest[:n], c[:n], cost[:n])
        forms: dict[Expr, Form] = {}
        for chosen in found:
            for form in _form(screen, task, [int(ids[j]) for j in chosen]):
                forms[form.expr] = form
        yield list(forms.values())


def _singles(c: Array, cost: Array, complexity: Index) -> list[tuple[int, ...]]:
    """Return the features that explain most, and the best few of each low complexity."""
    score = np.log(np.maximum(1.0 - c**2, 1e-15)) + cost
    chosen = np.argsort(score, kind="stable")[:TOP].tolist()
    for size in range(1, SHORT + 1):
        same = np.flatnonzero(complexity == size)
        chosen += same[np.argsort(score[same], kind="stable")[:SIMPLEST]].tolist()
    return [(j,) for j in dict.fromkeys(chosen)]


def _two_at_a_time(rest: Array, c: Array, cost: Array) -> list[tuple[int, ...]]:
    """Return the pairs of features that explain most, scored again in double precision."""
    n = len(rest)
    F, C = rest.astype(np.float32), np.ascontiguousarray(c[None].astype(np.float32))
    penalty = np.exp(cost).astype(np.float32)
    score, partner = np.ones(C.shape, np.float32), np.full(C.shape, -1, np.int64)
    for first in range(0, n, TILE):
        G = F[first : first + TILE] @ F[: first + TILE].T
        enumeration.best_partners(G, C, first, penalty, score, partner)
    order = np.argsort(np.log(np.maximum(score[0], 1e-7)) + cost, kind="stable")[: 3 * TOP].tolist()
    pairs = [(_unexplained(rest, c, i, int(partner[0, i])), i, int(partner[0, i])) for i in order if partner[0, i] >= 0]
    pairs.sort(key=lambda pair: math.log(max(pair[0], 1e-15)) + cost[pair[1]] + cost[pair[2]])
    return [(i, j) for _, i, j in pairs[:TOP]]


def _unexplained(rest: Array, c: Array, i: int, j: int) -> float:
    """Return 1 - R² of two features, in double precision."""
    g = float(rest[i] @ rest[j])
    return 1.0 - (c[i] ** 2 + c[j] ** 2 - 2 * g * c[i] * c[j]) / max(1.0 - g * g, 1e-12)


def _form(screen: Screen, task: Task, chosen: list[int]) -> list[Form]:
    node, view, exprs = screen.node, task.view, [screen.bank.expr(i) for i in chosen]
    values = [screen.values(i) for i in chosen]
    if not all(np.isfinite(v).all() for v in values):
        return []
    if view is None:
        return _logarithmic(node, exprs, values, task.kind)
    terms: list[Expr | None] = [None]
    rows = [np.ones(node.n_rows)]
    if task.kind != "linear":
        terms += node.columns
        rows += list(node.values)
    if task.kind == "products":
        terms += [multiply(node.columns[i], node.columns[j]) for i, j in _pairs(node)]
        rows += [_product(node, pair) for pair in _pairs(node)]
    return linear(node, view, [*terms, *exprs], np.array([*rows, *values]))


def _logarithmic(node: Node, exprs: list[Expr], values: list[Array], kind: str) -> list[Form]:
    """Return z = c · Π column^a · Π feature^b, or · exp(Σ c·feature)."""
    positive = [k for k in range(node.n_columns) if (node.values[k] > 0).all()]
    size = np.abs(node.z)
    with np.errstate(all="ignore"):
        features = [np.log(np.abs(v)) if kind == "monomial" else v for v in values]
        A = np.array([np.ones(node.n_rows), *np.log(node.values[positive]), *features])
    clear = (size > 1e-3 * np.median(size)) & np.isfinite(A).all(axis=0)
    if clear.sum() < 2 * len(A):
        return []
    c, _ = solve(A[:, clear], np.log(size[clear]), (node.weights * size**2)[clear])
    snapped = np.round(c[1 : 1 + len(positive)] * 2) / 2
    tail = c[1 + len(positive) :]
    body = node.constant(0)
    for k, a in zip(positive, snapped.tolist(), strict=True):
        if a:
            body = multiply(body, raised(node.columns[k], a))
    if kind == "exponential":
        inside = node.constant(1) * exprs[0]
        for i, expr in enumerate(exprs[1:], start=2):
            inside = inside + node.constant(i) * expr
        sign = math.copysign(1.0, float(np.median(node.z)))
        return [node.form(multiply(body, call("exp", inside)), [sign * math.exp(min(float(c[0]), 300.0)), *tail])]
    exponents = np.round(tail * 2) / 2
    if (exponents == 0).any() or np.abs(exponents).max() > 6:
        return []
    shape = np.ones(node.n_rows)
    with np.errstate(all="ignore"):  # what overflows has no finite scale, and goes
        for k, a in zip(positive, snapped.tolist(), strict=True):
            shape = shape * node.values[k] ** a
        for expr, v, b in zip(exprs, values, exponents.tolist(), strict=True):
            if b != round(b) and (v <= 0).any():
                expr, v = call("abs", expr), np.abs(v)
            body = multiply(body, raised(expr, b))
            shape = shape * v**b
        scale = float(np.median(node.z / shape))
    return [node.form(body, [scale])] if math.isfinite(scale) else []


def _mobius(screen: Screen, views: list[View]) -> list[Form]:
    """Return view = (c0 + c1·u) / (1 + c2·u): t regressed on u and t·u for every feature u."""
    node, V = screen.node, screen.bank.values[:MOST_MOBIUS]
    U = V - V.mean(axis=1, keepdims=True)
    tried: list[tuple[float, View, int, tuple[float, float, float]]] = []
    for view in views:
        if view.name not in MOBIUS_VIEWS:
            continue
        t = view.values[screen.rows]
        centred = t - t.mean()
        W = V * t
        mean = W.mean(axis=1)
        W = W - mean[:, None]
        uu, ww, uw = (U * U).sum(axis=1), (W * W).sum(axis=1), (U * W).sum(axis=1)
        ut, wt = U @ centred, W @ centred
        det = uu * ww - uw**2
        with np.errstate(all="ignore"):
            c1, c2 = (ut * ww - wt * uw) / det, (wt * uu - ut * uw) / det
            share = (c1 * ut + c2 * wt) / (centred @ centred)
        share[~((det > 1e-9 * uu * ww) & (share <= 1.0 + 1e-6))] = 0.0
        for j in np.argsort(-share, kind="stable")[:4].tolist():
            c0 = t.mean() - c1[j] * V[j].mean() - c2[j] * mean[j]
            by = screen.bank.factor(j)
            tried.append((1.0 - float(share[j]), view, j, (float(c0), float(c1[j]) * by, -float(c2[j]) * by)))
    tried.sort(key=lambda one: one[0])
    forms = []
    for _, view, j, start in tried[:MOBIUS_TRIED]:
        u = screen.bank.expr(j)
        body = (node.constant(0) + node.constant(1) * u) / (1 + node.constant(2) * u)
        forms.append(node.form(view.inverse(body), start))
    return forms
