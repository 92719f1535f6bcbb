from dataclasses import replace
from math import comb, log

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from discover.data.formulate import formulate
from discover.data.stencils import Strong, Weak
from discover.expr import Polynomial, compile_program
from discover.inference.chisquare import N_REWEIGHTINGS, estimate, penalty, triangle
from discover.inference.rows import assemble
from discover.simulate import SYSTEMS
from tests.problems import dense_covariance, jittered, loaded, measured_again, problem_of, true_rows


def dense_estimate(rows, target, support):
    """Return coefficients and chi-square by reweighted least squares with dense, block-diagonal covariances."""
    S = list(support)
    parts = [(theta[S], block.Y[target]) for theta, block in zip(rows.theta, rows.blocks, strict=True)]
    w = np.linalg.lstsq(np.hstack([theta for theta, _ in parts]).T, np.hstack([y for _, y in parts]), rcond=None)[0]
    for _ in range(N_REWEIGHTINGS + 1):
        L = [np.linalg.cholesky(dense_covariance(rows, b, target, S, w)) for b in range(len(parts))]
        theta = np.hstack([np.linalg.solve(one, theta.T).T for one, (theta, _) in zip(L, parts, strict=True)])
        y = np.hstack([np.linalg.solve(one, y) for one, (_, y) in zip(L, parts, strict=True)])
        w = np.linalg.lstsq(theta.T, y, rcond=None)[0]
    return w, float(np.sum((y - w @ theta) ** 2)), theta


CASES = {
    "weak": problem_of("van der pol", noise=0.02, n_samples=150, form=Weak(half_width=10)),
    "two trajectories": problem_of("lotka-volterra", noise=0.02, n_trajectories=2, n_samples=100),
    "strong": problem_of("van der pol", noise=0.02, n_samples=80, form=Strong(half_width=4)),
    "with an input": problem_of("forced oscillator", noise=0.02, n_samples=120, form=Weak(half_width=9)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("support", [(), (1,), (1, 2, 4)])
def test_an_estimate_is_generalised_least_squares_with_its_own_covariance(name, support):
    """In the twin, rows of different trajectories have no covariance."""
    problem = CASES[name]
    rows = assemble(problem, Polynomial(2).build(problem.names))
    for target in range(problem.n_states):
        found = estimate(rows, target, support)
        w, chi2, theta = dense_estimate(rows, target, support)
        assert found.support == support
        assert found.n_rows == rows.n_rows
        assert found.coefficients == pytest.approx(w, rel=1e-5, abs=1e-8)
        assert found.chi2 == pytest.approx(chi2, rel=1e-5)
        assert np.allclose(found.covariance(), np.linalg.inv(theta @ theta.T), rtol=1e-4)


def test_the_triangle_holds_every_row_once():
    rows, supports, _ = true_rows("lotka-volterra", CASES["two trajectories"])
    R = triangle(rows, 0, supports[0], None)
    terms = list(supports[0])
    Z = np.hstack([np.vstack([t[terms], block.Y[:1]]) for t, block in zip(rows.theta, rows.blocks, strict=True)])
    assert np.allclose(R.T @ R, Z @ Z.T, rtol=1e-10)


def test_chi_square_goes_with_the_inverse_square_of_the_noise():
    problem = CASES["weak"]
    rows, supports, _ = true_rows("van der pol", problem)
    louder, _, _ = true_rows("van der pol", replace(problem, noise=3.0 * problem.noise))
    for target, support in enumerate(supports):
        mine, its = estimate(rows, target, support), estimate(louder, target, support)
        assert its.chi2 == pytest.approx(mine.chi2 / 9, rel=1e-9)
        assert its.coefficients == pytest.approx(mine.coefficients, rel=1e-9)


@pytest.mark.parametrize("system", ["lorenz", "van der pol"])
@pytest.mark.parametrize(("noise", "form"), [(0.01, Weak(half_width=12)), (0.05, Weak(half_width=12))])
def test_chi_square_is_calibrated_at_the_truth(system, noise, form):
    """Its mean is the number of rows less that of terms, its scatter that of a chi-square, for every equation."""
    per_row = []
    for rows, supports, _ in measured_again(system, noise, form, range(24)):
        found = [estimate(rows, target, support) for target, support in enumerate(supports)]
        per_row.append([one.chi2 / (one.n_rows - len(one.support)) for one in found])
        n = rows.n_rows
    assert np.mean(per_row, axis=0) == pytest.approx(1.0, abs=0.06)
    assert np.std(per_row, axis=0) == pytest.approx(np.sqrt(2 / n), rel=0.4)


def test_so_it_is_in_strong_form_at_noise_that_hides_the_bend_of_the_polynomial():
    per_row = [
        [estimate(rows, target, support).chi2 / rows.n_rows for target, support in enumerate(supports)]
        for rows, supports, _ in measured_again("lorenz", 0.02, Strong(half_width=4), range(10))
    ]
    assert np.mean(per_row, axis=0) == pytest.approx(1.0, abs=0.06)


def test_the_covariance_of_coefficients_is_their_scatter():
    found = [
        estimate(rows, 1, supports[1])
        for rows, supports, _ in measured_again("van der pol", 0.01, Weak(half_width=12), range(60))
    ]
    scatter = np.std([one.coefficients for one in found], axis=0)
    expected = np.mean([np.sqrt(np.diag(one.covariance())) for one in found], axis=0)
    assert scatter == pytest.approx(expected, rel=0.3)


@pytest.mark.parametrize("system", ["lorenz", "van der pol"])
def test_a_wrong_law_is_far_above_one(system):
    rows, supports, _ = next(measured_again(system, 0.01, Weak(half_width=12), [0]))
    for wrong in (supports[1][:-1], ()):
        assert estimate(rows, 1, wrong).chi2 > 20 * rows.n_rows


def test_uneven_samples_are_calibrated_too():
    known = SYSTEMS["lotka-volterra"]
    time = jittered(400, 1, step=known.dt)
    time -= time[0]
    program = compile_program(known.expressions(), 2)
    run = solve_ivp(lambda _, x: program.evaluate(x[:, None])[:, 0], (0, time[-1]), known.x0, t_eval=time, rtol=1e-10)
    sigma = 0.02 * np.sqrt((run.y**2).mean(axis=1))
    per_row = []
    for seed in range(12):
        noisy = run.y + sigma[:, None] * np.random.default_rng(seed).standard_normal(run.y.shape)
        problem = formulate(loaded({"t": time, "x": noisy[0], "y": noisy[1]}), Weak(half_width=15))
        rows, supports, _ = true_rows("lotka-volterra", replace(problem, noise=sigma, relative=None))
        per_row.append([estimate(rows, i, support).chi2 / rows.n_rows for i, support in enumerate(supports)])
    assert np.mean(per_row, axis=0) == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize("scale", [1e-20, 1e-9, 1e9, 1e20])
def test_units_do_not_matter(scale):
    """In other units the terms of a cubic differ by up to scale³ in size; nothing else changes."""
    problem = CASES["two trajectories"]
    blocks = tuple(
        replace(block, X=scale * block.X, Y=scale * block.Y, X_smooth=scale * block.X_smooth) for block in problem
    )
    other = replace(problem, blocks=blocks, noise=scale * problem.noise, relative=None)
    usual = replace(problem, relative=None)
    terms = Polynomial(3).build(problem.names)
    for support in ((0, 1, 4), (1, 4, 6), (2, 9)):
        mine = estimate(assemble(usual, terms), 0, support)
        its = estimate(assemble(other, terms), 0, support)
        powers = scale ** (1.0 - np.array([0, 1, 1, 2, 2, 2, 3, 3, 3, 3])[list(support)])
        assert its.coefficients == pytest.approx(powers * mine.coefficients, rel=1e-6)
        assert np.sqrt(np.diag(its.covariance())) == pytest.approx(powers * np.sqrt(np.diag(mine.covariance())))
        assert its.chi2 == pytest.approx(mine.chi2)


def test_collinear_terms_share_a_coefficient_and_nothing_breaks():
    problem = CASES["weak"]
    terms = Polynomial(1).build(problem.names)
    rows = assemble(problem, (*terms, terms[2]))
    alone, shared = estimate(rows, 0, (2,)), estimate(rows, 0, (2, 3))
    assert shared.coefficients.sum() == pytest.approx(alone.coefficients[0], rel=1e-6)
    assert shared.chi2 == pytest.approx(alone.chi2, rel=1e-6)
    assert np.isfinite(shared.covariance()).all()


@pytest.mark.parametrize("n_library", [1, 2, 7, 10, 286])
def test_the_penalty_is_the_extended_bic_and_never_falls(n_library):
    price = [penalty(k, 200, n_library) for k in range(n_library + 1)]
    for k in range(n_library // 2 + 1):
        assert price[k] == pytest.approx(k * log(200) + 2 * log(comb(n_library, k)))
    assert price[0] == 0.0
    assert np.all(np.diff(price) >= log(200) - 1e-9)
