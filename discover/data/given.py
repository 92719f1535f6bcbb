"""What people hand to a law: names, numbers, shapes and units, checked at the door."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.errors import DataError, SettingError, UnitError, did_you_mean

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


def require(wanted: Sequence[str], given: Sequence[str]) -> None:
    """Refuse data without a variable that a law needs.

    Raises:
        DataError: naming the variable.

    >>> require(["x"], ["x", "y"])
    """
    for name in wanted:
        if name not in given:
            raise DataError(f'"{name}" is missing, which the law needs.{did_you_mean(name, given)}')


def numbers(values: ArrayLike, what: str) -> Array:
    """Return values as an array of floats.

    Raises:
        SettingError: where they are no numbers.

    >>> numbers([1, 2], "x0")
    array([1., 2.])
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise SettingError(f"{what} must be numbers, got {str(values)[:60]!r}.") from None


def columns(values: ArrayLike, names: Sequence[str], what: str) -> Array:
    """Return values as an array (n, len(names)).

    Raises:
        DataError: where their shape is another.

    >>> columns([[1, 2]], ["x", "y"], "states").shape
    (1, 2)
    """
    array = numbers(values, what)
    if array.ndim != 2 or array.shape[1] != len(names):
        raise DataError(
            f"{what} must have the shape (n, {len(names)}), a column for each of {', '.join(names)}; got {array.shape}."
        )
    return array


def same_unit(name: str, wanted: str | None, given: str | None) -> None:
    """Refuse data in another unit than the law's; an unknown unit constrains nothing.

    Raises:
        UnitError: naming both units.

    >>> same_unit("x", "m", None)
    """
    from discover.data.units import dimension, scale

    if wanted is None or given is None or wanted == given:
        return
    if dimension(wanted) != dimension(given) or not np.isclose(scale(wanted), scale(given), rtol=1e-12):
        raise UnitError(f'"{name}" is in [{given}] and the law in [{wanted}]; convert it first.')


def by_trajectory(rates: "Callable[[xr.Dataset], xr.Dataset]", data: "xr.Dataset") -> "xr.Dataset":
    """Return what `rates` makes of each trajectory along its own time, joined along the samples again.

    >>> import xarray as xr
    >>> labels, time = ("sample", ["a", "a", "b"]), ("sample", [0.0, 1.0, 0.0])
    >>> data = xr.Dataset({"x": ("sample", [1.0, 3.0, 9.0])}, {"trajectory": labels, "time": time})
    >>> by_trajectory(lambda one: one - one.isel(time=0), data)["x"].values.tolist()
    [0.0, 2.0, 0.0]
    """
    import xarray as xr

    labels = data["trajectory"].values
    cuts = [0, *(np.flatnonzero(labels[1:] != labels[:-1]) + 1).tolist(), len(labels)]
    parts = []
    for first, last in pairwise(cuts):
        one = data.isel(sample=slice(first, last)).drop_vars("trajectory")
        parts.append(rates(one.swap_dims({"sample": "time"})))
    joined = {name: np.concatenate([part[name].values for part in parts]) for name in parts[0].data_vars}
    fields = {name: ("sample", values, parts[0][name].attrs) for name, values in joined.items()}
    return xr.Dataset(fields, coords=data.coords)
