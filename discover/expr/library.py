"""Libraries: families of candidate terms, built from names alone.

A library is a frozen object with `build(names) -> tuple[Expr, …]`; libraries add (`a + b`: both) and
multiply (`a * b`: every term of one times every term of the other), and `a - b` leaves out. To add a
family, write a frozen dataclass that inherits `Library` and give it `build`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import Protocol

from discover.errors import SettingError, did_you_mean
from discover.expr.expression import Expr, constant, derivative, multiply, power, variable
from discover.expr.parsing import parse
from discover.expr.printing import AXES
from discover.expr.simplification import simplify

MAX_DEGREE = 20
MAX_TERMS = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What enters an equation together or not at all: one term, or several.

    Attributes:
        terms: the terms.
        forced: whether they must be in.
        given: whether a person wrote them down one by one, so that leaving one out would be an error.
    """

    terms: tuple[Expr, ...]
    forced: bool = False
    given: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a library is asked for its terms.

    Attributes:
        names: of the variables, by index.
        axes: of the axes that D goes along, time first.
        coordinates: those axes that may stand in a term like variables, numbered after the names.
        target: whose equation it is; None for what may stand in any.
    """

    names: tuple[str, ...]
    axes: tuple[str, ...] = AXES
    coordinates: tuple[str, ...] = ()
    target: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that may stand in a term, by index."""
        return (*self.names, *self.coordinates)


class Library(Protocol):
    """A family of candidate terms; `+` joins two, `*` multiplies every pair of their terms, `-` leaves terms out."""

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the terms over the named variables."""
        ...

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return the terms over the named variables, where D goes along `axes`.

        `coordinates` are those axes that may stand in a term like variables, numbered after the names; only
        what is written out uses them: a polynomial of the states stays one.
        """
        return self.build(names)

    def entries(self, scope: Scope) -> tuple[Entry, ...]:
        """Return what may enter an equation, each term on its own unless a family says otherwise."""
        return tuple(Entry((term,)) for term in self.over(scope.names, scope.axes, scope.coordinates))

    def __add__(self, other: "Library") -> "Library":
        return Sum(self, other)

    def __mul__(self, other: "Library") -> "Library":
        return Product(self, other)

    def __sub__(self, other: "Library") -> "Library":
        from discover.expr.wishes import Without

        return Without(self, other)


@dataclass(frozen=True, slots=True)
class Polynomial(Library):
    """All monomials up to a total degree, by degree and then lexicographically.

    Attributes:
        degree: highest total degree.
        include_bias: whether the constant 1 is a term.
        interaction_only: whether each variable occurs at most once in a term.

    Raises:
        SettingError: for a degree that is no whole number from 0 to 20.

    >>> Polynomial(degree=2).build(["x", "y"])
    (Expr(1), Expr(x0), Expr(x1), Expr(x0**2), Expr(x0*x1), Expr(x1**2))
    """

    degree: int = 3
    include_bias: bool = True
    interaction_only: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.degree, bool) or not isinstance(self.degree, int) or not 0 <= self.degree <= MAX_DEGREE:
            raise SettingError(f"degree must be a whole number from 0 to {MAX_DEGREE}, got {self.degree!r}.")
        if self.degree == 0 and not self.include_bias:
            raise SettingError("Polynomial(degree=0, include_bias=False) has no terms; raise degree or include_bias.")

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the monomials over the named variables.

        Raises:
            SettingError: where they are too many.
        """
        choose = combinations if self.interaction_only else combinations_with_replacement
        terms: list[Expr] = [constant(1.0)] if self.include_bias else []
        for degree in range(1, self.degree + 1):
            for factors in choose(range(len(names)), degree):
                terms.append(monomial(factors))
                if len(terms) > MAX_TERMS:
                    raise SettingError(
                        f"degree={self.degree} in {len(names)} variables makes over {MAX_TERMS} terms; lower degree."
                    )
        return tuple(terms)


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Terms(Library):
    """Terms given as text, such as `Terms("sin(theta)", "x*y")`.

    >>> Terms("sin(theta)").build(["theta", "omega"])
    (Expr(sin(x0)),)
    """

    texts: tuple[str, ...]

    def __init__(self, *texts: str) -> None:
        if not texts or not all(isinstance(term, str) and term.strip() for term in texts):
            raise SettingError(f'Terms takes texts, such as Terms("sin(x)"), got {texts!r}.')
        object.__setattr__(self, "texts", texts)

    def __repr__(self) -> str:
        return f"Terms({', '.join(map(repr, self.texts))})"

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the terms over the named variables.

        Raises:
            ExpressionError: where a text is no expression of these variables.
        """
        return distinct(parse(term, names) for term in self.texts)

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return the terms, coordinates and all.

        >>> Terms("x*D(u, x, 2)").over(["u"], ["t", "x"], ["x"])
        (Expr(x1*D(x0, "x", 2)),)
        """
        return distinct(parse(term, (*names, *coordinates), axes) for term in self.texts)

    def entries(self, scope: Scope) -> tuple[Entry, ...]:
        """Return every term on its own, as given by hand."""
        return tuple(Entry((term,), given=True) for term in self.over(scope.names, scope.axes, scope.coordinates))


@dataclass(frozen=True, slots=True, repr=False)
class Sum(Library):
    """The terms of both libraries, those of the first before those of the second."""

    first: Library
    second: Library

    def __repr__(self) -> str:
        return f"{self.first!r} + {self.second!r}"

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the terms over the named variables, each once."""
        return distinct((*self.first.build(names), *self.second.build(names)))

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return the terms of both, coordinates and all."""
        both = (library.over(names, axes, coordinates) for library in (self.first, self.second))
        return distinct(term for terms in both for term in terms)

    def entries(self, scope: Scope) -> tuple[Entry, ...]:
        """Return the entries of both."""
        return (*self.first.entries(scope), *self.second.entries(scope))


@dataclass(frozen=True, slots=True, repr=False)
class Product(Library):
    """Every term of the first library times every term of the second, in canonical form."""

    first: Library
    second: Library

    def __repr__(self) -> str:
        return f"{in_brackets(self.first)} * {in_brackets(self.second)}"

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the terms over the named variables, each once."""
        return _products(self.first.build(names), self.second.build(names))

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return the products, coordinates and all."""
        return _products(self.first.over(names, axes, coordinates), self.second.over(names, axes, coordinates))

    def entries(self, scope: Scope) -> tuple[Entry, ...]:
        """Return the products of every entry of one with every entry of the other: what was together stays so."""
        rights = self.second.entries(scope)
        pairs = ((left, right) for left in self.first.entries(scope) for right in rights)
        return tuple(Entry(_products(a.terms, b.terms), forced=a.forced and b.forced) for a, b in pairs)


@dataclass(frozen=True, slots=True)
class Derivatives(Library):
    """A library of functions of fields, and all their derivatives by space, as D^a(f).

    Attributes:
        of: the functions; a constant is kept, its derivatives are not.
        order: highest total order of the derivatives.
        n_axes: how many space axes there are.

    >>> Derivatives(Polynomial(2), order=1).build(["u"])
    (Expr(1), Expr(x0), Expr(x0**2), Expr(D(x0, "x", 1)), Expr(D(x0**2, "x", 1)))
    """

    of: Library = Polynomial(3)
    order: int = 4
    n_axes: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.order <= MAX_DEGREE or not 1 <= self.n_axes <= 3:
            raise SettingError(f"Derivatives takes orders from 0 to {MAX_DEGREE} along 1 to 3 axes, got {self}.")

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the functions, then their derivatives by increasing order."""
        return self._with_derivatives(self.of.build(names))

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return the functions, coordinates and all, then their derivatives."""
        return self._with_derivatives(self.of.over(names, axes, coordinates))

    def _with_derivatives(self, functions: tuple[Expr, ...]) -> tuple[Expr, ...]:
        found = list(functions)
        for order in range(1, self.order + 1):
            for axes in combinations_with_replacement(range(self.n_axes), order):
                orders = (0, *(axes.count(axis) for axis in range(self.n_axes)))
                found += [derivative(f, orders) for f in functions if f.variables]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class TimeDerivatives(Library):
    """A library of functions, and their first derivatives by time, for laws of second order in time.

    D(f) stands for friction of every kind: D(x, t) is x′, D(x**3, t) is 3·x²·x′.

    Attributes:
        of: the functions; a constant is kept, its derivative is not.
        moving: the variables whose functions are differentiated, all where empty.

    >>> TimeDerivatives(Polynomial(2)).build(["x"])
    (Expr(1), Expr(x0), Expr(x0**2), Expr(D(x0, "t", 1)), Expr(D(x0**2, "t", 1)))
    """

    of: Library = Polynomial(3)
    moving: tuple[str, ...] = ()

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return the functions, then their derivatives."""
        return self._with_derivatives(self.of.build(names), names)

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return the functions, coordinates and all, then their derivatives."""
        return self._with_derivatives(self.of.over(names, axes, coordinates), names)

    def _with_derivatives(self, functions: tuple[Expr, ...], names: Sequence[str]) -> tuple[Expr, ...]:
        for name in self.moving:
            if name not in names:
                raise SettingError(f'TimeDerivatives has no variable "{name}".{did_you_mean(name, names)}')
        moving = {i for i, name in enumerate(names) if not self.moving or name in self.moving}
        return (*functions, *(derivative(f, (1,)) for f in functions if f.variables and moving >= set(f.variables)))


def default_library(n_states: int) -> Polynomial:
    """Return the library to start from: degree 2 for five states or more, else 3.

    >>> default_library(3).degree, default_library(5).degree
    (3, 2)
    """
    return Polynomial(degree=2 if n_states >= 5 else 3)


def monomial(factors: Sequence[int]) -> Expr:
    """Return the product of the variables with these sorted indices, repeats as powers.

    >>> monomial((0, 0, 1))
    Expr(x0**2*x1)
    """
    total: Expr | None = None
    for index in dict.fromkeys(factors):
        count = factors.count(index)
        factor = variable(index) if count == 1 else power(variable(index), count)
        total = factor if total is None else multiply(total, factor)
    return constant(1.0) if total is None else total


def in_brackets(library: Library) -> str:
    """Return a library as it is written beside a sign that binds: in brackets where it is no single family.

    >>> in_brackets(Terms("x") + Terms("y"))
    "(Terms('x') + Terms('y'))"
    """
    written = repr(library)
    return written if type(library).__name__ == written.partition("(")[0] else f"({written})"


def _products(lefts: Sequence[Expr], rights: Sequence[Expr]) -> tuple[Expr, ...]:
    return distinct(simplify(multiply(left, right)) for left in lefts for right in rights)


def distinct(terms: Iterable[Expr]) -> tuple[Expr, ...]:
    """Return the terms without those whose canonical form came before, in order."""
    first: dict[Expr, Expr] = {}
    for term in terms:
        first.setdefault(simplify(term), term)
    return tuple(first.values())
