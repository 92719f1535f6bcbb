"""Bounds and shape: what is proven holds at every sample, and what has no value somewhere is not proven."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from discover.expr import differentiate, evaluate, parse
from discover.physics.shape import proven
from tests.expr.strategies import N_VARIABLES, expressions

INF = float("inf")


@pytest.mark.parametrize(
    ("written", "low", "high", "least", "largest", "is_proven"),
    [
        ("x**2", -3.0, 2.0, 0.0, INF, True),
        ("x**2 - x + 1", -3.0, 2.0, 0.5, INF, True),
        ("x**4 - 2*x**2 + 1.01", -2.0, 2.0, 0.0, INF, True),
        ("x**3", -1.0, 1.0, 0.0, INF, False),
        ("1/(1 + x**2)", -9.0, 9.0, 0.0, 1.0, True),
        ("1/x", -1.0, 1.0, -INF, INF, False),
        ("1/x", 0.1, 1.0, 0.0, INF, True),
        ("sin(1/x)", -1.0, 1.0, -1.0, 1.0, False),
        ("exp(-1/x**2)", -1.0, 1.0, 0.0, 1.0, False),
        ("2 + sin(x)*cos(x)", -40.0, 40.0, 0.0, INF, True),
        ("sin(x)", 0.1, 3.0, 0.0, INF, True),
        ("sin(x)", 0.1, 3.3, 0.0, INF, False),
        ("sqrt(x + 1)", -0.9, 2.0, 0.0, INF, True),
        ("sqrt((x - 0.3)**2 - 0.000001)", -1.0, 1.0, 0.0, INF, False),
        ("log(x)", 1.0, 5.0, 0.0, INF, True),
        ("x/(x - 2)", 0.0, 1.9, -INF, 0.0, True),
        ("abs(x)", -1.0, 1.0, 0.0, INF, True),
    ],
)
def test_proofs(written, low, high, least, largest, is_proven):
    # a touching bound may be missed by the rounding that intervals are widened by
    slack = 1e-12
    found = proven(parse(written, ["x"]), np.array([low]), np.array([high]), least - slack, largest + slack)
    assert found is is_proven


@given(expressions(max_leaves=6), st.floats(-2.0, 1.0), st.floats(0.1, 2.0), st.floats(0.0, 3.0), st.booleans())
def test_what_is_proven_holds_at_every_sample(expr, low, width, least, by_slope):
    what = differentiate(expr, 0) if by_slope else expr
    ends = np.full(N_VARIABLES, low), np.full(N_VARIABLES, low + width)
    assume(proven(what, *ends, -least, least + 1.0))
    X = np.random.default_rng(0).uniform(ends[0][:, None], ends[1][:, None], (N_VARIABLES, 500))
    values = evaluate(what, X)
    assert np.isfinite(values).all()
    assert values.min() >= -least - 1e-9
    assert values.max() <= least + 1.0 + 1e-9
