"""How far each row of a table is to be trusted: errors in the target per row, or weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.data.cells import numbers
from discover.data.columns import Table
from discover.errors import DataError, SettingError, did_you_mean

Array = NDArray[np.float64]

Given = Any
"""A column's name, a number for all rows, one number a row, or a dict from targets to those."""


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """What was said about the errors of each target.

    Attributes:
        given: target -> standard deviation or weight of each row, as it was given, (n_rows,); empty for equal ones.
        known: whether standard deviations were given, which say how large errors are.
        columns: of the table, that hold them and so explain nothing.
    """

    given: dict[str, Array]
    known: bool
    columns: tuple[str, ...]

    def precision(self, target: str, rows: NDArray[np.bool_]) -> Array:
        """Return one over the variance of the errors of a target on the rows that are kept, up to a factor for weights.

        Raises:
            DataError: for a standard deviation that is not positive, or a weight that is negative.
        """
        values = self.given[target][rows]
        bad = np.flatnonzero(values <= 0 if self.known else values < 0)
        if len(bad):
            row, what = np.flatnonzero(rows)[bad[0]] + 1, "sigma" if self.known else "weights"
            must = "positive; an exact row cannot be weighed against others" if self.known else "zero or more"
            raise DataError(f"{what} of {target} must be {must}, got {values[bad[0]]:g} in row {row}.")
        return 1.0 / values**2 if self.known else values


def trust(table: Table, targets: Sequence[str], sigma: Given, weights: Given) -> Trust:
    """Return the errors or weights given for the targets of a table.

    Raises:
        SettingError: where both are given, or what is given is neither column nor numbers.
        DataError: where a column is not there, or there are more or fewer numbers than rows.
    """
    if sigma is not None and weights is not None:
        raise SettingError("sigma= says how large errors are and weights= how much rows count; give one of them.")
    option, given = ("sigma=", sigma) if weights is None else ("weights=", weights)
    if given is None:
        return Trust({}, False, ())
    if isinstance(given, Mapping):
        unknown = [name for name in given if name not in targets]
        if unknown:
            raise SettingError(f'{option} has "{unknown[0]}", which is no target.{did_you_mean(unknown[0], targets)}')
        silent = [name for name in targets if given.get(name) is None]
        if silent:
            raise SettingError(f"{option} says nothing of {silent[0]}; give it for every target, or for none.")
    found: dict[str, Array] = {}
    columns: list[str] = []
    for target in targets:
        value = given.get(target) if isinstance(given, Mapping) else given
        if isinstance(value, str):
            columns.append(value)
        found[target] = _numbers(table, option, value)
    twice = [name for name in columns if name in targets]
    if twice:
        raise SettingError(f'"{twice[0]}" is given by {option} and is a target too; a column has one role.')
    return Trust(found, weights is None, tuple(dict.fromkeys(columns)))


def _numbers(table: Table, option: str, value: Any) -> Array:
    n = len(next(iter(table.columns.values())))
    if isinstance(value, str):
        if value not in table.columns:
            raise DataError(f'{table.source} has no column "{value}" ({option}).{did_you_mean(value, table.columns)}')
        return numbers(table, value)
    if isinstance(value, Real) and not isinstance(value, bool):
        return np.full(n, float(value))
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise SettingError(f"{option} must name a column or hold one number a row, got {value!r}.") from None
    if found.shape != (n,):
        raise DataError(f"{option} has the shape {found.shape}; {table.source} has {n} rows, so ({n},) is needed.")
    return found


def brief(given: Given) -> Any:
    """Return what was given as a setting is told: numbers by their count, since the fingerprint knows them.

    >>> brief("s"), brief([0.1, 0.2]), brief({"y": 0.5})
    ('s', '2 numbers', {'y': 0.5})
    """
    if given is None or isinstance(given, str | int | float):
        return given
    if isinstance(given, Mapping):
        return {name: brief(value) for name, value in given.items()}
    return f"{len(given)} numbers"
