"""A law as a small piece of HTML, for notebooks."""

from collections.abc import Sequence
from html import escape

from discover.equation import Equation, Law
from discover.export.choices import ChoiceRow, choices, equation_of
from discover.export.mathml import equation_mathml, sum_mathml
from discover.export.notation import left_typeset, words_of
from discover.export.rounding import number
from discover.front import Front

_HEADINGS = ("", "complexity", "terms", "loss", "score", "R²", "right-hand side")


def card(law: Law, front: Front) -> str:
    """Return the equations, the verdict and the table of choices as HTML, all text escaped.

    >>> from discover.export.specimen import specimen
    >>> card(*specimen()).count("<tr>")
    10
    """
    equations = "".join(f"<p>{' '.join(equation_mathml(equation))}</p>" for equation in law.all_equations)
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in law.verdict.reasons)
    verdict = f"<p>Verdict: <strong>{law.verdict.word}</strong></p><ul>{reasons}</ul>"
    rows = choices(law, front)
    tables = "".join(
        _table(equation_of(law, target), [row for row in rows if row.target == target]) for target in front.targets
    )
    return f"<div>{equations}{verdict}<details><summary>Choices</summary>{tables}</details></div>"


def _table(equation: Equation, rows: Sequence[ChoiceRow]) -> str:
    head = "".join(f"<th>{heading}</th>" for heading in _HEADINGS)
    body = "".join(_row(row, equation) for row in rows)
    return f"<table><caption>{escape(left_typeset(equation))}</caption><tr>{head}</tr>{body}</table>"


def _row(row: ChoiceRow, equation: Equation) -> str:
    candidate = row.candidate
    mark = "chosen" if row.chosen else "refused" if candidate.refusal else ""
    cells = [mark, str(candidate.complexity), str(candidate.n_terms)]
    cells += [number(candidate.loss), number(candidate.score), f"{candidate.r2:.3f}"]
    texts = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr>{texts}<td>{sum_mathml(candidate, words_of(equation))}</td></tr>"
