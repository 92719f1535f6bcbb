"""load: paths, options and roles, and that it changes nothing the second time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import discover
from discover.errors import DataError, SettingError

TABLE = "t [s],x [m],u,run\n0,1,0,b\n1,2,1,b\n0,4,0,a\n1,5,1,a\n2,3,1,a\n2,4,0,b\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "pendulum.csv"
    path.write_text(TABLE)
    return path


def test_several_trajectories_of_unequal_length(path: Path) -> None:
    path.write_text(TABLE + "3,6,1,b\n")
    data = discover.load(path, group="run", inputs=["u"])
    assert data["x"].dims == ("sample",)
    assert data["trajectory"].values.tolist() == ["b"] * 4 + ["a"] * 3
    assert data["time"].values.tolist() == [0, 1, 2, 3, 0, 1, 2]
    assert data["x"].values.tolist() == [1, 2, 4, 6, 4, 5, 3]
    assert (data["x"].role, data["u"].role) == ("state", "input")
    assert data["x"].attrs["units"] == "m"
    assert "units" not in data["u"].attrs
    assert data["time"].attrs == {"long_name": "t", "units": "s"}
    assert data["trajectory"].attrs == {"long_name": "run"}
    assert data.attrs["source"] == "pendulum.csv"


def test_one_trajectory() -> None:
    data = discover.load({"year": np.arange(5), "hare": [1, 2, 3, 2, 1], "lynx": [3, 2, 1, 2, 3]})
    assert data["hare"].dims == ("time",)
    assert data["hare"].dtype == data["time"].dtype == np.float64
    assert data["time"].attrs == {"long_name": "year"}
    assert "trajectory" not in data.coords


@pytest.mark.parametrize(
    ("options", "states", "inputs"),
    [
        ({}, ["x", "y"], []),
        ({"inputs": "y"}, ["x"], ["y"]),
        ({"columns": "y"}, ["y"], []),
        ({"columns": ["y"], "inputs": ["x"]}, ["y"], ["x"]),
        ({"columns": ["y [m]", "x"]}, ["y", "x"], []),
    ],
)
def test_roles(options: dict, states: list[str], inputs: list[str]) -> None:
    data = discover.load({"t": np.arange(5), "x": [1, 2, 3, 2, 1], "y [m]": [3, 2, 1, 2, 3]}, **options)
    assert [name for name in data.data_vars if data[name].role == "state"] == states
    assert [name for name in data.data_vars if data[name].role == "input"] == inputs


def test_columns_leaves_text_out() -> None:
    source = {"t": np.arange(5), "x": [1, 2, 3, 2, 1], "note": list("abcde")}
    assert list(discover.load(source, columns="x").data_vars) == ["x"]
    with pytest.raises(
        DataError, match=r'column "note" holds "a", text; .* pass group="note", or leave it out with col'
    ):
        discover.load(source)


@pytest.mark.parametrize("options", [{}, {"group": "run"}, {"group": "run", "inputs": "u"}])
def test_loading_again_changes_nothing(path: Path, options: dict) -> None:
    path.write_text(TABLE.replace("0,1,0,b", "0,,0,b") if options else "t,x\n0,1\n1,\n2,4\n3,-999\n4,1\n")
    data = discover.load(path, **options)
    again = discover.load(data)
    assert again.identical(data)
    assert discover.load(again).identical(data)


def test_a_loaded_dataset_can_be_chosen_from(path: Path) -> None:
    data = discover.load(path, group="run", inputs="u")
    assert data.sizes["sample"] == 6
    assert discover.load(data, columns="u")["u"].role == "state"
    assert list(discover.load(data, columns="x").data_vars) == ["x", "u"]
    assert discover.load(data, units={"x": "km", "t": "ms"})["time"].units == "ms"
    assert discover.load(data.isel(sample=slice(0, 5))).attrs["fingerprint"] != data.attrs["fingerprint"]
    assert discover.load(data, time="t", group="run").identical(data)


def test_counts_of_missing_values_are_not_carried_on() -> None:
    data = discover.load({"t": np.arange(7), "x": [1, np.nan, 3, 2, 1, 0, 1]})
    assert discover.load(data.isel(time=slice(0, 6))).notes[1:] == ['1 of 6 values of "x" are missing.']


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("pendulm.csv", r'there is no file pendulm\.csv in .*; check the name\. Did you mean "pendulum\.csv"\?'),
        ("elsewhere/pendulum.csv", r"there is no file .*pendulum\.csv, nor a folder .*elsewhere; check the path\."),
        (".", r"is a folder; name a file in it, such as pendulum\.csv\."),
    ],
)
def test_missing_files(path: Path, name: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        discover.load(path.parent / name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("d.xlsx", 'd.xlsx: files ending in ".xlsx" are not read; save the sheet as CSV.'),
        ("d.json", "read it with pandas and pass the DataFrame."),
        ("d.npy", 'an array has no names of columns, so name them with numpy.savez("d.npz", t=X[:, 0], x=X[:, 1]).'),
        ("d.pkl", "unpickling may run code, so save it as Parquet or CSV."),
        ("d.foo", "if it is one of these, rename it (.csv, "),
        ("d", "d: files without an extension are not read"),
    ],
)
def test_unknown_extensions(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / name).write_text(TABLE)
    with pytest.raises(DataError) as error:
        discover.load(str(tmp_path / name))
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("options", "kind", "sentence"),
    [
        ({"time": "tt"}, DataError, 'd.csv has no column "tt" for time=. Did you mean "t"?'),
        ({"group": "rum"}, DataError, 'd.csv has no column "rum" for group=. Did you mean "run"?'),
        ({"inputs": ["force"]}, DataError, 'd.csv has no column "force" for inputs=. Known: t, x, u, run.'),
        ({"columns": ["force"]}, DataError, 'no column "force" for columns=.'),
        ({"units": {"force": "N"}}, DataError, 'no column "force" for units=.'),
        ({"columns": ["x", "x"]}, SettingError, 'columns= names "x" twice; name each column once.'),
        (
            {"columns": "x", "inputs": "x"},
            SettingError,
            '"x" is given by inputs= and by columns=; a column has one role.',
        ),
        ({"columns": ["t"], "time": "t"}, SettingError, '"t" is given by time= and by columns='),
        ({"time": "t", "group": "t"}, SettingError, '"t" is given by time= and by group='),
        ({"time": 3}, SettingError, "time= must be the name of a column, not 3."),
        ({"columns": 3}, SettingError, "columns= must be names of columns, not 3."),
        ({"inputs": [3]}, SettingError, "inputs= must be names of columns, not [3]."),
        ({"columns": []}, DataError, "no column is left for a state"),
        ({"group": "run", "inputs": ["x", "u"]}, DataError, "no column is left for a state"),
    ],
)
def test_bad_options(tmp_path: Path, options: dict, kind: type[Exception], sentence: str) -> None:
    (tmp_path / "d.csv").write_text("t,x,u,run\n0,1,0,1\n1,2,1,1\n2,4,0,1\n3,5,1,2\n4,4,1,2\n")
    with pytest.raises(kind) as error:
        discover.load(tmp_path / "d.csv", **options)
    assert sentence in str(error.value)


@pytest.mark.parametrize("source", [[1, 2], np.ones((3, 3)), None, 3.0])
def test_other_sources(source: object) -> None:
    with pytest.raises(
        SettingError, match=r"load takes a path, a DataFrame, an xarray\.Dataset or a dict of arrays, not"
    ):
        discover.load(source)  # type: ignore[arg-type]


def test_a_path_as_text_and_a_frame_say_the_same(path: Path) -> None:
    from_file = discover.load(str(path), group="run")
    from_frame = discover.load(pd.read_csv(path), group="run")
    assert from_file.attrs["fingerprint"] == from_frame.attrs["fingerprint"]
    assert from_frame.attrs["source"] == "DataFrame"
