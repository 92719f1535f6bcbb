"""A file is written whole or not at all."""

import os
from pathlib import Path

import pytest

from discover.errors import InputError
from discover.export import atomic
from discover.export.atomic import write_text


def test_text_arrives_as_utf8_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    write_text(path, "größer\n")
    assert path.read_bytes() == "größer\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(InputError, match="no space left on device"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_text(os.devnull, "anything")
    assert not Path(os.devnull).is_file()


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it is a folder; add a file name"):
        write_text(tmp_path, "x")
    with pytest.raises(InputError, match="does not exist; create it first"):
        write_text(tmp_path / "no" / "a.txt", "x")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="Cannot write"):
        write_text(tmp_path / "file" / "a.txt", "x")
