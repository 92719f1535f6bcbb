"""The progress line: silent where nobody watches, patient where somebody does."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from discover.cli.progress import COMPILING, kernels_are_compiled, progress

WATCHED = """
import time
from discover.cli.progress import progress
with progress("reading") as observe:
    observe("candidates", 0.25)
    time.sleep({seconds})
    observe("trajectories", 0.5)
    time.sleep(0.3)
"""


def shown_on_a_terminal(seconds: float) -> str:
    """Return what a terminal gets to see of a search that takes so long."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    code = WATCHED.format(seconds=seconds)
    with subprocess.Popen([sys.executable, "-c", code], stderr=theirs, env=environment) as child:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux tells the end of a terminal's session so
                break
            if not part:
                break
            seen += part
    os.close(ours)
    assert child.returncode == 0
    return seen.decode()


def test_it_is_silent_where_standard_error_is_no_terminal(capsys) -> None:
    with progress("reading") as observe:
        observe("candidates", 0.5)
    assert capsys.readouterr() == ("", "")


def test_what_is_done_within_a_second_shows_no_line() -> None:
    assert "candidates" not in shown_on_a_terminal(0.0)


def test_what_takes_longer_names_its_step() -> None:
    seen = shown_on_a_terminal(1.2)
    assert "trajectories" in seen


def test_the_first_run_says_that_it_compiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert COMPILING in shown_on_a_terminal(1.2)


def test_compiled_kernels_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import discover_kernels.kernel

    monkeypatch.setattr(discover_kernels.kernel, "CACHE", tmp_path)
    assert not kernels_are_compiled()
    (tmp_path / "discover_kernels").mkdir()
    (tmp_path / "discover_kernels" / "tape.run-1.py311.nbi").touch()
    assert kernels_are_compiled()
