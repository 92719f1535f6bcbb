"""Terms along measured trajectories, and whether a sum of them stays where it began as far as the noise can tell.

A term is taken at the smoothed state and carried on to the measured one along its slope, φ(z) + ∇φ(z)·(x - z). What the
smoothing gets wrong enters only squared, and the noise enters as ∇φ·e, which is white where the noise is. A conserved
sum, divided by its own noise, is then white noise about one level a trajectory. Anything else moves slowly, so the low
frequencies of a cosine transform are compared with the high ones: the level of the noise need not be known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from discover.expr import Expr, Program, compile_program, differentiate
from discover.problem import Array, Block, Index, Problem

MOST_SAMPLES = 12_000
"""Samples looked at in all; longer records are thinned evenly."""

QUIETEST = 1e-4
"""Noise of a state relative to its spread at least: what solvers of differential equations leave is not conserved."""

SLOW_SHARE, LEAST_SLOW = 4, 4
"""One frequency of so many counts as slow, and so many of a trajectory at least."""

N_DRAWN = 512
"""States of which each coordinate was measured at another time: where a sum that holds by chance does not."""

STEEPEST = 1e-2
"""Of the largest noise of a sum along a trajectory: no sample counts as less noisy than that."""


MOST_BEND = 0.2
"""Of a term's spread: what noise bends by more, such as log(x) where x is no larger than its noise, is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Terms along one trajectory.

    Attributes:
        trajectory: its label.
        time: of the samples, shape (n_samples,).
        values: of the terms, shape (n_terms, n_samples).
        moved: what one standard deviation of the noise on each state moves them by, (n_terms, n_states, n_samples).
        slopes: by each state in units of its spread, shape of `moved`.
        bend: what noise on a bent term leaves of second order, the largest along the trajectory, (n_terms,).
        elsewhere: the terms at states whose coordinates were measured at different times, (n_terms, n_drawn).
        away: their slopes there, in units of the spread of each state, (n_terms, n_states, n_drawn).
        quiet: square of the least noise admitted over the square of the noise, mean over the states.
    """

    trajectory: str
    time: Array
    values: Array
    moved: Array
    slopes: Array
    bend: Array
    elsewhere: Array
    away: Array
    quiet: float

    @property
    def n_slow(self) -> int:
        """Frequencies that count as slow."""
        return max(LEAST_SLOW, len(self.time) // SLOW_SHARE)

    def of(self, chosen: Sequence[int] | Index) -> "Track":
        """Return the track of some of the terms."""
        index = np.asarray(chosen, dtype=np.int64)
        fields = ("values", "moved", "slopes", "bend", "elsewhere", "away")
        return replace(self, **{name: getattr(self, name)[index] for name in fields})

    def between(self, first: int, last: int) -> "Track":
        """Return a stretch of the track, samples first to last."""
        here = slice(first, last)
        return replace(
            self,
            time=self.time[here],
            values=self.values[:, here],
            moved=self.moved[:, :, here],
            slopes=self.slopes[:, :, here],
        )

    def noise(self, c: Array) -> Array:
        """Return the standard deviation of the noise on Σ c·term at every sample, (n_samples,)."""
        return np.sqrt(np.sum(np.tensordot(c, self.moved, axes=1) ** 2, axis=0))

    def weights(self, c: Array | None) -> Array:
        """Return one over the noise of Σ c·term at every sample; ones without c."""
        if c is None:
            return np.ones(len(self.time))
        noise = self.noise(c)
        return 1.0 / np.maximum(noise, max(STEEPEST * float(noise.max()), 1e-300))


def tracks_of(problem: Problem, terms: Sequence[Expr]) -> tuple[Track, ...]:
    """Return the terms along every trajectory; blocks of one trajectory are joined, whatever gap is between them.

    Values that are not finite are left in for the caller, who decides which terms to leave out.
    """
    labels = dict.fromkeys(block.trajectory for block in problem)
    every = max(1, -(-problem.n_samples // MOST_SAMPLES))
    program = _program(terms, problem)
    drawn = program.elsewhere(problem)
    return tuple(
        _joined([_track(problem, block, program, drawn, every) for block in problem if block.trajectory == label])
        for label in labels
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """Terms with their first and second derivatives by the states."""

    program: Program
    n_terms: int
    n_states: int

    def at(self, X: Array) -> tuple[Array, Array, Array]:
        """Return values (n_terms, n), slopes and curvatures (n_terms, n_states, n) at states X (n_variables, n)."""
        P, n = self.n_terms, self.n_states
        with np.errstate(all="ignore"):
            found = self.program.evaluate(np.ascontiguousarray(X))
        return found[:P], found[P : P + P * n].reshape(P, n, -1), found[P + P * n :].reshape(P, n, -1)

    def elsewhere(self, problem: Problem) -> tuple[Array, Array]:
        """Return values and scaled slopes where every coordinate was measured at another time."""
        X = np.concatenate([block.X_smooth for block in problem], axis=1)
        rng = np.random.default_rng(0)
        values, slopes, _ = self.at(np.array([row[rng.integers(len(row), size=N_DRAWN)] for row in X]))
        return values, slopes * problem.scale[: self.n_states, None]


def _program(terms: Sequence[Expr], problem: Problem) -> _Terms:
    n = problem.n_states
    slopes = [differentiate(term, v) for term in terms for v in range(n)]
    curved = [differentiate(slope, k % n) for k, slope in enumerate(slopes)]
    return _Terms(compile_program([*terms, *slopes, *curved], problem.n_variables), len(terms), n)


def _track(problem: Problem, block: Block, terms: _Terms, drawn: tuple[Array, Array], every: int) -> Track:
    n = problem.n_states
    z, x = block.X_smooth[:, ::every], block.X[:, ::every]
    values, first, second = terms.at(z)
    floor = np.maximum(QUIETEST * problem.scale[:n], 1e-300)
    measured = problem.noise_on(block)[:n, ::every]
    noise = np.maximum(measured, floor[:, None])
    kept = leverage(problem, block)
    bent = np.sum(second * measured**2, axis=1)
    return Track(
        block.trajectory,
        block.time[::every],
        values + np.sum(first * (x - z)[:n], axis=1) - 0.5 * kept * bent,
        first * noise,
        first * np.maximum(problem.scale[:n], 1e-300)[:, None],
        np.sqrt(kept) * np.abs(bent).max(axis=1),
        *drawn,
        float(np.mean((floor[:, None] / noise) ** 2)),
    )


def leverage(problem: Problem, block: Block) -> float:
    """Return the share of a sample's own noise that its smoothed value keeps, from how far the two lie apart.

    Smoothing by projection leaves 1 - h of the variance of the noise in what it takes away.
    """
    n = problem.n_states
    taken = np.mean((block.X - block.X_smooth)[:n] ** 2, axis=1)
    noise = np.maximum(np.mean(problem.noise_on(block)[:n] ** 2, axis=1), 1e-300)
    return float(np.clip(1.0 - np.median(taken / noise), 0.0, 1.0))


def _joined(parts: Sequence[Track]) -> Track:
    if len(parts) == 1:
        return parts[0]
    return replace(
        parts[0],
        time=np.concatenate([part.time for part in parts]),
        values=np.concatenate([part.values for part in parts], axis=1),
        moved=np.concatenate([part.moved for part in parts], axis=2),
        slopes=np.concatenate([part.slopes for part in parts], axis=2),
        bend=np.max([part.bend for part in parts], axis=0),
        quiet=float(np.mean([part.quiet for part in parts])),
    )


def usable(tracks: Sequence[Track]) -> list[int]:
    """Return the terms that are finite all along, that move, and that noise does not bend out of shape."""
    kept = []
    for k in range(len(tracks[0].values)):
        seen = [part for track in tracks for part in (track.values[k], track.moved[k])]
        if all(np.isfinite(part).all() for part in seen) and np.isfinite(tracks[0].away[k]).all():
            spread = float(np.concatenate([track.values[k] for track in tracks]).std())
            if spread > 0.0 and max(float(track.bend[k]) for track in tracks) <= MOST_BEND * spread:
                kept.append(k)
    return kept


@dataclass(frozen=True, slots=True, eq=False)
class Pencil:
    """Slow rows of the terms, and what noise alone would make of them.

    Attributes:
        A: Gram of the rows, shape (n_terms, n_terms): Σ over trajectories and slow frequencies.
        N: its expectation where there is nothing but noise, of the same shape.
        n_rows: how many rows went into A.
    """

    A: Array
    N: Array
    n_rows: int

    def of(self, chosen: Sequence[int]) -> "Pencil":
        """Return that of some of the terms."""
        at = np.ix_(chosen, chosen)
        return Pencil(self.A[at], self.N[at], self.n_rows)


def slow_rows(track: Track, weights: Array, n: int | None = None) -> Array:
    """Return the slow frequencies of each term about its level, (n_terms, n_slow); all of them with n."""
    from scipy.fft import dct

    level = track.values @ weights**2 / np.sum(weights**2)
    every = np.asarray(dct((track.values - level[:, None]) * weights, norm="ortho", axis=1))
    return every[:, : n or track.n_slow]


def pencil(tracks: Sequence[Track], c: Array | None = None) -> Pencil:
    """Return the pencil of the terms, samples weighted by the noise of Σ c·term, evenly without c."""
    P = len(tracks[0].values)
    A, N, n_rows = np.zeros((P, P)), np.zeros((P, P)), 0
    for track in tracks:
        weights = track.weights(c)
        rows = slow_rows(track, weights)
        n = track.n_slow - 1
        A += rows @ rows.T
        moved = (track.moved * weights).reshape(P, -1)
        N += n / len(track.time) * (moved @ moved.T)
        n_rows += n
    return Pencil(A, N, n_rows)


def nearest(of: Pencil) -> tuple[Array, float]:
    """Return the sum c that moves least for its noise, and how much: cᵀAc / cᵀNc, 1 for what is conserved.

    The errors are in the terms themselves, so the quotient with the noise's own Gram is what has no bias.

    Source: Taubin (1991), doi:10.1109/34.103273.
    """
    from scipy.linalg import eigh

    size = 1.0 / np.sqrt(np.maximum(np.diag(of.A), 1e-300))
    scale = size * size[:, None]
    A = of.A * scale + 1e-14 * np.eye(len(size))
    try:
        values, vectors = eigh(of.N * scale, A)
    except np.linalg.LinAlgError:
        return size, np.inf
    return vectors[:, -1] * size, 1.0 / max(float(values[-1]), 1e-300)


def fit(tracks: Sequence[Track]) -> tuple[Array, Array]:
    """Return the coefficients of the sum of these terms that is most nearly conserved, and their covariance.

    The largest summand's coefficient is 1 and its variance 0; samples count by the noise of the sum itself.
    """
    of = pencil(tracks)
    c, ratio = nearest(of)
    for _ in range(2):
        of = pencil(tracks, c)
        c, ratio = nearest(of)
    largest = int(np.argmax(np.abs(c) * np.sqrt(np.diag(of.A))))
    c = c / c[largest]
    others = np.array([k for k in range(len(c)) if k != largest], dtype=np.int64)
    covariance = np.zeros((len(c), len(c)))
    if len(others):
        variance = float(c @ of.A @ c) / of.n_rows
        inner = np.linalg.pinv((of.A - min(ratio, 1e6) * of.N)[np.ix_(others, others)], hermitian=True)
        covariance[np.ix_(others, others)] = variance * inner @ of.A[np.ix_(others, others)] @ inner
    return c, covariance
