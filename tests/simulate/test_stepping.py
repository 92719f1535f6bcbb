"""Steps of controlled error: tolerance kept, long intervals halved, every run ended."""

import time as clock

import numpy as np
import pytest

from discover.expr import Expr, derivative, variable
from discover.simulate import VectorField
from discover.simulate.grid import grid_of
from discover.simulate.spectral import spectral
from discover.simulate.stepping import march

U = variable(0)
X = np.linspace(-10.0, 10.0, 128, endpoint=False)
KDV = -6 * U * derivative(U, (0, 1)) - derivative(U, (0, 3))


def run(expr: Expr, start: np.ndarray, t: np.ndarray, rtol: float = 1e-6, max_steps: int = 20_000):
    system = spectral(VectorField(("u",), (), (expr,), space=("x",)), grid_of(("x",), [X]), t, ())
    fields, why = march(system, start[None], t, rtol, max_steps)
    return fields[0], why


def soliton(t: np.ndarray, c: float = 3.0) -> np.ndarray:
    """Return the soliton of KdV at speed c, once around the ring of length 20."""
    phase = (X - c * np.asarray(t)[..., None] + 10) % 20 - 10
    return c / 2 / np.cosh(np.sqrt(c) / 2 * phase) ** 2


@pytest.mark.parametrize(("rtol", "most"), [(1e-4, 1e-2), (1e-6, 2e-4), (1e-8, 5e-6)])
def test_the_error_of_a_soliton_follows_the_tolerance(rtol: float, most: float) -> None:
    t = np.linspace(0.0, 4.0, 17)
    found, why = run(KDV, soliton(np.array(0.0)), t, rtol)
    assert why is None
    assert np.abs(found - soliton(t)).max() < most * 1.5


@pytest.mark.parametrize("t", [[0.0, 4.0], [0.0, 0.001, 0.5, 3.3, 4.0]])
def test_times_may_be_any(t: list) -> None:
    found, why = run(KDV, soliton(np.array(0.0)), np.array(t))
    assert why is None
    assert np.abs(found[-1] - soliton(np.array(4.0))).max() < 5e-4


def test_one_time_is_the_start() -> None:
    found, why = run(KDV, np.sin(X), np.array([2.0]))
    assert why is None
    assert (found == np.sin(X)).all()


@pytest.mark.parametrize(
    "expr",
    [-derivative(U, (0, 2)), U**3, derivative(U, (0, 4)) + U**2, -1 / (U + 0.1), derivative(U**2, (0, 3)) * 50],
)
def test_whatever_the_law_it_comes_to_an_end(expr: Expr) -> None:
    started = clock.perf_counter()
    found, why = run(expr, 1 + np.cos(np.pi * X / 5), np.linspace(0.0, 50.0, 11), max_steps=2000)
    assert clock.perf_counter() - started < 20
    assert why is not None
    assert why.endswith("it is NaN from there on")
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[-1]).all()


def test_too_few_steps_are_told() -> None:
    _, why = run(KDV, soliton(np.array(0.0)), np.array([0.0, 4.0]), max_steps=30)
    assert why == "needed more steps than allowed after 0; it is NaN from there on"
