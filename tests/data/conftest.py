"""One table as columns and as a CSV file: whatever format it is written in, `load` must give the same data."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import discover

Columns = dict[str, Any]


@pytest.fixture
def columns() -> Columns:
    """Return two trajectories of unequal length, with a gap, truth values and labels."""
    return {
        "t": np.array([0.0, 0.5, 1.0, 1.5, 0.0, 0.5, 1.0]),
        "x": np.array([1.0, np.nan, 1 / 3, 2.0, 1e-9, 5.0, -4.0]),
        "u": np.array([True, False, False, True, True, False, True]),
        "run": np.array(["first", "first", "first", "first", "b", "b", "b"]),
    }


@pytest.fixture
def dated() -> Columns:
    """Return one trajectory whose times are dates."""
    days = np.array("2020-02-28", dtype="datetime64[ns]") + np.arange(6) * np.timedelta64(36, "h")
    return {"day": days, "x": np.array([1.0, 2.0, 4.0, 3.0, 1.0, 0.5])}


@pytest.fixture
def as_csv(tmp_path: Path) -> Callable[..., xr.Dataset]:
    """Return a function that loads columns by way of a CSV file."""

    def load(columns: Columns, **options: Any) -> xr.Dataset:
        rows = zip(*(values.tolist() for values in map(_as_text, columns.values())), strict=True)
        lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
        (tmp_path / "same.csv").write_text("\n".join(lines) + "\n")
        return discover.load(tmp_path / "same.csv", **options)

    return load


def _as_text(values: np.ndarray) -> np.ndarray:
    return np.datetime_as_string(values, unit="m") if values.dtype.kind == "M" else values


@pytest.fixture
def assert_same(as_csv: Callable[..., xr.Dataset]) -> Callable[..., xr.Dataset]:
    """Return a function that loads a file, asserts that a CSV of the columns gives the same, and returns the data."""

    def check(path: Path, columns: Columns, **options: Any) -> xr.Dataset:
        data, other = discover.load(path, **options), as_csv(columns, **options)
        assert data.attrs["fingerprint"] == other.attrs["fingerprint"]
        assert data.attrs["source"] == path.name
        assert data.attrs["notes"] == other.attrs["notes"]
        assert list(data.variables) == list(other.variables)
        return data

    return check
