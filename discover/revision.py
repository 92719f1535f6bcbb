"""A law revised by hand: another row of the front in the place of one of its equations."""

from dataclasses import replace
from math import nan

from discover.data.units import compose, symbols
from discover.equation import Equation, Evidence, Law, Provenance, Term, Verdict
from discover.errors import SettingError, did_you_mean
from discover.export.choices import equation_of, is_chosen
from discover.export.notation import left_text
from discover.export.text import term_text
from discover.expr import DIMENSIONLESS, Expr, dimension_of
from discover.front import Candidate, Front
from discover.simulate import follow_field, follow_stretch

NORMAL_95 = 1.959964
SEGMENT = 25
"""Samples that a simulation follows before it starts afresh, where the law's own evidence has none."""

_MARK = "Chosen by hand: "


def revise(law: Law, front: Front, target: str, complexity: int) -> Law:
    """Return the law with the best candidate of that complexity as its equation for `target`.

    Raises:
        SettingError: for a target that has no equation, or a complexity that the front does not hold.
    """
    candidate = _row(front, target, complexity)
    if is_chosen(law, candidate):
        return law
    equations = tuple(
        _equation(law, equation, candidate) if equation.target == target else equation for equation in law.equations
    )
    revised = replace(law, equations=equations, verdict=_verdict(law, candidate))
    return replace(revised, evidence=_evidence(revised), provenance=_provenance(law, candidate))


def _row(front: Front, target: str, complexity: int) -> Candidate:
    if target not in front.targets:
        raise SettingError(f'There is no equation for "{target}".{did_you_mean(str(target), front.targets)}')
    rows = front.of(target)
    found = next((row for row in rows if row.complexity == complexity), None)
    if found is None:
        known = ", ".join(str(size) for size in sorted({row.complexity for row in rows}))
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
            unit=_unit(law, candidate.target, expr),
            alternatives=alternatives,
        )
        for expr, value, std, alternatives in rows
    )
    return replace(before, terms=terms, r2=candidate.r2, held_out_r2=nan, loss=candidate.loss)


def _alternatives(candidate: Candidate) -> list[tuple[str, ...]]:
    """Return for each term the texts of what could stand in its place."""
    if len(candidate.alternatives) != candidate.n_terms:
        return [()] * candidate.n_terms
    return [tuple(text for text in texts.split(", ") if text) for texts in candidate.alternatives]


def _unit(law: Law, target: str, expr: Expr) -> str | None:
    """Return the unit of a term's coefficient as text, None where one that it rests on is unknown."""
    units, axes = ([None if unit is None else symbols(unit) for unit in all_] for all_ in (law.units, law.axis_units))
    left, equation = units[law.names.index(target)], equation_of(law, target)
    term = dimension_of(expr, units, axes=axes) if expr.variables else DIMENSIONLESS
    if left is None or term is None:
        return None
    if equation.kind == "map":
        return compose(left / term)
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
