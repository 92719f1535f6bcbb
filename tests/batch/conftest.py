"""Small tables of decays, a file that takes for ever to read, and a look at the processes that are about."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Write = Callable[..., Path]


def decay(path: Path, rate: float = 1.0, seed: int = 0) -> Path:
    """Write a table of x' = -rate x with some noise."""
    t = np.linspace(0.0, 4.0, 80)
    x = np.exp(-rate * t) + 0.01 * np.random.default_rng(seed).standard_normal(t.size)
    np.savetxt(path, np.c_[t, x], delimiter=",", header="t,x", comments="")
    return path


def endless(path: Path) -> Path:
    """Make a file of zeros that no check reads, and no job has read within an hour; it takes no room on the disk."""
    path.touch()
    os.truncate(path, 2**42)
    return path


def plan_of(folder: Path, text: str) -> Path:
    """Write a plan."""
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def children(pid: int) -> list[int]:
    """Return the processes that another started."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("this system has no /proc to find processes in")
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def is_alive(pid: int) -> bool:
    """Return whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a plan into the folder of the test."""
    return lambda text: plan_of(tmp_path, text)
