"""The live front: a table on a terminal, lines elsewhere, nothing where it is quick."""

import io
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from discover.cli.live import EVERY_LINE, Shown, drawn, live, thinned
from discover.contract import Choice, Step

ROWS = [Choice("y", size, 1.0 / size, f"x**{size}", size == 7) for size in range(1, 30)]


def test_what_is_quick_says_nothing(capsys):
    with live(10.0) as observe:
        observe(Step("instant", lambda: ROWS), 0.1)
    assert capsys.readouterr() == ("", "")


def test_lines_name_the_formula_that_leads_when_it_changes(capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with live(60.0) as observe:
        for step in range(4):
            now[0] += EVERY_LINE + 1.0
            observe(Step("templates", lambda: ROWS), 0.2 * step)
        observe("a step without a front", 0.9)
    said = capsys.readouterr().err.splitlines()
    assert said == ["discover: templates · 6 s, 54 s left: y = x**7 (loss 0.14)"]


def test_the_table_fits_and_marks_the_one_that_leads():
    shown = Shown(60.0, "templates", rows=[*ROWS[:6], Choice("y", 7, 0.1, "x + " * 60 + "1", True)])
    out = io.StringIO()
    Console(file=out, width=80).print(drawn(shown, "", 80))
    lines = out.getvalue().splitlines()
    assert "left" in lines[0]
    assert all(len(line) <= 80 for line in lines)
    assert lines[-1].startswith("→")
    assert lines[-1].rstrip().endswith("…")


def test_a_long_front_is_shown_about_the_one_that_leads():
    found = thinned(ROWS)
    assert len(found) == 12
    assert any(row.is_best for row in found)
    assert found == sorted(found, key=lambda row: row.complexity)


@pytest.fixture
def hard(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    x, z, w = rng.uniform(0.5, 3.0, (3, 200))
    y = np.sin(3.1 * x) * z + np.cos(2.3 * w * z) + 0.05 * rng.standard_normal(200)
    path = tmp_path / "hard.csv"
    np.savetxt(path, np.array([x, z, w, y]).T, delimiter=",", header="x,z,w,y", comments="")
    return path


def test_an_interrupt_writes_the_best_so_far(hard: Path, tmp_path: Path):
    ours, theirs = pty.openpty()
    law, state = tmp_path / "law.json", tmp_path / "search.state"
    command = [
        sys.executable,
        "-c",
        "from discover.cli import app; app()",
        "run",
        str(hard),
        "--target",
        "y",
        "--budget",
        "60s",
    ]
    command += ["--save", str(law), "--resume", str(state)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment)
    os.close(theirs)
    seen = b""
    while b"s left" not in seen:
        seen += os.read(ours, 65536)
    child.send_signal(signal.SIGINT)
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux tells the end of a terminal's session so
            break
        if not part:
            break
        seen += part
    out = child.communicate()[0].decode()
    os.close(ours)
    assert child.returncode == 130, seen.decode()
    assert out.startswith("y = ")
    assert law.exists()
    assert state.exists()
    assert "interrupted; this is the best so far" in seen.decode()
