"""The left side of a law at given values: rates of change, next values, or the target of a formula."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.data.given import by_trajectory, columns, require, same_unit
from discover.data.several import Recordings
from discover.equation import Law
from discover.errors import DataError, UnavailableError, did_you_mean
from discover.expr import compile_program
from discover.simulate import axes_of_derivatives, rates_over

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]
Table = Any
"""A Dataset, several of them, a DataFrame or an array."""


def function(law: Law) -> Callable[..., Array]:
    """Return the compiled law, a function of arrays of samples; see `Discovery.function`.

    Raises:
        UnavailableError: where the law differentiates on its right-hand side.
    """
    if along := axes_of_derivatives(law):
        axes = ", ".join(law.axes[axis] for axis in along)
        raise UnavailableError(
            f"This law differentiates along {axes}, so its rates need the values around and are no function of "
            "those at one sample; hand predict a Dataset with these dimensions, or export the law to python."
        )
    if law.kind == "algebraic":
        return lambda variables: _formula(law, columns(variables, law.inputs, "variables"))
    program = compile_program([equation.rhs for equation in law.equations], len(law.names))

    def rates(states: ArrayLike, inputs: ArrayLike | None = None) -> Array:
        """Rates of change, shape (n, n_states), at `states` (n, n_states) and `inputs` (n, n_inputs)."""
        parts = [columns(states, law.states, "states")]
        if law.inputs:
            parts.append(columns(() if inputs is None else inputs, law.inputs, "inputs"))
        elif inputs is not None:
            raise DataError("The law has no inputs; leave them out.")
        if len({len(part) for part in parts}) > 1:
            raise DataError(f"states and inputs need the same length, got {len(parts[0])} and {len(parts[1])}.")
        return program.evaluate(np.concatenate(parts, axis=1).T).T.copy()

    return rates


def _formula(law: Law, values: Array) -> Array:
    """Values of the targets (n, n_targets) for their variables (n, n_variables)."""
    full = np.concatenate([np.zeros((len(values), len(law.states))), values], axis=1)
    return compile_program([equation.rhs for equation in law.equations], len(law.names)).evaluate(full.T).T.copy()


def predict(law: Law, data: Table) -> Table:
    """Return the left side of every equation at every sample, in the kind of `data`; see `Discovery.predict`.

    Raises:
        DataError: where a variable or an axis is missing, or the shape is another.
    """
    import pandas as pd
    import xarray as xr

    needed = law.inputs if law.kind == "algebraic" else law.names  # a target does not explain itself
    if isinstance(data, Recordings):
        return replace(data, datasets=tuple(predict(law, one) for one in data.datasets))
    if isinstance(data, list | tuple) and data and all(isinstance(one, xr.Dataset) for one in data):
        return type(data)(predict(law, one) for one in data)
    if isinstance(data, xr.Dataset):
        return _of_formula(law, data) if law.kind == "algebraic" else _of_dataset(law, data)
    if isinstance(data, pd.DataFrame):
        require(needed, [str(name) for name in data.columns])
        rates = _rates(law, data[list(needed)].to_numpy(dtype=np.float64))
        return pd.DataFrame(rates, index=data.index, columns=list(law.states))
    return _rates(law, columns(data, needed, "data"))


def _rates(law: Law, values: Array) -> Array:
    """Left sides (n, n_states) at values (n, n_variables), states first."""
    if law.kind == "algebraic":
        return _formula(law, values)
    n_states = len(law.states)
    inputs = values[:, n_states:] if law.inputs else None
    return function(law)(values[:, :n_states], inputs)


def _of_dataset(law: Law, data: "xr.Dataset") -> "xr.Dataset":
    import xarray as xr

    if law.cases:
        from discover.export.cases import indicators

        data = indicators(law, data)
    if law.time in law.inputs and "time" in data.coords:  # a term holds the time itself
        data = data.assign({law.time: data["time"]})
    if "sample" in data.dims and 0 in axes_of_derivatives(law):
        return by_trajectory(lambda one: _of_dataset(law, one), data)
    require(law.names, [str(name) for name in data.variables])
    for name, unit in zip((*law.names, *law.space), (*law.units, *law.axis_units[1:]), strict=True):
        if name in data.variables:
            same_unit(name, unit, data[name].attrs.get("units"))
    columns = xr.broadcast(*(data[name] for name in law.names))
    dims = [str(dim) for dim in columns[0].dims]
    axes = ["time" if axis == 0 else law.axes[axis] for axis in axes_of_derivatives(law)]
    for axis in axes:
        if axis not in dims or axis not in data.coords:
            raise DataError(
                f'The law differentiates along "{axis}", which is no dimension with coordinates of these data.'
                f"{did_you_mean(axis, dims)}"
            )
    # The axes in the law's order first, then whatever other dimensions there are.
    order = [dim for dim in ("time", *law.space) if dim in dims]
    order += [dim for dim in dims if dim not in order]
    values = [np.asarray(column.transpose(*order).values, dtype=np.float64) for column in columns]
    if axes:
        places = [data[dim].values if dim in axes else np.empty(0) for dim in ("time", *law.space)]
        rates = rates_over(law, values, places)
    else:
        flat = _rates(law, np.stack([column.ravel() for column in values], axis=1))
        rates = flat.T.reshape(len(law.states), *values[0].shape)
    fields = {state: (order, rates[at], _left_attrs(law, at)) for at, state in enumerate(law.states)}
    return xr.Dataset(fields, coords=columns[0].coords).transpose(*dims)


def _of_formula(law: Law, data: "xr.Dataset") -> "xr.Dataset":
    import xarray as xr

    require(law.inputs, [str(name) for name in data.variables])
    for name, unit in zip(law.inputs, law.units[len(law.states) :], strict=True):
        same_unit(name, unit, data[name].attrs.get("units"))
    parts = xr.broadcast(*(data[name] for name in law.inputs))
    flat = _formula(law, np.stack([np.asarray(part.values, dtype=np.float64).ravel() for part in parts], axis=1))
    values = {}
    for at, (name, unit) in enumerate(zip(law.states, law.units, strict=False)):
        attrs = {"long_name": name} | ({} if unit is None else {"units": unit})
        values[name] = (parts[0].dims, flat[:, at].reshape(parts[0].shape), attrs)
    return xr.Dataset(values, coords=parts[0].coords)


def _left_attrs(law: Law, at: int) -> dict[str, str]:
    equation = law.equations[at]
    unit, time_unit, times = law.units[at], law.time_unit, {1: "", 2: "second "}.get(equation.order, "")
    if equation.kind == "map":
        return {"long_name": f"next value of {equation.target}", **({} if unit is None else {"units": unit})}
    attrs = {"long_name": f"{times}rate of change of {equation.target} with {law.time}"}
    power = "" if equation.order == 1 else f"^{equation.order}"
    return attrs if unit is None or time_unit is None else {**attrs, "units": f"({unit})/({time_unit}){power}"}
