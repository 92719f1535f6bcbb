"""Initial states in any shape that people hold them in: arrays, numbers by name, a snapshot of a field."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.equation import Law
from discover.errors import SettingError, did_you_mean

Array = NDArray[np.float64]
Axes = list[Array]


def start_of(law: Law, x0: Any) -> tuple[Any, Axes | None]:
    """Return x0 as `simulate` takes it, and the coordinates that came with it, None where none did.

    Args:
        law: whose states x0 holds.
        x0: an array, or a mapping from the names of the states, and of velocities such as x', to their values.
            Of a Dataset along time the first sample is taken, and for a law over space its coordinates.

    Raises:
        SettingError: where a state is missing or unknown, or an axis of space has no coordinates.

    >>> from discover.export.specimen import specimen
    >>> start_of(specimen()[0], {"lynx": 4.0, "hare": 30.0})
    ([30.0, 4.0], None)
    """
    if not isinstance(x0, Mapping):
        return x0, None
    velocities = [f"{equation.target}'" for equation in law.equations if equation.order == 2]
    for name in law.states:
        if name not in x0:
            raise SettingError(
                f'"{name}" is missing, which the law needs.{did_you_mean(name, [str(key) for key in x0])}'
            )
    given = [name for name in velocities if name in x0]
    if hasattr(x0, "dims"):
        return _from_dataset(law, x0, [*law.states, *(velocities if given else ())])
    for name in x0:
        if name not in law.states and name not in velocities:
            raise SettingError(f'The law has no state "{name}".{did_you_mean(str(name), [*law.states, *velocities])}')
    rest = [x0.get(name, np.zeros_like(x0[name[:-1]])) for name in velocities] if given else []
    return [*(x0[name] for name in law.states), *rest], None


def _from_dataset(law: Law, data: Any, names: Sequence[str]) -> tuple[Array, Axes | None]:
    for name in names:
        if name not in data:
            raise SettingError(f'"{name}" is missing: give the velocities of all states of second order, or of none.')
    first = data.isel(time=0) if "time" in data.dims else data
    for axis in law.space:
        if axis not in first.coords:
            raise SettingError(f'The Dataset has no coordinate "{axis}".{did_you_mean(axis, map(str, first.coords))}')
    for name in names:
        if set(first[name].dims) != set(law.space):
            raise SettingError(
                f'"{name}" must be over {", ".join(law.space) or "time alone"} to start from, '
                f"not over {', '.join(map(str, first[name].dims)) or 'nothing'}."
            )
    values = np.stack([np.asarray(first[name].transpose(*law.space).values, dtype=np.float64) for name in names])
    return values, [np.asarray(first[axis].values, dtype=np.float64) for axis in law.space] or None


def movie_of(law: Law, measured: Any) -> dict[str, ArrayLike] | None:
    """Return measured fields by name, each over time and then the law's axes; None stays None.

    >>> from discover.export.specimen import specimen
    >>> movie_of(specimen()[0], {"hare": [1.0]})
    {'hare': [1.0]}
    """
    if measured is None or not hasattr(measured, "dims"):
        return measured
    return {name: measured[name].transpose("time", *law.space).values for name in law.states if name in measured}
