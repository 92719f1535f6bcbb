"""Files that are no text: how they begin, damage, and packages that are not installed."""

import sys
from pathlib import Path

import numpy as np
import pytest

import discover
from discover.data.binary import N_SEARCHED, is_hdf5, needed, start_of, told_if_damaged
from discover.errors import DataError, SettingError, UnavailableError


def test_the_start_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "d").write_bytes(b"0123456789")
    assert start_of(tmp_path / "d") == b"01234567"
    assert start_of(tmp_path / "d", 99) == b"0123456789"


@pytest.mark.parametrize("offset", [0, 512, 1024, 2048])
def test_hdf5_may_begin_behind_other_bytes(offset: int) -> None:
    content = bytes(offset) + b"\x89HDF\r\n\x1a\n" + bytes(4096)
    assert is_hdf5(content[:N_SEARCHED])
    assert not is_hdf5(content[1:N_SEARCHED])


def test_files_that_may_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"nothing\.npz cannot be read: No such file or directory; check its permissions"
    ):
        start_of(tmp_path / "nothing.npz")


@pytest.mark.parametrize(
    ("raised", "reason"),
    [(ValueError("bad\nmore"), "bad"), (EOFError(), "EOFError"), (OSError("x" * 500), "x" * 120)],
)
def test_damage_is_told_in_one_sentence(raised: Exception, reason: str) -> None:
    with pytest.raises(DataError) as error, told_if_damaged(Path("d.npz"), "NPZ"):
        raise raised
    assert str(error.value) == (
        f"d.npz is damaged or cut short and cannot be read as NPZ ({reason}); copy or export it again."
    )


def test_what_is_no_damage_passes() -> None:
    with pytest.raises(SettingError, match=r"^ours$"), told_if_damaged(Path("d.npz"), "NPZ"):
        raise SettingError("ours")
    with pytest.raises(AssertionError), told_if_damaged(Path("d.npz"), "NPZ"):
        raise AssertionError
    with pytest.raises(DataError), told_if_damaged(Path("d.npz"), "NPZ", AssertionError):
        raise AssertionError


@pytest.mark.parametrize(
    ("name", "package", "content"), [("d.parquet", "pyarrow", b"PAR1 and more"), ("d.zarr", "zarr", None)]
)
def test_packages_that_are_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str, content: bytes | None
) -> None:
    path = tmp_path / name
    if content is None:
        path.mkdir()
        (path / ".zgroup").write_text('{"zarr_format": 2}')
    else:
        path.write_bytes(content)
    for module in [module for module in sys.modules if module.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)  # what Python itself takes for "cannot be imported"
    with pytest.raises(UnavailableError) as error:
        discover.load(path)
    assert str(error.value) == (
        f"{name} is read with the package {package}, which is not installed here; install it with: "
        f"python -m pip install {package}"
    )


def test_packages_that_are_installed() -> None:
    assert needed("numpy.linalg", Path("d.x")) is np.linalg
