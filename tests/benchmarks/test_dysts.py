"""The suite of chaotic systems, on one that is written down here."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import dysts
from benchmarks.campaign import Campaign
from benchmarks.plan import Plan

OSCILLATOR = {
    "name": "Oscillator",
    "state": ["x", "y"],
    "dim": 2,
    "period": 2 * np.pi,
    "initial_conditions": [1.0, 0.0],
    "coefficients": [{"y": 1.0}, {"x": -1.0}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that holds the one system."""
    (tmp_path / dysts.FILE).write_text(json.dumps([OSCILLATOR]))
    return tmp_path


def test_measurements_follow_the_law() -> None:
    X, t = dysts.measurements(OSCILLATOR, 0.0, seed=1)
    assert X.shape == (5, 2, 1000)
    for x, y in X:
        np.testing.assert_allclose(x, x[0] * np.cos(t) + y[0] * np.sin(t), atol=1e-8)


def test_noise_is_relative_to_the_root_mean_square() -> None:
    clean, _ = dysts.measurements(OSCILLATOR, 0.0, seed=1)
    noisy, _ = dysts.measurements(OSCILLATOR, 0.05, seed=1)
    share = np.std(noisy - clean, axis=(0, 2)) / np.sqrt(np.mean(clean**2, axis=(0, 2)))
    np.testing.assert_allclose(share, 0.05, rtol=0.05)


def test_an_unfinished_suite_says_so(folder: Path) -> None:
    key = "dysts | ours | Oscillator | noise 0.01"
    known = {key: {"exact": True, "error": 1e-3, "verdict": "law", "seconds": 1.0, "missing": [], "extra": []}}
    (table,) = dysts.run(Plan(data=folder), Campaign(deadline=0.0, records=known))
    ours = [row for row in table.rows if row[0] == "ours"]
    assert [row[2] for row in ours] == ["1/1", "unfinished"]
    assert all("published" in row[0] for row in table.rows if row not in ours)


def test_the_data_have_to_be_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--data"):
        dysts.run(Plan(), Campaign())
    with pytest.raises(SystemExit, match="There is no"):
        dysts.run(Plan(data=tmp_path), Campaign())
