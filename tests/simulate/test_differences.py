"""Finite differences: exact on polynomials, of the order they promise, with the edges they are told of."""

import numpy as np
import pytest

from discover.errors import SettingError
from discover.simulate.differences import derivative_matrix, grid_matrix, half_width, weights
from discover.simulate.grid import grid_of

UNEVEN = np.sort(np.random.default_rng(0).uniform(0.0, 3.0, 24))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_open_edges_are_exact_on_polynomials_everywhere(order: int) -> None:
    power = np.poly1d(np.random.default_rng(order).normal(size=2 * half_width(order) + 1))
    found = derivative_matrix(UNEVEN, order, "open") @ power(UNEVEN)
    np.testing.assert_allclose(found, power.deriv(order)(UNEVEN), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_periodic_edges_are_of_fourth_order(order: int) -> None:
    errors = []
    for n in (32, 64):
        x = np.linspace(0.0, 2 * np.pi, n, endpoint=False)
        found = derivative_matrix(x, order, "periodic") @ np.sin(x)
        errors.append(np.abs(found - np.sin(x + order * np.pi / 2)).max())
    assert errors[0] / errors[1] > 14
    assert errors[1] < 1e-4


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_the_mirror_makes_the_field_even_about_its_ends(order: int) -> None:
    x = np.linspace(0.0, np.pi, 65)
    found = derivative_matrix(x, order, "mirror") @ np.cos(x)
    np.testing.assert_allclose(found, np.cos(x + order * np.pi / 2), atol=2e-5)


def test_weights_of_one_node_and_of_the_value_itself() -> None:
    assert weights(np.array([2.0]), 2.0, 0).tolist() == [1.0]
    np.testing.assert_allclose(weights(np.array([0.0, 1.0, 3.0]), 1.0, 0), [0, 1, 0], atol=1e-15)


def test_too_few_points_are_told() -> None:
    with pytest.raises(SettingError, match="order 4 needs at least 8 points along its axis, and this one has 7"):
        derivative_matrix(np.arange(7.0), 4, "open")
    assert half_width(1) == half_width(2) == 2
    assert half_width(3) == half_width(4) == 3


def test_mixed_derivatives_on_a_plane() -> None:
    grid = grid_of(("x", "y"), [UNEVEN, np.linspace(0, 1, 11)])
    x, y = np.meshgrid(*grid.coordinates, indexing="ij")
    found = (grid_matrix(grid, (1, 2), ["open", "mirror"]) @ (x**2 * y**0).ravel()).reshape(grid.shape)
    np.testing.assert_allclose(found, 0, atol=1e-8)
    found = (grid_matrix(grid, (1, 1), ["open", "open"]) @ (x**2 * y**3).ravel()).reshape(grid.shape)
    np.testing.assert_allclose(found, 6 * x * y**2, atol=1e-8)
    found = (grid_matrix(grid, (1,), ["open", "open"]) @ (x**2 * y).ravel()).reshape(grid.shape)
    np.testing.assert_allclose(found, 2 * x * y, atol=1e-8)
