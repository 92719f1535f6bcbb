"""Which column is the time, which names the trajectory, which are states and which are inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.data.columns import Table, is_text
from discover.data.times import guess
from discover.errors import DataError, SettingError

Names = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Roles:
    """The column of the time, that of the trajectories' labels (None: one trajectory), the states and the inputs."""

    time: str
    group: str | None
    states: tuple[str, ...]
    inputs: tuple[str, ...]


def assign(
    table: Table, time: str | None, group: str | None, inputs: Names, columns: Names | None
) -> tuple[Roles, NDArray[np.int64], tuple[str, ...], list[str]]:
    """Return the roles, the trajectory of each row (n_rows,), the trajectories' labels, and notes.

    Raises DataError for a column that is not there or a trajectory without a label, SettingError where one column is
    given two roles.
    """
    wanted = None if columns is None else tuple(table.find(name, "columns=") for name in listed(columns, "columns="))
    wanted_inputs = tuple(table.find(name, "inputs=") for name in listed(inputs, "inputs="))
    if not wanted_inputs:  # those of an earlier load, but for what columns= now calls a state
        wanted_inputs = tuple(name for name in table.inputs if name not in (wanted or ()))
    group = table.group if group is None else table.find(group, "group=")
    time = table.time if time is None else table.find(time, "time=")
    _refuse_two_roles(time, group, wanted_inputs, wanted or ())
    labels, names = _trajectories(table, group)
    notes: list[str] = []
    if time is None:
        taken = {group, *wanted_inputs, *(wanted or ())}
        time, note = guess(table, {name for name in taken if name is not None}, labels)
        notes.append(note)
    states = wanted
    if states is None:
        states = tuple(name for name in table.columns if name not in (time, group, *wanted_inputs))
    if not states:
        raise DataError(
            f"{table.source}: no column is left for a state beside time, group and inputs "
            f"(columns: {', '.join(table.columns)}); a state is what gets an equation."
        )
    return Roles(time, group, states, wanted_inputs), labels, names, notes


def listed(names: Names, option: str) -> tuple[str, ...]:
    """Return names as a tuple, one name alone too; raises SettingError where they are something else or repeated."""
    if isinstance(names, str):
        return (names,)
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise SettingError(f"{option} must be names of columns, not {names!r}.")
    repeated = [name for index, name in enumerate(names) if name in names[:index]]
    if repeated:
        raise SettingError(f'{option} names "{repeated[0]}" twice; name each column once.')
    return tuple(names)


def _refuse_two_roles(time: str | None, group: str | None, inputs: tuple[str, ...], states: tuple[str, ...]) -> None:
    roles = {"time=": (time,), "group=": (group,), "inputs=": inputs, "columns=": states}
    seen: dict[str, str] = {}
    for option, names in roles.items():
        for name in filter(None, names):
            if name in seen:
                raise SettingError(f'"{name}" is given by {seen[name]} and by {option}; a column has one role.')
            seen[name] = option


def _trajectories(table: Table, group: str | None) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the trajectory of each row and the labels, in order of first appearance."""
    if group is None:
        return np.zeros(table.n_rows, dtype=np.int64), ()
    cells = table.columns[group]
    codes: dict[str, int] = {}
    numbers = np.empty(len(cells), dtype=np.int64)
    for index, cell in enumerate(cells):
        label = _label(cell)
        if label is None:
            raise DataError(
                f'{table.source}, {table.place(index)}: "{group}" is missing, so the row belongs to no trajectory; '
                "complete it or delete the row."
            )
        numbers[index] = codes.setdefault(label, len(codes))
    if len(codes) == len(cells) > 1:
        raise DataError(
            f'{table.source}: every row has its own "{group}", so no trajectory has two samples; name another column '
            "with group=, or none."
        )
    return numbers, tuple(codes)


def _label(cell: object) -> str | None:
    if cell is None or cell != cell:
        return None
    if isinstance(cell, float | np.floating):
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    return str(cell)


def refuse_no_numbers(table: Table) -> None:
    """Raise DataError where all columns are text."""
    from discover.data.cells import has_numbers

    if not any(has_numbers(cells) if is_text(cells) else True for cells in table.columns.values()):
        raise DataError(
            f"{table.source} has no numeric column (columns: {', '.join(table.columns)}); at least the time and one "
            "state must be numbers."
        )
