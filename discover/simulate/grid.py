"""The grid that a field lives on, and whether a field on it looks periodic."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.errors import SettingError

Array = NDArray[np.float64]

EVEN = 1e-3
"""Relative scatter of the spacing up to which a grid counts as even; files round their coordinates."""


@dataclass(frozen=True, eq=False)
class Grid:
    """A rectilinear grid.

    Attributes:
        names: of the space coordinates.
        coordinates: along each axis, increasing, shapes (n_x,), (n_y,), …

    >>> round(Grid(("x",), (np.linspace(0.0, 0.9, 10),)).period(0), 6)
    1.0
    """

    names: tuple[str, ...]
    coordinates: tuple[Array, ...]

    @cached_property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(along) for along in self.coordinates)

    @property
    def n_points(self) -> int:
        return int(np.prod(self.shape))

    def is_even(self, axis: int) -> bool:
        """Return whether the coordinates along an axis are evenly spaced."""
        steps = np.diff(self.coordinates[axis])
        return bool(np.ptp(steps) <= EVEN * np.mean(steps))

    def period(self, axis: int) -> float:
        """Return the period along an even axis whose last point is one spacing short of its first again."""
        along = self.coordinates[axis]
        return float((along[-1] - along[0]) * len(along) / (len(along) - 1))


def grid_of(names: Sequence[str], coordinates: Sequence[ArrayLike] | None) -> Grid:
    """Return the grid with these coordinates, after a check.

    Raises:
        SettingError: where an axis is missing, is too short, or does not increase.
    """
    given = [np.asarray(along, dtype=np.float64) for along in coordinates or ()]
    if len(given) != len(names):
        raise SettingError(
            f"This law is over {', '.join(names)}: give the coordinates of each of these axes in `space`, "
            f"got {len(given)} for {len(names)}."
        )
    for name, along in zip(names, given, strict=True):
        if along.ndim != 1 or len(along) < 4 or not np.isfinite(along).all() or not (np.diff(along) > 0).all():
            raise SettingError(
                f"The coordinates of {name} must be a list of at least four increasing numbers, "
                f"got an array of shape {along.shape}."
            )
    return Grid(tuple(names), tuple(given))


def looks_periodic(values: Array, axis: int) -> bool:
    """Return whether fields go on smoothly from the last point of an axis to the first.

    So it is where the bends across the seam are no sharper than the sharpest one inside (root mean
    squares over all other dimensions, so that noise on many lines does not decide).

    Args:
        values: with the axis among its dimensions, finite.
        axis: number of the dimension.

    >>> x = np.linspace(0.0, 2 * np.pi, 64, endpoint=False)
    >>> looks_periodic(np.sin(x), 0), looks_periodic(x, 0), looks_periodic(np.cos(x / 2), 0)
    (True, False, False)
    """
    along = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)
    wrapped = np.concatenate([along[-2:], along[:2]])
    seam, inside = (np.sqrt(np.mean(np.diff(line, 2, axis=0) ** 2, axis=1)).max() for line in (wrapped, along))
    return bool(seam <= inside + 1e-9 * np.abs(along).max())
