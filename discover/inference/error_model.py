"""Are the measurement errors additive, or in proportion to what is measured?

Errors in proportion to the value (log-normal: counts of animals, concentrations) are additive errors of the
logarithm. So the law is rewritten for z = ln x, z' = f(exp z)·exp(-z), and fitted like any other; positive
states then stay positive by themselves.
"""

from collections.abc import Sequence

from discover.expr import Expr, call, multiply, negate, simplify, substitute, variable


def log_rates(rates: Sequence[Expr], n_states: int) -> list[Expr]:
    """Return the rates of the logarithms of all states: variables below `n_states` become logarithms.

    >>> log_rates([3 * variable(0)], 1)
    [Expr(3)]
    """
    n_variables = max((rate.variables[-1] + 1 for rate in rates if rate.variables), default=0)
    leaves = [call("exp", variable(i)) if i < n_states else variable(i) for i in range(n_variables)]
    return [
        simplify(multiply(substitute(rate, leaves), call("exp", negate(variable(i))))) for i, rate in enumerate(rates)
    ]
