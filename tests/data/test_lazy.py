"""Fields that stay in their file: the same values as those read at once, whatever part of them is asked for."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import discover
from discover.data.fields import grids
from discover.data.lazy import laid_out
from discover.errors import DataError

SIZES = {"time": 7, "x": 6, "y": 5}
VALUES = np.random.default_rng(0).normal(size=(5, 7, 6))
"""Over y, time and x."""


@pytest.fixture
def nothing_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discover.data.lazy.IN_MEMORY", 0)
    monkeypatch.setattr("discover.data.snapshots.STRETCH", 60)


def field() -> xr.Dataset:
    coordinates = {"t": 0.1 * np.arange(7), "x": np.arange(6.0), "y": -np.arange(5.0)}
    source = xr.Dataset({"u": (("y", "t", "x"), VALUES), "f": ("t", np.arange(7) ** 2.0)}, coordinates)
    return source.where(source.x + source.t > 0.25).assign(f=source["f"])


def slices(n: int) -> st.SearchStrategy[int | slice | list[int]]:
    ends = st.integers(-n, n) | st.none()
    steps = st.sampled_from([None, 1, 2, 3, -1, -2])
    return st.integers(-n, n - 1) | st.builds(slice, ends, ends, steps) | st.lists(st.integers(0, n - 1), max_size=4)


@given(
    st.tuples(*(slices(n) for n in SIZES.values())),
    st.sets(st.sampled_from(sorted(SIZES))),
    st.sampled_from([("y", "time", "x"), ("x", "y"), ("time",)]),
)
def test_every_part_is_that_of_the_array_in_memory(key, falling: set[str], own: tuple[str, ...]) -> None:
    whole = xr.DataArray(VALUES, dims=("y", "time", "x"))
    source = whole.isel({dim: 0 for dim in SIZES if dim not in own}).transpose(*own).variable
    lazy = laid_out(source, SIZES, falling, np.negative, at_once=False)
    at_once = laid_out(source, SIZES, falling, np.negative, at_once=True)
    turned = source.isel({dim: slice(None, None, -1) for dim in own if dim in falling})
    expected = -turned.set_dims({dim: SIZES[dim] for dim in SIZES}).transpose(*SIZES).values
    np.testing.assert_array_equal(at_once.values, expected)
    parts = dict(zip(SIZES, key, strict=True))
    np.testing.assert_array_equal(lazy.isel(parts).values, at_once.isel(parts).values)


@pytest.mark.parametrize("engine", ["h5netcdf", "scipy"])
@pytest.mark.usefixtures("nothing_fits")
def test_a_large_file_gives_the_same_field(tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    encoding = {"u": {"chunksizes": (5, 3, 2)}} if engine == "h5netcdf" else None
    field().to_netcdf(tmp_path / "u.nc", engine=engine, encoding=encoding)
    data = discover.load(tmp_path / "u.nc", inputs="f")
    assert data.notes[2:4] == [
        '"y" decreases, so the field was turned round along it.',
        "The field takes 0.0 GiB, so its values are read when they are needed.",
    ]
    [(_, lazy_axes, values)] = grids(data)
    part = data["u"].isel(time=slice(2, 4), x=3).values
    again = discover.load(data)
    assert again.fingerprint == data.fingerprint
    monkeypatch.undo()
    whole = discover.load(field(), inputs="f")
    assert whole.fingerprint == data.fingerprint
    assert [note for note in data.notes if "missing" in note] == [note for note in whole.notes if "missing" in note]
    [(_, axes, expected)] = grids(whole)
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(part, whole["u"].isel(time=slice(2, 4), x=3).values)
    for lazy, axis in zip(lazy_axes, axes, strict=True):
        np.testing.assert_array_equal(lazy, axis)
    assert whole.notes == discover.load(data.load()).notes


@pytest.mark.usefixtures("nothing_fits")
def test_only_what_is_asked_for_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    field().to_netcdf(tmp_path / "u.nc", engine="h5netcdf")
    data = discover.load(tmp_path / "u.nc", inputs="f")
    read: list[tuple[int, ...]] = []
    kept = xr.Variable.values.fget  # type: ignore[attr-defined]

    def spied(variable: xr.Variable) -> np.ndarray:
        values = kept(variable)
        read.append(values.shape)
        return values

    monkeypatch.setattr(xr.Variable, "values", property(spied))
    assert data["u"].isel(time=2, x=slice(1, 3)).values.shape == (5, 2)
    assert max(int(np.prod(shape)) for shape in read) == 10


@pytest.mark.usefixtures("nothing_fits")
def test_an_infinite_value_is_found_where_it_is(tmp_path: Path) -> None:
    source = field()
    source["u"][4, 6, 5] = -np.inf
    source.to_netcdf(tmp_path / "u.nc", engine="h5netcdf")
    with pytest.raises(DataError, match=r'u\.nc: "u" is infinite at t = 0\.6, y = -4, x = 5; correct it'):
        discover.load(tmp_path / "u.nc", inputs="f")


@pytest.mark.usefixtures("nothing_fits")
def test_parts_of_complex_values() -> None:
    source = field()[["u"]].fillna(0.5).rename(u="psi") * (1 - 3j)
    data = discover.load(source)
    assert not isinstance(data["psi_re"].variable._data, np.ndarray)
    np.testing.assert_array_equal(data["psi_im"].values, -3 * data["psi_re"].values)
