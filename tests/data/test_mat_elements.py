"""What a MATLAB file consists of: whole files pass, and a wrong byte where it would crash SciPy does not."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

import discover
from discover.data.mat_elements import HEADER, check_elements
from discover.errors import DataError

CELLS = np.array([["first"], ["b"], ["third"]], dtype=object)
VARIABLES = {"t": np.arange(3.0), "n": np.arange(3, dtype=np.int8), "z": np.array([1j, 2, 3]), "run": CELLS}
NESTED = {
    "s": {"a": 1.0, "b": "text", "c": np.array([[{"d": CELLS}]])},
    "flag": np.array([True]),
    "e": np.empty((0, 0)),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("variables", [VARIABLES, NESTED, {}])
def test_whole_files_pass(tmp_path: Path, variables: dict, packed: bool) -> None:
    savemat(tmp_path / "d.mat", variables, do_compression=packed)
    check_elements(tmp_path / "d.mat")


def swapped(content: bytes) -> bytes:
    """Return a file of float64 numbers as a machine of the other byte order writes it."""
    header = content[: HEADER - 4] + content[HEADER - 4 : HEADER - 2][::-1] + b"MI"
    return header + b"".join(content[at : at + 4][::-1] for at in range(HEADER, len(content), 4))


def test_the_other_byte_order(tmp_path: Path) -> None:
    savemat(tmp_path / "d.mat", {"longer": np.arange(3, dtype=np.int32)}, long_field_names=True)
    (tmp_path / "d.mat").write_bytes(swapped((tmp_path / "d.mat").read_bytes()))
    check_elements(tmp_path / "d.mat")
    (value,) = (value for name, value in loadmat(tmp_path / "d.mat").items() if not name.startswith("__"))
    assert value.tolist() == [[0, 1, 2]]


def test_every_place_where_a_file_may_be_cut(tmp_path: Path) -> None:
    savemat(tmp_path / "d.mat", VARIABLES)
    whole = (tmp_path / "d.mat").read_bytes()
    between = 0
    for length in range(1, len(whole)):
        (tmp_path / "d.mat").write_bytes(whole[:length])
        try:
            check_elements(tmp_path / "d.mat")
        except ValueError:
            continue
        between += 1
    assert between == len(VARIABLES)  # behind the header and behind each variable but the last


@pytest.mark.parametrize(("name", "offset", "value"), [("t", 48, 113), ("t", 48, 14), ("t", 17, 31), ("run", 56, 4)])
def test_bytes_that_end_the_process_in_scipy(tmp_path: Path, name: str, offset: int, value: int) -> None:
    """`offset` counts from a variable's tag: its flags begin at 16, its numbers or cells at 48 or 56."""
    savemat(tmp_path / "d.mat", {name: VARIABLES[name]})
    content = bytearray((tmp_path / "d.mat").read_bytes())
    assert content[HEADER + offset] != value
    content[HEADER + offset] = value
    (tmp_path / "d.mat").write_bytes(content)
    with pytest.raises(DataError, match=r"d\.mat is damaged or cut short and cannot be read as MATLAB \(a"):
        discover.load(tmp_path / "d.mat")


def test_a_class_that_does_not_exist(tmp_path: Path) -> None:
    savemat(tmp_path / "d.mat", {"t": VARIABLES["t"]})
    content = bytearray((tmp_path / "d.mat").read_bytes())
    content[HEADER + 16] = 99
    (tmp_path / "d.mat").write_bytes(content)
    with pytest.raises(DataError, match=r'd\.mat(: "t" is a MATLAB object|.* is damaged or cut short)'):
        discover.load(tmp_path / "d.mat")
