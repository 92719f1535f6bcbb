"""The small grammar of unit text; it knows numbers and number words, but no unit.

product  = factor { (" " | "*" | "." | "/" | "per") factor }
factor   = scaled | (name | number | "(" product ")") [exponent]
scaled   = number " " name          one symbol: "thousand pelts" is "thousand_pelts"
exponent = integer | ("^" | "**") (integer | decimal | "(" integer "/" integer ")")
"""

import functools
import re
from dataclasses import dataclass
from fractions import Fraction

from discover.data.vocabulary import DIMENSIONLESS, NUMBER_WORDS
from discover.errors import UnitError

Powers = dict[str, Fraction]
"""Symbol as written ("year", "thousand_pelts", "1e-15") -> exponent, never zero."""

LONGEST = 200
"""Characters. No unit is longer, and the parser recurses once a bracket."""

LARGEST_EXPONENT = 30

_NUMBER = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_LETTER = r"(?:[^\W\d]|[°℃%‰])"
_TOKEN = re.compile(
    r"\^\s*(?P<exponent>[+-]?\d+(?:\.\d+)?|\([+-]?\d+(?:/[1-9]\d*)?\))"
    r"|(?<=[^\W\d]|[)°%])(?P<signed>[+-]\d+)"
    rf"|(?P<name>(?:{_NUMBER}_)?{_LETTER}+(?:\d+{_LETTER}+)*)(?P<glued>\d*)"
    rf"|(?P<number>{_NUMBER})"
    r"|(?P<operator>\s*[*/.·⋅×]\s*|\s+)"
    r"|(?P<open>\(\s*)|(?P<close>\s*\))"
)
_RAISED = re.compile("[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")


def powers(text: str) -> Powers:
    """Return symbol -> exponent for the text of a unit; raises UnitError where it does not follow the grammar.

    >>> powers("thousand pelts/year^2")
    {'thousand_pelts': Fraction(1, 1), 'year': Fraction(-2, 1)}
    """
    return dict(_powers(text))


def split_number(symbol: str) -> tuple[float, str]:
    """Return the number in front of a symbol, and its name: "" where it is a bare number.

    >>> split_number("thousand_pelts"), split_number("1e-15"), split_number("degree_Celsius")
    ((1000.0, 'pelts'), (1e-15, ''), (1.0, 'degree_Celsius'))
    """
    head, _, name = symbol.partition("_")
    if head in NUMBER_WORDS and name:
        return NUMBER_WORDS[head], name
    if re.fullmatch(_NUMBER, head):
        return float(head), name
    return 1.0, symbol


def multiply(total: Powers, other: Powers, exponent: Fraction) -> None:
    """Multiply `total` in place by `other` to the power of `exponent`."""
    for symbol, power in other.items():
        total[symbol] = total.get(symbol, Fraction(0)) + power * exponent
        if not total[symbol]:
            del total[symbol]


@functools.lru_cache(maxsize=1024)
def _powers(text: str) -> tuple[tuple[str, Fraction], ...]:
    plain = _normalise(text)
    if plain in DIMENSIONLESS:
        return ()
    if len(plain) > LONGEST:
        raise UnitError(f'unknown unit "{plain[:40]}…": it has {len(plain)} characters, at most {LONGEST} are read.')
    parser = _Parser(text, _tokens(text, plain))
    found = parser.product()
    if parser.peek() != "end":
        raise _malformed(text, 'a ")" closes nothing')
    return tuple(found.items())


def _normalise(text: str) -> str:
    plain = _RAISED.sub(lambda found: "^" + found.group().translate(_SUPERSCRIPTS), text.strip().rstrip("."))
    plain = plain.replace("−", "-").replace("μ", "µ").replace("**", "^")
    return re.sub(r"\s+per\s+", "/", re.sub(r"\s+of\s+", " ", plain))


def _malformed(text: str, why: str) -> UnitError:
    return UnitError(f'unknown unit "{text}": {why}; write a product such as m s-1 or J/(kg K).')


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str = ""


def _tokens(text: str, plain: str) -> list[_Token]:
    found: list[_Token] = []
    place = 0
    while place < len(plain):
        match = _TOKEN.match(plain, place)
        if match is None:
            raise _malformed(text, f'"{plain[place]}" is out of place')
        kind = str(match.lastgroup)
        if match["name"]:
            found.append(_Token("name", match["name"]))
            found += [_Token("exponent", match["glued"])] if match["glued"] else []
        else:
            found.append(_Token("exponent" if kind == "signed" else kind, match[kind].strip()))
        place = match.end()
    return [*found, _Token("end")]


@dataclass(slots=True)
class _Parser:
    """Reads tokens from left to right; `place` is the next one."""

    text: str
    tokens: list[_Token]
    place: int = 0

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[min(self.place + ahead, len(self.tokens) - 1)].kind

    def take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1].text

    def product(self) -> Powers:
        total = self.factor()
        divided = False
        while self.peek() == "operator":
            operator = self.take()
            if operator != "/" and divided:
                raise _malformed(self.text, "a product after a division reads in two ways, so put brackets")
            divided = divided or operator == "/"
            multiply(total, self.factor(), Fraction(-1 if operator == "/" else 1))
        return total

    def factor(self) -> Powers:
        kind = self.peek()
        if kind == "open":
            return self._bracket()
        if kind == "number" or (kind == "name" and self._upcoming() in NUMBER_WORDS):
            return self._scaled()
        if kind == "name":
            return {self.take(): self._exponent()}
        what = f'"{self._upcoming()}" is out of place' if self._upcoming() else "something is missing at its end"
        raise _malformed(self.text, what)

    def _upcoming(self, ahead: int = 0) -> str:
        return self.tokens[min(self.place + ahead, len(self.tokens) - 1)].text

    def _bracket(self) -> Powers:
        self.take()
        inside = self.product()
        if self.peek() != "close":
            raise _malformed(self.text, 'a "(" is not closed')
        self.take()
        total: Powers = {}
        multiply(total, inside, self._exponent())
        return total

    def _scaled(self) -> Powers:
        """Read a number, and the noun after it unless that has an exponent of its own."""
        word = self.take()
        exponent = self._exponent()
        nothing_named = word in NUMBER_WORDS
        if exponent != 1:
            word = f"{(NUMBER_WORDS.get(word) or float(word)) ** float(exponent):.15g}"
        noun = self.peek() == "operator" and not self._upcoming() and self.peek(1) == "name"
        if noun and self._upcoming(1) not in NUMBER_WORDS and self.peek(2) != "exponent":
            self.take()
            name = self.take()
            return {name if word == "1" else f"{word}_{name}": Fraction(1)}
        if nothing_named and exponent == 1 and not noun:
            return {f"{word}_count": Fraction(1)}
        number = NUMBER_WORDS.get(word) or float(word)
        return {} if number == 1 else {f"{number:.15g}": Fraction(1)}

    def _exponent(self) -> Fraction:
        if self.peek() != "exponent":
            return Fraction(1)
        exponent = Fraction(self.take().strip("()"))
        if abs(exponent) > LARGEST_EXPONENT:
            raise _malformed(self.text, f"no exponent is larger than {LARGEST_EXPONENT}")
        return exponent
