"""Families: the terms of an equation that are one term in several cases, and what an equation costs by them."""

from collections.abc import Sequence

from discover.expr import Expr, constant, simplify, substitute, variable
from discover.inference.chisquare import penalty
from discover.problem import Problem


def base_of(term: Expr, n_plain: int) -> Expr:
    """Return a term without its case's indicator, in canonical form.

    Args:
        term: over the other variables, then the indicators.
        n_plain: how many variables are no indicators.

    >>> from discover.expr import parse
    >>> base_of(parse("x*y*c", ["x", "y", "c"]), 2)
    Expr(x0*x1)
    """
    n = max(term.variables, default=-1) + 1
    if n <= n_plain:
        return simplify(term)
    return simplify(substitute(term, [variable(v) if v < n_plain else constant(1.0) for v in range(n)]))


def families(problem: Problem, terms: Sequence[Expr]) -> dict[Expr, tuple[int, ...]]:
    """Return which terms stand for the same one in different cases, by that one; without cases each is its own."""
    found: dict[Expr, list[int]] = {}
    for k, term in enumerate(terms):
        key = base_of(term, problem.n_variables - len(problem.cases)) if problem.cases else term
        found.setdefault(key, []).append(k)
    return {key: tuple(members) for key, members in found.items()}


def price(problem: Problem, terms: Sequence[Expr], n: int, n_library: int) -> float:
    """Return the extended BIC price of an equation's terms on n observations; see `penalty`.

    With cases the library counts terms, and each is chosen once for all of them.
    """
    chosen = len(families(problem, terms)) if problem.cases else None
    return penalty(len(terms), n, n_library, chosen)
