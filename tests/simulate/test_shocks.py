"""Waves that break: shocks stay in one piece and in their place, smooth waves hardly feel the viscosity."""

import numpy as np
import pytest

from discover.expr import derivative, parse, variable
from discover.simulate import VectorField, simulate
from discover.simulate.shocks import by_slope, steepens

U, V = variable(0), variable(1)
RING = np.linspace(0.0, 2 * np.pi, 128, endpoint=False)


def D(expr, *orders: int):
    return derivative(expr, (0, *orders))


def over(*exprs, axes: tuple[str, ...] = ("x",)) -> VectorField:
    return VectorField(("u", "v")[: len(exprs)], (), exprs, space=axes)


BURGERS = over(-0.5 * D(U**2, 1))


@pytest.mark.parametrize(
    ("exprs", "wanted"),
    [
        ((-0.5 * D(U**2, 1),), True),
        ((-1.0 * U * D(U, 1),), True),
        ((-1.0 * D(U, 1),), False),  # travels without changing its shape
        ((D(U**2, 1) + 0.1 * D(U, 2),), False),
        ((D(U**2, 1) - D(U, 3),), False),
        ((U**2,), False),
        ((D(U * D(U, 1), 1),), False),  # nonlinear diffusion
        ((-1.0 * D(U * V, 1), -1.0 * V * D(V, 1) - D(U, 1)), True),
    ],
)
def test_which_laws_steepen(exprs, wanted: bool) -> None:
    assert steepens(over(*exprs)) == wanted


def test_slopes_by_the_chain_rule() -> None:
    assert by_slope(D(U**3, 1) * V, 0, 0) == parse("3*x0**2*x1", ["x0", "x1"])
    assert by_slope(D(U * V, 1), 1, 0) == U
    assert by_slope(D(U * V, 0, 1), 0, 0).value == 0.0  # along the other axis
    assert by_slope(D(U, 1) ** 2 + U**2, 0, 0) == 2 * D(U, 1)


@pytest.mark.parametrize("boundary", ["zero-gradient", "measured"])
def test_a_shock_travels_at_its_speed_and_does_not_ring(boundary: str) -> None:
    x, t = np.linspace(0.0, 10.0, 201), np.linspace(0.0, 6.0, 13)
    exact = np.where(x < 2.0 + t[:, None] / 2, 1.0, 0.0)
    found = simulate(BURGERS, exact[0], t, space=[x], boundary=boundary, measured={"u": exact})["u"].values
    assert found.max() < 1.02
    assert found.min() > -0.02
    middle = np.array([np.interp(-0.5, -line, x) for line in found])
    np.testing.assert_allclose(middle, 2.0 + t / 2, atol=0.1)


def test_a_fan_spreads() -> None:
    x, t = np.linspace(-5.0, 5.0, 201), np.linspace(0.0, 3.0, 7)
    found = simulate(BURGERS, np.where(x < 0, 0.0, 1.0), t, space=[x], boundary="zero-gradient")["u"].values
    np.testing.assert_allclose(found[-1], np.clip(x / 3.0, 0.0, 1.0), atol=0.06)


def test_smooth_waves_are_followed_until_they_break() -> None:
    t = np.linspace(0.0, 0.8, 9)  # sin x breaks at t = 1
    found = simulate(BURGERS, np.sin(RING), t, space=[RING], boundary="periodic")["u"].values
    exact = np.sin(RING)
    for _ in range(200):  # u = sin(x - u t), by fixed points
        exact = exact + 0.5 * (np.sin(RING - exact * 0.8) - exact)
    np.testing.assert_allclose(found[-1], exact, atol=5e-3)
    np.testing.assert_allclose(found.mean(axis=1), 0.0, atol=1e-10)


def test_shallow_water_waves_travel_at_the_root_of_depth() -> None:
    law = over(-1.0 * D(U * V, 1), -1.0 * V * D(V, 1) - D(U, 1))  # g = 1; depth u, flow v
    hump = 1.0 + 0.001 * np.exp(-20 * (RING - np.pi) ** 2)
    found = simulate(law, [hump, 0 * RING], [0.0, 1.5], space=[RING], boundary="periodic")["u"].values
    peak = RING[np.argmax(found[1] * (np.pi < RING))]
    assert peak == pytest.approx(np.pi + 1.5, abs=0.06)


def test_a_plane_and_an_uneven_grid() -> None:
    law = over(-0.5 * D(U**2, 1) - 0.5 * D(U**2, 0, 1), axes=("x", "y"))
    x, y = np.linspace(0.0, 4.0, 41), np.linspace(0.0, 2.0, 21) ** 1.2
    start = np.where(x[:, None] + 0 * y < 1.0, 1.0, 0.0)
    found = simulate(law, start, [0.0, 2.0], space=[x, y], boundary="zero-gradient")["u"].values
    assert found.min() > -0.02
    assert found.max() < 1.02
    assert np.interp(-0.5, -found[1, :, 10], x) == pytest.approx(2.0, abs=0.15)
