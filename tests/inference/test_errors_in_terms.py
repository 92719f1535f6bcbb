"""The noise's part of a Gram: two ways to it agree, it matches draws, and without it coefficients are not shrunk."""

from dataclasses import replace

import numpy as np
import pytest

from discover.expr import derivative, variable
from discover.inference.chisquare import Estimate, estimate, factors
from discover.inference.errors_in_terms import left_part, removable, row_noise, symmetric_solve, taken_off
from discover.inference.noise_gram import noise_gram, without_noise
from discover.inference.rows import Rows, assemble
from discover.inference.whitening import Dense, dense
from discover.problem import Problem
from tests.inference.test_fields import block_of, lattice, problem_of, smooth

u = variable(0)
TERMS = [u, derivative(u**2, (0, 1)), derivative(u**3, (0, 2))]


def rows_of(sigma: float, seed: int) -> Rows:
    lines = lattice()
    clean = smooth(lines)
    noisy = clean + sigma * np.random.default_rng(seed).standard_normal(clean.shape)
    return assemble(problem_of(block_of(noisy[None], lines), sigma), TERMS)


def test_the_expected_noise_of_a_gram_matches_draws() -> None:
    sigma, clean = 0.1, rows_of(0.0, 0)
    exact = np.concatenate([clean.theta[0], clean.blocks[0].Y])
    drawn = []
    for seed in range(25):
        rows = rows_of(sigma, seed)
        noise = np.concatenate([rows.theta[0], rows.blocks[0].Y]) - exact
        drawn.append(noise @ noise.T)
    expected = np.mean([noise_gram(rows_of(sigma, seed), 0) for seed in range(2)], axis=0)
    np.testing.assert_allclose(np.diag(expected), np.diag(np.mean(drawn, axis=0)), rtol=0.25)
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    np.testing.assert_allclose(expected / scale, np.mean(drawn, axis=0) / scale, atol=0.2)


def test_both_ways_to_the_noise_of_whitened_rows_agree() -> None:
    rows = rows_of(0.1, 1)
    one = estimate(rows, 0, (0, 1, 2))
    (whitening,) = factors(rows, 0, one.support, one.coefficients)
    assert isinstance(whitening, Dense)
    direct = row_noise(rows.field_slopes(0), left_part(0, 2), TERMS, whitening)
    np.testing.assert_allclose(noise_gram(rows, 0, one), direct, rtol=1e-8, atol=1e-8 * np.abs(direct).max())


def test_rows_beside_a_gap_have_no_noise_of_their_own() -> None:
    rows = rows_of(0.1, 1)
    (block,) = rows.blocks
    kept = np.arange(0, block.n_rows, 2)
    lines = replace(block.stencil, kept=kept)
    part = replace(block, stencil=lines, Y=block.Y[:, kept], fold=block.fold[kept])
    fewer = assemble(problem_of(part, 0.1), TERMS)
    one = estimate(fewer, 0, (0, 1, 2))
    (whitening,) = factors(fewer, 0, one.support, one.coefficients)
    direct = row_noise(fewer.field_slopes(0), left_part(0, 2), TERMS, whitening)
    np.testing.assert_allclose(noise_gram(fewer, 0, one), direct, rtol=1e-8, atol=1e-8 * np.abs(direct).max())


def test_coefficients_are_not_shrunk_by_noise() -> None:
    lines = lattice(60, 60, (8, 8))
    t, x = (axis.points for axis in lines.axes)
    clean = np.exp(-0.8 * t)[:, None] * np.sin(6.0 * x)  # u_t = -0.8 u
    shrunk, found = [], []
    for seed in range(6):
        noisy = clean + 1.2 * np.random.default_rng(seed).standard_normal(clean.shape)
        problem = problem_of(block_of(noisy[None], lines), 1.2)
        plain = replace(problem, formulation="discrete")  # nothing is taken off
        found.append(estimate(assemble(problem, [u]), 0, (0,)).coefficients[0])
        shrunk.append(_without_correction(plain).coefficients[0])
    assert np.mean(shrunk) > np.mean(found) + 0.05
    assert np.mean(found) == pytest.approx(-0.8, abs=0.12)


def _without_correction(problem: Problem) -> Estimate:
    rows = assemble(replace(problem, formulation="weak"), [u])
    return estimate(replace(rows, problem=problem), 0, (0,))


def test_no_more_is_taken_off_than_leaves_a_gram_positive() -> None:
    G, N = np.diag([2.0, 1.0, 3.0]), np.diag([1.0, 4.0, 0.0])
    assert removable(G, N) == pytest.approx(0.25)
    assert np.linalg.eigvalsh(without_noise(G, N))[0] > 0.0
    assert not taken_off(G, N, 400).any()  # the second term is little but noise
    small = 0.1 * N
    np.testing.assert_allclose(taken_off(G, small, 400), (1.0 - 1.0 / 400) * small)


def test_whitening_knows_its_inverse() -> None:
    A = np.random.default_rng(0).standard_normal((30, 40)) * np.geomspace(1e-3, 1e3, 30)[:, None]
    C = A @ A.T
    deviation = np.sqrt(np.diag(C))
    np.testing.assert_allclose(
        dense(C.copy()).inverse() * np.outer(deviation, deviation),
        np.linalg.inv(C / np.outer(deviation, deviation)),
        rtol=1e-4,
        atol=1e-4,
    )


def test_symmetric_systems_of_any_units() -> None:
    A = np.array([[4.0, 1.0], [1.0, 3.0]]) * np.outer([1e-6, 1e6], [1e-6, 1e6])
    w = np.array([3e6, -2e-6])
    np.testing.assert_allclose(symmetric_solve(A, A @ w), w, rtol=1e-9)
