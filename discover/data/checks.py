"""What a column must be for a law to be fitted to it: finite, not all missing, not constant, long enough."""

import re
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from discover.data.columns import Table, counted
from discover.data.roles import Roles
from discover.errors import DataError

MIN_ROWS = 5

_COUNT = re.compile(
    r'\d+ of \d+ values of ".*" are missing\.|".*" is \S+ (?:in \d+ rows?|at \d+ points?); if that means .*'
    r"|The field takes .*"
)

SENTINELS = (-999.0, -9999.0, -99999.0, -999.9, 1e20, 9.969209968386869e36)
"""What loggers and models write for a missing value; the last is NetCDF's own fill value."""

Array = NDArray[np.float64]


def check_size(table: Table) -> None:
    """Raise DataError where there are fewer than five rows."""
    if table.n_rows < MIN_ROWS:
        rows = counted(table.n_rows, "row")
        raise DataError(f"{table.source} holds {rows} of data; at least {MIN_ROWS} are needed.")


def check_values(table: Table, values: Mapping[str, Array], roles: Roles) -> list[str]:
    """Raise DataError for the first column no law can be fitted to, and return notes about missing values.

    Args:
        table: where the values come from, for messages.
        values: name -> numbers of each state and input, shape (n_rows,).
        roles: what each column is.
    """
    notes: list[str] = []
    for name, column in values.items():
        others = [other for other in roles.states if other != name]
        role = "state" if name in roles.states else "input"
        _check_finite(table, name, column, others, role)
        _check_varies(table, name, column, others, role)
        notes += _notes(name, column)
    return notes


def _check_finite(table: Table, name: str, column: Array, others: list[str], role: str) -> None:
    infinite = np.flatnonzero(np.isinf(column))
    if len(infinite):
        raise DataError(
            f'{table.source}, {table.place(infinite[0])}: column "{name}" holds an infinite value; correct it, '
            "or leave the cell empty if the value is not known."
        )
    if np.isnan(column).all():
        raise DataError(f'{table.source}: column "{name}" has no value in any row; {_without(name, others, role)}.')


def _check_varies(table: Table, name: str, column: Array, others: list[str], role: str) -> None:
    present = column[~np.isnan(column)]
    if (present == present[0]).all():
        raise DataError(
            f'{table.source}: the {role} "{name}" is {present[0]:.12g} in every row, so nothing can be learnt from it; '
            f"{_without(name, others, role)}."
        )


def _without(name: str, others: list[str], role: str) -> str:
    if role == "input":
        return "take it out of inputs=, and choose the states with columns="
    if not others:
        return "measure something that changes"
    return f'leave "{name}" out with columns={others!r}'.replace("'", '"')


def without_counts(notes: Iterable[str]) -> tuple[str, ...]:
    """Return notes without those that `check_values` counts afresh."""
    return tuple(note for note in notes if not _COUNT.fullmatch(note))


def _notes(name: str, column: Array) -> list[str]:
    n_missing = int(np.isnan(column).sum())
    missing = f'{n_missing} of {len(column)} values of "{name}" are missing.'
    notes = [missing] if n_missing else []
    for sentinel in SENTINELS:
        count = int(np.isclose(column, sentinel, rtol=1e-6, atol=0.0).sum())
        if count:
            rows = counted(count, "row")
            notes.append(f'"{name}" is {sentinel:g} in {rows}; if that means a missing value, leave the cell empty.')
    return notes
