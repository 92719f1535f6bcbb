"""Fourier modes of laws: derivatives exact, linear and nonlinear parts told apart, products without aliases."""

import numpy as np
import pytest
from scipy import fft

from discover.expr import Expr, constant, derivative, variable
from discover.simulate import VectorField
from discover.simulate.grid import grid_of
from discover.simulate.spectral import modes_of, spectral

U, V = variable(0), variable(1)
N = 32
X = np.linspace(0.0, 2 * np.pi, N, endpoint=False)
T = np.array([0.0, 1.0])


def system(*exprs: Expr, inputs: tuple[np.ndarray, ...] = ()):
    states = ("u", "v")[: len(exprs)]
    field = VectorField(states, ("w",) * bool(inputs), exprs, space=("x",))
    return spectral(field, grid_of(("x",), [X]), T, inputs)


def rates(found, *values: np.ndarray) -> np.ndarray:
    """Return L û + N(û) as fields."""
    modes = found.to_modes(np.array(values))
    matrices = found.linear.matrices
    linear = matrices * modes if matrices.ndim == 2 else np.einsum("ijm,jm->im", matrices, modes)
    return found.to_fields(linear + found.nonlinear(0.0, modes))


@pytest.mark.parametrize("n", [16, 17])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_derivatives_are_exact_in_two_dimensions(n: int, order: int) -> None:
    x = np.linspace(0.0, 1.0, n, endpoint=False)
    y = np.linspace(3.0, 5.0, 12, endpoint=False)
    modes = modes_of(grid_of(("x", "y"), [x, y]))
    values = np.sin(2 * np.pi * 3 * x)[:, None] * np.cos(np.pi * y)
    wanted = (6 * np.pi) ** order * np.sin(6 * np.pi * x + order * np.pi / 2)[:, None] * np.cos(np.pi * y + np.pi / 2)
    found = fft.irfftn(fft.rfftn(values) * modes.factor((order, 1)), s=values.shape)
    np.testing.assert_allclose(found, np.pi * wanted, atol=1e-6 * np.abs(wanted).max())


def test_the_zigzag_has_no_odd_derivative() -> None:
    modes = modes_of(grid_of(("x",), [X]))
    zigzag = fft.rfft((-1.0) ** np.arange(N))
    assert np.abs(zigzag * modes.factor((1,))).max() == 0
    assert np.abs(zigzag * modes.factor((2,))).max() > 0


def test_linear_terms_are_taken_exactly_and_the_rest_is_computed() -> None:
    heat = system(0.5 * derivative(U, (0, 2)) - 3 * U)
    assert heat.parts == ()
    np.testing.assert_allclose(heat.linear.values[0, :3], [-3.0, -3.5, -5.0])
    mixed = system(derivative(U**2, (0, 1)) + derivative(V, (0, 1)), U * derivative(U, (0, 1)) + 2.0)
    assert mixed.parts == ((0, (1,)), (1, ()))
    u, v = np.sin(X), np.cos(2 * X)
    found = rates(mixed, u, v)
    np.testing.assert_allclose(found[0], 2 * np.sin(X) * np.cos(X) - 2 * np.sin(2 * X), atol=1e-12)
    np.testing.assert_allclose(found[1], np.sin(X) * np.cos(X) + 2.0, atol=1e-12)


def test_nested_derivatives_and_inputs() -> None:
    w = np.broadcast_to(np.cos(X), (2, N))
    found = rates(system(derivative(V * derivative(U, (0, 1)), (0, 1)), inputs=(w,)), np.sin(X))
    np.testing.assert_allclose(found[0], -np.sin(2 * X), atol=1e-12)
    constant_only = rates(system(constant(2.0)), np.sin(X))
    np.testing.assert_allclose(constant_only[0], 2.0)


def test_products_leave_no_alias() -> None:
    # Modes 10 and 9 of 32 points: their sum 19 would come back as mode 13; beyond two thirds it is dropped.
    found = rates(system(U * V, constant(0.0)), np.cos(10 * X), np.cos(9 * X))
    np.testing.assert_allclose(found[0], np.cos(X) / 2, atol=1e-12)
