"""Which terms are on offer for a problem, and for each of its equations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import comb
from typing import Any

from discover.errors import DataError, SettingError, UnitError
from discover.expr import (
    VARIABLE,
    Derivatives,
    Entry,
    Expr,
    Library,
    Operator,
    Polynomial,
    Scope,
    TimeDerivatives,
    call,
    check_targets,
    constant,
    default_library,
    derivative,
    dimension_of,
    fold,
    has_derivative,
    multiply,
    simplify,
    text,
    time_parts,
    to_jets,
    variable,
)
from discover.inference.angles import in_degrees
from discover.inference.domain import undefined
from discover.inference.menu import Menu
from discover.problem import Problem

NAMED = 5
"""Terms left out that a note names one by one."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the equations are chosen from.

    Attributes:
        terms: every term on offer to any equation, each once.
        menus: for each target, which of them may stand in its equation, and how.
        notes: what was left out, and why.
    """

    terms: tuple[Expr, ...]
    menus: tuple[Menu, ...]
    notes: tuple[str, ...] = ()

    @property
    def n_choices(self) -> int:
        """Terms, or groups of terms, that the largest menu offers."""
        return max((menu.n_choices for menu in self.menus), default=0)

    @property
    def is_plain(self) -> bool:
        """Whether every equation may take any of the terms."""
        return all(menu.is_plain and menu.n_choices == len(self.terms) for menu in self.menus)

    @property
    def each(self) -> tuple[tuple[Expr, ...], ...]:
        """The terms on offer to each equation."""
        return tuple(tuple(self.terms[p] for p in sorted(menu.columns)) for menu in self.menus)


def offer(library: Library | None, problem: Problem) -> Offer:
    """Return the library on the problem's variables, without what is not defined on the data or breaks their units.

    None takes polynomials of a degree that the data can tell apart. With cases, every term comes as a group of
    terms, one a case.

    Raises:
        UnitError: where a term that a person gave breaks the units.
        DataError: where a term that must be in has no value on the data, or nothing is left.
        SettingError: where the library speaks of variables that are not there.
    """
    library, form = library or affordable_library(problem), cache(simplify)
    check_targets(library, problem.targets)
    wanted = _in_order([_entries(library, problem, target) for target in problem.targets], problem)
    every = {form(term): term for entries in wanted for entry in entries for term in entry.terms}
    forced = {form(term) for entries in wanted for entry in entries if entry.forced for term in entry.terms}
    given = {form(term) for entries in wanted for entry in entries if entry.given for term in entry.terms}
    bad = undefined(every.values(), problem)
    for term, reason in bad.items():
        if form(term) in forced:
            raise DataError(f'"{_told(term, problem)}" must be in and cannot be: {reason}.')
    illegal = _illegal([term for term in every.values() if term not in bad], given, problem)
    gone = {form(term) for term in (*bad, *illegal)}
    kept = {key: term for key, term in every.items() if key not in gone}
    if not kept:
        raise DataError(f"No term of the library can be used on these data: {'; '.join((bad | illegal).values())}.")
    column = {key: p for p, key in enumerate(kept)}
    menus = tuple(_menu(entries, column, form) for entries in wanted)
    return _with_cases(Offer(tuple(kept.values()), menus, tuple(_notes(bad | illegal, problem))), problem)


def _in_order(wanted: Sequence[tuple[Entry, ...]], problem: Problem) -> list[tuple[Entry, ...]]:
    """Return the entries of each equation without derivatives by time that it cannot be run forward with.

    Raises:
        SettingError: where none of the equations can take one.
    """
    if problem.space or not any(has_derivative(term) for mine in wanted for entry in mine for term in entry.terms):
        return list(wanted)
    fits = [[all(fits_order(t, i, problem) for t in e.terms) for e in mine] for i, mine in enumerate(wanted)]
    useful = {
        term
        for mine, fine in zip(wanted, fits, strict=True)
        for e, ok in zip(mine, fine, strict=True)
        if ok
        for term in e.terms
    }
    for term in (term for mine in wanted for entry in mine for term in entry.terms):
        if term not in useful:
            raise SettingError(
                f'"{_told(term, problem)}" has a derivative by {problem.time} with which no law runs forward; '
                f"the right-hand side of x' takes none of x, that of x'' only x' (ask for it with order=2)."
            )
    return [tuple(e for e, ok in zip(mine, fine, strict=True) if ok) for mine, fine in zip(wanted, fits, strict=True)]


def fits_order(term: Expr, target: int, problem: Problem) -> bool:
    """Return whether the equation of a target can be run forward with a term: only velocities that are states of it.

    The derivative of an input may stand in front of a term, where it moves into the definition of a velocity.
    """
    if not has_derivative(term):
        return True
    n = problem.n_variables
    parts = time_parts(term, n, problem.clock)
    in_front = problem.order_of(target) == 2 and all(part.order < 2 and part.depth == 0 for part in parts)
    if in_front:
        return True
    for index in to_jets(term, n).variables:
        variable, depth = index % n, index // n
        is_state = variable < problem.n_states
        if depth and not (problem.order_of(variable) > depth if is_state else variable == problem.clock):
            return False
    return True


def terms_on_offer(library: Library | None, problem: Problem) -> tuple[Expr, ...]:
    """Return every term on offer to any equation."""
    return offer(library, problem).terms


def _entries(library: Library, problem: Problem, target: str) -> tuple[Entry, ...]:
    axes = (problem.time, *problem.space)
    scope = Scope(problem.measured, axes, tuple(axes[k] for k in problem.coordinates.values()), target)
    own = getattr(library, "entries", None)  # whoever has `build` is a library
    found = tuple(Entry((term,)) for term in library.build(scope.names)) if own is None else own(scope)
    if problem.formulation != "algebraic":
        return found
    # What is to be explained does not explain itself.
    return tuple(e for e in found if all(v >= problem.n_states for term in e.terms for v in term.variables))


def _illegal(terms: list[Expr], given: set[Expr], problem: Problem) -> dict[Expr, str]:
    """Return the terms that break the units by themselves, and why; one that a person gave is an error."""
    found = {}
    axes = (problem.time_dimension, *(None for _ in problem.space))
    for term in terms:
        try:
            dimension_of(term, problem.dimensions, problem.names, axes)
        except UnitError as error:
            if simplify(term) in given:
                raise
            found[term] = str(error).rstrip(".")
        if term not in found and (reason := in_degrees(term, problem)):
            if simplify(term) in given:
                raise UnitError(f"{reason}.")
            found[term] = reason
    return found


def _menu(entries: tuple[Entry, ...], column: dict[Expr, int], form: Callable[[Expr], Expr]) -> Menu:
    """Return the entries as columns; a group that lost a term is not offered, a term stands in its first group."""
    taken: set[int] = set()
    forced: list[int] = []
    groups = []
    for entry in sorted(entries, key=lambda entry: not entry.forced):
        columns = [column.get(form(term), -1) for term in entry.terms]
        mine = tuple(dict.fromkeys(c for c in columns if c not in taken))
        if -1 in mine or not mine:
            continue
        taken |= set(mine)
        forced += mine if entry.forced else ()
        groups += [] if entry.forced else [mine]
    return Menu(tuple(groups), tuple(forced))


def _with_cases(plain: Offer, problem: Problem) -> Offer:
    """Return the offer with one term a case in the place of each term."""
    n = len(problem.cases)
    if not n:
        return plain

    def split(columns: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(n * column + case for column in columns for case in range(n))

    menus = tuple(Menu(tuple(split(group) for group in menu.groups), split(menu.forced)) for menu in plain.menus)
    return replace(plain, terms=tuple(t for term in plain.terms for t in case_terms(term, problem)), menus=menus)


def case_terms(term: Expr, problem: Problem) -> tuple[Expr, ...]:
    """Return a term once for each case, times the case's indicator.

    Over space the indicator goes into the derivative, D(c f) = c D(f), where it is integrated like any function.
    """
    n = problem.n_plain
    return tuple(_indicated(simplify(term), variable(n + case)) for case in range(len(problem.cases)))


def _indicated(term: Expr, indicator: Expr) -> Expr:
    def leaf(kind: int, value: Any) -> tuple[Expr, Expr]:
        one = variable(value) if kind == VARIABLE else constant(value)
        return one, multiply(one, indicator)

    def branch(row: Operator, argument: Any, children: tuple[tuple[Expr, Expr], ...]) -> tuple[Expr, Expr]:
        whole = call(row.name, *(plain for plain, _ in children), *row.arguments(argument))
        if row.name == "D":
            return whole, derivative(simplify(children[0][1]), argument)
        if row.name == "mul" and any(plain.orders for plain, _ in children):
            (left, left_with), (right, right_with) = children
            return whole, multiply(left_with, right) if left.orders else multiply(left, right_with)
        return whole, multiply(whole, indicator)

    return simplify(fold(term, leaf, branch)[1])


def _notes(reasons: dict[Expr, str], problem: Problem) -> list[str]:
    if not reasons:
        return []
    told = [_because(_told(term, problem), reason) for term, reason in list(reasons.items())[:NAMED]]
    more = f", and {len(reasons) - NAMED} more" if len(reasons) > NAMED else ""
    return [f"Left out of the library: {'; '.join(told)}{more}."]


def _because(term: str, reason: str) -> str:
    """Return a reason that names its term once."""
    return reason if term in reason else f"{term}, because {reason}"


def _told(term: Expr, problem: Problem) -> str:
    return text(term, problem.names, (problem.time, *problem.space))


def affordable_library(problem: Problem) -> Library:
    """Return the usual polynomials, of a lower degree where the data are too few to tell so many terms apart.

    Over space they come with their derivatives: to order 4 of a single field on a line, else to order 2. Laws of
    second order in time come with their first derivatives by time.
    """
    n_variables = len(problem.measured)
    if problem.space:
        single = n_variables == len(problem.space) == 1
        return Derivatives(Polynomial(3), 4 if single else 2, len(problem.space))
    library = default_library(problem.n_states)
    fewest = problem.n_samples / max(len(problem.cases), 1) / problem.order
    while library.degree > 1 and comb(n_variables + library.degree, library.degree) > fewest / 3:
        library = Polynomial(library.degree - 1)
    moving = tuple(name for i, name in enumerate(problem.targets) if problem.order_of(i) == 2)
    return TimeDerivatives(library, moving) if moving else library
