"""A law, an equation or a front as a small piece of HTML, for notebooks."""

from collections.abc import Sequence
from html import escape
from math import isfinite

from discover.equation import Equation, Law
from discover.export.cases import form, form_front
from discover.export.choices import ChoiceRow, choices, equation_of
from discover.export.importance import coefficients
from discover.export.mathml import equation_mathml, expression_mathml, sum_mathml
from discover.export.notation import left_typeset, words_of
from discover.export.rounding import fixed, number, rounded
from discover.export.text import bound_text, value_text
from discover.front import Candidate, Front

_CHOICES = ("", "complexity", "terms", "loss", "score", "R²", "right-hand side")
_LEFT = ' style="text-align:left"'  # notebooks set all cells to the right, and captions in the middle
_TERMS = ("estimate ± std. error", "95 % from", "to", "belongs with probability", "unit", "term")


def card(law: Law, front: Front) -> str:
    """Return the equations, the verdict and the table of choices as HTML, all text escaped.

    >>> from discover.export.specimen import specimen
    >>> card(*specimen()).count("<tr>")
    10
    """
    equations = "".join(_paragraph(equation) for equation in form(law).all_equations)
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in law.verdict.reasons)
    verdict = f"<p>Verdict: <strong>{law.verdict.word}</strong></p><ul>{reasons}</ul>"
    tables = _choices(form(law), form_front(law, front))
    return f"<div>{equations}{verdict}<details><summary>Choices</summary>{tables}</details></div>"


def shown(value: Equation | Front) -> str:
    """Return an equation with its coefficients, or every candidate of a front, as HTML; all text escaped.

    >>> from discover.export.specimen import specimen
    >>> law, front = specimen()
    >>> [shown(one).count("<tr>") for one in (law.equations[0], front)]
    [3, 10]
    """
    if isinstance(value, Equation):
        return f"<div>{_paragraph(value)}<p>{_quality(value)}</p>{_coefficients(value)}</div>"
    law = value.law
    tables = _choices(None, value) if law is None else _choices(form(law), form_front(law, value))
    notes = "".join(f"<li>{escape(note)}</li>" for note in value.notes)
    return f"<div>{tables}<ul>{notes}</ul></div>" if notes else f"<div>{tables}</div>"


def _paragraph(equation: Equation) -> str:
    return f"<p>{' '.join(equation_mathml(equation))}</p>"


def _quality(equation: Equation) -> str:
    """Return how well an equation does; what is not known is not spoken of."""
    known = {"R²": equation.r2, "R² on held-out data": equation.held_out_r2}
    told = [f"{name} {fixed(value)}" for name, value in known.items() if isfinite(value)]
    if isfinite(equation.loss):
        told.append(f"loss {number(equation.loss, 3)}")
    if equation.probability is not None:
        told.append(f"probability among its rivals {fixed(equation.probability, 2)}")
    return ", ".join(told)


def _coefficients(equation: Equation) -> str:
    words = words_of(equation)
    rows = []
    for term in coefficients(equation):
        below = " (denominator)" if any(term is part for part in equation.denominator) else ""
        cells = [value_text(rounded(term.value, term.std)), bound_text(term.low, term.std)]
        cells += [bound_text(term.high, term.std), fixed(term.inclusion), escape(term.unit or "unknown")]
        rows.append(_row(cells, f"{expression_mathml(term.expr, words)}{below}"))
    return _table("", _TERMS, rows) if rows else "<p>It has no term.</p>"


def _choices(law: Law | None, front: Front) -> str:
    """Return a table a target; without a law, variables behind the targets are called x3, x4 and so on."""
    tables = []
    for target in front.targets:
        if law is None:
            equation = _nameless(front, target)
            rows = [ChoiceRow(one, False) for one in sorted(front.of(target), key=lambda one: one.complexity)]
        else:
            equation = equation_of(law, target)
            rows = [row for row in choices(law, front) if row.target == target]
        cells = [_choice(row, equation) for row in rows]
        tables.append(_table(left_typeset(equation) if law else target, _CHOICES, cells))
    return "".join(tables)


def _choice(row: ChoiceRow, equation: Equation) -> str:
    candidate = row.candidate
    mark = "<strong>chosen</strong>" if row.chosen else "refused" if candidate.refusal else ""
    cells = [mark, str(candidate.complexity), str(candidate.n_terms)]
    cells += [number(candidate.loss), number(candidate.score), f"{candidate.r2:.3f}"]
    return _row(cells, sum_mathml(candidate, words_of(equation)))


def _nameless(front: Front, target: str) -> Equation:
    """Return an equation without terms by whose names a front can be written that no law was taken from."""
    named = [one for one in front.targets if one == front.targets[0] or not one.startswith("g²(")]
    last = max((v for one in front.candidates for v in _variables(one)), default=0)
    names = (*named, *(f"x{at + 1}" for at in range(len(named), last + 1)))
    return Equation(target, "t", names, (), float("nan"), float("nan"), float("nan"))


def _variables(candidate: Candidate) -> set[int]:
    return {v for term in (*candidate.terms, *candidate.denominator) for v in term.variables}


def _table(caption: str, headings: Sequence[str], rows: Sequence[str]) -> str:
    *most, last = (f"<th{{}}>{heading}</th>" for heading in headings)
    above = f"<caption{_LEFT}><strong>{escape(caption)}</strong></caption>" if caption else ""
    head = "".join(one.format("") for one in most) + last.format(_LEFT)
    return f"<table>{above}<tr>{head}</tr>{''.join(rows)}</table>"


def _row(cells: Sequence[str], last: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}<td{_LEFT}>{last}</td></tr>"
