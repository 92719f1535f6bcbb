"""Laws of second order come back from positions alone, measured with noise; where there is none, none is claimed.

Noise is sigma / RMS of the clean positions.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import discover
from discover import Polynomial, Terms, TimeDerivatives
from discover.expr import Library, text
from tests.recovery.nulls import null_table


@dataclass(frozen=True)
class Case:
    """x'' = accelerate(t, x, x'), where it starts, how it is sampled, and the terms to find with their numbers."""

    accelerate: object
    start: tuple[float, ...]
    time: np.ndarray
    terms: dict[str, float]
    library: Library | None = None


USUAL = TimeDerivatives(Polynomial(3))
CASES = {
    "pendulum": Case(
        lambda t, x, v: -4.0 * np.sin(x) - 0.3 * v,
        (2.5, 0.0),
        0.05 * np.arange(800),
        {"sin(x)": -4.0, 'D(x, "t", 1)': -0.3},
        USUAL + Terms("sin(x)", "cos(x)"),
    ),
    "van der pol": Case(
        lambda t, x, v: -x + 1.5 * (1 - x**2) * v,
        (0.5, 0.0),
        0.05 * np.arange(800),
        {"x": -1.0, 'D(x, "t", 1)': 1.5, 'D(x**3, "t", 1)': -0.5},
    ),
    "forced duffing": Case(
        lambda t, x, v: x - x**3 - 0.2 * v + 0.3 * np.cos(1.2 * t),
        (0.5, 0.0),
        0.06 * np.arange(1000),
        {"x": 1.0, "x**3": -1.0, 'D(x, "t", 1)': -0.2, "cos(1.2*t)": 0.3},
        USUAL + Terms("cos(1.2*t)", "sin(1.2*t)"),
    ),
    "quadratic drag": Case(
        lambda t, x, v: -2.0 * x - 0.3 * v * np.abs(v),
        (2.0, 0.0),
        0.06 * np.arange(600),
        {"x": -2.0, 'D(x, "t", 1)*abs(D(x, "t", 1))': -0.3},
        Polynomial(3) + Terms("D(x, t, 1)", "D(x, t, 1)*abs(D(x, t, 1))", "x*D(x, t, 1)"),
    ),
}


def recorded(case, noise, seed):
    """Return time and noisy positions."""
    run = solve_ivp(
        lambda t, s: [s[1], case.accelerate(t, *s)],
        (0.0, case.time[-1]),
        case.start,
        t_eval=case.time,
        rtol=1e-10,
        atol=1e-12,
    )
    x = run.y[0]
    sigma = noise * np.sqrt(np.mean(x**2))
    return {"t": case.time, "x": x + sigma * np.random.default_rng(seed).standard_normal(len(x))}


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.05])
@pytest.mark.parametrize("name", CASES)
def test_exactly_the_true_terms_and_their_coefficients(name, noise):
    case = CASES[name]
    found = discover.dynamics(recorded(case, noise, 12), library=case.library, order=2)
    (equation,) = found.law.equations
    assert equation.order == 2
    values = {text(term.expr, found.law.names, found.law.axes): term for term in equation.terms}
    assert set(values) == set(case.terms)
    for term, value in case.terms.items():
        assert values[term].value == pytest.approx(value, rel=max(noise, 1e-3))
    assert found.verdict.word in ("law", "several")
    assert found.law.estimator == "trajectories"
    again = found.simulate([*case.start], case.time[:200])
    assert np.abs(again["x"] - recorded(case, 0.0, 0)["x"][:200]).max() < 0.05 + 3 * noise


def test_intervals_hold_the_truth_nearly_always():
    """Of 3 coefficients in each of 12 draws, about a twentieth lie outside their 95 % intervals."""
    case, outside = CASES["van der pol"], 0
    library = Terms("x", "D(x, t, 1)", "D(x**3, t, 1)")
    for seed in range(12):
        found = discover.dynamics(recorded(case, 0.02, seed), library=library, order=2)
        terms = found.equations["x"].terms
        assert len(terms) == 3
        outside += sum(not t.low <= case.terms[text(t.expr, found.law.names, found.law.axes)] <= t.high for t in terms)
    assert outside <= 6


@pytest.mark.parametrize("kind", ["white_noise", "random_walk", "phase_randomised", "fixed_point"])
def test_no_law_is_claimed_at_second_order_either(kind):
    found = discover.dynamics(null_table(kind, 21), order=2)
    assert found.verdict.word == "none"
    assert found.verdict.reasons
