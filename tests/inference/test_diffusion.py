"""The weighted Gram matrices of drift and diffusion, against the regression that they sum."""

import numpy as np
import pytest

from discover.expr import Polynomial
from discover.inference.diffusion import TILE, borrowed, pilot, sums, typical_variance, walk
from discover.inference.moments import Diffusion, calculus
from tests.noisy import path, stochastic_problem


@pytest.fixture(scope="module")
def problem():
    return stochastic_problem(path())


@pytest.fixture(scope="module")
def library():
    return calculus(Polynomial(3).build(["x"]), 1, 1)


def test_without_a_drift_the_first_turn_is_a_plain_regression(problem, library):
    model = pilot(problem, library, 0)
    G = sums(problem, library, model, np.zeros(1)).drift[0]
    x, rate = problem.blocks[0].X[0, :-1], problem.blocks[0].Y[0]
    theta = np.array([x**p for p in range(4)])
    theta[2:] += 0.5 * 0.05 * typical_variance(problem)[0] * np.array([np.ones_like(x), 3 * x])
    w = np.linalg.lstsq(theta.T, rate, rcond=None)[0]
    np.testing.assert_allclose(np.linalg.solve(G[:4, :4], G[:4, 4]), w, rtol=0.05, atol=0.02)


def test_tiles_do_not_change_the_sums_and_cover_every_step(problem, library):
    model = Diffusion(np.array([[0.0, 1.0, 0.0, -1.0]]), np.array([[0.25, 0.0, 0.0, 0.0]]))
    parts = list(walk(problem, library, model, np.zeros(1)))
    assert [len(part.h) for part in parts] == [TILE, TILE, 9999 - 2 * TILE]
    assert sum(int(part.follows.sum()) for part in parts) == 9998
    residual = np.concatenate([part.residual[0] / np.sqrt(part.variance[0]) for part in parts])
    assert residual.var() == pytest.approx(1.0, abs=0.05)


def test_a_diffusion_that_vanishes_somewhere_gets_a_floor(problem, library):
    vanishing = Diffusion(np.zeros((1, 4)), np.array([[0.0, 0.0, 0.3, 0.0]]))
    for part in walk(problem, library, vanishing, np.zeros(1)):
        assert part.variance.min() > 1e-5


def test_noise_is_borrowed_by_a_position_and_not_by_its_velocity():
    x = path(("y", "x - x**3 - 0.5*y"), ("0", "0.25"), 4000, 0.05, 5, (1.0, 0.0))
    terms = Polynomial(3).build(["x", "y"])
    place = {str(term): p for p, term in enumerate(terms)}
    drift, squared = np.zeros((2, len(terms))), np.zeros((2, len(terms)))
    drift[0, place["Expr(x1)"]] = 1.0
    for name, value in (("Expr(x0)", 1.0), ("Expr(x0**3)", -1.0), ("Expr(x1)", -0.5)):
        drift[1, place[name]] = value
    squared[1, 0] = 0.25
    share = borrowed(stochastic_problem(x), calculus(terms, 2, 2), Diffusion(drift, squared), np.zeros(2))
    assert share[0] == pytest.approx(1.0, abs=0.15)
    assert share[1] < 0.05
