"""Right-hand sides on the kernels: which derivatives are kept, and how inputs go on between samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.errors import SettingError
from discover.expr import evaluate, parse, variable
from discover.simulate import SYSTEMS, VectorField, compile_flow, input_slopes, known_system
from discover_kernels.integrate import Grid, new_buffer, run_rates
from tests.reference import rate_and_slopes


@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_a_compiled_flow_equals_its_expressions_and_their_slopes(name):
    system = known_system(name)
    rates, n, n_inputs = system.expressions(), len(system.states), len(system.inputs)
    flow = compile_flow(rates, n_inputs)
    x, u = np.array(system.x0) + 0.1, np.full(n_inputs, 0.7)
    buffer = new_buffer(flow, n_inputs, np.empty(0))
    still = np.repeat(u[None, :, None], 2, axis=0)
    run_rates(
        flow, Grid(np.ones((1, 1)), np.array([2]), still, np.zeros_like(still)), buffer, x[:, None].copy(), 0, 0.5, 1
    )
    f, J, _ = rate_and_slopes(rates, n, n_inputs, x, u, np.empty(0))
    np.testing.assert_allclose(buffer[flow.rates, 0], f, rtol=1e-12)
    found = np.zeros((n, n))
    for i, j, row in flow.jacobian:
        found[i, j] = buffer[row, 0]
    np.testing.assert_allclose(found, J, rtol=1e-6, atol=1e-6)


def test_parameters_may_stand_anywhere_in_an_expression():
    rates = [parse("-a*sin(b*x)", ["x", "a", "b"])]
    flow = compile_flow(rates, 0, 2)
    assert flow.influence[:, :2].tolist() == [[0, 0], [0, 1]]


def test_a_field_needs_one_expression_per_state():
    with pytest.raises(SettingError, match="one expression per state, got 1 for 2"):
        VectorField(("x", "y"), (), (variable(0),))


def test_a_field_knows_its_variables():
    with pytest.raises(SettingError, match="y′ uses variable 2, but there are only 2 states and 0 inputs"):
        VectorField(("x", "y"), (), (variable(0), variable(2)))


@given(st.lists(st.floats(-2, 2), min_size=4, max_size=4), st.integers(3, 30))
def test_cubic_inputs_are_continued_exactly(coefficients, n):
    time = np.cumsum(np.random.default_rng(n).uniform(0.5, 1.5, n))
    time = (time - time[0]) / np.ptp(time)
    values = np.polynomial.polynomial.polyval(time, coefficients)
    slopes = input_slopes(time, values[None, :])[0]
    expected = np.polynomial.polynomial.polyval(time, np.polynomial.polynomial.polyder(coefficients))
    smooth = np.abs(slopes - expected).max() < 1e-9
    overshooting = np.ptp(values) > 0 and n < 8  # few samples of a cubic may look like a jump
    assert smooth or overshooting or n == 3


def test_a_jump_does_not_ring():
    time = np.arange(20.0)
    values = np.where(time < 10, 0.0, 1.0)
    assert (input_slopes(time, values[None, :]) == 0.0).all()


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_samples_have_slopes_too(n):
    slopes = input_slopes(np.arange(float(n)), np.arange(2.0 * n).reshape(2, n))
    np.testing.assert_array_equal(slopes, np.full((2, n), float(n > 1)))


def test_the_flow_of_expressions_without_variables_is_constant():
    flow = compile_flow([parse("2", ["x"])], 0)
    assert flow.jacobian.shape == (0, 3)
    assert evaluate(parse("2", ["x"]), np.zeros((1, 1))) == 2.0
