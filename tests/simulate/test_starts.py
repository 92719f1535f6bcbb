"""Initial states in every shape that they come in."""

import numpy as np
import pytest
import xarray as xr

from discover.errors import SettingError
from discover.simulate import movie_of, start_of
from tests.export.laws import korteweg, second_order, spirals

KDV, SPIRALS, DAMPED = korteweg()[0], spirals()[0], second_order()[0]
MOVIE = xr.Dataset(
    {"u": (("east", "time", "north"), np.arange(24.0).reshape(3, 2, 4)), "price & <b>": 1.0},
    coords={"east": [1.0, 2.0, 3.0], "north": [0.0, 1.0, 2.0, 3.0], "time": [0.0, 1.0]},
)


def test_arrays_pass_as_they_are() -> None:
    x0 = np.ones(3)
    assert start_of(KDV, x0) == (x0, None)


def test_numbers_by_name_with_velocities_or_without() -> None:
    assert start_of(DAMPED, {"x": 1.0}) == ([1.0], None)
    assert start_of(DAMPED, {"x'": 2.0, "x": 1.0}) == ([1.0, 2.0], None)


def test_a_movie_starts_from_its_first_frame() -> None:
    data = MOVIE.assign({"price & <b>": xr.zeros_like(MOVIE["u"])})
    values, space = start_of(SPIRALS, data)
    assert values.shape == (2, 3, 4)
    np.testing.assert_array_equal(values[0], MOVIE["u"].isel(time=0).transpose("east", "north"))
    assert space is not None
    assert [along.tolist() for along in space] == [[1, 2, 3], [0, 1, 2, 3]]
    measured = movie_of(SPIRALS, data)
    assert measured is not None
    assert np.shape(measured["u"]) == (2, 3, 4)


def test_a_dataset_without_space_gives_numbers() -> None:
    values, space = start_of(DAMPED, xr.Dataset({"x": ("time", [3.0, 4.0])}, coords={"time": [0.0, 1.0]}))
    assert values.tolist() == [3.0]
    assert space is None


@pytest.mark.parametrize(
    ("law", "x0", "sentence"),
    [
        (DAMPED, {"y": 1.0}, '"x" is missing, which the law needs'),
        (DAMPED, {"x": 1.0, "x''": 1.0}, 'no state "x\'\'". Did you mean "x\'"'),
        (SPIRALS, MOVIE, '"price & <b>" must be over east, north to start from, not over nothing'),
        (SPIRALS, MOVIE.drop_vars("north"), 'no coordinate "north"'),
        (DAMPED, MOVIE.rename({"u": "x"}), '"x" must be over time alone to start from, not over east, north'),
    ],
)
def test_what_does_not_fit_is_told(law, x0, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        start_of(law, x0)
