"""The rows of maps: every sample beside the next one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from discover.data.recurrence import StepNoise, step_noise
from discover.data.units import known_dimension
from discover.errors import DataError
from discover.problem import Array, Block, Problem, Stencil

if TYPE_CHECKING:
    import xarray as xr

LONGER = 1.5
"""A pause longer than this many sampling steps hides a value of a map, which is then cut there."""

N_FOLDS = 20
NOISE_FLOOR = 1e-6
"""Smallest noise assumed, relative to the spread."""

Stretch = tuple[str, Array, Array]
"""Trajectory label, time (n_samples,), values (n_variables, n_samples)."""


@dataclass(frozen=True, slots=True)
class Map:
    """A discrete-time map, x[n+1] = f(x[n], u[n]): every sample is explained by the one before it.

    >>> Map()
    Map()
    """


def formulate_map(
    dataset: "xr.Dataset", names: tuple[str, ...], n_states: int, stretches: list[Stretch], notes: list[str]
) -> Problem:
    """Turn stretches without a missing value into the Problem of a map.

    Args:
        dataset: what the stretches were cut from.
        names: states first, then inputs; `n_states` how many are states.
        stretches: the data, cut wherever a value of the sequence is missing.
        notes: what was said so far.

    Raises:
        DataError: where there are too few samples for the smallest library, or none varies.
    """
    _check_size(stretches, names)
    pieces = [X for _, _, X in stretches]
    spread = np.concatenate(pieces, axis=1).std(axis=1)
    noise = step_noise(pieces, n_states)
    measurement = np.maximum(noise.measurement, NOISE_FLOOR * spread)
    measurement[n_states:] = 0.0  # inputs are taken as exact
    units = tuple(dataset[name].attrs.get("units") for name in names)
    time_unit = dataset["time"].attrs.get("units")
    return Problem(
        names=names,
        n_states=n_states,
        targets=names[:n_states],
        units=units,
        dimensions=tuple(known_dimension(unit) for unit in units),
        time=str(dataset["time"].attrs.get("long_name", "time")),
        time_unit=time_unit,
        time_dimension=known_dimension(time_unit),
        formulation="discrete",
        half_width=1,
        noise=measurement,
        relative=None,
        noise_error=noise.error,
        scale=spread,
        blocks=_blocks(
            stretches, n_states, np.where(noise.process > NOISE_FLOOR * spread[:n_states], noise.process, 0.0) ** 2
        ),
        notes=(*notes, *_noise_notes(names, noise, spread)),
    )


def _check_size(stretches: list[Stretch], names: tuple[str, ...]) -> None:
    """Refuse data that even the linear library (one constant, one term a variable) cannot be told from."""
    needed = 3 * (len(names) + 1)
    n_pairs = sum(len(time) - 1 for _, time, _ in stretches)
    if n_pairs < needed:
        raise DataError(
            f"The data hold {n_pairs} pairs of one sample and the next; the smallest library for {len(names)} "
            f"variables ({len(names) + 1} terms) needs at least {needed}. Measure longer, or leave variables out "
            "with columns=."
        )


def next_sample(time: Array) -> Stencil:
    """Return the rows of a map over time (n_samples,): f at each sample but the last, and the sample after it."""
    n = len(time) - 1
    return Stencil(
        start=np.arange(n),
        shape=np.zeros(n, np.int64),
        weights=np.array([[[1.0, 0.0]], [[0.0, 1.0]]]),
        time=time[:-1],
    )


def _blocks(stretches: list[Stretch], n_states: int, process: Array) -> tuple[Block, ...]:
    n_rows = sum(len(time) - 1 for _, time, _ in stretches)
    n_folds = max(2, min(N_FOLDS, n_rows // 4))
    blocks, done = [], 0
    for label, time, X in stretches:
        rows = np.arange(done, done + len(time) - 1)
        done += len(rows)
        blocks.append(
            Block(
                X=X,
                Y=np.ascontiguousarray(X[:n_states, 1:]),
                time=time,
                trajectory=label,
                fold=rows * n_folds // n_rows,
                X_smooth=X,
                stencil=next_sample(time),
                chance=np.repeat(process[:, None], len(rows), axis=1),
            )
        )
    return tuple(blocks)


def _noise_notes(names: tuple[str, ...], noise: StepNoise, spread: Array) -> list[str]:
    def told(levels: Array) -> str:
        return ", ".join(
            f"{name} {100 * level / max(width, 1e-300):.2g} %"
            for name, level, width in zip(names, levels, spread, strict=False)
        )

    share = "relative to each variable's standard deviation"
    notes = [f"Estimated measurement noise, {share}: {told(noise.measurement[: len(noise.process)])}."]
    if (noise.process > 0.0).any():
        notes.append(f"Estimated noise in the steps themselves (process noise), {share}: {told(noise.process)}.")
    return notes
