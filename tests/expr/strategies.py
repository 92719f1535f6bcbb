"""Random expressions for the property tests, over the whole operator table."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from discover.expr import OPERATORS, Expr, call, constant, derivative, variable

N_VARIABLES = 3
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
PLAIN_NUMBERS = st.sampled_from([-3.0, -2.0, -1.0, -0.5, -0.0, 0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0])
EXPONENTS = st.integers(-9, 9)


def expressions(numbers=PLAIN_NUMBERS, with_derivatives: bool = False, max_leaves: int = 10) -> st.SearchStrategy[Expr]:
    """Expressions built by every constructor of the table."""

    def grow(children: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        branches = [
            st.builds(call, st.just(row.name), *[children] * row.arity) for row in OPERATORS if not row.has_argument
        ]
        branches.append(st.builds(call, st.just("ipow"), children, EXPONENTS))
        if with_derivatives:
            branches.append(st.builds(derivative, children, st.lists(st.integers(0, 3), max_size=4)))
        return st.one_of(branches)

    leaves = st.one_of(st.builds(variable, st.integers(0, N_VARIABLES - 1)), st.builds(constant, numbers))
    return st.recursive(leaves, grow, max_leaves=max_leaves)


def samples(low: float = -4.0, high: float = 4.0) -> st.SearchStrategy[np.ndarray]:
    """Values of the variables, shape (N_VARIABLES, 7)."""
    return npst.arrays(np.float64, (N_VARIABLES, 7), elements=st.floats(low, high).map(lambda x: round(x, 3)))
