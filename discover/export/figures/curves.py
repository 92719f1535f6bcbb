"""The law's simulation as smooth curves, broken where it starts afresh from the data."""

import numpy as np
from numpy.typing import NDArray

from discover.equation import Law, Stretch
from discover.simulate import simulate

Array = NDArray[np.float64]

FINE = 12
"""Points drawn for one sampling interval, where samples are so few that straight lines would show."""

FEW = 300
CLOSE = 0.02
"""Share of a state's range by which a finer run may differ from the simulation that was kept."""


def curves(law: Law, stretch: Stretch) -> tuple[Array, Array]:
    """Return times (n,) and states (n_states, n) of the simulation, NaN between its segments."""
    is_flow = law.kind == "derivative" and all(equation.order == 1 for equation in law.equations)
    if len(stretch.time) > FEW or law.inputs or not is_flow:
        return broken(stretch.time, stretch.simulated, law.evidence.segment)
    pieces = [_finer(law, stretch, part) for part in _segments(len(stretch.time), law.evidence.segment)]
    gap = (np.array([np.nan]), np.full((len(law.states), 1), np.nan))
    joined = [part for piece in pieces for part in (piece, gap)][:-1]
    return np.concatenate([t for t, _ in joined]), np.concatenate([x for _, x in joined], axis=1)


def broken(t: Array, X: Array, segment: int) -> tuple[Array, Array]:
    """Put a gap (NaN) wherever the simulation starts afresh, every `segment` samples.

    >>> t, X = broken(np.array([0.0, 1.0, 2.0]), np.array([[5.0, 6.0, 9.0]]), 2)
    >>> t, X
    (array([ 0.,  1., nan,  2.]), array([[ 5.,  6., nan,  9.]]))
    """
    starts = [part.start for part in _segments(len(t), segment)][1:]
    return np.insert(t, starts, np.nan), np.insert(X, starts, np.nan, axis=1)


def _segments(n: int, segment: int) -> list[slice]:
    length = segment if segment > 0 else max(n, 1)
    return [slice(first, min(first + length, n)) for first in range(0, max(n, 1), length)]


def _finer(law: Law, stretch: Stretch, part: slice) -> tuple[Array, Array]:
    """Run one segment again between its samples; keep the samples where that does not meet them."""
    t, X = stretch.time[part], stretch.simulated[:, part]
    if len(t) < 2 or not np.isfinite(X).all():
        return t, X
    steps = np.arange(FINE) / FINE
    fine = np.append((t[:-1, None] + steps * np.diff(t)[:, None]).ravel(), t[-1])
    run = simulate(law, X[:, 0], fine)
    Z = np.array([run[name].values for name in law.states])
    reach = CLOSE * np.ptp(stretch.measured[: len(X)], axis=1, keepdims=True)
    return (fine, Z) if (np.abs(Z[:, ::FINE] - X) <= reach).all() else (t, X)
