"""Zarr: both versions, with and without names of dimensions, parts that are missing, and nothing pickled."""

import json
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import discover
from discover.errors import DataError

zarr = pytest.importorskip("zarr", reason="zarr, of the extra formats, is not installed")
numcodecs = pytest.importorskip("numcodecs")

T = np.arange(50.0)
VERSIONS = pytest.mark.parametrize("version", [2, 3])


def stored(path: Path, dataset: xr.Dataset, version: int) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # text has no place in the specification of version 3 yet
        dataset.to_zarr(path, zarr_format=version)
    return path


def arrays(path: Path, columns: dict, version: int, **options: Any) -> Path:
    """Write arrays without names of dimensions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        group = zarr.create_group(path, zarr_format=version)
        for name, values in columns.items():
            group.create_array(name, data=values, **options)
    return path


def chunk(path: Path, name: str, number: int) -> Path:
    return path / name / (str(number) if (path / ".zgroup").exists() else f"c/{number}")


@VERSIONS
def test_the_same_as_a_csv_file(columns, assert_same, tmp_path: Path, version: int) -> None:
    dataset = xr.Dataset({name: ("row", values) for name, values in columns.items()})
    assert_same(stored(tmp_path / "d.zarr", dataset, version), columns, group="run", inputs="u")


@VERSIONS
def test_arrays_without_names_of_dimensions(columns, as_csv, tmp_path: Path, version: int) -> None:
    path = arrays(tmp_path / "d.zarr", columns, version)
    options = {"group": "run", "inputs": "u"}
    assert discover.load(path, **options).fingerprint == as_csv(columns, **options).fingerprint


@VERSIONS
def test_dates_and_units(dated, as_csv, tmp_path: Path, version: int) -> None:
    dataset = xr.Dataset({"x": ("day", dated["x"], {"units": "m s-1"})}, {"day": dated["day"]})
    data = discover.load(stored(tmp_path / "d.zarr", dataset, version))
    assert data.fingerprint == as_csv(dated).fingerprint
    assert (data["x"].units, data["time"].units) == ("m s-1", "s")


def test_units_of_arrays_without_names_of_dimensions(tmp_path: Path) -> None:
    path = arrays(tmp_path / "d.zarr", {"t": T, "x": T**2, "g": np.array(9.81)}, 3)
    zarr.open_group(path)["x"].attrs["units"] = "m"
    data = discover.load(path)
    assert data["x"].units == "m"
    assert '"g" is a single value and was left out.' in data.notes


@VERSIONS
def test_what_load_returned_survives_the_folder(tmp_path: Path, version: int) -> None:
    source = {"t [s]": [0, 1, 2, 0, 1], "x [m]": [1, np.nan, 3, 2, 1], "u": [1, 0, 0, 1, 1], "run": list("aaabb")}
    data = discover.load(source, group="run", inputs="u")
    assert discover.load(stored(tmp_path / "d.zarr", data, version)).identical(data)


@VERSIONS
@pytest.mark.parametrize("named", [True, False])
def test_a_field_over_space(tmp_path: Path, version: int, named: bool) -> None:
    x = np.linspace(0.0, 2.0, 8)
    field = {"t": T, "x": x, "u": np.sin(T[:, None] - x)}
    dataset = xr.Dataset({"u": (("t", "x"), field["u"])}, {"t": T, "x": x})
    path = tmp_path / "d.zarr"
    assert stored(path, dataset, version) if named else arrays(path, field, version)
    assert discover.load(path).fingerprint == discover.load(dataset).fingerprint


@VERSIONS
def test_what_is_not_asked_for_may_be_anything(tmp_path: Path, version: int) -> None:
    path = arrays(tmp_path / "d.zarr", {"t": T, "x": T**2, "image": np.ones((4, 3)), "short": T[:2]}, version)
    assert list(discover.load(path, columns="x").data_vars) == ["x"]


# --- damage -----------------------------------------------------------------------------------------------------------


@VERSIONS
def test_chunks_that_are_missing_are_told(tmp_path: Path, version: int) -> None:
    path = arrays(tmp_path / "d.zarr", {"t": T, "x": T + 1}, version, chunks=(10,))
    assert not any("chunks" in note for note in discover.load(path).notes)
    chunk(path, "x", 3).unlink()
    data = discover.load(path)
    assert (data["x"].values[30:40] == 0).all()
    assert data.notes[0] == (
        '1 of 5 chunks of "x" are not in the folder and were read as 0.0; if they should be there, copy it again.'
    )


@VERSIONS
@pytest.mark.parametrize("codec", [None, "gzip", "blosc", "zstd"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_a_chunk_cut_short(tmp_path: Path, version: int, codec: str | None, share: float) -> None:
    old = {"gzip": numcodecs.GZip(), "blosc": numcodecs.Blosc(), "zstd": numcodecs.Zstd()}
    new = {"gzip": zarr.codecs.GzipCodec(), "blosc": zarr.codecs.BloscCodec(), "zstd": zarr.codecs.ZstdCodec()}
    used = (old if version == 2 else new)[codec] if codec else None
    path = arrays(tmp_path / "d.zarr", {"t": T, "x": T**2}, version, chunks=(10,), compressors=used)
    assert discover.load(path)["x"].values.tolist() == (T**2).tolist()
    part = chunk(path, "x", 3)
    part.write_bytes(part.read_bytes()[: int(share * part.stat().st_size)])
    with pytest.raises(DataError, match=r"d\.zarr is damaged or cut short and cannot be read as Zarr \(.*\); copy"):
        discover.load(path)


@VERSIONS
@pytest.mark.parametrize("named", [True, False])
def test_metadata_cut_short(tmp_path: Path, version: int, named: bool) -> None:
    path = tmp_path / "d.zarr"
    dataset = xr.Dataset({"x": ("t", T**2)}, {"t": T})
    assert stored(path, dataset, version) if named else arrays(path, {"t": T, "x": T**2}, version)
    file = path / "x" / (".zarray" if version == 2 else "zarr.json")
    file.write_bytes(file.read_bytes()[:60])
    with pytest.raises(DataError, match=r"d\.zarr is damaged or cut short and cannot be read as Zarr \(.*\); copy"):
        discover.load(path)


# --- what is no table -------------------------------------------------------------------------------------------------


class Trap:
    """What leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("place", ["filters", "compressor"])
@pytest.mark.parametrize("spelling", ["pickle", "pick\\u006ce"])
def test_nothing_is_unpickled(tmp_path: Path, place: str, spelling: str) -> None:
    path = arrays(tmp_path / "d.zarr", {"t": T, "x": T**2}, 2)
    file = path / "x" / ".zarray"
    metadata = json.loads(file.read_text()) | {"filters": None, "compressor": None}
    codec = {"id": "PICKLE"}
    metadata[place] = [codec] if place == "filters" else codec
    file.write_text(json.dumps(metadata).replace("PICKLE", spelling))
    chunk(path, "x", 0).write_bytes(pickle.dumps(Trap(tmp_path / "mark")))
    with pytest.raises(DataError, match=r'd\.zarr: "x" is pickled, and unpickling it may run code; save numbers and'):
        discover.load(path)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"t": T, "x": T[:5]}, 'd.zarr: its arrays have different lengths ("t" 50, "x" 5)'),
        ({"t": T, "X": np.ones((50, 3))}, '"X" is an array of shape (50, 3), and its axes do not have the lengths of'),
        ({"t": T, "z": T * 1j}, 'd.zarr: column "z" holds complex numbers'),
        ({"a": np.array(["a", "b"] * 25)}, "d.zarr has no numeric column (columns: a)"),
    ],
)
@VERSIONS
def test_bad_arrays(tmp_path: Path, columns: dict, sentence: str, version: int) -> None:
    path = arrays(tmp_path / "d.zarr", columns, version)
    with pytest.raises(DataError) as error:
        discover.load(path)
    assert sentence in str(error.value)


@VERSIONS
def test_arrays_of_different_lengths_with_names(tmp_path: Path, version: int) -> None:
    dataset = xr.Dataset({"x": ("t", T**2), "y": ("s", T[:5])}, {"t": T})
    with pytest.raises(DataError, match=r"d\.zarr: its variables lie along different dimensions \(t, s\)"):
        discover.load(stored(tmp_path / "d.zarr", dataset, version))


@VERSIONS
def test_an_empty_group(tmp_path: Path, version: int) -> None:
    with pytest.raises(DataError, match=r"d\.zarr has no variable along time; it holds no variables at all\."):
        discover.load(arrays(tmp_path / "d.zarr", {}, version))


@VERSIONS
def test_one_array(tmp_path: Path, version: int) -> None:
    zarr.create_array(tmp_path / "d.zarr", data=T, zarr_format=version)
    with pytest.raises(
        DataError, match=r"d\.zarr is one array without a name; keep each column as an array in a group\."
    ):
        discover.load(tmp_path / "d.zarr")


def test_what_is_no_zarr(tmp_path: Path) -> None:
    (tmp_path / "d.zarr").mkdir()
    with pytest.raises(DataError, match=r"d\.zarr is not Zarr whatever its name says: it holds no zarr\.json and no"):
        discover.load(tmp_path / "d.zarr")
    (tmp_path / "file.zarr").write_text("t,x")
    with pytest.raises(
        DataError, match=r"file\.zarr is a file, and Zarr is a folder; unpack it, or copy the whole fol"
    ):
        discover.load(tmp_path / "file.zarr")


def test_a_folder_nearby_is_suggested(tmp_path: Path) -> None:
    arrays(tmp_path / "pelts.zarr", {"t": T}, 3)
    with pytest.raises(DataError, match=r'there is no file pelt\.zarr in .* Did you mean "pelts\.zarr"\?'):
        discover.load(tmp_path / "pelt.zarr")
    with pytest.raises(DataError, match=r"is a folder; name a file in it, such as pelts\.zarr\."):
        discover.load(tmp_path)
