"""The batch integrator against scipy, whatever the number, length and behaviour of the segments."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from discover.expr import parse
from discover.simulate import compile_flow
from discover_kernels.integrate import WIDTH, Box, Grid, integrate, new_buffer, run_rates
from tests.reference import hermite

OPEN = Box(np.zeros(2), np.full(2, 1e12))
LOTKA = [parse(text, ["x", "y"]) for text in ("x - 0.5*x*y", "0.3*x*y - 0.8*y")]


def grid_of(times: list[np.ndarray], n_inputs: int = 0) -> Grid:
    """Return a grid for segments sampled at these times, longest first."""
    n_samples = len(times[0])
    steps = np.ones((n_samples - 1, len(times)))
    for s, time in enumerate(times):
        steps[: len(time) - 1, s] = np.diff(time)
    nothing = np.zeros((n_samples, n_inputs, len(times)))
    return Grid(steps, np.array([len(time) for time in times]), nothing, nothing.copy())


def run(rates, times, starts, rtol=1e-9, box=OPEN, max_steps=10_000):
    flow = compile_flow(rates, 0, sensitive=False)
    atol = np.full(len(starts), 1e-12)
    return integrate(flow, grid_of(times), np.empty(0), starts, rtol, atol, box, max_steps)


@pytest.mark.parametrize("n_segments", [1, 5, WIDTH, WIDTH + 3])
def test_every_segment_agrees_with_scipy(n_segments):
    rng = np.random.default_rng(n_segments)
    times = sorted((np.cumsum(rng.uniform(0.05, 0.5, rng.integers(2, 30))) for _ in range(n_segments)), key=len)[::-1]
    starts = rng.uniform(0.5, 4.0, (2, n_segments))
    states = run(LOTKA, times, starts)
    for s in range(0, n_segments, max(1, n_segments // 7)):
        time = times[s]
        exact = solve_ivp(
            lambda _, z: [z[0] - 0.5 * z[0] * z[1], 0.3 * z[0] * z[1] - 0.8 * z[1]],
            time[[0, -1]],
            starts[:, s],
            "DOP853",
            time,
            rtol=1e-12,
            atol=1e-12,
        ).y
        np.testing.assert_allclose(states[: len(time), :, s].T, exact, rtol=1e-6)
        assert np.isnan(states[len(time) :, :, s]).all()


def test_the_error_follows_the_tolerance():
    time, starts = [np.linspace(0.0, 10.0, 6)], np.array([[1.0], [0.0]])
    rates = [parse("v", ["x", "v"]), parse("-x", ["x", "v"])]
    errors = [np.abs(run(rates, time, starts, rtol)[:, 0, 0] - np.cos(time[0])).max() for rtol in (1e-4, 1e-7, 1e-10)]
    assert errors[0] > 10 * errors[1] > 100 * errors[2]
    assert errors[2] < 1e-8


def test_a_segment_that_blows_up_leaves_the_others_alone():
    # x' = x² from 1 reaches infinity at t = 1, from 0.1 only at t = 10.
    time = np.linspace(0.0, 2.0, 21)
    states = run([parse("x*x", ["x"])], [time] * 2, np.array([[1.0, 0.1]]), box=Box(np.zeros(1), np.full(1, 1e9)))
    assert np.isnan(states[11:, 0, 0]).all()
    np.testing.assert_allclose(states[:10, 0, 0], 1 / (1 - time[:10]), rtol=1e-6)
    np.testing.assert_allclose(states[:, 0, 1], 1 / (10 - time), rtol=1e-7)


def test_a_singular_rate_ends_a_segment_and_not_the_process():
    time = np.linspace(0.0, 2.0, 5)
    states = run([parse("-1/x", ["x"])], [time] * 2, np.array([[1.0, 5.0]]))
    assert np.isnan(states[-1, 0, 0])  # x reaches 0 at t = 1/2
    np.testing.assert_allclose(states[:, 0, 1], np.sqrt(25 - 2 * time), rtol=1e-7)


def test_too_many_steps_end_in_nan():
    time = np.linspace(0.0, 100.0, 11)
    states = run([parse("v", ["x", "v"]), parse("-10000*x", ["x", "v"])], [time], np.ones((2, 1)), max_steps=50)
    assert np.isfinite(states[0]).all()
    assert np.isnan(states[-1]).all()


def test_a_start_that_is_not_a_number_stays_one():
    states = run(LOTKA, [np.linspace(0, 1, 4)] * 2, np.array([[np.nan, 1.0], [1.0, 1.0]]))
    assert np.isnan(states[:, :, 0]).all()
    assert np.isfinite(states[:, :, 1]).all()


def test_inputs_are_interpolated_by_the_cubic_of_hermite():
    flow = compile_flow([parse("u", ["x", "u"])], 1, sensitive=False)
    u, slope = np.array([[2.0, -1.0]]), np.array([[0.5, 3.0]])
    grid = Grid(np.array([[0.4]]), np.array([2]), u.T[:, :, None].copy(), slope.T[:, :, None].copy())
    buffer = new_buffer(flow, 1, np.empty(0))
    for theta in (0.0, 0.3, 1.0):
        run_rates(flow, grid, buffer, np.zeros((1, WIDTH)), 0, theta, 1)
        np.testing.assert_allclose(buffer[flow.rates[0], 0], hermite(u, slope, 0.4, theta)[0], rtol=1e-14)


def test_a_cubic_input_is_integrated_exactly():
    time = np.array([0.0, 0.5, 2.0])
    flow = compile_flow([parse("u", ["x", "u"])], 1, sensitive=False)
    grid = Grid(np.diff(time)[:, None], np.array([3]), (time**3)[:, None, None], (3 * time**2)[:, None, None])
    states = integrate(
        flow, grid, np.empty(0), np.zeros((1, 1)), 1e-8, np.full(1, 1e-10), Box(np.zeros(1), np.full(1, 9.0)), 100
    )
    np.testing.assert_allclose(states[:, 0, 0], time**4 / 4, rtol=1e-12)
