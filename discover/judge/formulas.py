"""Front -> Law for an algebraic law y = f(x): which form, how well its constants are known, and how sure we may be."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from discover.data.units import compose, symbols
from discover.equation import Equation, Evidence, Inner, Law, Provenance, Stretch, Term, Verdict
from discover.errors import UnitError
from discover.expr import DIMENSIONLESS, Dimension, Expr, compile_program, dimension_of, text
from discover.front import Candidate, Front
from discover.inference.criteria import Criterion, Squares
from discover.inference.forms import values
from discover.inference.formulas import Fit, fit_formula, form_of
from discover.inference.intervals import t_quantile
from discover.inference.losses import AUTO, SQUARED, Loss, criterion_of, first_weights, read_loss
from discover.inference.whiteness import WHITE, structure_left
from discover.judge.importance import shapley
from discover.judge.lookalikes import rivals
from discover.judge.verdict import PREDICTIVE, USELESS
from discover.problem import Array, Index, Problem

CERTAIN = 0.99
"""Probability that a law needs.

Of 28 random laws so called at 0.95 two were wrong, with 0.963 and 0.986; the right ones had 0.998 and more.
"""

ALIKE = 0.002
"""Difference of two forms relative to their size, on top of what noise explains, up to which they are one law."""

WIDER = 1.5
"""How far beyond the data they are compared: forms that only agree inside are rivals."""

MAX_SAMPLES = 4000
MOST_COMPARED, MOST_TESTED = 2000, 20_000
"""Rows at which forms are compared, and on which structure is looked for."""

WILD, FAR = 5.0, 3.5
"""Standard deviations beyond which a row is wild under a robust loss, and chi-square is off."""

EXACT = 1e-9
"""What is left relative to the spread of y below which only rounding is."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One target of a table with the formula that leads.

    Attributes:
        problem, front, target: what is judged.
        X, y, fold: its data, shapes (n_variables, n_rows), (n_rows,), (n_rows,).
        loss: what formulas were fitted with.
        weights: one over the variance of y's errors, up to a factor unless the problem knows them, shape (n_rows,).
        whole: what formulas are fitted to on all rows.
        best: the candidate with the shortest description, and its `fit`.
        odds: the probability of every candidate.
    """

    problem: Problem
    front: Front
    target: str
    X: Array
    y: Array
    fold: Index
    loss: Loss
    weights: Array
    whole: Criterion
    best: Candidate
    fit: Fit
    odds: dict[Candidate, float]

    def without(self, held: NDArray[np.bool_]) -> Criterion:
        """Return what formulas are fitted to where some rows are kept out."""
        rows = ~held
        X, y, weights = np.ascontiguousarray(self.X[:, rows]), self.y[rows], self.weights[rows]
        return criterion_of(self.loss, X, y, weights, self.problem.knows_errors)

    @property
    def chi2(self) -> float:
        """Chi-square of the formula for a degree of freedom; NaN where nobody said how large errors are."""
        if not self.problem.knows_errors or self.loss.name == "quantile":
            return float("nan")
        rest = self.whole.residual(self.fit.form)
        return float(rest @ rest) / max(self.fit.dof, 1)


def conclude_formula(problem: Problem, front: Front, provenance: Provenance, loss: Loss = SQUARED) -> Law:
    """Judge the forms with the shortest descriptions, one for each target, and write them down as a law.

    Args:
        problem: the table.
        front: what the search left behind.
        provenance: where the law comes from.
        loss: what its formulas were fitted with.
    """
    losses = list(map(read_loss, front.losses)) or [SQUARED if loss == AUTO else loss] * len(problem.targets)
    both = zip(problem.targets, losses, strict=True)
    all_judged = [_judged(problem, front, target, loss) for target, loss in both]
    equations = tuple(_equation(one) for one in all_judged)
    verdicts = [_verdict(one, equation) for one, equation in zip(all_judged, equations, strict=True)]
    return Law(
        equations=equations,
        names=problem.names,
        units=problem.units,
        time=problem.time,
        time_unit=None,
        estimator=", ".join(dict.fromkeys(_estimator(problem, loss) for loss in losses)),
        verdict=_together(problem.targets, verdicts),
        evidence=_evidence(all_judged),
        provenance=provenance,
    )


def _judged(problem: Problem, front: Front, target: str, loss: Loss) -> Judged:
    (block,) = problem.blocks
    i = problem.targets.index(target)
    weights = np.ones(block.n_rows) if block.precision is None else block.precision[i]
    every = front.of(target)
    candidates = tuple(c for c in every if c.refusal is None) or every
    X, y = block.X, block.Y[i]
    seen = None if loss.name in ("squared", "log") else first_weights(loss, X[problem.n_states :], y, weights)
    whole = criterion_of(loss, X, y, weights, problem.knows_errors, seen)
    fit = fit_formula(form_of(candidates[0], problem.n_variables), X, y, whole)
    odds = _odds(candidates, np.ascontiguousarray(X[:, :: -(-block.n_rows // MOST_COMPARED)]), fit, block.n_rows)
    return Judged(problem, front, target, X, y, block.fold, loss, weights, whole, candidates[0], fit, odds)


def _estimator(problem: Problem, loss: Loss) -> str:
    names = {
        "huber": "Huber's loss",
        "quantile": f"the quantile {loss.parameter:g}",
        "log": "least squares of logarithms",
    }
    weighted = any(block.precision is not None for block in problem.blocks)
    return ("weighted " if weighted else "") + names.get(loss.name, "least squares")


def _together(targets: tuple[str, ...], verdicts: list[Verdict]) -> Verdict:
    """Return the verdict of all targets: the least sure of them, with whose every reason is."""
    if len(verdicts) == 1:
        return verdicts[0]
    worst = max(verdicts, key=lambda one: ("law", "several", "none").index(one.word))
    return Verdict(
        worst.word, tuple(f"{t}: {r}" for t, one in zip(targets, verdicts, strict=True) for r in one.reasons)
    )


def _odds(candidates: tuple[Candidate, ...], X: Array, fit: Fit, n_rows: int) -> dict[Candidate, float]:
    """Return the probability of each form; those that say the same beyond the data too are one law."""
    scores = np.array([candidate.score for candidate in candidates])
    weights = np.exp(-0.5 * (scores - scores.min()))
    wide = _widened(X)
    truth = np.sqrt(np.mean(values(fit.form, X) ** 2))
    near = ALIKE + 4.0 * fit.noise / max(float(truth), 1e-300) * np.sqrt(2.0 / n_rows)
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
    a, b = a[both], b[both]
    largest = float(np.abs(b).max()) or 1.0  # squares of values beyond the data may overflow
    with np.errstate(over="ignore"):
        difference = np.sqrt(np.mean((a / largest - b / largest) ** 2))
    return bool(difference <= near * np.sqrt(np.mean((b / largest) ** 2)))


def _equation(one: Judged) -> Equation:
    terms = _terms(one)
    columns = compile_program([term.expr for term in terms], len(one.X)).evaluate(one.X)
    centred = np.concatenate([columns, one.y[None]])
    centred -= centred.mean(axis=1, keepdims=True)
    share, drop = shapley(centred @ centred.T)
    return Equation(
        target=one.target,
        time=one.problem.time,
        names=one.problem.names,
        terms=tuple(_with_importance(term, share[k], drop[k]) for k, term in enumerate(terms)),
        r2=explained(one.loss, one.y, values(one.fit.form, one.X), one.weights, one.fit.noise),
        held_out_r2=_held_out_r2(one),
        loss=one.best.loss if np.isnan(one.chi2) else one.chi2 * one.fit.dof / len(one.y),
        kind="algebraic",
    )


def _with_importance(term: Term, share: float, drop: float) -> Term:
    return replace(term, share=float(share), drop=float(drop))


def _terms(one: Judged) -> tuple[Term, ...]:
    fit, best, odds = one.fit, one.best, one.odds
    quantile = t_quantile(fit.dof)
    numbers = list(zip(fit.form.start, fit.std.tolist(), strict=True))
    coefficients = iter(numbers)
    n_outer = sum(std != 0.0 for std in best.std)
    which = iter(best.ties or range(sum(map(len, best.inner))))
    found = []
    for k, expr in enumerate(best.terms):
        value, std = (1.0, 0.0) if best.std[k] == 0.0 else next(coefficients)
        places = best.inner[k] if best.inner else ()
        mine = [(place, *numbers[n_outer + next(which)]) for place in places]
        constants = tuple(Inner(p, v, s, v - quantile * s, v + quantile * s) for p, v, s in mine)
        found.append(
            Term(
                expr=_updated(expr, constants),
                value=value,
                std=std,
                low=value - quantile * std,
                high=value + quantile * std,
                unit=None if std == 0.0 else coefficient_unit(one.problem, one.target, expr, places),
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


def _held_out_r2(one: Judged) -> float:
    """Return the share explained of rows that the constants were not fitted to, a fold at a time."""
    found = np.empty(len(one.y))
    for k in np.unique(one.fold):
        held = one.fold == k
        ((form, _),) = one.without(held).fit([one.fit.form], 100)
        found[held] = values(form, one.X[:, held])
    return explained(one.loss, one.y, found, one.weights, one.fit.noise)


def explained(loss: Loss, y: Array, found: Array, weights: Array, noise: float) -> float:
    """Return the share of the spread of y (n_rows,) that values explain, in the terms of a loss; 0 for nothing.

    Squares, weighted; of logarithms for "log"; without wild rows for "huber"; and for a quantile after Koenker and
    Machado (1999), doi:10.1080/01621459.1999.10473882.

    >>> y = np.array([1.0, 2.0, 3.0, 4.0])
    >>> explained(SQUARED, y, y + np.array([0.1, -0.1, 0.1, -0.1]), np.ones(4), 0.1)
    0.992
    """
    if not np.isfinite(found).all():
        return 0.0
    if loss.name == "log":
        same_sign = found * y > 0
        if not same_sign.all():
            return 0.0
        y, found = np.log(np.abs(y)), np.log(np.abs(found))
    if loss.name == "quantile":
        tau = loss.parameter
        return 1.0 - _pinball(y - found, tau, weights) / max(_pinball(y - np.quantile(y, tau), tau, weights), 1e-300)
    used = weights.copy()
    if loss.name == "huber":
        used[np.abs(y - found) > WILD * noise * np.sqrt(np.mean(weights) / np.maximum(weights, 1e-300))] = 0.0
    if not used.any():
        return 0.0
    total = float(used @ (y - np.average(y, weights=used)) ** 2)
    return round(1.0 - float(used @ (y - found) ** 2) / total, 12) if total > 0 else 0.0


def _pinball(rest: Array, tau: float, weights: Array) -> float:
    return float(np.sqrt(weights) @ np.where(rest >= 0, tau * rest, (tau - 1.0) * rest))


def _verdict(one: Judged, equation: Equation) -> Verdict:
    exact = one.fit.noise < EXACT * float(one.y.std())
    left = _structure_left(one)
    said, doubts = _fit_said(one, equation), _fit_doubts(one, exact, left)
    if one.odds[one.best] < CERTAIN:
        others = sum(1 for candidate in one.odds if one.odds[candidate] >= 0.05) - 1
        doubts.append(
            f"The form has probability {one.odds[one.best]:.2f} among those tried; {max(others, 1)} other(s) describe "
            "the data about as briefly. Values of the variables beyond those measured would tell them apart."
        )
    if not doubts and not exact:
        doubts += _rivals_doubts(one)
    if not np.isfinite(one.fit.std).all():
        doubts.append("The data do not settle all constants of the formula: some of them can trade places.")
    if one.front.interrupted:
        doubts.append("The search was stopped before its end.")
    if one.front.unfinished:
        doubts.append("The budget ended the search before every kind of form was tried; a larger one may find another.")
    if equation.held_out_r2 < USELESS or not any(expr.variables for expr in one.best.terms):
        return Verdict("none", (*said, *doubts))
    if doubts and left >= WHITE and equation.held_out_r2 < PREDICTIVE and not exact:
        return Verdict("none", (*said, *doubts))
    if doubts:
        return Verdict("several", (*said, *doubts))
    alone = len(one.odds) == 1
    rest = "it is the only form that was tried" if alone else "no other form that was tried comes close"
    return Verdict("law", (*said, f"What is left is noise, and {rest}."))


def _rivals_doubts(one: Judged) -> list[str]:
    """Return that another form, tried or not, explains the data as well; nothing is asked where requirements hold."""
    if one.problem.constraints or one.loss.name not in ("squared", "auto"):
        return []
    names, known = one.problem.names, one.problem.dimensions
    squares = Squares(one.X, one.y, one.weights, one.problem.knows_errors)
    near = rivals(one.fit.form, one.whole, squares, (*known, known[names.index(one.target)]))
    return [
        f"The data do not tell the form from others beside it, such as {one.target} = {text(rival.told, names)}. "
        "Values of the variables beyond those measured, or smaller errors, would tell them apart."
        for rival in near[:1]
    ]


def _structure_left(one: Judged) -> float:
    """Return how much structure the residual holds, seen at some thousands of rows."""
    step = -(-len(one.y) // MOST_TESTED)
    rest = one.whole.residual(one.fit.form)
    return structure_left(rest[::step], one.X[one.problem.n_states :, ::step])


def _fit_said(one: Judged, equation: Equation) -> tuple[str, ...]:
    """Return how well the formula fits, in sentences."""
    found = [
        f"On rows kept out of the fit the formula explains {100 * max(equation.held_out_r2, 0.0):.4g} % of the "
        f"spread of {one.target}; what is left has a standard deviation of {one.fit.noise:.3g}."
    ]
    if np.isfinite(one.chi2):
        found.append(f"Chi-square by the errors given is {one.chi2:.3g} for each of {one.fit.dof} degrees of freedom.")
        if _beyond(one) < -FAR:
            found.append("What is left is smaller than the errors given: they may be overstated.")
    if one.loss.name == "huber":
        limit = WILD * one.fit.noise * np.sqrt(np.mean(one.weights) / one.weights)
        wild = int(np.sum(np.abs(one.fit.residual) > limit))
        if wild:
            found.append(f"{wild} rows lie further than {WILD:g} standard deviations from the formula.")
    return tuple(found)


def _fit_doubts(one: Judged, exact: bool, left: float) -> list[str]:
    """Return what the fit leaves to be desired: structure, too few rows to see any, or more than the errors given."""
    doubts = []
    if _beyond(one) > FAR:
        doubts.append(
            "Chi-square is larger than the errors given allow: they are understated, or something is missing from the "
            "formula. Standard errors were widened accordingly."
        )
    if not exact and np.isfinite(left) and left >= WHITE:
        doubts.append("What is left still depends on the variables: something is missing from the formula.")
    elif not exact and left >= WHITE and not (np.isfinite(one.chi2) and abs(_beyond(one)) <= FAR):
        doubts.append(f"{len(one.y)} rows are too few to see whether what is left is noise.")
    return doubts


def _beyond(one: Judged) -> float:
    """Return how many standard deviations chi-square is above its expectation; 0 where errors are not known."""
    return (one.chi2 - 1.0) * np.sqrt(one.fit.dof / 2.0) if np.isfinite(one.chi2) else 0.0


def _evidence(all_judged: list[Judged]) -> Evidence:
    first = all_judged[0]
    step = -(-len(first.y) // MAX_SAMPLES)
    rows = np.arange(len(first.y), dtype=np.float64)[::step]
    simulated = np.array([one.y - one.fit.residual for one in all_judged])[:, ::step]
    stretch = Stretch("observations", rows, first.X[:, ::step], simulated)
    return Evidence((stretch,), 0, float("nan"), tuple(one.fit.noise for one in all_judged))
