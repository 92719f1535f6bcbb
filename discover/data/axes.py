"""Which dimension of a field is the time, which are space and which tells recordings apart; and their coordinates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from discover.data.columns import Table, counted, is_text
from discover.data.frames import cells_of
from discover.data.gridded import Gridded
from discover.data.roles import label
from discover.data.times import holds_dates, rank, time_values
from discover.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

MIN_POINTS = 5
MAX_SPACE = 3

_RECORDINGS = (
    "run runs trajectory traj ensemble member realization realisation sample case trial experiment replicate record "
    "recording id subject specimen number"
)
RECORDINGS = frozenset(_RECORDINGS.split())
"""Lower case. Dimensions so called are no space unless space= says so."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The dimension of the time, that of the recordings (None: one recording), and those of space in their order."""

    time: str
    group: str | None
    space: tuple[str, ...]

    @property
    def dims(self) -> tuple[str, ...]:
        """All of them, in the order that variables get."""
        return (*((self.group,) if self.group else ()), self.time, *self.space)


def find_axes(content: Gridded, named: Mapping[str, Sequence[str]], columns: Sequence[str]) -> tuple[Gridded, Axes]:
    """Return what the dimensions are, and the content with each of them named after its coordinate.

    Args:
        content: the variables.
        named: "time", "group", "space" -> what the caller named, () where nothing.
        columns: the variables whose dimensions are asked for.

    Raises:
        DataError: where a name is no axis, or the dimensions can be read in two ways.
    """
    taken = [*named["space"]] or list(content.space)
    group, time = next(iter(named["group"]), content.group), next(iter(named["time"]), content.time)
    for name in filter(None, (group, time, *taken)):
        content = _along(content, name)
    if time is None:
        time, note = _guessed_time(content, {group, *taken})
        content = content.noting([note])
    if not taken:
        taken, note = _guessed_space(content, columns, time, group)
        content = content.noting([note])
    if len(taken) > MAX_SPACE:
        raise DataError(
            f"{content.source}: {len(taken)} dimensions of space ({', '.join(taken)}); at most {MAX_SPACE} are taken. "
            "Select one point along the others, or name the one that tells recordings apart with group=."
        )
    ordered = [str(dim) for dim in _dims_in_order(content.dataset) if dim in taken]
    return _counted(content, (time, *ordered)), Axes(time, group, tuple(ordered))


def _along(content: Gridded, name: str) -> Gridded:
    """Return the content with the dimension that `name` is the coordinate of called by that name."""
    dataset, source = content.dataset, content.source
    if name in dataset.dims:
        return content
    dims = [str(dim) for dim in dataset[name].dims]
    if not dims:
        raise DataError(f'{source}: "{name}" is a single value and no axis; name a coordinate with several points.')
    if len(dims) > 1:
        raise DataError(
            f'{source}: the coordinate "{name}" varies along {" and ".join(dims)}, so the grid is not rectilinear; '
            "interpolate the field onto axes that are each one row of numbers."
        )
    plain = dataset.set_coords(name).swap_dims({dims[0]: name})
    return replace(content, dataset=plain.drop_vars(dims, errors="ignore"))


def _dims_in_order(dataset: "xr.Dataset") -> list[Any]:
    """Return dimensions in the order in which the variable with the most of them has them."""
    widest = max(dataset.data_vars.values(), key=lambda variable: variable.ndim, default=None)
    return list(dict.fromkeys([*(() if widest is None else widest.dims), *dataset.dims]))


# --- guesses, which are said ------------------------------------------------------------------------------------------


def _guessed_time(content: Gridded, taken: set[str | None]) -> tuple[str, str]:
    free = [str(dim) for dim in content.dataset.dims if dim not in taken]
    for found, why in (
        ([dim for dim in free if _says_time(content.dataset, dim)], "its attributes say so"),
        (sorted((dim for dim in free if rank(dim) is not None), key=lambda dim: rank(dim) or 0), "of its name"),
        ([dim for dim in free if _dated(content.dataset, dim)], "it holds dates"),
    ):
        if found:
            return found[0], f'The dimension "{found[0]}" was taken as the time, because {why}.'
    raise DataError(
        f"{content.source}: no dimension is called time or holds dates; name the time with time= "
        f"(dimensions: {', '.join(map(str, content.dataset.dims))})."
    )


def _says_time(dataset: "xr.Dataset", dim: str) -> bool:
    attributes = dataset[dim].attrs if dim in dataset.coords else {}
    return attributes.get("axis") == "T" or attributes.get("standard_name") == "time"


def _dated(dataset: "xr.Dataset", dim: str) -> bool:
    return dim in dataset.coords and holds_dates(cells_of(dataset[dim].values, dim, "Dataset"))


def _guessed_space(content: Gridded, columns: Sequence[str], time: str, group: str | None) -> tuple[list[str], str]:
    """Return the dimensions beside time and group of all variables that are fields, where they are one set."""
    dataset = content.dataset
    beside = {
        name: dims
        for name in columns
        if time in dataset[name].dims and (dims := [str(d) for d in dataset[name].dims if d not in (time, group)])
    }
    if not beside:
        raise DataError(
            f'{content.source}: no variable extends over the time "{time}" and space; it holds {shapes(dataset)}.'
        )
    if len({frozenset(dims) for dims in beside.values()}) > 1:
        raise DataError(
            f"{content.source}: its fields lie on different grids ({shapes(dataset, beside)}); choose those on one "
            "with columns=."
        )
    space = next(iter(beside.values()))
    for dim in space:
        _refuse_doubtful(content, dim, next(iter(beside)))
    named = " and ".join(f'"{dim}"' for dim in space)
    were = "dimension" if len(space) == 1 else "dimensions"
    return space, f"The {were} {named} {'was' if len(space) == 1 else 'were'} taken as space."


def _refuse_doubtful(content: Gridded, dim: str, name: str) -> None:
    """Raise DataError for a dimension that need not be space: without a coordinate, of labels, or called a run."""
    dataset, source = content.dataset, content.source
    either = f'pass group="{dim}" if it tells recordings apart'
    if dim not in dataset.coords:
        around = [str(other) for other in dataset.coords if dim in dataset[other].dims and dataset[other].ndim > 1]
        if around:
            raise DataError(
                f'{source}: the coordinate "{around[0]}" varies along {" and ".join(map(str, dataset[around[0]].dims))}'
                f', so the grid of "{name}" is not rectilinear; interpolate the field onto axes that are each one row '
                "of numbers."
            )
        raise DataError(
            f'{source}: the dimension "{dim}" of "{name}" has no coordinate, and derivatives need its spacing; give it '
            f'one, as in dataset.assign_coords({{"{dim}": positions}}), pass space="{dim}" to count its points, or '
            f"{either}."
        )
    if dim.lower() in RECORDINGS or dataset[dim].dtype.kind not in "iuf":
        raise DataError(
            f'{source}: the dimension "{dim}" of "{name}" may not be space; {either}, or space="{dim}" if it is.'
        )


def shapes(dataset: "xr.Dataset", names: Any = None) -> str:
    """Return variables with their dimensions, such as "u(t, x), v(t, x)"."""
    listed = [f"{name}({', '.join(map(str, dataset[name].dims))})" for name in names or dataset.data_vars]
    return ", ".join(listed) or "no variables at all"


def _counted(content: Gridded, dims: tuple[str, ...]) -> Gridded:
    """Return it with the points counted along named dimensions without a coordinate."""
    dataset, notes = content.dataset, []
    for dim in dims:
        if dim not in dataset.coords:
            dataset = dataset.assign_coords({dim: np.arange(dataset.sizes[dim], dtype=np.float64)})
            notes.append(
                f'The dimension "{dim}" has no coordinate: its points were counted, so one step is the unit of "{dim}".'
            )
    return replace(content, dataset=dataset).noting(notes)


# --- coordinates ------------------------------------------------------------------------------------------------------


def positions(content: Gridded, names: Table, axes: Axes, dim: str) -> tuple[Array, str | None, bool, list[str]]:
    """Return the coordinate of one axis, increasing, its unit, whether it was turned round, and notes.

    Raises DataError where it has fewer than five points, or they are no numbers, missing, doubled or out of order.
    """
    values = content.dataset[dim].values
    cells = cells_of(values, dim, content.source)
    what = f'the time "{dim}"' if dim == axes.time else f'the coordinate "{dim}"'
    if len(cells) < MIN_POINTS:
        points = counted(len(cells), "point")
        raise DataError(f"{content.source}: {what} has {points}; at least {MIN_POINTS} are needed along every axis.")
    unit, notes = names.units.get(dim), []
    if dim == axes.time and holds_dates(cells):
        column = replace(names, columns={dim: cells}, notes=())
        numbers, unit, notes = time_values(column, dim)
    elif is_text(cells) or cells.dtype.kind not in "iuf":
        raise DataError(f"{content.source}: {what} holds no numbers, but {cells[0]!r}; name another axis.")
    else:
        numbers = _widened(cells)
    falling = bool(np.all(np.diff(numbers) < 0))
    if falling:
        notes = [*notes, f'"{dim}" decreases, so the field was turned round along it.']
        numbers = np.ascontiguousarray(numbers[::-1])
    _check_increasing(content.source, what, dim, numbers)
    return numbers, unit, falling, notes


def _check_increasing(source: str, what: str, dim: str, values: Array) -> None:
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        kind = "missing" if np.isnan(values[bad[0]]) else "infinite"
        raise DataError(f"{source}: {what} is {kind} at point {bad[0]} (counted from 0); every point needs its place.")
    wrong = np.flatnonzero(np.diff(values) <= 0)
    if not len(wrong):
        return
    before, after = values[wrong[0]], values[wrong[0] + 1]
    if before == after:
        fault = f"is {after:.12g} at two points; keep one of them"
    else:
        fault = f'goes back from {before:.12g} to {after:.12g}; sort the field, as in dataset.sortby("{dim}")'
    raise DataError(f"{source}: {what} {fault}.")


def _widened(values: NDArray[Any]) -> Array:
    """Return coordinates as float64; in single precision even ones are off by their rounding, which is taken back.

    >>> steps = np.diff(_widened(np.linspace(-1, 1, 11, dtype=np.float32)))
    >>> bool(np.ptp(steps) < 1e-15)
    True
    """
    plain = values.astype(np.float64)
    if values.dtype not in (np.float16, np.float32) or not np.isfinite(plain).all():
        return plain
    even = np.linspace(plain[0], plain[-1], len(plain))
    rounding = float(np.finfo(values.dtype).eps) * np.abs(plain).max()
    return even if np.abs(plain - even).max() <= rounding else plain


def labels(content: Gridded, group: str) -> NDArray[np.str_]:
    """Return the label of each recording, shape (n_trajectories,), counted from 0 where there is no coordinate."""
    dataset = content.dataset
    if group not in dataset.coords:
        return np.array([str(index) for index in range(dataset.sizes[group])])
    found = [label(cell) for cell in cells_of(dataset[group].values, group, content.source)]
    missing = [index for index, text in enumerate(found) if text is None]
    if missing:
        raise DataError(
            f'{content.source}: "{group}" is missing for recording {missing[0]} (counted from 0); give each a label.'
        )
    texts = [str(text) for text in found]
    repeated = [text for index, text in enumerate(texts) if text in texts[:index]]
    if repeated:
        raise DataError(f'{content.source}: two recordings are called "{repeated[0]}"; give each a label of its own.')
    return np.array(texts, dtype=str)
