"""NetCDF: both versions, damage, and what load wrote itself."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import discover
from discover.errors import DataError

T = np.arange(6.0)


@pytest.fixture
def dataset() -> xr.Dataset:
    times = np.array("2020-01-01", dtype="datetime64[ns]") + np.arange(6) * np.timedelta64(1, "h")
    return xr.Dataset({"x": ("time", T**2, {"units": "m s-1"})}, {"time": times})


@pytest.mark.parametrize("engine", ["h5netcdf", "scipy"])
def test_both_versions(dataset: xr.Dataset, tmp_path: Path, engine: str) -> None:
    path = tmp_path / "d.nc"
    dataset.to_netcdf(path, engine=engine)
    data = discover.load(path)
    assert data["time"].values.tolist() == (3600 * T).tolist()
    assert data["x"].units == "m s-1"
    assert data.attrs["source"] == "d.nc"
    path.unlink()  # the file is closed, on Windows too


@pytest.mark.parametrize(("unit", "calendar"), [("days", "noleap"), ("days", "360_day"), ("months", "standard")])
def test_times_that_are_no_dates_stay_numbers(tmp_path: Path, unit: str, calendar: str) -> None:
    path = tmp_path / "d.nc"
    attributes = {"units": f"{unit} since 2000-01-01", "calendar": calendar}
    xr.Dataset({"x": ("time", T**2)}, {"time": ("time", T, attributes)}).to_netcdf(path, engine="h5netcdf")
    data = discover.load(path)
    assert data["time"].values.tolist() == T.tolist()
    assert data["time"].units == unit
    assert data.notes == [f'"time" stays in {unit} since 2000-01-01 ({calendar} calendar), which are no dates.']


@pytest.mark.parametrize("unit", ["days", "s"])
def test_a_number_with_a_unit_of_time_stays_a_number(tmp_path: Path, unit: str) -> None:
    path = tmp_path / "d.nc"
    dataset = xr.Dataset({"x": ("t", T**2, {"units": unit})}, {"t": ("t", T, {"units": unit})})
    dataset.to_netcdf(path, engine="h5netcdf")
    data = discover.load(path)
    assert data["time"].values.tolist() == T.tolist()
    assert data["time"].units == data["x"].units == unit


def test_what_load_returned_survives_the_file(tmp_path: Path) -> None:
    source = {"t [s]": [0, 1, 2, 0, 1], "x [m]": [1, np.nan, 3, 2, 1], "u": [1, 0, 0, 1, 1], "run": list("aaabb")}
    data = discover.load(source, group="run", inputs="u")
    data.to_netcdf(tmp_path / "d.nc", engine="h5netcdf")
    assert discover.load(tmp_path / "d.nc").identical(data)


@pytest.mark.parametrize("engine", ["h5netcdf", "scipy"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
def test_a_file_cut_short(dataset: xr.Dataset, tmp_path: Path, engine: str, share: float) -> None:
    path = tmp_path / "d.nc"
    dataset.to_netcdf(path, engine=engine)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match=r"d\.nc is damaged or cut short and cannot be read as NetCDF \(.*\); copy"):
        discover.load(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "d.nc is empty; export it again."),
        (b"t,x\n0,1\n", "d.nc is not NetCDF whatever its name says; if it is a table"),
    ],
)
def test_what_is_no_netcdf(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "d.nc"
    path.write_bytes(content)
    with pytest.raises(DataError) as error:
        discover.load(path)
    assert sentence in str(error.value)
