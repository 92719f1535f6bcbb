"""A law for the logarithms of the states.

Errors in proportion to the value (log-normal: counts of animals, concentrations) are additive errors of the
logarithm. So the law is rewritten for z = ln x, z' = f(exp z)·exp(-z), and fitted like any other; positive
states then stay positive by themselves.
"""

from collections.abc import Sequence

from discover.expr import Expr, call, divide, simplify, substitute, variable


def log_term(term: Expr, state: int, n_states: int) -> Expr:
    """Return a term of x_state' as a term of (ln x_state)', in the logarithms of all states.

    Variables from `n_states` on are inputs and stay as they are.

    >>> prey, predator = variable(0), variable(1)
    >>> log_term(prey * predator, 0, 2)
    Expr(exp(x1))
    """
    return _of_logarithms(simplify(divide(term, variable(state))), n_states)


def _of_logarithms(expr: Expr, n_states: int) -> Expr:
    """Return an expression of the states as one of their logarithms."""
    n_variables = 1 + max(expr.variables, default=-1)
    leaves = [call("exp", variable(i)) if i < n_states else variable(i) for i in range(n_variables)]
    return substitute(expr, leaves)


def log_factors(divisors: Sequence[Sequence[tuple[float, Expr]]]) -> list[list[tuple[float, Expr]]]:
    """Return what right-hand sides are divided by, in the logarithms of the states and with the same coefficients.

    >>> log_factors([[(1.0, variable(0))]])
    [[(1.0, Expr(exp(x0)))]]
    """
    return [[(value, _of_logarithms(term, len(divisors))) for value, term in side] for side in divisors]


def log_terms(
    right_hand_sides: Sequence[Sequence[tuple[float, Expr]]],
) -> list[list[tuple[float, Expr]]]:
    """Return right-hand sides for the logarithms of the states, term by term and with the same coefficients."""
    n_states = len(right_hand_sides)
    return [
        [(value, log_term(term, state, n_states)) for value, term in side]
        for state, side in enumerate(right_hand_sides)
    ]
