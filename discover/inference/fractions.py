"""Rational candidates x' = p/q: fitted in the form in which they are a law, and judged like all others.

The rows of a candidate are those of p/q itself, ∫ φ p/q, beside the same left-hand side as every polynomial: no
derivative of the data is taken, chi-squares compare, and whatever both p and q share (a factor, an identity of the
data) cancels. The coefficients of q enter nonlinearly, by Gauss–Newton: at coefficients (a, b) a rational candidate
is the linear one with the terms f_i/q and -g_j p/q², and `linearised` returns it as `Rows`, so that covariance,
chi-square and intervals are those of any linear candidate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from discover.expr import Expr, compile_program
from discover.inference.chisquare import Estimate, factors, triangle
from discover.inference.rows import MAX_ROWS, Rows, assemble, stencil_of
from discover.problem import Array, Block, Problem
from discover_kernels.stencil import contract

MOST_STEPS = 12
"""Gauss–Newton steps of one fit; most need four."""

SETTLED = 0.02
"""Standard errors that the last step may still be long."""

HALVINGS = 5
"""How often a step that makes chi-square worse, or runs into a pole, is halved."""

CLOSEST = 1e-3
"""The denominator of a sample may not be smaller than this share of the largest of its own terms: a pole is near."""

MARGIN = 2.5
"""Standard deviations of the noise that a sample stays away from a pole: nearer ones are moved so far by noise that
their covariance excuses any misfit (Lotka and Volterra at 5 %: a quotient 2.2 of them away beat the true law by 17)."""


@dataclass(frozen=True, slots=True, eq=False)
class Fractions:
    """What rational candidates of one problem are made of.

    Attributes:
        rows: the terms above, then the terms below, and their rows.
        n_above: how many stand above.
        values: of every term at the points whose sums are rows, a block at a time, (n_terms, n_points).
        smooth: of every term at the smoothed samples, where slopes are taken, (n_terms, n_samples).
    """

    rows: Rows
    n_above: int
    values: tuple[Array, ...]
    smooth: tuple[Array, ...]

    @property
    def below(self) -> tuple[int, ...]:
        """Columns of the terms below."""
        return tuple(range(self.n_above, len(self.rows.terms)))

    def constant_below(self) -> int | None:
        """Return which term below is the constant, None where it is not on offer."""
        return next((p for p in self.below if self.rows.terms[p].value is not None), None)


@dataclass(frozen=True, slots=True, eq=False)
class Quotient:
    """A fitted rational candidate.

    Attributes:
        above, below: columns of its terms; the first below is the reference, whose coefficient is 1.
        a, b: their coefficients, shapes (n_above,) and (n_below,), b[0] = 1.
        estimate: the linear candidate that it is there: coefficients a, then of the last step in b[1:].
        rows: that candidate's rows.
    """

    above: tuple[int, ...]
    below: tuple[int, ...]
    a: Array
    b: Array
    estimate: Estimate
    rows: Rows

    @property
    def chi2(self) -> float:
        return self.estimate.chi2

    @property
    def support(self) -> tuple[int, ...]:
        """Its columns, increasing: what tells it from others."""
        return tuple(sorted((*self.above, *self.below)))


def fractions(
    problem: Problem, above: Sequence[Expr], below: Sequence[Expr], max_rows: int = MAX_ROWS, seed: int = 0
) -> Fractions:
    """Return the rows and values of the terms of a rational library, on at most about `max_rows` rows."""
    terms = (*above, *below)
    rows = assemble(problem, terms, max_rows, seed)
    program = compile_program(terms, problem.n_variables)
    return Fractions(
        rows=rows,
        n_above=len(above),
        values=tuple(program.evaluate(points(block, problem)) for block in rows.blocks),
        smooth=tuple(program.evaluate(block.X_smooth) for block in rows.blocks),
    )


def points(block: Block, problem: Problem) -> Array:
    """Return the values of the variables that rows are sums of: samples, or the smoothed centres of the strong form."""
    if problem.formulation != "strong":
        return block.X
    centres = np.searchsorted(block.time, stencil_of(block).time)
    return np.ascontiguousarray(block.X_smooth[:, centres])


def summed(block: Block, problem: Problem, values: Array, order: int = 0) -> Array:
    """Return rows (n, n_rows) of values (n, n_points), against the test functions' derivative of that order."""
    if problem.formulation == "strong" and order == 0:
        return values
    stencil = stencil_of(block)
    out = np.empty((len(values), stencil.n_rows))
    contract(stencil.start, stencil.shape, stencil.weights[order], np.ascontiguousarray(values), out)
    return out


def linearised(of: Fractions, above: Sequence[int], below: Sequence[int], a: Array, b: Array) -> Rows | None:
    """Return the rows of f_i/q and -g_j p/q² at coefficients a and b, the reference below left out.

    None where a pole lies among the data.
    """
    rows, theta = of.rows, list[Array]()
    slopes: dict[int, list[dict[int, Array]]] = {i: [] for i in range(len(above) + len(below) - 1)}
    own = rows.slopes((*above, *below))
    for k, block in enumerate(rows.blocks):
        rate, q = rate_of(of.values[k], above, below, a, b)
        _, smooth_q = rate_of(of.smooth[k], above, below, a, b)
        if q is None or smooth_q is None:
            return None
        columns = np.concatenate([of.values[k][list(above)], -of.values[k][list(below[1:])] * rate]) / q
        theta.append(summed(block, rows.problem, columns))
        change = sum(b[j] * own[len(above) + j][k][0] for j in range(len(below))) / smooth_q
        if MARGIN**2 * np.max(np.sum(rows.problem.noise_on(block) ** 2 * change**2, axis=0)) > 1.0:
            return None
        for i, p in enumerate(above):
            slopes[i].append({0: (own[i][k][0] - of.smooth[k][p] * change) / smooth_q})
        for j in range(1, len(below)):
            # Its coefficient is that of a step, zero where the search has ended: it does not move the rows.
            slopes[len(above) + j - 1].append({0: np.zeros_like(block.X)})
    return replace(
        rows,
        terms=tuple(rows.terms[p] for p in (*above, *below[1:])),
        theta=tuple(theta),
        _slopes={i: tuple(mine) for i, mine in slopes.items()},
        _fields={},
    )


def rate_of(
    values: Array, above: Sequence[int], below: Sequence[int], a: Array, b: Array
) -> tuple[Array, Array | None]:
    """Return p/q and q at each point, None for q where it has a zero among them."""
    parts = values[list(below)] * b[:, None]
    q = parts.sum(axis=0)
    sign = 1.0 if q[0] > 0 else -1.0
    if not (q * sign > CLOSEST * np.abs(parts).max(axis=0)).all():
        return q, None
    return a @ values[list(above)] / q, q


def fit(
    of: Fractions, target: int, above: Sequence[int], below: Sequence[int], start: Array | None = None
) -> Quotient | None:
    """Fit one rational candidate under its own covariance, or return None where no start is free of poles.

    Args:
        of: the terms.
        target: which left-hand side.
        above, below: columns of its terms, the reference first below.
        start: coefficients below to begin with, the reference's first; 0 for all others where None.
    """
    zero = np.zeros(len(below))
    zero[0] = 1.0
    for b in (start, zero) if start is not None else (zero,):
        found = _settle(of, target, tuple(above), tuple(below), b)
        if found is not None:
            return found
    return None


def _settle(of: Fractions, target: int, above: tuple[int, ...], below: tuple[int, ...], b: Array) -> Quotient | None:
    now = _at(of, target, above, below, b, None)
    if now is None:
        return None
    for _ in range(MOST_STEPS if len(below) > 1 else 1):
        better = _step(of, target, now)
        if better is None:
            break
        length = _length(better, now)
        now = better
        if length < SETTLED:
            break
    return now


def _step(of: Fractions, target: int, now: Quotient) -> Quotient | None:
    """Return the candidate one Gauss–Newton step on, halved until chi-square falls; None where it does not."""
    step = np.concatenate([[0.0], now.estimate.coefficients[len(now.above) :]])
    for _ in range(HALVINGS):
        trial = _at(of, target, now.above, now.below, now.b + step, now.a)
        if trial is not None and trial.chi2 < now.chi2 * (1.0 + 1e-6):
            return trial
        step = step / 2
    return None


def _length(new: Quotient, old: Quotient) -> float:
    """Return how many standard errors two candidates are apart, at most."""
    std = np.sqrt(np.diag(new.estimate.covariance())) * max(1.0, np.sqrt(new.chi2 / new.estimate.n_rows))
    moved = np.abs(np.concatenate([new.a - old.a, new.b[1:] - old.b[1:]]))
    return float(np.max(moved / np.where(std > 0, std, np.inf), initial=0.0))


def _at(
    of: Fractions, target: int, above: tuple[int, ...], below: tuple[int, ...], b: Array, a: Array | None
) -> Quotient | None:
    """Return the candidate with these coefficients below and the best ones above.

    Its covariance is taken at the guess `a`, or at that of ordinary least squares where there is none.
    """
    n, k = len(above), len(above) + len(below) - 1
    rows = linearised(of, above, below, np.zeros(n) if a is None else a, b)
    if rows is not None and a is None:
        a = _least_squares(triangle(rows, target, range(n), None), n)
        rows = linearised(of, above, below, a, b)
    if rows is None or a is None:
        return None
    R = triangle(rows, target, range(k), factors(rows, target, range(n), a))
    if not np.isfinite(R).all():
        return None
    a = _least_squares(R, n)
    chi2 = float(np.sum((R[:, k] - R[:, :n] @ a) ** 2))
    step = _least_squares(R, k)
    estimate = Estimate(tuple(range(k)), np.concatenate([a, step[n:]]), R, chi2, rows.n_rows)
    return Quotient(above, below, a, b, estimate, rows)


def _least_squares(R: Array, n: int) -> Array:
    """Return the coefficients of the first n columns of a triangle, the left-hand side its last; columns scaled."""
    norms = np.linalg.norm(R[:, :n], axis=0)
    norms[norms == 0.0] = 1.0
    return np.linalg.lstsq(R[:, :n] / norms, R[:, -1], rcond=1e-12)[0] / norms
