"""A field in a file gives the answer of the field in memory, whatever the length of its tiles."""

import numpy as np
import pytest
import xarray as xr

import discover
from discover.data.formulate import formulate
from discover.data.stored import Stored
from discover.data.survey import Surveyor
from discover.data.tiles import tiles
from discover.expr import Derivatives, Polynomial
from discover.inference.chisquare import estimate
from discover.inference.rows import Rows, assemble


def spectrum_of_waves(shape: tuple[int, ...], seed: int) -> np.ndarray:
    t = np.linspace(0.0, 4.0, shape[0]).reshape(-1, *(1,) * (len(shape) - 1))
    u = np.zeros(shape)
    for k, n in enumerate(shape[1:]):
        x = np.linspace(0.0, 2.0 * np.pi, n, endpoint=False).reshape(
            [-1 if k == j else 1 for j in range(len(shape) - 1)]
        )
        u = u + np.sin(x - (1 + k) * t) + 0.5 * np.cos(2.0 * x + t)
    return u + 0.01 * np.random.default_rng(seed).standard_normal(shape)


def written(path, shape=(120, 90)) -> str:
    """Write two fields, one with its axes the other way round, and return the file's name."""
    axes = ("time", "x", "y")[: len(shape)]
    u, v = spectrum_of_waves(shape, 0), spectrum_of_waves(shape, 1)
    coordinates = {name: np.linspace(0.0, 4.0, n) for name, n in zip(axes, shape, strict=True)}
    file = str(path / "field.nc")
    xr.Dataset({"u": (axes, u), "v": (axes[::-1], v.T)}, coordinates).to_netcdf(file, engine="h5netcdf")
    return file


def lazily(monkeypatch: pytest.MonkeyPatch, n_values: int) -> None:
    """From here on every field stays in its file, and tiles hold about so many values."""
    monkeypatch.setattr("discover.data.lazy.IN_MEMORY", 1000)
    monkeypatch.setattr("discover.data.tiles.TILE", n_values)


def regression(file: str, order: int, n_axes: int, n_jobs: int | None = None) -> Rows:
    problem = formulate(discover.load(file))
    return assemble(problem, Derivatives(Polynomial(3), order, n_axes).build(problem.names), n_jobs=n_jobs)


def close(found, expected) -> bool:
    return bool(np.abs(np.asarray(found) - expected).max() <= 1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("shape", [(120, 90), (40, 30, 24)])
def test_a_field_in_a_file_gives_the_numbers_of_the_field_in_memory(tmp_path, monkeypatch, shape):
    file = written(tmp_path, shape)
    whole = regression(file, 2, len(shape) - 1)
    lazily(monkeypatch, 2 * int(np.prod(shape[1:])) * 17)
    streamed = regression(file, 2, len(shape) - 1)
    assert isinstance(streamed.blocks[0].X, Stored)
    assert isinstance(whole.blocks[0].X, np.ndarray)
    mine, one = (estimate(rows, 0, (1, 5, 9)) for rows in (streamed, whole))
    assert np.array_equal(streamed.problem.noise, whole.problem.noise)
    assert close(streamed.problem.scale, whole.problem.scale)
    assert close(streamed.blocks[0].Y, whole.blocks[0].Y)
    assert close(streamed.theta[0], whole.theta[0])
    assert close(mine.chi2, one.chi2)
    assert close(mine.coefficients, one.coefficients)


def test_threads_do_not_change_a_bit(tmp_path, monkeypatch):
    file = written(tmp_path)
    lazily(monkeypatch, 2 * 90 * 50)
    monkeypatch.setattr("discover.data.contraction.NARROW", 8)
    alone = regression(file, 1, 1, n_jobs=1)
    assert all(np.array_equal(alone.theta[0], regression(file, 1, 1, n_jobs).theta[0]) for n_jobs in (2, 5))


def test_dynamics_of_a_field_that_stays_in_its_file(tmp_path, monkeypatch):
    t, x = np.linspace(0.0, 3.0, 90), np.linspace(0.0, 2.0 * np.pi, 64, endpoint=False)
    u = np.exp(-0.3 * t)[:, None] * np.sin(x - t[:, None]) + np.exp(-1.2 * t)[:, None] * np.cos(2.0 * (x - t[:, None]))
    file = str(tmp_path / "waves.nc")
    noisy = u + 0.01 * np.random.default_rng(0).standard_normal(u.shape)
    xr.Dataset({"u": (("time", "x"), noisy)}, {"time": t, "x": x}).to_netcdf(file, engine="h5netcdf")
    library = Derivatives(Polynomial(1), 2)
    expected = discover.dynamics(file, library=library).equations["u"]
    lazily(monkeypatch, 64 * 20)
    found = discover.dynamics(file, library=library)
    assert [term.expr for term in found.equations["u"].terms] == [term.expr for term in expected.terms]
    values = [np.array([term.value for term in one.terms]) for one in (found.equations["u"], expected)]
    assert np.allclose(*values, rtol=1e-9)
    assert len(expected.terms) == 2  # u_t = -u_x + 0.3 u_xx
    assert any("read when they are needed" in note for note in found.law.provenance.notes)


def test_progress_is_told_while_a_file_is_read(tmp_path, monkeypatch):
    file = written(tmp_path)
    lazily(monkeypatch, 2 * 90 * 30)
    told: list[tuple[str, float]] = []
    formulate(discover.load(file), observe=lambda step, share: told.append((step, share)))
    assert {step for step, _ in told} == {"reading the field"}
    assert told[-1][1] == 1.0
    assert len({share for _, share in told}) >= 4


def test_a_sample_of_a_large_recording_is_as_good_as_all_of_it(monkeypatch):
    monkeypatch.setattr("discover.data.survey.MOST", 5000)
    X = spectrum_of_waves((200, 150), 3)[None]
    surveyor = Surveyor(X.shape)
    for first in range(0, 200, 37):
        surveyor.take(first, X[:, first : first + 37])
    survey = surveyor.survey()
    assert survey.series.size <= 5000
    assert survey.frames.size <= 5000
    assert survey.variance[0] == pytest.approx(X.var(), rel=1e-12)
    assert np.array_equal(survey.series, X[:, :, surveyor.points])
    assert np.array_equal(survey.frames, X[:, surveyor.times])


def test_tiles_cover_a_field_once(monkeypatch):
    u = xr.DataArray(np.arange(60.0).reshape(20, 3), dims=("time", "x"))
    monkeypatch.setattr("discover.data.tiles.TILE", 2 * 3 * 6)
    found = list(tiles(Stored((u, -u), 2, 19)))
    assert [(tile.start, tile.n) for tile in found] == [(0, 6), (6, 6), (12, 5)]
    assert np.array_equal(np.concatenate([tile.values for tile in found], axis=1), np.stack([u, -u])[:, 2:19])


def test_a_tile_holds_whole_chunks_of_the_file(monkeypatch):
    u = xr.DataArray(np.zeros((40, 3)), dims=("time", "x"))
    u.encoding["preferred_chunks"] = {"time": 8}
    monkeypatch.setattr("discover.data.tiles.TILE", 3 * 13)
    assert [tile.n for tile in tiles(Stored((u,), 0, 40))] == [8] * 5
