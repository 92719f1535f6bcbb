"""What forms are fitted to and ranked by: least squares, or another loss; with errors that are known or only relative.

A criterion turns what a form leaves into one number, the mean square that a normal law would be as likely with, so
that descriptions have one length whatever the loss. Standard errors are those of M-estimation (Huber 1981, section 7.6,
doi:10.1002/0471725250; for quantiles Koenker 2005, section 3.2, doi:10.1017/CBO9780511754098).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from discover.expr import call, compile_program, differentiate
from discover.inference.description import FLOOR
from discover.inference.forms import Form, fitted, tapes, values
from discover.problem import Array
from discover_kernels.robust import HUBER, QUANTILE, fit_robust, huber

FIT_ROWS = 1000
"""Rows that constants are fitted to while the search goes on; every form is then measured on all."""

MEDIAN_TO_STD = 1.4826
"""Standard deviation of normal errors over the median of their size."""

ROUNDS, FINAL_ROUNDS = 12, 200
"""Times that a robust fit finds its weights again, while the search goes on and at its end."""


class Criterion(Protocol):
    """What a search fits forms to."""

    def fit(self, forms: Sequence[Form], n_iterations: int, sampled: bool = False) -> list[tuple[Form, float]]:
        """Return each form with its constants fitted, and what it leaves: 0 for nothing, 1 for as much as zero would.

        With `sampled` a few rows may do, and only whether the number is finite is looked at.
        """
        ...

    def nats(self, left: float, n_free: int) -> float:
        """Return the length of what a form of n_free constants leaves, without that of the form."""
        ...

    def residual(self, form: Form) -> Array:
        """Return what a form leaves, of equal variance where its errors are as assumed, shape (n_rows,)."""
        ...

    def spread(self, form: Form) -> float:
        """Return the standard deviation of the errors of a typical row, in the unit of y."""
        ...

    def std(self, form: Form) -> Array:
        """Return standard errors of a fitted form's constants, (n_free,); NaN where the data do not settle them."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """Weighted least squares.

    Attributes:
        X, y, weights: the data, shapes (n_variables, n_rows), (n_rows,), (n_rows,).
        known: whether the weights are one over the variance of the errors, and not only relative to each other.

    >>> from discover.expr import parse
    >>> x = np.linspace(1.0, 2.0, 50)[None]
    >>> ((form, left),) = Squares(x, 3 * x[0], np.ones(50)).fit([Form(parse("a*x", ["x", "a"]), 1, (1.0,))], 20)
    >>> round(form.start[0], 9), left < 1e-20
    (3.0, True)
    """

    X: Array
    y: Array
    weights: Array
    known: bool = False

    @property
    def scale(self) -> float:
        """Weighted mean square of y: what errors are relative to."""
        return float(np.mean(self.weights * self.y**2)) or 1.0

    def fit(self, forms: Sequence[Form], n_iterations: int, sampled: bool = False) -> list[tuple[Form, float]]:
        """Return each form fitted, and its weighted mean squared error relative to the mean square of y."""
        X, y, weights = sample(self.X, self.y, self.weights) if sampled else (self.X, self.y, self.weights)
        size = len(y) * self.scale
        return [(form, max(sse / size, 0.0)) for form, sse in fitted(forms, X, y, weights, n_iterations)]

    def nats(self, left: float, n_free: int) -> float:
        """Return ½ χ² where errors are known, else ½ (N - p) ln of the mean squared error."""
        n = len(self.y)
        if self.known:
            return 0.5 * n * left * self.scale
        return 0.5 * max(n - n_free, 1) * math.log(max(left, FLOOR))

    def residual(self, form: Form) -> Array:
        """Return √w (y - f), shape (n_rows,)."""
        return (self.y - values(form, self.X)) * np.sqrt(self.weights)

    def spread(self, form: Form) -> float:
        """Return the weighted root mean square of what a form leaves, its constants counted."""
        return float(np.sqrt(self._variance(form) / np.mean(self.weights)))

    def _variance(self, form: Form) -> float:
        rest = self.residual(form)
        return float(rest @ rest) / max(len(rest) - form.n_free, 1)

    def std(self, form: Form) -> Array:
        """Return standard errors, by the size of the errors that is known, or what is left where that is more."""
        variance = self._variance(form)
        J = slopes(form, self.X) * np.sqrt(self.weights)
        return np.sqrt((max(variance, 1.0) if self.known else variance) * inverse_diagonal(J))


@dataclass(frozen=True, slots=True, eq=False)
class Robust:
    """A loss that grows as the residual itself where it is large, so that a few wild rows bend nothing.

    Attributes:
        X, y, weights: the data, as those of `Squares`.
        kind: `HUBER`, squares up to `parameter` standard deviations, the scale being found with the constants; or
            `QUANTILE`, which makes a share `parameter` of the rows lie below.
        known: whether the weights are one over the variance of the errors.
        first: weights that a fit begins with, shape (n_rows,); None for its own.

    >>> from discover.expr import parse
    >>> x = np.linspace(1.0, 2.0, 50)[None]
    >>> y = np.where(np.arange(50) % 10 == 0, 90.0, 3 * x[0])
    >>> ((form, _),) = Robust(x, y, np.ones(50), QUANTILE, 0.5).fit([Form(parse("a*x", ["x", "a"]), 1, (1.0,))], 20)
    >>> round(form.start[0], 3)
    3.0
    """

    X: Array
    y: Array
    weights: Array
    kind: int
    parameter: float
    known: bool = False
    first: Array | None = None

    @property
    def _squares(self) -> Squares:
        return Squares(self.X, self.y, self.weights, self.known and self.kind == HUBER)

    def fit(self, forms: Sequence[Form], n_iterations: int, sampled: bool = False) -> list[tuple[Form, float]]:
        """Return each form fitted, and the mean square of equal likelihood relative to the mean square of y."""
        X, y, weights = sample(self.X, self.y, self.weights) if sampled else (self.X, self.y, self.weights)
        first = weights if self.first is None else sample(self.X, self.first, weights)[1] if sampled else self.first
        batch, lost = tapes(forms), np.empty(len(forms))
        n_rounds = 0 if n_iterations == 0 else ROUNDS if sampled else FINAL_ROUNDS
        fixed = self.known and self.kind == HUBER
        fit_robust(
            batch.op, batch.arg, batch.first, batch.n_free, batch.c, batch.first_c, X, y, weights, first,
            self.kind, self.parameter, fixed, n_rounds, n_iterations, lost,
        )  # fmt: skip
        size = len(y) * self._squares.scale
        return [(form, max(left / size, 0.0)) for form, left in zip(batch.filled(forms), lost.tolist(), strict=True)]

    def nats(self, left: float, n_free: int) -> float:
        """Return minus the log likelihood, up to a number that is the same for all forms."""
        return self._squares.nats(left, n_free)

    def _weights(self, form: Form) -> tuple[Array, Array, float]:
        """Return what a form leaves in its own standard deviations, what a fit makes of it, and that deviation."""
        rest = self._squares.residual(form)
        if self.kind == QUANTILE:
            side = np.where(rest >= 0, self.parameter, self.parameter - 1.0)
            return rest, side, MEDIAN_TO_STD * float(np.median(np.abs(rest - np.median(rest))))
        s = 1.0 if self.known else max(huber_scale(rest, self.parameter), 1e-300)
        return rest / s, np.clip(rest / s, -self.parameter, self.parameter), s

    def residual(self, form: Form) -> Array:
        """Return what a form leaves as the fit sees it: held at the threshold, or only its side of the quantile."""
        return self._weights(form)[1]

    def spread(self, form: Form) -> float:
        """Return the standard deviation of the errors of a typical row that is not wild."""
        return self._weights(form)[2] / float(np.sqrt(np.mean(self.weights)))

    def std(self, form: Form) -> Array:
        """Return standard errors of M-estimates: E ψ² over (E ψ′)², times those of squares of unit variance."""
        rest, psi, s = self._weights(form)
        n, J = len(rest), slopes(form, self.X) * np.sqrt(self.weights)
        if self.kind == QUANTILE:
            share = self.parameter * (1.0 - self.parameter) / max(_density(rest, self.parameter), 1e-300) ** 2
        else:
            bent = float(np.mean(np.abs(rest) <= self.parameter))
            share = s**2 * float(psi @ psi) / max(n - form.n_free, 1) / max(bent, 1e-3) ** 2
        return np.sqrt(share * inverse_diagonal(J))


@dataclass(frozen=True, slots=True, eq=False)
class Logarithms:
    """Squares of ln y - ln f: errors in proportion to the value, over however many decades.

    Attributes:
        X, y, weights: the data; y has one sign, and weights are those of its logarithm.
        known: whether the weights are one over the variance of the errors of the logarithm.

    >>> from discover.expr import parse
    >>> x = np.geomspace(1.0, 1e9, 50)[None]
    >>> ((form, left),) = Logarithms(x, 3 * x[0], np.ones(50)).fit([Form(parse("a*x", ["x", "a"]), 1, (1.0,))], 20)
    >>> round(form.start[0], 9), left < 1e-20
    (3.0, True)
    """

    X: Array
    y: Array
    weights: Array
    known: bool = False

    @property
    def _squares(self) -> Squares:
        return Squares(self.X, np.log(np.abs(self.y)), self.weights, self.known)

    def _in_logarithms(self, form: Form) -> Form:
        positive = form.expr if self.y[0] > 0 else -form.expr
        return replace(form, expr=call("log", positive))

    def fit(self, forms: Sequence[Form], n_iterations: int, sampled: bool = False) -> list[tuple[Form, float]]:
        """Return each form fitted, and the mean square of ln y - ln f."""
        inside = [self._in_logarithms(form) for form in forms]
        squares = self._squares
        fits = squares.fit(inside, n_iterations, sampled)
        unit = squares.scale / float(np.mean(self.weights))
        return [
            (replace(form, start=found.start), left * unit) for form, (found, left) in zip(forms, fits, strict=True)
        ]

    def nats(self, left: float, n_free: int) -> float:
        """Return ½ χ² where errors are known, else ½ (N - p) ln of the mean square."""
        n = len(self.y)
        if self.known:
            return 0.5 * n * left * float(np.mean(self.weights))
        return 0.5 * max(n - n_free, 1) * math.log(max(left, FLOOR))

    def residual(self, form: Form) -> Array:
        """Return √w (ln y - ln f), shape (n_rows,)."""
        return self._squares.residual(self._in_logarithms(form))

    def spread(self, form: Form) -> float:
        """Return the relative error of a row, times the root mean square of y."""
        return self._squares.spread(self._in_logarithms(form)) * float(np.sqrt(np.mean(self.y**2)))

    def std(self, form: Form) -> Array:
        """Return standard errors of least squares on logarithms."""
        return self._squares.std(self._in_logarithms(form))


def huber_scale(rest: Array, k: float) -> float:
    """Return the scale beside residuals (n_rows,) at which the mean of min(|r|/s, k)² is that of a normal law.

    >>> rest = np.append(np.tile([1.0, -1.0], 20), [50.0, 90.0])
    >>> round(huber_scale(rest, 1.345), 2), round(huber_scale(100 * rest, 1.345), 1)
    (1.24, 123.5)
    """
    used = np.empty(len(rest))
    return math.sqrt(huber(rest, np.ones(len(rest)), k, False, used) / len(rest))


def slopes(form: Form, X: Array) -> Array:
    """Return the derivative of a form by each of its free constants, shape (n_free, n_rows)."""
    if not form.n_free:
        return np.empty((0, X.shape[1]))
    parts = [differentiate(form.expr, form.n_variables + k) for k in range(form.n_free)]
    numbers = np.repeat(np.array(form.start)[:, None], X.shape[1], axis=1)
    return compile_program(parts, form.n_variables + form.n_free).evaluate(np.concatenate([X, numbers]))


def inverse_diagonal(J: Array) -> Array:
    """Return the diagonal of (J Jᵀ)⁻¹ for J (n_free, n_rows), NaN where it is singular."""
    with np.errstate(over="ignore"):
        norms = np.linalg.norm(J, axis=1)
    if not (np.isfinite(norms).all() and (norms > 0).all()):
        return np.full(len(J), np.nan)
    if not len(J):
        return np.empty(0)
    u, s, _ = np.linalg.svd(J / norms[:, None], full_matrices=False)
    if s[-1] < 1e-10 * s[0]:
        return np.full(len(J), np.nan)
    return np.sum((u / s) ** 2, axis=1) / norms**2


def _density(rest: Array, tau: float) -> float:
    """Return the density of residuals at their quantile, from the distance of two quantiles beside it."""
    h = 1.06 * max(min(tau, 1.0 - tau), 0.05) * len(rest) ** -0.2
    low, high = max(tau - h, 0.0), min(tau + h, 1.0)
    a, b = np.quantile(rest, [low, high])
    return (high - low) / max(float(b - a), 1e-300)


def sample(X: Array, y: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Return at most FIT_ROWS rows of the data, evenly spread."""
    if len(y) <= FIT_ROWS:
        return X, y, weights
    rows = np.linspace(0, len(y) - 1, FIT_ROWS).astype(int)
    return np.ascontiguousarray(X[:, rows]), y[rows], weights[rows]
