"""xarray Datasets: along time, along time and trajectories, and what extends over space."""

import numpy as np
import pytest
import xarray as xr

import discover
from discover.errors import DataError

T = np.arange(6.0)
X = T**2


@pytest.fixture
def dataset() -> xr.Dataset:
    return xr.Dataset({"x": ("t", X, {"units": "m"}), "u": ("t", T % 2)}, {"t": ("t", T, {"units": "s"})})


def test_a_dataset_along_time(dataset: xr.Dataset) -> None:
    data = discover.load(dataset, inputs="u")
    assert data["x"].dims == ("time",)
    assert data["time"].attrs == {"long_name": "t", "units": "s"}
    assert (data["x"].attrs, data["u"].attrs) == ({"units": "m", "role": "state"}, {"role": "input"})
    assert data.notes == []


def test_another_coordinate_as_the_time(dataset: xr.Dataset) -> None:
    data = discover.load(dataset.assign_coords(clock=("t", 2 * T)), time="clock")
    assert data["time"].values.tolist() == (2 * T).tolist()
    assert list(data.data_vars) == ["x", "u"]


def test_a_variable_as_the_time() -> None:
    data = discover.load(xr.Dataset({"clock": ("i", T), "x": ("i", X)}), time="clock")
    assert list(data.data_vars) == ["x"]


def test_dates_along_time() -> None:
    times = np.array("2020-01-01", dtype="datetime64[ns]") + np.arange(6) * np.timedelta64(1, "h")
    data = discover.load(xr.Dataset({"x": ("time", X)}, {"time": times}), units={"time": "h"})
    assert data["time"].values.tolist() == T.tolist()


@pytest.mark.parametrize("dims", [("run", "t"), ("t", "run")])
@pytest.mark.parametrize("labels", [["a", "b"], None])
def test_a_dimension_of_trajectories(dims: tuple[str, str], labels: list[str] | None) -> None:
    values = np.stack([X, -X])
    coordinates = {"t": T} | ({"run": labels} if labels else {})
    field = xr.Dataset({"x": (("run", "t"), values)}, coordinates).transpose(*dims)
    data = discover.load(field, group="run")
    assert data["x"].values.tolist() == [*X, *-X]
    assert data["trajectory"].values.tolist() == [label for label in labels or ["0", "1"] for _ in T]
    assert data["time"].values.tolist() == [*T, *T]


def test_single_values_are_left_out_and_said(dataset: xr.Dataset) -> None:
    data = discover.load(dataset.assign(mass=2.0))
    assert list(data.data_vars) == ["x", "u"]
    assert data.notes == ['"mass" is a single value and was left out.']


def test_choosing_columns_leaves_fields_alone(dataset: xr.Dataset) -> None:
    dataset["u_field"] = (("t", "s"), np.ones((6, 2)))
    assert list(discover.load(dataset, columns="x", inputs="u").data_vars) == ["x", "u"]


@pytest.mark.parametrize(
    ("change", "options", "sentence"),
    [
        ({"w": (("t", "s"), np.ones((6, 2)))}, {}, 'the dimension "s" of "w" has no coordinate, and derivatives need'),
        ({"w": ("s", np.ones(2))}, {}, "its variables lie along different dimensions (t, s); choose those along one"),
        ({}, {"columns": "xx"}, 'Dataset has no variable "xx". Did you mean "x"?'),
        ({}, {"time": "zz"}, 'Dataset has no variable "zz". Known: x, u, t.'),
        ({"z": ("t", X + 1j)}, {}, 'column "z" holds complex numbers'),
        ({"z": ("t", np.full(6, np.nan))}, {}, 'Dataset: column "z" has no value in any row'),
        ({"z": ("t", list("abcdef"))}, {}, 'Dataset, row 0 (counted from 0): column "z" holds "a", text'),
    ],
)
def test_bad_datasets(dataset: xr.Dataset, change: dict, options: dict, sentence: str) -> None:
    with pytest.raises(DataError) as error:
        discover.load(dataset.assign(change), **options)
    assert sentence in str(error.value)


def test_nothing_along_time() -> None:
    with pytest.raises(DataError, match="Dataset has no variable along time; it holds no variables at all"):
        discover.load(xr.Dataset())
    with pytest.raises(DataError, match="none increases from row to row; name the time with time="):
        discover.load(xr.Dataset({"x": ("t", X[::-1])}))


# --- the layout that load returns, made by hand -----------------------------------------------------------------------

TWICE, RUNS = np.tile(T, 2), np.repeat(["a", "b"], 6)


@pytest.fixture
def samples() -> xr.Dataset:
    """Return two trajectories one after the other, without the marks that `load` leaves."""
    coordinates = {"time": ("sample", TWICE, {"units": "s"}), "trajectory": ("sample", RUNS)}
    return xr.Dataset({"x": ("sample", np.r_[X, -X]), "u": ("sample", TWICE % 2)}, coordinates)


def test_samples_with_time_and_trajectory_need_no_options(samples: xr.Dataset) -> None:
    data = discover.load(samples)
    assert data["x"].dims == ("sample",)
    assert data["time"].values.tolist() == TWICE.tolist()
    assert data["time"].units == "s"
    assert data["trajectory"].values.tolist() == RUNS.tolist()
    assert data.notes == []
    assert discover.load(samples, time="time", group="trajectory").identical(data)
    assert discover.load(samples.assign_coords(sample=range(12))).identical(data)
    assert list(discover.load(samples, columns="x", inputs="u").data_vars) == ["x", "u"]


def test_samples_of_one_trajectory(samples: xr.Dataset) -> None:
    first = samples.drop_vars("trajectory").isel(sample=slice(0, 6))
    assert discover.load(first)["x"].dims == ("time",)
    assert discover.load(samples.assign_coords(run=samples["trajectory"]), group="run").trajectory.long_name == "run"


def test_stacked_dimensions_are_samples(samples: xr.Dataset) -> None:
    coordinates = {"time": T, "trajectory": ["a", "b"]}
    square = xr.Dataset({"x": (("trajectory", "time"), np.stack([X, -X]))}, coordinates)
    data = discover.load(square.stack(sample=("trajectory", "time")))
    assert data.fingerprint == discover.load(samples, columns="x").fingerprint
    assert discover.load(square.sel(trajectory="a"))["x"].dims == ("time",)


def test_another_time_than_the_coordinate_called_time(samples: xr.Dataset) -> None:
    data = discover.load(samples.assign_coords(clock=("sample", 2 * TWICE)), time="clock")
    assert data["time"].values.tolist() == (2 * TWICE).tolist()
    assert list(data.data_vars) == ["x", "u"]
