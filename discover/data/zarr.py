"""Zarr -> xarray.Dataset: a folder of arrays with named dimensions, or of arrays that are columns."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover.data.arrays import from_members, members_of
from discover.data.binary import needed, told_if_damaged
from discover.data.columns import Table
from discover.data.gridded import Gridded
from discover.data.netcdf import with_times
from discover.data.roles import NOTHING, Named
from discover.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

METADATA = {"zarr.json": "a group", ".zgroup": "a group", ".zarray": "one array"}
"""File in a Zarr folder -> what the folder is, as far as that file tells."""


def read_zarr(path: Path, named: Named = NOTHING) -> "tuple[xr.Dataset | Table | Gridded, list[str]]":
    """Return a Zarr group as a Dataset where its dimensions have names, else its arrays; and notes.

    Args:
        path: the folder.
        named: what the caller gave a role.

    Raises:
        DataError: where the folder is damaged or no Zarr group, or where arrays are pickled.
        UnavailableError: where the package zarr is not installed.
    """
    zarr = needed("zarr", path)
    with told_if_damaged(path, "Zarr"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Zarr warns about what it may write, not about what is read.
        _check(path)
        # Sorted, because folders are listed in any order, and the order of states is that of the equations.
        arrays = dict(sorted(zarr.open_group(path, mode="r", use_consolidated=False).arrays()))
        notes = [note for name, array in arrays.items() for note in _unwritten(name, array)]
        if all(len(_dims(array)) == array.ndim for array in arrays.values()):
            dataset, more = with_times(lambda decode_times: _read(path, decode_times))
            return dataset[sorted(map(str, dataset.data_vars))], [*notes, *more]
        units = {name: str(array.attrs["units"]) for name, array in arrays.items() if "units" in array.attrs}
        return from_members(members_of(arrays, lambda dtype: ""), path.name, named, units), notes


def _read(path: Path, decode_times: bool) -> "xr.Dataset":
    import xarray as xr

    from discover.data.lazy import read_if_small

    dataset = xr.open_dataset(
        path, engine="zarr", consolidated=False, decode_times=decode_times, decode_timedelta=False
    )
    return read_if_small(dataset)


def _dims(array: Any) -> tuple[Any, ...]:
    """Return the names of an array's dimensions, () where it has none: version 3 has a field for them, 2 does not."""
    named = getattr(array.metadata, "dimension_names", None) or array.attrs.get("_ARRAY_DIMENSIONS", ())
    return tuple(name for name in named if name is not None)


def _unwritten(name: str, array: Any) -> Iterator[str]:
    """Yield a note where parts of an array are not there, be it that nobody wrote them or that the copy lacks them."""
    missing = array.nchunks - array.nchunks_initialized
    if missing and array.fill_value == array.fill_value:
        yield (
            f'{missing} of {array.nchunks} chunks of "{name}" are not in the folder and were read as '
            f"{array.fill_value}; if they should be there, copy it again."
        )


# --- metadata ---------------------------------------------------------------------------------------------------------


def _check(path: Path) -> None:
    """Raise DataError unless the folder is a Zarr group whose arrays can be read without running code."""
    if not path.is_dir():
        raise DataError(f"{path.name} is a file, and Zarr is a folder; unpack it, or copy the whole folder.")
    found = [name for name in METADATA if (path / name).exists()]
    if not found:
        raise DataError(f"{path.name} is not Zarr whatever its name says: it holds no zarr.json and no .zgroup.")
    if METADATA[found[0]] == "one array" or _parsed(path / found[0]).get("node_type") == "array":
        raise DataError(f"{path.name} is one array without a name; keep each column as an array in a group.")
    for file in (*path.glob("*/.zarray"), *path.glob("*/zarr.json")):
        codecs = [name.lower() for name in _codecs(_parsed(file))]
        if any("pickle" in name for name in codecs):
            raise DataError(
                f'{path.name}: "{file.parent.name}" is pickled, and unpickling it may run code; save numbers and text '
                "as plain arrays."
            )
        if "blosc" in codecs and "sharding_indexed" not in codecs:
            _check_blosc(file.parent)


def _check_blosc(folder: Path) -> None:
    """Raise ValueError where a chunk is shorter than it says, because Blosc reads on behind its end and says nothing.

    Bytes 12 to 15 of a chunk are its length (c-blosc, README_CHUNK_FORMAT).
    """
    for chunk in (file for file in folder.rglob("[!.]*") if file.is_file() and file.name != "zarr.json"):
        with chunk.open("rb") as file:
            start = file.read(16)
        if len(start) < 16 or int.from_bytes(start[12:], "little") != chunk.stat().st_size:
            raise ValueError(f"chunk {chunk.name} of {folder.name} is cut short")


def _parsed(file: Path) -> dict[str, Any]:
    parsed = json.loads(file.read_bytes())
    return parsed if isinstance(parsed, dict) else {}


def _codecs(node: Any) -> Iterator[str]:
    """Yield the names of all codecs in the metadata of an array; attributes, which may say anything, are left out."""
    if isinstance(node, list):
        for item in node:
            yield from _codecs(item)
    elif isinstance(node, dict):
        yield from (str(node[key]) for key in ("id", "name") if key in node)
        for key, item in node.items():
            if key != "attributes":
                yield from _codecs(item)
