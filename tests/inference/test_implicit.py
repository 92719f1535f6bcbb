import numpy as np
import pytest

from discover.data.formulate import formulate
from discover.expr import Polynomial, Terms
from discover.inference.fractions import fractions
from discover.inference.implicit import left_rows
from discover.simulate import SYSTEMS, generate
from tests.rationals import PREDATOR, enzyme, measured, offered


def test_the_constant_gives_the_left_hand_side_itself():
    of = offered(enzyme(0.02), Polynomial(1), Polynomial(1))
    for k, rows in enumerate(left_rows(of, 0)):
        assert np.array_equal(rows[0], of.rows.blocks[k].Y[0])


def test_functions_of_the_target_alone_take_no_derivative_of_the_data():
    of = offered(enzyme(0.02), Polynomial(1), Terms("x", "x**2", "exp(-x)"))
    for block, rows in zip(of.rows.blocks, left_rows(of, 0), strict=True):
        x, stencil = block.X[0], block.stencil
        window = stencil.start[:, None] + np.arange(stencil.width)
        for row, whole in zip(rows, (x**2 / 2, x**3 / 3, -np.exp(-x)), strict=True):
            # whatever constant the integral has, the derivative of a test function sums to nothing
            expected = np.sum(stencil.weights[1][stencil.shape] * whole[window], axis=1)
            assert row == pytest.approx(expected, abs=1e-6 * np.abs(expected).max())


def test_functions_of_other_states_use_smoothed_slopes():
    of = offered(measured(PREDATOR, ((0.5, 0.5),), 40.0, 800, noise=0.0), Polynomial(2), Terms("y", "x*y"))
    block = of.rows.blocks[0]
    x, y = block.X
    slope = x * (1 - x / 3) - 1.2 * x * y / (1 + 0.6 * x)
    stencil = block.stencil
    window = stencil.start[:, None] + np.arange(stencil.width)
    for row, g in zip(left_rows(of, 0)[0], (y, x * y), strict=True):
        expected = np.sum(stencil.weights[0][stencil.shape] * (g * slope)[window], axis=1)
        assert row == pytest.approx(expected, abs=1e-4 * np.abs(expected).max())


def test_maps_multiply_the_next_value():
    import discover

    x = [0.3]
    for _ in range(60):
        x.append(2.5 * x[-1] / (1 + x[-1] ** 2))
    dataset = discover.load({"t": np.arange(61.0), "x": np.array(x)}, time="t")
    problem = formulate(dataset, discover.Map())
    of = fractions(problem, Polynomial(1).build(["x"]), Polynomial(2).build(["x"]))
    block = of.rows.blocks[0]
    assert left_rows(of, 0)[0][2] == pytest.approx(np.array(x)[:-1] ** 2 * block.Y[0])


def test_an_input_is_no_state_of_the_target():
    data = generate(SYSTEMS["forced oscillator"], n_samples=300, noise=0.0, seed=1)
    of = offered(data, Polynomial(1), Terms("u"))
    assert np.isfinite(left_rows(of, 1)[0]).all()
