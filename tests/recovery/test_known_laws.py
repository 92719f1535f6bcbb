"""Known laws, simulated and measured with noise, come back: exactly the true terms, and their numbers.

Noise is sigma / RMS of the clean values of each state.
"""

from dataclasses import dataclass

import numpy as np
import pytest

import discover
from discover import Polynomial, Terms
from discover.expr import Library, text
from discover.simulate import SYSTEMS, generate


@dataclass(frozen=True)
class Case:
    """A known system, how much of it is measured, and the library when it is not the default one."""

    system: str
    n_trajectories: int
    n_samples: int
    library: Library | None = None
    inputs: tuple[str, ...] = ()


CASES = [
    Case("lorenz", 3, 1000),
    Case("van der pol", 1, 1000),
    Case("rossler", 1, 1500),
    Case("lotka-volterra", 1, 500),
    Case("pendulum", 3, 400, Polynomial(2) + Terms("sin(theta)")),
    Case("forced oscillator", 1, 800, inputs=("u",)),
]


@pytest.mark.parametrize("noise", [0.01, 0.05])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.system)
def test_exactly_the_true_terms_and_their_coefficients(case, noise):
    system = SYSTEMS[case.system]
    data = generate(system, n_trajectories=case.n_trajectories, n_samples=case.n_samples, noise=noise, seed=11)
    found = discover.dynamics(data, library=case.library)
    assert found.law.states == system.states
    assert found.law.inputs == case.inputs
    library = (case.library or Polynomial(3)).build(found.law.names)
    for equation, column in zip(found.law.equations, system.true_terms(library).T, strict=True):
        true = {library[p]: column[p] for p in np.flatnonzero(column)}
        values = {term.expr: term.value for term in equation.terms}
        assert {text(t, found.law.names) for t in values} == {text(t, found.law.names) for t in true}
        for term, value in true.items():
            assert values[term] == pytest.approx(value, rel=noise)
    assert found.verdict.word in ("law", "several")


def test_intervals_hold_the_truth_nearly_always():
    """Of the 8 coefficients in each of 12 draws, at most a tenth or so lie outside their 95 % intervals."""
    system, outside, n = SYSTEMS["lotka-volterra"], 0, 0
    for seed in range(12):
        data = generate(system, n_trajectories=2, n_samples=200, noise=0.03, seed=seed)
        found = discover.dynamics(data, library=Polynomial(2))
        library = Polynomial(2).build(found.law.names)
        for equation, column in zip(found.law.equations, system.true_terms(library).T, strict=True):
            true = dict(zip(library, column, strict=True))
            outside += sum(not term.low <= true[term.expr] <= term.high for term in equation.terms)
            n += len(equation.terms)
    assert n == 48
    assert outside <= 7


REFERENCE = {
    "hare": {"hare": (0.547, 0.063), "hare*lynx": (-0.0277, 0.0041)},
    "lynx": {"lynx": (-0.800, 0.089), "hare*lynx": (0.0241, 0.0035)},
}
"""Posterior mean and sd of the pelts' four numbers, log-normal errors (Stan case study: Carpenter, 2018)."""


@pytest.fixture(scope="module")
def pelts():
    return discover.dynamics(discover.example("pelts"), library=Polynomial(2))


@pytest.mark.parametrize("animal", REFERENCE)
def test_a_hundred_years_of_pelts_hold_the_law_of_lotka_and_volterra(pelts, animal):
    terms = {text(term.expr, pelts.law.names): term for term in pelts.equations[animal].terms}
    assert set(terms) == set(REFERENCE[animal])
    for name, (mean, sd) in REFERENCE[animal].items():
        assert abs(terms[name].value - mean) < 2 * sd
        assert sd / 2 < terms[name].std < 2 * sd
        assert terms[name].low < mean < terms[name].high


def test_the_pelts_are_followed_and_not_oversold(pelts):
    assert pelts.law.estimator == "trajectories"
    assert pelts.verdict.word in ("law", "several")
    assert pelts.law.evidence.segment > 2
    assert any("grows with the value" in note for note in pelts.law.provenance.notes)
