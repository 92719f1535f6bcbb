"""The report: one self-contained web page with everything that a law rests on.

No script, no network, no fonts of its own: it opens from disk, prints, and reads on a phone.
"""

import os
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from discover.equation import Equation, Law, Term
from discover.export import figures
from discover.export.atomic import write_text
from discover.export.cases import form, form_front, statements
from discover.export.choices import ChoiceRow, choices, equation_of
from discover.export.importance import coefficients, inside, variable_shares
from discover.export.latex import latex
from discover.export.mathml import equation_mathml, expression_mathml, sum_mathml
from discover.export.notation import left_typeset, words_of
from discover.export.rounding import fixed, number, rounded
from discover.export.text import bound_text, group_lines, law_text, value_text
from discover.front import Front

if TYPE_CHECKING:
    from jinja2 import Template

MEANING = {
    "law": ("✓", "One set of equations explains the data down to the noise, and no rival comes close."),
    "several": ("≈", "The data leave more than one set of equations open. Shown is the best of them."),
    "none": ("✕", "The data do not support a law. Shown are the best equations found; do not rely on them."),
}
"""A sign and a sentence for each verdict, beside its word and its colour."""


@dataclass(frozen=True, slots=True)
class Line:
    """One equation as the page shows it: MathML in pieces between which a line may break."""

    equation: Equation
    left: str
    mathml: tuple[str, ...]
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One term in the table of coefficients: MathML, numbers to the digits that its error supports, and its place."""

    left: str
    term: Term
    mathml: str
    estimate: str
    low: str
    high: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One candidate in the table of choices."""

    row: ChoiceRow
    left: str
    mathml: str


def report(law: Law, front: Front, path: str | os.PathLike[str]) -> None:
    """Write the report of a law to `path`.

    Raises:
        InputError: if the file cannot be written.
    """
    write_text(path, page(law, front))


def page(law: Law, front: Front) -> str:
    """Return the report as HTML text; the same law gives the same text.

    >>> from discover.export.specimen import specimen
    >>> page(*specimen()).splitlines()[0]
    '<!DOCTYPE html>'
    """
    from markupsafe import Markup

    sign, meaning = MEANING[law.verdict.word]
    pictures = {
        "trajectories": figures.trajectories(law),
        "cases": figures.cases(law),
        "movie": figures.movie(law),
        "paths": figures.paths(law),
        "parity": figures.parity(law),
        "functions": figures.functions(law),
        "returns": figures.returns(law),
        "profiles": figures.profiles(law),
        "portrait": figures.portrait(law),
        "tradeoff": figures.tradeoff(law, front),
        "forest": figures.forest(law),
        "importance": figures.importance(law),
    }
    return _template().render(
        law=law,
        front=front,
        sign=sign,
        meaning=meaning,
        lines=[
            replace(_line(equation), mathml=tuple(equation_mathml(as_read)))
            for equation, as_read in zip(law.all_equations, form(law).all_equations, strict=True)
        ],
        statements=statements(law),
        n_names=len(law.measured),
        rows=[_row(equation, term) for equation in law.all_equations for term in coefficients(equation)],
        inside=[
            (
                where,
                value_text(rounded(one.value, one.std)),
                bound_text(one.low, one.std),
                bound_text(one.high, one.std),
            )
            for _, where, one in inside(law)
        ],
        options=[_option(form(law), row) for row in choices(form(law), form_front(law, front))],
        pictures=pictures,
        latex=latex(law),
        groups="\n".join(group_lines(law)[1:]) if law.groups else "",
        text=law_text(law),
        safe=Markup,
    )


def _line(equation: Equation) -> Line:
    shares = tuple(variable_shares(equation).items())
    return Line(equation, left_typeset(equation), tuple(equation_mathml(equation)), shares)


def _option(law: Law, row: ChoiceRow) -> Option:
    equation = equation_of(law, row.target)
    return Option(row, left_typeset(equation), sum_mathml(row.candidate, words_of(equation)))


def _row(equation: Equation, term: Term) -> Row:
    below = any(term is part for part in equation.denominator)
    return Row(
        left=left_typeset(equation),
        term=term,
        mathml=expression_mathml(term.expr, words_of(equation)),
        place="denominator" if below else "",
        estimate=value_text(rounded(term.value, term.std)),
        low=bound_text(term.low, term.std),
        high=bound_text(term.high, term.std),
    )


@lru_cache(maxsize=1)
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("discover.export", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["fixed"] = fixed
    return environment.get_template("report.html")
