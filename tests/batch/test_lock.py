"""One batch at a time in a folder, and none that is dead."""

import os
from pathlib import Path

import pytest

from discover.batch.lock import LOCK, is_free, locked
from discover.errors import SettingError


def test_a_folder_is_made_and_held_and_let_go(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    assert is_free(folder)
    with locked(folder):
        assert not is_free(folder)
        with pytest.raises(SettingError, match=rf"at work in .*process {os.getpid()} on"), locked(folder):
            pass
    assert is_free(folder)
    with locked(folder):
        pass


def test_a_lock_that_a_dead_process_left_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text("process 1 on elsewhere\n")
    with locked(tmp_path):
        assert not is_free(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(SettingError, match=r"cannot be written to: .*--output"), locked(tmp_path / "out"):
        pass
    assert (tmp_path / "out").read_text() == "mine"
