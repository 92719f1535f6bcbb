import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.expr import Polynomial, Terms, compile_program
from discover_kernels.separable import POINTS, STEPS, time_rows
from tests.reference import time_contraction

TERMS = (Polynomial(2) + Terms("sin(u)", "1/(2 + v**2)")).build(["u", "v"])
PROGRAM = compile_program(TERMS, 2)


def contracted(X, start, begin, weights, spans, channels, n_out):
    """Return what the kernel adds for channels of (term, order)."""
    roots = PROGRAM.roots[[term for term, _ in channels]].astype(np.int64)
    orders = np.array([order for _, order in channels])
    out = np.zeros((len(spans), len(channels), n_out))
    code = PROGRAM.code, PROGRAM.constants, 2, PROGRAM.n_rows
    time_rows(*code, roots, orders, X, start, begin, weights, spans, out)
    return out


def banded(rng, n_orders, spans, n_steps):
    """Return weights that are zero outside their spans."""
    weights = np.zeros((n_orders, len(spans), n_steps))
    for k, (first, last) in enumerate(spans):
        weights[:, k, first:last] = rng.standard_normal((n_orders, last - first))
    return weights


@given(
    st.integers(1, 3 * STEPS), st.integers(1, 2 * POINTS + 3), st.integers(0, 2), st.integers(0, 3), st.integers(0, 99)
)
def test_functions_are_summed_against_weights_in_time(n_steps, n_out, start, begin, seed):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (2, n_steps + start + 1, n_out + begin + 1))
    spans = np.sort(rng.integers(0, n_steps + 1, (4, 2)), axis=1)
    weights = banded(rng, 2, spans, n_steps)
    channels = [(1, 0), (4, 1), (6, 0), (1, 1), (7, 1)]
    found = contracted(X, start, begin, weights, spans, channels, n_out)
    part = X[:, start : start + n_steps, begin : begin + n_out]
    assert np.allclose(found, time_contraction(TERMS, channels, part, weights), rtol=1e-12, atol=1e-12)


def test_what_is_there_is_added_to():
    X, weights, spans = np.ones((2, 3, 5)), np.ones((1, 1, 3)), np.array([[0, 3]])
    out = np.full((1, 1, 5), 2.0)
    code = PROGRAM.code, PROGRAM.constants, 2, PROGRAM.n_rows
    time_rows(*code, PROGRAM.roots[:1].astype(np.int64), np.zeros(1, np.int64), X, 0, 0, weights, spans, out)
    assert np.array_equal(out, np.full((1, 1, 5), 5.0))


@pytest.mark.parametrize("place", [(0, 0), (5, 130), (8, 200)])
def test_a_value_that_is_not_finite_stays_where_it_is(place):
    X = np.ones((2, 9, 201))
    X[0][place] = np.inf
    spans = np.array([[0, 9]])
    out = contracted(X, 0, 0, np.ones((1, 1, 9)), spans, [(1, 0)], 201)
    assert np.flatnonzero(~np.isfinite(out[0, 0])).tolist() == [place[1]]
