"""Fields that Dask has chunked: the same numbers as in memory, summed on a cluster or read here."""

from collections.abc import Iterator

import numpy as np
import pytest
import xarray as xr

import discover
from discover.data import afar
from discover.data.contraction import contracted
from discover.data.fieldrows import grid
from discover.data.lazy import laid_out
from discover.data.stored import Stored
from discover.data.survey import surveyed
from discover.data.tiles import bounds
from discover.expr import parse
from discover.problem import Grid

distributed = pytest.importorskip("distributed", reason="pip install 'discover-equations[dask]'")


@pytest.fixture
def client() -> Iterator[object]:
    """Return the client of a cluster of two threads in this process."""
    with distributed.Client(
        processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0", set_as_default=True
    ) as found:
        yield found


@pytest.fixture
def field(monkeypatch: pytest.MonkeyPatch) -> xr.Dataset:
    """Return a wave that drifts and spreads, in memory; every field is taken for larger than that."""
    monkeypatch.setattr("discover.data.tiles.TILE", 2000)
    t, x = np.linspace(0.0, 4.0, 120), np.linspace(0.0, 2.0 * np.pi, 64, endpoint=False)
    waves = (np.exp(-0.05 * k**2 * t)[:, None] * np.sin(k * (x - 0.7 * t[:, None]) + k) for k in (1, 2, 3))
    values = sum(waves) + 0.002 * np.random.default_rng(0).standard_normal((120, 64))
    return xr.Dataset({"u": (("time", "x"), values)}, {"time": t, "x": x})


def lattice(field: xr.Dataset) -> Grid:
    return grid((field["time"].values, field["x"].values), [10, 8], [1, 3])


WANTED = [((1, 0), parse("u", ["u"])), ((0, 2), parse("u", ["u"])), ((0, 1), parse("u**2", ["u"]))]


def test_sums_on_a_cluster_have_the_same_bits(
    field: xr.Dataset, client: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiles: list[int] = []
    over_tiles = afar.over_tiles

    def counted(*arguments: object) -> Iterator[object]:
        for found in over_tiles(*arguments):  # pyright: ignore[reportArgumentType]
            tiles.append(1)
            yield found

    monkeypatch.setattr("discover.data.contraction.over_tiles", counted)
    here = contracted(WANTED, field["u"].values[None], lattice(field))
    assert not tiles
    told: list[float] = []
    X = Stored([field["u"].chunk(time=10)], 0, 120, lambda step, share: told.append(share))
    there = contracted(WANTED, X, lattice(field))
    assert len(tiles) == len(bounds(X)) > 3
    assert told[-1] == 1.0
    assert np.array_equal(here, there) or np.allclose(here, there, rtol=1e-12, atol=0.0)


def test_what_a_field_is_like_is_found_out_on_the_cluster(field: xr.Dataset, client: object) -> None:
    gap = field["u"].where((field["time"] < 1.0) | (field["x"] > 0.5))
    for values in (field["u"], gap):
        here = surveyed(Stored([values], 0, 120))
        there = surveyed(Stored([values.chunk(time=10, x=16)], 0, 120))
        assert here.n_missing == there.n_missing == int(values.isnull().sum())
        assert np.array_equal(here.series, there.series, equal_nan=True)
        assert np.array_equal(here.frames, there.frames, equal_nan=True)
        assert there.mean == pytest.approx(here.mean, rel=1e-12)  # tiles end where chunks do, so sums differ in a bit
        assert there.variance == pytest.approx(here.variance, rel=1e-12)


def test_without_a_cluster_chunks_are_read_here(field: xr.Dataset) -> None:
    X = Stored([field["u"].chunk(time=10)], 5, 100)
    assert afar.client_of(X) is None
    assert np.array_equal(X[:], field["u"].values[None, 5:100])
    assert afar.client_of(field["u"].values) is None


@pytest.fixture
def two_processes() -> Iterator[object]:
    """Return the client of a cluster of two processes."""
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster,
        distributed.Client(cluster, set_as_default=True) as found,
    ):
        yield found


def test_a_law_is_the_same(field: xr.Dataset, two_processes: object, monkeypatch: pytest.MonkeyPatch) -> None:
    library = discover.Derivatives(discover.Polynomial(1), 2, 1)
    in_memory = discover.dynamics(discover.load(field, time="time", space="x"), library=library)
    monkeypatch.setattr("discover.data.lazy.IN_MEMORY", 1000)
    chunked = discover.load(field.chunk(time=10), time="time", space="x")
    assert any("read when they are needed" in note for note in chunked.notes)
    found = discover.dynamics(chunked, library=library)
    values = [[term.value for term in one.law.equations[0].terms] for one in (in_memory, found)]
    assert values[0] == pytest.approx(values[1], rel=1e-9)
    assert [term.expr for term in in_memory.law.equations[0].terms] == [t.expr for t in found.law.equations[0].terms]


@pytest.mark.parametrize("dims", [("x", "t"), ("t", "x"), ("x",)])
def test_chunks_are_laid_out_like_anything_else(dims: tuple[str, ...]) -> None:
    shape = {"t": 4, "x": 3}
    source = xr.Variable(dims, np.arange(float(np.prod([shape[d] for d in dims]))).reshape([shape[d] for d in dims]))
    plain = laid_out(source, shape, {"t"}, np.asarray, at_once=True)
    chunked = laid_out(source.chunk(dict.fromkeys(dims, 2)), shape, {"t"}, np.asarray, at_once=False)
    assert chunked.chunks is not None
    assert chunked.dims == plain.dims
    assert np.array_equal(chunked.values, plain.values)
