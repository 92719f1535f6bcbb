"""Families of terms beyond polynomials: sines of any frequency, exponentials, powers, functions by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isfinite, pi

from discover.errors import SettingError, did_you_mean
from discover.expr.expression import Expr, call, constant, divide, multiply, power, subtract, variable
from discover.expr.library import MAX_DEGREE, Library
from discover.expr.parsing import FUNCTIONS

Of = str | Sequence[str] | None
"""The variables that a family is about: a name, several, or None for all."""


class _Pointwise(Library):
    """A family that makes the same terms from each of its variables."""

    __slots__ = ()

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the terms over the named variables.

        Raises:
            SettingError: where `of` names a variable that is not there.
        """
        return self._terms([variable(index) for index in self._chosen(tuple(names), range(len(names)))])

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return the terms; only a coordinate that `of` names is taken like a variable."""
        words = (*names, *coordinates)
        return self._terms([variable(index) for index in self._chosen(words, range(len(names)))])

    def _chosen(self, words: tuple[str, ...], default: Sequence[int]) -> list[int]:
        of: tuple[str, ...] = self.of  # pyright: ignore[reportAttributeAccessIssue]
        for name in of:
            if name not in words:
                raise SettingError(f'{type(self).__name__}(of=…) has no variable "{name}".{did_you_mean(name, words)}')
        return [words.index(name) for name in of] if of else list(default)

    def _terms(self, variables: Sequence[Expr]) -> tuple[Expr, ...]:
        raise NotImplementedError


def _names(of: Of, family: str) -> tuple[str, ...]:
    names = () if of is None else (of,) if isinstance(of, str) else tuple(of)
    if not all(isinstance(name, str) and name for name in names):
        raise SettingError(f"{family}(of=…) takes names of variables, got {of!r}.")
    return names


@dataclass(frozen=True, slots=True, init=False)
class Fourier(_Pointwise):
    """Sines and cosines of each variable at multiples of a fundamental frequency.

    Attributes:
        n_frequencies: how many multiples.
        of: the variables, all where empty.
        period: of the slowest, in units of the variable; 2π where neither it nor the frequency is given.

    Raises:
        SettingError: for a number or a period that cannot be.

    >>> Fourier(2, of="theta").build(["theta", "omega"])
    (Expr(sin(x0)), Expr(cos(x0)), Expr(sin(2*x0)), Expr(cos(2*x0)))
    >>> Fourier(1, period=4.0).build(["x"])[0]
    Expr(sin(1.5707963267948966*x0))
    """

    n_frequencies: int
    of: tuple[str, ...]
    period: float

    def __init__(
        self, n_frequencies: int = 1, of: Of = None, period: float | None = None, fundamental: float | None = None
    ) -> None:
        """`fundamental` is the angular frequency 2π / period, where that is what is known."""
        if isinstance(n_frequencies, bool) or not isinstance(n_frequencies, int) or not 1 <= n_frequencies <= 100:
            raise SettingError(f"Fourier(n_frequencies=…) must be a whole number from 1 to 100, got {n_frequencies!r}.")
        if period is not None and fundamental is not None:
            raise SettingError("Fourier takes period= or fundamental=, which are 2π over each other, and not both.")
        given = period if fundamental is None else fundamental
        if given is not None and not (isinstance(given, int | float) and isfinite(given) and given > 0):
            name = "period" if fundamental is None else "fundamental"
            raise SettingError(f"Fourier({name}=…) must be a positive number, got {given!r}.")
        object.__setattr__(self, "n_frequencies", n_frequencies)
        object.__setattr__(self, "of", _names(of, "Fourier"))
        object.__setattr__(self, "period", float(period or 2.0 * pi / (fundamental or 1.0)))

    def _terms(self, variables: Sequence[Expr]) -> tuple[Expr, ...]:
        found = []
        for k in range(1, self.n_frequencies + 1):
            rate = k * 2.0 * pi / self.period
            for one in variables:
                angle = one if rate == 1.0 else multiply(constant(rate), one)
                found += [call("sin", angle), call("cos", angle)]
        return tuple(found)


@dataclass(frozen=True, slots=True, init=False)
class Trigonometric(_Pointwise):
    """Sine and cosine of each variable, and of the differences of any two where asked for.

    >>> Trigonometric(of=["a", "b"], differences=True).build(["a", "b"])[-2:]
    (Expr(sin(x0 - x1)), Expr(cos(x0 - x1)))
    """

    of: tuple[str, ...]
    differences: bool

    def __init__(self, of: Of = None, differences: bool = False) -> None:
        object.__setattr__(self, "of", _names(of, "Trigonometric"))
        object.__setattr__(self, "differences", bool(differences))

    def _terms(self, variables: Sequence[Expr]) -> tuple[Expr, ...]:
        angles = [*variables, *(subtract(a, b) for a, b in combinations(variables, 2) if self.differences)]
        return tuple(call(name, angle) for angle in angles for name in ("sin", "cos"))


@dataclass(frozen=True, slots=True, init=False)
class Exponential(_Pointwise):
    """exp(rate · variable) for each variable and rate.

    >>> Exponential(of="V", rates=(-1.0, 0.5)).build(["V"])
    (Expr(exp(-x0)), Expr(exp(0.5*x0)))
    """

    of: tuple[str, ...]
    rates: tuple[float, ...]

    def __init__(self, of: Of = None, rates: Sequence[float] = (1.0, -1.0)) -> None:
        object.__setattr__(self, "of", _names(of, "Exponential"))
        object.__setattr__(self, "rates", _numbers(rates, "Exponential(rates=…)"))

    def _terms(self, variables: Sequence[Expr]) -> tuple[Expr, ...]:
        return tuple(call("exp", _times(rate, one)) for rate in self.rates for one in variables)


@dataclass(frozen=True, slots=True, init=False)
class Power(_Pointwise):
    """Each variable to each exponent, which need not be whole or positive.

    >>> Power((-1, 0.5), of="h").build(["h"])
    (Expr(1/x0), Expr(sqrt(x0)))
    """

    exponents: tuple[float, ...]
    of: tuple[str, ...]

    def __init__(self, exponents: float | Sequence[float] = (-1.0, 0.5), of: Of = None) -> None:
        several = exponents if isinstance(exponents, Sequence) else (exponents,)
        object.__setattr__(self, "exponents", _numbers(several, "Power(exponents=…)"))
        object.__setattr__(self, "of", _names(of, "Power"))

    def _terms(self, variables: Sequence[Expr]) -> tuple[Expr, ...]:
        return tuple(_raised(one, exponent) for exponent in self.exponents for one in variables)


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Functions(_Pointwise):
    """Functions of one variable by name, such as `Functions("tanh", "sqrt", of="x")`.

    >>> Functions("tanh").build(["x", "y"])
    (Expr(tanh(x0)), Expr(tanh(x1)))
    """

    functions: tuple[str, ...]
    of: tuple[str, ...]

    def __init__(self, *functions: str, of: Of = None) -> None:
        if not functions:
            raise SettingError(f"Functions takes names of functions ({', '.join(FUNCTIONS)}), got none.")
        for name in functions:
            if name not in FUNCTIONS:
                raise SettingError(f'There is no function "{name}".{did_you_mean(str(name), FUNCTIONS)}')
        object.__setattr__(self, "functions", functions)
        object.__setattr__(self, "of", _names(of, "Functions"))

    def __repr__(self) -> str:
        return f"Functions({', '.join(map(repr, self.functions))}, of={self.of!r})"

    def _terms(self, variables: Sequence[Expr]) -> tuple[Expr, ...]:
        return tuple(call(name, one) for name in self.functions for one in variables)


def _numbers(given: Sequence[float], option: str) -> tuple[float, ...]:
    numbers = tuple(given) if isinstance(given, Sequence) and not isinstance(given, str) else ()
    fit = all(isinstance(one, int | float) and not isinstance(one, bool) and isfinite(one) and one for one in numbers)
    if not numbers or not fit:
        raise SettingError(f"{option} takes numbers other than 0, got {given!r}.")
    return tuple(float(one) for one in numbers)


def _times(rate: float, one: Expr) -> Expr:
    if abs(rate) == 1.0:
        return one if rate > 0 else -one
    return multiply(constant(rate), one)


def _raised(one: Expr, exponent: float) -> Expr:
    if exponent == 0.5:
        return call("sqrt", one)
    if exponent.is_integer() and abs(exponent) <= MAX_DEGREE:
        whole = int(exponent)
        lifted = one if abs(whole) == 1 else power(one, abs(whole))
        return lifted if whole > 0 else divide(constant(1.0), lifted)
    return power(one, exponent)
