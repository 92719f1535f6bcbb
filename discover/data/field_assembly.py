"""Gridded -> the xarray.Dataset of a field that `load` returns. Read top to bottom, it is the way of a field."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from discover.data.axes import Axes, find_axes, labels, positions, shapes
from discover.data.columns import Table
from discover.data.gridded import Gridded, with_plain_names
from discover.data.lazy import Part, fits, laid_out
from discover.data.roles import Named, refuse_two_roles
from discover.data.snapshots import checked
from discover.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

RESERVED = ("time", "sample", "trajectory")


def assemble_field(content: Gridded, named: Named, units: Mapping[str, str] | None = None) -> "xr.Dataset":
    """Return the checked Dataset of a field: dimensions (trajectory,) time and those of space, in the source's order.

    Args:
        content: the variables as they were read.
        named: what the caller gave a role.
        units: name -> unit, where the source does not say it.

    Raises:
        DataError: where a variable or an axis cannot be used; it names the place and the remedy.
        UnitError: for a unit that is not known.
        SettingError: where one name is given two roles.
    """
    content, names = with_plain_names(content, units)
    found = {option: [names.find(name, f"{option}=") for name in _listed(named[option])] for option in named}
    refuse_two_roles({f"{option}=": listed for option, listed in found.items()})
    columns = None if named["columns"] is None else found["columns"]
    inputs = found["inputs"] or [name for name in content.inputs if name not in (columns or ())]
    offered = [str(name) for name in content.dataset.data_vars if name not in inputs] if columns is None else columns
    if not offered:
        raise DataError(
            f"{content.source}: no variable is left for a state beside the inputs; it holds {shapes(content.dataset)}."
        )
    content, axes = find_axes(content, found, offered)
    content, states = _states(content, axes, offered, chosen=columns is not None)
    _refuse_misfits(content, axes, inputs)
    content = _laid_out(content, names, axes, states, inputs)
    notes, fingerprint = checked(content.dataset, content.source)
    told = list(content.noting(notes).notes)
    return content.dataset.assign_attrs(source=content.source, fingerprint=fingerprint, notes=told)


def _listed(names: str | Sequence[str] | None) -> Sequence[str]:
    return [] if names is None else [names] if isinstance(names, str) else names


def _states(content: Gridded, axes: Axes, offered: Sequence[str], chosen: bool) -> tuple[Gridded, list[str]]:
    """Return the names of the variables that extend over all axes, and the content with a note on the others.

    Raises DataError where another one was chosen, or none is left.
    """
    dataset, source = content.dataset, content.source
    over = f"over {' and '.join(axes.dims)}"
    states, notes = [], []
    for name in offered:
        if name not in dataset.data_vars:
            if chosen:
                raise DataError(f'{source}: "{name}" is a coordinate and no state; choose others with columns=.')
        elif set(dataset[name].dims) == set(axes.dims):
            states.append(name)
        elif chosen:
            raise DataError(
                f"{source}: {shapes(dataset, [name])} does not extend {over} and no further, as a state must; pass it "
                "in inputs= if it is known and has fewer dimensions, or leave it out of columns=."
            )
        else:
            notes.append(f'"{name}" does not extend {over} and was left out.')
    if not states:
        raise DataError(
            f"{source}: no variable extends {over} and no further; it holds {shapes(dataset)}. Name all dimensions "
            "of space with space= and the one that tells recordings apart with group=."
        )
    return content.noting(notes), states


def _refuse_misfits(content: Gridded, axes: Axes, inputs: Sequence[str]) -> None:
    """Raise DataError for an input that does not lie on the points of the states."""
    dataset = content.dataset
    for name in inputs:
        if name not in dataset.data_vars:
            raise DataError(f'{content.source}: "{name}" is a coordinate and no input; leave it out of inputs=.')
        if not dataset[name].dims or not set(dataset[name].dims) <= set(axes.dims):
            raise DataError(
                f"{content.source}: the input {shapes(dataset, [name])} does not lie on the points of the states, "
                f"which go along {', '.join(axes.dims)}; interpolate it onto them."
            )


# --- the Dataset ------------------------------------------------------------------------------------------------------


def _laid_out(content: Gridded, names: Table, axes: Axes, states: Sequence[str], inputs: Sequence[str]) -> Gridded:
    """Return the field in its final layout, without the attributes that only a pass through its values can give."""
    import xarray as xr

    _refuse_reserved(content.source, [*states, *inputs], axes)
    called = {axes.time: "time"} | ({axes.group: "trajectory"} if axes.group else {})
    coordinates, falling, notes = _coordinates(content, names, axes)
    fields = content.dataset[[*states, *inputs]]
    renamed = {dim: name for dim, name in called.items() if dim != name}
    fields = fields.drop_vars(list(fields.coords)).rename_dims(renamed)
    sizes = {called.get(dim, dim): content.dataset.sizes[dim] for dim in axes.dims}
    n_bytes = 8 * math.prod(sizes.values()) * len(fields)
    at_once = fits(n_bytes)
    if not at_once:
        notes.append(f"The field takes {n_bytes / 2**30:.1f} GiB, so its values are read when they are needed.")
    variables: dict[str, xr.Variable] = {}
    for name in (*states, *inputs):
        parts, more = _parts(content.source, name, fields.variables[name])
        attributes = {"units": names.units[name]} if name in names.units else {}
        attributes["role"] = "state" if name in states else "input"
        for part, take in parts.items():
            _refuse_taken(content.source, part, [*variables, *sizes])
            variables[part] = laid_out(fields.variables[name], sizes, falling, take, at_once)
            variables[part].attrs = attributes
        notes += [*more, *_repeated(name, content.dataset.variables[name], axes)]
    return replace(content, dataset=xr.Dataset(variables, coordinates, {"space": list(axes.space)})).noting(notes)


def _coordinates(content: Gridded, names: Table, axes: Axes) -> tuple[dict[str, Any], list[str], list[str]]:
    """Return the coordinates as xarray takes them, the dimensions to be turned round, and notes."""
    coordinates: dict[str, Any] = {}
    falling: list[str] = []
    notes: list[str] = []
    if axes.group:
        coordinates["trajectory"] = ("trajectory", labels(content, axes.group), {"long_name": axes.group})
    for dim in (axes.time, *axes.space):
        values, unit, falls, more = positions(content, names, axes, dim)
        attributes = {"long_name": dim} | ({"units": unit} if unit is not None else {})
        called = "time" if dim == axes.time else dim
        coordinates[called] = (called, values, attributes)
        falling += [called] if falls else []
        notes += more
    return coordinates, falling, notes


def _parts(source: str, name: str, variable: "xr.Variable") -> tuple[dict[str, Part], list[str]]:
    """Return what a variable becomes, name -> what is taken of its values: one variable, or two of complex ones."""
    kind = variable.dtype.kind
    if kind == "c":
        if not np.imag(variable.values).any():
            return {name: np.real}, [f'The imaginary part of "{name}" is zero everywhere and was left out.']
        parts = {f"{name}_re": np.real, f"{name}_im": np.imag}
        return parts, [f'The complex "{name}" became two variables, {" and ".join(parts)}.']
    if kind not in "biuf":
        what = "dates" if kind in "Mm" else "text or other objects"
        raise DataError(f'{source}: "{name}" holds {what}, not numbers; leave it out with columns=.')
    return {name: np.asarray}, [f'True and False in "{name}" were read as 1 and 0.'] if kind == "b" else []


def _repeated(name: str, variable: "xr.Variable", axes: Axes) -> list[str]:
    lacking = [dim for dim in axes.dims if dim not in variable.dims]
    return [f'The input "{name}" is the same all along {" and ".join(lacking)}.'] if lacking else []


def _refuse_reserved(source: str, names: Sequence[str], axes: Axes) -> None:
    """Raise DataError for a variable or a dimension of space with a name that the Dataset has for something else."""
    for name in (*names, *axes.space):
        if name in RESERVED:
            what = "dimension of space" if name in axes.space else "state or input"
            remedy = "rename it" if name in axes.space else "rename the variable, or leave it out with columns="
            raise DataError(
                f'{source}: no {what} can be called "{name}", because the Dataset has a coordinate of that name; '
                f"{remedy}."
            )


def _refuse_taken(source: str, name: str, others: Sequence[str]) -> None:
    if name in others:
        raise DataError(f'{source}: two variables would be called "{name}"; rename one, or leave it out with columns=.')
