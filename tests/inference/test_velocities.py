"""Laws of second order on trajectories of which only positions were measured."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from discover.errors import DataError
from discover.expr import call, derivative, evaluate, variable
from discover.inference.trajectories import Measured, refine
from discover.inference.velocities import in_logarithms, motion_of

X, Y = variable(0), variable(1)
T = (1,)
TIME = 0.05 * np.arange(400)


def oscillation(noise=0.0, seed=0, start=(1.0, 0.3), time=TIME):
    """Return Measured positions of x'' = -2 x - 0.3 x' - 0.1 (x³)', and the true states."""
    run = solve_ivp(
        lambda t, s: [s[1], -2 * s[0] - 0.3 * s[1] - 0.3 * s[0] ** 2 * s[1]],
        (0, time[-1]),
        start,
        t_eval=time,
        rtol=1e-10,
        atol=1e-12,
    )
    x = run.y[:1] + noise * np.random.default_rng(seed).standard_normal((1, len(time)))
    return Measured(time, x, np.empty((0, len(time))), np.gradient(x, time, axis=1)), run.y


SIDE = [(-1.5, X), (-0.1, derivative(X, T)), (0.0, derivative(X**3, T))]
TRUTH = (-2.0, -0.3, -0.1)


def test_positions_alone_give_coefficients_velocities_and_intervals():
    data, states = oscillation(0.01)
    found = refine([SIDE], [data], np.array([0.01]), first_length=41, orders=(2,))
    assert found.accepted
    assert found.length == 400
    assert np.all(np.abs(found.coefficients - TRUTH) < 4 * found.std)
    assert found.chi2 == pytest.approx(1.0, abs=0.15)
    x, v = found.simulated[0]
    drift = found.coefficients[1] * x + found.coefficients[2] * x**3
    assert np.abs(x - states[0]).max() < 0.01
    assert np.abs(v + drift - states[1]).max() < 0.02
    assert found.initial_states.shape == (2, 1)


def test_the_freedom_of_initial_velocities_is_counted():
    data, _ = oscillation(0.01)
    found = refine([SIDE], [data], np.array([0.01]), first_length=41, max_length=41, orders=(2,))
    n_segments = found.initial_states.shape[1]
    assert found.dof == 400 - 2 * n_segments - 3


def test_intervals_hold_the_truth_nearly_always():
    inside = []
    for seed in range(40):
        data, _ = oscillation(0.02, seed)
        found = refine(
            [list(zip(TRUTH, [t for _, t in SIDE], strict=True))],
            [data],
            np.array([0.02]),
            first_length=41,
            orders=(2,),
        )
        low, high = found.interval()
        inside += [low <= np.array(TRUTH), high >= np.array(TRUTH)]
    outside = 80 * 3 - np.sum(inside)
    assert outside <= 14  # 6 expected


def test_the_unit_of_time_does_not_matter():
    data, _ = oscillation(0.01)
    slow = Measured(1000 * TIME, data.states, data.inputs, data.slopes / 1000)
    side = [(value / 1000 ** (1 + (k == 0)), term) for k, (value, term) in enumerate(SIDE)]
    usual = refine([SIDE], [data], np.array([0.01]), first_length=41, orders=(2,))
    other = refine([side], [slow], np.array([0.01]), first_length=41, orders=(2,))
    assert other.length == usual.length
    assert other.coefficients == pytest.approx(usual.coefficients / np.array([1e6, 1e3, 1e3]), rel=1e-3)
    assert other.std == pytest.approx(usual.std / np.array([1e6, 1e3, 1e3]), rel=1e-2)


def test_a_similar_law_begins_where_the_first_one_ended():
    data, _ = oscillation(0.01)
    found = refine([SIDE], [data], np.array([0.01]), first_length=41, orders=(2,))
    more = [*zip(found.coefficients.tolist(), [t for _, t in SIDE], strict=True), (0.0, X**2)]
    again = refine([more], [data], np.array([0.01]), first_length=41, orders=(2,), like=found)
    assert again.accepted
    assert len(again.history) == 1
    assert again.chi2 == pytest.approx(found.chi2, rel=0.02)


def test_positive_positions_may_have_relative_errors():
    """x'' = -(x - 2), measured with an error of 1 % of the value."""
    clean = 2.0 + np.cos(TIME)
    x = clean * np.exp(0.01 * np.random.default_rng(0).standard_normal(400))
    data = Measured(TIME, x[None], np.empty((0, 400)), np.gradient(x, TIME)[None])
    side = [(1.8, X**0), (-0.9, X)]
    found = refine([side], [data], np.array([0.01]), first_length=61, errors="relative", orders=(2,))
    assert found.accepted
    assert np.all(np.abs(found.coefficients - [2.0, -1.0]) < 4 * found.std)
    assert np.abs(found.simulated[0][0] - clean).max() < 0.03


def test_the_motion_of_logarithms_keeps_the_velocity():
    motion = motion_of([[(-1.0, X), (0.2, derivative(X, T))]], [2], 0, None)
    logs = in_logarithms(motion)
    at = np.array([[3.0], [0.7], [-1.0], [0.2]])
    inside = at.copy()
    inside[0] = np.log(3.0)
    rate, force = (evaluate(expr, at) for expr in motion.rates)
    assert evaluate(logs.rates[0], inside) == pytest.approx(rate / 3.0)
    assert evaluate(logs.rates[1], inside) == pytest.approx(force)


def test_the_time_and_inputs_stand_behind_the_velocities():
    """x'' = a cos(t) + b u - x', with the time as the last variable."""
    u, t = variable(1), variable(2)
    motion = motion_of([[(1.0, call("cos", t)), (2.0, u), (-1.0, derivative(X, T))]], [2], 2, 2)
    at = np.array([0.3, 0.5, 4.0, 0.1, 1.0, 2.0, -1.0])[:, None]  # x, v, u, t, coefficients
    assert evaluate(motion.rates[0], at) == pytest.approx(0.5 - 0.3)
    assert evaluate(motion.rates[1], at) == pytest.approx(np.cos(0.1) + 8.0)


def test_the_search_for_velocities_needs_somewhere_to_begin():
    data, _ = oscillation()
    without = Measured(data.time, data.states, data.inputs)
    with pytest.raises(DataError, match="needs slopes"):
        refine([SIDE], [without], np.array([0.01]), first_length=41, orders=(2,))
