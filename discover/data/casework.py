"""The labels of cases on their way from a column of a table to a coordinate of the Dataset."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from discover.data.columns import Table
from discover.data.roles import label
from discover.errors import DataError

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True)
class CaseLabels:
    """What the column of the cases is called, and the case of each trajectory by its label."""

    name: str
    of: dict[str, str]


def without_cases(table: Table, group: str | None, by: str | None) -> tuple[Table, str | None, CaseLabels | None]:
    """Return a table without the column of its cases, the column of its trajectories, and the case of each of these.

    Where no column tells trajectories apart, that of the cases does. A trajectory that passes through several cases
    is parted into one for each.

    Raises:
        DataError: where there is no such column, or a row without a case.
    """
    group = table.group if group is None else table.find(group, "group=")
    name = table.case if by in (None, "trajectory") else table.find(by, "by=")
    if name is None or name == group:
        return table, group, None
    if group is None:
        return table, name, None
    runs, cases = _labels(table, group), _labels(table, name)
    pairs = dict.fromkeys(zip(runs, cases, strict=True))
    if 2 * len(set(cases)) > len(cases):
        raise DataError(
            f'{table.source}: "{name}" has {len(set(cases))} values in {len(cases)} rows, so it labels no cases; '
            "name a column with few values by by=."
        )
    columns = {column: cells for column, cells in table.columns.items() if column != name}
    table = replace(table, columns=columns, case=None)
    if len(pairs) == len(set(runs)):
        return table, group, CaseLabels(name, dict(list(pairs)))
    parted = np.array([f"{run}, {case}" for run, case in zip(runs, cases, strict=True)], dtype=object)
    table = replace(table, columns={**columns, group: parted})
    table = table.noting([f'Trajectories were parted where "{name}" changes, {len(pairs)} pieces in all.'])
    return table, group, CaseLabels(name, {f"{run}, {case}": case for run, case in pairs})


def _labels(table: Table, name: str) -> list[str]:
    found = [label(cell) for cell in table.columns[name]]
    missing = next((index for index, text in enumerate(found) if text is None), None)
    if missing is not None:
        raise DataError(
            f'{table.source}, {table.place(missing)}: "{name}" is missing, so the row belongs nowhere; complete it or '
            "delete the row."
        )
    return [text or "" for text in found]


def labelled_by_case(dataset: "xr.Dataset", cases: CaseLabels | None) -> "xr.Dataset":
    """Return a Dataset with the case of every sample as a coordinate, unchanged where there are no cases."""
    if cases is None:
        return dataset
    labels = np.array([cases.of[run] for run in dataset["trajectory"].values.astype(str).tolist()], dtype=str)
    return dataset.assign_coords(case=(dataset["time"].dims, labels, {"long_name": cases.name}))
