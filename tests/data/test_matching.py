"""Dicts of arrays: lengths say which axis is which, and where they do not, the dimensions must be named."""

import numpy as np
import pytest

import discover
from discover.errors import DataError

T = 0.1 * np.arange(7)
X = np.linspace(-1.0, 1.0, 6)
Y = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
U = np.sin(3.0 * T[:, None] - X)
SQUARE = np.sin(np.add.outer(T, T**2))


def test_axes_in_any_order() -> None:
    W = np.cos(T[:, None, None] - X[:, None] * Y)
    data = discover.load({"t": T, "x": X, "y": Y, "w": W.transpose(2, 0, 1)})
    assert data["w"].dims == ("time", "y", "x")
    np.testing.assert_array_equal(data["w"].values, W.transpose(0, 2, 1))


def test_columns_and_rows_of_matlab_and_single_values() -> None:
    data = discover.load({"t": T[:, None], "x": X[None, :], "u": U.T.tolist(), "nu": 0.1, "n": [[3]]})
    np.testing.assert_array_equal(data["u"].values, U)
    assert data.notes[:2] == ['"nu" is a single value and was left out.', '"n" is a single value and was left out.']


def test_masked_values_are_missing() -> None:
    data = discover.load({"t": T, "x": X, "u": np.ma.masked_greater(U, 0.9)})
    assert np.isnan(data["u"].values).sum() == (U > 0.9).sum() > 0


def test_recordings() -> None:
    data = discover.load({"run": ["a", "b"], "t": T, "x": X, "u": np.stack([U, -U])}, group="run")
    assert data["trajectory"].values.tolist() == ["a", "b"]
    np.testing.assert_array_equal(data["u"].values[1], -U)


def test_inputs_along_one_axis() -> None:
    data = discover.load({"t": T, "x": X, "u": U, "f": T**2, "c": X**2}, inputs=["f", "c"])
    np.testing.assert_array_equal(data["f"].values[:, 3], T**2)
    np.testing.assert_array_equal(data["c"].values[3], X**2)


def test_coordinates_that_no_field_has_are_left_out() -> None:
    data = discover.load({"t": T, "x": X, "u": U, "probes": [1.0, 2.0, 3.0]})
    assert data.notes[0] == '"probes" is no coordinate of a field and was left out.'


def test_naming_the_axes_settles_equal_lengths() -> None:
    source = {"t": T, "x": X, "x0": X + 1, "u": U}
    with pytest.raises(DataError, match=r'the axes of "u", shape \(7, 6\), may be \(t, x\) or \(t, x0\), because'):
        discover.load(source)
    assert discover.load(source, time="t", space="x").space == ["x"]
    with pytest.raises(DataError, match=r'say which it is, as in "u": \(\("t", "s"\), array\)\.'):
        discover.load({"t": T, "s": T**2, "u": SQUARE})
    np.testing.assert_array_equal(discover.load({"t": T, "s": T**2, "u": (("s", "t"), SQUARE)})["u"].values, SQUARE.T)
    with pytest.raises(DataError, match=r'say which it is, as in "f": \("t", array\)\.'):
        discover.load({"t": T, "s": T**2, "u": (("s", "t"), SQUARE), "f": T}, inputs="f")
    known = {"t": T, "s": T**2, "u": (("s", "t"), SQUARE), "f": ("t", T + 1)}
    assert discover.load(known, inputs="f")["f"].values[:, 0].tolist() == (T + 1).tolist()


@pytest.mark.parametrize(
    ("source", "options", "sentence"),
    [
        (
            {"t": T, "u": U},
            {},
            '"u" is an array of shape (7, 6), and its axes do not have the lengths of coordinates (t 7',
        ),
        ({"t": T, "x": X[:5], "u": U}, {}, "(t 7, x 5); give a one-dimensional array for each axis, or columns with"),
        (
            {"t": T, "x": X, "u": U, "f": T[:5]},
            {"inputs": "f"},
            '"f" is an array of shape (5,), and its axes do not ha',
        ),
        (
            {"t": T, "x": X, "u": (("t",), U)},
            {},
            "\"u\" has the shape (7, 6) and the dimensions ('t',); name a different",
        ),
        (
            {"t": T, "x": X, "u": (("t", "z"), U)},
            {"time": "t"},
            'the dimension "z" of "u" has no coordinate, and deriv',
        ),
        ({"t": T, "x": X, "u": U}, {"space": "z"}, 'dict of arrays has no column "z" for space=.'),
        ({"t": T, "x": X, "u": U}, {"time": "z"}, 'dict of arrays has no column "z" for time=.'),
        ({"t": [[1, 2], [3]], "x": X, "u": U}, {}, '"t" holds sequences of different lengths'),
        (
            {"t": T, "x": X, "u": U, "label": "a note"},
            {"columns": ["u", "label"]},
            'has no column "label" for columns=',
        ),
    ],
)
def test_arrays_that_are_no_field(source: dict, options: dict, sentence: str) -> None:
    with pytest.raises(DataError) as error:
        discover.load(source, **options)
    assert sentence in str(error.value)
