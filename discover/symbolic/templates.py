"""Templates with an inner constant, f(c·u): a grid over c proposes, the fit of all constants disposes."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr, call, constant, evaluate, multiply, power, substitute, variable
from discover.inference.forms import Form, fitted
from discover.symbolic.features import ARITHMETIC, bank, within
from discover.symbolic.limits import Limits
from discover.symbolic.node import Node, raised
from discover.symbolic.regression import solve
from discover.symbolic.views import View

Array = NDArray[np.float64]
Index = NDArray[Any]
"""Whole numbers of any size."""

N_ROWS = 200
MOST_FEATURES, DEEPEST = 60, 6
MOST_MONOMIALS, HIGHEST = 260, 2
MOST_COLUMNS = 6
HIGHEST_EXPONENT = 6.0
KEPT = 50
"""Best pairs of template and argument of each kind that are fitted to the target itself."""

HELD = 15
"""Of them, those whose exponent is also held at ±1 and ±2."""

N_ITERATIONS = 15

VIEWS = ("identity", "inverse", "square", "logarithm")
WIDE = 50.0
"""Ratio of the argument's quantiles from which on the grid of constants is finer."""

MOST_EXPONENT, MOST_ANGLE = 600.0, 200.0
LARGEST, FLAT = 1e100, 1e-8
"""Largest magnitude of a template's values, and the range relative to it below which they are a constant."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """One function of c·u: its expression, its values, and how the grid of c runs."""

    build: Callable[[Expr], Expr]
    values: Callable[[Array], Array]
    periodic: bool = False
    signed: bool = False


TEMPLATES = (
    Template(lambda a: call("sin", a), np.sin, periodic=True),
    Template(lambda a: call("cos", a), np.cos, periodic=True),
    Template(lambda a: power(call("sin", a), 2), lambda v: np.sin(v) ** 2, periodic=True),
    Template(lambda a: call("exp", a), np.exp, signed=True),
    Template(lambda a: call("exp", a) - 1, np.expm1, signed=True),
    Template(lambda a: call("exp", a) + 1, lambda v: np.exp(v) + 1, signed=True),
    Template(lambda a: call("tanh", a), np.tanh),
    Template(lambda a: call("log", 1 + a), np.log1p, signed=True),
    Template(lambda a: 1 + a, lambda v: 1 + v, signed=True),
)


RARE = ("tan", "atan", "sinh", "cosh", "cbrt")
"""Functions that are tried where they are asked for."""


@cache
def offered(limits: Limits) -> tuple[Template, ...]:
    """Return the templates that limits leave, and those of the functions and operators that were asked for.

    >>> len(offered(Limits())), len(offered(Limits(unary=("exp", "tan"))))
    (9, 5)
    """
    usual = [template for template in TEMPLATES if limits.may(template.build)]
    rare = [
        Template(
            partial(call, name), partial(evaluate_at, call(name, variable(0))), periodic=name == "tan", signed=True
        )
        for name in RARE
        if limits.has(name)
    ]
    return (*usual, *rare, *(Template(one.over, one.values, signed=True) for one in limits.given))


def evaluate_at(expr: Expr, u: Array) -> Array:
    """Return an expression of variable 0 for every element of u, NaN where there is no value."""
    return evaluate(expr, np.reshape(u, (1, -1))).reshape(np.shape(u))


@dataclass(frozen=True, slots=True, eq=False)
class Argument:
    """What may stand inside a template: an expression, and its values on all rows."""

    expr: Expr
    values: Array


def templates(node: Node, rng: np.random.Generator) -> Iterator[list[Form]]:
    """Yield forms with one template, times a monomial or in a linear model of a view."""
    if not node.n_columns:
        return
    rows = np.sort(rng.permutation(node.n_rows)[:N_ROWS])
    arguments = arguments_of(node, rows)
    tries, F = _grid(arguments, rows, offered(node.limits))
    if not tries:
        return
    yield _in_logarithms(node, arguments, tries, F, rows)
    for view in node.views():
        if view.name in VIEWS:
            yield _in_view(node, view, arguments, tries, F, rows)


def arguments_of(node: Node, rows: Index) -> list[Argument]:
    """Return the simplest arithmetic features and the monomials with exponents up to 2."""
    from discover.symbolic.screening import values_of

    (operators,) = within(node.limits, [ARITHMETIC])
    small = bank(
        node.columns, np.ascontiguousarray(node.values[:, rows]), operators, MOST_FEATURES, DEEPEST, scaled=True
    )
    found = [Argument(small.expr(i), values_of(small, i, node.values)) for i in range(len(small))]
    positive = [k for k in range(node.n_columns) if (node.values[k] > 0).all()]
    monomials = []
    if 0 < len(positive) <= MOST_COLUMNS:
        for exponents in product(range(-HIGHEST, HIGHEST + 1), repeat=len(positive)):
            size = sum(map(abs, exponents))
            if 0 < size <= 6:
                monomials.append((size + sum(abs(a) > 1 for a in exponents), exponents))
    for _, exponents in sorted(monomials)[:MOST_MONOMIALS]:
        expr, values = None, np.ones(node.n_rows)
        for k, a in zip(positive, exponents, strict=True):
            if a:
                factor = raised(node.columns[k], a)
                expr = factor if expr is None else multiply(expr, factor)
                values = values * node.values[k] ** float(a)
        if expr is not None:
            found.append(Argument(expr, values))
    return [one for one in found if np.isfinite(one.values).all()]


def _grid(
    arguments: list[Argument], rows: Index, kinds: tuple[Template, ...]
) -> tuple[list[tuple[int, int, float]], Array]:
    """Return (argument, template, c) of every usable combination, and their values (n_tries, n_rows)."""
    tries: list[tuple[int, int, float]] = []
    F: list[Array] = []
    for i, argument in enumerate(arguments):
        u = argument.values[rows]
        sizes = np.abs(u[u != 0])
        if len(sizes) < 2:
            continue
        low, high = np.quantile(sizes, [0.1, 0.95])
        wide = np.geomspace(0.05 / high, 25.0 / low, 32 if high < WIDE * low else 90)
        even = np.arange(1, 61) * 0.7 / max(float(np.ptp(u)), 1e-300)
        for k, template in enumerate(kinds):
            grid = np.concatenate([wide[:12], even]) if template.periodic else wide
            if template.signed:
                grid = np.concatenate([grid, -grid])
            inside = grid[:, None] * u
            limit = MOST_ANGLE if template.periodic else MOST_EXPONENT
            reach = np.abs(inside).max(axis=1) if template.periodic else inside.max(axis=1)
            kept = reach < limit
            with np.errstate(all="ignore"):
                values = template.values(inside[kept])
            size = np.abs(values).max(axis=1, initial=0.0)
            usable = (size < LARGEST) & (np.ptp(values, axis=1) > FLAT * size)
            tries += [(i, k, float(c)) for c in grid[kept][usable]]
            F.append(values[usable])
    return tries, np.concatenate(F) if F else np.empty((0, len(rows)))


def best_tries(
    F: Array, Z: Array, t: Array, weights: Array, tries: list[tuple[int, int, float]], ids: Index
) -> list[int]:
    """Return for each pair of argument and template the try that explains t best, the best pairs first."""
    root = np.sqrt(weights)
    Q, _ = np.linalg.qr((Z * root / np.linalg.norm(Z * root, axis=1, keepdims=True)).T)
    A = F * root
    norms = np.linalg.norm(A, axis=1)
    A = A - (A @ Q) @ Q.T
    rest = np.linalg.norm(A, axis=1)
    b = t * root
    b = b - Q @ (Q.T @ b)
    with np.errstate(all="ignore"):
        share = (A @ b / rest) ** 2
    share[~(rest > 1e-7 * norms)] = -1.0
    chosen: dict[tuple[int, int], int] = {}
    for j in np.argsort(-share, kind="stable").tolist():
        chosen.setdefault(tries[ids[j]][:2], int(ids[j]))
    return list(chosen.values())


def _in_logarithms(
    node: Node, arguments: list[Argument], tries: list[tuple[int, int, float]], F: Array, rows: Index
) -> list[Form]:
    """Return z = c · Π column^a · f(c'·u)^b: exponents and c' fitted to the logarithms, then exponents snapped."""
    size, kinds = np.abs(node.z), offered(node.limits)
    positive = [k for k in range(node.n_columns) if (node.values[k] > 0).all()]
    if (size[rows] == 0).any():
        return []
    with np.errstate(all="ignore"):
        W = np.log(np.abs(F))
    ids = np.flatnonzero(np.isfinite(W).all(axis=1))
    if not len(ids):
        return []
    L = np.log(node.values[positive][:, rows])
    Z = np.concatenate([np.ones((1, len(rows))), L])
    t, weights = np.log(size[rows]), np.ascontiguousarray((node.weights * size**2)[rows])
    weights = np.minimum(weights, 1e4 * np.median(weights))
    X = np.concatenate([np.array([argument.values[rows] for argument in arguments]), L])
    first, n = len(arguments), len(arguments) + len(positive)
    forms: list[Form] = []
    pairs: list[tuple[int, int]] = []
    for j in best_tries(W[ids], Z, t, weights, tries, ids):
        i, k, c = tries[j]
        start, _ = solve(np.concatenate([Z, W[j][None]]), t, weights)
        forms.append(_log_form(n, i, kinds[k], first, (c, start[0], *start[1:-1], start[-1])))
        pairs.append((i, k))
    fits = fitted(forms, np.ascontiguousarray(X), t, weights, N_ITERATIONS)
    order = [at for at in np.argsort([sse for _, sse in fits], kind="stable").tolist() if math.isfinite(fits[at][1])]
    found: list[Form] = []
    for at in order[:KEPT]:
        found += _powers_of(node, positive, arguments[pairs[at][0]], kinds[pairs[at][1]], fits[at][0].start)
    # Exponents that are free trade places under noise; with the template's own exponent held they do not.
    held = [(at, b) for at in order[:HELD] for b in (1.0, -1.0, 2.0, -2.0)]
    again = [
        _log_form(n, pairs[at][0], kinds[pairs[at][1]], first, fits[at][0].start[:-1], exponent=b) for at, b in held
    ]
    for (at, b), (form, sse) in zip(
        held, fitted(again, np.ascontiguousarray(X), t, weights, N_ITERATIONS), strict=True
    ):
        if math.isfinite(sse):
            i, k = pairs[at]
            found += _powers_of(node, positive, arguments[i], kinds[k], (*form.start, b))
    return found


def _log_form(
    n: int, i: int, template: Template, first: int, start: Sequence[float], exponent: float | None = None
) -> Form:
    """Return log z = c + Σ a·L + b·log|f(c'·u)| over n variables: u is number i, the L from `first` on.

    The constants are c', c, the a, and b unless it is held at `exponent`.
    """
    inside = call("log", call("abs", template.build(variable(n) * variable(i))))
    total = variable(n + 1)
    for m in range(n - first):
        total = total + variable(n + 2 + m) * variable(first + m)
    b = variable(n + 2 + n - first) if exponent is None else constant(exponent)
    return Form(total + b * inside, n, tuple(start))


def _powers_of(
    node: Node, positive: list[int], argument: Argument, template: Template, start: Sequence[float]
) -> list[Form]:
    """Return the forms with the exponents snapped to halves and to whole numbers; start is c', c, the a, and b."""
    c, free = float(start[0]), np.array(start[2:])
    with np.errstate(all="ignore"):
        f = template.values(c * argument.values)
    forms = []
    for exponents in (np.round(free * 2) / 2, np.round(free)):
        b = float(exponents[-1])
        if b == 0 or np.abs(exponents).max() > HIGHEST_EXPONENT:
            continue
        body = multiply(node.constant(0), raised(template.build(node.constant(1) * argument.expr), b))
        with np.errstate(all="ignore"):
            shape = f**b
            for k, a in zip(positive, exponents[:-1].tolist(), strict=True):
                if a:
                    body = multiply(body, raised(node.columns[k], a))
                    shape = shape * node.values[k] ** a
            scale = float(np.median(node.z / shape))
        if math.isfinite(scale):
            forms.append(node.form(body, [scale, c]))
    return forms


def _in_view(
    node: Node,
    view: View,
    arguments: list[Argument],
    tries: list[tuple[int, int, float]],
    F: Array,
    rows: Index,
) -> list[Form]:
    """Return g(z) = c0 + c1 · f(c2·u), with and without c0: every argument is fitted once, the best go on."""
    t, weights = np.ascontiguousarray(view.values[rows]), np.ascontiguousarray(node.weights_in(view)[rows])
    X = np.ascontiguousarray(np.array([argument.values[rows] for argument in arguments]))
    bodies: list[tuple[Form, int]] = []
    kinds = offered(node.limits)
    for j in best_tries(F, np.ones((1, len(rows))), t, weights, tries, np.arange(len(F))):
        i, k, c = tries[j]
        both, _ = solve(np.array([np.ones_like(t), F[j]]), t, weights)
        alone, _ = solve(F[j][None], t, weights)
        n = len(arguments)
        inside = kinds[k].build(variable(n) * variable(i))
        bodies.append((Form(variable(n + 1) + variable(n + 2) * inside, n, (c, *both)), j))
        bodies.append((Form(variable(n + 1) * inside, n, (c, *alone)), j))
    fits = fitted([form for form, _ in bodies], X, t, weights, N_ITERATIONS)
    order = np.argsort([sse for _, sse in fits], kind="stable")[:KEPT].tolist()
    return [_over_data(node, view, arguments, fits[i][0]) for i in order if math.isfinite(fits[i][1])]


def _over_data(node: Node, view: View, arguments: list[Argument], form: Form) -> Form:
    """Return the form of y for a form of a view whose variables are the arguments."""
    parts = [argument.expr for argument in arguments] + [node.constant(k) for k in range(form.n_free)]
    return node.form(view.inverse(substitute(form.expr, parts)), form.start)
