"""Products of powers of variables: their exponents, and the factor that several share."""

from collections.abc import Sequence
from typing import Any

from discover.expr.expression import VARIABLE, Expr, fold
from discover.expr.library import monomial
from discover.expr.operators import Operator

Exponents = dict[int, int]
"""Exponent of each variable that occurs."""


def exponents(term: Expr) -> Exponents | None:
    """Return the exponents of a product of powers of variables, None where a term is none.

    >>> from discover.expr import parse
    >>> exponents(parse("x**2*y", ["x", "y"])), exponents(parse("1", [])), exponents(parse("sin(x)", ["x"]))
    ({0: 2, 1: 1}, {}, None)
    """

    def leaf(kind: int, value: Any) -> Exponents | None:
        return {int(value): 1} if kind == VARIABLE else {} if value == 1.0 else None

    def branch(row: Operator, argument: Any, children: tuple[Exponents | None, ...]) -> Exponents | None:
        exponent = {"mul": 1, "square": 2, "cube": 3, "ipow": argument}.get(row.name)
        if exponent is None or exponent < 0:
            return None
        total: Exponents = {}
        for child in children:
            if child is None:
                return None
            for v, n in child.items():
                total[v] = total.get(v, 0) + n * exponent
        return total

    return fold(term, leaf, branch)


def without_common_factor(terms: Sequence[Expr]) -> tuple[Expr, ...]:
    """Return terms divided by the monomial that all share; as they are where one of them is no monomial.

    >>> from discover.expr import parse
    >>> without_common_factor([parse(text, ["x", "y"]) for text in ("x", "x**2*y")])
    (Expr(1), Expr(x0*x1))
    """
    known = [exponents(term) for term in terms]
    powers = [one for one in known if one is not None]
    if len(powers) < len(terms) or not powers:
        return tuple(terms)
    shared = {v: min(one.get(v, 0) for one in powers) for v in powers[0]}
    if not any(shared.values()):
        return tuple(terms)
    left = ({v: n - shared.get(v, 0) for v, n in one.items()} for one in powers)
    return tuple(monomial([v for v in sorted(one) for _ in range(one[v])]) for one in left)
