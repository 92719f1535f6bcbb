"""A target that is a logarithm: sums of logarithms of the columns and of one template, log f(c·u).

What is tabled as a logarithm (magnitudes, decibels, ln k) is a product of powers and one function, over however many
decades. The function itself may overflow where its logarithm does not, so templates are written as logarithms: that of
exp(a) - 1 as a + log(1 - exp(-a)).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from discover.expr import Expr, call
from discover.inference.forms import Form
from discover.symbolic.instant import monomial
from discover.symbolic.limits import Limits
from discover.symbolic.node import Array, Node
from discover.symbolic.regression import solve
from discover.symbolic.templates import Argument, Index, arguments_of, best_tries

N_ROWS = 128
N_GRID = 60
"""Constants tried inside, from a twentieth of the inverse of large arguments to 25 times that of small ones."""

KEPT = 30
MOST_FREE = 2
"""Columns up to which exponents are left free too."""

HIGHEST_EXPONENT = 6.0


@dataclass(frozen=True, slots=True)
class Logarithm:
    """log f(a): its expression, and its values, NaN where it has none."""

    build: Callable[[Expr], Expr]
    values: Callable[[Array], Array]


def _rest(a: Expr, sign: int) -> Expr:
    """Return log(1 ± exp(-a))."""
    return call("log", 1 + call("exp", -a) if sign > 0 else 1 - call("exp", -a))


LOGARITHMS = (
    Logarithm(lambda a: a, lambda v: v),
    Logarithm(lambda a: a + _rest(a, -1), lambda v: v + np.log(-np.expm1(-v))),
    Logarithm(lambda a: _rest(a, -1), lambda v: np.log(-np.expm1(-v))),
    Logarithm(lambda a: a + _rest(a, 1), lambda v: np.logaddexp(0.0, v)),
    Logarithm(lambda a: _rest(a, 1), lambda v: np.logaddexp(0.0, -v)),
    Logarithm(lambda a: call("log", 1 + a), np.log1p),
)


def offered(limits: Limits) -> list[Logarithm]:
    """Return the templates that limits leave.

    >>> len(offered(Limits())), len(offered(Limits(unary=("exp",))))
    (6, 1)
    """
    return [one for one in LOGARITHMS if limits.may(one.build)]


def logarithmic(node: Node, rng: np.random.Generator) -> Iterator[list[Form]]:
    """Yield forms z = c0 + Σ a·log(column) + b·log f(c·u), exponents snapped to halves, and free."""
    positive = [k for k in range(node.n_columns) if (node.values[k] > 0).all()]
    kinds = offered(node.limits)
    if not positive or not kinds or not node.limits.has("log"):
        return
    rows = np.sort(rng.permutation(node.n_rows)[:N_ROWS])
    inside = arguments_of(node, rows)
    tries, F = _grid(inside, rows, kinds)
    if not tries:
        return
    L = np.log(node.values[positive][:, rows])
    Z = np.concatenate([np.ones((1, len(rows))), L])
    t, weights = node.z[rows], node.weights[rows]
    found: list[tuple[float, tuple[int, int, float], Array]] = []
    for j in best_tries(F, Z, t, weights, tries, np.arange(len(F)))[: 4 * KEPT]:
        start, left = solve(np.concatenate([Z, F[j][None]]), t, weights)
        found.append((left, tries[j], start))
    found.sort(key=lambda one: one[0])
    forms: list[Form] = []
    for _, (i, k, c), start in found[:KEPT]:
        forms += _over_data(node, positive, inside[i], kinds[k], (c, *start.tolist()))
    yield forms


def _grid(
    inside: Sequence[Argument], rows: Index, kinds: Sequence[Logarithm]
) -> tuple[list[tuple[int, int, float]], Array]:
    """Return (argument, template, c) of every usable combination, and their values (n_tries, n_rows)."""
    tries: list[tuple[int, int, float]] = []
    F: list[Array] = []
    for i, argument in enumerate(inside):
        u = argument.values[rows]
        if not (u > 0).all():
            continue
        low, high = np.quantile(u, [0.1, 0.95])
        grid = np.geomspace(0.05 / high, 25.0 / low, N_GRID)
        for k, kind in enumerate(kinds):
            some = grid[:1] if k == 0 and kind is LOGARITHMS[0] else grid  # linear in c: one will do
            with np.errstate(all="ignore"):
                values = kind.values(some[:, None] * u)
            usable = np.isfinite(values).all(axis=1) & (np.ptp(values, axis=1) > 0)
            tries += [(i, k, float(c)) for c in some[usable]]
            F.append(values[usable])
    return tries, np.concatenate(F) if F else np.empty((0, len(rows)))


def _over_data(
    node: Node, positive: list[int], argument: Argument, kind: Logarithm, start: Sequence[float]
) -> list[Form]:
    """Return the forms with exponents snapped to halves, to whole numbers, and free; start is c, c0, the a, and b."""
    c, c0, *exponents, b = start
    if kind is LOGARITHMS[0]:
        c, b = c * b, 1.0
    log_f = kind.build(node.constant(1) * argument.expr)
    forms = []
    for a, power_of in ((np.round(np.array(exponents) * 2) / 2, round(b * 2) / 2), (np.round(exponents), round(b))):
        if power_of == 0 or max(*np.abs(a), abs(power_of)) > HIGHEST_EXPONENT:
            continue
        body = node.constant(0) + _times(power_of, log_f)
        if a.any():
            body = body + call("log", monomial(node, positive, a))
        forms.append(node.form(body, [c0, c]))
    if len(positive) <= MOST_FREE and round(b) != 0:
        body = node.constant(0) + _times(round(b), log_f)
        for m, k in enumerate(positive):
            body = body + node.constant(2 + m) * call("log", node.columns[k])
        forms.append(node.form(body, [c0, c, *exponents]))
    return forms


def _times(number: float, expr: Expr) -> Expr:
    return expr if number == 1 else -expr if number == -1 else number * expr
