import numpy as np
import pytest

from discover.symbolic.regression import solve, sparse

RNG = np.random.default_rng(0)
F = RNG.standard_normal((8, 200)) * 10.0 ** np.arange(8)[:, None]


def test_coefficients_and_residual():
    c, rest = solve(F, 2.0 * F[1] - 3.0 * F[5], np.ones(200))
    assert c == pytest.approx([0, 2, 0, 0, 0, -3, 0, 0], abs=1e-6)
    assert rest < 1e-12


def test_an_exact_model_has_all_its_columns_and_no_other():
    assert sparse(F, 2.0 * F[1] - 3.0 * F[5] + F[0], np.ones(200), 2) == [0, 1, 5]


def test_a_noisy_one_has_those_that_pay():
    t = 2.0 * F[1] - 3e-3 * F[5] + 5.0 * RNG.standard_normal(200)
    assert sparse(F, t, np.ones(200), 6) == [1, 5]


def test_noise_alone_has_at_most_one_column():
    assert len(sparse(F, RNG.standard_normal(200), np.ones(200), 6)) <= 1
