"""How much refinement on the trajectories gains, and whether its intervals cover.

    python benchmarks/refinement.py [n_draws]

Gain: relative error of the coefficients to begin with, over that after refinement. They begin at the truth,
each off by a normal factor of one noise level (1 or 5 %). Noise is sigma / RMS of the clean values.
Coverage: share of nominal 95 % intervals that hold the true coefficient, over n_draws fresh noises.
"""

import sys
import time

import numpy as np

from discover.expr import Expr, Polynomial, parse
from discover.inference.trajectories import Measured, Refinement, refine
from discover.simulate import System, clean_trajectories, known_system

GAINS = ("lorenz", "van der pol", "rossler", "lotka-volterra", "pendulum", "forced oscillator")
COVERAGES = ("lorenz", "van der pol")
LEVELS = (0.01, 0.05)
Sides = list[list[tuple[float, Expr]]]


def true_sides(system: System) -> Sides:
    """Return the true (coefficient, term) pairs of every state."""
    library = list(Polynomial(1 if system.name == "pendulum" else 3).build(system.names))
    if system.name == "pendulum":
        library.append(parse("sin(theta)", system.names))
    Xi = system.true_terms(library)
    return [[(float(Xi[t, i]), library[t]) for t in np.flatnonzero(Xi[:, i])] for i in range(Xi.shape[1])]


def draw(system: System, level: float, seed: int) -> tuple[list[Measured], np.ndarray]:
    """Return three noisy trajectories of 1000 samples and the noise of each state."""
    X, U = clean_trajectories(system, 3, 1000, seed)
    sigma = level * np.sqrt(np.mean(X**2, axis=(0, 2)))
    noisy = X + sigma[:, None] * np.random.default_rng([seed, 1]).standard_normal(X.shape)
    time_ = system.dt * np.arange(1000)
    return [Measured(time_, x, u) for x, u in zip(noisy, U, strict=True)], sigma


def one(system: System, level: float, seed: int) -> tuple[np.ndarray, np.ndarray, Refinement, float]:
    """Return the true coefficients, those to begin with, the refinement and its seconds."""
    sides = true_sides(system)
    truth = np.array([value for side in sides for value, _ in side])
    begin = truth * (1 + level * np.random.default_rng([seed, 2]).standard_normal(len(truth)))
    values = iter(begin.tolist())
    stretches, sigma = draw(system, level, seed)
    started = time.perf_counter()
    found = refine([[(next(values), term) for _, term in side] for side in sides], stretches, sigma, first_length=25)
    return truth, begin, found, time.perf_counter() - started


def report_gains(n_draws: int) -> None:
    """Print a line per system and noise level."""
    print("system, noise: gain (geometric mean, worst), error median, accepted, length median, seconds median, longest")
    for name in GAINS:
        for level in LEVELS:
            rows = []
            for seed in range(n_draws):
                truth, begin, found, seconds = one(known_system(name), level, seed)
                before, after = (np.linalg.norm(c - truth) / np.linalg.norm(truth) for c in (begin, found.coefficients))
                rows.append((before / after, after, found.accepted, found.length, seconds))
            gain, error, accepted, length, seconds = np.array(rows, dtype=float).T
            print(f"{name:18s} {level:4.0%}: {np.exp(np.log(gain).mean()):7.1f} {gain.min():6.2f} ", end="")
            print(f"{np.median(error):9.1e} {accepted.mean():5.0%} {np.median(length):5.0f}", end="")
            print(f"{np.median(seconds):8.3f} {seconds.max():.3f}")


def report_coverage(n_draws: int) -> None:
    """Print a line per system and noise level."""
    print(f"coverage of 95 % intervals, {n_draws} draws: share, accepted, median chi2, standard deviation of z")
    for name in COVERAGES:
        for level in LEVELS:
            inside, z, chi2 = [], [], []
            for seed in range(n_draws):
                truth, _, found, _ = one(known_system(name), level, 1000 + seed)
                if found.accepted:
                    low, high = found.interval()
                    inside.append((low <= truth) & (truth <= high))
                    z.append((found.coefficients - truth) / found.std)
                    chi2.append(found.chi2)
            print(
                f"{name:18s} {level:4.0%}: {np.mean(inside):.1%} {len(inside)}/{n_draws} "
                f"{np.median(chi2):.3f} {np.std(z):.2f}"
            )


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    one(known_system("lorenz"), 0.01, 0)  # compile
    report_gains(max(5, n // 6))
    report_coverage(n)
