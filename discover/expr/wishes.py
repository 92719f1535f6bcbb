"""What a person knows beforehand: terms that must be in, terms that must not, a library for each equation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace

from discover.errors import SettingError, did_you_mean
from discover.expr.expression import Expr
from discover.expr.library import Entry, Library, Polynomial, Scope, Terms, distinct, in_brackets
from discover.expr.printing import text
from discover.expr.simplification import simplify


@dataclass(frozen=True, slots=True, repr=False)
class Without(Library):
    """The terms of the first library but for those of the second; written `first - second`.

    >>> (Polynomial(2) - Terms("x*y", "1")).build(["x", "y"])
    (Expr(x0), Expr(x1), Expr(x0**2), Expr(x1**2))
    """

    first: Library
    second: Library

    def __repr__(self) -> str:
        return f"{self.first!r} - {in_brackets(self.second)}"

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the terms over the named variables."""
        return self.over(names, Scope(()).axes)

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return the terms over the named variables, coordinates and all."""
        return _flat(self, names, axes, coordinates)

    def entries(self, scope: Scope) -> tuple[Entry, ...]:
        """Return the entries of the first, without the terms of the second.

        Raises:
            SettingError: where a term to be left out was not on offer, or no term remains.
        """
        anywhere = replace(scope, target=None)
        offered = _canonical(self.first.entries(anywhere))
        gone = _canonical(self.second.entries(scope))
        for form, term in gone.items():
            if form not in offered:
                wanted, known = (
                    text(term, scope.words, scope.axes),
                    (text(one, scope.words, scope.axes) for one in offered),
                )
                raise SettingError(
                    f'"{wanted}" cannot be left out, because the library does not hold it.{did_you_mean(wanted, known)}'
                )
        left = [
            replace(entry, terms=tuple(term for term in entry.terms if simplify(term) not in gone))
            for entry in self.first.entries(scope)
        ]
        if not any(entry.terms for entry in left):
            raise SettingError("Every term of the library is left out; leave some in.")
        return tuple(entry for entry in left if entry.terms)


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Forced(Library):
    """Terms that must be in every equation they are offered to, such as `Polynomial(2) + Forced("x")`.

    >>> Forced("x", "x*y").build(["x", "y"])
    (Expr(x0), Expr(x0*x1))
    """

    texts: tuple[str, ...]

    def __init__(self, *texts: str) -> None:
        if not texts or not all(isinstance(term, str) and term.strip() for term in texts):
            raise SettingError(f'Forced takes texts, such as Forced("x"), got {texts!r}.')
        object.__setattr__(self, "texts", texts)

    def __repr__(self) -> str:
        return f"Forced({', '.join(map(repr, self.texts))})"

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the terms over the named variables.

        Raises:
            ExpressionError: where a text is no expression of these variables.
        """
        return Terms(*self.texts).build(names)

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return the terms, coordinates and all."""
        return Terms(*self.texts).over(names, axes, coordinates)

    def entries(self, scope: Scope) -> tuple[Entry, ...]:
        """Return every term on its own, each of which must be in."""
        return tuple(replace(entry, forced=True) for entry in Terms(*self.texts).entries(scope))


@dataclass(frozen=True, slots=True, init=False, repr=False)
class PerEquation(Library):
    """A library for each equation, and one for those that are not named.

    Attributes:
        libraries: names of states and the library of each.
        default: for all others.

    Raises:
        SettingError: without any, or where one is no library.

    >>> library = PerEquation({"x": Terms("y")}, default=Polynomial(1))
    >>> [len(library.entries(Scope(("x", "y"), target=target))) for target in ("x", "y")]
    [1, 3]
    """

    libraries: tuple[tuple[str, Library], ...]
    default: Library

    def __init__(self, libraries: Mapping[str, Library], default: Library = Polynomial(3)) -> None:  # noqa: B008
        if not isinstance(libraries, Mapping) or not libraries:
            raise SettingError(
                f'PerEquation takes a library a state, such as {{"x": Polynomial(2)}}, got {libraries!r}.'
            )
        for name, library in (*libraries.items(), ("default", default)):
            if not callable(getattr(library, "build", None)):
                raise SettingError(
                    f"PerEquation({name!r}: …) must be a library such as Polynomial(2), got {library!r}."
                )
        object.__setattr__(self, "libraries", tuple(libraries.items()))
        object.__setattr__(self, "default", default)

    def __repr__(self) -> str:
        return f"PerEquation({dict(self.libraries)!r}, default={self.default!r})"

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the terms of all equations over the named variables."""
        return self.over(names, Scope(()).axes)

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return the terms of all equations, coordinates and all."""
        return _flat(self, names, axes, coordinates)

    def entries(self, scope: Scope) -> tuple[Entry, ...]:
        """Return what may enter the equation of the scope's target, or of any."""
        if scope.target is not None:
            return dict(self.libraries).get(scope.target, self.default).entries(scope)
        return tuple(
            entry for library in (*dict(self.libraries).values(), self.default) for entry in library.entries(scope)
        )


def check_targets(library: Library, targets: Sequence[str]) -> None:
    """Refuse a library with equations of its own for what has none.

    Raises:
        SettingError: naming the word that is no target.
    """
    if isinstance(library, PerEquation):
        for name, _ in library.libraries:
            if name not in targets:
                raise SettingError(f'PerEquation names "{name}", which has no equation.{did_you_mean(name, targets)}')
        parts = [part for _, part in library.libraries]
    else:
        parts = [getattr(library, field.name) for field in fields(library)] if is_dataclass(library) else []
    for part in parts:
        if callable(getattr(part, "build", None)):
            check_targets(part, targets)


def _canonical(entries: Sequence[Entry]) -> dict[Expr, Expr]:
    return {simplify(term): term for entry in entries for term in entry.terms}


def _flat(library: Library, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str]) -> tuple[Expr, ...]:
    scope = Scope(tuple(names), tuple(axes), tuple(coordinates))
    return distinct(term for entry in library.entries(scope) for term in entry.terms)
