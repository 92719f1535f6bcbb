"""Numbers for readers: a value rounded to what its standard error supports."""

import math
from dataclasses import dataclass

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Rounded:
    """The digits of |value|, of its error where there is one, and the power of ten they share.

    Attributes:
        negative: whether the value was below zero.
        value: digits of its magnitude.
        error: digits of the standard error, None where it is unknown.
        exponent: both are to be multiplied by 10**exponent.
        error_exponent: the error once more by 10**error_exponent, where it is minute beside the value.
    """

    negative: bool
    value: str
    error: str | None
    exponent: int
    error_exponent: int = 0

    @property
    def is_one(self) -> bool:
        """Whether it is a bare 1, which nobody writes before a term."""
        return self.value == "1" and self.error is None and not self.exponent


def rounded(value: float, error: float = math.nan, digits: int = 2) -> Rounded:
    """Round `value` to `digits` significant digits of its standard error (four of its own without one).

    >>> rounded(0.54712, 0.0631)
    Rounded(negative=False, value='0.547', error='0.063', exponent=0, error_exponent=0)
    >>> rounded(-1.234e-9, 9.96e-11)
    Rounded(negative=True, value='1.23', error='0.10', exponent=-9, error_exponent=0)
    """
    negative = math.copysign(1.0, value) < 0
    size = abs(value)
    if not math.isfinite(size):
        return Rounded(negative, "nan" if math.isnan(size) else "∞", None, 0)
    if not math.isfinite(error) or error <= 0:
        return Rounded(negative, *_alone(size))
    if size > 1e6 * error:
        return _precise(negative, size, error, digits)
    top = max(_power(size, 1), _power(error, digits))
    exponent = 0 if -4 <= top < 6 else top
    places = digits - 1 - _power(error, digits) + exponent
    return Rounded(negative, _fixed(size, exponent, places), _fixed(error, exponent, places), exponent)


def number(value: float, digits: int = 4) -> str:
    """Return `value` as plain text with `digits` significant digits, "–" where it is unknown.

    >>> number(-0.000012345), number(1234.5678), number(float("nan"))
    ('−1.234×10⁻⁵', '1235', '–')
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text, _, exponent = _alone(abs(value), digits)
    sign = "−" if value < 0 else ""
    return f"{sign}{text}{power_text(exponent)}"


def fixed(value: float, places: int = 3) -> str:
    """Return `value` to so many decimal places, "–" where it is unknown: for shares and probabilities.

    >>> fixed(-0.12345), fixed(float("nan"))
    ('−0.123', '–')
    """
    return f"{value:.{places}f}".replace("-", "−") if math.isfinite(value) else number(value)


def power_text(exponent: int) -> str:
    """Return ``×10ⁿ``, or nothing for n = 0.

    >>> power_text(-12)
    '×10⁻¹²'
    """
    return f"×10{str(exponent).translate(_SUPERSCRIPT)}" if exponent else ""


def _alone(size: float, digits: int = 4) -> tuple[str, None, int]:
    if size == 0:
        return "0", None, 0
    top = _power(size, digits)
    exponent = 0 if -4 <= top < 6 else top
    text = _fixed(size, exponent, digits - 1 - top + exponent)
    return (text.rstrip("0").rstrip(".") if "." in text else text), None, exponent


def _precise(negative: bool, size: float, error: float, digits: int) -> Rounded:
    """Where the error is a millionth of the value, writing both to the same place only makes zeros."""
    top = _power(size, 7)
    exponent = 0 if -4 <= top < 6 else top
    power = _power(error, digits)
    value = _fixed(size, exponent, 6 - top + exponent)
    return Rounded(negative, value, _fixed(error, power, digits - 1), exponent, power - exponent)


def _power(size: float, digits: int) -> int:
    """Power of ten of the first digit, once rounded to `digits` digits (0.0996 at two digits is 0.10)."""
    return int(f"{size:.{digits - 1}e}".split("e")[1]) if size else -400


def _fixed(size: float, exponent: int, places: int) -> str:
    # Through decimal text, because size / 10.0**exponent overflows for exponents below -308.
    mantissa, power = f"{size:.17e}".split("e")
    scaled = float(f"{mantissa}e{int(power) - exponent}")
    return f"{round(scaled, places):.{max(places, 0)}f}"
