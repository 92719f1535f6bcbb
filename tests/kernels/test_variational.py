"""The variational equations and the normal equations of shooting against their slow twins."""

import numpy as np
import pytest

from discover.expr import compile_program, parse
from discover.simulate import compile_flow, input_slopes
from discover_kernels.integrate import WIDTH, Box, Grid
from discover_kernels.variational import Normal, shoot
from tests.reference import sensitive_trajectory, shooting_equations

NAMES = ["x", "y", "u", "a", "b", "c"]
RATES = [parse(text, NAMES) for text in ("a*x - b*x*y + 0.1*u", "c*x*y - sin(b*y) - 0.3*u*y")]
P = np.array([0.9, 0.4, 0.25])
OPEN = Box(np.zeros(2), np.full(2, 1e6))


def problem(n_segments: int, seed: int = 0):
    """Return grid, measured, weights and starts of segments of unequal length, some values not measured."""
    rng = np.random.default_rng(seed)
    lengths = np.sort(rng.integers(2, 9, n_segments))[::-1].copy()
    n = int(lengths[0])
    steps = rng.uniform(0.05, 0.3, (n - 1, n_segments))
    inputs, slopes = rng.normal(size=(n, 1, n_segments)), np.zeros((n, 1, n_segments))
    for s, length in enumerate(lengths):
        time = np.concatenate([[0.0], np.cumsum(steps[: length - 1, s])])
        slopes[:length, :, s] = input_slopes(time, inputs[:length, :, s].T).T
    measured = rng.uniform(0.5, 3.0, (n, 2, n_segments))
    weights = np.where(rng.random(measured.shape) < 0.8, rng.uniform(1.0, 20.0, measured.shape), 0.0)
    return Grid(steps, lengths, inputs, slopes), measured, weights, rng.uniform(0.5, 3.0, (2, n_segments))


def twin(grid, measured, weights, starts, n_substeps):
    trajectories, data, scales = [], [], []
    for s, n in enumerate(grid.lengths):
        time = np.concatenate([[0.0], np.cumsum(grid.steps[: n - 1, s])])
        trajectories.append(
            sensitive_trajectory(
                RATES, starts[:, s], P, time, grid.inputs[:n, :, s].T, grid.slopes[:n, :, s].T, n_substeps
            )
        )
        data.append(measured[:n, :, s])
        scales.append(weights[:n, :, s])
    return trajectories, shooting_equations(trajectories, data, scales)


def dense(normal: Normal) -> tuple[np.ndarray, np.ndarray]:
    """Write the arrow out as one matrix and one gradient."""
    n, _, n_segments = normal.start_start.shape
    m = n * n_segments
    upper = np.zeros((m + len(normal.parameter_gradient),) * 2)
    for s in range(n_segments):
        rows = slice(s * n, (s + 1) * n)
        upper[rows, rows], upper[rows, m:] = normal.start_start[:, :, s], normal.start_parameter[:, :, s]
    upper[m:, m:] = normal.parameter_parameter
    upper = np.triu(upper)
    gradient = np.concatenate([normal.start_gradient.T.ravel(), normal.parameter_gradient])
    return upper + np.triu(upper, 1).T, gradient


@pytest.mark.parametrize(("n_segments", "n_substeps"), [(1, 1), (4, 2), (WIDTH + 2, 1)])
def test_the_normal_equations_equal_those_of_the_twin(n_segments, n_substeps):
    grid, measured, weights, starts = problem(n_segments)
    normal = shoot(compile_flow(RATES, 1, 3), grid, P, starts, n_substeps, measured, weights, OPEN)
    trajectories, (chi2, H, g) = twin(grid, measured, weights, starts, n_substeps)
    for s, (states, _) in enumerate(trajectories):
        np.testing.assert_allclose(normal.states[: len(states), :, s], states, rtol=1e-12)
        assert np.isnan(normal.states[len(states) :, :, s]).all()
    found_H, found_g = dense(normal)
    assert normal.chi2 == pytest.approx(chi2, rel=1e-12)
    # The twin's slopes are central differences, good to some nine digits.
    np.testing.assert_allclose(found_H, H, rtol=1e-6, atol=1e-7 * np.abs(H).max())
    np.testing.assert_allclose(found_g, g, rtol=1e-6, atol=1e-7 * np.abs(g).max())


def test_the_gradient_is_the_derivative_of_chi_square():
    grid, measured, weights, starts = problem(3, seed=1)
    flow = compile_flow(RATES, 1, 3)

    def chi2(p, x):
        return shoot(flow, grid, p, x, 2, measured, weights, OPEN).chi2

    normal = shoot(flow, grid, P, starts, 2, measured, weights, OPEN)
    for k in range(3):
        step = 1e-6 * np.eye(3)[k]
        slope = (chi2(P + step, starts) - chi2(P - step, starts)) / 2e-6
        assert slope == pytest.approx(-2 * normal.parameter_gradient[k], rel=1e-6)
    step = np.zeros_like(starts)
    step[1, 2] = 1e-6
    slope = (chi2(P, starts + step) - chi2(P, starts - step)) / 2e-6
    assert slope == pytest.approx(-2 * normal.start_gradient[1, 2], rel=1e-6)


def test_the_bits_do_not_depend_on_where_the_arrays_lie():
    grid, measured, weights, starts = problem(WIDTH + 9, seed=2)
    flow = compile_flow(RATES, 1, 3)
    first = shoot(flow, grid, P, starts, 1, measured, weights, OPEN)
    rng, ballast = np.random.default_rng(0), []
    for _ in range(100):
        ballast = [*ballast[-10:], np.zeros(rng.integers(1, 3000))]
        again = shoot(flow, Grid(*(a.copy() for a in grid)), P, starts.copy(), 1, measured.copy(), weights.copy(), OPEN)
        for one, other in zip(first, again, strict=True):
            assert np.array_equal(one, other, equal_nan=True)


def test_a_segment_outside_the_box_makes_chi_square_infinite():
    grid, measured, weights, starts = problem(3)
    flow = compile_flow(RATES, 1, 3)
    for outside in (1e7, np.nan, np.inf):
        starts[0, 1] = outside
        assert shoot(flow, grid, P, starts, 1, measured, weights, OPEN).chi2 == np.inf


def test_a_map_goes_from_sample_to_sample_and_so_do_its_slopes():
    grid, measured, weights, starts = problem(WIDTH + 5, seed=3)
    flow = compile_flow(RATES, 1, len(P))
    found = shoot(flow, grid, P, starts, 0, measured, weights, OPEN)

    def iterates(p, x0):
        states, program = np.full(found.states.shape, np.nan), compile_program(RATES, len(NAMES))
        for s, n in enumerate(grid.lengths):
            x = x0[:, s]
            for k in range(n):
                states[k, :, s] = x
                x = program.evaluate(np.concatenate([x, grid.inputs[k, :, s], p])[:, None])[:, 0]
        return states

    clean = iterates(P, starts)
    np.testing.assert_allclose(found.states, clean, rtol=1e-10)
    residual = np.where(np.isfinite(clean), (measured - clean) * weights, 0.0)
    assert found.chi2 == pytest.approx(np.sum(residual**2))
    for k in range(len(P)):
        moved = P.copy()
        moved[k] += 1e-6
        slope = (np.nan_to_num(iterates(moved, starts)) - np.nan_to_num(clean)) / 1e-6
        wanted = np.sum(slope * weights * residual)
        scale = np.sqrt(np.sum((slope * weights) ** 2) * np.sum(residual**2))
        assert found.parameter_gradient[k] == pytest.approx(wanted, abs=1e-4 * scale)
