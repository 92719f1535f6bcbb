"""The method of lines: edges imposed or mirrored, its sparsity, and the solver that fits the stiffness."""

import numpy as np
import pytest
from scipy.integrate import BDF, DOP853

from discover.expr import derivative, variable
from discover.simulate import VectorField
from discover.simulate.grid import grid_of
from discover.simulate.lines import _methods, lines, sparsity

U, V = variable(0), variable(1)


def over(*exprs, axes: tuple[str, ...] = ("x",)) -> VectorField:
    return VectorField(("u", "v")[: len(exprs)], (), exprs, space=axes)


@pytest.mark.parametrize("edge", ["periodic", "mirror", "open"])
def test_the_sparsity_covers_every_entry_of_the_jacobian(edge) -> None:
    field = over(
        V * derivative(U * derivative(U, (0, 1)), (0, 1)) + derivative(U, (0, 0, 1)), U**2 - V, axes=("x", "y")
    )
    grid = grid_of(("x", "y"), [np.arange(8.0), np.arange(6.0)])
    measured = [np.ones((2, 8, 6))] * 2 if edge == "open" else []
    system = lines(field, grid, [edge, "mirror"], np.array([0.0, 1.0]), [], measured)
    free = np.random.default_rng(0).normal(size=int((~system.is_held).sum()))
    jacobian = np.array([system.rates(0.0, free + h) - system.rates(0.0, free - h) for h in 1e-6 * np.eye(len(free))]).T
    allowed = sparsity(field, system).toarray().astype(bool)
    assert not (np.abs(jacobian) > 1e-9)[~allowed].any()
    assert allowed.mean() < 0.5


def test_the_margin_is_as_wide_as_the_highest_derivative_reaches() -> None:
    grid, t = grid_of(("x", "y"), [np.arange(16.0), np.arange(9.0)]), np.array([0.0, 1.0])
    field = over(derivative(U, (0, 4)) + derivative(U, (0, 0, 1)), axes=("x", "y"))
    system = lines(field, grid, ["open", "periodic"], t, [], [np.ones((2, 16, 9))])
    assert system.is_held[0].all(axis=1).tolist() == [True] * 3 + [False] * 10 + [True] * 3


def test_rates_are_those_of_the_whole_field() -> None:
    x = np.linspace(0.0, 3.0, 31)
    t = np.array([0.0, 1.0])
    system = lines(over(derivative(U, (0, 2))), grid_of(("x",), [x]), ["open"], t, [], [np.array([x**3, x**3 + 1])])
    inside = ~system.is_held[0]
    np.testing.assert_allclose(system.rates(0.5, x[inside] ** 3 + 0.5), 6 * x[inside], atol=1e-9)


def test_stiff_laws_go_to_the_implicit_solver() -> None:
    x, t = np.linspace(0.0, 1.0, 201), np.array([0.0, 1.0])
    for expr, solvers in ((derivative(U, (0, 2)), [BDF]), (-1.0 * derivative(U, (0, 1)), [DOP853, BDF])):
        field, start = over(expr), np.cos(np.pi * x)
        system = lines(field, grid_of(("x",), [x]), ["mirror"], t, [])
        found = [getattr(method.solver, "func", method.solver) for method in _methods(field, system, start, t, 20_000)]
        assert found == solvers
