"""Is a sum of terms constant along trajectories? Its slow motion against its noise, within the data and held out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.inference.constancy import Track, fit, slow_rows
from discover.problem import Array

N_FOLDS = 5
FIRST_BAND = 3
"""Frequencies of the slowest band that is tested; each further one is twice as wide, up to all slow ones."""


CLEAR, LEAST_REACH = 5.0, 0.03
"""Errors of the levels of trajectories, and share of the spread, by which they have to differ to tell of two."""


@dataclass(frozen=True, slots=True, eq=False)
class Stillness:
    """How still a sum of terms stays.

    Attributes:
        coefficients: of the terms, the largest summand having 1.
        covariance: of the coefficients.
        p_value: chance that noise alone makes the slowest, or any, band move as much.
        held_out: the same where the coefficients come from other trajectories, or from the other half of the only one.
        slow: slow motion in units of the variance of the noise expected, summed over the slow frequencies.
        spread: of the sum over states whose coordinates were measured at different times.
        share: slow motion, noise and all, root mean square, over that spread.
        drift: upper bound (95 %) on the slow motion that is no noise, over that spread.
        levels: of the sum along each trajectory, (n_trajectories,); `errors` their standard errors.
        reach: standard deviation of the levels, over that spread.
        noise: variance of the sum about its level at high frequencies, over what was expected.
    """

    coefficients: Array
    covariance: Array
    p_value: float
    held_out: float
    slow: float
    spread: float
    share: float
    drift: float
    levels: Array
    errors: Array
    reach: float
    noise: float

    @property
    def tells_levels(self) -> bool:
        """Whether trajectories have different values of the sum, beyond their errors."""
        apart = len(self.levels) > 1 and float(np.ptp(self.levels)) > CLEAR * float(self.errors.max())
        return apart and self.reach > LEAST_REACH


def stillness(tracks: Sequence[Track], held_out: bool = True) -> Stillness:
    """Return how still the best sum of all terms of these tracks stays."""
    c, covariance = fit(tracks)
    every = [c @ slow_rows(track, track.weights(c), len(track.time)) for track in tracks]
    fast = _fast(tracks, every)
    p_value = _chance(tracks, every, fast, n_fitted=len(c) - 1)
    levels, errors = _levels(tracks, c, fast)
    spread = _spread(c @ tracks[0].elsewhere)
    moved = _motion(tracks, c) / spread
    slow = sum(float(np.sum(row[: track.n_slow] ** 2)) for track, row in zip(tracks, every, strict=True))
    n_slow = sum(track.n_slow - 1 for track in tracks)
    excess = max(0.0, slow / fast - n_slow + len(c) - 1) + 2.0 * np.sqrt(2.0 * n_slow)
    return Stillness(
        coefficients=c,
        covariance=covariance,
        p_value=p_value,
        held_out=_held_out(tracks) if held_out else np.nan,
        slow=slow,
        spread=spread,
        share=moved,
        drift=moved * float(np.sqrt(excess * fast / max(slow, 1e-300))),
        levels=levels,
        errors=errors,
        reach=float(np.std(levels)) / spread,
        noise=fast,
    )


def _fast(tracks: Sequence[Track], every: Sequence[Array]) -> float:
    """Return the mean square of the fast frequencies; no less than the least noise admitted makes it."""
    total = sum(float(np.sum(row[track.n_slow :] ** 2)) for track, row in zip(tracks, every, strict=True))
    n = sum(len(row) - track.n_slow for track, row in zip(tracks, every, strict=True))
    return max(total / max(n, 1), float(np.mean([track.quiet for track in tracks])))


def _chance(tracks: Sequence[Track], every: Sequence[Array], fast: float, n_fitted: int) -> float:
    """Return the chance of the band that moves most, multiplied by the number of bands."""
    from scipy.stats import f

    n_fast = sum(len(row) - track.n_slow for track, row in zip(tracks, every, strict=True))
    chances = []
    for width in _bands(max(track.n_slow for track in tracks)):
        kept = [row[: min(width, track.n_slow)] for track, row in zip(tracks, every, strict=True)]
        n = sum(len(row) - 1 for row in kept)
        n = max(1, n - n_fitted) if width >= max(track.n_slow for track in tracks) else n
        chances.append(float(f.sf(sum(float(row @ row) for row in kept) / n / fast, n, max(n_fast, 1))))
    return min(1.0, min(chances) * len(chances))


def _bands(most: int) -> list[int]:
    widths = [FIRST_BAND]
    while widths[-1] * 2 < most:
        widths.append(widths[-1] * 2)
    return [*widths, most]


def _levels(tracks: Sequence[Track], c: Array, fast: float) -> tuple[Array, Array]:
    weights = [track.weights(c) ** 2 for track in tracks]
    levels = [float(c @ track.values @ w / w.sum()) for track, w in zip(tracks, weights, strict=True)]
    return np.array(levels), np.array([np.sqrt(fast / w.sum()) for w in weights])


def _motion(tracks: Sequence[Track], c: Array) -> float:
    """Return the root mean square of the slow motion of the sum, in its own units."""
    moved = [float(np.sum((c @ slow_rows(track, np.ones(len(track.time)))) ** 2)) for track in tracks]
    return float(np.sqrt(sum(moved) / sum(len(track.time) for track in tracks)))


def _spread(values: Array) -> float:
    """Return the standard deviation of values, as their middle half tells it."""
    return max(float(np.subtract(*np.quantile(values, [0.75, 0.25]))) / 1.349, 1e-300)


def _held_out(tracks: Sequence[Track]) -> float:
    """Return the chance of the motion of each part of the data under coefficients from the others, the least, times n.

    What the errors of the coefficients move is counted as noise.
    """
    chances = []
    for here, others in _folds(tracks):
        c, covariance = fit(others)
        every = [c @ slow_rows(track, track.weights(c), len(track.time)) for track in here]
        chances.append(_held_out_chance(here, c, covariance, _fast(here, every)))
    return min(1.0, min(chances) * len(chances)) if chances else 1.0


def _folds(tracks: Sequence[Track]) -> list[tuple[list[Track], list[Track]]]:
    """Return parts of the data with what they are held out from; halves of the only trajectory, where it is one."""
    if len(tracks) == 1:
        n = len(tracks[0].time)
        return [([tracks[0]], [tracks[0].between(0, n // 2)]), ([tracks[0]], [tracks[0].between(n // 2, n)])]
    n_folds = min(N_FOLDS, len(tracks))
    parts = [[t for k, t in enumerate(tracks) if k % n_folds == fold] for fold in range(n_folds)]
    return [(part, [t for other in parts if other is not part for t in other]) for part in parts]


def _held_out_chance(here: Sequence[Track], c: Array, covariance: Array, fast: float) -> float:
    from scipy.stats import chi2

    chances = []
    widest = max(track.n_slow for track in here)
    for width in _bands(widest):
        rows = [slow_rows(track, track.weights(c), min(width, track.n_slow)) for track in here]
        together = np.concatenate(rows, axis=1) / np.sqrt(fast)
        u = c @ together
        V = np.eye(len(u)) + together.T @ covariance @ together
        chances.append(float(chi2.sf(float(u @ np.linalg.solve(V, u)), len(u) - len(here))))
    return min(1.0, min(chances) * len(chances))
