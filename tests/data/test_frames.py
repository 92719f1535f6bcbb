"""DataFrames and dicts: indices, nullable and categorical columns, and arrays that are no columns."""

import numpy as np
import pandas as pd
import pytest

import discover
from discover.errors import DataError

T = np.arange(6.0)
X = T**2


def test_units_in_the_names_of_a_frame() -> None:
    data = discover.load(pd.DataFrame({"t (s)": T, "x [m]": X}))
    assert (data["time"].units, data["x"].units) == ("s", "m")


@pytest.mark.parametrize(
    ("index", "time"),
    [
        (pd.Index(T, name="t"), "t"),
        (pd.Index(T / 10), "index"),
        (pd.Index(T.astype(int), name="year"), "year"),
        (pd.date_range("2020", periods=6), "time"),
        (pd.date_range("2020", periods=6, name="when"), "when"),
        (pd.period_range("2020-01", periods=6, freq="M"), "time"),
    ],
)
def test_an_index_that_says_something_is_the_time(index: pd.Index, time: str) -> None:
    data = discover.load(pd.DataFrame({"x": X}, index=index))
    assert data["time"].long_name == time
    assert list(data.data_vars) == ["x"]


@pytest.mark.parametrize("index", [None, [5, 3, 1, 0, 2, 4], list("abcdef")])
def test_an_index_that_only_names_rows_is_left_out(index) -> None:
    data = discover.load(pd.DataFrame({"t": T, "x": X}, index=index))
    assert list(data.data_vars) == ["x"]


def test_an_index_of_trajectories_and_times() -> None:
    index = pd.MultiIndex.from_product([["a", "b"], [0.0, 1.0, 2.0]], names=["run", "t"])
    data = discover.load(pd.DataFrame({"x": X}, index=index), group="run")
    assert data["trajectory"].values.tolist() == ["a"] * 3 + ["b"] * 3


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (pd.Categorical(list("aaabbb")), "ab"),
        ([1, 1, 1, 2, 2, 2], "12"),
        ([1.0, 1.0, 1.0, 2.0, 2.0, 2.0], "12"),
        (pd.array(list("aaabbb"), dtype="string"), "ab"),
    ],
)
def test_labels_of_trajectories_are_text(labels, expected: str) -> None:
    data = discover.load(pd.DataFrame({"t": [0, 1, 2, 0, 1, 2], "x": X, "run": labels}), group="run")
    assert "".join(dict.fromkeys(data["trajectory"].values.tolist())) == expected


def test_a_row_without_a_label() -> None:
    frame = pd.DataFrame({"t": [0, 1, 2, 0, 1, 2], "x": X, "run": ["a", "a", None, "b", "b", "b"]})
    with pytest.raises(DataError, match=r'row 2 \(counted from 0\): "run" is missing, so the row belongs to no traj'):
        discover.load(frame, group="run")


def test_labels_that_are_all_different() -> None:
    with pytest.raises(DataError, match='every row has its own "run", so no trajectory has two samples'):
        discover.load({"t": T, "x": X, "run": list("abcdef")}, group="run")


@pytest.mark.parametrize(
    "column",
    [
        pd.array([0, 1, None, 9, 16, 25], dtype="Int64"),
        pd.array([0, 1, None, 9, 16, 25], dtype="Float64"),
        np.ma.masked_equal(X, 4.0),
        ["0", "1", "n/a", "9", "16", "25"],
        [0, 1, None, 9, 16, 25],
        [0, 1, pd.NA, 9.0, 16, 25],
    ],
    ids=lambda column: type(column).__name__,
)
def test_missing_values_of_every_kind_are_nan(column) -> None:
    data = discover.load({"t": T, "x": column})
    np.testing.assert_array_equal(data["x"].values, [0, 1, np.nan, 9, 16, 25])


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ({"t": T, "x": X[:3]}, 'dict of arrays: there are columns of different lengths ("t" 6, "x" 3)'),
        (
            {"t": T, "x": np.ones((6, 2))},
            'dict of arrays: "x" is an array of shape (6, 2), and its axes do not have the lengths of coordinates',
        ),
        ({"t": T, "x": 3}, 'dict of arrays: "x" is a single value'),
        ({"t": T, "x": X + 1j}, 'column "x" holds complex numbers; give their real and imaginary parts as two columns'),
        ({"t": T, "x": [1, 2j, 3, 4, 5, 6]}, 'column "x" holds complex numbers'),
        ({"t": T, "x": [[1], [2], [3], [4], [5], [6, 7]]}, '"x" holds sequences of different lengths; give one number'),
        (pd.DataFrame({"t": T, "x": [[1], [2], [3], [4], [5], [6, 7]]}), '"x" holds sequences; give one number a row.'),
        ({}, "dict of arrays holds no rows of data"),
        (pd.DataFrame({"t": [], "x": []}), "DataFrame holds no rows of data"),
        (pd.DataFrame(np.ones((6, 2)), columns=["a", "a"]), 'two columns are called "a"; give each its own name.'),
        (pd.DataFrame({("a", "b"): X}), "its columns have 2 levels; give each column one name."),
        (
            pd.DataFrame({"t": X}, index=pd.Index(T, name="t")),
            'its index and a column are both called "t"; rename one.',
        ),
        (pd.DataFrame({"t": T, "x": list("abcdef")}), 'row 0 (counted from 0): column "x" holds "a", text'),
        (pd.DataFrame({"t": T, "x": ["1", "2", "b", "3", "4", "5"]}), 'row 2 (counted from 0): column "x" holds "b"'),
    ],
)
def test_what_is_no_table(source, sentence: str) -> None:
    with pytest.raises(DataError) as error:
        discover.load(source)
    assert sentence in str(error.value)


@pytest.mark.parametrize("labels", [np.array([b"a", b"b"] * 6), [b"a", b"b"] * 6, [b"a", "b"] * 6])
def test_bytes_are_text(labels: object) -> None:
    data = discover.load({"t": np.repeat(T, 2), "x": np.repeat(X, 2), "run": labels}, group="run")
    assert data["trajectory"].values.tolist() == ["a"] * 6 + ["b"] * 6
