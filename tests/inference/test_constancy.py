"""Terms along trajectories, and how much noise moves them."""

from functools import lru_cache

import numpy as np
import pytest

import discover
from discover.data.formulate import formulate
from discover.expr import parse
from discover.inference.constancy import fit, nearest, pencil, tracks_of, usable

WORDS = ("x**2", "v**2", "x*v")


@lru_cache
def problem(noise=0.05, seed=0):
    """Return four swings of an oscillator of frequency 2."""
    t, rng, runs = 0.05 * np.arange(250), np.random.default_rng(seed), []
    for a in (0.8, 1.0, 1.5, 2.0):
        x, v = a * np.cos(2 * t), -2 * a * np.sin(2 * t)
        runs.append(
            discover.load(
                {"t": t, "x": x + noise * rng.standard_normal(250), "v": v + 2 * noise * rng.standard_normal(250)},
                time="t",
            )
        )
    return formulate(discover.load(runs))


def tracks(*words, **drawn):
    return tracks_of(problem(**drawn), [parse(word, ["x", "v"]) for word in words])


def test_a_term_is_the_measured_one_up_to_the_square_of_what_smoothing_takes():
    [first, *_] = tracks(*WORDS)
    block = problem().blocks[0]
    left = first.values - np.array([block.X[0] ** 2, block.X[1] ** 2, block.X[0] * block.X[1]])
    taken = np.abs(block.X - block.X_smooth)
    assert np.abs(left).max() < 2.0 * taken.max() ** 2


def test_the_noise_of_a_term_is_its_slope_times_the_noise():
    [first, *_] = tracks("x**2")
    block = problem().blocks[0]
    expected = 2.0 * np.abs(block.X_smooth[0]) * problem().noise[0]
    assert np.allclose(first.noise(np.ones(1)), expected)


def test_what_is_conserved_moves_by_its_noise_and_no_more():
    c, ratio = nearest(pencil(tracks(*WORDS)))
    assert 0.7 < ratio < 1.3
    assert c[0] / c[1] == pytest.approx(4.0, rel=0.02)
    assert nearest(pencil(tracks("x**2", "x*v")))[1] > 10.0


def test_errors_of_the_coefficients_are_those_of_repeats():
    found = [fit(tracks("x**2", "v**2", seed=seed)) for seed in range(12)]
    values = np.array([c[1] / c[0] for c, _ in found])
    free = [int(np.argmax(np.diag(covariance))) for _, covariance in found]  # the other one is 1
    stated = 0.25 * np.mean([np.sqrt(V[k, k]) / abs(c[k]) for (c, V), k in zip(found, free, strict=True)])
    assert abs(values.mean() - 0.25) < 1.5 * stated  # the bias that is left is within the error of one fit
    assert 0.5 < values.std(ddof=1) / stated < 1.8


def test_terms_that_are_not_defined_or_bent_by_noise_are_left_out():
    offered = tracks("x**2", "log(x)", "1/x**2", "exp(v)")
    assert usable(offered) == [0, 3]
