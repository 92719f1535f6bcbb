"""Gridded: variables over named dimensions, as they were read, before anything is decided about them.

What `columns.py` is to tables, this is to fields: the readers of Datasets, NetCDF files and dicts of arrays make it,
`axes.py` says what its dimensions are, and `field_assembly.py` makes the Dataset of it that `load` returns.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from discover.data.checks import without_counts
from discover.data.columns import Table
from discover.data.fields import space_names
from discover.data.headers import split_headers
from discover.data.labelled import from_dataset as from_labelled
from discover.data.labelled import is_loaded, original_names
from discover.data.roles import Named

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True, eq=False)
class Gridded:
    """Variables over named dimensions.

    Attributes:
        source: file name or description, which every message starts with.
        dataset: variables and coordinates, called as in the source; their values may still be in a file.
        time, group, space, inputs: roles that the source itself settles, None and () where it does not.
        notes: what the reader should be told about the reading.
    """

    source: str
    dataset: "xr.Dataset"
    time: str | None = None
    group: str | None = None
    space: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def noting(self, notes: Iterable[str]) -> "Gridded":
        """Return it with these notes added, none of them twice."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))

    def names(self) -> Table:
        """Return its dimensions and variables as columns without rows, to find names in and to take units off."""
        names = dict.fromkeys(str(name) for name in (*self.dataset.data_vars, *self.dataset.coords, *self.dataset.dims))
        units = {name: self.dataset[name].attrs.get("units") for name in names if name in self.dataset.variables}
        return Table(
            source=self.source,
            columns=dict.fromkeys(names, np.empty(0)),
            units={name: str(unit) for name, unit in units.items() if unit is not None},
        )


def from_dataset(dataset: "xr.Dataset", source: str, named: Named) -> Table | Gridded:
    """Return a Dataset as a field, or as a table where the variables that were chosen only go along time.

    One that `load` returned gets its names, roles, source and notes back. Raises DataError where a name is not there.
    """
    text = {name: str(name) for name in (*dataset.variables, *dataset.dims) if not isinstance(name, str)}
    dataset = dataset.rename(text)
    stacked = [name for name, index in dataset.indexes.items() if index.nlevels > 1 and name in dataset.dims]
    if stacked:  # without any, xarray's unstack would read every value all the same
        dataset = dataset.unstack(stacked) if named["space"] else dataset.reset_index(stacked)
    options = {option: value for option, value in named.items() if option != "space"}
    if is_loaded(dataset) and "space" in dataset.attrs:
        content = _as_loaded(dataset, source)
        is_field = content.space or _is_wide(content.dataset, options | {"group": content.group})
        return content if is_field else _at_a_point(content, options)
    if is_loaded(dataset):
        return from_labelled(dataset, source, **options)
    content = _without_bounds(_without_single_points(Gridded(source, dataset), named))
    if named["space"] or _is_wide(content.dataset, named):
        return content
    return from_labelled(content.dataset, source, **options).noting(content.notes)


def _at_a_point(content: Gridded, options: Named) -> Table:
    """Return a field that `load` returned, and of which one point in space was selected, as a table."""
    raw = content.dataset.assign_attrs(fingerprint="")
    settled: dict[str, Any] = {"time": options["time"] or content.time, "group": options["group"] or content.group}
    table = from_labelled(raw, content.source, **(dict(options) | settled))
    return replace(table, inputs=content.inputs).noting(content.notes)


def _as_loaded(dataset: "xr.Dataset", source: str) -> Gridded:
    single = [name for name in ("time", "trajectory") if name in dataset.coords and name not in dataset.dims]
    dataset = dataset.drop_vars(single)
    called = original_names(dataset)
    notes = dataset.attrs.get("notes", [])
    return Gridded(
        source=str(dataset.attrs.get("source", source)),
        dataset=dataset.rename({name: other for name, other in called.items() if name != other}),
        time=called.get("time"),
        group=called.get("trajectory"),
        space=space_names(dataset),
        inputs=tuple(str(name) for name in dataset.data_vars if dataset[name].attrs.get("role") == "input"),
        notes=without_counts([notes] if isinstance(notes, str) else [str(note) for note in notes]),
    )


def _is_wide(dataset: "xr.Dataset", named: Named) -> bool:
    """Return whether a variable that was chosen (any, by default) goes along more than time and the group."""
    group = named["group"]
    beside = {group, *(dataset[group].dims if group in dataset.variables else ())}
    names = _chosen(dataset, named["columns"], named["inputs"])
    return any(len(set(dataset[name].dims) - beside) > 1 for name in names)


def _chosen(dataset: "xr.Dataset", columns: Collection[str] | None, inputs: Collection[str]) -> list[str]:
    if columns is None:
        return [str(name) for name in dataset.data_vars]
    return [name for name in (*columns, *inputs) if name in dataset.variables]


def _without_bounds(content: Gridded) -> Gridded:
    """Return it without the edges of cells, which NetCDF keeps beside coordinates."""
    dataset = content.dataset
    bounds = {str(variable.attrs.get("bounds", "")) for variable in dataset.coords.values()}
    return replace(content, dataset=dataset.drop_vars([name for name in dataset.data_vars if name in bounds]))


def _without_single_points(content: Gridded, named: Named) -> Gridded:
    """Return it without dimensions of length one that nobody named: a level, a member that was picked."""
    dataset, asked = content.dataset, {named["time"], named["group"], *named["space"]}
    wide = [name for name in dataset.data_vars if dataset[name].ndim > 1]
    single = [
        str(dim)
        for dim, size in dataset.sizes.items()
        if size == 1 and dim not in asked and any(dim in dataset[name].dims for name in wide)
    ]
    notes = [f'The dimension "{dim}" has one point and was left out.' for dim in single]
    return replace(content, dataset=dataset.squeeze(single, drop=True)).noting(notes)


def with_plain_names(content: Gridded, units: Mapping[str, str] | None) -> tuple[Gridded, Table]:
    """Return it with units taken off its names, and the table of its names, which knows their units."""
    table = split_headers(content.names(), units)
    back = {header: name for name, header in table.headers.items()}
    plain = replace(
        content,
        dataset=content.dataset.rename(back),
        time=back.get(content.time or "", content.time),
        group=back.get(content.group or "", content.group),
        space=tuple(back.get(name, name) for name in content.space),
        inputs=tuple(back.get(name, name) for name in content.inputs),
    )
    return plain.noting(table.notes), table
