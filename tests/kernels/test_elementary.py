"""The polynomials against 60 digits, over the whole range for which they are promised."""

import mpmath
import numba
import numpy as np
import pytest

from discover_kernels import elementary

RANDOM = np.random.default_rng(0)
N = 2000
NEAR = np.concatenate([RANDOM.uniform(-3, 3, N), RANDOM.normal(size=200) * 1e-6, RANDOM.normal(size=50) * 1e-200])
WAVES = np.concatenate([NEAR, RANDOM.uniform(-1e5, 1e5, N), np.arange(1, 60_000, 29) * np.pi / 2])
RANGES = {
    "exp": np.concatenate([NEAR, RANDOM.uniform(-708.0, 709.78, N), [-708.0]]),
    "expm1": np.abs(np.concatenate([NEAR, RANDOM.uniform(0, 700, N)])),
    "log": np.concatenate([np.abs(NEAR), 10.0 ** RANDOM.uniform(-307, 308, N), 1 + NEAR[N:] * 1e-3, [5e-324, 1e-310]]),
    "sin": WAVES,
    "cos": WAVES,
    "tanh": np.concatenate([NEAR, RANDOM.uniform(-30, 30, N)]),
}


def over(name, x):
    """Return a function of `elementary` at every x, in a compiled loop."""
    scalar = getattr(elementary, name)

    @numba.njit(error_model="numpy")
    def loop(x, out):
        for i in range(len(x)):
            out[i] = scalar(x[i])

    out = np.empty_like(x)
    loop(x, out)
    return out


@pytest.mark.parametrize("name", sorted(RANGES))
def test_relative_error_is_below_1e_15(name):
    x = RANGES[name]
    x = x[(x != 0.0) & (x != 1.0)]
    found = over(name, x)
    with mpmath.workdps(60):
        exact = getattr(mpmath, name)
        errors = [abs(mpmath.mpf(y) / exact(mpmath.mpf(value)) - 1) for value, y in zip(x, found, strict=True)]
        assert max(errors) < 1e-15


def test_edges_are_those_of_ieee():
    inf, nan = np.inf, np.nan
    edges = np.array([0.0, inf, -inf, nan, -1.0, 1e300, -1e300])
    np.testing.assert_array_equal(over("exp", edges)[[0, 1, 2, 3, 5, 6]], [1, inf, 0, nan, inf, 0])
    np.testing.assert_array_equal(over("log", edges)[[0, 1, 2, 3, 4]], [-inf, inf, nan, nan, nan])
    np.testing.assert_array_equal(over("tanh", edges)[[0, 1, 2, 3, 5, 6]], [0, 1, -1, nan, 1, -1])
    assert over("exp", np.array([709.782712893384]))[0] == pytest.approx(np.finfo(float).max, rel=1e-12)
    assert over("log", np.array([1.0]))[0] == 0.0


def test_powers_are_good_to_3e_15():
    a = np.concatenate(
        [10.0 ** RANDOM.uniform(-300, 300, N), RANDOM.uniform(0.01, 100, N), RANDOM.uniform(0.7, 1.4, N)]
    )
    b = np.concatenate([RANDOM.uniform(-1, 1, N), RANDOM.uniform(-100, 100, N), RANDOM.uniform(-1500, 1500, N)])
    b[::7] = np.round(b[::7])
    b[1::7] = np.round(2 * b[1::7]) / 2

    @numba.njit(error_model="numpy")
    def loop(a, b, out):
        for i in range(len(a)):
            out[i] = elementary.power(a[i], b[i])

    found = np.empty_like(a)
    loop(a, b, found)
    with mpmath.workdps(60):
        errors = [
            abs(mpmath.mpf(y) / mpmath.mpf(base) ** mpmath.mpf(exponent) - 1)
            for base, exponent, y in zip(a, b, found, strict=True)
        ]
    assert max(errors) < 3e-15
