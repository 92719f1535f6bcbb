"""Units as text: what dimension they have, how large they are, and how they print.

Read are SI and pint names, CF spelling (`m s-1`), `m/s^2`, `kg m**2`, `µm`, `1/(year cell)`, and counting words
(`thousand pelts`). A counted thing is a base unit of its own: pelts are not cells. Text is split by the grammar of
`grammar.py`, and pint is asked about single names only.
"""

import difflib
import functools
import math
from fractions import Fraction
from typing import Any

from discover.data.grammar import Powers, multiply, powers, split_number
from discover.data.vocabulary import AMBIGUOUS, COUNTING, SPELLINGS
from discover.errors import UnitError, did_you_mean
from discover.expr import Dimension

SI_BASES = {
    "[length]": "m",
    "[mass]": "kg",
    "[time]": "s",
    "[current]": "A",
    "[temperature]": "K",
    "[substance]": "mol",
    "[luminosity]": "cd",
    "[printing_unit]": "pixel",
}


def symbols(text: str) -> Dimension:
    """Return the exponents of the unit symbols as written, so that the units of coefficients can be composed.

    A number and the noun that it scales are one symbol. Raises UnitError where the text is not a unit.

    >>> compose(symbols("thousand pelts") / symbols("year"))
    'thousand_pelts/year'
    """
    return Dimension.of(_known(text))


def known_dimension(text: str | None) -> Dimension | None:
    """Return the dimension of a unit, None where none was given: unknown is not dimensionless.

    >>> known_dimension("km h-1") == known_dimension("m/s"), known_dimension(None)
    (True, None)
    """
    return None if text is None else dimension(text)


def dimension(text: str) -> Dimension:
    """Return the dimension over the SI base units (m, kg, s, A, K, mol, cd) and whatever is counted.

    Raises UnitError where the text is not a unit.

    >>> dimension("km/h") == dimension("m s-1")
    True
    >>> dimension("rad") == dimension("1")
    True
    """
    total: Powers = {}
    for symbol, exponent in _known(text).items():
        multiply(total, _meaning(symbol, text)[1], exponent)
    return Dimension.of(total)


def scale(text: str) -> float:
    """Return how many SI base units (or counted things) make one of this unit; the offset of degC is left out.

    Raises UnitError where the text is not a unit.

    >>> scale("thousand pelts"), scale("min")
    (1000.0, 60.0)
    """
    factor = 1.0
    for symbol, exponent in _known(text).items():
        factor *= _meaning(symbol, text)[0] ** float(exponent)
    return factor


def compose(symbol_dimension: Dimension) -> str:
    """Return readable text for exponents of unit symbols; `symbols` reads it back.

    >>> compose(symbols("1") / (symbols("thousand pelts") * symbols("year")))
    '1/(thousand_pelts year)'
    """
    exponents = symbol_dimension.exponents
    above = " ".join(_raised(symbol, exponent) for symbol, exponent in exponents if exponent > 0) or "1"
    below = [_raised(symbol, -exponent) for symbol, exponent in exponents if exponent < 0]
    if not below:
        return above
    return f"{above}/{below[0]}" if len(below) == 1 else f"{above}/({' '.join(below)})"


def _raised(symbol: str, exponent: Fraction) -> str:
    if exponent == 1:
        return symbol
    return f"{symbol}^{exponent}" if exponent.denominator == 1 else f"{symbol}^({exponent})"


def _known(text: str) -> Powers:
    """Return the powers of the text's symbols, each of which means something."""
    found = powers(text)
    for symbol in found:
        _meaning(symbol, text)
    return found


@functools.lru_cache(maxsize=4096)
def _meaning(symbol: str, text: str) -> tuple[float, Powers]:
    """Return the factor and the base units of one symbol of `text`."""
    number, name = split_number(symbol)
    if not 0 < number < math.inf or (not name and not math.log10(number).is_integer()):
        raise UnitError(f'unknown unit "{text}": {symbol} alone is no unit; write its name, or take off the brackets.')
    if not name:
        return number, {}
    if name in COUNTING:
        return number, {COUNTING[name]: Fraction(1)}
    if name in SPELLINGS:
        total: Powers = {}
        for part, exponent in powers(SPELLINGS[name]).items():
            factor, parts = _meaning(part, text)
            number *= factor ** float(exponent)
            multiply(total, parts, exponent)
        return number, total
    if name in AMBIGUOUS:
        raise UnitError(f'the unit "{name}" can be read in two ways; write {AMBIGUOUS[name]}.')
    factor, parts = _from_pint(name, text)
    return number * factor, parts


def _from_pint(name: str, text: str) -> tuple[float, Powers]:
    import pint

    registry = _registry()
    try:
        unit = registry.parse_units(name)
        factor, _ = registry.get_base_units(unit, check_nonmult=False)
    except (pint.PintError, AssertionError, AttributeError, ValueError, TypeError):
        raise UnitError(_unknown(name, text)) from None
    exponents = {
        SI_BASES.get(str(base), str(base).strip("[]")): Fraction(power).limit_denominator(12)
        for base, power in unit.dimensionality.items()
    }
    return float(factor), exponents


@functools.cache
def _registry() -> Any:
    """Return pint's registry: it takes a quarter of a second to build, so it is built once and when asked for."""
    import pint

    return pint.UnitRegistry()


def _unknown(name: str, text: str) -> str:
    known = [*COUNTING, *SPELLINGS, *(word for word in dir(_registry()) if not word.startswith("_"))]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    whole = "" if name == text else f' in "{text}"'
    remedy = "write it in SI names (m s-1, kg/m^3), or as something counted (cells, thousand pelts, counts)"
    return f'unknown unit "{name}"{whole}; {remedy}.{did_you_mean(name, near)}'
