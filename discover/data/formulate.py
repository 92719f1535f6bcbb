"""Dataset -> Problem: stretches without gaps, the noise on them, and the rows of the regression."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from discover.data.fieldrows import formulate_field
from discover.data.fields import is_field
from discover.data.growing import growing_noise
from discover.data.increments import Stochastic, formulate_stochastic
from discover.data.noise import Stretches, error_model, noise_level, roughness
from discover.data.several import Recordings
from discover.data.smooth import local_derivatives
from discover.data.stencils import Strong, Weak
from discover.data.steps import LONGER, Map, formulate_map
from discover.data.stored import Observe, nobody
from discover.data.timescale import half_width as spectral_half_width
from discover.data.units import known_dimension
from discover.errors import DataError, SettingError, did_you_mean
from discover.problem import Array, Block, Problem, Stencil

if TYPE_CHECKING:
    import xarray as xr

GAP = 3.5
"""A pause longer than this many median sampling steps splits a trajectory."""

HIGHEST = 2
"""Highest order of a left-hand side; laws of a higher one cannot be run forward."""

QUIET, FOLLOWING = 3e-4, (4, 8)
"""Noise relative to the spread up to which derivatives in products are those of polynomials through all samples, and
their half-width and degree: smoothing would bend clean data by more than the noise (chi-square of a true law with
x·x' and x'² in clean data: 1900 a row with it, 0 without; at 0.2 % of noise it is 1.0 with it, 1.8 without)."""

N_FOLDS = 20
NOISE_FLOOR = 1e-6
"""Smallest noise assumed, relative to the spread: below it quadrature error, not noise, is what is left."""

COARSE, NOTABLE = 1.3, 1e-3
"""Roughness, and noise relative to the spread, from which on the reader is warned of the estimate."""

Stretch = tuple[str, Array, Array]
"""Trajectory label, time (n_samples,), values (n_variables, n_samples)."""


def formulate(
    dataset: "xr.Dataset | Recordings",
    form: Weak | Strong | Map | Stochastic | None = None,
    order: int | Mapping[str, int] = 1,
    observe: Observe = nobody,
    n_jobs: int | None = None,
) -> Problem:
    """Turn a loaded Dataset into a Problem: the noise estimated, the data cut into stretches and rows.

    Args:
        dataset: as `discover.load` returns it.
        form: how rows are made, the weak form with a half-width chosen from the data by default.
        order: how often the left-hand sides are differentiated by time, or how often that of each state named.
        observe: told how much of a field larger than memory has been read.
        n_jobs: threads over a field, None for one a core.

    Raises:
        SettingError: for an order that cannot be, or of a state that is not there.
        DataError: where there are too few samples for the smallest library.
    """
    form = form or Weak()
    if isinstance(dataset, Recordings) or is_field(dataset):
        if not isinstance(form, Weak | Strong):
            raise SettingError("Fields over space are fitted in weak or strong form; give Weak() or Strong().")
        if order != 1:
            raise SettingError(f"Fields over space are fitted with order=1, got {order!r}.")
        return formulate_field(dataset, form, observe, n_jobs)
    states = [str(name) for name in dataset.data_vars if dataset[name].attrs.get("role") != "input"]
    inputs = [str(name) for name in dataset.data_vars if dataset[name].attrs.get("role") == "input"]
    names = (*states, *inputs)
    stretches, notes = _stretches(dataset, names, LONGER if isinstance(form, Map) else GAP)
    orders = left_orders(order, states)
    if max(orders) > 1 and isinstance(form, Map | Stochastic):
        what = "A map explains the next value" if isinstance(form, Map) else "Stochastic() explains the increments"
        raise SettingError(f"{what} of each state, not a derivative; leave order={order!r} out.")
    if isinstance(form, Strong) and form.degree < max(orders):
        raise SettingError(f"Strong(degree={form.degree}) has no derivative of order {max(orders)}; raise degree.")
    if isinstance(form, Map):
        return formulate_map(dataset, names, len(states), stretches, notes)
    if isinstance(form, Stochastic):
        return formulate_stochastic(dataset, form, names, len(states), stretches, notes)
    _check_size(stretches, names, form)
    return _formulated(dataset, form, names, orders, stretches, notes)


def _formulated(
    dataset: "xr.Dataset",
    form: Weak | Strong,
    names: tuple[str, ...],
    orders: tuple[int, ...],
    stretches: list[Stretch],
    notes: list[str],
) -> Problem:
    """Return the Problem of differential equations, in weak or strong form."""
    states = names[: len(orders)]
    pieces = [(time, values) for _, time, values in stretches]
    spread = np.concatenate([values for _, values in pieces], axis=1).std(axis=1)
    noise, noise_error = noise_level(pieces)
    relative = _relative_noise([(time, values[: len(states)]) for time, values in pieces])
    growing, noise = _growing(pieces, noise, spread) if relative is None else (None, noise)
    width = form.width(spectral_half_width(pieces, noise, spread))
    blocks = _blocks(stretches, form, width, orders, quiet=noise < QUIET * spread)
    notes = notes + _short_notes(stretches, width)
    if relative is not None:
        notes.append("The noise grows with the value: trajectories are fitted with errors in proportion to it.")
    if growing is not None:
        told = ", ".join(name for name, share in zip(names, growing[1], strict=True) if share > 0.0)
        notes.append(f"The noise on {told} grows with the size of the value: small values count for more.")
    notes += _noise_notes(pieces, names, noise, spread)
    units = tuple(dataset[name].attrs.get("units") for name in names)
    time_unit = dataset["time"].attrs.get("units")
    return Problem(
        names=names,
        n_states=len(states),
        targets=states,
        units=units,
        dimensions=tuple(known_dimension(unit) for unit in units),
        time=str(dataset["time"].attrs.get("long_name", "time")),
        time_unit=time_unit,
        time_dimension=known_dimension(time_unit),
        formulation="weak" if isinstance(form, Weak) else "strong",
        half_width=width,
        noise=np.maximum(noise, NOISE_FLOOR * spread),
        relative=relative,
        noise_error=noise_error,
        scale=spread,
        blocks=blocks,
        notes=tuple(notes),
        orders=orders,
        growing=growing,
    )


def _relative_noise(states: Stretches) -> Array | None:
    """Return the noise as a share of the value, or None where it does not grow with it."""
    if error_model(states) == "additive":
        return None
    return np.maximum(noise_level(states, relative=True)[0], NOISE_FLOOR)


def _growing(pieces: Stretches, noise: Array, spread: Array) -> tuple[tuple[Array, Array] | None, Array]:
    """Return a and b of noise of the variance a² + b²x², None where none grows so, and its root mean square.

    Where differences still see the signal, or next to no noise, nothing is concluded from their size.
    """
    base, share = growing_noise(pieces)
    share[(noise < NOTABLE * spread) | (roughness(pieces) > COARSE)] = 0.0
    if not share.any():
        return None, noise
    squares = np.mean(np.concatenate([values for _, values in pieces], axis=1) ** 2, axis=1)
    base = np.where(share > 0.0, base, noise)
    return (base, share), np.sqrt(base**2 + share**2 * squares)


def trajectories(dataset: "xr.Dataset", names: tuple[str, ...]) -> Iterator[Stretch]:
    """Yield each trajectory as (label, time (n,), values (n_variables, n)), NaN and all."""
    time = dataset["time"].values.astype(float)
    values = np.array([dataset[name].values for name in names], dtype=float)
    if "trajectory" not in dataset.coords:
        yield "1", time, values
        return
    labels = dataset["trajectory"].values.astype(str)
    cuts = [0, *(np.flatnonzero(labels[1:] != labels[:-1]) + 1).tolist(), len(labels)]
    for first, last in pairwise(cuts):
        yield str(labels[first]), time[first:last], values[:, first:last]


def _stretches(dataset: "xr.Dataset", names: tuple[str, ...], gap: float) -> tuple[list[Stretch], list[str]]:
    """Drop rows with a missing value, and split where the pause they leave is longer than `gap` median steps."""
    found: list[Stretch] = []
    n_dropped = n_split = 0
    for label, time, values in trajectories(dataset, names):
        finite = np.isfinite(values).all(axis=0)
        n_dropped += int((~finite).sum())
        time, values = time[finite], values[:, finite]
        if len(time) < 2:
            continue
        pauses = np.diff(time)
        cuts = [0, *(np.flatnonzero(pauses > gap * np.median(pauses)) + 1).tolist(), len(time)]
        n_split += len(cuts) - 2
        found += [(label, time[a:b], np.ascontiguousarray(values[:, a:b])) for a, b in pairwise(cuts) if b - a > 1]
    notes = []
    if n_dropped:
        notes.append(f"{n_dropped} rows with a missing value were left out; nothing was filled in.")
    if n_split:
        notes.append(f"The data were split at {n_split} gaps longer than {gap:g} sampling steps.")
    return found, notes


def _check_size(stretches: list[Stretch], names: tuple[str, ...], form: Weak | Strong) -> None:
    """Refuse data that even the linear library (one constant, one term a variable) cannot be told from."""
    needed = 2 * (len(names) + 1) + 2 * (form.half_width or 3)
    longest = max((len(time) for _, time, _ in stretches), default=0)
    if longest < needed:
        raise DataError(
            f"The longest stretch without a gap has {longest} samples; the smallest library for "
            f"{len(names)} variables ({len(names) + 1} terms) needs at least {needed}. "
            "Measure longer, or leave variables out with columns=."
        )


def left_orders(order: int | Mapping[str, int], states: Sequence[str]) -> tuple[int, ...]:
    """Return how often each left-hand side is differentiated by time.

    Raises:
        SettingError: for an order that cannot be, or of a state that is not there.

    >>> left_orders(2, ["x", "y"]), left_orders({"x": 2}, ["x", "y"])
    ((2, 2), (2, 1))
    """
    if isinstance(order, Mapping):
        for name in order:
            if name not in states:
                raise SettingError(f'order= names "{name}", which is no state.{did_you_mean(str(name), states)}')
    orders = tuple(order.get(name, 1) if isinstance(order, Mapping) else order for name in states)
    for value in orders:
        if not isinstance(value, Integral) or isinstance(value, bool) or not 1 <= value <= HIGHEST:
            raise SettingError(f"order must be 1 (for x') or 2 (for x''), or one for each state, got {order!r}.")
    return orders


def _blocks(
    stretches: list[Stretch], form: Weak | Strong, width: int, orders: tuple[int, ...], quiet: NDArray[np.bool_]
) -> tuple[Block, ...]:
    n_states, order = len(orders), max(orders)
    usable = [(label, t, X) for label, t, X in stretches if len(t) >= _least(width)]
    stencils = [form.stencil(t, width, order) for _, t, _ in usable]
    n_rows = sum(stencil.n_rows for stencil in stencils)
    n_folds = max(2, min(N_FOLDS, n_rows // 4))
    blocks, done = [], 0
    for (label, time, X), stencil in zip(usable, stencils, strict=True):
        rows = np.arange(done, done + stencil.n_rows)
        done += stencil.n_rows
        smooth = local_derivatives(time, X, *form.smoothing(width), order)
        if isinstance(form, Weak) and quiet.any():
            smooth[1:, np.flatnonzero(quiet)] = local_derivatives(time, X[np.flatnonzero(quiet)], *FOLLOWING, order)[1:]
        blocks.append(
            Block(
                X=X,
                Y=_left_hand_sides(stencil, X[:n_states], orders),
                time=time,
                trajectory=label,
                fold=rows * n_folds // n_rows,
                X_smooth=smooth[0],
                stencil=stencil,
                X_dot=smooth[1:],
            )
        )
    return tuple(blocks)


def _least(width: int) -> int:
    """Return how many samples a stretch needs to hold a row or two."""
    return 2 * width + 2


def _short_notes(stretches: list[Stretch], width: int) -> list[str]:
    short = [len(time) for _, time, _ in stretches if len(time) < _least(width)]
    if not short:
        return []
    return [
        f"{len(short)} stretches of fewer than {_least(width)} samples ({sum(short)} samples in all) were left out: "
        f"they are shorter than a test function with a half-width of {width}."
    ]


def _left_hand_sides(stencil: Stencil, X: Array, orders: tuple[int, ...]) -> Array:
    from discover_kernels.stencil import contract

    Y = np.empty((len(X), stencil.n_rows))
    for i, order in enumerate(orders):
        contract(stencil.start, stencil.shape, stencil.weights[order], X[i : i + 1], Y[i : i + 1])
    return Y


def _noise_notes(pieces: list[tuple[Array, Array]], names: tuple[str, ...], noise: Array, spread: Array) -> list[str]:
    levels = ", ".join(
        f"{name} {100 * s / max(d, 1e-300):.2g} %" for name, s, d in zip(names, noise, spread, strict=True)
    )
    notes = [f"Estimated noise, relative to each variable's standard deviation: {levels}."]
    suspicious = (roughness(pieces) > COARSE) & (noise > NOTABLE * spread)
    coarse = [name for name, suspect in zip(names, suspicious, strict=True) if suspect]
    if coarse:
        notes.append(
            f"The noise on {', '.join(coarse)} may be overestimated: differences of order 6 and 8 disagree, so the "
            "sampling is coarse for how fast the signal changes, or the noise is not white."
        )
    return notes
