"""A law found over space carries its recording and the simulation beside it, within bounds."""

import numpy as np
import pytest
import xarray as xr

import discover
from discover.data import load
from discover.data.formulate import formulate
from discover.judge import movie


@pytest.fixture(scope="module")
def found() -> discover.Discovery:
    t, x = np.linspace(0.0, 2.0, 250), np.linspace(0.0, 2 * np.pi, 96, endpoint=False)
    phase, fading = x - t[:, None], np.exp(-0.3 * t)[:, None]
    u = fading * np.sin(phase) + 0.5 * fading**4 * np.cos(2 * phase)
    u += np.random.default_rng(0).normal(0.0, 0.005, u.shape)
    data = xr.Dataset({"u": (("time", "x"), u)}, coords={"time": t, "x": x})
    return discover.dynamics(load(data, time="time", space="x"))


def test_the_simulation_follows_the_recording(found: discover.Discovery) -> None:
    (patch,) = found.law.evidence.fields
    assert patch.measured.size <= 20_000
    assert patch.axes == ("time", "x")
    assert np.sqrt(np.mean((patch.simulated - patch.measured) ** 2)) < 0.05
    assert any("The edges were taken for" in note for note in found.law.provenance.notes)
    assert found.law.evidence.noise[0] == pytest.approx(0.005, rel=0.3)


def test_a_grid_too_large_is_told_and_not_simulated(found: discover.Discovery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movie, "MOST_POINTS", 50)
    t, x = np.linspace(0.0, 2.0, 60), np.linspace(0.0, 2 * np.pi, 64, endpoint=False)
    u = np.sin(x - t[:, None]) + 0.1 * np.cos(3 * (x - t[:, None]))
    data = load(xr.Dataset({"u": (("time", "x"), u)}, coords={"time": t, "x": x}), time="time", space="x")
    law = movie.with_movie(formulate(data, None), found.law)
    assert np.isnan(law.evidence.fields[0].simulated).all()
    assert law.provenance.notes[-1] == "The law was not simulated beside the data: their grid has 64 points."
