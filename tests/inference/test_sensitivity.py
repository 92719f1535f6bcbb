"""Rows of terms with derivatives by time, and what noise in the samples does to them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from discover.data.formulate import formulate
from discover.data.stencils import Strong, Weak
from discover.errors import SettingError
from discover.expr import Terms
from discover.inference.chisquare import estimate, factors
from discover.inference.rows import assemble
from tests.problems import jittered, loaded

TERMS = Terms("sin(x)", "D(x, t, 1)", "x*D(x, t, 1)", "D(x, t, 1)**2", "y*D(x, t, 1)", "D(y**2*x, t, 1)")
TRUTH = (-4.0, -0.2, -0.15, 0.1)


def motion(time):
    """Return x of a pendulum with friction of several kinds, and a y of no concern to it."""

    def rates(t, s):
        return [s[1], -4 * np.sin(s[0]) - 0.2 * s[1] - 0.15 * s[0] * s[1] + 0.1 * s[1] ** 2]

    run = solve_ivp(rates, (time[0], time[-1]), [1.5, 0.0], t_eval=time, rtol=1e-10, atol=1e-10)
    return np.array([run.y[0], np.cos(0.7 * time)])


def rows_of(X, time, form, order=2):
    problem = formulate(loaded({"t": time, "x": X[0], "y": X[1]}), form, order)
    return assemble(problem, TERMS.over(("x", "y"), ("t",)))


TIME = 0.05 * np.arange(500)
FORMS = [Weak(half_width=16), Strong(half_width=5)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("time", [TIME, jittered(500, step=0.05)])
def test_rows_of_the_true_law_balance(form, time):
    rows = rows_of(motion(time - time[0]), time, form)
    left = rows.blocks[0].Y[0]
    residual = left - np.array(TRUTH) @ rows.theta[0][:4]
    assert np.abs(residual).max() < 3e-3 * np.abs(left).max()


@pytest.mark.parametrize("form", FORMS)
def test_a_product_is_the_integral_of_the_product(form):
    """y·x' against test functions, with x' known."""
    X = motion(TIME)
    rows = rows_of(X, TIME, form)
    problem = formulate(loaded({"t": TIME, "x": X[0], "y": X[1], "p": np.gradient(X[0], TIME) * X[1]}), form, 2)
    expected = assemble(problem, Terms("p").over(("x", "y", "p"), ("t",))).theta[0][0]
    assert rows.theta[0][4] == pytest.approx(expected, abs=2e-3 * np.abs(expected).max())


@pytest.mark.parametrize(("form", "support"), [(FORMS[0], (2, 3)), (FORMS[0], (4, 5)), (FORMS[1], (2, 3))])
def test_the_covariance_is_what_noise_does_to_residuals(form, support):
    """Monte Carlo: noise so small that its first order is all there is."""
    X, w = motion(TIME[:260]), np.array([1.3, -0.7])
    sigma = 2e-3 * X.std(axis=1)
    rng = np.random.default_rng(0)
    found = [rows_of(X + sigma[:, None] * rng.standard_normal(X.shape), TIME[:260], form) for _ in range(30)]
    moved = np.array([rows.blocks[0].Y[0] - w @ rows.theta[0][list(support)] for rows in found])
    moved -= moved.mean(axis=0)
    rows = rows_of(X, TIME[:260], form)
    problem = replace(rows.problem, noise=sigma)
    (factor,) = factors(replace(rows, problem=problem), 0, support, w)
    factor.apply(moved)
    inner = moved[:, 5:-5]  # filters at the very ends are one-sided
    assert np.mean(inner**2) * 30 / 29 == pytest.approx(1.0, abs=0.08)
    assert abs(np.mean(inner[:, 1:] * inner[:, :-1])) < 0.05


def test_chi_square_and_coefficients_at_one_percent():
    X = motion(TIME)
    found = []
    for seed in range(8):
        noise = 0.01 * X.std(axis=1)[:, None] * np.random.default_rng(seed).standard_normal(X.shape)
        one = estimate(rows_of(X + noise, TIME, Weak()), 0, (0, 1, 2, 3))
        found.append((one.chi2 / (one.n_rows - 4), *one.coefficients))
    assert np.mean(found, axis=0)[0] == pytest.approx(1.0, abs=0.12)
    assert np.mean(found, axis=0)[1:] == pytest.approx(TRUTH, rel=0.05)


def test_orders_beyond_the_stencils_are_refused():
    with pytest.raises(SettingError, match=r"derivatives by t of order 2, and the left-hand sides are of order 1"):
        assemble(formulate(loaded({"t": TIME, "x": motion(TIME)[0]})), Terms("D(x, t, 2)").over(("x",), ("t",)))


def test_each_state_may_have_its_own_order():
    problem = formulate(loaded({"t": TIME, "x": np.sin(TIME), "y": np.exp(-TIME)}), order={"x": 2})
    assert problem.orders == (2, 1)
    rows = assemble(problem, Terms("x", "y").over(("x", "y"), ("t",)))
    Y = problem.blocks[0].Y
    assert pytest.approx(-rows.theta[0], abs=1e-5 * np.abs(Y).max()) == Y
