"""Choice -> Law: coefficients with intervals, importance, evidence and the verdict."""

from dataclasses import dataclass, replace

import numpy as np

from discover.equation import Equation, Evidence, Inner, Law, Provenance, Stretch, Term
from discover.errors import UnitError
from discover.expr import DIMENSIONLESS, Dimension, Expr, dimension_of
from discover.front import Candidate, Front
from discover.inference.chisquare import estimate, stacked
from discover.inference.families import families
from discover.inference.intervals import sandwich, t_quantile
from discover.inference.restriction import is_tied
from discover.inference.rows import Rows, assemble
from discover.inference.trajectories import Refinement
from discover.judge.identifiability import told_apart
from discover.judge.importance import held_out_r2, shapley
from discover.judge.movie import with_movie
from discover.judge.nested import nested_estimate
from discover.judge.obeying import from_rows_together
from discover.judge.quotients import from_rows, held_out, included, per_reference, reference_term, rows_at, worth_below
from discover.judge.stochastic import conclude_stochastic
from discover.judge.systems import Choice
from discover.judge.verdict import verdict
from discover.problem import Array, Problem
from discover_kernels.whiten import update_triangle

MAX_SAMPLES = 4000
"""Samples of data and simulation that are kept as evidence."""

ESTIMATORS = {"weak": "weak form", "strong": "strong form", "discrete": "single steps"}
"""What coefficients are estimated from where no trajectory is followed."""

NOTHING = Evidence((), 0, float("nan"), ())


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Coefficients of one equation, with errors: shapes (n_terms,)."""

    value: Array
    std: Array
    half: Array


def conclude(problem: Problem, front: Front, choice: Choice, provenance: Provenance, seed: int) -> Law:
    """Judge the chosen system and write it down as a law."""
    if problem.formulation == "stochastic":
        return conclude_stochastic(problem, choice, provenance)
    equations, n_rows = [], 1
    for i, candidate in enumerate(choice.trial.candidates):
        if candidate.denominator:
            equations.append(_quotient(problem, choice, i, candidate, seed))
            n_rows = front.n_rows
            continue
        if any(candidate.inner):
            equations.append(_nested(problem, choice, i, candidate, seed))
            n_rows = front.n_rows
            continue
        rows = assemble(problem, candidate.terms, seed=seed)
        n_rows = rows.n_rows
        equations.append(_equation(problem, rows, choice, i, candidate))
    equations = [
        replace(one, probability=choice.probability(i)[candidate])
        for i, (one, candidate) in enumerate(zip(equations, choice.trial.candidates, strict=True))
    ]
    law = Law(
        equations=tuple(equations),
        names=problem.names,
        units=problem.units,
        time=problem.time,
        time_unit=problem.time_unit,
        estimator="trajectories" if choice.trial.followed else ESTIMATORS[problem.formulation],
        verdict=verdict(problem, choice, equations, n_rows, *told_apart(problem, front, choice)),
        evidence=NOTHING if problem.space else _evidence(problem, choice),
        provenance=provenance,
        space=problem.space,
        space_units=problem.space_units,
        cases=problem.cases,
        by=problem.by,
        contrasts=choice.contrasts,
    )
    return with_movie(problem, law) if problem.space else law


def _equation(
    problem: Problem,
    rows: Rows,
    choice: Choice,
    i: int,
    candidate: Candidate,
    fitted: Fitted | None = None,
    inclusion: dict[Expr, float] | None = None,
) -> Equation:
    fit = choice.trial.followed
    if fitted is None:
        fitted = _from_rows(rows, i, candidate, choice) if fit is None else _from_trajectories(fit, choice, i)
    R = _fold_triangles(rows, i)
    total = _total(rows, i)
    G = np.einsum("fij,fik->jk", R, R) if total is None else _centred(rows, i)
    share, drop = shapley(G, tuple(families(problem, candidate.terms).values()))
    inclusion = inclusion or _inclusion(problem, choice, i)
    terms = tuple(
        Term(
            expr=expr,
            value=float(fitted.value[k]),
            std=float(fitted.std[k]),
            low=float(fitted.value[k] - fitted.half[k]),
            high=float(fitted.value[k] + fitted.half[k]),
            unit=coefficient_unit(problem, candidate.target, expr),
            inclusion=inclusion[expr],
            share=float(share[k]),
            drop=float(drop[k]),
            alternatives=_alternatives(candidate, k),
        )
        for k, expr in enumerate(candidate.terms)
    )
    return Equation(
        target=candidate.target,
        time=problem.time,
        names=problem.names,
        terms=terms,
        r2=_r2(R, fitted.value, total),
        held_out_r2=held_out_r2(R, total=total),
        loss=candidate.loss,
        space=problem.space,
        kind="map" if problem.formulation == "discrete" else "derivative",
        order=problem.order_of(i),
    )


def _nested(problem: Problem, choice: Choice, i: int, candidate: Candidate, seed: int) -> Equation:
    """Return an equation with fitted constants inside its terms."""
    terms, rows, value, std, half = nested_estimate(problem, choice.trial, i, candidate, seed)
    n, probable = len(terms), _inclusion(problem, choice, i)
    found = _equation(
        problem,
        rows.only(range(n)),
        choice,
        i,
        replace(candidate, terms=terms),
        Fitted(value[:n], std[:n], half[:n]),
        {term: probable[old] for term, old in zip(terms, candidate.terms, strict=True)},
    )
    inside, written = n, list[Term]()
    for term, places in zip(found.terms, candidate.places, strict=True):
        numbers = zip(
            places, *(part[inside : inside + len(places)].tolist() for part in (value, std, half)), strict=True
        )
        inside += len(places)
        fitted = tuple(Inner(place, v, error, v - wide, v + wide) for place, v, error, wide in numbers)
        written.append(replace(term, inner=fitted, unit=None if fitted else term.unit))
    return replace(
        found, terms=tuple(written), held_out_r2=held_out_r2(_fold_triangles(rows, i), total=_total(rows, i))
    )


def _quotient(problem: Problem, choice: Choice, i: int, candidate: Candidate, seed: int) -> Equation:
    """Return a rational equation; shares are those of the terms above, the denominator being as it is."""
    fit, n, reference = choice.trial.followed, len(candidate.terms), candidate.denominator[0]
    if fit is None:
        rows, value, covariance, dof = from_rows(problem, i, candidate, seed)
    else:
        part, dof = choice.trial.part(i), fit.t_dof
        value, covariance = fit.coefficients[part], fit.covariance[part, part]
        rows = rows_at(problem, candidate, value, seed)
    std = np.sqrt(np.diag(covariance))
    half = std * t_quantile(dof)
    share = drop = np.full(n, np.nan)
    r2 = held = float("nan")
    if rows is not None:
        R, total, above = _fold_triangles(rows, i), _total(rows, i), [*range(n), -1]
        r2 = _r2(R, np.append(value[:n], np.zeros(len(value) - n)), total)
        held = held_out(problem, i, candidate, value, seed)
        G = np.einsum("fij,fik->jk", R, R) if total is None else _centred(rows, i)
        share, drop = shapley(G[np.ix_(above, above)])
    inclusion = _inclusion(problem, choice, i)
    probable = [inclusion[expr] for expr in candidate.terms]
    probable += included(candidate.denominator[1:], choice.probability(i))
    unknown = np.full(len(value) - n, np.nan)
    shares, drops = np.append(share, unknown), np.append(drop, worth_below(problem, i, candidate, r2, seed))
    terms = tuple(
        Term(
            expr=expr,
            value=float(value[k]),
            std=float(std[k]),
            low=float(value[k] - half[k]),
            high=float(value[k] + half[k]),
            unit=quotient_unit(problem, candidate, k),
            inclusion=probable[k],
            share=float(shares[k]),
            drop=float(drops[k]),
            alternatives=_alternatives(candidate, k) if k < n else (),
        )
        for k, expr in enumerate((*candidate.terms, *candidate.denominator[1:]))
    )
    return Equation(
        target=candidate.target,
        time=problem.time,
        names=problem.names,
        terms=terms[:n],
        r2=r2,
        held_out_r2=held,
        loss=candidate.loss,
        kind="map" if problem.formulation == "discrete" else "derivative",
        denominator=(reference_term(reference), *terms[n:]),
        covariance=tuple(tuple(line) for line in _with_reference(covariance, n).tolist()),
    )


def _with_reference(covariance: Array, n: int) -> Array:
    """Return the covariance with a line of zeros for the reference, which follows the n terms above."""
    return np.insert(np.insert(covariance, n, 0.0, axis=0), n, 0.0, axis=1)


def quotient_unit(problem: Problem, candidate: Candidate, k: int) -> str | None:
    """Return the unit of the k-th coefficient of a rational equation, those above first; the reference has none."""
    reference, n = candidate.denominator[0], len(candidate.terms)
    if k < n:
        return coefficient_unit(problem, candidate.target, per_reference(candidate.terms[k], reference))
    return ratio_unit(problem, reference, candidate.denominator[k - n + 1])


def ratio_unit(problem: Problem, above: Expr, below: Expr) -> str | None:
    """Return the unit of one term over another as text, None where it is unknown."""
    from discover.data.units import compose, symbols

    units = [None if unit is None else symbols(unit) for unit in problem.units]
    a, b = (dimension_of(term, units) if term.variables else DIMENSIONLESS for term in (above, below))
    return None if a is None or b is None else compose(a / b)


def _alternatives(candidate: Candidate, k: int) -> tuple[str, ...]:
    return tuple(name for name in candidate.alternatives[k].split(", ") if name) if candidate.alternatives else ()


def _from_trajectories(fit: Refinement, choice: Choice, i: int) -> Fitted:
    part = choice.trial.part(i)
    return Fitted(fit.coefficients[part], fit.std[part], fit.std[part] * t_quantile(fit.t_dof))


def _from_rows(rows: Rows, i: int, candidate: Candidate, choice: Choice, seed: int = 0) -> Fitted:
    if rows.problem.constraints and is_tied(rows.problem, i):
        found = from_rows_together(rows.problem, choice.trial.candidates, i, seed)
        if found is not None:
            value, std, dof = found
            return Fitted(value, std, std * t_quantile(dof))
    support = tuple(range(candidate.n_terms))
    one = estimate(rows, i, support)
    covariance, dof = sandwich(rows, i, one)
    std = np.sqrt(np.diag(covariance))
    return Fitted(one.coefficients, std, std * t_quantile(dof))


def _inclusion(problem: Problem, choice: Choice, i: int) -> dict[Expr, float]:
    """Return for each term of the chosen equation the probability of all candidates that contain it, in any case."""
    found: dict[Expr, float] = {}
    for candidate, probability in choice.probability(i).items():
        for base in families(problem, candidate.shapes):
            found[base] = found.get(base, 0.0) + probability
    chosen = choice.trial.candidates[i]
    every = families(problem, chosen.shapes).items()
    return {chosen.terms[k]: min(1.0, found[base]) for base, mine in every for k in mine}


def _fold_triangles(rows: Rows, target: int) -> Array:
    """Return the R of a QR factorisation of the equation's terms and left-hand side, one for each fold with rows."""
    k = len(rows.terms)
    R = np.zeros((rows.problem.n_folds, k + 1, k + 1))
    for b, block in enumerate(rows.blocks):
        columns = stacked(rows, target, range(k), b)
        for fold in np.unique(block.fold):
            update_triangle(R[fold], np.ascontiguousarray(columns[:, block.fold == fold]))
    return R[R.any(axis=(1, 2))]


def _r2(R: Array, value: Array, total: float | None) -> float:
    """Return R² of the rows at the coefficients reported, which need not be their least-squares fit."""
    residual, y = R[:, :, :-1] @ value - R[:, :, -1], R[:, :, -1]
    return float(1.0 - np.sum(residual**2) / (np.sum(y**2) if total is None else total)) if y.any() else 0.0


def _total(rows: Rows, i: int) -> float | None:
    """Return the sum of squares that R² of a map compares with, about the mean; None for other left-hand sides."""
    if rows.problem.formulation != "discrete":
        return None
    return float(sum(np.sum((block.Y[i] - rows.problem.reference(i)) ** 2) for block in rows.blocks))


def _centred(rows: Rows, i: int) -> Array:
    """Return the Gram of an equation's terms and left-hand side, their means taken off: a constant explains nothing."""
    columns = np.concatenate([stacked(rows, i, range(len(rows.terms)), b) for b in range(len(rows.blocks))], axis=1)
    columns -= columns.mean(axis=1, keepdims=True)
    return columns @ columns.T


def coefficient_unit(problem: Problem, target: str, expr: Expr) -> str | None:
    """Return the unit of a coefficient as text: the target's, per time, per term; None where any is unknown."""
    from discover.data.units import compose, symbols

    def spelled(unit: str | None) -> Dimension | None:
        return None if unit is None else symbols(unit)

    axes = [spelled(unit) for unit in (problem.time_unit, *problem.space_units)]
    units = [spelled(unit) for unit in problem.units]
    mine = units[problem.target_index(target)]
    try:
        term = dimension_of(expr, units, axes=axes) if expr.variables else DIMENSIONLESS
    except UnitError:  # an angle is a number to a sine, whatever its unit is called
        known = zip(units, problem.dimensions, strict=True)
        plain = [DIMENSIONLESS if real is not None and real.is_dimensionless else unit for unit, real in known]
        term = dimension_of(expr, plain, axes=axes)
    if problem.formulation == "discrete":
        return None if mine is None or term is None else compose(mine / term)
    if mine is None or axes[0] is None or term is None:
        return None
    return compose(mine / axes[0] ** problem.order_of(problem.targets.index(target)) / term)


def _evidence(problem: Problem, choice: Choice) -> Evidence:
    """Keep a bounded sample: the longest stretches first, thinned evenly."""
    fit = choice.trial.followed
    order = _longest(problem)
    step = max(1, sum(problem.blocks[b].n_samples for b in order) // MAX_SAMPLES)
    last = None
    if problem.formulation == "discrete":  # every second value of a map is the record of another map
        step, last = 1, MAX_SAMPLES // len(order)
    simulated = choice.trial.simulated(problem)
    stretches = []
    for b in sorted(order):
        block = problem.blocks[b]
        kept = slice(None, last, step)
        stretches.append(Stretch(block.trajectory, block.time[kept], block.X[:, kept], simulated[b][:, kept]))
    return Evidence(
        stretches=tuple(stretches),
        segment=max(1, fit.length // step) if fit else 0,
        trajectory_chi2=fit.chi2 if fit else float("nan"),
        noise=_typical_noise(problem),
    )


def _longest(problem: Problem, most: int = 6) -> list[int]:
    """Return the longest blocks: that of each case, then others up to `most`."""
    order = sorted(range(len(problem.blocks)), key=lambda b: -problem.blocks[b].n_samples)
    n, first = problem.n_variables - len(problem.cases), dict[int, int]()
    for b in order:
        block = problem.blocks[b]
        indicators = block.X[n:].reshape(len(problem.cases), block.n_samples)[:, :1]
        first.setdefault(int(np.argmax(indicators)) if problem.cases else 0, b)
    others = [b for b in order if b not in first.values()]
    return [*first.values(), *others[: max(0, most - len(first))]]


def _typical_noise(problem: Problem) -> tuple[float, ...]:
    """Return the noise's root mean square over all samples, in each variable's own unit."""
    squares = sum(np.sum(problem.noise_on(block) ** 2, axis=1) for block in problem)
    return tuple(np.sqrt(squares / problem.n_samples).tolist())
