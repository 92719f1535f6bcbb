from math import perm

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import Polynomial

from discover.data.stencils import Strong, Weak, quadrature_weights
from discover.errors import SettingError
from tests.problems import jittered
from tests.reference import stencil_matrix


def by_parts(stencil, x, time, order=1):
    """Return the rows of the derivative of x, on the test function and on x itself."""
    phi = stencil_matrix(stencil.start, stencil.shape, stencil.weights[0], len(time))
    moved = stencil_matrix(stencil.start, stencil.shape, stencil.weights[order], len(time))
    return moved @ x(time), phi @ x.deriv(order)(time)


class Sine:
    """sin(ωt) with the interface of numpy's Polynomial."""

    def __init__(self, omega, phase=0.3):
        self.omega, self.phase = omega, phase

    def __call__(self, t):
        return np.sin(self.omega * t + self.phase)

    def deriv(self, order=1):
        slope = Sine(self.omega, self.phase + order * np.pi / 2)
        return lambda t: self.omega**order * slope(t)


def assert_exact(stencil, time, degree):
    """Every row balances for every power of time, counted from its own centre, up to a degree, at every order."""
    windows = stencil.start[:, None] + np.arange(stencil.width)
    lag = time[windows] - stencil.time[:, None]
    phi, *moved = stencil.weights[:, stencil.shape]
    for order, line in enumerate(moved, start=1):
        for p in range(degree + 1):
            left, right = line * lag**p, phi * perm(p, order) * lag ** max(p - order, 0)
            size = np.abs([left, right]).sum(axis=(0, 2))
            assert np.all(np.abs(left.sum(axis=1) - right.sum(axis=1)) <= 1e-9 * size)


@given(st.integers(2, 15), st.integers(4, 8), st.integers(0, 60), st.floats(1e-3, 1e3), st.integers(1, 3))
def test_rows_of_the_weak_form_integrate_polynomials_by_parts_exactly(half_width, order, n_more, step, derivatives):
    time = step * np.arange(2.0 * half_width + 1 + n_more)
    stencil = Weak(order=order).stencil(time, half_width, derivatives)
    assert len(stencil.weights) == derivatives + 1
    assert stencil.n_rows == 1 + n_more // max(1, half_width // 4)
    assert_exact(stencil, time, min(5, half_width - 1))


@given(st.integers(0, 1000), st.integers(2, 15), st.floats(1e-3, 1e3), st.integers(1, 2))
def test_so_do_those_of_uneven_samples(seed, half_width, step, derivatives):
    time = jittered(8 * half_width, seed, step)
    stencil = Weak().stencil(time, half_width, derivatives)
    assert stencil.n_rows > 3
    assert_exact(stencil, time, min(5, half_width - 1))


@pytest.mark.parametrize("seed", range(5))
def test_samples_in_bursts_give_finite_rows_that_know_constants(seed):
    time = np.cumsum(np.random.default_rng(seed).exponential(1.0, 300))
    stencil = Weak().stencil(time, 8)
    assert stencil.n_rows > 50
    assert np.isfinite(stencil.weights).all()
    assert_exact(stencil, time, 1)


def worst(form, time, half_width, x, order=1):
    left, right = by_parts(form.stencil(time, half_width, order), x, time, order)
    return np.abs(left - right).max() / np.abs(right).max()


def test_even_samples_are_spectrally_accurate():
    """Twice the samples gain far more than a power law would, down to rounding."""
    errors = [worst(Weak(), np.linspace(0, 10, 4 * h + 1), h, Sine(1.3)) for h in (4, 8, 16, 32)]
    assert errors[0] < 1e-3
    assert errors[1] < errors[0] / 500
    assert errors[2] < errors[1] / 200
    assert errors[3] < 1e-11


def test_second_derivatives_are_nearly_as_good():
    errors = [worst(Weak(), np.linspace(0, 10, 4 * h + 1), h, Sine(1.3), order=2) for h in (4, 8, 16, 32)]
    assert errors[0] < 5e-2
    assert errors[1] < errors[0] / 100
    assert errors[3] < 1e-9


def test_uneven_samples_lose_little():
    assert worst(Weak(), jittered(400, step=0.05), 12, Sine(1.3)) < 1e-5
    assert worst(Weak(), jittered(400, step=0.05), 24, Sine(1.3)) < 1e-6


def test_samples_that_are_missing_are_not_invented():
    """A third of the samples left out at random: rows keep their duration and lose little."""
    rng = np.random.default_rng(0)
    time = np.arange(600.0)[rng.random(600) > 0.33]
    stencil = Weak().stencil(time, 10)
    assert_exact(stencil, time, 5)
    assert worst(Weak(), time, 20, Sine(2 * np.pi / 40)) < 1e-3
    assert stencil.start.max() + stencil.width <= len(time)


def test_the_test_function_is_that_of_the_paper():
    time = np.arange(0.0, 21.0)
    stencil = Weak(order=5).stencil(time, 10)
    u = np.arange(-10, 11) / 10
    assert np.allclose(stencil.weights[0, 0], (1 - u**2) ** 5)
    assert np.allclose(stencil.weights[1, 0], 10 * u * (1 - u**2) ** 4 / 10, atol=1e-4)
    assert stencil.time.tolist() == [10.0]


@given(st.booleans(), st.integers(2, 12), st.integers(0, 500), st.sampled_from([Weak(), Strong()]))
def test_windows_move_forward_and_stay_inside(even, half_width, seed, form):
    time = np.arange(70.0) if even else jittered(70, seed)
    stencil = form.stencil(time, half_width)
    assert stencil.n_rows > 0
    assert np.all(np.diff(stencil.start) >= 0)
    assert stencil.start[0] >= 0
    assert stencil.start[-1] + stencil.width <= 70
    assert stencil.shape.max() < stencil.weights.shape[1]
    last = stencil.start + stencil.width - 1
    assert np.all((time[stencil.start] <= stencil.time) & (stencil.time <= time[last]))
    assert stencil.weights.flags.c_contiguous


@pytest.mark.parametrize("n_samples", [5, 20])
def test_too_few_samples_make_no_row(n_samples):
    for form in (Weak(), Strong()):
        assert form.stencil(np.arange(float(n_samples)), 10).n_rows == 0
    assert Weak().stencil(jittered(n_samples), 10).n_rows == 0


@given(st.integers(2, 30), st.integers(0, 1000))
def test_quadrature_is_exact_for_quintics(n, seed):
    time = jittered(n, seed)
    x = Polynomial(np.random.default_rng(seed).standard_normal(min(6, n)), domain=time[[0, -1]])
    exact = x.integ()(time[-1]) - x.integ()(time[0])
    assert quadrature_weights(time) @ x(time) == pytest.approx(exact, rel=1e-8, abs=1e-8 * np.ptp(time))


@pytest.mark.parametrize("time", [np.arange(40.0) * 0.2, jittered(40, step=0.2)])
@pytest.mark.parametrize("degree", [1, 2, 4])
def test_rows_of_the_strong_form_are_values_and_slopes_of_the_polynomial(time, degree):
    form = Strong(degree=degree)
    stencil = form.stencil(time, 4)
    x = Polynomial(np.arange(1.0, degree + 2), domain=time[[0, -1]])
    phi, moved = (stencil_matrix(stencil.start, stencil.shape, line, 40) for line in stencil.weights)
    assert np.allclose(phi @ x(time), x(stencil.time), rtol=1e-8)
    assert np.allclose(moved @ x(time), x.deriv()(stencil.time), rtol=1e-6)


def test_widths_given_are_kept_and_those_of_the_spectrum_suit_the_form():
    assert Weak(half_width=7).width(20) == Strong(half_width=7).width(20) == 7
    assert Weak().width(20) == 20
    assert Strong().width(20) == 5
    assert Strong().width(4) == 3


@pytest.mark.parametrize("bad", [0, -3, 1.5, "5"])
def test_a_half_width_is_a_whole_number_of_samples(bad):
    for form in (Weak, Strong):
        with pytest.raises(SettingError, match=rf"half_width must be a whole number of samples.*got {bad!r}"):
            form(half_width=bad)


def test_other_bad_settings():
    with pytest.raises(SettingError, match="2 or more, got 1"):
        Weak(half_width=1)
    with pytest.raises(SettingError, match="order"):
        Weak(order=1)
    with pytest.raises(SettingError, match="degree"):
        Strong(degree=0)
