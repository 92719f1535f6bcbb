"""Which terms are on offer below the line of each equation."""

from discover.errors import SettingError
from discover.expr import Expr, Library, Scope, denominators, dimension_of, has_derivative, text
from discover.inference.domain import undefined
from discover.inference.offer import Offer
from discover.problem import Problem


def terms_below(library: Library | None, problem: Problem) -> tuple[tuple[Expr, ...], ...]:
    """Return the terms that may stand in the denominator of each target's equation, 1 first; nothing for a plain one.

    Terms without a value on the data are left out.

    Raises:
        SettingError: where the problem is none that denominators are known for.
        UnitError: where a term breaks the units.
    """
    scopes = [Scope(problem.names, (problem.time, *problem.space), (), target) for target in problem.targets]
    below = [denominators(library, scope) for scope in scopes]
    if not any(below):
        return tuple(below)
    if problem.space:
        raise SettingError("Rational laws are found on trajectories, not on fields over space; leave Rational out.")
    if problem.formulation == "stochastic":
        raise SettingError("Drift and diffusion are sums of terms; leave Rational out, or form=Stochastic().")
    if any(problem.order_of(i) == 2 for i in range(len(problem.targets))):
        raise SettingError("Rational laws are found for first derivatives; leave order= out, or Rational.")
    if problem.cases:
        raise SettingError("Rational laws are found for one case at a time; leave by= out, or Rational.")
    every = {term for terms in below for term in terms}
    bad = undefined(every, problem)
    for term in every:
        dimension_of(term, problem.dimensions, problem.names)
    return tuple(tuple(term for term in terms if term not in bad) for terms in below)


def check_above(choices: Offer, problem: Problem) -> None:
    """Refuse numerators that quotients are not known for: derivatives, forced terms, groups.

    Raises:
        SettingError: naming what is in the way.
    """
    for term in choices.terms:
        if has_derivative(term):
            name = text(term, problem.names, (problem.time,))
            raise SettingError(f'"{name}" cannot stand above a denominator: leave derivatives out of Rational.')
    if not all(menu.is_plain for menu in choices.menus):
        raise SettingError("Rational laws take no forced terms and no groups; leave Forced and Varying out.")
