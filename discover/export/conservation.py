"""Conserved quantities as text, as a card for notebooks, as SymPy, and as a web page of their own."""

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from discover.equation import Term
from discover.export.figures.levels import levels
from discover.export.mathml import equation_mathml, expression_mathml
from discover.export.notation import Words
from discover.export.rounding import number, rounded
from discover.export.text import aligned, bound_text, equation_text, value_text
from discover.expr import text
from discover.inference.quantities import Conservation, Quantity

if TYPE_CHECKING:
    import sympy
    from jinja2 import Template

MEANING = {
    "law": ("✓", "These quantities stay where they began on every trajectory, as far as the noise can tell."),
    "several": (
        "≈",
        "These quantities stay where they began, but the data leave open whether others would do as well.",
    ),
    "none": ("✕", "Nothing that these data conserve was found among the terms on offer."),
}
"""A sign and a sentence for each verdict."""


def conservation_text(found: Conservation) -> str:
    """Return what was found as plain text: quantities, verdict, evidence, and what to require of a law."""
    lines = [equation_text(one.equation) for one in found.quantities] or ["no conserved quantity"]
    lines += ["", f"verdict: {found.verdict.word}", *(f"  {reason}" for reason in found.verdict.reasons)]
    if found.quantities:
        lines += ["", *aligned([_HEADING, *(evidence(one) for one in found.quantities)])]
        lines += ["", "to require of a law:", *(f'  "{demand}"' for demand in demands(found))]
    for one in found.refused:
        lines += ["", f"refused, {one.refusal}:", f"  {equation_text(one.equation)}"]
    return "\n".join(lines)


_HEADING = ("quantity", "drift below", "noise and drift", "spread of levels", "chance", "chance held out")


def evidence(one: Quantity) -> tuple[str, ...]:
    """Return its name, bound on the drift, slow motion, spread of its levels, and both chances, as text."""
    shares = (f"{100 * share:.2g} %" for share in (one.drift, one.share, one.reach))
    return (one.name, *shares, number(one.p_value, 2), number(one.held_out, 2))


def demands(found: Conservation) -> list[str]:
    """Return the requirement that each quantity makes, in the words of `require`."""
    return [f"conserve: {text(one.expr, found.names)}" for one in found.quantities]


def to_sympy(found: Conservation) -> "dict[str, sympy.Expr]":
    """Return every quantity by its name."""
    import sympy

    from discover.export.symbols import expression

    symbols = [sympy.Symbol(name) for name in found.names]
    return {one.name: expression(one.expr, symbols) for one in found.quantities}


def card(found: Conservation) -> str:
    """Return the quantities with the verdict as a small piece of HTML, all text escaped."""
    lines = "".join(f"<p>{' '.join(equation_mathml(one.equation))}</p>" for one in found.quantities)
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in found.verdict.reasons)
    return f"<div>{lines}<p>Verdict: <strong>{found.verdict.word}</strong></p><ul>{reasons}</ul></div>"


def page(found: Conservation) -> str:
    """Return the page as HTML text: no script, no network; the same quantities give the same text."""
    from markupsafe import Markup

    sign, meaning = MEANING[found.verdict.word]
    shown = found.quantities or found.refused[:1]
    return _template().render(
        found=found,
        sign=sign,
        meaning=meaning,
        lines=[(one, equation_mathml(one.equation)) for one in found.quantities],
        rows=[(one.name, *_row(term, found)) for one in found.quantities for term in one.equation.terms],
        evidence=[evidence(one) for one in found.quantities],
        refused=[(one.refusal, equation_mathml(one.equation)) for one in found.refused],
        pictures=[levels(one, found.time, found.time_unit) for one in shown],
        demands=demands(found),
        safe=Markup,
    )


def _row(term: Term, found: Conservation) -> tuple[str, ...]:
    math = expression_mathml(term.expr, Words(found.names, (found.time,)))
    if term.std == 0.0:
        return math, number(term.value), "", ""
    return math, value_text(rounded(term.value, term.std)), *(bound_text(x, term.std) for x in (term.low, term.high))


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
    return environment.get_template("conservation.html")
