"""Candidates with fitted constants inside their terms, such as x/(K + x): rows, chi-square and errors.

The counterpart of `fractions` for any term: constants enter nonlinearly, by Gauss–Newton. At constants p a candidate
Σ a f(x, p) is the linear one with the terms f and a ∂f/∂p, and stands there as `Rows`, so that covariance,
chi-square and intervals are those of any linear candidate. The rows of f are its own integrals: no derivative of
the data is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from discover.expr import Expr, constant, differentiate, inner_values, opened, substitute, variable, with_inner
from discover.front import Candidate
from discover.inference.chisquare import Estimate, factors, triangle
from discover.inference.rows import MAX_ROWS, Rows, assemble
from discover.problem import Array, Problem

MOST_STEPS = 12
"""Gauss–Newton steps of one fit; most need four."""

SETTLED = 0.02
"""Standard errors that the last step may still be long."""

HALVINGS = 6
"""How often a step that makes chi-square worse, or a term infinite, is halved."""


@dataclass(frozen=True, slots=True, eq=False)
class Nested:
    """A candidate fitted to the rows of one target.

    Attributes:
        terms: with their fitted constants in.
        a: coefficients of the terms, shape (n_terms,).
        p: the constants inside, in order, shape (n_inner,).
        estimate: the linear candidate that it is there: coefficients a, then a step in p.
        rows: that candidate's rows.
    """

    terms: tuple[Expr, ...]
    a: Array
    p: Array
    estimate: Estimate
    rows: Rows

    @property
    def chi2(self) -> float:
        return self.estimate.chi2

    @property
    def parameters(self) -> Array:
        """Coefficients, then the constants inside, (n_terms + n_inner,)."""
        return np.concatenate([self.a, self.p])


def fit_nested(
    problem: Problem,
    target: int,
    terms: Sequence[Expr],
    places: Sequence[Sequence[int]],
    max_rows: int = MAX_ROWS,
    seed: int = 0,
    n_steps: int = MOST_STEPS,
) -> Nested | None:
    """Fit coefficients and the constants at some places inside the terms, or return None where that is not finite.

    Args:
        problem: the data, `target` which left-hand side.
        terms: with the constants to begin with; `places` which of each term's constants are fitted.
        max_rows, seed: how many rows at most, and which.
        n_steps: most steps.
    """
    p = np.array([value for term, mine in zip(terms, places, strict=True) for value in inner_values(term, mine)])
    now = _at(problem, target, terms, places, p, None, max_rows, seed)
    if now is None:
        return None
    for _ in range(n_steps if len(p) else 1):
        better = _step(problem, target, now, places, max_rows, seed)
        if better is None:
            break
        length, now = _length(better, now), better
        if length < SETTLED:
            break
    return now


def _step(
    problem: Problem, target: int, now: Nested, places: Sequence[Sequence[int]], max_rows: int, seed: int
) -> Nested | None:
    """Return the candidate one step on, halved until chi-square falls; None where it does not."""
    step = now.estimate.coefficients[len(now.a) :]
    if not np.isfinite(step).all():
        return None
    for _ in range(HALVINGS):
        trial = _at(problem, target, now.terms, places, now.p + step, now.a, max_rows, seed)
        if trial is not None and trial.chi2 < now.chi2 * (1.0 + 1e-6):
            return trial
        step = step / 2
    return None


def _length(new: Nested, old: Nested) -> float:
    """Return how many standard errors two candidates are apart, at most."""
    std = np.sqrt(np.diag(new.estimate.covariance())) * max(1.0, np.sqrt(new.chi2 / new.estimate.n_rows))
    moved = np.abs(new.parameters - old.parameters)
    return float(np.max(moved / np.where(std > 0, std, np.inf), initial=0.0))


def _at(
    problem: Problem,
    target: int,
    terms: Sequence[Expr],
    places: Sequence[Sequence[int]],
    p: Array,
    a: Array | None,
    max_rows: int,
    seed: int,
) -> Nested | None:
    """Return the candidate with these constants inside and the best coefficients, None where it is not finite.

    Its covariance is taken at the guess `a`, or at that of ordinary least squares where there is none.
    """
    written, slopes, owner = _written(tuple(terms), tuple(map(tuple, places)), p)
    n, k = len(written), len(written) + len(slopes)
    with np.errstate(all="ignore"):
        plain = assemble(problem, (*written, *slopes), max_rows, seed)
        if not all(np.isfinite(theta).all() for theta in plain.theta):
            return None
        if a is None:
            a = _least_squares(triangle(plain, target, range(n), None), n)
        found = _weighted(plain, target, n, a, owner)
    if found is None:
        return None
    R, rows = found
    a = _least_squares(R, n)
    chi2 = float(np.sum((R[:, k] - R[:, :n] @ a) ** 2))
    if not np.isfinite(chi2):
        return None
    step = _least_squares(R, k)
    estimate = Estimate(tuple(range(k)), np.concatenate([a, step[n:]]), R, chi2, rows.n_rows)
    return Nested(written, a, p, estimate, rows)


def _weighted(plain: Rows, target: int, n: int, a: Array, owner: Sequence[int]) -> tuple[Array, Rows] | None:
    """Return the whitened triangle of terms, their slopes and the left-hand side, and the rows that it is of."""
    k = n + len(owner)
    scale = np.concatenate([np.ones(n), [a[j] for j in owner]])
    rows = replace(plain, theta=tuple(theta * scale[:, None] for theta in plain.theta))
    try:
        whitening = factors(rows, target, range(n), a)
    except (ValueError, FloatingPointError):
        return None
    # A step is zero where the search has ended: the slopes' own sensitivity does not move the rows.
    nothing = tuple(dict[int, Array]() for _ in rows.blocks)
    rows = replace(rows, _slopes={**rows._slopes, **dict.fromkeys(range(n, k), nothing)})
    R = triangle(rows, target, range(k), whitening)
    return (R, rows) if np.isfinite(R).all() else None


def _written(
    terms: tuple[Expr, ...], places: tuple[tuple[int, ...], ...], p: Array
) -> tuple[tuple[Expr, ...], tuple[Expr, ...], list[int]]:
    """Return the terms at constants p, their slopes by each constant, and which term each constant stands in."""
    written, slopes, owner, at = [], [], [], 0
    for k, (term, mine) in enumerate(zip(terms, places, strict=True)):
        values = p[at : at + len(mine)].tolist()
        at += len(mine)
        written.append(with_inner(term, mine, values) if mine else term)
        n = 1 + max(term.variables, default=-1)
        for slope in _slopes(term, mine, n):
            slopes.append(substitute(slope, [*(variable(v) for v in range(n)), *map(constant, values)]))
            owner.append(k)
    return tuple(written), tuple(slopes), owner


@lru_cache(maxsize=2000)
def _slopes(term: Expr, places: tuple[int, ...], n: int) -> tuple[Expr, ...]:
    """Return the slopes of a term by the constants at some places, which are variables from n on."""
    form = opened(term, places, n)
    return tuple(differentiate(form, n + k) for k in range(len(places)))


def _least_squares(R: Array, n: int) -> Array:
    """Return the coefficients of the first n columns of a triangle, the left-hand side its last; columns scaled."""
    norms = np.linalg.norm(R[:, :n], axis=0)
    norms[norms == 0.0] = 1.0
    return np.linalg.lstsq(R[:, :n] / norms, R[:, -1], rcond=1e-12)[0] / norms


def nested_candidate(one: Nested, like: Candidate, i: int, scale: float, price: float) -> Candidate:
    """Return a fitted candidate as the front holds it.

    Args:
        one: the fit.
        like: its target, and which constants are fitted.
        i: number of the target.
        scale: misfit that even the best candidate leaves, 1 or more.
        price: what its parameters, its terms and their surcharge cost.
    """
    n, problem = len(one.terms), one.rows.problem
    std = np.sqrt(np.maximum(np.diag(one.estimate.covariance()) * scale, 0.0))
    residual = total = 0.0
    for block, theta in zip(one.rows.blocks, one.rows.theta, strict=True):
        residual += float(np.sum((block.Y[i] - one.a @ theta[:n]) ** 2))
        total += float(np.sum((block.Y[i] - problem.reference(i)) ** 2))
    return replace(
        like,
        terms=one.terms,
        coefficients=tuple(one.a.tolist()),
        std=tuple(std[:n].tolist()),
        loss=one.chi2 / one.estimate.n_rows,
        score=one.chi2 / scale + price,
        r2=1.0 - residual / total if total > 0 else 0.0,
        alternatives=("",) * n,
        refusal=None,
    )
