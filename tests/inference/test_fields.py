"""Rows of fields against dense integrals, and their covariance against a dense product and against draws."""

import numpy as np
import pytest

from discover.data.fieldrows import grid
from discover.errors import ExpressionError
from discover.expr import add, call, constant, derivative, evaluate, multiply, variable
from discover.inference.fields import field_covariance, field_rows, field_slopes, unbiased
from discover.problem import Block, Grid, Problem


def lattice(n_t: int = 60, n_x: int = 70, half_widths: tuple[int, int] = (12, 14)) -> Grid:
    return grid([np.linspace(0.0, 3.0, n_t), np.linspace(-2.0, 2.0, n_x)], half_widths, [1, 4])


def block_of(X: np.ndarray, lines: Grid) -> Block:
    Y = lines.contract(X[0], (1, 0)).ravel()[None]
    return Block(X, Y, lines.axes[0].points, "1", np.zeros(lines.n_rows, np.int64), X, lines)


def problem_of(block: Block, noise: float) -> Problem:
    n = len(block.X)
    return Problem(
        names=("u", "v")[:n],
        n_states=n,
        targets=("u", "v")[:1],
        units=(None,) * n,
        dimensions=(None,) * n,
        time="t",
        time_unit=None,
        time_dimension=None,
        formulation="weak",
        half_width=12,
        noise=np.full(n, noise),
        relative=None,
        noise_error=0.01,
        scale=np.ones(n),
        blocks=(block,),
        space=("x",),
        space_units=(None,),
    )


def smooth(lines: Grid) -> np.ndarray:
    t, x = lines.axes[0].points, lines.axes[1].points
    return np.sin(2.0 * t)[:, None] * np.exp(-((x - 0.3) ** 2)) + 0.2 * np.cos(x)


def test_a_derivative_moves_onto_the_test_function() -> None:
    lines = lattice()
    t, x = lines.axes[0].points, lines.axes[1].points
    u = smooth(lines)
    u_t = 2.0 * np.cos(2.0 * t)[:, None] * np.exp(-((x - 0.3) ** 2))
    u_x = np.sin(2.0 * t)[:, None] * np.exp(-((x - 0.3) ** 2)) * -2.0 * (x - 0.3) - 0.2 * np.sin(x)
    for exact, orders in ((u_t, (1, 0)), (u_x, (0, 1))):
        moved, direct = lines.contract(u, orders), lines.contract(exact, (0, 0))
        assert np.abs(moved - direct).max() < 1e-6 * np.abs(direct).max()


def test_uneven_axes_integrate_too() -> None:
    rng = np.random.default_rng(3)
    t, x = np.linspace(0.0, 3.0, 160) + rng.uniform(-0.006, 0.006, 160), np.linspace(-2.0, 2.0, 70)
    lines = grid([t, x], (24, 14), [1, 2])
    u, u_t = np.sin(t)[:, None] * np.cos(x), np.cos(t)[:, None] * np.cos(x)
    moved, direct = lines.contract(u, (1, 0)), lines.contract(u_t, (0, 0))
    assert np.abs(moved - direct).max() < 1e-5 * np.abs(direct).max()


def test_rows_are_the_same_however_the_field_is_tiled(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = lattice()
    block = block_of(smooth(lines)[None], lines)
    u = variable(0)
    terms = [constant(1.0), u, u**3, derivative(u**2, (0, 1)), derivative(call("sin", u), (0, 4))]
    whole = field_rows(terms, block, lines, problem_of(block, 0.05))
    monkeypatch.setattr("discover.data.tiles.TILE", 300)
    tiled = field_rows(terms, block, lines, problem_of(block, 0.05))
    assert np.allclose(whole, tiled, rtol=1e-12, atol=1e-12 * np.abs(whole).max())


def test_products_of_derivatives_have_no_weak_form() -> None:
    lines = lattice()
    u, block = variable(0), block_of(smooth(lines)[None], lines)
    with pytest.raises(ExpressionError, match=r'"u\*D\(u, "x", 2\)" is not a sum of derivatives.*form=Strong'):
        field_rows([multiply(u, derivative(u, (0, 2)))], block, lines, problem_of(block, 0.0))


@pytest.mark.parametrize("power", [2, 3, 4, 5])
def test_unbiased_terms_have_the_right_mean(power: int) -> None:
    rng = np.random.default_rng(power)
    true, sigma = 0.7, 0.4
    noisy = true + sigma * rng.standard_normal((1, 400_000))
    values = evaluate(unbiased(variable(0) ** power, np.array([sigma])), noisy)
    error = values.std() / np.sqrt(values.size)
    assert abs(values.mean() - true**power) < 4.5 * error
    plain = evaluate(variable(0) ** power, noisy)
    assert abs(plain.mean() - true**power) > 20 * error


def test_covariance_matches_draws_of_the_noise() -> None:
    """The residual rows of a fixed candidate, over many draws, scatter as the covariance says."""
    lines = grid([np.linspace(0.0, 3.0, 40), np.linspace(-2.0, 2.0, 44)], (9, 10), [1, 2])
    clean, sigma = smooth(lines)[None], 0.15
    u = variable(0)
    terms, weights = [derivative(u**2, (0, 1)), derivative(u, (0, 2)), u**3], np.array([-0.5, 0.3, 0.8])
    rng = np.random.default_rng(11)
    draws = []
    for _ in range(1500):
        block = block_of(clean + sigma * rng.standard_normal(clean.shape), lines)
        draws.append(block.Y[0] - weights @ field_rows(terms, block, lines, problem_of(block, sigma)))
    block = block_of(clean + sigma * rng.standard_normal(clean.shape), lines)
    C = field_covariance(
        field_slopes(terms, block, lines, problem_of(block, sigma)), problem_of(block, sigma), 0, terms, weights
    )
    sampled = np.cov(np.array(draws).T)
    assert np.allclose(np.diag(C) / np.diag(sampled), 1.0, atol=0.25)
    correlation = sampled / np.sqrt(np.outer(np.diag(sampled), np.diag(sampled)))
    mine = C / np.sqrt(np.outer(np.diag(C), np.diag(C)))
    assert np.abs(correlation - mine).max() < 0.15
    assert np.linalg.eigvalsh(C).min() > -1e-9 * np.diag(C).max()


def test_two_fields_share_a_covariance() -> None:
    lines = lattice()
    u = np.stack([smooth(lines), np.roll(smooth(lines), 5, axis=1)])
    block = block_of(u, lines)
    term = multiply(variable(0), variable(1))
    C = field_covariance(
        field_slopes([term], block, lines, problem_of(block, 0.1)), problem_of(block, 0.1), 0, [term], np.array([1.0])
    )
    assert np.allclose(C, C.T)
    assert np.diag(C).min() > 0


def test_sums_of_functions_are_terms_too() -> None:
    lines = lattice()
    block = block_of(smooth(lines)[None], lines)
    u = variable(0)
    parts = field_rows([u, u**2], block, lines, problem_of(block, 0.0))
    both = field_rows([add(u, u**2)], block, lines, problem_of(block, 0.0))
    assert np.allclose(both[0], parts.sum(axis=0))
