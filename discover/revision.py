"""A law revised by hand: another row of the front, or another reference below the line, for one of its equations."""

import math
from dataclasses import replace
from math import nan

import numpy as np

from discover.data.units import compose, symbols
from discover.equation import Equation, Evidence, Law, Provenance, Stretch, Term, Verdict
from discover.errors import SettingError, did_you_mean
from discover.export.cases import form_front
from discover.export.choices import equation_of, is_chosen
from discover.export.notation import left_text
from discover.export.text import term_text
from discover.expr import DIMENSIONLESS, Expr, compile_program, constant, dimension_of, parse, simplify
from discover.front import Candidate, Front
from discover.simulate import follow_field, follow_stretch

NORMAL_95 = 1.959964
SEGMENT = 25
"""Samples that a simulation follows before it starts afresh, where the law's own evidence has none."""

ONE = constant(1.0)

_MARK = "Chosen by hand: "


def revise(law: Law, front: Front, target: str, complexity: int) -> Law:
    """Return the law with the best candidate of that complexity as its equation for `target`.

    Raises:
        SettingError: for a target that has no equation, or a complexity that the front does not hold.
    """
    candidate = _row(law, front, target, complexity)
    if is_chosen(law, candidate):
        return law
    equations, diffusion = (
        tuple(_equation(law, equation, candidate) if equation.key == target else equation for equation in side)
        for side in (law.equations, law.diffusion)
    )
    known = tuple(one for one in law.contrasts if one.target != target)  # nobody compared the cases of this one
    revised = replace(law, equations=equations, diffusion=diffusion, verdict=_verdict(law, candidate), contrasts=known)
    if law.kind == "algebraic":
        stretches = tuple(_by_formula(revised, stretch) for stretch in law.evidence.stretches)
        evidence = replace(law.evidence, stretches=stretches)
        return replace(revised, evidence=evidence, provenance=_provenance(law, candidate))
    return replace(revised, evidence=_evidence(revised), provenance=_provenance(law, candidate))


def _by_formula(law: Law, stretch: Stretch) -> Stretch:
    """Return observations beside what the formula as it now is makes of them."""
    value = compile_program([equation.rhs for equation in law.equations], len(law.names)).evaluate(stretch.measured)
    return replace(stretch, simulated=value)


def _row(law: Law, front: Front, target: str, complexity: int) -> Candidate:
    """Return the best candidate of a complexity, which is that of the form where there are cases."""
    if target not in front.targets:
        raise SettingError(f'There is no equation for "{target}".{did_you_mean(str(target), front.targets)}')
    rows = front.of(target)
    sizes = [row.complexity for row in form_front(law, front).of(target)]
    found = next((row for row, size in zip(rows, sizes, strict=True) if size == complexity), None)
    if found is None:
        known = ", ".join(str(size) for size in sorted(set(sizes)))
        raise SettingError(f"The front of {target} has no row of complexity {complexity!r}; it has {known or 'none'}.")
    return found


def _equation(law: Law, before: Equation, candidate: Candidate) -> Equation:
    rows = zip(candidate.terms, candidate.coefficients, candidate.std, _alternatives(candidate), strict=True)
    terms = tuple(
        Term(
            expr=expr,
            value=value,
            std=std,
            low=value - NORMAL_95 * std,
            high=value + NORMAL_95 * std,
            unit=_unit(law, candidate.target, expr) if candidate.reference in (None, ONE) else None,
            alternatives=alternatives,
        )
        for expr, value, std, alternatives in rows
    )
    below = tuple(
        Term(expr, value, std, value - NORMAL_95 * std, value + NORMAL_95 * std)
        for expr, value, std in zip(candidate.denominator, candidate.divisors, candidate.divisor_std, strict=True)
    )
    return replace(
        before,
        terms=terms,
        r2=candidate.r2,
        held_out_r2=nan,
        loss=candidate.loss,
        denominator=below,
        covariance=(),
    )


def _alternatives(candidate: Candidate) -> list[tuple[str, ...]]:
    """Return for each term the texts of what could stand in its place."""
    if len(candidate.alternatives) != len(candidate.terms):
        return [()] * len(candidate.terms)
    return [tuple(text for text in texts.split(", ") if text) for texts in candidate.alternatives]


def _unit(law: Law, target: str, expr: Expr) -> str | None:
    """Return the unit of a term's coefficient as text, None where one that it rests on is unknown."""
    units, axes = ([None if unit is None else symbols(unit) for unit in all_] for all_ in (law.units, law.axis_units))
    equation = equation_of(law, target)
    left = units[law.names.index(equation.target)]
    term = dimension_of(expr, units, axes=axes) if expr.variables else DIMENSIONLESS
    if left is None or term is None:
        return None
    if equation.kind in ("map", "algebraic"):
        return compose(left / term)
    left = left * left if equation.kind == "diffusion" else left
    return None if axes[0] is None else compose(left / axes[0] ** equation.order / term)


def _verdict(law: Law, candidate: Candidate) -> Verdict:
    terms = ", ".join(term_text(term, law.names, law.axes) for term in candidate.terms) or "nothing"
    left = left_text(equation_of(law, candidate.target))
    reason = (
        f"{_MARK}{left} from {terms} (complexity {candidate.complexity}), with the coefficients and "
        "the errors of the search, which were not refined."
    )
    refusal = [f"A constraint refuses it: {candidate.refusal}."] if candidate.refusal else []
    before = [text for text in law.verdict.reasons if text.startswith(_MARK)]
    return Verdict("several", (reason, *refusal, *before, f'The verdict before was "{law.verdict.word}".'))


def _evidence(law: Law) -> Evidence:
    """Follow the data with the law as it now is, from measured states, segment by segment."""
    if law.kind == "stochastic":  # no path of such a law follows the data
        return law.evidence
    length = law.evidence.segment or SEGMENT
    stretches = tuple(
        replace(stretch, simulated=follow_stretch(law, stretch.time, stretch.measured, length))
        for stretch in law.evidence.stretches
    )
    fields = tuple(
        replace(patch, simulated=follow_field(law, patch.coordinates, patch.measured)[0])
        for patch in law.evidence.fields
    )
    return replace(
        law.evidence, stretches=stretches, fields=fields, segment=length if stretches else 0, trajectory_chi2=nan
    )


def _provenance(law: Law, candidate: Candidate) -> Provenance:
    setting = ("chosen by hand", f"{candidate.target}: complexity {candidate.complexity}")
    return replace(law.provenance, settings=(*law.provenance.settings, setting))


def relative_to(law: Law, target: str, term: str) -> Law:
    """Return the law with the equation of `target` written relative to another term of its denominator.

    Numerator and denominator are divided by that term's coefficient, which becomes 1; errors follow to first order.

    Raises:
        SettingError: for a target without a rational equation, or a term that its denominator lacks.
        ExpressionError: where the term cannot be read.
    """
    equation = next((equation for equation in law.equations if equation.target == target), None)
    if equation is None:
        raise SettingError(f'There is no equation for "{target}".{did_you_mean(target, law.states)}')
    if not equation.denominator:
        raise SettingError(
            f"The equation of {target} has no denominator, so nothing in it is relative to another term."
        )
    wanted = simplify(parse(term, law.names))
    known = [term_text(below.expr, law.names, law.axes) for below in equation.denominator]
    place = next((j for j, below in enumerate(equation.denominator) if simplify(below.expr) == wanted), None)
    if place is None:
        raise SettingError(f'"{term}" is no term of the denominator of {target}; it holds {", ".join(known)}.')
    return replace(law, equations=tuple(_divided(one, place) if one is equation else one for one in law.equations))


def _divided(equation: Equation, place: int) -> Equation:
    """Return an equation with both sums divided by the coefficient of one term below."""
    everything = (*equation.terms, *equation.denominator)
    n, r = len(equation.terms), len(equation.terms) + place
    c = np.array([term.value for term in everything])
    J = np.eye(len(c)) / c[r]
    J[:, r] -= c / c[r] ** 2
    J[r] = 0.0
    C = np.array(equation.covariance) if equation.covariance else np.full((len(c), len(c)), np.nan)
    C = J @ C @ J.T
    wide = [(t.high - t.value) / t.std for t in everything if t.std > 0 and math.isfinite(t.std)]
    quantile, by = (wide[0] if wide else NORMAL_95), everything[r]
    order = [*range(n), r, *(k for k in range(n, len(c)) if k != r)]
    terms = tuple(_scaled(everything[k], by, c[k] / c[r], _root(C[k, k]), quantile) for k in order)
    reference = replace(by, value=1.0, std=0.0, low=1.0, high=1.0, unit=None)
    return replace(
        equation,
        terms=terms[:n],
        denominator=(reference, *terms[n + 1 :]),
        covariance=tuple(map(tuple, C[np.ix_(order, order)].tolist())) if equation.covariance else (),
    )


def _root(variance: float) -> float:
    return math.sqrt(variance) if variance >= 0.0 else nan


def _scaled(term: Term, by: Term, value: float, std: float, quantile: float) -> Term:
    """Return a term with another coefficient; one that was the reference is as sure to belong as that which is now.

    Its coefficient is 1 over that of the new reference, and its interval the other's turned over: that is exact.
    """
    low, high = value - quantile * std, value + quantile * std
    if term.is_reference and by.low * by.high > 0.0:
        low, high = 1.0 / by.high, 1.0 / by.low
    return replace(
        term,
        value=value,
        std=std,
        low=low,
        high=high,
        unit=_per(term, by),
        inclusion=by.inclusion if term.is_reference else term.inclusion,
    )


def _per(term: Term, by: Term) -> str | None:
    if by.is_reference:
        return term.unit
    if by.unit is None or (term.unit is None and not term.is_reference):
        return None
    below = symbols(by.unit)
    return compose((DIMENSIONLESS if term.is_reference or term.unit is None else symbols(term.unit)) / below)
