import math

import numpy as np
import pytest

from discover.inference.whiteness import LEAST_ROWS, PER_COLUMN, WHITE, structure_left


def drawn(n_rows, n_columns, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(0.0, 1.0, (n_columns, n_rows)), rng.standard_normal(n_rows)


@pytest.mark.parametrize(("n_rows", "n_columns"), [(70, 3), (95, 9), (300, 5)])
def test_noise_is_seldom_taken_for_structure(n_rows, n_columns):
    alarms = [structure_left(noise, X) >= WHITE for X, noise in (drawn(n_rows, n_columns, s) for s in range(150))]
    assert np.mean(alarms) < 0.06


@pytest.mark.parametrize(
    "left",
    [
        lambda X: X[0] * X[1] - 0.25,
        lambda X: np.sin(40.0 * X[2]),
        lambda X: np.abs(X[0] - 0.5) - 0.25,
        lambda X: np.sin(3.0 * X[0]) * np.cos(4.0 * X[1]) * X[2],
    ],
)
def test_structure_is_seen_with_few_rows_for_many_columns(left):
    X, _ = drawn(140, 6)
    assert structure_left(left(X) - left(X).mean(), X) > WHITE


def test_few_rows_and_broken_values_say_nothing():
    X, noise = drawn(LEAST_ROWS - 1, 2)
    assert structure_left(noise, X) == math.inf
    X, noise = drawn(PER_COLUMN * 9 - 1, 9)
    assert structure_left(noise, X) == math.inf
    X, noise = drawn(100, 2)
    noise[3] = np.nan
    assert structure_left(noise, X) == math.inf


def test_columns_that_repeat_or_never_change_are_no_hindrance():
    X, noise = drawn(100, 3)
    X[1], X[2] = np.round(3 * X[1]), 1.0
    assert math.isfinite(structure_left(noise, X))
    assert structure_left(np.zeros(100), X) < WHITE
