"""Strong-form rows of fields: derivatives of smooth fields, their noise against draws, and products found again."""

import numpy as np
import pytest

import discover
from discover import Derivatives, Polynomial, Strong, Terms
from discover.data.formulate import formulate
from discover.errors import ExpressionError
from discover.expr import parse
from discover.expr.byparts import Leaves
from discover.inference.rows import assemble, lattice
from discover.inference.strongfields import chained, jets_of


def movie(level: float = 0.0, seed: int = 0) -> dict[str, np.ndarray]:
    t, x = np.linspace(0.0, 2.0, 80), np.linspace(0.0, 2.0 * np.pi, 90)
    u = 1.5 + np.exp(-0.3 * t[:, None]) * np.sin(x - t[:, None])
    return {"t": t, "x": x, "u": u + level * np.random.default_rng(seed).standard_normal(u.shape)}


def test_derivatives_are_chained_down_to_single_fields() -> None:
    term = parse('D(u**2*x, "x", 1)', ["u", "x"], ("t", "x"))
    assert repr(chained(term, Leaves(2, {1: 1}, frozenset([0])))) == 'Expr(x0**2 + 2*x0*x1*D(x0, "x", 1))'


def test_products_of_derivatives_are_those_of_a_smooth_field() -> None:
    problem = formulate(discover.load(movie(), space="x"), Strong())
    (block,) = problem.blocks
    terms = [parse(text, ["u"], ("t", "x")) for text in ("u*D(u, x, 2)", "D(u, x, 1)**2", "D(u**2, x, 1)")]
    t, x = (line.ravel() for line in np.meshgrid(*(a.centres for a in lattice(block).axes), indexing="ij"))
    decay = np.exp(-0.3 * t)
    u, slope, curve = 1.5 + decay * np.sin(x - t), decay * np.cos(x - t), -decay * np.sin(x - t)
    rows = assemble(problem, terms).theta[0]
    for found, exact in zip(rows, (u * curve, slope**2, 2 * u * slope), strict=True):
        np.testing.assert_allclose(found, exact, atol=2e-3)
    np.testing.assert_allclose(block.Y[0], -0.3 * decay * np.sin(x - t) - slope, atol=2e-3)


def test_mean_and_covariance_match_draws_of_the_noise() -> None:
    sigma, rows, left = 0.05, [], []
    term, weight = parse("u*D(u, x, 2)", ["u"], ("t", "x")), np.array([0.7])
    clean = formulate(discover.load(movie(), space="x"), Strong(half_width=5))
    for seed in range(60):
        problem = formulate(discover.load(movie(sigma, seed), space="x"), Strong(half_width=5))
        (block,) = problem.blocks
        jets = jets_of([term], block, lattice(block), problem)
        rows.append(jets.rows([term])[0])
        left.append(block.Y[0] - weight @ jets.rows([term]))
    true = assemble(clean, [term]).theta[0][0]
    error = np.array(rows) - true
    assert np.abs(error.mean()) < 4.0 * error.mean(axis=1).std() / np.sqrt(60)
    C = jets.covariance(0, [term], weight)
    assert np.mean(np.diag(C)) == pytest.approx(np.mean(np.var(left, axis=0)), rel=0.1)


def test_a_law_with_products_is_found_and_runs() -> None:
    from discover.simulate import VectorField, simulate

    names, axes = ["u"], ("t", "x")
    t, x = np.linspace(0.0, 1.2, 80), np.linspace(0.0, 2.0 * np.pi, 96, endpoint=False)
    law = VectorField(("u",), (), (parse("0.5*u*D(u, x, 2) - 0.3*D(u, x, 1)**2", names, axes),), time="t", space=("x",))
    start = (1.5 + 0.6 * np.sin(x) + 0.4 * np.cos(2.0 * x + 1.0))[None]
    u = simulate(law, start, t, space=[x], boundary="periodic")["u"].values
    noisy = u + 0.005 * u.std() * np.random.default_rng(0).standard_normal(u.shape)
    library = Derivatives(Polynomial(1), 2) + Terms("u*D(u, x, 2)", "D(u, x, 1)**2", "u*D(u, x, 1)")
    found = discover.dynamics({"t": t, "x": x, "u": noisy}, library=library, form=Strong())
    assert found.law.estimator == "strong form"
    assert {repr(term.expr) for term in found.equations["u"].terms} == {
        'Expr(x0*D(x0, "x", 2))',
        'Expr(D(x0, "x", 1)**2)',
    }
    for term, true in zip(found.equations["u"].terms, (0.5, -0.3), strict=True):
        assert term.value == pytest.approx(true, rel=0.05)
    (movie,) = found.law.evidence.fields
    assert np.nanmax(np.abs(movie.simulated - movie.measured)) < 0.2 * u.std()


def test_higher_derivatives_than_filters_take_are_told() -> None:
    problem = formulate(discover.load(movie(0.01), space="x"), Strong())
    with pytest.raises(ExpressionError, match="derivative of u of order 5 along x; the strong form takes at most 4"):
        assemble(problem, [parse("D(u, x, 5)", ["u"], ("t", "x"))])
