from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from discover.data.formulate import formulate
from discover.data.stencils import Weak
from discover.expr import Polynomial
from discover.inference.chisquare import estimate
from discover.inference.intervals import FEW_FOLDS, sandwich, t_quantile
from discover.inference.rows import assemble, row_slice
from tests.problems import dense_covariance, loaded, measured_again, problem_of, table_of, true_rows


@pytest.mark.parametrize("dof", [1.0, 2.5, 19.0, 1e6])
@pytest.mark.parametrize("probability", [0.5, 0.9, 0.975])
def test_quantiles_are_those_of_student(dof, probability):
    assert t_quantile(dof, probability) == pytest.approx(stats.t.ppf(probability, dof))


def test_without_end_they_are_normal():
    assert t_quantile(np.inf, 0.975) == pytest.approx(stats.norm.ppf(0.975))


def folded(problem, n_folds):
    """Return the problem with its rows in another number of folds."""
    blocks = tuple(replace(block, fold=np.arange(block.n_rows) * n_folds // block.n_rows) for block in problem.blocks)
    return replace(problem, blocks=blocks)


def test_the_sandwich_equals_its_formula():
    problem = folded(problem_of("van der pol", noise=0.03, n_samples=200, form=Weak(half_width=10)), 12)
    rows, supports, _ = true_rows("van der pol", problem)
    one = estimate(rows, 1, supports[1])
    found, dof = sandwich(rows, 1, one)
    C = dense_covariance(rows, 0, 1, one.support, one.coefficients)
    L = np.linalg.cholesky(C)
    theta = np.linalg.solve(L, rows.theta[0][list(one.support)].T)
    residual = np.linalg.solve(L, rows.blocks[0].Y[1] - one.coefficients @ rows.theta[0][list(one.support)])
    bread, meat = one.covariance(), np.zeros((3, 3))
    for fold in range(12):
        score = theta[problem.blocks[0].fold == fold].T @ residual[problem.blocks[0].fold == fold]
        meat += np.outer(score, score)
    assert dof == 11
    assert np.allclose(found, bread @ meat @ bread * 12 / 11, rtol=1e-5)


def test_few_folds_never_report_less_than_the_noise_model():
    problem = problem_of("lotka-volterra", noise=0.03, n_samples=150)
    for n_folds in (2, 4, FEW_FOLDS - 1):
        rows, supports, _ = true_rows("lotka-volterra", folded(problem, n_folds))
        one = estimate(rows, 0, supports[0])
        covariance, dof = sandwich(rows, 0, one)
        assert dof == n_folds - 1
        assert np.all(np.diag(covariance) >= np.diag(one.covariance()) * (1 - 1e-12))


def test_folds_that_were_not_drawn_do_not_count():
    problem = folded(problem_of("van der pol", noise=0.03, n_samples=300, form=Weak(half_width=10)), 12)
    (block,) = problem.blocks
    n = block.n_rows
    half = replace(problem, blocks=(row_slice(block, 0, n // 4), row_slice(block, 3 * n // 4, n)))
    rows, supports, _ = true_rows("van der pol", half)
    n_left = len(np.unique(np.concatenate([part.fold for part in half.blocks])))
    assert n_left < 12
    assert sandwich(rows, 0, estimate(rows, 0, supports[0]))[1] == n_left - 1


@pytest.mark.parametrize(("system", "noise"), [("van der pol", 0.02), ("lotka-volterra", 0.02)])
def test_intervals_of_the_sandwich_cover_the_truth(system, noise):
    """Nominal 95 %, over 120 draws of the noise."""
    covered = []
    for rows, supports, Xi in measured_again(system, noise, Weak(half_width=12), range(120)):
        for target, support in enumerate(supports):
            one = estimate(rows, target, support)
            covariance, dof = sandwich(rows, target, one)
            half = t_quantile(dof) * np.sqrt(np.diag(covariance))
            covered.append(np.abs(one.coefficients - Xi[target]) <= half)
    share = np.mean(np.concatenate(covered))
    assert 0.88 <= share <= 0.99


def test_the_sandwich_does_not_believe_the_noise_level():
    """A noise level told too low by a factor of 3 shrinks the model's errors, and leaves the sandwich as it is."""
    ratios = []
    for rows, supports, _ in measured_again("lotka-volterra", 0.03, Weak(half_width=12), range(10)):
        modest = assemble(replace(rows.problem, noise=rows.problem.noise / 3), rows.terms)
        mine, its = estimate(rows, 0, supports[0]), estimate(modest, 0, supports[0])
        assert np.allclose(its.covariance(), mine.covariance() / 9, rtol=1e-6)
        ratios.append(np.diag(sandwich(modest, 0, its)[0]) / np.diag(sandwich(rows, 0, mine)[0]))
    assert np.allclose(ratios, 1.0, rtol=1e-6)


def test_terms_that_are_nearly_the_same_have_errors_and_not_the_root_of_a_negative_number():
    """A small oscillation on a large offset: 1, x, y and x·y hardly differ."""
    table = table_of("lotka-volterra", noise=0.02, n_samples=400)
    problem = formulate(loaded({"t": table["t"], "x": 1e6 + table["prey"], "y": 1e6 + table["predator"]}))
    rows = assemble(problem, Polynomial(2).build(problem.names))
    for support in ((0, 1, 2, 4), (1, 2, 3, 4, 5)):
        covariance, _ = sandwich(rows, 0, estimate(rows, 0, support))
        assert np.all(np.diag(covariance) >= 0.0)
        assert np.isfinite(covariance).all()
