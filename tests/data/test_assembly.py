"""The layout of the Dataset, reserved names, and a fingerprint that no spelling changes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import discover
from discover.errors import DataError

T = [0.0, 0.5, 1.0, 1.5, 2.0]
X = [1.0, -0.0, 2.5, float("nan"), 3.0]
Y = [2.0, 1.0, 0.0, 1.0, 2.0]


def fingerprint(source, **options) -> str:
    return discover.load(source, **options).attrs["fingerprint"]


@pytest.fixture
def reference() -> str:
    return fingerprint({"t": T, "x": X, "y": Y})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("t,x,y\n0,1,2\n0.5,0,1\n1,2.5,0\n1.5,,1\n2,3,2\n", "a.csv"),
        ("# c\ny;x;t\n2,0;1,0;0\n1;-0;0,5\n0;2,5;1\n1;NA;1,5\n2;3,00;2\n", "b.txt"),
        ('"t [s]"\t"x [m]"\t"y (K)"\n0\t1e0\t2\n.5\t0.\t1\n1\t25e-1\t0\n1.5\tnan\t1\n2\t3\t2\n', "c.tsv"),
    ],
)
def test_the_spelling_of_a_file_does_not_matter(reference: str, tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / name).write_text(text)
    assert fingerprint(tmp_path / name) == reference


def test_the_kind_of_source_does_not_matter(reference: str) -> None:
    assert reference.startswith("sha256:")
    assert len(reference) == 7 + 64
    frame = pd.DataFrame({"t": T, "x": X, "y": Y})
    assert fingerprint(frame) == reference
    assert fingerprint(frame.set_index("t")) == reference
    assert fingerprint(discover.load(frame)) == reference
    assert fingerprint(frame, inputs="y") == reference


@pytest.mark.parametrize(
    "changed",
    [
        {"t": [*T[:4], 2.5], "x": X, "y": Y},
        {"t": T, "x": [*X[:4], 3.0000001], "y": Y},
        {"t": T, "x": [*X[:3], 0.0, 3.0], "y": Y},
        {"t": T, "x2": X, "y": Y},
        {"t": T, "x": Y, "y": X},
        {"t": T, "x": X},
    ],
)
def test_names_values_and_times_matter(reference: str, changed: dict) -> None:
    assert fingerprint(changed) != reference


def test_where_trajectories_end_matters() -> None:
    source = {"t": [0, 1, 2, 3, 4, 5], "x": [1, 2, 3, 1, 2, 3]}
    one = fingerprint({**source, "run": list("aaabbb")}, group="run")
    other = fingerprint({**source, "run": list("aabbbb")}, group="run")
    assert one != other != fingerprint(source)


@pytest.mark.parametrize("name", ["time", "sample", "trajectory"])
def test_names_of_coordinates_are_reserved(name: str) -> None:
    with pytest.raises(DataError, match=f'no state or input can be called "{name}"'):
        discover.load({"t": T, name: Y}, time="t")


def test_values_are_float64_and_finite_or_missing() -> None:
    data = discover.load({"t": np.arange(5), "x": np.array([1, 2, 3, 2, 1], dtype=np.float32), "y": [1, 0, 1, 1, 0]})
    assert {variable.dtype for variable in data.variables.values()} == {np.dtype(np.float64)}
