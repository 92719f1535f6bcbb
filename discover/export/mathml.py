"""Equations as presentation MathML, which browsers set by themselves.

Only elements of MathML Core are used (no mfenced), so that Chromium, Firefox and Safari agree.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

from discover.equation import Equation, Law, Term
from discover.export.naming import GREEK, lettering
from discover.export.notation import NEXT, PRIMES, Words, letters_of, words_of
from discover.export.rounding import Rounded, number, rounded
from discover.expr import VARIABLE, Expr, Operator, fold, signs_in_front, unsigned
from discover.front import Candidate

_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = 1, 2, 3, 4, 5
WIDEST = 3
"""Terms above or below up to which a quotient is set as a fraction."""

Piece = tuple[str, int]
"""MathML, and how tightly it binds (`discover.expr.operators`)."""


def law_mathml(law: Law) -> str:
    """Return the equations as one `<math>` element, a line for each."""
    lines = "".join(f"<mtr><mtd>{_row(''.join(_parts(equation, 2)))}</mtd></mtr>" for equation in law.all_equations)
    return f'<math display="block"><mtable>{lines}</mtable></math>\n'


def equation_mathml(equation: Equation, digits: int = 2) -> list[str]:
    """Return an equation as `<math>` elements that may be broken into lines between them.

    The left side is the first, then one for every term: browsers do not break long formulas themselves.
    """
    return [f'<math displaystyle="true">{_row(part)}</math>' for part in _parts(equation, digits)]


def _parts(equation: Equation, digits: int) -> list[str]:
    words = words_of(equation)
    terms = [_term(term, words, at == 0, digits) for at, term in enumerate(equation.terms)] or ["<mn>0</mn>"]
    if equation.denominator:
        below = [_term(term, words, at == 0, digits) for at, term in enumerate(equation.denominator)]
        fits = max(len(terms), len(below)) <= WIDEST
        terms = [_fraction(terms, below)] if fits else [*_bracketed(terms), *_bracketed(below, _operator("/"))]
    if equation.kind == "stochastic":
        noise = f"{_of_target('g', equation)}{_D}{_of_target('W', equation)}"
        end = f"{_operator(')')}{_D}<mi>t</mi>{_operator('+')}{noise}"
        return [f"{_D}{_name(equation.target)}{_operator('=')}{_operator('(')}", *terms[:-1], terms[-1] + end]
    return [f"{_left(equation)}{_operator('=')}", *terms]


def _bracketed(terms: Sequence[str], before: str = "") -> list[str]:
    """Return the pieces of a sum with brackets around it: browsers break no fraction, but between pieces they may."""
    opening, closing = (f'<mo stretchy="false">{sign}</mo>' for sign in "()")
    pieces = [before + opening + terms[0], *terms[1:]]
    pieces[-1] += closing
    return pieces


def _fraction(above: Sequence[str], below: Sequence[str]) -> str:
    return f"<mfrac>{_row(''.join(above))}{_row(''.join(below))}</mfrac>"


def _of_target(letter: str, equation: Equation) -> str:
    """Return what belongs to a state, such as its noise g_x."""
    return f"<msub><mi>{letter}</mi>{_one(_name(equation.target))}</msub>"


def _left(equation: Equation) -> str:
    if equation.kind == "algebraic":
        return _name(equation.target)
    if equation.kind == "map":
        return _name(equation.target, NEXT)
    if equation.kind == "diffusion":
        return f"<msup>{_row(_of_target('g', equation))}<mn>2</mn></msup>"
    if equation.space:
        return _derivative((_name(equation.target), _ATOM), (equation.order,), equation.axes)[0]
    above, below = _D, _name(equation.time)
    if equation.order > 1:
        order = f"<mn>{equation.order}</mn>"
        above = f'<msup><mi mathvariant="normal">d</mi>{order}</msup><mspace width="0.1em"></mspace>'
        below = f"<msup>{_one(below)}{order}</msup>"
    return f"<mfrac><mrow>{above}{_name(equation.target)}</mrow><mrow>{_D}{below}</mrow></mfrac>"


def sum_mathml(candidate: Candidate, words: Words) -> str:
    """Return a candidate's right-hand side, its coefficients to four digits, as one `<math>` element."""

    def written(terms: Sequence[Expr], values: Sequence[float]) -> list[str]:
        pairs = zip(terms, values, strict=True)
        return [_product(expr, rounded(value), words, at == 0) for at, (expr, value) in enumerate(pairs)]

    parts = written(candidate.terms, candidate.coefficients) or ["<mn>0</mn>"]
    if candidate.denominator:
        parts = [_fraction(parts, written(candidate.denominator, candidate.divisors))]
    style = ' displaystyle="true"' if candidate.denominator else ""  # fractions in small print cannot be read
    return f"<math{style}>{_row(''.join(parts))}</math>"


def expression_mathml(expr: Expr, words: Words) -> str:
    """Return an expression as one `<math>` element.

    >>> from discover.expr import parse
    >>> expression_mathml(parse("1/x", ["x"]), Words(["x"]))
    '<math><mrow><mfrac><mn>1</mn><mi>x</mi></mfrac></mrow></math>'
    >>> expression_mathml(parse('D(u, "x", 2)', ["u"]), Words(["u"]))
    '<math><mrow><msub><mi>u</mi><mrow><mi>x</mi><mi>x</mi></mrow></msub></mrow></math>'
    """
    return f"<math>{_row(_piece(expr, words)[0])}</math>"


_D = '<mi mathvariant="normal">d</mi><mspace width="0.1em"></mspace>'


def _row(inner: str) -> str:
    return f"<mrow>{inner}</mrow>"


def _operator(sign: str) -> str:
    return f"<mo>{escape(sign)}</mo>"


def _name(name: str, index: str = "") -> str:
    letters = lettering(name)
    base = f"<mi>{_letters(letters.base)}</mi>"
    kind = "mn" if letters.below.isdigit() else "mi"
    below = f"<{kind}>{_letters(letters.below)}</{kind}>" if letters.below else ""
    if index:
        next_one = f"{_operator('+')}<mn>1</mn>" if index == NEXT else ""
        below = _row(f"{below}{_operator(',') if below else ''}<mi>{index[0]}</mi>{next_one}")
    return f"<msub>{base}{below}</msub>" if below else base


def _letters(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in GREEK.get(text, text))
    return escape(shown).replace(" ", "&#160;")  # browsers trim and merge plain blanks inside <mi>


def _term(term: Term, words: Words, first: bool, digits: int) -> str:
    return _product(term.expr, rounded(term.value, term.std, digits), words, first)


def _product(expr: Expr, coefficient: Rounded, words: Words, first: bool) -> str:
    expr, minus = unsigned(expr)
    sign = "−" if coefficient.negative != minus else "" if first else "+"
    # A sign that opens a formula would be set as a prefix, without the room of a sum around it.
    form = ' form="infix"' if not first else ""
    opening = f"<mo{form}>{sign}</mo>" if sign else ""
    if expr.value == 1.0:
        return opening + _coefficient(coefficient)
    piece, binds = _piece(expr, words)
    piece = piece if binds > _SUM else _fenced(piece)
    between = "" if coefficient.is_one else f'{_coefficient(coefficient)}<mspace width="0.2em"></mspace>'
    return opening + between + piece


def _coefficient(value: Rounded) -> str:
    digits = f"<mn>{value.value}</mn>"
    if value.error is not None:
        error = f"<mn>{value.error}</mn>{_times_power(value.error_exponent)}"
        digits = _fenced(f"{digits}{_operator('±')}{error}")
    return digits + _times_power(value.exponent)


def _times_power(exponent: int) -> str:
    if not exponent:
        return ""
    sign = _operator("−") if exponent < 0 else ""
    return f"{_operator('×')}<msup><mn>10</mn><mrow>{sign}<mn>{abs(exponent)}</mn></mrow></msup>"


def _fenced(inner: str) -> str:
    return f"<mrow><mo>(</mo>{_row(inner)}<mo>)</mo></mrow>"


def _piece(expr: Expr, words: Words) -> Piece:
    def leaf(kind: int, value: Any) -> Piece:
        if kind == VARIABLE:
            return _name(words.names[int(value)], words.index), _ATOM
        return f"<mn>{number(value, 6)}</mn>", _ATOM if value >= 0 else _SUM

    def branch(row: Operator, argument: Any, children: tuple[Piece, ...]) -> Piece:
        if row.name == "D":
            return _derivative(children[0], argument, words.axes)
        return _branch(row, argument, children)

    return fold(signs_in_front(expr), leaf, branch)


def _branch(row: Operator, argument: Any, children: tuple[Piece, ...]) -> Piece:
    bare = [piece for piece, _ in children]
    pairs = zip(children, row.slots, strict=True)
    inner = [piece if binds >= slot else _fenced(piece) for (piece, binds), slot in pairs]
    match row.name:
        case "add" | "sub":
            return f"{inner[0]}{_operator('+' if row.name == 'add' else '−')}{inner[1]}", _SUM
        case "mul":
            return f"{inner[0]}{_operator('⋅')}{inner[1]}", _PRODUCT
        case "div":
            return f"<mfrac>{_one(bare[0])}{_one(bare[1])}</mfrac>", _PRODUCT
        case "inv":
            return f"<mfrac><mn>1</mn>{_one(bare[0])}</mfrac>", _PRODUCT
        case "neg" if children[0][1] == _PRODUCT:
            return f"{_operator('−')}{bare[0]}", _SUM
        case "neg":
            return f"{_operator('−')}{inner[0]}", _UNARY
        case "pow":
            return _raised(inner[0], bare[1]), row.precedence
        case "square" | "cube" | "ipow":
            exponent = {"square": 2, "cube": 3}.get(row.name, argument)
            return _raised(inner[0], f"<mn>{str(exponent).replace('-', '−')}</mn>"), row.precedence
        case "sqrt":
            return f"<msqrt>{_one(bare[0])}</msqrt>", _ATOM
        case "cbrt":
            return f"<mroot>{_one(bare[0])}<mn>3</mn></mroot>", _ATOM
        case "abs":
            return f"<mrow><mo>|</mo>{_row(bare[0])}<mo>|</mo></mrow>", _ATOM
    return f"<mrow><mi>{escape(row.name)}</mi>{_fenced(bare[0])}</mrow>", _ATOM


def _one(piece: str) -> str:
    """Wrap what must be a single child of a fraction or a root."""
    return piece if piece.count("<") == 2 else _row(piece)


def _raised(base: str, exponent: str) -> str:
    return f"<msup>{_row(base)}{_one(exponent)}</msup>"


def _derivative(operand: Piece, orders: Sequence[int], axes: Sequence[str]) -> Piece:
    """Write a derivative: primes where time is the only axis, else the axes below."""
    piece, binds = operand
    # One sign, and no word of a name that has several, goes without brackets.
    is_bare = binds >= _ATOM and piece.startswith("<mi>") and piece.count("<") == 2 and "&#160;" not in piece
    base = piece if is_bare else _fenced(piece)
    if len(axes) == 1:
        n = sum(orders)
        return f"<msup>{base}<mo>{PRIMES[n] if n < len(PRIMES) else PRIMES[1] * n}</mo></msup>", _POWER
    letters = letters_of(orders, axes)
    between = "" if all(len(letter) == 1 for letter in letters) else _operator(",")
    below = between.join(f"<mi>{_letters(letter)}</mi>" for letter in letters)
    return f"<msub>{base}{_row(below)}</msub>", _POWER
