"""What constraints want of the terms on offer: some have to be in, some may not, and some were not on offer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from discover.contract import Bounds, Constraint, Wish
from discover.errors import DataError, SettingError
from discover.expr import Expr, simplify, text
from discover.inference.domain import undefined
from discover.inference.menu import Menu
from discover.inference.offer import Offer
from discover.inference.restriction import Libraries, Restriction, groups, restriction
from discover.problem import Problem

FAR = 1e6
"""How far coefficients are looked for that a sign leaves room to."""

FAR_APART = 6.0
"""Standard deviations between what is known and what is possible from which on both cannot be meant."""


def wished(choices: Offer, problem: Problem) -> Offer:
    """Return the offer as the constraints of a problem want it; as it is where there are none.

    Raises:
        SettingError: where a term that has to be in is of an equation that may hold others only.
        DataError: where a term that has to be in has no value on the data.
    """
    if not problem.constraints:
        return choices
    terms, column = list(choices.terms), {simplify(term): p for p, term in enumerate(choices.terms)}
    menus = []
    for i, menu in enumerate(choices.menus):
        wishes = [(constraint, constraint.wish(i)) for constraint in problem.constraints]
        must = [simplify(term) for _, wish in wishes for term in wish.must]
        sets = [[simplify(term) for term in some] for _, wish in wishes for some in wish.together]
        named = [*must, *(term for some in sets for term in some)]
        _check(named, problem)
        for term in named:
            if term not in column:
                column[term] = len(terms)
                terms.append(term)
        closed = [(c, {column[simplify(t)] for t in wish.must}) for c, wish in wishes if wish.only]
        forced = tuple(dict.fromkeys((*menu.forced, *(column[term] for term in must))))
        for constraint, mine in closed:
            for p in forced:
                if p not in mine:
                    word = text(terms[p], problem.names, (problem.time, *problem.space))
                    raise SettingError(f'"{constraint.text}" leaves no room for {word}, which has to be in.')
        _check_closed(wishes, problem)
        sides = [tuple(column[term] for term in some) for some in sets]
        menus.append(_closed_over(Menu(() if closed else menu.groups, forced), sides, bool(closed)))
    return _without_dead(replace(choices, terms=tuple(terms), menus=tuple(menus)), problem)


def _check_closed(wishes: Sequence[tuple[Constraint, Wish]], problem: Problem) -> None:
    """Refuse a form of an equation that holds some of the terms which enter together, and no others.

    Raises:
        SettingError: naming the two requirements and a term that is lacking.
    """
    for closed, form in ((constraint, wish) for constraint, wish in wishes if wish.only):
        inside = {simplify(term) for term in form.must}
        for constraint, some in ((constraint, one) for constraint, wish in wishes for one in wish.together):
            lacking = [term for term in some if simplify(term) not in inside]
            if lacking and len(lacking) < len(some):
                word = text(lacking[0], problem.names, (problem.time, *problem.space))
                raise SettingError(
                    f'"{closed.text}" and "{constraint.text}" clash: the first leaves no room for {word}.'
                )


def _closed_over(menu: Menu, sets: Sequence[tuple[int, ...]], is_closed: bool) -> Menu:
    """Return a menu of which each set of columns enters as one: what holds a column of it grows by the others.

    An equation that may hold nothing beyond its form takes none.
    """
    forced, groups = set(menu.forced), [set(group) for group in menu.groups]
    for one in () if is_closed else sets:
        joined = set(one).union(*(group for group in groups if group & set(one)))
        groups = [group for group in groups if not group & joined]
        groups.append(joined)
    for group in groups:
        forced |= group if group & forced and len(group) > 1 else set()
    left = tuple(tuple(sorted(group)) for group in groups if not group & forced)
    return Menu(left, (*menu.forced, *sorted(forced - set(menu.forced))))


def _check(must: Sequence[Expr], problem: Problem) -> None:
    for term, reason in undefined(must, problem).items():
        word = text(term, problem.names, (problem.time, *problem.space))
        raise DataError(f'"{word}" must be in and cannot be: {reason}.')


def _without_dead(choices: Offer, problem: Problem) -> Offer:
    """Return the offer without the terms that the constraints leave no coefficient but zero.

    Raises:
        SettingError: naming the requirements that cannot be obeyed together.
    """
    n, menus, terms = len(problem.targets), list(choices.menus), choices.terms
    for group in groups(problem.constraints, n):
        mine = [c for c in problem.constraints if any(c.speaks_of(i) for i in group)]
        libraries = tuple(tuple(terms[p] for p in sorted(menus[i].columns)) if i in group else () for i in range(n))
        limits = restriction(mine, libraries)
        if limits is None:
            raise SettingError(clash(mine, _narrowed(choices, group, n)))
        _check_strict(mine, libraries, limits)
        _check_known(mine, libraries, limits)
        dead, first = limits.dead, 0
        for i in group:
            columns = sorted(menus[i].columns)
            gone = {p for k, p in enumerate(columns) if dead[first + k]}
            first += len(columns)
            _check_forced(menus[i], gone, mine, choices, problem)
            left = tuple(one for one in menus[i].groups if not gone & set(one))
            menus[i] = Menu(left, menus[i].forced)
    return replace(choices, menus=tuple(menus))


def _check_forced(menu: Menu, gone: set[int], mine: Sequence, choices: Offer, problem: Problem) -> None:
    lost = [p for p in menu.forced if p in gone]
    if lost:
        word = text(choices.terms[lost[0]], problem.names, (problem.time, *problem.space))
        others = " and ".join(f'"{c.text}"' for c in mine[:3])
        raise SettingError(f"{word} has to be in and its coefficient can only be zero, under {others}.")


def _narrowed(choices: Offer, group: Sequence[int], n_targets: int) -> Callable[[Sequence], Libraries]:
    """Return what the libraries of a group of targets are under some of the constraints alone."""

    def libraries(some: Sequence) -> Libraries:
        found = []
        for i in range(n_targets):
            wishes = [constraint.wish(i) for constraint in some]
            closed = [wish.must for wish in wishes if wish.only]
            terms = tuple(dict.fromkeys(simplify(t) for must in closed for t in must)) if closed else choices.terms
            found.append(terms if i in group else ())
        return tuple(found)

    return libraries


def clash(constraints: Sequence, libraries: Callable[[Sequence], Libraries]) -> str:
    """Return the sentence that names the first constraint, pair or three which no coefficients of a library obey."""
    for one in constraints:
        if restriction([one], libraries([one])) is None:
            return f'"{one.text}" cannot be obeyed with the terms on offer; add terms, or change it.'
    for n, words in ((2, "both"), (3, "all three")):
        for some in combinations(constraints, n):
            if restriction(some, libraries(some)) is None:
                return f"{listed(some)} clash: no coefficients obey {words}."
    return f"No coefficients obey all of {listed(constraints)}, though any three of them can hold."


def listed(constraints: Sequence) -> str:
    """Return the texts of constraints, one after the other."""
    *most, last = [f'"{c.text}"' for c in constraints]
    return f"{', '.join(most)} and {last}" if most else last


def _check_strict(mine: Sequence, libraries: Libraries, limits: Restriction) -> None:
    """Refuse signs that leave a coefficient nothing but the zero that they exclude, naming the pair.

    Raises:
        SettingError: saying which two.
    """
    for one in (c for c in mine if getattr(c, "strict", False)):
        own = one.rows(libraries)
        if own is None or _reaches(own, limits):
            continue
        for other in mine:
            both = None if other is one else restriction([one, other], libraries)
            if both is not None and not _reaches(own, both):
                raise SettingError(f"{listed([other, one])} clash: together they leave a coefficient only zero.")
        raise SettingError(f'"{one.text}" cannot hold beside the others, which leave that coefficient only zero.')


def _reaches(own: Bounds, limits: Restriction) -> bool:
    """Return whether anything that is allowed lies beyond the bounds of a strict sign, and not only on them."""
    from scipy.optimize import linprog

    sign = 1.0 if np.isfinite(own.lower[0]) else -1.0
    edge = own.lower[0] if sign > 0.0 else own.upper[0]
    if not limits.n_free:
        return bool(sign * (own.A[0] @ limits.start - edge) > 1e-9)
    C, d = limits.C @ limits.N, limits.d - limits.C @ limits.start
    goal = -sign * (own.A[0] @ limits.N)
    found = linprog(goal, -C, -d, bounds=(-FAR, FAR)) if len(d) else linprog(goal, bounds=(-FAR, FAR))
    return found.x is None or bool(sign * (own.A[0] @ limits.full(found.x) - edge) > 1e-9)


def _check_known(mine: Sequence, libraries: Libraries, limits: Restriction) -> None:
    """Refuse values known beforehand that no coefficients come near, whatever the data say, naming the pair.

    Raises:
        SettingError: saying which two, and how far apart they are.
    """
    if not len(limits.mean) or _apart(limits) < FAR_APART:
        return
    for some in combinations(mine, 2):
        both = restriction(some, libraries)
        if both is not None and len(both.mean) and (gap := _apart(both)) >= FAR_APART:
            raise SettingError(f"{listed(some)} clash: they lie {gap:.0f} standard deviations apart.")


def _apart(limits: Restriction) -> float:
    """Return by how many standard deviations what is known beforehand is missed at least."""
    found = limits.fit(1e-9 * np.eye(limits.n), np.zeros(limits.n))
    return 0.0 if found is None else float(np.sqrt(found.penalty))
