"""MATLAB: every version, what is no vector, and damage."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import csc_array

import discover
from discover.errors import DataError

T = np.arange(6.0)


def cells(values: list[Any]) -> np.ndarray:
    """Return an upright cell array."""
    array = np.empty((len(values), 1), dtype=object)
    array[:, 0] = values
    return array


def numbers(columns: dict) -> dict:
    return {name: values for name, values in columns.items() if values.dtype.kind != "U"}


# --- versions 4 to 7 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("oned_as", ["row", "column"])
@pytest.mark.parametrize("labels", [cells, np.array])
def test_the_same_as_a_csv_file(
    columns, assert_same, tmp_path: Path, packed: bool, oned_as: str, labels: Callable
) -> None:
    source = numbers(columns) | {"run": labels(columns["run"].tolist())}
    savemat(tmp_path / "d.mat", source, do_compression=packed, oned_as=oned_as)
    assert_same(tmp_path / "d.mat", columns, group="run", inputs="u")
    (tmp_path / "d.mat").unlink()  # the file is closed, on Windows too


def test_dates_as_text(dated, assert_same, tmp_path: Path) -> None:
    savemat(tmp_path / "d.mat", dated | {"day": cells(np.datetime_as_string(dated["day"], unit="m").tolist())})
    assert_same(tmp_path / "d.mat", dated)


def test_version_4(as_csv, tmp_path: Path) -> None:
    savemat(tmp_path / "d.mat", {"t": T, "x": T**2}, format="4")
    assert discover.load(tmp_path / "d.mat").fingerprint == as_csv({"t": T, "x": T**2}).fingerprint


def test_units_come_from_the_caller_and_single_values_are_left_out(tmp_path: Path) -> None:
    savemat(tmp_path / "d.mat", {"t": T, "x": T**2, "dt": 0.1, "title": "a title", "e": np.empty((0, 0))})
    data = discover.load(tmp_path / "d.mat", units={"x": "m", "t": "s"})
    assert (data["x"].units, data["time"].units) == ("m", "s")
    assert data.notes[:3] == [
        '"dt" is a single value and was left out.',
        '"title" is a single value and was left out.',
        '"e" is empty and was left out.',
    ]


def test_a_field_over_space(tmp_path: Path) -> None:
    x = np.linspace(0.0, 2.0, 8)
    arrays = {"t": T, "x": x, "usol": np.sin(T[:, None] - x)}
    savemat(tmp_path / "d.mat", arrays)
    seven_three(tmp_path / "h.mat", lambda file: [put(file, name, values) for name, values in arrays.items()])
    assert discover.load(tmp_path / "d.mat").fingerprint == discover.load(arrays).fingerprint
    assert discover.load(tmp_path / "h.mat").fingerprint == discover.load(arrays).fingerprint


def test_what_is_not_asked_for_may_be_anything(tmp_path: Path) -> None:
    extra = {
        "image": np.ones((4, 3)),
        "p": {"k": 1.0},
        "mixed": cells([1.0, "a"]),
        "s": csc_array(np.eye(3)),
        "y": T[:3],
    }
    savemat(tmp_path / "d.mat", {"t": T, "x": T**2, **extra})
    assert list(discover.load(tmp_path / "d.mat", columns="x").data_vars) == ["x"]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"t": T, "x": T[:5]}, 'd.mat: its arrays have different lengths ("t" 6, "x" 5); give all of them one length'),
        (
            {"t": T, "X": np.ones((6, 3))},
            'd.mat: "X" is an array of shape (6, 3), and its axes do not have the lengths',
        ),
        ({"t": T, "z": T * 1j + 1}, 'd.mat: column "z" holds complex numbers'),
        ({"a": cells(list("abcdef"))}, "d.mat has no numeric column (columns: a)"),
        (
            {"d": {"t": T, "x": T}},
            'd.mat: "d" is a struct; save its fields as variables, with save(file, "-struct", name',
        ),
        (
            {"t": T, "c": cells([T, 2 * T])},
            '"c" is a cell array of other things than text; save its numbers as vectors',
        ),
        ({"t": T, "s": csc_array(np.eye(6))}, '"s" is a sparse matrix; save its columns as full vectors, or leave it'),
        ({"t": T, "s": csc_array(np.eye(6) > 0)}, '"s" is a sparse matrix'),
        ({}, "d.mat has no array with one value a row (it holds no arrays at all)"),
        ({"dt": 0.1}, "d.mat has no array with one value a row (it holds dt); at least five are needed."),
    ],
)
def test_bad_variables(tmp_path: Path, variables: dict, sentence: str) -> None:
    savemat(tmp_path / "d.mat", variables)
    with pytest.raises(DataError) as error:
        discover.load(tmp_path / "d.mat")
    assert sentence in str(error.value)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.98])
def test_a_file_cut_short(columns, tmp_path: Path, packed: bool, share: float) -> None:
    savemat(tmp_path / "d.mat", {"t": T, "x": np.random.default_rng(0).random(999)}, do_compression=packed)
    whole = (tmp_path / "d.mat").read_bytes()
    (tmp_path / "d.mat").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match=r"d\.mat is damaged or cut short and cannot be read as MATLAB \(.*\); copy"):
        discover.load(tmp_path / "d.mat")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "d.mat is empty; export it again."),
        (
            b"# Created by Octave 9",
            "d.mat is not MATLAB whatever its name says; in Octave save it with -v7, and name a",
        ),
        (b"\0\0\0\0" + b"\xff" * 200, "d.mat is damaged or cut short and cannot be read as MATLAB ("),
    ],
)
def test_what_is_not_matlab(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "d.mat").write_bytes(content)
    with pytest.raises(DataError) as error:
        discover.load(tmp_path / "d.mat")
    assert sentence in str(error.value)


# --- version 7.3 ------------------------------------------------------------------------------------------------------


def seven_three(path: Path, fill: Callable[[h5py.File], Any]) -> Path:
    """Write a file as MATLAB 7.3 does: HDF5 behind a header of 512 bytes, and matrices turned over."""
    with h5py.File(path, "w", userblock_size=512) as file:
        fill(file)
    content = path.read_bytes()
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(512) + content[512:])
    return path


def put(file: h5py.File, name: str, values: Any, kind: str = "double", **attributes: Any) -> h5py.Dataset:
    data = file.create_dataset(name, data=np.atleast_2d(values))
    data.attrs["MATLAB_class"] = np.bytes_(kind)
    data.attrs.update(attributes)
    return data


def put_text(file: h5py.File, name: str, rows: list[str]) -> h5py.Dataset:
    codes = np.array([[ord(sign) for sign in row.ljust(max(map(len, rows)))] for row in rows], dtype=np.uint16)
    return put(file, name, codes.T, "char")


def put_cells(file: h5py.File, name: str, values: list[Any]) -> None:
    parts = [
        put_text(file, f"#refs#/{index}", [value]) if isinstance(value, str) else put(file, f"#refs#/{index}", value)
        for index, value in enumerate(values)
    ]
    put(file, name, np.array([part.ref for part in parts], dtype=h5py.ref_dtype), "cell")


@pytest.mark.parametrize("put_labels", [put_text, put_cells])
def test_version_7_3_is_the_same_as_a_csv_file(columns, assert_same, tmp_path: Path, put_labels: Callable) -> None:
    def fill(file: h5py.File) -> None:
        put(file, "t", columns["t"])
        put(file, "x", columns["x"][:, None])
        put(file, "u", columns["u"].astype(np.uint8), "logical", MATLAB_int_decode=1)
        put_labels(file, "run", columns["run"].tolist())

    path = seven_three(tmp_path / "d.mat", fill)
    assert_same(path, dict(sorted(columns.items())), group="run", inputs="u")
    path.unlink()  # the file is closed, on Windows too


def test_version_7_3_leaves_out_what_says_nothing(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        put(file, "t", T)
        put(file, "x", T**2)
        put(file, "e", [0, 0], MATLAB_empty=1)
        put_text(file, "title", ["a title"])

    data = discover.load(seven_three(tmp_path / "d.mat", fill))
    assert data.notes[:2] == ['"e" is empty and was left out.', '"title" is a single value and was left out.']


def test_hdf5_of_others_called_mat(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "d.mat", "w") as file:
        file["t"], file["x"] = T, T**2
    assert discover.load(tmp_path / "d.mat")["x"].values.tolist() == (T**2).tolist()


def a_struct(file: h5py.File) -> None:
    put(file, "d/t", T)
    file["d"].attrs["MATLAB_class"] = np.bytes_("struct")


def a_sparse_matrix(file: h5py.File) -> None:
    put(file, "s/data", T)
    file["s"].attrs.update({"MATLAB_class": np.bytes_("double"), "MATLAB_sparse": 6})


COMPLEX = np.zeros(6, dtype=[("real", "f8"), ("imag", "f8")])


@pytest.mark.parametrize(
    ("fill", "sentence"),
    [
        (lambda file: put(file, "x", T[:5]), 'd.mat: its arrays have different lengths ("t" 6, "x" 5)'),
        (lambda file: put(file, "X", np.ones((3, 6))), 'd.mat: "X" is an array of shape (6, 3), and its axes do not'),
        (lambda file: put(file, "z", COMPLEX), 'd.mat: column "z" holds complex numbers'),
        (a_struct, 'd.mat: "d" is a struct; save its fields as variables, with save(file, "-struct", name), or leave'),
        (a_sparse_matrix, 'd.mat: "s" is a sparse matrix; save its columns as full vectors'),
        (lambda file: put_cells(file, "c", ["a", 1.0]), 'd.mat: "c" is a cell array of other things than text'),
        (lambda file: put(file, "T", [0xDD000000, 2], "table"), '"T" is a MATLAB object ("table", as tables and datet'),
        (lambda file: put(file, "f", T, "function_handle"), 'd.mat: "f" is a function; save the numbers that it gives'),
    ],
)
def test_bad_variables_of_version_7_3(tmp_path: Path, fill: Callable, sentence: str) -> None:
    path = seven_three(tmp_path / "d.mat", lambda file: [put(file, "t", T), fill(file)])
    with pytest.raises(DataError) as error:
        discover.load(path)
    assert sentence in str(error.value)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.98])
def test_version_7_3_cut_short(tmp_path: Path, share: float) -> None:
    path = seven_three(tmp_path / "d.mat", lambda file: [put(file, "t", T), put(file, "x", T**2)])
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match=r"d\.mat is damaged or cut short and cannot be read as MATLAB 7\.3 \("):
        discover.load(path)
