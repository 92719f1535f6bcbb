"""An xarray.Dataset -> Table: variables along time, along time and trajectories, or what an earlier load returned."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from discover.data.columns import Table
from discover.data.frames import cells_of
from discover.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import xarray as xr


def from_dataset(
    dataset: "xr.Dataset",
    source: str = "Dataset",
    group: str | None = None,
    columns: Iterable[str] | None = None,
    beside: Iterable[str] = (),
) -> Table:
    """Return the columns of a Dataset whose variables go along time alone, or along time and the dimension `group`.

    Args:
        dataset: what to read; one that `load` returned keeps its roles, source and notes.
        source: what to call it.
        group: name of the column or dimension that tells trajectories apart.
        columns: variables to read, None for all.
        beside: variables and coordinates to read as well, such as the time and the inputs.

    Raises:
        DataError: where a name is not there, or variables extend over space.
    """
    own = is_loaded(dataset)
    asked = [_found(dataset, name, source) for name in (*(columns or ()), *beside)]
    names = [str(name) for name in dataset.data_vars if columns is None or name in asked]
    flat = [name for name in names if not dataset[name].dims]
    names = [name for name in names if name not in flat]
    notes = [f'"{name}" is a single value and was left out.' for name in flat]
    if not names:
        raise DataError(f"{source} has no variable along time; it holds {_listed(dataset)}")
    dims = _dims(dataset, names, source, group)
    coordinates = [str(name) for name in dataset.coords if name in dims or name in asked or own]
    frame = dataset[names].reset_coords()[list(dict.fromkeys([*_along(dataset, coordinates, dims), *names]))]
    rows = frame.to_dataframe(dim_order=dims).reset_index()
    rows = rows.drop(columns=[dim for dim in dims if dim not in dataset.coords and dim != group])
    found = {str(name): cells_of(rows[name], str(name), source) for name in rows.columns}
    units = {name: str(dataset[name].attrs["units"]) for name in found if "units" in _attributes(dataset, name)}
    table = Table(source=source, columns=found, units=units, notes=tuple(notes))
    if own:
        return _as_loaded(dataset, table)
    times = [dim for dim in dims if dim != group and dim in dataset.coords]
    return replace(table, time=times[0] if times else None)


def is_loaded(dataset: "xr.Dataset") -> bool:
    """Return whether a Dataset has the layout that `load` returns."""
    return str(dataset.attrs.get("fingerprint", "")).startswith("sha256:") and "time" in dataset.coords


def _as_loaded(dataset: "xr.Dataset", table: Table) -> Table:
    """Return the table with the names, roles, source and notes that the earlier load wrote into attributes."""
    long_names = {
        name: str(dataset[name].attrs.get("long_name", name))
        for name in ("time", "trajectory")
        if name in dataset.coords
    }
    notes = dataset.attrs.get("notes", [])
    return Table(
        source=str(dataset.attrs.get("source", table.source)),
        columns={long_names.get(name, name): cells for name, cells in table.columns.items()},
        units={long_names.get(name, name): unit for name, unit in table.units.items()},
        time=long_names["time"],
        group=long_names.get("trajectory"),
        inputs=tuple(name for name in map(str, dataset.data_vars) if dataset[name].attrs.get("role") == "input"),
        notes=(notes,) if isinstance(notes, str) else tuple(map(str, notes)),
    )


def _attributes(dataset: "xr.Dataset", name: str) -> dict[str, Any]:
    return dict(dataset[name].attrs) if name in dataset.variables else {}


def _found(dataset: "xr.Dataset", name: str, source: str) -> str:
    known = [str(other) for other in (*dataset.variables, *dataset.dims)]
    if is_loaded(dataset):
        known += [str(dataset[name].attrs.get("long_name", "")) for name in ("time", "trajectory") if name in dataset]
    if name not in known:
        raise DataError(f'{source} has no variable "{name}".{did_you_mean(name, known)}')
    return name


def _dims(dataset: "xr.Dataset", names: list[str], source: str, group: str | None) -> list[str]:
    """Return the dimensions of the rows, trajectories first; raises DataError for fields over space."""
    for name in names:
        own = [str(dim) for dim in dataset[name].dims]
        extra = [dim for dim in own if dim != group]
        if len(extra) > 1:
            raise DataError(
                f'{source}: "{name}" extends over {" and ".join(extra)}, and fields over space are not read yet; choose '
                "variables along time with columns=, or name the dimension of the trajectories with group="
            )
    dims = list(dict.fromkeys(str(dim) for name in names for dim in dataset[name].dims))
    if len([dim for dim in dims if dim != group]) > 1:
        raise DataError(
            f"{source}: its variables lie along different dimensions ({', '.join(dims)}); "
            "choose those along one of them with columns="
        )
    return sorted(dims, key=lambda dim: dim != group)


def _along(dataset: "xr.Dataset", coordinates: list[str], dims: list[str]) -> list[str]:
    """Return the coordinates that have a value for each row and are not dimensions, which come by themselves."""
    return [
        name for name in coordinates if name not in dims and dataset[name].dims and set(dataset[name].dims) <= set(dims)
    ]


def _listed(dataset: "xr.Dataset") -> str:
    shapes = [f"{name}({', '.join(map(str, dataset[name].dims))})" for name in dataset.data_vars]
    return ", ".join(shapes) or "no variables at all"
