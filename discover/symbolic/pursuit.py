"""Which few of many thousand columns? A beam of growing supports, all pairs of the cheapest, and swaps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Support = tuple[int, ...]

WIDTH, BRANCHES = 16, 12
"""Supports that are carried on at every size, and how each of them branches."""

MOST_PAIRED = 1200
PAIRS_KEPT = 40
N_SWAPPED = 6
"""Supports of every size whose columns are exchanged one by one."""

COLLINEAR = 1e-7
"""Share of a column's norm that the others have to leave."""

HOPELESS = 40.0
"""How much worse than the best a size may be before no longer ones are tried."""


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """Columns of unit norm, what they are to explain, and what each costs.

    Attributes:
        Z: shape (n_columns, n_rows).
        y: shape (n_rows,).
        group: columns of one group do not stand beside each other, (n_columns,).
        cost: on the scale of -2 ln(probability), (n_columns,).
        least: residual sum of squares below which less is no merit.
    """

    Z: Array
    y: Array
    group: Index
    cost: Array
    least: float

    def score(self, rss: Array | float, cost: Array | float) -> Array:
        """Return -2 ln(probability) for a residual sum of squares and a cost, up to a constant."""
        return len(self.y) * np.log(np.maximum(rss, self.least)) + np.asarray(cost)


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """A support, the residual it leaves (n_rows,), and what is left of every column's norm, squared (n_columns,)."""

    support: Support
    residual: Array
    left: Array
    basis: Array
    cost: float


def regression(Z: Array, y: Array, group: Index, cost: Array, least: float) -> Regression:
    """Return the regression with its columns scaled to unit norm."""
    norms = np.linalg.norm(Z, axis=1, keepdims=True)
    norms[norms == 0.0] = 1.0
    return Regression(np.ascontiguousarray(Z / norms), y, group, cost, least)


def pursue(on: Regression, most: int) -> list[tuple[float, Support]]:
    """Return supports of up to `most` columns with their scores, the best first.

    >>> rng = np.random.default_rng(0)
    >>> Z = rng.standard_normal((500, 60))
    >>> y = 2.0 * Z[7] - Z[400] + 0.01 * rng.standard_normal(60)
    >>> found = pursue(regression(Z, y, np.arange(500), np.full(500, 12.0), 1e-6), 3)
    >>> found[0][1]
    (7, 400)
    """
    empty = _State((), on.y, np.ones(len(on.Z)), np.empty((0, len(on.y))), 0.0)
    states, found = [empty], {(): float(on.score(float(on.y @ on.y), 0.0))}
    for size in range(1, most + 1):
        reached: dict[Support, float] = {}
        for state in states:
            reached |= _branches(on, state, BRANCHES if size > 1 else 4 * BRANCHES)
        if size == 2:
            reached |= _pairs(on)
        if not reached:
            break
        states = [_state(on, support) for support in _diverse(reached, WIDTH)]
        for state in states[:N_SWAPPED]:
            for support, score in _swaps(on, state).items():
                reached[support] = score
        states = [_state(on, support) for support in _diverse(reached, WIDTH)]
        found |= reached
        if min(reached.values()) > min(found.values()) + HOPELESS:
            break
    return sorted((score, support) for support, score in found.items())


def _state(on: Regression, support: Support) -> _State:
    Q, _ = np.linalg.qr(on.Z[list(support)].T)
    left = 1.0 - np.sum((on.Z @ Q) ** 2, axis=1)
    residual = on.y - Q @ (Q.T @ on.y)
    return _State(support, residual, left, Q.T, float(on.cost[list(support)].sum()))


def _branches(on: Regression, state: _State, most: int) -> dict[Support, float]:
    """Return the best supports of one column more, one of each group."""
    rss = float(state.residual @ state.residual)
    with np.errstate(all="ignore"):
        gains = np.where(state.left > COLLINEAR, (on.Z @ state.residual) ** 2 / state.left, 0.0)
    scores = on.score(rss - np.minimum(gains, rss), state.cost + on.cost)
    scores[gains <= 0.0] = np.inf
    taken, found = {int(on.group[p]) for p in state.support}, dict[Support, float]()
    few = min(len(scores) - 1, 60 * most)
    near = np.argpartition(scores, few)[: few + 1] if few > 0 else np.arange(len(scores))
    for p in near[np.argsort(scores[near], kind="stable")].tolist():
        group = int(on.group[p])
        if not np.isfinite(scores[p]) or len(found) >= most:
            break
        if group not in taken:
            taken.add(group)
            found[tuple(sorted((*state.support, p)))] = float(scores[p])
    return found


def _pairs(on: Regression) -> dict[Support, float]:
    """Return the best pairs among the cheapest columns."""
    cheap = np.argsort(on.cost, kind="stable")[:MOST_PAIRED]
    Z, b, yy = on.Z[cheap], on.Z[cheap] @ on.y, float(on.y @ on.y)
    G = Z @ Z.T
    with np.errstate(all="ignore"):
        left = 1.0 - G**2
        gain = (b[:, None] ** 2 + b[None, :] ** 2 - 2.0 * G * b[:, None] * b[None, :]) / left
    gain[(left < COLLINEAR) | (on.group[cheap][:, None] == on.group[cheap][None, :])] = 0.0
    scores = on.score(yy - np.clip(gain, 0.0, yy), on.cost[cheap][:, None] + on.cost[cheap][None, :])
    upper = np.triu_indices(len(cheap), 1)
    flat = scores[upper]
    best = np.argsort(flat, kind="stable")[:PAIRS_KEPT]
    rows, columns = upper[0][best], upper[1][best]
    pairs = zip(cheap[rows].tolist(), cheap[columns].tolist(), flat[best].tolist(), strict=True)
    return {tuple(sorted((i, j))): score for i, j, score in pairs}


def _swaps(on: Regression, state: _State) -> dict[Support, float]:
    """Return what becomes of a support when each of its columns in turn is replaced by the best others."""
    found: dict[Support, float] = {}
    for gone in state.support:
        rest = _state(on, tuple(p for p in state.support if p != gone)) if len(state.support) > 1 else None
        if rest is not None:
            found |= _branches(on, rest, 3)
    return found


def _diverse(scores: dict[Support, float], most: int) -> list[Support]:
    """Return the best supports, those left out that score as another does to rounding."""
    found, marks = [], set[float]()
    for support, score in sorted(scores.items(), key=lambda pair: (pair[1], pair[0])):
        mark = round(score, 4)
        if mark not in marks:
            marks.add(mark)
            found.append(support)
        if len(found) == most:
            break
    return found
