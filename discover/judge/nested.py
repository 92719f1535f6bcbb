"""Equations with fitted constants inside their terms before the judge: their numbers, and the errors of these."""

import numpy as np

from discover.expr import Expr
from discover.front import Candidate
from discover.inference.intervals import sandwich, t_quantile
from discover.inference.nested import fit_nested
from discover.inference.rows import Rows, assemble
from discover.judge.systems import Trial, begun
from discover.problem import Array, Problem


def nested_estimate(
    problem: Problem, trial: Trial, i: int, candidate: Candidate, seed: int
) -> tuple[tuple[Expr, ...], Rows, Array, Array, Array]:
    """Return the terms of equation i with their constants in, rows, and every number with its errors.

    The numbers are those that the trajectories gave where these were followed, else those of the rows. The rows hold
    the terms, then their slopes by the constants. After them values, standard errors and half widths of the 95 %
    intervals: coefficients first, then the constants inside, each (n_parameters,).
    """
    fit = trial.followed
    if fit is None:
        one = fit_nested(problem, i, candidate.terms, candidate.places, seed=seed)
        if one is None:
            return _unknown(problem, candidate, seed)
        covariance, dof = sandwich(one.rows, i, one.estimate)
        std = np.sqrt(np.diag(covariance))
        return one.terms, one.rows, one.parameters, std, std * t_quantile(dof)
    part = trial.part(i)
    value, std = fit.coefficients[part], fit.std[part]
    terms = tuple(begun(candidate, value.tolist()))
    there = fit_nested(problem, i, terms, candidate.places, seed=seed, n_steps=0)
    rows = assemble(problem, terms, seed=seed) if there is None else there.rows
    return terms, rows, value, std, std * t_quantile(fit.t_dof)


def _unknown(problem: Problem, candidate: Candidate, seed: int) -> tuple[tuple[Expr, ...], Rows, Array, Array, Array]:
    """Return the numbers of the search, their errors unknown."""
    value = np.array([*candidate.coefficients, *candidate.constants])
    nothing = np.full(len(value), np.nan)
    return candidate.terms, assemble(problem, candidate.terms, seed=seed), value, nothing, nothing
