"""Front -> Law for an algebraic law y = f(x): which form, how well its constants are known, and how sure we may be."""

from dataclasses import replace

import numpy as np

from discover.data.units import compose, symbols
from discover.equation import Equation, Evidence, Inner, Law, Provenance, Stretch, Term, Verdict
from discover.errors import UnitError
from discover.expr import DIMENSIONLESS, Dimension, Expr, compile_program, dimension_of
from discover.front import Candidate, Front
from discover.inference.forms import Form, values
from discover.inference.formulas import Fit, fit_formula, form_of
from discover.inference.intervals import t_quantile
from discover.inference.whiteness import WHITE, structure_left
from discover.judge.importance import shapley
from discover.judge.verdict import PREDICTIVE, SURE, USELESS
from discover.problem import Array, Index, Problem

ALIKE = 0.002
"""Difference of two forms relative to their size, on top of what noise explains, up to which they are one law."""

WIDER = 1.5
"""How far beyond the data they are compared: forms that only agree inside are rivals."""

MAX_SAMPLES = 4000
EXACT = 1e-9
"""What is left relative to the spread of y below which only rounding is."""


def conclude_formula(problem: Problem, front: Front, provenance: Provenance) -> Law:
    """Judge the form with the shortest description and write it down as a law."""
    (block,) = problem.blocks
    X, y = block.X, block.Y[0]
    target = front.targets[0]
    candidates = front.of(target)
    best = candidates[0]
    fit = fit_formula(form_of(best, problem.n_variables), X, y)
    odds = _odds(candidates, X, fit)
    equation = _equation(problem, best, fit, odds, X, y, block.fold)
    return Law(
        equations=(equation,),
        names=problem.names,
        units=problem.units,
        time=problem.time,
        time_unit=None,
        estimator="least squares",
        verdict=_verdict(problem, front, equation, fit, odds, X, y),
        evidence=_evidence(X, y, fit),
        provenance=provenance,
    )


def _odds(candidates: tuple[Candidate, ...], X: Array, fit: Fit) -> dict[Candidate, float]:
    """Return the probability of each form; those that say the same beyond the data too are one law."""
    scores = np.array([candidate.score for candidate in candidates])
    weights = np.exp(-0.5 * (scores - scores.min()))
    wide = _widened(X)
    truth = np.sqrt(np.mean(values(fit.form, X) ** 2))
    near = ALIKE + 4.0 * fit.noise / max(float(truth), 1e-300) * np.sqrt(2.0 / X.shape[1])
    laws: list[tuple[Array, list[int]]] = []
    for i, candidate in enumerate(candidates):
        value = values(form_of(candidate, len(X)), wide)
        same = (members for known, members in laws if _alike(value, known, near))
        members = next(same, None)
        if members is None:
            laws.append((value, [i]))
        else:
            members.append(i)
    total = {i: max(weights[members]) for _, members in laws for i in members}
    whole = sum(max(weights[members]) for _, members in laws)
    return {candidate: float(total[i] / whole) for i, candidate in enumerate(candidates)}


def _widened(X: Array) -> Array:
    """Return the observations moved away from their middle by half as much again, where they are positive by ratios."""
    low = X.min(axis=1, keepdims=True)
    positive = low > 0
    scaled = np.log(np.where(positive, X, 1.0))
    middle = np.where(positive, scaled.mean(axis=1, keepdims=True), X.mean(axis=1, keepdims=True))
    moved = middle + WIDER * (np.where(positive, scaled, X) - middle)
    return np.ascontiguousarray(np.where(positive, np.exp(np.where(positive, moved, 0.0)), moved))


def _alike(a: Array, b: Array, near: float) -> bool:
    """Return whether two forms agree where both are defined, to a share of their size."""
    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() < 0.5 * len(a):
        return False
    size = np.sqrt(np.mean(b[both] ** 2))
    return bool(np.sqrt(np.mean((a[both] - b[both]) ** 2)) <= near * size)


def _equation(
    problem: Problem, best: Candidate, fit: Fit, odds: dict[Candidate, float], X: Array, y: Array, fold: Index
) -> Equation:
    terms = _terms(problem, best, fit, odds)
    columns = compile_program([term.expr for term in terms], len(X)).evaluate(X)
    centred = np.concatenate([columns, y[None]])
    centred -= centred.mean(axis=1, keepdims=True)
    share, drop = shapley(centred @ centred.T)
    spread = float(centred[-1] @ centred[-1])
    return Equation(
        target=best.target,
        time=problem.time,
        names=problem.names,
        terms=tuple(_with_importance(term, share[k], drop[k]) for k, term in enumerate(terms)),
        r2=1.0 - float(fit.residual @ fit.residual) / spread,
        held_out_r2=_held_out_r2(fit.form, X, y, fold),
        loss=best.loss,
        kind="algebraic",
    )


def _with_importance(term: Term, share: float, drop: float) -> Term:
    return replace(term, share=float(share), drop=float(drop))


def _terms(problem: Problem, best: Candidate, fit: Fit, odds: dict[Candidate, float]) -> tuple[Term, ...]:
    quantile = t_quantile(fit.dof)
    numbers = list(zip(fit.form.start, fit.std.tolist(), strict=True))
    coefficients = iter(numbers)
    n_outer = sum(std != 0.0 for std in best.std)
    inner = iter(numbers[n_outer:])
    found = []
    for k, expr in enumerate(best.terms):
        value, std = (1.0, 0.0) if best.std[k] == 0.0 else next(coefficients)
        places = best.inner[k] if best.inner else ()
        constants = tuple(Inner(p, v, s, v - quantile * s, v + quantile * s) for p, (v, s) in zip(places, inner))  # noqa: B905
        found.append(
            Term(
                expr=_updated(expr, constants),
                value=value,
                std=std,
                low=value - quantile * std,
                high=value + quantile * std,
                unit=None if std == 0.0 else coefficient_unit(problem, best.target, expr, places),
                inclusion=min(1.0, sum(p for c, p in odds.items() if c.terms == best.terms) or odds[best]),
                inner=constants,
            )
        )
    return tuple(found)


def _updated(expr: Expr, constants: tuple[Inner, ...]) -> Expr:
    numbers = list(expr.constants)
    for one in constants:
        numbers[one.place] = one.value
    return Expr(expr.tape, tuple(numbers), expr.orders)


def coefficient_unit(problem: Problem, target: str, expr: Expr, inner: tuple[int, ...]) -> str | None:
    """Return the unit of a coefficient as text; None where a unit, or a constant inside the term, leaves it open."""
    if inner or any(unit is None for unit in problem.units):
        return None
    units: list[Dimension | None] = [symbols(unit) for unit in problem.units if unit is not None]
    try:
        term = dimension_of(expr, units) if expr.variables else DIMENSIONLESS
    except UnitError:
        return None
    mine = units[problem.names.index(target)]
    return None if term is None or mine is None else compose(mine / term)


def _held_out_r2(form: Form, X: Array, y: Array, fold: Index) -> float:
    """Return R² on rows that the constants were not fitted to, a fold at a time."""
    residual, total = 0.0, float(np.sum((y - y.mean()) ** 2))
    for k in np.unique(fold):
        held, rest = fold == k, fold != k
        fit = fit_formula(form, np.ascontiguousarray(X[:, rest]), np.ascontiguousarray(y[rest]))
        residual += float(np.sum((y[held] - values(fit.form, X[:, held])) ** 2))
    return 1.0 - residual / total if total > 0 and np.isfinite(residual) else 0.0


def _verdict(
    problem: Problem, front: Front, equation: Equation, fit: Fit, odds: dict[Candidate, float], X: Array, y: Array
) -> Verdict:
    best = front.of(equation.target)[0]
    said = (
        f"On rows kept out of the fit the formula explains {100 * max(equation.held_out_r2, 0.0):.4g} % of the "
        f"spread of {equation.target}; what is left has a standard deviation of {fit.noise:.3g}."
    )
    doubts = []
    exact = fit.noise < EXACT * float(y.std())
    left = structure_left(fit.residual, X[problem.n_states :])
    if not exact and left >= WHITE:
        doubts.append(
            "What is left still depends on the variables: something is missing from the formula."
            if np.isfinite(left)
            else f"{len(y)} rows are too few to see whether what is left is noise."
        )
    if odds[best] < SURE:
        rivals = sum(1 for candidate in odds if odds[candidate] >= 0.05) - 1
        doubts.append(
            f"The form has probability {odds[best]:.2f} among those tried; {max(rivals, 1)} other(s) describe the data "
            "about as briefly. Values of the variables beyond those measured would tell them apart."
        )
    if not np.isfinite(fit.std).all():
        doubts.append("The data do not settle all constants of the formula: some of them can trade places.")
    if front.interrupted:
        doubts.append("The search was stopped before its end.")
    if front.unfinished:
        doubts.append("The budget ended the search before every kind of form was tried; a larger one may find another.")
    if equation.held_out_r2 < USELESS or not any(expr.variables for expr in best.terms):
        return Verdict("none", (said, *doubts))
    if doubts and left >= WHITE and equation.held_out_r2 < PREDICTIVE and not exact:
        return Verdict("none", (said, *doubts))
    if doubts:
        return Verdict("several", (said, *doubts))
    return Verdict("law", (said, "What is left is noise, and no other form that was tried comes close."))


def _evidence(X: Array, y: Array, fit: Fit) -> Evidence:
    step = -(-len(y) // MAX_SAMPLES)
    rows = np.arange(len(y), dtype=np.float64)[::step]
    stretch = Stretch("observations", rows, X[:, ::step], (y - fit.residual)[None, ::step])
    return Evidence((stretch,), 0, float("nan"), (fit.noise,))
