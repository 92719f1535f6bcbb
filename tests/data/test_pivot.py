"""Long tables of a field: one row for each point of a grid, in any order, and rows that form none."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import discover
from discover.errors import DataError, SettingError

T = 0.1 * np.arange(7)
X = np.linspace(-1.0, 1.0, 6)
U = np.sin(3.0 * T[:, None] - X)


def table(x: np.ndarray = X, t: np.ndarray = T) -> pd.DataFrame:
    times, places = (axis.ravel() for axis in np.meshgrid(t, x, indexing="ij"))
    return pd.DataFrame({"t": times, "x": places, "u": np.sin(3.0 * times - places)})


def runs(**change: pd.DataFrame) -> pd.DataFrame:
    tables = {"a": table(), "b": table()} | change
    return pd.concat([one.assign(run=name) for name, one in tables.items()], ignore_index=True)


def test_rows_in_any_order() -> None:
    data = discover.load(table().sample(frac=1.0, random_state=0), space="x")
    assert data["u"].dims == ("time", "x")
    np.testing.assert_array_equal(data["u"].values, U)
    assert data["x"].values.tolist() == X.tolist()
    assert data.notes == ['The column "t" was taken as the time, because of its name.']
    assert data.source == "DataFrame"


def test_a_file_with_units_dates_and_inputs(tmp_path: Path) -> None:
    frame = table().assign(f=lambda d: d.t**2)
    frame["t"] = np.array("2020-01-01", dtype="datetime64[s]") + (36000 * frame["t"]).round().astype(
        int
    ).to_numpy().astype("timedelta64[s]")
    frame.set_axis(["when", "x [km]", "u [m/s]", "f [N]"], axis=1).to_csv(tmp_path / "u.csv", index=False)
    data = discover.load(tmp_path / "u.csv", time="when", space="x", inputs="f", units={"when": "h"})
    np.testing.assert_allclose(data["time"].values, 10 * T)
    assert (data["time"].attrs, data["x"].units) == ({"long_name": "when", "units": "h"}, "km")
    assert data["u"].attrs == {"units": "m/s", "role": "state"}
    assert data["f"].attrs == {"units": "N", "role": "input"}
    assert data.source == "u.csv"


def test_space_in_the_order_of_the_columns() -> None:
    frame = pd.concat([table().assign(y=float(y), u=lambda d, y=y: d.u * (y + 1)) for y in range(5)])
    data = discover.load(frame[["t", "y", "x", "u"]], space=["x", "y"])
    assert data["u"].dims == ("time", "y", "x")
    np.testing.assert_array_equal(data["u"].values[:, 2], 3 * U)


def test_points_without_a_row_are_missing_and_counted() -> None:
    data = discover.load(table().drop(index=[3, 8, 9]), space="x")
    assert np.flatnonzero(np.isnan(data["u"].values)).tolist() == [3, 8, 9]
    assert data.notes[1:] == [
        "3 of 42 points of the grid have no row and are missing.",
        '3 of 42 values of "u" are missing.',
    ]


def test_places_that_rounding_makes_different_are_one() -> None:
    frame = table(x=0.1 * np.arange(6))
    frame.loc[frame.index[::2], "x"] += 5e-17
    assert discover.load(frame, space="x").sizes == {"time": 7, "x": 6}


def test_recordings_of_unequal_length() -> None:
    data = discover.load(runs(b=table(t=T[:5])), space="x", group="run")
    assert data["u"].dims == ("trajectory", "time", "x")
    assert data["trajectory"].values.tolist() == ["a", "b"]
    assert np.isnan(data["u"].values[1, 5:]).all()
    assert data.notes[1:2] == ["12 of 84 points of the grid have no row and are missing."]


def test_complex_columns_become_two() -> None:
    data = discover.load(table().assign(psi=lambda d: d.u * (1 + 2j)), columns="psi", space="x")
    np.testing.assert_array_equal(data["psi_im"].values, 2 * U)


@pytest.mark.parametrize(
    ("frame", "options", "sentence"),
    [
        (table(), {"space": "z"}, 'DataFrame has no column "z" for space=. Known: t, x, u.'),
        (
            pd.concat([table(), table()[4:5]], ignore_index=True),
            {"space": "x"},
            "row 42 (counted from 0): the point t = 0, x = 0.6 stands there again, as in row 4 (counted from 0);",
        ),
        (
            runs(),
            {"space": "x", "columns": "u"},
            "name all coordinates with space=, and tell recordings apart with gro",
        ),
        (
            table().replace({"x": {X[1]: np.nan}}),
            {"space": "x"},
            'row 1 (counted from 0): the coordinate "x" is missin',
        ),
        (
            table().replace({"x": {X[1]: np.inf}}),
            {"space": "x"},
            'the coordinate "x" is infinite; complete it or delet',
        ),
        (table().assign(x="left"), {"space": "x"}, 'row 0 (counted from 0): column "x" holds "left", text'),
        (table().assign(x=0.0)[::6], {"space": "x"}, 'the coordinate "x" has 1 point; at least 5 are needed along eve'),
        (table(x=X[:4]), {"space": "x"}, 'the coordinate "x" has 4 points; at least 5 are needed'),
        (
            table().assign(x=np.random.default_rng(0).normal(size=42)),
            {"space": "x"},
            "DataFrame: its 42 rows form no grid: they are at scattered points (different values: t 7, x 42), and a",
        ),
        (
            runs(b=table(t=T[:6] + 0.05)),
            {"space": "x", "group": "run"},
            'the recording "a" is not on the grid of the oth',
        ),
        (
            runs(b=table(x=X + 1.6)),
            {"space": "x", "group": "run"},
            '"a" is not on the grid of the others along "x"; load',
        ),
        (table().assign(u=1.0), {"space": "x"}, 'the state "u" is the same at all times and places'),
        (table().rename(columns={"t": "s"}), {"space": "x"}, "no column is called time and none increases from row to"),
        (table()[["t", "x"]], {"space": "x"}, "no column is left for a state beside time, space, group and inputs"),
        (table()[:0], {"space": "x"}, "DataFrame holds no rows of data"),
    ],
)
def test_rows_that_form_no_grid(frame: pd.DataFrame, options: dict, sentence: str) -> None:
    with pytest.raises(DataError) as error:
        discover.load(frame, **options)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"space": "t", "time": "t"}, '"t" is given by time= and by space=; a column has one role.'),
        ({"space": ["x", "x"]}, 'space= names "x" twice; name each column once.'),
        ({"space": 3}, "space= must be names of columns, not 3."),
        ({"space": ["x"], "columns": ["x"]}, '"x" is given by space= and by columns=; a column has one role.'),
    ],
)
def test_bad_options(options: dict, sentence: str) -> None:
    with pytest.raises(SettingError) as error:
        discover.load(table(), **options)
    assert sentence in str(error.value)
