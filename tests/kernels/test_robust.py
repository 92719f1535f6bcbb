import math

import numpy as np
import pytest

from discover.expr import parse
from discover.inference.forms import Form, tapes
from discover_kernels.robust import HUBER, QUANTILE, fit_robust, huber

RNG = np.random.default_rng(3)
X = RNG.uniform(-1.0, 1.0, (1, 120))
Y = 2.0 * X[0] - 0.5 + 0.1 * RNG.standard_normal(120)
Y[::8] += RNG.uniform(2.0, 30.0, 15)
LINE = Form(parse("a*x + b", ["x", "a", "b"]), 1, (1.0, 1.0))


# The slow twins.


def huber_scale(r, k):
    """Solve mean min(|r|/s, k)² = that of a normal law for s by bisection."""
    z = np.random.default_rng(0).standard_normal(4_000_000)
    normal = np.mean(np.minimum(np.abs(z), k) ** 2)
    low, high = 1e-9, 10.0 * np.abs(r).max()
    for _ in range(200):
        s = 0.5 * (low + high)
        low, high = (s, high) if np.mean(np.minimum(np.abs(r) / s, k) ** 2) > normal else (low, s)
    return s


def line_of_least_loss(rho, x, y):
    """Return slope and offset of the line with the least Σ ρ(y - a x - b), by scanning ever finer grids."""
    a, b, width = 0.0, 0.0, 10.0
    for _ in range(60):
        grid = np.linspace(-1.0, 1.0, 9) * width
        A, B = np.meshgrid(a + grid, b + grid)
        total = rho(y - A[..., None] * x - B[..., None]).sum(axis=-1)
        best = np.unravel_index(np.argmin(total), total.shape)
        a, b, width = A[best], B[best], 0.7 * width
    return a, b


def fit(kind, parameter, forms=(LINE,), weights=None, fixed=False, n_rounds=200, y=Y):
    batch, lost = tapes(forms), np.empty(len(forms))
    w = np.ones(len(y)) if weights is None else weights
    fit_robust(
        batch.op, batch.arg, batch.first, batch.n_free, batch.c, batch.first_c, X, y, w, w, kind, parameter, fixed,
        n_rounds, 20, lost,
    )  # fmt: skip
    return batch.c, lost


@pytest.mark.parametrize("tau", [0.5, 0.2, 0.8])
def test_a_quantile_is_the_line_of_least_absolute_loss(tau):
    found, lost = fit(QUANTILE, tau)
    a, b = line_of_least_loss(lambda r: np.where(r >= 0, tau * r, (tau - 1.0) * r), X[0], Y)
    assert found[:2] == pytest.approx([a, b], abs=2e-3)
    rest = Y - found[0] * X[0] - found[1]
    assert lost[0] == pytest.approx(len(Y) * (2.0 * np.mean(np.where(rest >= 0, tau * rest, (tau - 1) * rest))) ** 2)


def test_huber_with_its_scale_is_what_wild_rows_do_not_bend():
    found, lost = fit(HUBER, 1.345)
    s = math.sqrt(lost[0] / len(Y))
    a, b = line_of_least_loss(
        lambda r: np.where(np.abs(r) <= 1.345 * s, 0.5 * r**2, 1.345 * s * np.abs(r) - 0.5 * (1.345 * s) ** 2), X[0], Y
    )
    assert found[:2] == pytest.approx([a, b], abs=1e-3)
    assert found[:2] == pytest.approx([2.0, -0.5], abs=0.06)
    assert 0.1 < s < 0.2


def test_the_scale_is_that_of_the_second_proposal():
    r = np.random.default_rng(1).standard_t(2.0, 500)
    used = np.empty(500)
    for k in (0.8, 1.345, 2.5):
        found = math.sqrt(huber(r, np.ones(500), k, False, used) / 500)
        assert found == pytest.approx(huber_scale(r, k), rel=2e-3)


def test_a_known_scale_is_taken_as_it_is():
    r, used = np.array([0.5, -3.0]), np.empty(2)
    assert huber(r, np.ones(2), 1.0, True, used) == pytest.approx(2 * (0.125 + 3.0 - 0.5))
    assert used.tolist() == pytest.approx([1.0, 1.0 / 3.0])


def test_weights_of_zero_take_rows_out():
    weights = np.where(np.arange(120) % 8 == 0, 0.0, 1.0)
    found, _ = fit(QUANTILE, 0.5, weights=weights)
    assert found[:2] == pytest.approx([2.0, -0.5], abs=0.06)


def test_without_rounds_constants_stay_and_the_loss_is_told():
    found, lost = fit(HUBER, 1.345, n_rounds=0)
    assert found[:2].tolist() == [1.0, 1.0]
    assert math.isfinite(lost[0])


def test_what_is_not_finite_is_infinitely_bad():
    bad = Form(parse("log(x) + a", ["x", "a"]), 1, (1.0,))
    _, lost = fit(QUANTILE, 0.5, forms=(bad, LINE))
    assert math.isinf(lost[0])
    assert math.isfinite(lost[1])
