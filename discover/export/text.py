"""Laws as plain text, for terminals and notebooks."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from discover.equation import Equation, Inner, Law, Term
from discover.export.choices import ChoiceRow, choices, equation_of
from discover.export.notation import derivative_text, left_text, written_names
from discover.export.rounding import Rounded, number, power_text, rounded
from discover.expr import AXES, VARIABLE, Expr, Operator, fold, signs_in_front, unsigned
from discover.front import Front

WIDTH = 100
"""Columns of a terminal that a line may fill."""

INSIDE = 60
"""Characters of a term that a constant inside it is told with."""

MOST_ROWS = 24
"""Rows of the tables of choices that a terminal shows for all targets together; three to eight for each."""

_LAYOUTS = {"mul": "{0}·{1}", "sub": "{0} − {1}", "neg": "−{0}", "square": "{0}²", "cube": "{0}³"}
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 4, 5


def shown(name: str) -> str:
    """Return a name without the signs that would move a terminal's cursor.

    >>> shown("hare\\n\\x1b[31mlynx")
    'hare\ufffd\ufffd[31mlynx'
    """
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)


def term_text(expr: Expr, names: Sequence[str], axes: Sequence[str] = AXES) -> str:
    """Return an expression as people write it; `discover.expr.text` is what `parse` reads back.

    Args:
        expr: what to write.
        names: of the variables.
        axes: names of the axes that D goes along, time first; one axis alone is time, and gives primes.

    >>> from discover.expr import parse
    >>> term_text(parse("hare*lynx**2", ["hare", "lynx"]), ["hare", "lynx"])
    'hare·lynx²'
    >>> term_text(parse('u*D(u, "x", 1) + D(u**2, "x", 2)', ["u"]), ["u"])
    'u·u_x + (u²)_xx'
    """
    return _piece(expr, names, axes)[0]


def _piece(expr: Expr, names: Sequence[str], axes: Sequence[str]) -> tuple[str, int]:
    lettered = [shown(axis) for axis in axes]

    def leaf(kind: int, value: Any) -> tuple[str, int]:
        if kind == VARIABLE:
            name = names[int(value)]
            return shown(name), _ATOM
        return number(value, 6), _ATOM if value >= 0 else _SUM

    def branch(row: Operator, argument: Any, children: tuple[tuple[str, int], ...]) -> tuple[str, int]:
        pairs = zip(children, row.slots, strict=True)
        inner = [piece if binds >= slot else f"({piece})" for (piece, binds), slot in pairs]
        if row.name == "neg" and children[0][1] == _PRODUCT:
            return f"−{children[0][0]}", _SUM
        if row.name == "ipow":
            return f"{inner[0]}{str(argument).translate(_SUPERSCRIPT)}", row.precedence
        if row.name == "D":
            return derivative_text(children[0][0], children[0][1] == _ATOM, argument, lettered), _POWER
        return _LAYOUTS.get(row.name, row.layout).format(*inner, n=argument), row.precedence

    return fold(signs_in_front(expr), leaf, branch)


def coefficient_text(number: Rounded, unit: str | None = None) -> str:
    """Return the digits of a coefficient without its sign, in brackets where it has an error bar.

    >>> coefficient_text(rounded(0.54712, 0.0631), "year-1"), coefficient_text(rounded(-3e-9))
    ('(0.547 ± 0.063) year-1', '3×10⁻⁹')
    """
    digits = number.value
    if number.error is not None:
        digits = f"({digits} ± {number.error}{power_text(number.error_exponent)})"
    tail = f" {shown(unit)}" if unit and unit != "1" else ""
    return f"{digits}{power_text(number.exponent)}{tail}"


def value_text(number: Rounded) -> str:
    """Return a value with its sign and its error, without brackets where none are needed.

    >>> value_text(rounded(-0.0277, 0.0041)), value_text(rounded(-1.234e-9, 9.96e-11))
    ('−0.0277 ± 0.0041', '(−1.23 ± 0.10)×10⁻⁹')
    """
    digits = ("−" if number.negative else "") + number.value
    if number.error is not None:
        digits += f" ± {number.error}{power_text(number.error_exponent)}"
        digits = f"({digits})" if number.exponent else digits
    return digits + power_text(number.exponent)


def bound_text(value: float, std: float) -> str:
    """Return an end of an interval to the digits that the standard error supports.

    >>> bound_text(0.42352, 0.0631), bound_text(float("nan"), 0.1)
    ('0.424', '–')
    """
    if not math.isfinite(value):
        return number(value)
    return value_text(replace(rounded(value, std), error=None))


def sum_text(
    parts: Iterable[tuple[Rounded, str | None, Expr]], names: Sequence[str], axes: Sequence[str] = AXES
) -> str:
    """Return Σ coefficient · term as text, 0 where there is no term.

    Args:
        parts: of every term its rounded coefficient, the coefficient's unit (or None), and its expression.
        names: of the variables.
        axes: names of the axes that D goes along, time first.
    """
    line = ""
    for coefficient, unit, expr in parts:
        bare, minus = unsigned(expr)
        sign = "−" if coefficient.negative != minus else "+"
        product = _product(coefficient, unit, bare, names, axes)
        line += f" {sign} {product}" if line else product if sign == "+" else f"−{product}"
    return line or "0"


def _product(coefficient: Rounded, unit: str | None, expr: Expr, names: Sequence[str], axes: Sequence[str]) -> str:
    if expr.value == 1.0:
        return coefficient_text(coefficient, unit)
    piece, binds = _piece(expr, names, axes)
    piece = piece if binds > _SUM else f"({piece})"
    return piece if coefficient.is_one and not unit else f"{coefficient_text(coefficient, unit)} {piece}"


def equation_text(equation: Equation, digits: int = 2, units: bool = False) -> str:
    """Return an equation with its error bars, rounded to `digits` significant digits of each error.

    Args:
        equation: what to print.
        digits: significant digits of the standard errors.
        units: whether the coefficients carry their units.

    >>> from discover.expr import variable
    >>> from discover.equation import Term
    >>> growth = Term(variable(0), 0.54712, 0.0631, 0.42, 0.67, "year-1")
    >>> eaten = Term(variable(0) * variable(1), -0.0277, 0.0041, -0.036, -0.020)
    >>> names = ("hare", "lynx")
    >>> equation_text(Equation("hare", "year", names, (growth, eaten), 0.93, 0.9, 1.0))
    "hare' = (0.547 ± 0.063) hare − (0.0277 ± 0.0041) hare·lynx"
    """

    def written(terms: Sequence[Term]) -> str:
        parts = ((rounded(term.value, term.std, digits), term.unit if units else None, term.expr) for term in terms)
        return sum_text(parts, written_names(equation), equation.axes)

    right = fraction_text(written(equation.terms), written(equation.denominator) if equation.denominator else "")
    if equation.kind == "stochastic":
        name = shown(equation.target)
        return f"d{name} = [{right}] dt + {shown(left_text(equation)).replace('f_', 'g_', 1)} dW"
    return f"{shown(left_text(equation))} = {right}"


def fraction_text(numerator: str, denominator: str) -> str:
    """Return a fraction of two sums on one line, the numerator alone where nothing is below it.

    >>> fraction_text("1.2 x", "1 + 0.5 x"), fraction_text("2 − x", "x"), fraction_text("2 − x", "")
    ('1.2 x / (1 + 0.5 x)', '(2 − x) / x', '2 − x')
    """
    if not denominator:
        return numerator
    above, below = (f"({part})" if _is_sum(part) else part for part in (numerator, denominator))
    return f"{above} / {below}"


def _is_sum(line: str) -> bool:
    return " + " in line or " − " in line or "·" in line


def law_text(law: Law) -> str:
    """Return the equations and the verdict with its reasons, one a line.

    >>> from discover.export.specimen import specimen
    >>> print(law_text(specimen()[0]).splitlines()[3])
    verdict: law
    """
    from discover.export.cases import form

    lines = [equation_text(equation) for equation in form(law).all_equations]
    lines += [
        f"  inside {_at_most(where, INSIDE)}: {value_text(rounded(one.value, one.std))}" for where, one in _inside(law)
    ]
    asked = ["", *requirement_lines(law)] if law.requirements else []
    asked += ["", *suggestion_lines(law)] if law.suggestions else []
    asked += ["", *group_lines(law)] if law.groups else []
    return "\n".join([*lines, *(case_lines(law) if law.cases else ()), "", *verdict_lines(law), *asked])


def _at_most(written: str, most: int) -> str:
    return written if len(written) <= most else written[: most - 1] + "…"


def requirement_lines(law: Law) -> list[str]:
    """Return what was required, and how the law keeps it, each line within the width of a terminal."""
    import textwrap

    lines = ["required:"]
    for one in law.requirements:
        kept = "contradicted by the data" if one.contradicted else one.held
        lines += textwrap.wrap(
            f"{shown(one.text)}: {shown(kept)}", WIDTH, initial_indent="  · ", subsequent_indent="    "
        )
    return lines


def suggestion_lines(law: Law) -> list[str]:
    """Return the symmetries that could be required, those that the data show first, within a terminal's width."""
    import textwrap

    lines = list[str]()
    for told, heading in (
        (True, "suggested (the data show it; nothing was imposed):"),
        (False, "not told by the data:"),
    ):
        some = [one for one in law.suggestions if one.told is told]
        lines += [heading] if some else []
        for one in some:
            known = f"breaks by at most {one.share:.2g} of the rates" if told else "the law has it"
            lines += textwrap.wrap(
                f"{shown(one.text)}  ({known})", WIDTH, initial_indent="  · ", subsequent_indent="    "
            )
    return lines


def group_lines(law: Law) -> list[str]:
    """Return the dimensionless groups that a law was sought in, and its equations between them."""
    lines = ["between dimensionless groups, each under the name of what it stands for:"]
    lines += [f"  {equation_text(equation)}" for equation in law.dimensionless]
    return [*lines, *(f"  · {shown(one.name)}: {shown(one.text)}" for one in law.groups)]


def _inside(law: Law) -> list[tuple[str, Inner]]:
    """Return every fitted constant inside a term, with the term that it stands in."""
    terms = [(term, equation) for equation in law.all_equations for term in equation.terms if term.inner]
    return [
        (term_text(term.expr, equation.names, equation.axes), one) for term, equation in terms for one in term.inner
    ]


MOST_CASES, ABREAST = 12, 4
"""Cases that a terminal shows, and coefficients side by side."""


def case_lines(law: Law) -> list[str]:
    """Return the coefficients that differ between cases, a case a line, and what is said of each coefficient.

    >>> from discover.export.specimen import family
    >>> print(case_lines(family()[0])[1:4])
    ['run  c₁(run)', 'a    1.0000 ± 0.0020', 'b    1.4000 ± 0.0020']
    """
    from discover.export.cases import coefficient_names, comparisons, statements

    differing = [one for one in comparisons(law) if not one.is_shared]
    names, lines = coefficient_names(law), list[str]()
    for first in range(0, len(differing), ABREAST):
        part = slice(first, first + ABREAST)
        rows = [(shown(law.by), *map(shown, names[part]))]
        for at, label in enumerate(law.cases[:MOST_CASES]):
            terms = [one.terms[at] for one in differing[part]]
            rows.append((shown(label), *(value_text(rounded(term.value, term.std)) for term in terms)))
        lines += ["", *aligned(rows)]
        if len(law.cases) > MOST_CASES:
            lines.append(f"and {len(law.cases) - MOST_CASES} more")
    return [*lines, "", *map(shown, statements(law))]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table with its columns one below the other.

    >>> aligned([("a", "1"), ("bc", "2")])
    ['a   1', 'bc  2']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def verdict_lines(law: Law) -> list[str]:
    """Return the verdict and its reasons, each line within the width of a terminal."""
    import textwrap

    lines = [f"verdict: {law.verdict.word}"]
    for reason in law.verdict.reasons:
        lines += textwrap.wrap(shown(reason), WIDTH, initial_indent="  · ", subsequent_indent="    ")
    return lines


def choices_text(law: Law, front: Front) -> str:
    """Return the table of choices of every target, the chosen row marked with an arrow.

    >>> from discover.export.specimen import specimen
    >>> print(choices_text(*specimen()).splitlines()[2])
    →          8     2       1.02      48.72  0.954  0.547 hare − 0.0277 hare·lynx
    """
    from discover.export.cases import form, form_front

    law, front = form(law), form_front(law, front)
    rows = choices(law, front)
    most = max(3, MOST_ROWS // max(len(front.targets), 1))
    tables = [
        _table(equation_of(law, target), [row for row in rows if row.target == target], min(most, 8))
        for target in front.targets
    ]
    return "\n\n".join(tables)


def _table(equation: Equation, rows: Sequence[ChoiceRow], most: int) -> str:
    kept, left = _nearest(rows, most), shown(left_text(equation))
    lines = [_cut(f"{'':2}{'complexity':>10} {'terms':>5} {'loss':>10} {'score':>10} {'R²':>6}  {left} =")]
    lines += [_row(row, equation) for row in kept]
    if len(kept) < len(rows):
        lines.append(f"{'':2}and {len(rows) - len(kept)} more")
    return "\n".join(lines)


def _nearest(rows: Sequence[ChoiceRow], most: int) -> list[ChoiceRow]:
    """Keep the rows with the best scores, and the chosen one whatever its score."""
    order = sorted(rows, key=lambda row: (not row.chosen, row.candidate.refusal is not None, row.candidate.score))
    keep = {id(row) for row in order[:most]}
    return [row for row in rows if id(row) in keep]


def _row(row: ChoiceRow, equation: Equation) -> str:
    candidate = row.candidate
    mark = "→" if row.chosen else "×" if candidate.refusal else " "
    numbers = f"{candidate.complexity:>10} {candidate.n_terms:>5} {number(candidate.loss):>10} "
    numbers += f"{number(candidate.score):>10} {candidate.r2:>6.3f}"
    line = _cut(f"{mark} {numbers}  {candidate_text(row, equation)}")
    return line + "\n" + _cut(f"{'':47}  refused: {shown(candidate.refusal)}") if candidate.refusal else line


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def candidate_text(row: ChoiceRow, equation: Equation) -> str:
    """Return the right-hand side of a candidate for an equation, coefficients to four digits, without error bars."""
    candidate = row.candidate
    sums = ((candidate.coefficients, candidate.terms), (candidate.divisors, candidate.denominator))
    lines = []
    for values, terms in sums:
        parts = ((rounded(value), None, term) for value, term in zip(values, terms, strict=True))
        lines.append(sum_text(parts, written_names(equation), equation.axes) if terms else "")
    return fraction_text(lines[0] or "0", lines[1])
