"""The race against scipy and against plain least squares."""

from itertools import pairwise

import numpy as np
from scipy.optimize import least_squares

from discover.symbolic.skeletons import COLUMN, EXP, FREE_POWER, FUNCTION, SIN, tape
from discover.symbolic.starts import Starts
from discover_kernels.race import race

RNG = np.random.default_rng(8)
X = RNG.uniform(0.5, 4.0, (2, 200))
x, y = (COLUMN, 0, 2), (COLUMN, 1, 2)


def function(which, *terms):
    return (FUNCTION, which, terms)


def run(bodies, target, weights=None, starts=None, limit=np.inf, n_long=40):
    made = [tape(body) for body in bodies]
    first, first_c = (np.cumsum([0, *sizes]) for sizes in ([len(m.op) for m in made], [m.n_free for m in made]))
    draws = Starts(X[:, :64], (1,))
    numbers = np.concatenate([draws.of(m) for m in made], axis=1) if starts is None else starts
    c, sse = np.zeros(first_c[-1]), np.empty(len(made))
    race(
        np.concatenate([np.array(m.op, np.int32) for m in made]),
        np.concatenate([np.array(m.arg, np.int32) for m in made]),
        first,
        np.array([m.n_linear for m in made]),
        np.array([m.n_free for m in made]),
        first_c,
        np.ascontiguousarray(numbers),
        X,
        target,
        np.ones(200) if weights is None else weights,
        64,
        3,
        6,
        n_long,
        np.full(len(made), limit),
        c,
        sse,
    )  # fmt: skip
    return [c[a:b] for a, b in pairwise(first_c)], sse


def test_constants_inside_functions_are_found_from_draws():
    decay, wave = function(EXP, (x,)), function(SIN, (x,))
    cases = {
        ((decay, wave),): 2.3 * np.exp(-0.4 * X[0]) * np.sin(3.1 * X[0] + 0.7) + 0.9,
        ((function(EXP, (function(EXP, (x,)),)),),): 3.4 * np.exp(-2.6 * np.exp(-0.8 * X[0])) + 1.0,
        ((function(EXP, ((FREE_POWER, 0, 0),)),), (y,)): 4.4 * np.exp(-((X[0] / 2.1) ** 0.63)) + 0.7 * X[1],
    }
    for body, target in cases.items():
        _, sse = run([body], target)
        assert sse[0] < 1e-20 * np.sum(target**2)


def test_a_linear_skeleton_is_weighted_least_squares():
    target, weights = RNG.standard_normal(200), RNG.uniform(0.2, 3.0, 200)
    (c,), sse = run([((x,), (x, y))], target, weights)
    A = np.array([np.ones(200), X[0], X[0] * X[1]]).T * np.sqrt(weights)[:, None]
    expected, left, *_ = np.linalg.lstsq(A, target * np.sqrt(weights), rcond=None)
    np.testing.assert_allclose(c, expected, rtol=1e-7)
    np.testing.assert_allclose(sse[0], left[0], rtol=1e-9)


def test_the_minimum_under_noise_is_that_of_scipy():
    target = 3.0 * np.exp(-0.7 * X[0]) + 0.2 + 0.05 * RNG.standard_normal(200)
    (c,), sse = run([((function(EXP, (x,)),),)], target)
    other = least_squares(lambda p: p[0] + p[1] * np.exp(p[2] * X[0]) - target, [0.1, 2.0, -1.0], xtol=1e-14)
    np.testing.assert_allclose(c, other.x, rtol=1e-3)
    np.testing.assert_allclose(sse[0], 2 * other.cost, rtol=1e-6)


def test_a_hopeless_one_is_told_from_the_few_rows():
    target = RNG.standard_normal(200)
    (c,), sse = run([((x,),)], target, limit=0.0)
    expected = np.linalg.lstsq(np.array([np.ones(64), X[0, :64]]).T, target[:64], rcond=None)
    np.testing.assert_allclose(c, expected[0], rtol=1e-6)
    np.testing.assert_allclose(sse[0], expected[1][0] * 200 / 64, rtol=1e-6)


def test_what_is_not_finite_or_not_determined_is_infinitely_bad():
    body = ((function(EXP, (x,)),),)
    _, sse = run([body, ((x,), (x,))], X[0], starts=np.full((4, 6), 1e6))
    assert np.isinf(sse[0])


def test_a_batch_gives_each_what_it_gets_alone():
    target = np.sin(2.0 * X[0]) + X[1]
    bodies = [((function(SIN, (x,)),), (y,)), ((x,),), ((function(EXP, (x,)), y),)]
    made = [tape(body) for body in bodies]
    starts = RNG.standard_normal((6, sum(m.n_free for m in made)))
    together, sse = run(bodies, target, starts=starts.copy())
    begin = 0
    for i, m in enumerate(made):
        (alone,), one = run([bodies[i]], target, starts=starts[:, begin : begin + m.n_free].copy())
        begin += m.n_free
        assert one[0] == sse[i]
        assert alone.tolist() == together[i].tolist()
