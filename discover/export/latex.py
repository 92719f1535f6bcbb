"""Laws as LaTeX, ready for a paper that loads amsmath."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from discover.equation import Equation, Law, Term
from discover.export.naming import GREEK, lettering
from discover.export.rounding import Rounded, rounded
from discover.export.symbols import expression
from discover.expr import Expr

if TYPE_CHECKING:
    import sympy

_SPECIAL = {sign: "\\" + sign for sign in "{}$&#%_"} | {
    "\\": r"\backslash{}",
    "^": r"\hat{\ }",
    "~": r"\sim{}",
    " ": r"\ ",
}


def latex(law: Law, digits: int = 2) -> str:
    r"""Return the equations as an `aligned` block, their errors rounded to `digits` significant digits.

    >>> from discover.export.specimen import specimen
    >>> print(latex(specimen()[0]))
    \begin{aligned}
    \frac{\mathrm{d}\,\mathrm{hare}}{\mathrm{d}\,\mathrm{year}} &= \left(0.547 \pm 0.063\right) \, \mathrm{hare} - \left(0.0277 \pm 0.0041\right) \, \mathrm{hare} \, \mathrm{lynx} \\
    \frac{\mathrm{d}\,\mathrm{lynx}}{\mathrm{d}\,\mathrm{year}} &= -\left(0.800 \pm 0.089\right) \, \mathrm{lynx} + \left(0.0241 \pm 0.0035\right) \, \mathrm{hare} \, \mathrm{lynx}
    \end{aligned}
    """  # noqa: E501  the lines of a block are as long as its equations
    lines = " \\\\\n".join(equation_latex(equation, digits) for equation in law.equations)
    return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"


def equation_latex(equation: Equation, digits: int = 2) -> str:
    """Return one equation, `&` before its equals sign."""
    import sympy

    # Placeholders, because SymPy reads a name such as x_dot as typography and prints the rest unescaped.
    symbols = [sympy.Dummy(f"v{at}") for at in range(len(equation.names))]
    spelled = {symbol: name_latex(name) for symbol, name in zip(symbols, equation.names, strict=True)}
    parts = [_term(term, symbols, spelled, digits) for term in equation.terms]
    total = "".join(parts).removeprefix(" + ")
    total = "-" + total.removeprefix(" - ") if total.startswith(" - ") else total
    left = rf"\frac{{\mathrm{{d}}\,{name_latex(equation.target)}}}{{\mathrm{{d}}\,{name_latex(equation.time)}}}"
    return f"{left} &= {total or '0'}"


def _term(term: Term, symbols: "Sequence[sympy.Dummy]", spelled: "dict[sympy.Dummy, str]", digits: int) -> str:
    number = rounded(term.value, term.std, digits)
    sign = " - " if number.negative else " + "
    if term.expr.value == 1.0:
        return sign + coefficient_latex(number)
    tail = _expression(term.expr, symbols, spelled)
    return sign + (tail if number.is_one else rf"{coefficient_latex(number)} \, {tail}")


def _expression(expr: Expr, symbols: "Sequence[sympy.Dummy]", spelled: "dict[sympy.Dummy, str]") -> str:
    import sympy

    found = expression(expr, symbols)
    written = sympy.latex(found, symbol_names=spelled, mul_symbol=r" \, ")
    return rf"\left({written}\right)" if found.is_Add or written.startswith("-") else written


def coefficient_latex(number: Rounded) -> str:
    r"""Return the digits of a coefficient without its sign.

    >>> print(coefficient_latex(rounded(-1.234e-9, 9.96e-11)))
    \left(1.23 \pm 0.10\right) \times 10^{-9}
    """
    digits = {"nan": r"\mathrm{nan}", "∞": r"\infty"}.get(number.value, number.value)
    if number.error is not None:
        small = rf" \times 10^{{{number.error_exponent}}}" if number.error_exponent else ""
        digits = rf"\left({digits} \pm {number.error}{small}\right)"
    return rf"{digits} \times 10^{{{number.exponent}}}" if number.exponent else digits


def name_latex(name: str) -> str:
    r"""Return a name as mathematics: letters italic, Greek spelled, words upright, specials escaped.

    >>> [name_latex(name) for name in ("x", "theta_1", "hare", "50 % yield")]
    ['x', '\\theta_{1}', '\\mathrm{hare}', '\\mathrm{50\\ \\%\\ yield}']
    """
    letters = lettering(name)
    below = f"_{{{_upright(letters.below)}}}" if letters.below else ""
    return _upright(letters.base) + below


def _upright(text: str) -> str:
    if text in GREEK:
        return "\\" + text
    shown = "".join(_SPECIAL.get(sign, sign if sign.isprintable() else r"\ ") for sign in text)
    return shown if len(text) == 1 or text.isdigit() else rf"\mathrm{{{shown}}}"
