"""An xarray.Dataset -> Table: variables along time, along time and trajectories, or what an earlier load returned."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from discover.data.checks import without_counts
from discover.data.columns import Cells, Table
from discover.data.frames import cells_of
from discover.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import xarray as xr


def from_dataset(
    dataset: "xr.Dataset",
    source: str = "Dataset",
    time: str | None = None,
    group: str | None = None,
    inputs: Collection[str] = (),
    columns: Collection[str] | None = None,
) -> Table:
    """Return the columns of a Dataset whose variables go along time alone, or along time and the dimension `group`.

    Args:
        dataset: what to read; one that `load` returned keeps its roles, source and notes.
        source: what to call it.
        time: the variable or coordinate that is the time, None for the coordinate of its dimension.
        group: name of the column or dimension that tells trajectories apart.
        inputs: variables that are inputs.
        columns: variables that are states, None for all.

    Raises:
        DataError: where a name is not there, or variables extend over space.
    """
    asked = {name for name in (time, group, *inputs, *(columns or ())) if name is not None}
    for name in asked:
        _check_known(dataset, name, source)
    if is_loaded(dataset):
        return _as_loaded(dataset, source, asked, columns)
    names = [str(name) for name in dataset.data_vars if columns is None or name in asked]
    single = [name for name in names if not dataset[name].dims]
    names = [name for name in names if name not in single]
    if not names:
        raise DataError(f"{source} has no variable along time; it holds {_listed(dataset)}.")
    if group is None and "trajectory" not in asked and "trajectory" in dataset.coords and dataset["trajectory"].ndim:
        group = "trajectory"
    dims = _dims(dataset, names, source, group)
    time = _time(dataset, dims, group, asked) if time is None else time
    wanted = [name for name in (time, group) if name in dataset.coords or (name == group and name in dims)]
    beside = [str(name) for name in dataset.coords if name in asked and name not in dims]
    columns_read = _rows(dataset, dict.fromkeys([*wanted, *beside, *names]), dims, source)
    return Table(
        source=source,
        columns=columns_read,
        units=_units(dataset, columns_read),
        time=time if time in columns_read else None,
        group=group if group in columns_read else None,
        notes=tuple(f'"{name}" is a single value and was left out.' for name in single),
    )


def _time(dataset: "xr.Dataset", dims: list[str], group: str | None, asked: Collection[str]) -> str | None:
    """Return the coordinate that is the time: `time` where rows only have numbers, else that of their dimension."""
    own = [dim for dim in dims if dim != group and dim in dataset.coords]
    named = "time" in dataset.coords and "time" not in asked
    return "time" if named and own in ([], ["sample"]) else next(iter(own), None)


def _rows(dataset: "xr.Dataset", names: Iterable[str | None], dims: list[str], source: str) -> dict[str, Cells]:
    """Return the variables with a value for each row, trajectory after trajectory; a bare `group` counts from 0."""
    inside = [str(name) for name in names if name in dims or set(dataset[name].dims) <= set(dims)]
    frame = dataset.reset_coords()[[name for name in inside if name not in dims]].to_dataframe(dim_order=dims)
    frame = frame.reset_index()
    return {name: cells_of(frame[name], name, source) for name in inside}


def _units(dataset: "xr.Dataset", names: Iterable[str]) -> dict[str, str]:
    """Return the units that are written into attributes."""
    found = {name: dataset[name].attrs.get("units") for name in names}
    return {name: str(unit) for name, unit in found.items() if unit is not None}


def is_loaded(dataset: "xr.Dataset") -> bool:
    """Return whether a Dataset has the layout that `load` returns."""
    return str(dataset.attrs.get("fingerprint", "")).startswith("sha256:") and "time" in dataset.coords


def _as_loaded(dataset: "xr.Dataset", source: str, asked: Collection[str], columns: Collection[str] | None) -> Table:
    """Return the table with the names, roles, source and notes that the earlier load wrote into attributes."""
    called = original_names(dataset)
    roles = {str(name): dataset[name].attrs.get("role") for name in dataset.data_vars}
    names = [name for name, role in roles.items() if columns is None or name in asked or role == "input"]
    dim = str(dataset["time"].dims[0])
    read = _rows(dataset, [*called, *names], [dim], source)
    notes = dataset.attrs.get("notes", [])
    notes = (notes,) if isinstance(notes, str) else tuple(map(str, notes))
    return Table(
        source=str(dataset.attrs.get("source", source)),
        columns={called.get(name, name): cells for name, cells in read.items()},
        units={called.get(name, name): unit for name, unit in _units(dataset, read).items()},
        time=called["time"],
        group=called.get("trajectory"),
        inputs=tuple(name for name in names if roles[name] == "input"),
        notes=without_counts(notes),
        case=called.get("case"),
    )


def original_names(dataset: "xr.Dataset") -> dict[str, str]:
    """Return the coordinates that a load wrote (time, trajectory, case) -> what their columns were called."""
    present = [name for name in ("time", "trajectory", "case") if name in dataset.coords]
    return {name: str(dataset[name].attrs.get("long_name", name)) for name in present}


def _check_known(dataset: "xr.Dataset", name: str, source: str) -> None:
    known = dict.fromkeys(str(other) for other in (*dataset.variables, *dataset.dims))
    if is_loaded(dataset):
        known |= dict.fromkeys(original_names(dataset).values())
    if name not in known:
        raise DataError(f'{source} has no variable "{name}".{did_you_mean(name, known)}')


def _dims(dataset: "xr.Dataset", names: list[str], source: str, group: str | None) -> list[str]:
    """Return the dimensions of the rows, trajectories first; raises DataError for variables with others."""
    for name in names:
        own = [str(dim) for dim in dataset[name].dims]
        extra = [dim for dim in own if dim != group]
        if len(extra) > 1:
            raise DataError(
                f'{source}: "{name}" extends over {" and ".join(extra)}; choose variables along time with columns=, or '
                "name the dimension of the trajectories with group=."
            )
    dims = list(dict.fromkeys(str(dim) for name in names for dim in dataset[name].dims))
    if len([dim for dim in dims if dim != group]) > 1:
        raise DataError(
            f"{source}: its variables lie along different dimensions ({', '.join(dims)}); "
            "choose those along one of them with columns=."
        )
    return sorted(dims, key=lambda dim: dim != group)


def _listed(dataset: "xr.Dataset") -> str:
    shapes = [f"{name}({', '.join(map(str, dataset[name].dims))})" for name in dataset.data_vars]
    return ", ".join(shapes) or "no variables at all"
