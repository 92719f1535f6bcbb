"""Are the measurement errors additive, or in proportion to what is measured?

Both are fitted, each with the error level that makes its data most likely, and their likelihoods compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.expr import Expr
from discover.inference.trajectories import Errors, Refinement, RightHandSide, Stretch, refine

Array = NDArray[np.float64]

N_ROUNDS = 8
UNKNOWN = 1.0  # relative error of a level that is only a first guess: it opens the gate wide


@dataclass(frozen=True, slots=True, eq=False)
class ProfiledFit:
    """A fit whose error level was estimated along with it.

    Attributes:
        refinement: the fit; its covariance uses that level.
        noise: the level of each state, shape (n_states,), relative to the value where errors are relative.
        log_likelihood: of the data as they were measured; minus infinity where the law does not follow them.
    """

    refinement: Refinement
    noise: Array
    log_likelihood: float


@dataclass(frozen=True, slots=True, eq=False)
class ErrorComparison:
    """Two error models side by side, over segments of the same length.

    Attributes:
        additive: normal errors of one size.
        relative: log-normal errors, in proportion to the value.
    """

    additive: ProfiledFit
    relative: ProfiledFit

    @property
    def best(self) -> Errors:
        """The model that makes the data more likely."""
        return "relative" if self.difference > 0 else "additive"

    @property
    def difference(self) -> float:
        """Log-likelihood of relative errors minus that of additive ones; beyond 2 either way is a clear answer."""
        ends = (self.relative.log_likelihood, self.additive.log_likelihood)
        return 0.0 if ends[0] == ends[1] else ends[0] - ends[1]


def compare_errors(
    right_hand_sides: Sequence[RightHandSide],
    stretches: Sequence[Stretch],
    noise: ArrayLike,
    *,
    first_length: int,
    max_length: int | None = None,
) -> ErrorComparison:
    """Fit a law under additive and under relative errors, the error level estimated with it.

    Args:
        right_hand_sides: for each state, its (coefficient, term) pairs, to begin with.
        stretches: the data; every state must be positive.
        noise: a first guess of the additive standard deviation of each state, shape (n_states,).
        first_length: samples of the first segments.
        max_length: longest segment in samples, None for whole stretches.

    Raises DataError where a value is not positive: then errors cannot be relative to it.

    >>> from discover.inference.trajectories import Measured
    >>> from discover.expr import variable
    >>> time, scatter = np.linspace(0.0, 3.0, 61), np.random.default_rng(0).normal(size=61)
    >>> data = Measured(time, (np.exp(-time) * np.exp(0.1 * scatter))[None, :], np.empty((0, 61)))
    >>> compare_errors([[(-1.0, variable(0))]], [data], [0.05], first_length=15).best
    'relative'
    """
    level = np.asarray(noise, dtype=float)
    measured = np.concatenate([np.asarray(stretch.states, dtype=float) for stretch in stretches], axis=1)
    typical = np.nanmedian(np.abs(measured), axis=1) + np.finfo(float).tiny
    relative = _profile(right_hand_sides, stretches, level / typical, "relative", first_length, max_length)
    additive = _profile(right_hand_sides, stretches, level, "additive", first_length, max_length)
    lengths = relative.refinement.length, additive.refinement.length
    if lengths[0] != lengths[1] and min(lengths) > 0:
        # Only fits with equally many free initial states can be compared.
        if lengths[0] > lengths[1]:
            relative = _profile(right_hand_sides, stretches, relative.noise, "relative", first_length, lengths[1])
        else:
            additive = _profile(right_hand_sides, stretches, additive.noise, "additive", first_length, lengths[0])
    return ErrorComparison(additive, relative)


def _profile(
    right_hand_sides: Sequence[RightHandSide],
    stretches: Sequence[Stretch],
    noise: Array,
    errors: Errors,
    first_length: int,
    max_length: int | None,
) -> ProfiledFit:
    """Fit and estimate the error level in turns, until the level stays."""
    fit = _fit(right_hand_sides, stretches, noise, errors, first_length, max_length)
    for _ in range(N_ROUNDS):
        if fit.accepted:
            found = _levels(fit, stretches, errors)
        elif np.isfinite(fit.history[0][1]):
            found = noise * np.sqrt(fit.history[0][1])  # the guess was far too small for any fit to be accepted
        else:
            break
        settled = fit.accepted and np.abs(np.log(found / noise)).max() < 0.01
        noise = found
        if settled:
            break
        sides = with_coefficients(right_hand_sides, fit.coefficients)
        fit = _fit(sides, stretches, noise, errors, first_length, max_length)
    return ProfiledFit(fit, noise, _log_likelihood(fit, stretches, errors))


def _fit(
    right_hand_sides: Sequence[RightHandSide],
    stretches: Sequence[Stretch],
    noise: Array,
    errors: Errors,
    first_length: int,
    max_length: int | None,
) -> Refinement:
    return refine(
        right_hand_sides,
        stretches,
        noise,
        first_length=first_length,
        noise_error=UNKNOWN,
        max_length=max_length,
        errors=errors,
    )


def with_coefficients(right_hand_sides: Sequence[RightHandSide], coefficients: Array) -> list[list[tuple[float, Expr]]]:
    """Return the same terms with other coefficients, shape (n_coefficients,), in order of states, then terms."""
    values = iter(coefficients.tolist())
    return [[(next(values), term) for _, term in side] for side in right_hand_sides]


def _residuals(fit: Refinement, stretches: Sequence[Stretch], errors: Errors) -> Array:
    """Return measured minus simulated, of the logarithms for relative errors, shape (n_states, n_samples)."""
    measured = np.concatenate([np.asarray(stretch.states, dtype=float) for stretch in stretches], axis=1)
    simulated = np.concatenate(fit.simulated, axis=1)
    return np.log(measured / simulated) if errors == "relative" else measured - simulated


def _levels(fit: Refinement, stretches: Sequence[Stretch], errors: Errors) -> Array:
    squares = _residuals(fit, stretches, errors) ** 2
    return np.sqrt(np.maximum(np.nanmean(squares, axis=1), np.finfo(float).tiny))


def _log_likelihood(fit: Refinement, stretches: Sequence[Stretch], errors: Errors) -> float:
    """Return the log-likelihood at the error level that makes it largest.

    A density of ln y is one of y divided by y, whence the last term.
    """
    if not fit.accepted:
        return -np.inf
    residuals = _residuals(fit, stretches, errors)
    n = np.isfinite(residuals).sum(axis=1)
    total = -0.5 * np.sum(n * (np.log(2 * np.pi * _levels(fit, stretches, errors) ** 2) + 1.0))
    if errors == "relative":
        measured = np.concatenate([np.asarray(stretch.states, dtype=float) for stretch in stretches], axis=1)
        total -= np.sum(np.log(measured[np.isfinite(residuals)]))
    return float(total)
