"""The tables that ship: what is in them, that they cite their source, and that the package carries them."""

from importlib import resources

import numpy as np
import pytest

import discover
from discover.errors import SettingError


def test_pelts() -> None:
    data = discover.example("pelts")
    assert data["time"].attrs == {"long_name": "year", "units": "year"}
    assert data["time"].values.tolist() == list(range(1900, 1921))
    assert (data["hare"].units, data["lynx"].units) == ("thousand pelts", "thousand pelts")
    assert (data["hare"].values[0], data["lynx"].values[-1]) == (30.0, 8.6)


def test_pendulum() -> None:
    data = discover.example("pendulum")
    assert list(data.data_vars) == ["theta", "omega"]
    assert data["theta"].units == "rad"
    assert "units" not in data["time"].attrs
    theta, omega, time = data["theta"].values, data["omega"].values, data["time"].values
    slope = np.gradient(theta, time)
    assert np.corrcoef(slope, omega)[0, 1] > 0.99
    alpha = np.gradient(omega, time)
    law = np.stack([-np.sin(theta), -omega])
    k, c = np.linalg.lstsq(law.T, alpha, rcond=None)[0]
    assert k == pytest.approx(1.262, rel=0.05)
    assert abs(c) < 0.05


def test_cooling() -> None:
    data = discover.example("cooling")
    assert data["T"].units == "degC"
    assert data["time"].units == "min"
    assert np.all(np.diff(data["T"].values[::20]) < 0)


@pytest.mark.parametrize("name", discover.example_names())
def test_every_example_cites_its_source(name: str) -> None:
    text = (resources.files("discover.data") / "examples" / f"{name}.csv").read_text(encoding="utf-8")
    assert "# Source: " in text
    assert "# Accepted law" in text
    assert discover.example(name).attrs["source"] == f"{name}.csv"


def test_an_example_that_is_not_there() -> None:
    with pytest.raises(SettingError, match=r'there is no example "pelt"\. Did you mean "pelts"\?'):
        discover.example("pelt")
