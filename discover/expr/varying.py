"""Terms whose coefficients vary: with a recorded parameter, from case to case, slowly in time.

A coefficient that varies is a sum over a basis, c(ρ) = Σ_m c_m b_m(ρ), so a term with such a coefficient is a
group of terms, b_m · term, that enter a law together or not at all.

Source: Rudy, Alla, Brunton, Kutz (2019), doi:10.1137/18M1191944, for groups; Nicolaou et al. (2023),
doi:10.1103/PhysRevResearch.5.L042017, for parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from discover.errors import SettingError, did_you_mean
from discover.expr.expression import Expr, multiply, substitute, variable
from discover.expr.library import Entry, Library, Polynomial, Scope, distinct
from discover.expr.simplification import simplify


@dataclass(frozen=True, slots=True, init=False)
class Varying(Library):
    """Terms whose coefficients are functions of a recorded parameter: each enters with the whole basis, or not at all.

    Attributes:
        of: the terms, over all variables but the parameters.
        with_: names of the parameters, which are inputs of the data.
        basis: functions of the parameters alone.

    Raises:
        SettingError: without a parameter, or where `of` or `basis` are no libraries.

    >>> [entry.terms for entry in Varying(Polynomial(1), with_="rho").entries(Scope(("x", "rho")))]
    [(Expr(1), Expr(x1)), (Expr(x0), Expr(x0*x1))]
    """

    of: Library
    with_: tuple[str, ...]
    basis: Library

    def __init__(self, of: Library, with_: str | Sequence[str], basis: Library = Polynomial(1)) -> None:  # noqa: B008
        names = (with_,) if isinstance(with_, str) else tuple(with_)
        if not names or not all(isinstance(name, str) and name for name in names):
            raise SettingError(f'Varying(with_=…) names recorded parameters, such as "rho", got {with_!r}.')
        for name, library in (("of", of), ("basis", basis)):
            if not callable(getattr(library, "build", None)):
                raise SettingError(f"Varying({name}=…) must be a library such as Polynomial(2), got {library!r}.")
        object.__setattr__(self, "of", of)
        object.__setattr__(self, "with_", names)
        object.__setattr__(self, "basis", basis)

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        """Return all terms, group by group."""
        return self.over(names, Scope(()).axes)

    def over(self, names: Sequence[str], axes: Sequence[str], coordinates: Sequence[str] = ()) -> tuple[Expr, ...]:
        """Return all terms, group by group, coordinates and all."""
        scope = Scope(tuple(names), tuple(axes), tuple(coordinates))
        return distinct(term for entry in self.entries(scope) for term in entry.terms)

    def entries(self, scope: Scope) -> tuple[Entry, ...]:
        """Return one group of terms for each term of the library.

        Raises:
            SettingError: where a parameter is none of the names.
        """
        for name in self.with_:
            if name not in scope.words:
                raise SettingError(f'Varying(with_=…) has no variable "{name}".{did_you_mean(name, scope.words)}')
        rest = tuple(name for name in scope.names if name not in self.with_)
        others = tuple(name for name in scope.coordinates if name not in self.with_)
        factors = _over(self.basis.build(self.with_), self.with_, scope)
        inner = replace(scope, names=rest, coordinates=others)
        return tuple(
            replace(entry, terms=tuple(simplify(multiply(term, factor)) for term in terms for factor in factors))
            for entry in self.of.entries(inner)
            for terms in [_over(entry.terms, inner.words, scope)]
        )


def _over(terms: Sequence[Expr], words: Sequence[str], scope: Scope) -> list[Expr]:
    """Return terms over some words of a scope with their variables numbered as there."""
    leaves = [variable(scope.words.index(word)) for word in words]
    return [substitute(term, leaves) for term in terms]
