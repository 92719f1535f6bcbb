"""Where the fit of a formula begins that somebody wrote down: many draws of its constants, the linear ones solved for.

Source: Golub and Pereyra (1973), variable projection, doi:10.1137/0710036.
"""

from dataclasses import replace

import numpy as np

from discover.expr import compile_program, differentiate
from discover.inference.criteria import Criterion
from discover.inference.forms import Form
from discover.problem import Array

N_DRAWS, MOST_ROWS = 400, 120
N_SHORT, KEPT = 16, 3
SAME = 1e-9
"""Relative difference of two losses that are the same."""

LARGEST = 1e120
"""Magnitude up to which squares and sums of them are still numbers."""

DECADES = 1.5
"""How far, in decades, a constant is drawn from a scale of the data."""


def started(form: Form, X: Array, y: Array, weights: Array, criterion: Criterion, seed: int = 0) -> list[Form]:
    """Return fits of a form from the best of many starts, the best first; the constants that it has are one of them.

    Args:
        form: an expression with free constants.
        X, y, weights: the data, shapes (n_variables, n_rows), (n_rows,), (n_rows,).
        criterion: what is fitted in the end.
        seed: of the draws.

    >>> from discover.expr import parse
    >>> from discover.inference.criteria import Squares
    >>> x = np.linspace(250.0, 350.0, 40)[None]
    >>> y = 5e6 * np.exp(-3000.0 / x[0])
    >>> form = Form(parse("a*exp(-b/x)", ["x", "a", "b"]), 1, (1.0, 1.0))
    >>> [round(value, 3) for value in started(form, x, y, np.ones(40), Squares(x, y, np.ones(40)))[0].start]
    [5000000.0, 3000.0]
    """
    if not form.n_free:
        return [form]
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(y))[:MOST_ROWS])
    linear = linear_constants(form)
    draws = _draws(form, X[:, rows], y[rows], rng)
    solved, left = _solved(form, linear, draws, X[:, rows], y[rows], weights[rows])
    order = np.argsort(left, kind="stable")[:N_SHORT]
    short = [replace(form, start=tuple(solved[k].tolist())) for k in order if np.isfinite(left[k])]
    fits = criterion.fit([form, *short], 60, sampled=True)
    best = [found for found, rest in sorted(fits, key=lambda pair: pair[1]) if np.isfinite(rest)][:KEPT]
    final = sorted(criterion.fit(best, 100), key=lambda pair: pair[1]) if best else []
    return [_positive(found, left, criterion) for found, left in final]


def _positive(form: Form, left: float, criterion: Criterion) -> Form:
    """Return a fit with every constant positive whose sign does not matter, such as a width that is squared."""
    for k, value in enumerate(form.start):
        if value < 0:
            turned = replace(form, start=(*form.start[:k], -value, *form.start[k + 1 :]))
            ((_, again),) = criterion.fit([turned], 0)
            form = turned if abs(again - left) <= SAME * left else form
    return form


def linear_constants(form: Form) -> tuple[int, ...]:
    """Return the free constants that the form is linear in, all of them together.

    >>> from discover.expr import parse
    >>> linear_constants(Form(parse("a*exp(b*x) + c", ["x", "a", "b", "c"]), 1, (1.0, 1.0, 1.0)))
    (0, 2)
    """
    chosen: list[int] = []
    for k in range(form.n_free):
        inside = differentiate(form.expr, form.n_variables + k).variables
        if not any(form.n_variables + other in inside for other in (*chosen, k)):
            chosen.append(k)
    return tuple(chosen)


def _draws(form: Form, X: Array, y: Array, rng: np.random.Generator) -> Array:
    """Return constants drawn about the scales of the data, shape (n_draws, n_free), those of the form first."""
    used = [v for v in form.expr.variables if v < form.n_variables]
    sizes = [size for v in used for size in (float(np.median(np.abs(X[v]))), float(X[v].std())) if size > 0]
    scales = np.array([1.0, 1.0, *sizes, *(1.0 / size for size in sizes), float(np.median(np.abs(y))) or 1.0])
    shape = (N_DRAWS, form.n_free)
    draws = scales[rng.integers(len(scales), size=shape)] * 10.0 ** rng.uniform(-DECADES, DECADES, shape)
    draws *= np.where(rng.random(shape) < 0.3, -1.0, 1.0)
    levels = [v for v in used if X[v].min() < 0.0 or X[v].min() > 0.2 * X[v].max()]
    for v in levels:  # a position within the range, such as the place of a line
        here = rng.random(shape) < 0.25 / len(levels)
        draws[here] = rng.uniform(X[v].min(), X[v].max(), int(here.sum()))
    draws[0] = form.start
    return draws


def _solved(
    form: Form, linear: tuple[int, ...], draws: Array, X: Array, y: Array, weights: Array
) -> tuple[Array, Array]:
    """Return draws with the linear constants solved for, and what each leaves, infinite where it is not defined."""
    n, n_free = X.shape[1], form.n_free
    values = np.repeat(draws, n, axis=0).T.copy()
    values[list(linear)] = 0.0
    parts = [form.expr, *(differentiate(form.expr, form.n_variables + k) for k in linear)]
    program = compile_program(parts, form.n_variables + n_free)
    found = program.evaluate(np.concatenate([np.tile(X, len(draws)), values])).reshape(len(parts), len(draws), n)
    found = np.where(np.abs(found) < LARGEST, found, np.inf)
    solved, left, root = draws.copy(), np.full(len(draws), np.inf), np.sqrt(weights)
    for d in range(len(draws)):
        rest, A = (y - found[0, d]) * root, found[1:, d] * root
        if not (np.abs(rest).max() < LARGEST and np.abs(A).max(initial=0.0) < LARGEST):
            continue
        if linear:
            norms = np.linalg.norm(A, axis=1)
            norms[norms == 0.0] = 1.0
            c = np.linalg.lstsq((A / norms[:, None]).T, rest, rcond=1e-12)[0]
            solved[d, list(linear)] = c / norms
            rest = rest - c @ (A / norms[:, None])
        left[d] = float(rest @ rest)
    return solved, left
