"""Tables of an algebraic law: one row an observation, no time; the target and what it may depend on."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from discover.data.assembly import fingerprint
from discover.data.cells import numbers
from discover.data.columns import Table, is_text
from discover.data.headers import split_headers
from discover.data.reading import read
from discover.data.roles import NOTHING, listed
from discover.data.units import known_dimension
from discover.errors import DataError, SettingError, did_you_mean
from discover.problem import Block, Problem, Stencil

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ROW = "row"
"""The dimension of observations."""

LEAST_ROWS = 5
N_FOLDS = 10


def observations(
    source: "str | Path | pd.DataFrame | xr.Dataset | Mapping[str, Any]",
    target: str,
    columns: Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
) -> "xr.Dataset":
    """Return a table without time as a Dataset over the dimension `row`: the target first, then what may explain it.

    Args:
        source: what `discover.load` takes, as long as it is a table.
        target: the column to be explained.
        columns: those that may explain it; None takes all other numeric ones.
        units: column -> unit, where the headers do not say it.

    Raises:
        DataError: for columns that are not there, and where fewer than five rows are complete.
        SettingError: where the target is to explain itself.

    >>> data = observations({"m [kg]": [1, 2, 3, 4, 5], "F [N]": [9.8, 19.6, 29.4, 39.2, 49.0]}, "F")
    >>> list(data.data_vars), data["F"].units, data.sizes["row"]
    (['F', 'm'], 'N', 5)
    """
    import xarray as xr

    content = read(source, NOTHING)
    if not isinstance(content, Table):
        raise DataError("An algebraic law is sought in a table, one row an observation; these data lie over a grid.")
    table = split_headers(content, units)
    _require(table, target, "target=")
    names = _explaining(table, target, columns)
    values = {name: numbers(table, name) for name in (target, *names)}
    kept = np.isfinite(np.array(list(values.values()))).all(axis=0)
    if kept.sum() < LEAST_ROWS:
        raise DataError(
            f"{table.source} has {int(kept.sum())} rows in which {target} and all of {', '.join(names)} are numbers; "
            f"at least {LEAST_ROWS} are needed. Leave columns with gaps out with columns=."
        )
    notes = list(table.notes)
    if not kept.all():
        notes.append(f"{int((~kept).sum())} rows with a missing value were left out; nothing was filled in.")
    values = {name: column[kept] for name, column in values.items()}
    flat = [name for name in names if np.ptp(values[name]) == 0.0]
    if flat:
        raise DataError(f'"{flat[0]}" never changes ({values[flat[0]][0]:g}), so nothing can be learned from it; '
                        "leave it out with columns=.")  # fmt: skip
    order = np.arange(float(kept.sum()))
    attrs = {"source": table.source, "fingerprint": fingerprint(values, order, np.array(["1"])), "notes": notes}
    variables = {
        name: (ROW, column, _attributes(table, name, "state" if name == target else "input"))
        for name, column in values.items()
    }
    return xr.Dataset(variables, attrs=attrs)


def _attributes(table: Table, name: str, role: str) -> dict[str, str]:
    unit = table.units.get(name)
    return {"long_name": name, "role": role} | ({} if unit is None else {"units": unit})


def _require(table: Table, name: str, option: str) -> None:
    if not isinstance(name, str):
        raise SettingError(f"{option} must be the name of a column, not {name!r}.")
    if name not in table.columns:
        raise DataError(f'{table.source} has no column "{name}" ({option}).{did_you_mean(name, table.columns)}')


def _explaining(table: Table, target: str, columns: Sequence[str] | None) -> tuple[str, ...]:
    if columns is None:
        names = tuple(name for name, cells in table.columns.items() if name != target and not is_text(cells))
    else:
        names = listed(columns, "columns=")
        for name in names:
            _require(table, name, "columns=")
    if target in names:
        raise SettingError(f'"{target}" is given by target= and by columns=; a target does not explain itself.')
    if not names:
        raise DataError(f'{table.source} has no numeric column beside "{target}" that could explain it.')
    return names


def formulate_observations(dataset: "xr.Dataset") -> Problem:
    """Turn a table into a Problem: each row of the regression is an observation, the target its left side."""
    names = tuple(str(name) for name in dataset.data_vars)
    X = np.array([dataset[name].values for name in names], dtype=np.float64)
    n = X.shape[1]
    order, one = np.arange(n), np.ones((1, 1, 1))
    fold = np.random.default_rng(0).permutation(n) * min(N_FOLDS, n) // n
    units = tuple(dataset[name].attrs.get("units") for name in names)
    stencil = Stencil(start=order, shape=np.zeros(n, np.int64), weights=one, time=order.astype(np.float64))
    return Problem(
        names=names,
        n_states=1,
        targets=names[:1],
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
        blocks=(Block(X, X[:1], order.astype(np.float64), "1", fold, X, stencil),),
        notes=tuple(dataset.attrs.get("notes", ())),
    )
