"""Known fields: any shape that broadcasts, coordinates by their names, values between the samples."""

import numpy as np
import pytest

from discover.errors import SettingError
from discover.expr import variable
from discover.simulate import VectorField
from discover.simulate.grid import grid_of
from discover.simulate.known import between, known_fields

FIELD = VectorField(("u",), ("w", "x", "time"), (variable(0),), space=("x", "y"))
GRID = grid_of(("x", "y"), [np.arange(5.0), np.arange(4.0) * 10])
T = np.arange(3.0)


def test_coordinates_stand_for_themselves() -> None:
    w, x, time = known_fields(FIELD, {"w": 2.0}, T, GRID)
    assert w.shape == x.shape == time.shape == (3, 5, 4)
    assert w.min() == w.max() == 2.0
    assert (x[1, :, 2] == GRID.coordinates[0]).all()
    assert (time[:, 3, 1] == T).all()


@pytest.mark.parametrize("shape", [(), (5, 4), (1, 5, 1), (3, 1, 1), (3, 5, 4)])
def test_what_broadcasts_is_taken(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=shape)
    (w, _, _) = known_fields(FIELD, {"w": values}, T, GRID)
    assert (w == np.broadcast_to(values, (3, 5, 4))).all()


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        (None, 'driven by "w"; give its values over time and space'),
        ({"w": 1.0, "ww": 2.0}, 'no input "ww".*Did you mean "w"'),
        (
            {"w": np.zeros((5, 3))},
            r"must have the shape \(3, 5, 4\) \(time, then space\) or broadcast to it, got \(5, 3\)",
        ),
        ({"w": [[np.inf]]}, "values that are not finite"),
    ],
)
def test_what_does_not_fit_is_told(inputs, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        known_fields(FIELD, inputs, T, GRID)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9])
def test_between_the_samples_polynomials_are_exact(n: int) -> None:
    t = np.sort(np.random.default_rng(n).uniform(0, 2, n))
    power = np.poly1d(np.random.default_rng(n).normal(size=min(n, 4)))
    at = between(t, [power(t)[:, None] * np.ones(2)])
    for time in np.linspace(t[0], t[-1], 7):
        np.testing.assert_allclose(at(time)[0], power(time), atol=1e-9)
