"""Which column is the time, which names the trajectory, which are states and which are inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.data.columns import Table, is_text
from discover.data.times import guess
from discover.errors import DataError, SettingError

Names = str | Sequence[str]
Named = Mapping[str, Any]
"""What the caller gave a role: time, group (a name or None), space, inputs (names), columns (names or None)."""

NOTHING: Named = {"time": None, "group": None, "space": (), "inputs": (), "columns": None}


@dataclass(frozen=True, slots=True)
class Roles:
    """The column of the time, that of the trajectories' labels (None: one trajectory), states, inputs and places."""

    time: str
    group: str | None
    states: tuple[str, ...]
    inputs: tuple[str, ...]
    space: tuple[str, ...] = ()


def assign(
    table: Table, time: str | None, group: str | None, inputs: Names, columns: Names | None, space: Names = ()
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
    places = tuple(table.find(name, "space=") for name in listed(space, "space="))
    named = {"time=": [time], "group=": [group], "space=": places, "inputs=": wanted_inputs, "columns=": wanted or ()}
    refuse_two_roles(named)
    labels, names = trajectories(table, group)
    notes: list[str] = []
    if time is None:
        taken = {group, *places, *wanted_inputs, *(wanted or ())}
        time, note = guess(table, {name for name in taken if name is not None}, labels)
        notes.append(note)
    states = wanted
    if states is None:
        states = tuple(name for name in table.columns if name not in (time, group, *places, *wanted_inputs))
    if not states:
        raise DataError(
            f"{table.source}: no column is left for a state beside time, {'space, ' if places else ''}group and inputs "
            f"(columns: {', '.join(table.columns)}); a state is what gets an equation."
        )
    in_order = tuple(name for name in table.columns if name in places)
    return Roles(time, group, states, wanted_inputs, in_order), labels, names, notes


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


def refuse_two_roles(roles: Mapping[str, Sequence[str | None]]) -> None:
    """Raise SettingError where two options (option -> the columns that it names) name one column."""
    seen: dict[str, str] = {}
    for option, names in roles.items():
        for name in filter(None, names):
            if name in seen:
                raise SettingError(f'"{name}" is given by {seen[name]} and by {option}; a column has one role.')
            seen[name] = option


def trajectories(table: Table, group: str | None) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the trajectory of each row, shape (n_rows,), and the labels, in order of first appearance.

    Raises DataError for a row without a label, and where every row has its own.
    """
    if group is None:
        return np.zeros(table.n_rows, dtype=np.int64), ()
    cells = table.columns[group]
    codes: dict[str, int] = {}
    numbers = np.empty(len(cells), dtype=np.int64)
    for index, cell in enumerate(cells):
        text = label(cell)
        if text is None:
            raise DataError(
                f'{table.source}, {table.place(index)}: "{group}" is missing, so the row belongs to no trajectory; '
                "complete it or delete the row."
            )
        numbers[index] = codes.setdefault(text, len(codes))
    if len(codes) == len(cells) > 1:
        raise DataError(
            f'{table.source}: every row has its own "{group}", so no trajectory has two samples; name another column '
            "with group=, or none."
        )
    return numbers, tuple(codes)


def label(cell: object) -> str | None:
    """Return what a trajectory is called by a cell, None where it is missing.

    >>> label(2.0), label("a"), label(float("nan"))
    ('2', 'a', None)
    """
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
