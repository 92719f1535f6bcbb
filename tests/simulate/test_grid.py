"""Grids, and fields that look periodic on them or do not."""

import numpy as np
import pytest

from discover.errors import SettingError
from discover.simulate.grid import grid_of, looks_periodic

X = np.linspace(0.0, 2 * np.pi, 64, endpoint=False)


def test_spacing_and_period() -> None:
    grid = grid_of(("x", "y"), [X, np.sort(np.random.default_rng(0).uniform(size=9))])
    assert grid.shape == (64, 9)
    assert grid.n_points == 576
    assert grid.is_even(0)
    assert not grid.is_even(1)
    assert grid.period(0) == pytest.approx(2 * np.pi)


def test_coordinates_rounded_in_a_file_are_even() -> None:
    assert grid_of(("x",), [np.float32(X)]).is_even(0)


@pytest.mark.parametrize(
    ("space", "sentence"),
    [
        (None, "give the coordinates of each of these axes in `space`, got 0 for 1"),
        ([X, X], "got 2 for 1"),
        ([X[::-1]], "coordinates of x must be a list of at least four increasing numbers"),
        ([[0.0, 1.0, 2.0]], "at least four"),
        ([[0.0, 1.0, np.nan, 3.0]], "at least four"),
        ([np.zeros((2, 2))], r"got an array of shape \(2, 2\)"),
    ],
)
def test_what_is_no_grid_is_told(space, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        grid_of(("x",), space)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (np.sin(3 * X), True),
        (np.exp(-((X - 3) ** 2) * 4), True),
        (np.zeros(64), True),
        (np.full(64, 1e6), True),
        (np.exp(X), False),
        (np.tanh(X - 3), False),
        (np.linspace(0, 1, 64) ** 2, False),
        (np.sin(np.linspace(0, 2 * np.pi, 64)), False),  # the first point repeated at the end
    ],
)
def test_what_looks_periodic(values: np.ndarray, wanted: bool) -> None:
    assert looks_periodic(values, 0) == wanted
    many = values[:, None] + 1e-3 * np.random.default_rng(0).normal(size=(64, 200)) if wanted else values[:, None]
    assert looks_periodic(many, 0) == wanted
