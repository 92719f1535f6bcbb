"""Mean and variance of a step: exact where there is a formula, Monte Carlo where there is none."""

import numpy as np
import pytest

from discover.expr import Polynomial, parse
from discover.inference.moments import Diffusion, calculus, step
from discover.simulate import VectorField, simulate


def one_state(drift, squared, degree=3):
    terms = Polynomial(degree).build(["x"])
    return calculus(terms, 1, 1), Diffusion(np.array([drift], float), np.array([squared], float))


@pytest.mark.parametrize("h", [0.01, 0.1, 0.3])
def test_a_step_of_ornstein_and_uhlenbeck_is_exact(h):
    library, model = one_state([0, -1.3, 0, 0], [0.5, 0, 0, 0])
    x = np.array([[1.0, -0.4]])
    found = step(library, model, x, np.full(2, h))
    np.testing.assert_allclose(found.mean[0] * h, x[0] * np.expm1(-1.3 * h), rtol=0.01 * h)
    np.testing.assert_allclose(found.variance[0] * h, 0.5 / 2.6 * -np.expm1(-2.6 * h), rtol=1e-3 * h)


def test_a_step_in_a_double_well_with_noise_by_state_agrees_with_many_paths():
    library, model = one_state([0, 1, 0, -1], [0.2, 0, 0.2, 0])
    field = VectorField(
        ("x",), (), (parse("x - x**3", ["x"]),), kind="stochastic", squares=(parse("0.2 + 0.2*x**2", ["x"]),)
    )
    h, n = 0.2, 20_000
    for x0 in (0.3, 1.2):
        ends = simulate(field, [x0], [0.0, h], seed=1, n_paths=n)["x"].values.reshape(n, 2)[:, 1]
        found = step(library, model, np.array([[x0]]), np.array([h]))
        assert ends.mean() - x0 == pytest.approx(h * found.mean[0, 0], abs=4 * ends.std() / np.sqrt(n))
        assert ends.var() == pytest.approx(h * found.variance[0, 0], rel=0.05)
        euler = 0.2 + 0.2 * x0**2
        assert abs(ends.var() / h - found.variance[0, 0]) < 0.4 * abs(ends.var() / h - euler)


def test_the_slopes_by_the_coefficients_are_those_of_the_mean():
    library, model = one_state([0.1, 1, 0, -1], [0.2, 0, 0.2, 0])
    x, h = np.array([[0.4, -1.1]]), np.full(2, 0.1)
    found = step(library, model, x, h)
    for p in range(4):
        shifted = model.drift.copy()
        shifted[0, p] += 1e-5
        after = step(library, Diffusion(shifted, model.squared), x, h)
        np.testing.assert_allclose((after.mean - found.mean)[0] / 1e-5, found.drift[0, p], rtol=0.02, atol=2e-3)
    np.testing.assert_allclose(model.squared[0] @ found.squared[0], found.variance[0], rtol=1e-12)


def test_a_velocity_that_is_kicked_moves_its_position():
    terms = Polynomial(1).build(["x", "v"])
    drift, squared = np.zeros((2, 3)), np.zeros((2, 3))
    drift[0, 2], squared[1, 0] = 1.0, 0.25
    found = step(calculus(terms, 2, 2), Diffusion(drift, squared), np.zeros((2, 1)), np.array([0.1]))
    np.testing.assert_allclose(found.variance[:, 0] * 0.1, [0.25 * 0.1**3 / 3, 0.25 * 0.1], rtol=1e-12)
    np.testing.assert_allclose(found.others[0], found.variance[0])
