"""Forms that the search may not have tried and that explain the data as well: one factor is another function.

A search ends with the form of the shortest description among those it saw. Under noise others that look alike over the
range of the data, a secant for the root of Lorentz, may be as likely; who calls the first one a law must have asked.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from discover.errors import ExpressionError, UnitError
from discover.expr import (
    Dimension,
    Expr,
    compile_program,
    constant,
    differentiate,
    dimension_of,
    simplify,
    substitute,
    variable,
)
from discover.expr.parts import cut, put, spans
from discover.inference.criteria import Criterion, Squares
from discover.inference.description import NAMED, PER_TOKEN, n_tokens, number_tokens
from discover.inference.forms import Form, values
from discover.inference.shapes import ONE_SIDED_EXPR, TWO_SIDED_EXPR, factorings, renumbered, with_constants
from discover.problem import Array
from discover_kernels import opcodes

TEMPERED, FREE = 0.5, 4
"""Nats a token of structure, up to so many more than the chosen form has: a description's price says which form to
choose, and is too sure that it is the law. Beyond them there are so many forms that one fits by chance."""

CLOSE = 2.0
"""Nats by which a form may be worse and still count."""

APART = 4.0
"""χ² between two forms below which noise cannot tell them apart, and only a shorter one counts."""

SIGHT, MOST_ROWS = 200, 2000
"""Rows on which functions are looked at, and on which the nearest are fitted."""

MOST_PARTS, MOST_FITTED, MOST_ROUNDED, MOST_CHECKED = 14, 60, 15, 12
ARGUMENTS = np.geomspace(0.03, 10.0, 24)
"""Sizes of a function's argument that are tried, for the middle one of the rows."""

BENT = 0.3
"""Largest argument of a function over the rows below which it is a line or a constant under another name."""

POWERS, BESIDE = (1, 2, -1), (0, 1, -1, 2, -2)
"""Powers of w inside the function, and beside it."""

SAME_LAW = 1e-5
"""Relative difference below which a rival is the same law with other numbers."""

PLAIN = np.array(sorted({a / b for a in range(1, 13) for b in (1, 2, 3, 4)} | set(NAMED)))
WITHIN = 3.0
"""Numbers that a constant may stand for, and standard errors within which."""

Found = tuple[float, Form]


@dataclass(frozen=True, slots=True)
class Rival:
    """Another form for the data: with its constants, and how many nats worse it is, tempered; below 0 it is better."""

    form: Form
    worse: float

    @property
    def told(self) -> Expr:
        """The form with its numbers at four digits, to be read."""
        whole = self.form.law
        return Expr(whole.tape, tuple(float(f"{value:.4g}") for value in whole.constants), whole.orders)


def rivals(form: Form, whole: Criterion, squares: Squares, dimensions: Sequence[Dimension | None]) -> list[Rival]:
    """Return the forms next to a fitted one that the data leave about as likely, the likeliest first.

    Args:
        form: the one that was chosen, with its constants.
        whole: what it was fitted to, on all rows.
        squares: weighted least squares about as it, on the same rows.
        dimensions: of the variables of the data and of the target; forms that break them are no rivals.

    >>> from discover.expr import parse
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(0.2, 0.6, (1, 300))
    >>> y = 1 / np.sqrt(1 - x[0] ** 2) + 0.05 * rng.standard_normal(300)
    >>> told, data = Form(parse("1/cos(x)", ["x"]), 1), Squares(x, y, np.ones(300))
    >>> len(rivals(told, data, data, (None, None))) > 0
    True
    """
    step = -(-len(squares.y) // MOST_ROWS)
    some = whole if step == 1 else _every(squares, step)
    n_rows, usual = len(squares.y), _structure(form)
    near = _looked_at(form, _every(squares, -(-n_rows // SIGHT)), n_rows)
    told = _measured([form], some, n_rows, usual)[0][0]
    fits = sorted(_measured(near, some, n_rows, usual), key=lambda pair: pair[0])
    plainer = [one for _, long in fits[:MOST_ROUNDED] for one in _rounded(long, some.std(long))]
    fits += _measured(plainer, some, n_rows, usual)
    fits = sorted((pair for pair in fits if pair[0] - told < CLOSE * (2.0 if step > 1 else 1.0)), key=lambda p: p[0])
    return _confirmed(form, [f for _, f in fits], whole, squares, dimensions)


def _confirmed(
    form: Form, near: list[Form], whole: Criterion, squares: Squares, dimensions: Sequence[Dimension | None]
) -> list[Rival]:
    """Return those that hold on all rows, break no units, and are neither the same law nor too near to matter."""
    n = len(squares.y)
    usual = _structure(form)
    told = _measured([form], whole, n, usual)[0][0]
    value = values(form, squares.X)
    spread = float(np.sum(squares.weights * (squares.y - value) ** 2)) / n
    found: list[Rival] = []
    for one in near:
        if len(found) == MOST_CHECKED:
            break
        if not _legal(one, dimensions):
            continue
        ((length, again),) = _measured([one], whole, n, usual) or [(math.inf, one)]
        if length - told >= CLOSE:
            continue
        apart = float(np.sum(squares.weights * (values(again, squares.X) - value) ** 2)) / max(spread, 1e-300)
        shorter = _structure(again) < usual and again.n_free <= form.n_free
        if (shorter or apart >= APART) and not _same_law(form if shorter else _loosened(form), again, squares):
            found.append(Rival(again, length - told))
    return sorted(found, key=lambda rival: rival.worse)


def _every(squares: Squares, step: int) -> Squares:
    X, y, weights = squares.X[:, ::step], squares.y[::step], squares.weights[::step]
    return Squares(np.ascontiguousarray(X), y.copy(), weights.copy(), squares.known)


def _structure(form: Form) -> int:
    """Return how many tokens a form has that are no numbers, free or not."""
    free = sum(op == opcodes.VARIABLE and argument >= form.n_variables for op, argument in form.expr.tape)
    return n_tokens(form.expr) - free - sum(number_tokens(value) for value in form.expr.constants)


def _length(form: Form, n_rows: int, usual: int) -> float:
    """Return the nats of a form by itself: tempered for structure, `usual` being that of the chosen form."""
    structure = _structure(form)
    beyond = max(structure - usual - FREE, 0)
    numbers = sum(number_tokens(value) for value in form.expr.constants)
    return (
        TEMPERED * (structure - beyond + form.n_free)
        + PER_TOKEN * (beyond + numbers)
        + 0.5 * form.n_free * math.log(n_rows)
    )


def _measured(forms: Sequence[Form], criterion: Criterion, n_rows: int, usual: int) -> list[Found]:
    """Return each form, fitted, with its length in nats; those that are not finite on some row are left out."""
    fits = criterion.fit(forms, 30) if forms else []
    return [(criterion.nats(left, f.n_free) + _length(f, n_rows, usual), f) for f, left in fits if math.isfinite(left)]


def _same_law(form: Form, rival: Form, squares: Squares) -> bool:
    """Return whether the chosen form becomes the rival with other numbers."""
    value = values(rival, squares.X)
    ((_, left),) = Squares(squares.X, value, squares.weights).fit([form], 30)
    return left < SAME_LAW**2


def _loosened(form: Form) -> Form:
    """Return a form with a number before it, as one whose coefficient was rounded has."""
    free = variable(form.n_variables + form.n_free)
    return Form(free * form.expr, form.n_variables, (*form.start, 1.0))


def _legal(form: Form, dimensions: Sequence[Dimension | None]) -> bool:
    """Return whether a form without free constants keeps the units; a free one may have any."""
    if form.n_free:
        return True
    try:
        found = dimension_of(form.expr, dimensions[:-1])
    except UnitError:
        return False
    return found is None or dimensions[-1] is None or found == dimensions[-1]


def _looked_at(form: Form, seen: Squares, n_rows: int) -> list[Form]:
    """Return the forms in which one factor is another function, those first that look best on a few rows."""
    rest = seen.residual(form)
    least = max(float(rest @ rest), 1e-300)
    found: dict[Expr, tuple[float, Form]] = {}
    looked = [one for span in list(spans(form.expr))[::-1][:MOST_PARTS] for one in _replaced(form, span, seen, least)]
    for left, one in sorted(looked, key=lambda pair: pair[0])[: 4 * MOST_FITTED]:
        gain = 0.5 * n_rows * math.log(max(left, 1e-300) / least)
        found.setdefault(one.expr, (gain + _length(one, n_rows, _structure(form)), one))
    return [one for _, one in sorted(found.values(), key=lambda pair: pair[0])[:MOST_FITTED]]


def _replaced(form: Form, span: tuple[int, int], seen: Squares, least: float) -> Iterator[Found]:
    """Yield (Σ w r² to first order, form) with other functions in the place of one part."""
    part, n = cut(form.expr, span), form.n_variables
    if all(v >= n for v in part.variables):
        return
    Z = with_constants(form.start, seen.X)
    hole = n + form.n_free
    value = compile_program([part], len(Z)).evaluate(Z)[0]
    slope_of = differentiate(put(form.expr, span, variable(hole)), hole)
    slope = compile_program([slope_of], hole + 1).evaluate(np.concatenate([Z, value[None]]))[0]
    root = np.sqrt(seen.weights)
    target = seen.residual(form) + root * slope * value
    if not np.isfinite(target).all():
        return
    limit = least * (1.0 + 60.0 / len(target))
    for before, argument in factorings(part, form.start, seen.X):
        first, inside = compile_program([before, argument], n).evaluate(seen.X)
        if not np.isfinite(inside).all() or not inside.all():
            continue
        for expr, k, A in _functions(root * slope * first, before, inside, argument, target, limit, hole):
            try:
                yield A[1], renumbered(put(form.expr, span, expr), n, dict(enumerate((*form.start, k, A[0]), n)))
            except (ExpressionError, ZeroDivisionError, OverflowError):
                continue


def _functions(
    slope: Array, before: Expr, inside: Array, argument: Expr, target: Array, limit: float, hole: int
) -> Iterator[tuple[Expr, float, tuple[float, float]]]:
    """Yield (a part A M wˢ g(k wᵍ), k, (A, Σ r²)) that leaves less than the limit."""
    k, A = variable(hole), variable(hole + 1)
    for s in BESIDE:
        basis = slope * inside**s
        yield from (
            (A * before * argument ** (s + q), 1.0, left)
            for q in POWERS
            if s + q and (left := _projected(basis * inside**q, target)) and left[1] < limit
        )
        for q in POWERS:
            w = inside**q
            scales = ARGUMENTS / (float(np.median(np.abs(w))) or 1.0)
            for shapes, sides in ((ONE_SIDED_EXPR, scales), (TWO_SIDED_EXPR, np.concatenate([-scales[::-1], scales]))):
                t = sides[:, None] * w
                H = compile_program(list(shapes), 1).evaluate(t.reshape(1, -1)).reshape(len(shapes), *t.shape)
                for shape, best, found in _best(H, basis, target, np.abs(t).max(axis=1), limit):
                    inner = substitute(shapes[shape], [k * argument**q])
                    yield A * before * argument**s * inner, float(sides[best]), found


def _projected(h: Array, target: Array) -> tuple[float, float]:
    size = float(h @ h)
    A = float(h @ target) / size if 0.0 < size < math.inf else 0.0
    rest = target - A * h
    return A, float(rest @ rest)


def _best(
    H: Array, basis: Array, target: Array, largest: Array, limit: float
) -> Iterator[tuple[int, int, tuple[float, float]]]:
    """Yield (shape, scale, (A, Σ r²)) of each shape's best scale, H being of shape (n_shapes, n_scales, n_rows)."""
    with np.errstate(all="ignore"):
        size = H**2 @ basis**2
        A = H @ (basis * target) / size
        left = float(target @ target) - A**2 * size
    left[~(np.isfinite(left) & (largest > BENT))] = np.inf
    for shape, best in enumerate(left.argmin(axis=1).tolist()):
        if left[shape, best] < limit:
            yield shape, best, (float(A[shape, best]), float(left[shape, best]))


def _rounded(form: Form, std: Array) -> Iterator[Form]:
    """Yield the form with some of its constants replaced by plain numbers that their errors allow."""
    shorter: list[Form] = [form]
    for value, error in zip(form.start, std.tolist(), strict=True):
        reach = max(WITHIN * error, 1e-9 * abs(value)) if math.isfinite(error) else 0.0
        near = PLAIN[np.abs(PLAIN - abs(value)) <= reach].tolist()
        near.sort(key=lambda number: (number_tokens(number), abs(number - abs(value))))
        for one in list(shorter):
            k = one.start.index(value) if value in one.start else -1
            for number in near[:2] if k >= 0 else ():
                names = [variable(v) for v in range(one.n_variables + one.n_free)]
                names[one.n_variables + k] = constant(math.copysign(number, value))
                try:
                    expr = simplify(substitute(one.expr, names))
                except (ExpressionError, ZeroDivisionError, OverflowError):
                    continue
                start = dict(enumerate(one.start, one.n_variables))
                shorter.append(renumbered(expr, one.n_variables, start))
                yield shorter[-1]
