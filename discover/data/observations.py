"""Tables of an algebraic law: one row an observation, no time; the target and what it may depend on."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from discover.data.assembly import fingerprint
from discover.data.cells import numbers
from discover.data.columns import Table, is_text
from discover.data.headers import split_headers
from discover.data.reading import read
from discover.data.roles import NOTHING, listed
from discover.data.trust import Given, trust
from discover.data.units import known_dimension
from discover.errors import DataError, SettingError, did_you_mean
from discover.problem import Block, Problem, Stencil

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ROW = "row"
"""The dimension of observations."""

Array = NDArray[np.float64]

PRECISION = "precision of "
"""What the coordinate is called that holds one over the variance of a target's errors."""

LEAST_ROWS = 5
N_FOLDS = 10


def observations(
    source: "str | Path | pd.DataFrame | xr.Dataset | Mapping[str, Any]",
    target: str | Sequence[str],
    columns: Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    sigma: Given = None,
    weights: Given = None,
) -> "xr.Dataset":
    """Return a table without time as a Dataset over the dimension `row`: the targets first, then what may explain them.

    Args:
        source: what `discover.load` takes, as long as it is a table.
        target: the column to be explained, or several.
        columns: those that may explain it; None takes all other numeric ones that change.
        units: column -> unit, where the headers do not say it.
        sigma: standard deviation of the target's errors: a column, a number, one number a row, or a dict of these by
            target. In the Dataset a coordinate holds one over its square.
        weights: how much each row counts, given like sigma.

    Raises:
        DataError: for columns that are not there, and where fewer than five rows are complete.
        SettingError: where a target is to explain itself.

    >>> data = observations({"m [kg]": [1, 2, 3, 4, 5], "F [N]": [9.8, 19.6, 29.4, 39.2, 49.0]}, "F")
    >>> list(data.data_vars), data["F"].units, data.sizes["row"]
    (['F', 'm'], 'N', 5)
    """
    import xarray as xr

    content = read(source, NOTHING)
    if not isinstance(content, Table):
        raise DataError("An algebraic law is sought in a table, one row an observation; these data lie over a grid.")
    table = split_headers(content, units)
    targets = _targets(table, target)
    trusted = trust(table, targets, sigma, weights)
    names, notes = _explaining(table, targets, columns, trusted.columns)
    values = {name: numbers(table, name) for name in (*targets, *names)}
    finite = np.atleast_1d(np.isfinite(np.array([*values.values(), *trusted.given.values()])).all(axis=0))
    if finite.sum() < LEAST_ROWS:
        raise DataError(
            f"{table.source} has {int(finite.sum())} rows in which {', '.join(targets)} and all of {', '.join(names)} "
            f"are numbers; at least {LEAST_ROWS} are needed. Leave columns with gaps out with columns=."
        )
    precision = {name: trusted.precision(name, finite) for name in trusted.given}
    used = (
        np.atleast_1d(np.all(list(precision.values()), axis=0)) if precision else np.ones(int(finite.sum()), dtype=bool)
    )
    notes += _left_out(finite, used)
    values = {name: column[finite][used] for name, column in values.items()}
    precision = {name: column[used] for name, column in precision.items()}
    if used.sum() < LEAST_ROWS:
        raise DataError(f"{int(used.sum())} rows have a weight above zero; at least {LEAST_ROWS} are needed.")
    values, flat = _varying(values, targets, columns)
    notes += flat
    order = np.arange(float(used.sum()))
    marked = values | {f"{PRECISION}{name}": column for name, column in precision.items()}
    attrs = {
        "source": table.source,
        "fingerprint": fingerprint(marked, order, np.array(["1"])),
        "notes": [*table.notes, *notes],
        "knows_errors": int(trusted.known),
    }
    variables = {
        name: (ROW, column, _attributes(table, name, "state" if name in targets else "input"))
        for name, column in values.items()
    }
    coords = {f"{PRECISION}{name}": (ROW, column) for name, column in precision.items()}
    return xr.Dataset(variables, coords=coords, attrs=attrs)


def _targets(table: Table, target: str | Sequence[str]) -> tuple[str, ...]:
    names = listed(target, "target=") if not isinstance(target, str) else (target,)
    if not names:
        raise SettingError("target= names no column; say which one is to be explained.")
    for name in names:
        _require(table, name, "target=")
    return names


def _left_out(finite: NDArray[np.bool_], used: NDArray[np.bool_]) -> list[str]:
    """Return a sentence for the rows that have a gap, and one for those that do not count."""
    notes = []
    if not finite.all():
        notes.append(f"{int((~finite).sum())} rows with a missing value were left out; nothing was filled in.")
    if not used.all():
        notes.append(f"{int((~used).sum())} rows of weight zero were left out.")
    return notes


def _varying(
    values: dict[str, Array], targets: Sequence[str], columns: Sequence[str] | None
) -> tuple[dict[str, Array], list[str]]:
    """Return the columns that change, and a sentence about the others; one that was asked for must change."""
    flat = [name for name, column in values.items() if name not in targets and np.ptp(column) == 0.0]
    if flat and (columns is not None or len(flat) == len(values) - len(targets)):
        raise DataError(f'"{flat[0]}" never changes ({values[flat[0]][0]:g}), so nothing can be learned from it; '
                        "leave it out with columns=.")  # fmt: skip
    notes = [f'"{name}" never changes ({values[name][0]:g}) and was left out.' for name in flat]
    return {name: column for name, column in values.items() if name not in flat}, notes


def _attributes(table: Table, name: str, role: str) -> dict[str, str]:
    unit = table.units.get(name)
    return {"long_name": name, "role": role} | ({} if unit is None else {"units": unit})


def _require(table: Table, name: str, option: str) -> None:
    if not isinstance(name, str):
        raise SettingError(f"{option} must be the name of a column, not {name!r}.")
    if name not in table.columns:
        raise DataError(f'{table.source} has no column "{name}" ({option}).{did_you_mean(name, table.columns)}')


def _explaining(
    table: Table, targets: Sequence[str], columns: Sequence[str] | None, others: Sequence[str]
) -> tuple[tuple[str, ...], list[str]]:
    """Return the columns that may explain the targets, and a sentence about those that are text."""
    if columns is None:
        rest = {name: cells for name, cells in table.columns.items() if name not in (*targets, *others)}
        names = tuple(name for name, cells in rest.items() if not is_text(cells))
        words = [name for name in rest if name not in names]
        notes = [f"Columns of text were left out: {', '.join(words)}."] if words else []
    else:
        names, notes = listed(columns, "columns="), []
        for name in names:
            _require(table, name, "columns=")
    for target in targets:
        if target in names:
            raise SettingError(
                f'"{target}" is given by target= and by columns=; a target does not explain itself or another.'
            )
    if not names:
        beside = " and ".join(f'"{name}"' for name in targets)
        raise DataError(f"{table.source} has no numeric column beside {beside} that could explain it.")
    return names, notes


def formulate_observations(dataset: "xr.Dataset") -> Problem:
    """Turn a table into a Problem: each row of the regression is an observation, the targets its left sides."""
    targets = tuple(str(name) for name, column in dataset.data_vars.items() if column.attrs.get("role") == "state")
    precision = np.ones((len(targets), dataset.sizes[ROW]))
    given = [f"{PRECISION}{name}" in dataset.coords for name in targets]
    for i, name in enumerate(targets):
        if given[i]:
            precision[i] = dataset.coords[f"{PRECISION}{name}"].values
    names = tuple(str(name) for name in dataset.data_vars)
    X = np.array([dataset[name].values for name in names], dtype=np.float64)
    n = X.shape[1]
    order, one = np.arange(n), np.ones((1, 1, 1))
    fold = np.random.default_rng(0).permutation(n) * min(N_FOLDS, n) // n
    units = tuple(dataset[name].attrs.get("units") for name in names)
    stencil = Stencil(start=order, shape=np.zeros(n, np.int64), weights=one, time=order.astype(np.float64))
    return Problem(
        names=names,
        n_states=len(targets),
        targets=targets,
        units=units,
        dimensions=tuple(known_dimension(unit) for unit in units),
        time=ROW,
        time_unit=None,
        time_dimension=None,
        formulation="algebraic",
        half_width=0,
        noise=np.zeros(len(names)),
        relative=None,
        noise_error=float("inf"),
        scale=X.std(axis=1),
        blocks=(
            Block(
                X,
                X[: len(targets)],
                order.astype(np.float64),
                "1",
                fold,
                X,
                stencil,
                precision=precision if any(given) else None,
            ),
        ),
        knows_errors=bool(dataset.attrs.get("knows_errors", 0)) and all(given),
        notes=tuple(dataset.attrs.get("notes", ())),
    )
