"""Rational laws: a library for what stands above, and one for what stands below."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass

from discover.errors import SettingError
from discover.expr.expression import Expr, constant
from discover.expr.library import Entry, Library, Polynomial, Product, Scope, Sum, distinct
from discover.expr.simplification import simplify
from discover.expr.wishes import PerEquation, Without


@dataclass(frozen=True, slots=True)
class Rational(Library):
    """Sums of terms divided by sums of terms, such as V x/(K + x): x' = p(x)/q(x).

    As a library it is that of the numerator; an engine that knows denominators asks `denominators` for the other.
    `Rational(…) + Terms(…)` offers more terms above.

    Attributes:
        numerator: terms on offer above.
        denominator: terms on offer below; the constant 1 is always one of them.

    Raises:
        SettingError: where one of them is no library, or is rational itself.

    >>> from discover.expr.expression import variable
    >>> Rational(Polynomial(1), Polynomial(2)).build(["x"])
    (Expr(1), Expr(x0))
    >>> denominators(Rational(Polynomial(1), Polynomial(2)), Scope(("x",)))
    (Expr(1), Expr(x0), Expr(x0**2))
    """

    numerator: Library = Polynomial(3)  # noqa: RUF009  frozen
    denominator: Library = Polynomial(2)  # noqa: RUF009  frozen

    def __post_init__(self) -> None:
        for place, library in (("numerator", self.numerator), ("denominator", self.denominator)):
            if not callable(getattr(library, "build", None)):
                raise SettingError(f"Rational({place}=…) must be a library such as Polynomial(2), got {library!r}.")
        if _rationals(self.denominator) or _rationals(self.numerator):
            raise SettingError("Rational takes plain libraries above and below, and no Rational inside another.")

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the terms of the numerator over the named variables."""
        return self.numerator.build(names)

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return the terms of the numerator, coordinates and all."""
        return self.numerator.over(names, axes, coordinates)

    def entries(self, scope: Scope) -> tuple[Entry, ...]:
        """Return what may enter the numerator."""
        return self.numerator.entries(scope)


def denominators(library: object, scope: Scope) -> tuple[Expr, ...]:
    """Return the terms on offer below, 1 first; nothing where the library is not rational.

    Raises:
        SettingError: for a product with a rational library, or a term below that cannot stand there.
    """
    if isinstance(library, Product) and _rationals(library):
        raise SettingError(
            "A Rational library cannot be multiplied with another; multiply its parts: Rational(a * b, denominator=c)."
        )
    if isinstance(library, Rational):
        below = library.denominator.over(scope.names, scope.axes, scope.coordinates)
        if any(term.orders for term in below):
            raise SettingError("A term of a denominator cannot hold a derivative; leave D out of denominator=….")
        return distinct((constant(1.0), *below))
    if isinstance(library, PerEquation):
        libraries = dict(library.libraries)
        return denominators(libraries.get(scope.target or "", library.default), scope)
    if isinstance(library, Without):
        gone = {simplify(term) for term in library.second.over(scope.names, scope.axes, scope.coordinates)}
        return tuple(term for term in denominators(library.first, scope) if term.value or simplify(term) not in gone)
    if isinstance(library, Sum):
        return distinct(term for part in (library.first, library.second) for term in denominators(part, scope))
    return ()


def _rationals(library: object) -> bool:
    """Return whether a library has a rational one in it."""
    if isinstance(library, Rational):
        return True
    if isinstance(library, PerEquation):
        return any(_rationals(part) for _, part in library.libraries) or _rationals(library.default)
    parts = [getattr(library, field.name) for field in fields(library)] if is_dataclass(library) else []
    return any(_rationals(part) for part in parts if callable(getattr(part, "build", None)))
