"""Laws as LaTeX, ready for a paper that loads amsmath."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from discover.equation import Equation, Law, Term
from discover.export.naming import GREEK, lettering
from discover.export.notation import NEXT, letters_of, words_of
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
    lines = _by_case(law, digits) if law.cases else [equation_latex(one, digits) for one in law.all_equations]
    joined = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{joined}\n\\end{{aligned}}"


def _by_case(law: Law, digits: int) -> list[str]:
    """Return the form that all cases share, then what each coefficient that differs is in every case."""
    from discover.export.cases import coefficient_names, comparisons, form

    differing = [one for one in comparisons(law) if not one.is_shared]
    by, lines, apart = name_latex(law.by), [equation_latex(one, digits) for one in form(law).equations], " \\\\ "
    for number, (name, one) in enumerate(zip(coefficient_names(law), differing, strict=True), start=1):
        lines = [line.replace(name_latex(name), f"c_{{{number}}}") for line in lines]
        values = [rounded(term.value, term.std, digits) for term in one.terms]
        rows = [
            f"{'-' if value.negative else ''}{coefficient_latex(value)} & {by} = {name_latex(label)}"
            for label, value in zip(law.cases, values, strict=True)
        ]
        lines.append(rf"c_{{{number}}} &= \begin{{cases}} {apart.join(rows)} \end{{cases}}")
    return lines


def equation_latex(equation: Equation, digits: int = 2) -> str:
    """Return one equation, `&` before its equals sign."""
    import sympy

    # Placeholders, because SymPy reads a name such as x_dot as typography and prints the rest unescaped.
    symbols = [sympy.Dummy(f"v{at}") for at in range(len(equation.names))]
    index = words_of(equation).index
    known_as = Placeholders(tuple(symbols), equation.axes, {})
    known_as.spelled.update(
        {symbol: name_latex(name, index) for symbol, name in zip(symbols, equation.names, strict=True)}
    )
    total = _sum(equation.terms, known_as, digits)
    if equation.denominator:
        total = rf"\frac{{{total}}}{{{_sum(equation.denominator, known_as, digits)}}}"
    if equation.kind == "stochastic":
        target, noise = name_latex(equation.target), _of_target("g", equation.target)
        whole = rf"\left({total}\right) \mathrm{{d}}t + {noise} \, \mathrm{{d}}{_of_target('W', equation.target)}"
        return rf"\mathrm{{d}}{target} &= {whole}"
    return f"{_left(equation)} &= {total}"


def _sum(terms: Sequence[Term], known_as: "Placeholders", digits: int) -> str:
    total = "".join(_term(term, known_as, digits) for term in terms).removeprefix(" + ")
    return ("-" + total.removeprefix(" - ") if total.startswith(" - ") else total) or "0"


def _of_target(letter: str, target: str) -> str:
    """Return what belongs to a state, such as its noise g_x."""
    return f"{letter}_{{{name_latex(target)}}}"


def _left(equation: Equation) -> str:
    target, time = name_latex(equation.target), name_latex(equation.time)
    if equation.kind == "algebraic":
        return target
    if equation.kind == "map":
        return name_latex(equation.target, NEXT)
    if equation.kind == "diffusion":
        return f"{_of_target('g', equation.target)}^{{2}}"
    if equation.space:
        return _derivative_latex(target, True, (equation.order,), equation.axes)
    if equation.order == 1:
        return rf"\frac{{\mathrm{{d}}\,{target}}}{{\mathrm{{d}}\,{time}}}"
    return rf"\frac{{\mathrm{{d}}^{{{equation.order}}}\,{target}}}{{\mathrm{{d}}\,{{{time}}}^{{{equation.order}}}}}"


@dataclass(frozen=True, slots=True)
class Placeholders:
    """What SymPy writes an equation with.

    Attributes:
        symbols: placeholders of the variables.
        axes: names of the axes, time first.
        spelled: the LaTeX of every placeholder; those of derivatives join it as they are met.
    """

    symbols: "tuple[sympy.Dummy, ...]"
    axes: tuple[str, ...]
    spelled: "dict[sympy.Dummy, str]"

    def derive(self, operand: "sympy.Expr", orders: tuple[int, ...]) -> "sympy.Dummy":
        """Return the placeholder of a derivative, the same for the same derivative."""
        import sympy

        written = sympy.latex(operand, symbol_names=self.spelled, mul_symbol=r" \, ")
        whole = _derivative_latex(written, operand.is_Symbol, orders, self.axes)
        known = next((symbol for symbol, text in self.spelled.items() if text == whole), None)
        if known is None:
            # Named after the variables, so that SymPy sets u before u_x in a product.
            known = sympy.Dummy(f"w{len(self.spelled):04d}")
            self.spelled[known] = whole
        return known


def _derivative_latex(operand: str, is_name: bool, orders: Sequence[int], axes: Sequence[str]) -> str:
    """Write a derivative: primes where time is the only axis, else the axes below."""
    is_bare = is_name and not set("_^' ") & set(operand)
    written = operand if is_bare else rf"\left({operand}\right)"
    if len(axes) == 1:
        return written + "'" * sum(orders)
    letters = letters_of(orders, axes)
    below = "".join(map(name_latex, letters)) if all(len(letter) == 1 for letter in letters) else None
    return f"{written}_{{{below or ', '.join(map(name_latex, letters))}}}"


def _term(term: Term, known_as: Placeholders, digits: int) -> str:
    number = rounded(term.value, term.std, digits)
    sign = " - " if number.negative else " + "
    if term.expr.value == 1.0:
        return sign + coefficient_latex(number)
    tail = _expression(term.expr, known_as)
    return sign + (tail if number.is_one else rf"{coefficient_latex(number)} \, {tail}")


def _expression(expr: Expr, known_as: Placeholders) -> str:
    import sympy

    short = replace(expr, constants=tuple(float(f"{value:.6g}") for value in expr.constants))
    found = expression(short, known_as.symbols, known_as.derive)
    written = sympy.latex(found, symbol_names=known_as.spelled, mul_symbol=r" \, ")
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


def name_latex(name: str, index: str = "") -> str:
    r"""Return a name as mathematics: letters italic, Greek spelled, known_as upright, specials escaped.

    `index` stands below it, after a subscript of its own.

    >>> [name_latex(name) for name in ("x", "theta_1", "hare", "50 % yield")]
    ['x', '\\theta_{1}', '\\mathrm{hare}', '\\mathrm{50\\ \\%\\ yield}']
    """
    letters = lettering(name)
    below = ", ".join(part for part in (_upright(letters.below) if letters.below else "", index) if part)
    return _upright(letters.base) + (f"_{{{below}}}" if below else "")


def _upright(text: str) -> str:
    if text in GREEK:
        return "\\" + text
    shown = "".join(_SPECIAL.get(sign, sign if sign.isprintable() else r"\ ") for sign in text)
    return shown if len(text) == 1 or text.isdigit() else rf"\mathrm{{{shown}}}"
