"""Parquet: whatever pandas or pyarrow write, nested columns, and damage."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import discover
from discover.errors import DataError

pa = pytest.importorskip("pyarrow", reason="pyarrow, of the extra formats, is not installed")
parquet = pytest.importorskip("pyarrow.parquet")

T = np.arange(6.0)


@pytest.mark.parametrize("compression", ["snappy", "gzip", "none"])
def test_the_same_as_a_csv_file(columns, assert_same, tmp_path: Path, compression: str) -> None:
    pd.DataFrame(columns).to_parquet(tmp_path / "d.parquet", engine="pyarrow", compression=compression)
    assert_same(tmp_path / "d.parquet", columns, group="run", inputs="u")
    (tmp_path / "d.parquet").unlink()  # the file is closed, on Windows too


def test_without_pandas_and_with_gaps_in_every_type(columns, assert_same, tmp_path: Path) -> None:
    table = pa.table(
        {
            "t": columns["t"],
            "n": pa.array([1, None, 3, 4, 5, 6, 7], pa.int32()),
            "u": pa.array([True, None, False, True, True, False, True]),
            "run": pa.array(columns["run"].tolist()).dictionary_encode(),
        }
    )
    parquet.write_table(table, tmp_path / "d.pq")
    data = discover.load(tmp_path / "d.pq", group="run")
    assert np.isnan(data["n"].values).tolist() == np.isnan(data["u"].values).tolist() == [i == 1 for i in range(7)]
    assert list(dict.fromkeys(data["trajectory"].values.tolist())) == ["first", "b"]


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
@pytest.mark.parametrize("as_index", [False, True])
def test_dates(dated, as_csv, tmp_path: Path, zone: str | None, as_index: bool) -> None:
    frame = pd.DataFrame(dated | {"day": pd.to_datetime(dated["day"]).tz_localize(zone)})
    (frame.set_index("day") if as_index else frame).to_parquet(tmp_path / "d.parquet", engine="pyarrow")
    data = discover.load(tmp_path / "d.parquet")
    assert data.fingerprint == as_csv(dated).fingerprint
    assert data["time"].units == "s"


def test_calendar_days_and_decimals(as_csv, tmp_path: Path) -> None:
    day = np.array("2020-02-28", dtype="datetime64[D]") + np.arange(6)
    values = pa.array([1, 2, 4, 3, 1, 5], pa.int64()).cast(pa.decimal128(21, 2))
    parquet.write_table(pa.table({"day": pa.array(day, pa.date32()), "x": values}), tmp_path / "d.parquet")
    assert discover.load(tmp_path / "d.parquet")["x"].values.tolist() == [1, 2, 4, 3, 1, 5]


def test_units_stand_in_names_or_in_metadata(tmp_path: Path) -> None:
    fields = [pa.field("t [s]", pa.float64()), pa.field("x", pa.float64(), metadata={"units": "m s-1"})]
    parquet.write_table(pa.table([T, T**2], schema=pa.schema(fields)), tmp_path / "d.parquet")
    data = discover.load(tmp_path / "d.parquet")
    assert (data["x"].units, data["time"].units) == ("m s-1", "s")


def test_bytes_are_text(tmp_path: Path) -> None:
    table = pa.table({"t": [*T, *T], "x": [*T, *-T], "run": pa.array([b"a"] * 6 + [b"b"] * 6)})
    parquet.write_table(table, tmp_path / "d.parquet")
    assert set(discover.load(tmp_path / "d.parquet", group="run")["trajectory"].values.tolist()) == {"a", "b"}


NESTED = {"t": T, "x": T**2, "v": [[1.0, 2.0]] * 6, "s": [{"a": 1}] * 6}


def test_nested_columns_that_are_not_asked_for(tmp_path: Path) -> None:
    parquet.write_table(pa.table(NESTED), tmp_path / "d.parquet")
    assert list(discover.load(tmp_path / "d.parquet", columns="x").data_vars) == ["x"]


@pytest.mark.parametrize(
    ("columns", "options", "sentence"),
    [
        (NESTED, {}, 'd.parquet: "v" is nested (list<'),
        (
            NESTED,
            {"columns": ["x", "s"]},
            'd.parquet: "s" is nested (struct<a: int64>); give one number a row, or leave',
        ),
        ({"a": list("abcdef")}, {}, "d.parquet has no numeric column (columns: a)"),
        ({"t": T, "x": [None] * 6}, {}, 'd.parquet: column "x" has no value in any row'),
        ({"t": T, "x": list("abcdef")}, {}, 'd.parquet, row 0 (counted from 0): column "x" holds "a", text'),
        ({"t": T[:3], "x": T[:3]}, {}, "d.parquet holds 3 rows of data; at least 5 are needed."),
        ({"t": T[:0], "x": T[:0]}, {}, "d.parquet holds no rows of data"),
        ({}, {}, "d.parquet holds no rows of data"),
        ({"t": T, "x": T**2}, {"columns": "y"}, 'd.parquet has no column "y" for columns=.'),
    ],
)
def test_bad_columns(tmp_path: Path, columns: dict, options: dict, sentence: str) -> None:
    parquet.write_table(pa.table(columns), tmp_path / "d.parquet")
    with pytest.raises(DataError) as error:
        discover.load(tmp_path / "d.parquet", **options)
    assert sentence in str(error.value)


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    parquet.write_table(pa.table([T, T, T], names=["t", "x", "x"]), tmp_path / "d.parquet")
    with pytest.raises(DataError, match=r'd\.parquet: two columns are called "x"; give each its own name\.'):
        discover.load(tmp_path / "d.parquet")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
def test_a_file_cut_short(columns, tmp_path: Path, share: float) -> None:
    pd.DataFrame(columns).to_parquet(tmp_path / "d.parquet", engine="pyarrow")
    whole = (tmp_path / "d.parquet").read_bytes()
    (tmp_path / "d.parquet").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(
        DataError, match=r"d\.parquet is damaged or cut short and cannot be read as Parquet \(.*\); copy"
    ):
        discover.load(tmp_path / "d.parquet")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "d.parquet is empty; export it again."),
        (b"t,x\n0,1\n", "d.parquet is not Parquet whatever its name says; if it is a table of text, name it .csv."),
    ],
)
def test_what_is_no_parquet(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "d.parquet").write_bytes(content)
    with pytest.raises(DataError) as error:
        discover.load(tmp_path / "d.parquet")
    assert str(error.value) == sentence
