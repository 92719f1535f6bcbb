"""A form with a hole, y = G(x, a, f(u)): the constants a are known from a polynomial in place of f, then f is sought.

For known constants every row says what f should be there: the solution of y = G, found by Newton's method. Those
values, with the weights that errors of y become, are an ordinary target; but every proposal is put into the form, and
fitted together with a to y itself. The constants of the best proposal then give better values of f, and so on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement

import numpy as np

from discover.expr import Expr, compile_program, differentiate, multiply, substitute, variable
from discover.inference.criteria import Criterion
from discover.inference.forms import Array, Form, values
from discover.inference.starting import started
from discover.symbolic.spelled import Hole, Spelled

DEGREES = (3, 2, 1)
MOST_PILOT = 21
"""Features of the polynomial that stands for the unknown function at first."""

N_NEWTON = 60
HEAVIEST = 1e6
"""Largest weight of a row, over the median."""


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """The criterion of a hole: a proposal is what the form becomes with it, fitted with the form's own constants.

    Attributes:
        spelled: the form.
        criterion: what the whole is fitted to.
        start: the form's constants to begin with.
        known: the constants beside every proposal that was fitted.
    """

    spelled: Spelled
    criterion: Criterion
    start: tuple[float, ...]
    known: dict[Expr, tuple[float, ...]] = field(default_factory=dict)

    def whole(self, form: Form) -> Form:
        """Return the form of y with a proposal in the hole: the form's own constants come first."""
        n, m = self.spelled.n_variables, len(self.spelled.constants)
        free = [variable(n + m + k) for k in range(form.n_free)]
        inside = substitute(form.expr, [*self._hole.arguments, *free])
        expr = substitute(self.spelled.expr, [*(variable(v) for v in range(n + m)), inside])
        return Form(expr, n, (*self.known.get(form.expr, self.start), *form.start))

    @property
    def _hole(self) -> Hole:
        assert self.spelled.hole is not None
        return self.spelled.hole

    def fit(self, forms: Sequence[Form], n_iterations: int, sampled: bool = False) -> list[tuple[Form, float]]:
        """Return each proposal fitted together with the form around it, and what the whole leaves."""
        m, found = len(self.spelled.constants), []
        fits = self.criterion.fit([self.whole(form) for form in forms], n_iterations, sampled)
        for form, (whole, left) in zip(forms, fits, strict=True):
            self.known[form.expr] = whole.start[:m]
            found.append((replace(form, start=whole.start[m:]), left))
        return found

    def nats(self, left: float, n_free: int) -> float:
        """Return the length of what the whole leaves."""
        return self.criterion.nats(left, n_free + len(self.spelled.constants))

    def residual(self, form: Form) -> Array:
        """Return what the whole leaves, shape (n_rows,)."""
        return self.criterion.residual(self.whole(form))

    def spread(self, form: Form) -> float:
        """Return the standard deviation of the errors of a typical row."""
        return self.criterion.spread(self.whole(form))

    def std(self, form: Form) -> Array:
        """Return standard errors of the proposal's constants, shape (n_free,)."""
        return self.criterion.std(self.whole(form))[len(self.spelled.constants) :]


def pilot(
    spelled: Spelled, X: Array, y: Array, weights: Array, criterion: Criterion, seed: int
) -> tuple[tuple[float, ...], Array]:
    """Return the form's constants, and the unknown function (n_rows,), with a polynomial for it."""
    assert spelled.hole is not None
    n, m = spelled.n_variables, len(spelled.constants)
    best: tuple[float, Form, Form] | None = None
    for degree in DEGREES:
        features = _features(spelled.hole.arguments, X, degree)
        if len(features) > min(MOST_PILOT, len(y) // 3):
            continue
        free = [variable(n + m + k) for k in range(1 + len(features))]
        inside = free[0]
        for k, feature in enumerate(features):
            inside = inside + multiply(free[1 + k], feature)
        expr = substitute(spelled.expr, [*(variable(v) for v in range(n + m)), inside])
        form = Form(expr, n, (1.0,) * m + (0.0,) * len(free))
        for found in started(form, X, y, weights, criterion, seed)[:1]:
            ((_, left),) = criterion.fit([found], 0)
            length = criterion.nats(left, found.n_free) + 0.5 * np.log(len(y)) * found.n_free
            if best is None or length < best[0]:
                best = (float(length), found, Form(inside, n, found.start))
    if best is None:
        return (1.0,) * m, np.full(len(y), 1.0)
    return best[1].start[:m], values(best[2], X)


def _features(arguments: Sequence[Expr], X: Array, degree: int) -> list[Expr]:
    """Return the monomials up to a degree of the arguments, brought to unit size, as expressions over the data."""
    scaled = []
    for argument, v in zip(arguments, compile_program(list(arguments), len(X)).evaluate(X), strict=True):
        middle, size = float(v.mean()), float(v.std()) or 1.0
        scaled.append((argument - middle) * (1.0 / size))
    found = []
    for d in range(1, degree + 1):
        for factors in combinations_with_replacement(range(len(scaled)), d):
            term = scaled[factors[0]]
            for k in factors[1:]:
                term = multiply(term, scaled[k])
            found.append(term)
    return found


def solved(
    spelled: Spelled, constants: Sequence[float], X: Array, y: Array, weights: Array, near: Array
) -> tuple[Array, Array]:
    """Return what the unknown function is in every row for given constants, and its weights, both (n_rows,).

    Newton's method from `near`, a row at a time; a row without a solution keeps the nearest.

    >>> from discover.symbolic.spelled import spelled
    >>> form = spelled("a*exp(-f(x))", "form", ["y", "x"], 1)
    >>> x = np.linspace(0.0, 1.0, 5)[None]
    >>> f, _ = solved(form, (2.0,), np.concatenate([x, x]), 2.0 * np.exp(-(x[0] ** 2)), np.ones(5), x[0])
    >>> bool(np.allclose(f, x[0] ** 2))
    True
    """
    n, m = spelled.n_variables, len(spelled.constants)
    program = compile_program([spelled.expr, differentiate(spelled.expr, n + m)], n + m + 1)
    numbers = np.repeat(np.array(constants, dtype=np.float64)[:, None], len(y), axis=1)

    def at(f: Array) -> tuple[Array, Array]:
        with np.errstate(all="ignore"):
            G, slope = program.evaluate(np.concatenate([X, numbers, f[None]]))
        return np.where(np.isfinite(G), y - G, np.inf), np.where(np.isfinite(slope), slope, 0.0)

    f, size = near.copy(), (float(np.ptp(near)) + float(np.abs(near).max())) or 1.0
    rest, slope = at(f)
    damping = np.ones(len(y))
    for _ in range(N_NEWTON):
        with np.errstate(all="ignore"):
            step = np.where(slope != 0.0, damping * rest / slope, 0.0)
        step = np.clip(np.nan_to_num(step), -size, size)
        there, slope_there = at(f + step)
        better = np.abs(there) < np.abs(rest)
        f = np.where(better, f + step, f)
        rest, slope = np.where(better, there, rest), np.where(better, slope_there, slope)
        damping = np.where(better, np.minimum(1.0, 2.0 * damping), 0.3 * damping)
        if not (better & (np.abs(step) > 1e-15 * size)).any() and damping.max() < 1e-6:
            break
    heavy = weights * slope**2
    middle = float(np.median(heavy)) or float(heavy.max()) or 1.0
    return f, np.clip(heavy / middle, 1.0 / HEAVIEST, HEAVIEST)
