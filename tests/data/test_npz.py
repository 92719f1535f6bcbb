"""NPZ: columns, fields, records, and nothing pickled."""

from pathlib import Path

import numpy as np
import pytest

import discover
from discover.errors import DataError

T = np.arange(6.0)


def test_the_same_as_a_csv_file(columns, assert_same, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", **columns)
    np.savez_compressed(tmp_path / "c.npz", **columns)
    assert_same(tmp_path / "d.npz", columns, group="run", inputs="u")
    assert_same(tmp_path / "c.npz", columns, group="run", inputs="u")


def test_dates(dated, assert_same, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", **dated)
    assert assert_same(tmp_path / "d.npz", dated)["time"].values[1] == 36 * 3600


def test_units_stand_in_names(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", **{"t [s]": T, "x [m]": T**2})
    data = discover.load(tmp_path / "d.npz", columns="x")
    assert (data["x"].units, data["time"].units) == ("m", "s")


def test_columns_may_stand_or_lie_and_single_values_are_left_out(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", t=T[:, None], x=T[None, :] ** 2, dt=0.1, e=np.empty(0))
    data = discover.load(tmp_path / "d.npz")
    assert data["x"].values.tolist() == (T**2).tolist()
    assert data.notes[:2] == ['"dt" is a single value and was left out.', '"e" is empty and was left out.']


def test_the_fields_of_the_only_record_array_are_columns(columns, assert_same, tmp_path: Path) -> None:
    names = list(columns)
    np.savez(tmp_path / "d.npz", table=np.rec.fromarrays([columns[name] for name in names], names=names), version=2)
    assert_same(tmp_path / "d.npz", columns, group="run", inputs="u")


def test_a_field_over_space(tmp_path: Path) -> None:
    x = np.linspace(0.0, 2.0, 8)
    arrays = {"t": T, "x": x, "u": np.sin(T[:, None] - x)}
    np.savez(tmp_path / "d.npz", **arrays)
    assert discover.load(tmp_path / "d.npz").fingerprint == discover.load(arrays).fingerprint


def test_what_is_not_asked_for_may_be_anything(tmp_path: Path) -> None:
    extra = {"image": np.ones((4, 3)), "log": np.array([{}, 1], dtype=object), "short": T[:2], "raw": np.zeros(3, "V4")}
    np.savez(tmp_path / "d.npz", t=T, x=T**2, **extra)
    assert list(discover.load(tmp_path / "d.npz", columns="x").data_vars) == ["x"]


class Trap:
    """What leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", t=T, x=np.array([Trap(tmp_path / "mark")] * 6, dtype=object))
    with pytest.raises(
        DataError, match=r'd\.npz: "x" holds Python objects, and unpickling them may run code; .*columns='
    ):
        discover.load(tmp_path / "d.npz")
    assert not (tmp_path / "mark").exists()
    with np.load(tmp_path / "d.npz", allow_pickle=True) as archive:
        archive["x"]
    assert (tmp_path / "mark").exists()  # the trap works


RECORDS = np.zeros(6, dtype=[("t", "f8"), ("inner", [("a", "f8"), ("b", "f8")])])


@pytest.mark.parametrize(
    ("arrays", "options", "sentence"),
    [
        ({"t": T, "x": T[:5]}, {}, 'd.npz: its arrays have different lengths ("t" 6, "x" 5); give all of them one len'),
        ({"t": T, "x": T[:5]}, {"columns": "x", "time": "t"}, "its arrays have different lengths"),
        (
            {"t": T, "X": np.ones((6, 3))},
            {},
            '"X" is an array of shape (6, 3), and its axes do not have the lengths of',
        ),
        ({"t": T, "z": T * 1j}, {}, 'd.npz: column "z" holds complex numbers'),
        ({"a": list("abcdef"), "b": list("ghijkl")}, {}, "d.npz has no numeric column (columns: a, b)"),
        (
            {"dt": 1.0, "e": []},
            {},
            "d.npz has no array with one value a row (it holds dt, e); at least five are needed.",
        ),
        ({}, {}, "d.npz has no array with one value a row (it holds no arrays at all)"),
        ({"t": T, "raw": np.zeros(6, "V4")}, {}, 'd.npz: "raw" holds raw bytes; save numbers or text, or leave it out'),
        ({"r": RECORDS}, {}, 'd.npz: "inner" holds records of its own; give each of their fields a column, or leave'),
        ({"t": T, "r": RECORDS}, {}, 'd.npz: "r" is a table of its own (t, inner) beside other arrays; keep it in a'),
        ({"t": T, "x": T**2}, {"columns": "y"}, 'd.npz has no column "y" for columns=.'),
        ({"t": T, "x": T + np.inf}, {}, 'd.npz, row 0 (counted from 0): column "x" holds an infinite value'),
    ],
)
def test_bad_arrays(tmp_path: Path, arrays: dict, options: dict, sentence: str) -> None:
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(DataError) as error:
        discover.load(tmp_path / "d.npz", **options)
    assert sentence in str(error.value)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_file_cut_short(columns, tmp_path: Path, save, share: float) -> None:
    save(tmp_path / "d.npz", **columns)
    whole = (tmp_path / "d.npz").read_bytes()
    (tmp_path / "d.npz").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match=r"d\.npz is damaged or cut short and cannot be read as NPZ \(.*\); copy"):
        discover.load(tmp_path / "d.npz")


def test_a_wrong_byte(columns, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", **columns)
    content = bytearray((tmp_path / "d.npz").read_bytes())
    content[content.index(columns["x"].tobytes()) + 20] ^= 1
    (tmp_path / "d.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"d\.npz is damaged or cut short .*CRC"):
        discover.load(tmp_path / "d.npz", group="run")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "d.npz is empty; export it again."),
        (b"t,x\n0,1\n", "d.npz is not NPZ whatever its name says; if it is a table of text, name it .csv."),
    ],
)
def test_what_is_no_npz(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "d.npz").write_bytes(content)
    with pytest.raises(DataError) as error:
        discover.load(tmp_path / "d.npz")
    assert str(error.value) == sentence
