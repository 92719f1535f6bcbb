"""The rows of stochastic differential equations: the increment of every step, over its length."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from discover.data.smooth import is_uniform
from discover.data.units import known_dimension
from discover.errors import DataError, SettingError
from discover.expr import Library
from discover.problem import Array, Block, Problem, Stencil

if TYPE_CHECKING:
    import xarray as xr

N_FOLDS = 20
FEWEST = 50
"""Increments below which nothing can be said of drift and diffusion apart."""

Stretch = tuple[str, Array, Array]
"""Trajectory label, time (n_samples,), values (n_variables, n_samples)."""


@dataclass(frozen=True, slots=True)
class Stochastic:
    """A stochastic differential equation in Itô's sense, dX = f(X) dt + g(X) dW, with noise of its own in each state.

    What is found is the drift f and the square g² of the noise's amplitude: E[(dX)²] = g² dt.

    Attributes:
        diffusion: terms on offer for g²; None takes those of the drift.

    Raises:
        SettingError: where `diffusion` is no library.

    >>> Stochastic()
    Stochastic(diffusion=None)
    """

    diffusion: Library | None = None

    def __post_init__(self) -> None:
        if self.diffusion is not None and not callable(getattr(self.diffusion, "build", None)):
            raise SettingError(
                f"Stochastic(diffusion=…) takes a library such as Polynomial(2), got {self.diffusion!r}."
            )


def formulate_stochastic(
    dataset: "xr.Dataset",
    form: Stochastic,
    names: tuple[str, ...],
    n_states: int,
    stretches: list[Stretch],
    notes: list[str],
) -> Problem:
    """Turn stretches without a gap into the Problem of a stochastic differential equation.

    Args:
        dataset: what the stretches were cut from.
        form: which terms are on offer for the diffusion.
        names: states first, then inputs; `n_states` how many are states.
        stretches: the data; steps may differ in length.
        notes: what was said so far.

    Raises:
        DataError: where there are too few increments, or a state never moves.
    """
    _check(stretches, names[:n_states])
    spread = np.concatenate([values for _, _, values in stretches], axis=1).std(axis=1)
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
        formulation="stochastic",
        half_width=1,
        noise=np.zeros(len(names)),
        relative=None,
        noise_error=0.0,
        scale=spread,
        blocks=_blocks(stretches, n_states),
        notes=tuple(notes),
        diffusion=form.diffusion,
    )


def _check(stretches: list[Stretch], states: tuple[str, ...]) -> None:
    n = sum(len(time) - 1 for _, time, _ in stretches)
    if n < FEWEST:
        raise DataError(
            f"The data hold {n} increments; drift and diffusion need at least {FEWEST}, and the drift a record of "
            "many relaxation times. Measure longer, or give several paths with group=."
        )
    for i, name in enumerate(states):
        if all(np.ptp(values[i]) == 0.0 for _, _, values in stretches):
            raise DataError(
                f'"{name}" never changes, so it has neither drift nor diffusion; leave it out with columns=.'
            )


def increments(time: Array) -> Stencil:
    """Return the rows over time (n_samples,): values at the start of each step, and the increment over its length."""
    steps = np.diff(time)
    uniform = is_uniform(time)
    lengths = steps.mean(keepdims=True) if uniform else steps
    n = len(steps)
    values = np.column_stack([np.ones_like(lengths), np.zeros_like(lengths)])
    rates = np.column_stack([-1.0 / lengths, 1.0 / lengths])
    shape = np.zeros(n, np.int64) if uniform else np.arange(n)
    return Stencil(start=np.arange(n), shape=shape, weights=np.array([values, rates]), time=time[:-1])


def _blocks(stretches: list[Stretch], n_states: int) -> tuple[Block, ...]:
    n_rows = sum(len(time) - 1 for _, time, _ in stretches)
    n_folds = max(2, min(N_FOLDS, n_rows // 4))
    blocks, done = [], 0
    for label, time, X in stretches:
        rows = np.arange(done, done + len(time) - 1)
        done += len(rows)
        blocks.append(
            Block(
                X=X,
                Y=np.diff(X[:n_states], axis=1) / np.diff(time),
                time=time,
                trajectory=label,
                fold=rows * n_folds // n_rows,
                X_smooth=X,
                stencil=increments(time),
            )
        )
    return tuple(blocks)
