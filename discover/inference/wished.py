"""What constraints want of the terms on offer: some have to be in, some may not, and some were not on offer."""

from collections.abc import Sequence
from dataclasses import replace

from discover.errors import DataError, SettingError
from discover.expr import Expr, simplify, text
from discover.inference.domain import undefined
from discover.inference.menu import Menu
from discover.inference.offer import Offer
from discover.inference.restriction import groups, restriction
from discover.problem import Problem


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
        _check(must, problem)
        for term in must:
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
        grouped = () if closed else tuple(group for group in menu.groups if not set(group) & set(forced))
        menus.append(Menu(grouped, forced))
    return _without_dead(replace(choices, terms=tuple(terms), menus=tuple(menus)), problem)


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
            raise SettingError(clash(mine, libraries))
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


def clash(constraints: Sequence, libraries: tuple[tuple[Expr, ...], ...]) -> str:
    """Return the sentence that names the first constraint, or pair, which no coefficients of a library obey."""
    for one in constraints:
        if restriction([one], libraries) is None:
            return f'"{one.text}" cannot be obeyed with the terms on offer; add terms, or change it.'
    for k, one in enumerate(constraints):
        for other in constraints[:k]:
            if restriction([other, one], libraries) is None:
                return f'"{other.text}" and "{one.text}" clash: no coefficients obey both.'
    told = ", ".join(f'"{c.text}"' for c in constraints)
    return f"No coefficients obey all of {told}, though any two of them can hold."
