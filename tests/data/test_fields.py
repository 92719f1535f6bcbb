"""Fields over space: their layout, whatever they come from."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import discover
from discover.data.fields import grids, is_field, space_names, variable_names
from discover.errors import DataError, UnitError

T = 0.1 * np.arange(7)
X = np.linspace(-1.0, 1.0, 6)
Y = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
U = np.sin(3.0 * T[:, None] - X)
W = np.cos(T[:, None, None] - X[:, None] * Y)


def field(**change: Any) -> xr.Dataset:
    """Return u(x, t), as files often have it, with units and with coordinates replaced by `change`."""
    coordinates = {"x": ("x", X, {"units": "m"}), "t": ("t", T, {"units": "s"})} | change
    return xr.Dataset({"u": (("x", "t"), U.T.copy(), {"units": "m s-1"})}, coordinates)


def wide() -> xr.Dataset:
    return xr.Dataset({"w": (("t", "x", "y"), W)}, {"t": T, "x": X, "y": Y})


# --- layout -----------------------------------------------------------------------------------------------------------


def test_a_field_over_one_dimension() -> None:
    data = discover.load(field(), time="t", space="x")
    assert data["u"].dims == ("time", "x")
    assert data["u"].dtype == data["time"].dtype == data["x"].dtype == np.float64
    np.testing.assert_array_equal(data["u"].values, U)
    assert data["u"].attrs == {"units": "m s-1", "role": "state"}
    assert data["time"].attrs == {"long_name": "t", "units": "s"}
    assert data["x"].attrs == {"long_name": "x", "units": "m"}
    assert (data.space, data.source, data.notes) == (["x"], "Dataset", [])
    assert data.fingerprint.startswith("sha256:")
    assert is_field(data)
    assert space_names(data) == ("x",)
    assert not is_field(discover.example("pelts"))


def test_what_was_taken_for_time_and_space_is_said() -> None:
    assert discover.load(field()).notes == [
        'The dimension "t" was taken as the time, because of its name.',
        'The dimension "x" was taken as space.',
    ]
    assert discover.load(wide(), time="t").notes == ['The dimensions "x" and "y" were taken as space.']


def test_space_keeps_the_order_of_the_file_whatever_order_it_is_named_in() -> None:
    data = discover.load(wide().transpose("y", "t", "x"), space=["x", "y"])
    assert data["w"].dims == ("time", "y", "x")
    assert data.space == ["y", "x"]
    np.testing.assert_array_equal(data["w"].values, W.transpose(0, 2, 1))


def test_grids_are_taken_as_arrays() -> None:
    source = wide().assign(v=lambda d: d["w"] ** 2)
    data = discover.load(source, inputs="w")
    assert variable_names(data) == ("v", "w")
    [(label, (time, x, y), values)] = grids(data)
    assert label == "1"
    np.testing.assert_array_equal(time, T)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)
    np.testing.assert_array_equal(values, [W**2, W])


@pytest.mark.parametrize("labels", [["a", "b"], [1.0, 2.0], None])
def test_recordings_on_one_grid(labels: list | None) -> None:
    both = xr.concat([field(), 2 * field()], "run").transpose("x", "run", "t")
    data = discover.load(both.assign_coords(run=labels) if labels else both, group="run")
    assert data["u"].dims == ("trajectory", "time", "x")
    assert data["trajectory"].values.tolist() == [str(int(one)) if one != str(one) else one for one in labels or [0, 1]]
    assert data["trajectory"].attrs == {"long_name": "run"}
    first, second = grids(data)
    assert second[0] == data["trajectory"].values[1]
    np.testing.assert_array_equal(first[2], [U])
    np.testing.assert_array_equal(second[2], [2 * U])


def test_a_shorter_recording_ends_earlier() -> None:
    both = xr.concat([field(), field()], "run").transpose("run", "t", "x").copy(deep=True)
    both["u"][1, 5:] = np.nan
    both["u"][1, 2] = np.nan
    _, (_, (time, _), values) = grids(discover.load(both, group="run"))
    assert time.tolist() == T[:5].tolist()
    assert np.isnan(values[0, 2]).all()


def test_an_axis_that_decreases_is_turned_round() -> None:
    data = discover.load(field().isel(x=slice(None, None, -1), t=slice(None, None, -1)), time="t", space="x")
    np.testing.assert_array_equal(data["u"].values, U)
    assert data["x"].values.tolist() == X.tolist()
    assert data.notes == [
        '"t" decreases, so the field was turned round along it.',
        '"x" decreases, so the field was turned round along it.',
    ]


def test_complex_fields_become_two() -> None:
    psi = field().rename(u="psi") * (1 + 2j)
    psi["psi"].attrs["units"] = "m"
    data = discover.load(psi, columns="psi")
    np.testing.assert_array_equal(data["psi_re"].values, U)
    np.testing.assert_array_equal(data["psi_im"].values, 2 * U)
    assert data["psi_im"].attrs == {"units": "m", "role": "state"}
    assert 'The complex "psi" became two variables, psi_re and psi_im.' in data.notes
    plain = discover.load(field() + 0j)
    assert list(plain.data_vars) == ["u"]
    assert 'The imaginary part of "u" is zero everywhere and was left out.' in plain.notes


def test_missing_patches_stay_missing_and_are_counted() -> None:
    data = discover.load(field().where(lambda d: (d.x < 0.5) | (d.t > 0.35)))
    assert int(np.isnan(data["u"].values).sum()) == 8
    assert data.notes[2:] == ['8 of 42 values of "u" are missing.']


def test_a_number_that_may_mean_missing_is_said() -> None:
    source = field()
    source["u"][0, :2] = -999.0
    data = discover.load(source)
    assert data.notes[2:] == ['"u" is -999 at 2 points; if that means a missing value, put NaN there.']
    assert discover.load(data).identical(data)


def test_known_fields_may_have_fewer_dimensions() -> None:
    source = field().assign(c=("x", X**2), f=("t", T**3), mass=2.0, ramp=("x", X))
    data = discover.load(source, inputs=["c", "f"])
    assert [name for name in data.data_vars if data[name].role == "input"] == ["c", "f"]
    np.testing.assert_array_equal(data["c"].values, np.tile(X**2, (7, 1)))
    np.testing.assert_array_equal(data["f"].values, np.tile(T**3, (6, 1)).T)
    assert 'The input "c" is the same all along t.' in data.notes
    assert '"mass" does not extend over t and x and was left out.' in data.notes
    assert '"ramp" does not extend over t and x and was left out.' in data.notes


def test_one_point_along_a_dimension_is_left_out() -> None:
    data = discover.load(field().expand_dims(level=[850.0]))
    assert data["u"].dims == ("time", "x")
    assert data.notes[0] == 'The dimension "level" has one point and was left out.'
    line = discover.load(xr.Dataset({"u": (("t", "level"), U[:, :1])}, {"t": T, "level": [850.0]}))
    assert line["u"].dims == ("time",)


def test_edges_of_cells_are_no_variables() -> None:
    source = field().assign(x_edges=(("x", "side"), np.stack([X - 0.1, X + 0.1], axis=1)))
    source["x"].attrs["bounds"] = "x_edges"
    assert list(discover.load(source).data_vars) == ["u"]


def test_dates_and_units_of_axes() -> None:
    dates = np.array("2020-01-01", dtype="datetime64[ns]") + np.arange(7) * np.timedelta64(30, "m")
    data = discover.load(field(t=dates), units={"t": "h", "x": "km"})
    assert data["time"].values.tolist() == (0.5 * np.arange(7)).tolist()
    assert (data["time"].units, data["x"].units) == ("h", "km")
    assert 'The dates in "t" were converted to h since 2020-01-01.' in data.notes
    with pytest.raises(UnitError, match='cannot be measured in "m"'):
        discover.load(field(t=dates), units={"t": "m"})


def test_units_in_brackets_are_taken_off_every_name() -> None:
    source = {"t [s]": T, "x [m]": X, "u [m/s]": U}
    data = discover.load(source, time="t", space="x")
    assert data["u"].attrs == {"units": "m/s", "role": "state"}
    assert (data["x"].units, data["time"].units) == ("m", "s")
    assert data.fingerprint == discover.load(field()).fingerprint


def test_axes_in_single_precision_are_as_even_as_they_were_meant() -> None:
    x = np.linspace(0, 1, 6).astype(np.float32)
    steps = np.diff(discover.load(field(x=x))["x"].values)
    assert np.ptp(steps) < 1e-15
    uneven = np.array([0, 0.1, 0.3, 0.6, 0.65, 1.0], dtype=np.float32)
    assert discover.load(field(x=uneven))["x"].values.tolist() == uneven.astype(float).tolist()


def test_another_coordinate_of_an_axis() -> None:
    source = xr.Dataset(
        {"u": (("i", "j"), U)}, {"clock": ("i", T), "place": ("j", X), "i": np.arange(7), "name": ("j", list("abcdef"))}
    )
    data = discover.load(source, time="clock", space="place")
    assert data["time"].values.tolist() == T.tolist()
    assert data["place"].values.tolist() == X.tolist()
    assert list(data.coords) == ["time", "place"]


def test_an_axis_without_a_coordinate_is_counted_when_it_is_named() -> None:
    data = discover.load(field().drop_vars("x"), space="x")
    assert data["x"].values.tolist() == [0, 1, 2, 3, 4, 5]
    assert 'The dimension "x" has no coordinate: its points were counted, so one step is the unit of "x".' in data.notes


def test_attributes_may_say_which_axis_is_the_time() -> None:
    source = field().rename(t="tau")
    source["tau"].attrs["axis"] = "T"
    assert discover.load(source)["time"].long_name == "tau"


def test_a_dimension_called_time_and_numbers_as_names() -> None:
    data = discover.load(field().rename(t="time"))
    assert (data["u"].dims, data["time"].long_name) == (("time", "x"), "time")
    assert discover.load(field().assign_coords(time=("t", T**2 + T)), time="time")["time"].values[1] == T[1] ** 2 + T[1]
    assert list(discover.load(xr.Dataset({0: (("t", "x"), U)}, {"t": T, "x": X})).data_vars) == ["0"]


def test_whole_numbers_truth_values_and_huge_ones() -> None:
    whole = field().assign(u=(10 * field()["u"]).round().astype(int))
    np.testing.assert_array_equal(discover.load(whole)["u"].values, np.round(10 * U))
    data = discover.load(field().assign(u=field()["u"] > 0))
    np.testing.assert_array_equal(data["u"].values, U > 0)
    assert 'True and False in "u" were read as 1 and 0.' in data.notes
    np.testing.assert_array_equal(discover.load(1.7e308 * field())["u"].values, 1.7e308 * U)


def test_stacked_points_are_spread_over_their_grid() -> None:
    assert discover.load(field().stack(point=("x", "t")), space="x").fingerprint == discover.load(field()).fingerprint
    with pytest.raises(DataError, match="no column is called time and none increases"):
        discover.load(field().stack(point=("x", "t")))


# --- sources ----------------------------------------------------------------------------------------------------------


def table() -> pd.DataFrame:
    return field().to_dataframe().reset_index()


def test_the_same_field_has_the_same_fingerprint_whatever_it_comes_from(tmp_path: Path) -> None:
    field().to_netcdf(tmp_path / "u.nc", engine="h5netcdf")
    field().to_netcdf(tmp_path / "v.nc", engine="scipy")
    table().to_csv(tmp_path / "u.csv", index=False)
    sources = [
        field(),
        field()["u"],
        field().isel(x=slice(None, None, -1)),
        {"t": T, "x": X, "u": U},
        {"x": X, "u": U.T, "t": T},
        {"x": X, "u": (("t", "x"), U), "t": T},
        {"t": T[:, None], "x": X[None], "u": U},
        tmp_path / "u.nc",
        tmp_path / "v.nc",
    ]
    prints = {discover.load(source).fingerprint for source in sources}
    prints |= {discover.load(source, space="x").fingerprint for source in (table(), tmp_path / "u.csv", table()[::-1])}
    assert len(prints) == 1
    assert prints == {discover.load(wide().rename(w="u").isel(y=0, drop=True).assign(u=field()["u"])).fingerprint}


@settings(max_examples=15)
@given(st.permutations(["run", "t", "x", "y"]), st.sets(st.sampled_from(["t", "x", "y"])), st.randoms())
def test_no_order_of_axes_or_rows_changes_a_field(order: list[str], falling: set[str], random: Any) -> None:
    both = xr.concat([wide(), -wide()], "run").assign_coords(run=["a", "b"])
    expected = discover.load(both, group="run")
    turned = both.transpose(*order).isel({dim: slice(None, None, -1) for dim in falling})
    rows = turned.to_dataframe().reset_index()
    rows = rows.iloc[random.sample(range(len(rows)), len(rows))].sort_values("run", kind="stable")
    lines = {name: turned[name].values for name in ("run", "t", "x", "y")}
    for source, space in ((turned, None), (rows, ["x", "y"]), (lines | {"w": turned["w"].values}, None)):
        data = discover.load(source, group="run", space=space)
        assert data.fingerprint == expected.fingerprint
        np.testing.assert_array_equal(data["w"].transpose(*expected["w"].dims).values, expected["w"].values)


def test_the_fingerprint_sees_every_change() -> None:
    changed = [field(), field(x=X + 1), field(t=2 * T), field().rename(u="v"), -field(), field().where(field().x < 0.9)]
    changed += [field().rename(x="z"), wide(), wide().assign_coords(y=2 * Y)]
    changed += [xr.concat([field(), -field()], "run"), xr.concat([field(), -field()], "run").assign_coords(run=[3, 4])]
    prints = {discover.load(one, group="run" if "run" in one.dims else None).fingerprint for one in changed}
    assert len(prints) == len(changed)
    assert discover.load(wide()).fingerprint == discover.load(wide().transpose("y", "x", "t")).fingerprint


@pytest.mark.parametrize("group", [False, True])
def test_loading_again_changes_nothing(group: bool, tmp_path: Path) -> None:
    source = field().assign(f=field()["u"] ** 2 + field()["t"]).where(field().x < 0.9).isel(x=slice(None, None, -1))
    source = xr.concat([source, 2 * source], "run").assign_coords(run=["a", "b"]) if group else source
    data = discover.load(source, inputs="f", group="run" if group else None)
    assert discover.load(data).identical(data)
    data.to_netcdf(tmp_path / "d.nc", engine="h5netcdf")
    again = discover.load(tmp_path / "d.nc")
    assert again.fingerprint == data.fingerprint
    assert list(again.notes) == data.notes
    assert (again.space, again["f"].role, again["time"].attrs) == (["x"], "input", data["time"].attrs)
    assert discover.load(data, columns=["f"])["f"].role == "state"
    assert discover.load(data, units={"t": "h"})["time"].units == "h"


def test_a_part_of_a_loaded_field_can_be_loaded() -> None:
    data = discover.load(wide())
    part = discover.load(data.isel(time=slice(0, 6), x=slice(0, 5)))
    assert part["w"].shape == (6, 5, 5)
    assert part.fingerprint != data.fingerprint
    line = discover.load(data.isel(x=0, drop=True))
    assert (line["w"].dims, line.space) == (("time", "y"), ["y"])
    point = discover.load(data.isel(x=0, y=1, drop=True))
    assert point["w"].dims == ("time",)
    assert point["time"].long_name == "t"
    both = discover.load(xr.concat([wide(), -wide()], "run"), group="run", time="t")
    points = discover.load(both.isel(x=0, y=1, drop=True))
    assert points["w"].dims == ("sample",)
    assert points["trajectory"].values.tolist() == ["0"] * 7 + ["1"] * 7


def test_a_loaded_field_that_was_changed_can_be_loaded() -> None:
    data = discover.load(field(), time="t")
    plain = discover.load(data.drop_attrs())
    assert (plain.space, plain.fingerprint) == (["x"], data.fingerprint)
    assert discover.load(data.rename(x="z")).space == ["z"]
    assert discover.load(data.rename(time="t"))["time"].long_name == "t"
    assert discover.load(data.assign(v=data["u"] ** 2))["v"].role == "state"
    both = discover.load(xr.concat([field(), -field()], "run"), group="run")
    assert discover.load(both.isel(trajectory=0)).fingerprint == data.fingerprint


def test_a_table_is_a_field_only_when_asked() -> None:
    with pytest.raises(DataError, match=r'apart with group="x", and if it is a field over space, .* as in space="x"'):
        discover.load(table()[["t", "x", "u"]].sort_values(["x", "t"]))
    assert discover.load(field(), columns="u").sizes == {"time": 7, "x": 6}


def test_variables_along_time_beside_fields_can_be_chosen() -> None:
    source = field().assign(mean=("t", U.mean(axis=1)))
    assert discover.load(source, columns="mean")["mean"].dims == ("time",)


def test_an_array_without_a_name() -> None:
    data = discover.load(xr.DataArray(U, {"t": T, "x": X}))
    assert list(data.data_vars) == ["u"]
    assert data.notes[0] == 'The DataArray has no name and is called "u".'
