"""The law of the logarithms is the law."""

import numpy as np
import pytest

from discover.expr import evaluate, parse
from discover.inference.logarithms import log_terms

NAMES = ["x", "y", "u"]


@pytest.mark.parametrize("text", ["x", "x*y", "y**2", "u", "sin(x) + u*y", "1/x", "2"])
@pytest.mark.parametrize("state", [0, 1])
def test_the_rate_of_a_logarithm_is_the_rate_over_the_value(text, state):
    term = parse(text, NAMES)
    sides = [[], []]
    sides[state] = [(3.0, term)]
    ((value, logarithmic),) = log_terms(sides)[state]
    X = np.random.default_rng(0).uniform(0.2, 3.0, (3, 20))
    Z = np.vstack([np.log(X[:2]), X[2:]])
    assert value == 3.0
    np.testing.assert_allclose(evaluate(logarithmic, Z), evaluate(term, X) / X[state], rtol=1e-12)


def test_what_cancels_is_cancelled():
    (((_, rate),), _) = log_terms([[(1.0, parse("x*y", NAMES))], []])
    assert rate == parse("exp(y)", NAMES)
