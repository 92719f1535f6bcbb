"""Several sources at once: trajectories join into one Dataset, fields on grids of their own stay side by side."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from discover.data.fields import is_field, space_names, variable_names
from discover.errors import DataError

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True, eq=False)
class Recordings:
    """Fields of the same variables, each on its own grid; a law is fitted to all of them.

    What a Dataset says about variables (names, roles, units), the first one says here.

    Attributes:
        datasets: as `load` returns fields, two or more.
        attrs: source, fingerprint and notes of them all.
    """

    datasets: "tuple[xr.Dataset, ...]"
    attrs: dict[str, Any]

    def __getitem__(self, name: str) -> "xr.DataArray":
        return self.datasets[0][name]

    @property
    def data_vars(self) -> Any:
        return self.datasets[0].data_vars

    @property
    def coords(self) -> Any:
        return self.datasets[0].coords

    @property
    def dims(self) -> Any:
        return self.datasets[0].dims


def each(dataset: "xr.Dataset | Recordings") -> "tuple[xr.Dataset, ...]":
    """Return the Datasets of several recordings, or the only one."""
    return dataset.datasets if isinstance(dataset, Recordings) else (dataset,)


def n_times(dataset: "xr.Dataset | Recordings") -> int:
    """Return how many times were measured in all."""
    return sum(int(one["time"].size) for one in each(dataset))


def joined(sources: Sequence[Any], load: Callable[[Any], Any]) -> "xr.Dataset | Recordings":
    """Return several sources as one.

    Args:
        sources: whatever `load` takes.
        load: what reads one of them.

    Raises:
        DataError: where there are none, or they do not hold the same variables in the same units.

    >>> import discover
    >>> pieces = [{"t": np.arange(n), "x": np.sin(np.arange(n))} for n in (9, 6)]
    >>> discover.load(pieces).sizes["sample"]
    15
    """
    if not sources:
        raise DataError("An empty list holds no recording; give at least one.")
    datasets = [load(source) for source in sources]
    if len(datasets) == 1:
        return datasets[0]
    names = _names(datasets)
    for dataset, name in zip(datasets[1:], names[1:], strict=True):
        _check_alike(datasets[0], dataset, names[0], name)
    if not is_field(datasets[0]):
        return load(_stacked(datasets, names))
    digest = hashlib.sha256("".join(str(dataset.attrs["fingerprint"]) for dataset in datasets).encode())
    notes = [f"{name}: {note}" for name, one in zip(names, datasets, strict=True) for note in one.attrs["notes"]]
    attrs = {
        "source": ", ".join(names),
        "sources": names,
        "fingerprint": f"sha256:{digest.hexdigest()}",
        "notes": notes,
    }
    return Recordings(tuple(datasets), attrs | {"space": datasets[0].attrs["space"]})


def _names(datasets: "Sequence[xr.Dataset]") -> list[str]:
    """Return what the recordings are called: their sources, numbered where these repeat."""
    sources = [str(dataset.attrs.get("source", "data")) for dataset in datasets]
    return [
        source if sources.count(source) == 1 else f"{source} {number}" for number, source in enumerate(sources, start=1)
    ]


def _check_alike(first: "xr.Dataset", other: "xr.Dataset", name: str, its_name: str) -> None:
    """Raise DataError where two recordings differ in more than their grid and their values."""
    for what, of in (
        ("space", lambda one: ", ".join(space_names(one)) or "no space"),
        ("variables", lambda one: ", ".join(variable_names(one))),
        ("units", lambda one: ", ".join(str(one[v].attrs.get("units", "none")) for v in variable_names(one))),
        ("inputs", lambda one: ", ".join(v for v in variable_names(one) if one[v].attrs["role"] == "input") or "none"),
    ):
        if of(first) != of(other):
            raise DataError(
                f"Recordings that are fitted together must agree in their {what}: {name} has {of(first)}, "
                f"{its_name} has {of(other)}."
            )


def _stacked(datasets: "Sequence[xr.Dataset]", names: Sequence[str]) -> "xr.Dataset":
    """Return trajectories along one dimension `sample`, each labelled by where it comes from."""
    import xarray as xr

    labels, times = [], []
    for dataset, name in zip(datasets, names, strict=True):
        times.append(dataset["time"].values)
        inside = dataset["trajectory"].values.astype(str) if "trajectory" in dataset.coords else None
        labels += [name] * len(times[-1]) if inside is None else [f"{name}: {label}" for label in inside]
    variables = {
        name: ("sample", np.concatenate([one[name].values for one in datasets]), datasets[0][name].attrs)
        for name in variable_names(datasets[0])
    }
    values = np.array([values for _, values, _ in variables.values()], dtype=np.float64)
    digest = hashlib.sha256(np.concatenate([*times, *values]).tobytes() + "\0".join(labels).encode())
    coords = {
        "trajectory": ("sample", np.array(labels), {}),
        "time": ("sample", np.concatenate(times), datasets[0]["time"].attrs),
    }
    notes = [f"{name}: {note}" for name, one in zip(names, datasets, strict=True) for note in one.attrs["notes"]]
    attrs = {
        "source": ", ".join(names),
        "sources": names,
        "fingerprint": f"sha256:{digest.hexdigest()}",
        "notes": notes,
    }
    return xr.Dataset(variables, coords, attrs)
