import math

import numpy as np
import pytest
from hypothesis import given, settings

from discover.expr import constant, differentiate, parse
from discover.inference.forms import Form, tapes, values
from discover_kernels.fit import MOST_NODES, backwards, fit_batch, forwards, link
from tests import reference
from tests.expr.strategies import N_VARIABLES, expressions, samples

NAMES = ["x", "y", "a", "b", "c"]
RNG = np.random.default_rng(5)
X = RNG.uniform(1.0, 3.0, (2, 300))


def run(forms, y, weights=None, n_iterations=50, X=X):
    batch, sse = tapes(forms), np.empty(len(forms))
    weights = np.ones(len(y)) if weights is None else weights
    fit_batch(batch.op, batch.arg, batch.first, batch.n_free, batch.c, batch.first_c, X, y, weights, n_iterations, sse)
    return batch, sse


def value_and_slopes(form, X):
    """Return what the kernel makes of a form: its values, and the derivative by each free constant."""
    batch, n, m = tapes([form]), form.expr.size, X.shape[1]
    left, right, moves = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.bool_)
    assert link(batch.op, batch.arg, n, form.n_free, left, right, moves)
    V, A, J = np.zeros((n, m)), np.zeros((n, m)), np.empty((form.n_free, m))
    forwards(batch.op, batch.arg, n, left, right, batch.c, X, 0, m, V)
    backwards(batch.op, batch.arg, n, form.n_free, left, right, moves, m, V, A, J)
    return V[-1], J


@given(expressions(), samples(0.3, 3.0))
@settings(max_examples=200)
def test_values_and_slopes_are_those_of_the_reference(expr, points):
    """The last variable plays the free constant."""
    start = float(points[-1, 0])
    form = Form(expr, N_VARIABLES - 1, (start,))
    full = np.vstack([points[:-1], np.full(points.shape[1], start)])
    found, slopes = value_and_slopes(form, np.ascontiguousarray(points[:-1]))
    expected = reference.values(expr, full)
    finite = np.isfinite(found) & np.isfinite(expected)
    np.testing.assert_allclose(
        found[finite], expected[finite], rtol=1e-9, atol=1e-9 * np.max(np.abs(expected[finite]), initial=1)
    )
    slope = reference.values(differentiate(expr, N_VARIABLES - 1), full)
    clear = finite & np.isfinite(slope) & np.isfinite(slopes[0]) & (np.abs(slope) < 1e8)
    np.testing.assert_allclose(slopes[0][clear], slope[clear], rtol=1e-6, atol=1e-6)


def test_a_batch_finds_constants_inside_functions():
    x, y = X
    cases = {
        "a*sin(b*x) + x*y/(x + y)": (2 * np.sin(1.3 * x) + x * y / (x + y), (1.0, 1.1), (2.0, 1.3)),
        "a*exp(-b*y) + c": (3 * np.exp(-0.7 * y) + 0.2, (1.0, 1.0, 0.0), (3.0, 0.7, 0.2)),
        "a*x**b": (1.5 * x**-2.5, (1.0, -1.0), (1.5, -2.5)),
    }
    for text, (target, start, truth) in cases.items():
        batch, sse = run([Form(parse(text, NAMES), 2, start)], target)
        assert sse[0] < 1e-20 * np.sum(target**2)
        np.testing.assert_allclose(batch.c[: len(truth)], truth, rtol=1e-8)


def test_fixed_constants_stay():
    form = Form(parse("a*(x - 1.5)**2", ["x", "y", "a"]), 2, (1.0,))
    batch, sse = run([form], 4.0 * (X[0] - 1.5) ** 2)
    assert batch.c.tolist() == pytest.approx([4.0, 1.5])
    assert sse[0] < 1e-20


def test_the_fit_is_where_the_gradient_vanishes_under_noise_and_weights():
    noisy = 2.0 * np.exp(-0.5 * X[0]) + 0.01 * RNG.standard_normal(300)
    weights = RNG.uniform(0.5, 2.0, 300)
    form = Form(parse("a*exp(-b*x)", ["x", "y", "a", "b"]), 2, (1.0, 1.0))
    batch, sse = run([form], noisy, weights)
    fitted = Form(form.expr, 2, tuple(batch.c.tolist()))
    value, slopes = value_and_slopes(fitted, X)
    assert np.abs(slopes @ (weights * (noisy - value))).max() < 1e-5
    assert sse[0] == pytest.approx(np.sum(weights * (noisy - value) ** 2))


def test_what_is_not_finite_or_too_long_is_infinitely_bad():
    long = constant(0.0)
    for _ in range(MOST_NODES):
        long = long + 1.0
    log = parse("log(x - 2)", ["x", "y"])
    _, sse = run([Form(log, 2), Form(long, 2), Form(parse("1/(x - x)", ["x"]), 2)], X[0])
    assert [math.isinf(one) for one in sse] == [True, True, True]


def test_a_batch_gives_each_form_what_it_gets_alone():
    forms = [Form(parse("a*sin(b*x)", ["x", "y", "a", "b"]), 2, (1.0, s)) for s in (0.9, 1.1, 5.0)]
    target = np.sin(X[0])
    together, sse = run(forms, target)
    for i, form in enumerate(forms):
        alone, one = run([form], target)
        assert sse[i] == one[0]
        assert together.c[2 * i : 2 * i + 2].tolist() == alone.c.tolist()
        assert np.isfinite(values(Form(form.expr, 2, tuple(alone.c.tolist())), X)).all()
