"""Dimensions as rational exponent vectors, and the unit rules that the operator table names.

A rule takes the dimensions of an operator's children (None where unknown) and the operator's
argument, and returns the dimension of the result. Unknown constrains nothing: a sum of an unknown
and a length is a length, a product of both is unknown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from discover.errors import UnitError

MAX_DENOMINATOR = 12
"""A real exponent counts as a fraction with a denominator up to this, else as irrational."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A product of powers of base units, such as m s-2; `exponents` is sorted and holds no zero.

    >>> acceleration = Dimension.of({"m": 1, "s": -2})
    >>> str(acceleration), str(acceleration * Dimension.of({"s": 2})), str(acceleration / acceleration)
    ('m s-2', 'm', '1')
    """

    exponents: tuple[tuple[str, Fraction], ...] = ()

    @classmethod
    def of(cls, exponents: Mapping[str, int | Fraction]) -> "Dimension":
        """Return the dimension with the given exponent for each base unit."""
        return cls(tuple(sorted((name, Fraction(power)) for name, power in exponents.items() if power)))

    @property
    def is_dimensionless(self) -> bool:
        return not self.exponents

    def __mul__(self, other: "Dimension") -> "Dimension":
        total = dict(self.exponents)
        for name, power in other.exponents:
            total[name] = total.get(name, Fraction(0)) + power
        return Dimension.of(total)

    def __truediv__(self, other: "Dimension") -> "Dimension":
        return self * other**-1

    def __pow__(self, power: int | Fraction) -> "Dimension":
        return Dimension.of({name: exponent * power for name, exponent in self.exponents})

    def __str__(self) -> str:
        ordered = sorted(self.exponents, key=lambda pair: (pair[1] < 0, pair[0]))
        return " ".join(name + _exponent(power) for name, power in ordered) or "1"


def _exponent(power: Fraction) -> str:
    if power == 1:
        return ""
    return str(power) if power.denominator == 1 else f"^({power})"


DIMENSIONLESS = Dimension()

MaybeDimension = Dimension | None
UnitRule = Callable[[tuple[MaybeDimension, ...], Any], MaybeDimension]
"""(dimensions of the children, argument of the operator) -> dimension of the result."""


def same(children: tuple[MaybeDimension, ...], argument: Any) -> MaybeDimension:
    """The result has the unit of the operand: negation, absolute value."""
    return children[0]


def agree(children: tuple[MaybeDimension, ...], argument: Any) -> MaybeDimension:
    """Both operands have one unit, which the result has too: sums and differences."""
    left, right = children
    if left is not None and right is not None and left != right:
        raise UnitError(f"its sides have different units, [{left}] and [{right}]")
    return right if left is None else left


def product(children: tuple[MaybeDimension, ...], argument: Any) -> MaybeDimension:
    """Units multiply."""
    left, right = children
    return None if left is None or right is None else left * right


def quotient(children: tuple[MaybeDimension, ...], argument: Any) -> MaybeDimension:
    """Units divide."""
    left, right = children
    return None if left is None or right is None else left / right


def raised(power: int | Fraction) -> UnitRule:
    """The unit is raised to a fixed power: square, cube, roots, inverse."""

    def rule(children: tuple[MaybeDimension, ...], argument: Any) -> MaybeDimension:
        return None if children[0] is None else children[0] ** power

    return rule


def integer_power(children: tuple[MaybeDimension, ...], argument: Any) -> MaybeDimension:
    """The unit is raised to the operator's own argument."""
    return None if children[0] is None else children[0] ** argument


def real_power(children: tuple[MaybeDimension, ...], argument: Any) -> MaybeDimension:
    """An exponent has no unit; a base has one only under a constant rational exponent (the argument)."""
    base, exponent = children
    if exponent is not None and not exponent.is_dimensionless:
        raise UnitError(f"its exponent has the unit [{exponent}] and must have [1]")
    if base is None or base.is_dimensionless:
        return base
    if argument is None:
        raise UnitError(f"its base has the unit [{base}] and must have [1] under an exponent that varies")
    power = Fraction(argument).limit_denominator(MAX_DENOMINATOR)
    if abs(float(power) - argument) > 1e-12 * max(1.0, abs(argument)):
        raise UnitError(f"its base has the unit [{base}] and must have [1] under the irrational exponent {argument!r}")
    return base**power


def pure(children: tuple[MaybeDimension, ...], argument: Any) -> MaybeDimension:
    """The operand must be dimensionless, and the result is: exp, log, sin and their kin."""
    for child in children:
        if child is not None and not child.is_dimensionless:
            raise UnitError(f"its argument has the unit [{child}] and must have [1]")
    return DIMENSIONLESS


def differentiated(children: tuple[MaybeDimension, ...], argument: Any) -> MaybeDimension:
    """A derivative loses the units of its axes; `argument` is the dimension of the axes' product."""
    return None if children[0] is None or argument is None else children[0] / argument
