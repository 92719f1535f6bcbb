"""What a field must be for a law to be fitted to it, and its fingerprint, both found in one pass through its values.

The pass goes from snapshot to snapshot and holds a stretch of them, so fields larger than memory can be checked.
"""

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from discover.data.checks import SENTINELS
from discover.data.columns import counted
from discover.data.fields import space_names
from discover.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

Update = Callable[[bytes | memoryview], object]

STRETCH = 2**23
"""Values in memory at once (64 MiB), unless one snapshot has more."""

WIDER = 8
"""How many times more they may be, so that no chunk of a file is read twice."""


@dataclass(slots=True)
class _Seen:
    """What one pass has seen of a variable: what is missing, which recordings have values, what changes along axes."""

    n_values: int = 0
    n_missing: int = 0
    recordings: set[int] = field(default_factory=set)
    sentinels: dict[float, int] = field(default_factory=dict)
    low: Array | None = None
    high: Array | None = None
    moves: bool = False
    varies: dict[str, bool] = field(default_factory=dict)


def checked(dataset: "xr.Dataset", source: str) -> tuple[list[str], str]:
    """Return notes on missing values and the fingerprint of a field laid out as `load` does.

    The fingerprint is over names, coordinates, labels and values, whatever source and order of axes they came from.

    Raises:
        DataError: for infinite values, a variable without values, and one that is the same at all times or places.
    """
    digest = hashlib.sha256()
    space = sorted(space_names(dataset))
    for name in ("time", *space):
        _feed(digest.update, "" if name == "time" else name, dataset[name].values)
    seen: dict[str, _Seen] = {}
    for name in sorted(map(str, dataset.data_vars)):
        seen[name] = _pass(dataset[name], space, source, digest.update)
    if "trajectory" in dataset.coords:
        digest.update("\0".join(dataset["trajectory"].values.tolist()).encode())
    notes: list[str] = []
    for name in map(str, dataset.data_vars):
        _refuse_still(name, dataset[name].attrs["role"], seen[name], source)
        _refuse_empty(dataset, name, seen[name], source)
        notes += _notes(name, seen[name])
    return notes, f"sha256:{digest.hexdigest()}"


def _feed(update: Update, name: str, values: Array) -> None:
    for part in (name.encode(), str(values.shape).encode(), bytes(_plain(values))):
        update(len(part).to_bytes(8, "little") + part)


def _plain(values: Array) -> memoryview:
    """Return bytes that are the same on every machine: -0.0 + 0.0 is 0.0, and one NaN stands for all of them."""
    plain = np.array(values, dtype="<f8", order="C")
    plain += 0.0
    plain[np.isnan(plain)] = np.nan
    return plain.data.cast("B")


def stretches(variable: "xr.DataArray") -> Iterator[tuple[int, int, Array]]:
    """Yield (recording, first snapshot, values (n_snapshots, n_x, …)) of a variable, piece by piece.

    A piece holds about `STRETCH` values, and whole chunks of the file where those are not much larger.
    """
    recordings = [variable]
    if "trajectory" in variable.dims:
        recordings = [variable.isel(trajectory=index) for index in range(variable.sizes["trajectory"])]
    step = max(1, STRETCH // max(1, math.prod(recordings[0].shape[1:])))
    chunk = variable.encoding.get("preferred_chunks", {}).get("time", 1)
    step = max(step // chunk, 1) * chunk if chunk <= WIDER * step else step
    for index, recording in enumerate(recordings):
        for first in range(0, recording.sizes["time"], step):
            yield index, first, recording.isel(time=slice(first, first + step)).values


def _pass(variable: "xr.DataArray", space: list[str], source: str, update: Update) -> _Seen:
    """Return what is seen of one variable, whose bytes are handed to `update` with space in alphabetic order."""
    own = [str(dim) for dim in variable.dims if dim not in ("trajectory", "time")]
    order = (0, *(1 + own.index(name) for name in space))
    sizes = [variable.sizes[dim] for dim in ("trajectory", "time", *space) if dim in variable.dims]
    seen = _Seen(varies=dict.fromkeys(own, False))
    _feed(update, str(variable.name), np.array(sizes, dtype=np.float64))
    recording = 0
    for index, first, values in stretches(variable):
        if index != recording:
            recording, seen.low, seen.high = index, None, None
        _refuse_infinite(variable, index, first, values, source)
        _look(seen, values)
        if not np.isnan(values).all():
            seen.recordings.add(index)
        update(_plain(values.transpose(order)))
    return seen


def _look(seen: _Seen, values: Array) -> None:
    """Add one piece, (n_snapshots, n_x, …), to what was seen."""
    seen.n_values += values.size
    seen.n_missing += int(np.isnan(values).sum())
    low, high = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)
    if (low <= -998.0).any() or (high >= 1e19).any():
        for sentinel in SENTINELS:
            count = int(np.isclose(values, sentinel, rtol=1e-6, atol=0.0).sum())
            seen.sentinels[sentinel] = seen.sentinels.get(sentinel, 0) + count
    if not seen.moves:
        low = low if seen.low is None else np.fmin(seen.low, low)
        high = high if seen.high is None else np.fmax(seen.high, high)
        seen.low, seen.high, seen.moves = low, high, bool((high > low).any())
    for axis, name in enumerate(seen.varies, start=1):
        if not seen.varies[name]:
            seen.varies[name] = bool((np.fmax.reduce(values, axis=axis) > np.fmin.reduce(values, axis=axis)).any())


# --- sentences --------------------------------------------------------------------------------------------------------


def _refuse_infinite(variable: "xr.DataArray", recording: int, first: int, values: Array, source: str) -> None:
    if not np.isinf(values).any():
        return
    where = np.unravel_index(np.flatnonzero(np.isinf(values))[0], values.shape)
    dims = [str(dim) for dim in variable.dims if dim != "trajectory"]
    places = [
        f"{variable[dim].attrs['long_name']} = {variable[dim].values[index]:.6g}"
        for dim, index in zip(dims, (first + where[0], *where[1:]), strict=True)
    ]
    if "trajectory" in variable.dims:
        places.append(f"recording {variable['trajectory'].values[recording]}")
    raise DataError(
        f'{source}: "{variable.name}" is infinite at {", ".join(places)}; correct it, or put NaN where the value is '
        "not known."
    )


def _refuse_still(name: str, role: str, seen: _Seen, source: str) -> None:
    """Raise DataError for a variable without values, a constant, a state that never changes or never varies."""
    what = f'{source}: the {role} "{name}"'
    if seen.n_missing == seen.n_values:
        raise DataError(f"{what} has no value at any time and place; leave it out with columns=.")
    uniform = [dim for dim, varies in seen.varies.items() if not varies]
    if not seen.moves and len(uniform) == len(seen.varies):
        raise DataError(f"{what} is the same at all times and places; leave it out with columns=.")
    if role == "input":
        return
    if not seen.moves:
        raise DataError(
            f"{what} does not change in time: all snapshots are equal, so no law of its motion can be found; pass it "
            "in inputs= if it is a known field, or leave it out with columns=."
        )
    if uniform:
        raise DataError(
            f'{what} is the same all along "{uniform[0]}", so nothing can be learnt about derivatives in '
            f"{uniform[0]}; select one point, as in dataset.isel({uniform[0]}=0)."
        )


def _refuse_empty(dataset: "xr.Dataset", name: str, seen: _Seen, source: str) -> None:
    """Raise DataError for a recording in which a variable has no value."""
    for index in range(dataset.sizes.get("trajectory", 0)):
        if index not in seen.recordings:
            label = dataset["trajectory"].values[index]
            raise DataError(
                f'{source}: "{name}" has no value in the recording "{label}"; leave the recording or the variable out.'
            )


def _notes(name: str, seen: _Seen) -> list[str]:
    notes = [f'{seen.n_missing} of {seen.n_values} values of "{name}" are missing.'] if seen.n_missing else []
    for sentinel, count in seen.sentinels.items():
        if count:
            points = counted(count, "point")
            notes.append(f'"{name}" is {sentinel:g} at {points}; if that means a missing value, put NaN there.')
    return notes
