"""Rational equations before the judge: their rows, their errors, and what each term below is worth."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from discover.equation import Term
from discover.expr import Expr, simplify, without_common_factor
from discover.front import Candidate, Front
from discover.inference.chisquare import penalty
from discover.inference.fractions import Fractions, Quotient, fit, fractions, linearised
from discover.inference.intervals import sandwich
from discover.inference.quotients import POLE, explained
from discover.inference.rows import Rows
from discover.problem import Array, Problem

REFITS = 6
"""Gauss–Newton steps from all rows to those that are kept."""


def refit_quotient(problem: Problem, front: Front, i: int, like: Candidate) -> Candidate:
    """Return a rational candidate for equation i that the engine did not keep, on the footing of those that it did.

    It is refused where no fit keeps its denominator away from zero on the data.
    """
    one = _fitted(problem, i, like)
    if one is None:
        return replace(like, loss=float("inf"), score=float("inf"), refusal=POLE, alternatives=("",) * len(like.terms))
    n, scale = len(like.terms), max(1.0, min(c.loss for c in front.of(front.targets[i])))
    std = np.sqrt(np.diag(one.estimate.covariance()) * scale)
    n_rows = one.estimate.n_rows
    return replace(
        like,
        coefficients=tuple(one.a.tolist()),
        std=tuple(std[:n].tolist()),
        loss=one.chi2 / n_rows,
        score=one.chi2 / scale + penalty(like.n_parameters, n_rows, front.n_library, like.n_terms),
        r2=_explained(one, i),
        alternatives=("",) * n,
        refusal=None,
        divisors=tuple(one.b.tolist()),
        divisor_std=(0.0, *std[n:].tolist()),
    )


def _fitted(problem: Problem, i: int, like: Candidate, seed: int = 0) -> Quotient | None:
    of = fractions(problem, like.terms, like.denominator, seed=seed)
    return fit(of, i, range(of.n_above), of.below, np.array(like.divisors))


def _explained(one: Quotient, i: int) -> float:
    return explained(one.rows, i, [theta[: len(one.above)] for theta in one.rows.theta], one.a)


def from_rows(problem: Problem, i: int, candidate: Candidate, seed: int) -> tuple[Rows | None, Array, Array, float]:
    """Return the rows of a rational candidate, its coefficients above and below, their covariance and its freedom.

    Those of the search with unknown errors where the denominator cannot be kept away from zero; then without rows.
    """
    one = _fitted(problem, i, candidate, seed)
    if one is None:
        value = np.array([*candidate.coefficients, *candidate.divisors[1:]])
        return None, value, np.full((len(value), len(value)), np.nan), np.inf
    covariance, dof = sandwich(one.rows, i, one.estimate)
    return one.rows, np.concatenate([one.a, one.b[1:]]), covariance, dof


def rows_at(problem: Problem, candidate: Candidate, value: Array, seed: int) -> Rows | None:
    """Return the rows of a rational candidate at these coefficients, None where they have a pole among the data."""
    of, n = fractions(problem, candidate.terms, candidate.denominator, seed=seed), len(candidate.terms)
    return linearised(of, range(n), of.below, value[:n], np.concatenate([[1.0], value[n:]]))


def held_out(problem: Problem, i: int, candidate: Candidate, value: Array, seed: int, n_groups: int = 5) -> float:
    """Return R² of a rational candidate on stretches of rows that its coefficients were not fitted to.

    Args:
        problem: the data; `i` which equation.
        candidate: its terms.
        value: coefficients to begin with, those above first, (n_parameters,).
        seed: of the rows that are drawn.
        n_groups: how many groups of folds are held out in turn.
    """
    of = fractions(problem, candidate.terms, candidate.denominator, seed=seed)
    folds = np.concatenate([block.fold for block in of.rows.blocks])
    y = np.concatenate([block.Y[i] for block in of.rows.blocks])
    _, numbers = np.unique(folds, return_inverse=True)
    n_folds = int(numbers.max()) + 1
    groups, residual = numbers * min(n_groups, n_folds) // n_folds, np.zeros(len(y))
    for group in range(min(n_groups, n_folds)):
        residual[groups == group] = (y - _without_some(of, value, y, groups != group))[groups == group]
    total = float(np.sum((y - problem.reference(i)) ** 2))
    return 1.0 - float(np.sum(residual**2)) / total if total > 0 else 0.0


def _without_some(of: Fractions, value: Array, y: Array, kept: "NDArray[np.bool_]") -> Array:
    """Return what a quotient says of all rows (n_rows,), by least squares on those that are kept."""
    n, found = of.n_above, value
    for _ in range(REFITS):
        rows = linearised(of, range(n), of.below, found[:n], np.concatenate([[1.0], found[n:]]))
        if rows is None:  # the kept rows lead to a pole among the others: what they said before stands
            break
        theta, value = np.concatenate(rows.theta, axis=1), found
        norms = np.linalg.norm(theta[:, kept], axis=1)
        norms[norms == 0.0] = 1.0
        step = np.linalg.lstsq((theta[:, kept] / norms[:, None]).T, y[kept], rcond=1e-12)[0] / norms
        found = np.concatenate([step[:n], value[n:] + step[n:]])
    rows = linearised(of, range(n), of.below, value[:n], np.concatenate([[1.0], value[n:]]))
    return np.full(len(y), np.inf) if rows is None else value[:n] @ np.concatenate(rows.theta, axis=1)[:n]


def reference_term(expr: Expr) -> Term:
    """Return the term of a denominator that all coefficients are relative to: 1 by choice."""
    return Term(expr, 1.0, 0.0, 1.0, 1.0)


def worth_below(problem: Problem, i: int, candidate: Candidate, r2: float, seed: int) -> Array:
    """Return how much R² is lost when a term below is left out and all others are fitted again, (n_below - 1,)."""
    lost = np.full(len(candidate.denominator) - 1, np.nan)
    for j in range(len(lost)):
        less = shorter(candidate, [len(candidate.terms) + j])
        below = less.denominator or (candidate.denominator[0],)
        one = _fitted(problem, i, replace(less, denominator=below, divisors=less.divisors or (1.0,)), seed)
        if one is not None:
            lost[j] = r2 - _explained(one, i)
    return lost


def shorter(candidate: Candidate, gone: Sequence[int]) -> Candidate:
    """Return a candidate without the terms of some coefficients, numbered from those above; its numbers are no fit.

    A denominator of which only the constant is left is none; a factor that all terms share is divided out, and a
    constant that appears below by that is the new reference.
    """
    n = len(candidate.terms)
    above = [k for k in range(n) if k not in gone]
    below = [j for j in range(len(candidate.denominator)) if j == 0 or n + j - 1 not in gone]
    if len(below) == 1 and candidate.denominator[0].value is not None:
        below = []
    everything = (*(candidate.terms[k] for k in above), *(candidate.denominator[j] for j in below))
    everything = without_common_factor(everything) if below else everything
    terms, denominator = everything[: len(above)], everything[len(above) :]
    first = next((at for at, term in enumerate(denominator) if term.value is not None), 0)
    order = [first, *(at for at in range(len(below)) if at != first)] if below else []
    scale = candidate.divisors[below[first]] if below else 1.0
    return replace(
        candidate,
        terms=terms,
        coefficients=tuple(candidate.coefficients[k] / scale for k in above),
        std=tuple(candidate.std[k] / abs(scale) for k in above),
        alternatives=("",) * len(above),
        inner=tuple(candidate.inner[k] for k in above) if candidate.inner else (),
        surcharge=tuple(candidate.surcharge[k] for k in above) if candidate.surcharge else (),
        denominator=tuple(denominator[at] for at in order),
        divisors=tuple(candidate.divisors[below[at]] / scale for at in order),
        divisor_std=tuple(candidate.divisor_std[below[at]] / abs(scale) for at in order),
    )


def per_reference(term: Expr, reference: Expr) -> Expr:
    """Return a term over the reference: what has the unit that the reference's coefficient of 1 leaves to it."""
    return term if reference.value is not None else simplify(term / reference)


def included(below: Sequence[Expr], probability: dict[Candidate, float]) -> list[float]:
    """Return for each term below the probability of all candidates that have it there."""
    return [min(1.0, sum(p for c, p in probability.items() if term in c.denominator)) for term in below]
