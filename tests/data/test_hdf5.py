"""HDF5: columns in a group, records, what pandas writes, and files that hold something else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import discover
from discover.errors import DataError

T = np.arange(6.0)
Fill = Callable[[h5py.File], Any]


def written(path: Path, fill: Fill) -> Path:
    with h5py.File(path, "w") as file:
        fill(file)
    return path


def put(file: h5py.File, columns: dict, group: str = "/") -> None:
    for name, values in columns.items():
        file[f"{group}/{name}"] = values.astype("S") if values.dtype.kind == "U" else values


@pytest.mark.parametrize("group", ["/", "/experiment/run 3"])
@pytest.mark.parametrize("extension", ["h5", "hdf5", "hdf"])
def test_the_same_as_a_csv_file(columns, assert_same, tmp_path: Path, group: str, extension: str) -> None:
    path = written(tmp_path / f"d.{extension}", lambda file: put(file, columns, group))
    assert_same(path, {name: columns[name] for name in sorted(columns)}, group="run", inputs="u")
    path.unlink()  # the file is closed, on Windows too


def test_text_of_any_length(columns, assert_same, tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        put(file, {name: columns[name] for name in "tux"})
        file["run"] = columns["run"].tolist()

    assert_same(written(tmp_path / "d.h5", fill), dict(sorted(columns.items())), group="run", inputs="u")


def test_dates_as_text(dated, as_csv, tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["day"] = np.datetime_as_string(dated["day"], unit="m").tolist()
        file["x"] = dated["x"]

    assert discover.load(written(tmp_path / "d.h5", fill)).fingerprint == as_csv(dated).fingerprint


@pytest.mark.parametrize("kind", [str, np.bytes_])
def test_units_stand_in_attributes(tmp_path: Path, kind: type) -> None:
    def fill(file: h5py.File) -> None:
        file["t"], file["x"], file["g"] = T, T**2, 9.81
        file["t"].attrs["units"], file["x"].attrs["units"] = kind("s"), kind("m s-1")

    data = discover.load(written(tmp_path / "d.h5", fill))
    assert (data["x"].units, data["time"].units) == ("m s-1", "s")
    assert data.notes[0] == '"g" is a single value and was left out.'


def records(columns: dict) -> np.ndarray:
    plain = {name: values.astype("S") if values.dtype.kind == "U" else values for name, values in columns.items()}
    return np.rec.fromarrays(list(plain.values()), names=list(plain))


def test_the_fields_of_a_table_are_columns(columns, assert_same, tmp_path: Path) -> None:
    path = written(tmp_path / "d.h5", lambda file: file.create_dataset("a/table", data=records(columns)))
    assert_same(path, columns, group="run", inputs="u")


def as_pandas(file: h5py.File, columns: dict, **kinds: str) -> None:
    """Write what DataFrame.to_hdf(…, format="table", data_columns=True) writes, as far as `load` reads it."""
    table = file.create_dataset("df/table", data=records(columns))
    for name, kind in kinds.items():
        table.attrs[name] = np.bytes_(kind)
    file["df/_i_table/index/sorted"] = np.zeros((0, 8))
    file["df/_i_table/index/sortedLR"] = np.zeros(99)


@pytest.mark.parametrize("kind", ["datetime64[ns]", "datetime64"])
def test_dates_of_a_pandas_table(dated, assert_same, tmp_path: Path, kind: str) -> None:
    stored = {"index": np.arange(6), "day": dated["day"].view("i8"), "x": dated["x"]}
    path = written(
        tmp_path / "d.h5", lambda file: as_pandas(file, stored, index_kind="integer", day_dtype=kind, x_dtype="float64")
    )
    assert_same(path, dated)


@pytest.mark.parametrize(
    ("kind", "index", "unit"), [("datetime64[us]", T.astype("i8") * 10**6, "s"), ("float", T, None)]
)
def test_the_index_of_a_pandas_table_that_says_something(tmp_path: Path, kind: str, index: Any, unit: str) -> None:
    stored = {"index": index, "x": T**2}
    data = discover.load(written(tmp_path / "d.h5", lambda file: as_pandas(file, stored, index_kind=kind)))
    assert data["time"].values.tolist() == T.tolist()
    assert data["time"].attrs.get("units") == unit


def test_a_field_over_space(tmp_path: Path) -> None:
    x = np.linspace(0.0, 2.0, 8)
    arrays = {"t": T, "u": np.sin(T[:, None] - x), "x": x}

    def fill(file: h5py.File) -> None:
        put(file, arrays)
        file["u"].attrs["units"] = "m s-1"

    data = discover.load(written(tmp_path / "d.h5", fill))
    assert data.fingerprint == discover.load(arrays).fingerprint
    assert data["u"].units == "m s-1"


def test_what_is_not_asked_for_may_be_anything(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        put(file, {"t": T, "x": T**2, "image": np.ones((4, 3)), "short": T[:2]})
        file.create_dataset("links", shape=(3,), dtype=h5py.ref_dtype)
        file.create_dataset("lists", shape=(3,), dtype=h5py.vlen_dtype(float))
        file.create_dataset("nothing", dtype="f8", data=h5py.Empty("f8"))

    assert list(discover.load(written(tmp_path / "d.h5", fill), columns="x").data_vars) == ["x"]


BLOCK = np.zeros(6, dtype=[("index", "i8"), ("values_block_0", "f8", (2,))])
NESTED = np.zeros(6, dtype=[("t", "f8"), ("inner", [("a", "f8"), ("b", "f8")])])
WIDE = np.zeros(6, dtype=[("t", "f8"), ("v", "f8", (3,))])


def two_groups(file: h5py.File) -> None:
    put(file, {"t": T, "x": T}, "a")
    put(file, {"t": T, "x": T}, "b")


def with_lists(file: h5py.File) -> None:
    file["t"] = T
    file.create_dataset("v", shape=(6,), dtype=h5py.vlen_dtype(float))


@pytest.mark.parametrize(
    ("fill", "sentence"),
    [
        (lambda file: put(file, {"t": T, "x": T[:5]}), 'd.h5: its arrays have different lengths ("t" 6, "x" 5)'),
        (lambda file: put(file, {"t": T, "X": np.ones((6, 3))}), 'd.h5: "X" is an array of shape (6, 3), and its axes'),
        (lambda file: put(file, {"t": T, "z": T * 1j}), 'd.h5: column "z" holds complex numbers'),
        (lambda file: put(file, {"a": np.array(list("abcdef"))}), "d.h5 has no numeric column (columns: a)"),
        (two_groups, "d.h5 holds data sets in several groups (/a, /b); keep the columns of one table in one group"),
        (lambda file: file.create_group("a"), "d.h5 holds no data set with more than one value; keep"),
        (lambda file: put(file, {"t": T, "r": NESTED}), '"r" is a table of its own (t, inner) beside other arrays'),
        (lambda file: put(file, {"r": NESTED}), 'd.h5: "inner" holds records of its own; give each of their fields'),
        (lambda file: put(file, {"r": WIDE}), 'd.h5: "v" is an array of shape (6, 3), and its axes'),
        (with_lists, 'd.h5: "v" holds references or lists; give one number a row, or leave it out with columns=.'),
        (lambda file: put(file, {"t": T, "v": np.zeros(6, "V4")}), 'd.h5: "v" holds raw bytes; save numbers or text'),
        (lambda file: put(file, {"table": BLOCK}, "df"), 'to_hdf(…, format="table", data_columns=True).'),
        (lambda file: put(file, {"axis0": T, "block0_values": T}), "was written by pandas in a form that only pandas"),
        (lambda file: file.attrs.update(_NCProperties="version=2"), "d.h5 is NetCDF; give it the extension .nc."),
    ],
)
def test_bad_files(tmp_path: Path, fill: Fill, sentence: str) -> None:
    with pytest.raises(DataError) as error:
        discover.load(written(tmp_path / "d.h5", fill))
    assert sentence in str(error.value)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.98])
def test_a_file_cut_short(columns, tmp_path: Path, share: float) -> None:
    path = written(tmp_path / "d.h5", lambda file: put(file, columns))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match=r"d\.h5 is damaged or cut short and cannot be read as HDF5 \(.*\); copy"):
        discover.load(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "d.h5 is empty; export it again."),
        (b"t,x\n0,1\n", "d.h5 is not HDF5 whatever its name says; if it is a table of text, name it .csv."),
    ],
)
def test_what_is_no_hdf5(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "d.h5").write_bytes(content)
    with pytest.raises(DataError) as error:
        discover.load(tmp_path / "d.h5")
    assert str(error.value) == sentence
